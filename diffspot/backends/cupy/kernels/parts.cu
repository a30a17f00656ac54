// Parts of masks: what lies near a set pixel, and the table of labelled parts.

static constexpr int STRETCH = 64;  // rows of a column that a thread goes along, so that it knows what it has passed

// The gap a pixel further on; beyond reach it does not matter how far.
static __device__ int further(int gap, bool set, int reach) { return set ? 0 : gap <= reach ? gap + 1 : gap; }

// Px to the nearest set pixel of the column, reach + 1 where there is none within reach: once down, once up.
extern "C" __global__ void near_columns(const uint8* mask, int* gaps, int pictures, int height, int width, int reach) {
  int stretches = (height + STRETCH - 1) / STRETCH;
  EACH_ROW(stretch, pictures * stretches) {
    int first = stretch % stretches * STRETCH, end = first + STRETCH < height ? first + STRETCH : height;
    ptrdiff_t picture = stretch / stretches * (ptrdiff_t)height * width;
    EACH_COLUMN(x, width) {
      const uint8* column = mask + picture + x;
      int* result = gaps + picture + x;
      int gap = reach + 1;
      for (int y = first < reach ? 0 : first - reach; y < first; ++y) {
        gap = further(gap, column[y * (ptrdiff_t)width], reach);
      }
      for (int y = first; y < end; ++y) {
        gap = further(gap, column[y * (ptrdiff_t)width], reach);
        result[y * (ptrdiff_t)width] = gap;
      }
      gap = reach + 1;
      for (int y = end + reach < height ? end + reach - 1 : height - 1; y >= end; --y) {
        gap = further(gap, column[y * (ptrdiff_t)width], reach);
      }
      for (int y = end - 1; y >= first; --y) {
        gap = further(gap, column[y * (ptrdiff_t)width], reach);
        if (gap < result[y * (ptrdiff_t)width]) result[y * (ptrdiff_t)width] = gap;
      }
    }
  }
}

// Whether a pixel of the row is at most a distance away whose square is `limit`.
static __device__ bool is_near(const int* line, int x, int width, int reach, long long limit) {
  for (int away = 0; away <= reach; ++away) {
    int left = away <= x ? line[x - away] : reach + 1, right = away < width - x ? line[x + away] : reach + 1;
    int gap = left < right ? left : right;
    if (gap <= reach && (long long)away * away + (long long)gap * gap <= limit) return true;
  }
  return false;
}

// Whether a set pixel lies within reach. A block takes as many pixels of a row as it has threads, and looks first
// whether there is anything near any of them: mostly there is not.
extern "C" __global__ void near_rows(const int* gaps, uint8* result, int rows, int width, int reach, long long limit) {
  __shared__ int row_with_any, left_of_any;
  if (threadIdx.x == 0) row_with_any = left_of_any = -1;
  __syncthreads();
  EACH_ROW(row, rows) {
    const int* line = gaps + row * (size_t)width;
    for (int left = blockIdx.x * blockDim.x; left < width; left += (int)thread_count()) {
      int begin = left < reach ? 0 : left - reach, end = left + blockDim.x;
      end = end + reach < width ? end + reach : width;
      for (int x = begin + threadIdx.x; x < end; x += blockDim.x) {
        if (line[x] <= reach) row_with_any = row, left_of_any = left;
      }
      __syncthreads();
      bool any = row_with_any == row && left_of_any == left;
      int x = left + threadIdx.x;
      if (x < width) result[row * (size_t)width + x] = any && is_near(line, x, width, reach, limit);
      __syncthreads();
    }
  }
}

// What a thread holds of a part costs the table one visit.
struct Part {
  int label, top, bottom;
  unsigned peak;
  uint64 area, sum;
};

// Most visits change nothing, and reading is cheap. What is read may be old; then it is too low, and nothing is lost.
static __device__ void lift(uint64* place, uint64 value) {
  if (*place < value) atomicMax(place, value);
}

// The rows of the table, each with a number for every part: width - left, height - top, right, bottom, area, peak as
// the bits of a float, which sort as floats do, sum in units of 2^-32, which add up alike in every order, picture.
static __device__ void flush(uint64* table, int count, const Part& part, int x, int picture, int height, int width) {
  uint64* place = table + part.label - 1;
  lift(place, width - x);
  lift(place + count, height - part.top);
  lift(place + 2 * (size_t)count, x + 1);
  lift(place + 3 * (size_t)count, part.bottom);
  atomicAdd(place + 4 * (size_t)count, part.area);
  lift(place + 5 * (size_t)count, part.peak);
  atomicAdd(place + 6 * (size_t)count, part.sum);
  lift(place + 7 * (size_t)count, picture);
}

static __device__ unsigned bits_of(float score) {
  union {
    float score;
    unsigned bits;
  } same = {score};
  return same.bits;
}

extern "C" __global__ void measure_parts(const int* labels, const float* scores, uint64* table, int count, int pictures,
                                         int height, int width) {
  int stretches = (height + STRETCH - 1) / STRETCH;
  EACH_ROW(stretch, pictures * stretches) {
    int picture = stretch / stretches, first = stretch % stretches * STRETCH;
    EACH_COLUMN(x, width) {
      Part part = {};
      for (int y = first; y < first + STRETCH && y < height; ++y) {
        size_t place = (picture * (size_t)height + y) * width + x;
        int label = labels[place];
        if (label != part.label) {
          if (part.label) flush(table, count, part, x, picture, height, width);
          part = Part{label, y, y, 0, 0, 0};
        }
        if (!label) continue;
        float score = scores[place];
        unsigned bits = bits_of(score);
        part.bottom = y + 1;
        part.peak = bits > part.peak ? bits : part.peak;
        part.area += 1;
        part.sum += (uint64)(score * 4294967296.0);
      }
      if (part.label) flush(table, count, part, x, picture, height, width);
    }
  }
}
