// Parts of masks: what lies near a set pixel, and the table of labelled parts.

// Px to the nearest set pixel of the column, reach + 1 where there is none within reach.
extern "C" __global__ void near_columns(const uint8* mask, int* gaps, int rows, int height, int width, int reach) {
  EACH_ROW(row, rows) {
    int y = row % height;
    EACH_COLUMN(x, width) {
      const uint8* place = mask + row * (size_t)width + x;
      int gap = 0;
      while (gap <= reach) {
        bool above = gap <= y && place[-(gap * (ptrdiff_t)width)];
        if (above || (gap < height - y && place[gap * (ptrdiff_t)width])) break;
        ++gap;
      }
      gaps[row * (size_t)width + x] = gap;
    }
  }
}

// Whether a set pixel lies within reach, a distance whose square is at most `limit`.
extern "C" __global__ void near_rows(const int* gaps, uint8* result, int rows, int width, int reach, long long limit) {
  EACH_ROW(row, rows) {
    const int* line = gaps + row * (size_t)width;
    EACH_COLUMN(x, width) {
      bool found = false;
      for (long long away = 0; away <= reach && !found; ++away) {
        long long left = away <= x ? line[x - away] : reach + 1LL;
        long long right = away < width - x ? line[x + away] : reach + 1LL;
        long long gap = left < right ? left : right;
        found = gap <= reach && away * away + gap * gap <= limit;
      }
      result[row * (size_t)width + x] = found;
    }
  }
}

static constexpr int STRETCH = 64;  // rows that a thread goes down: what it holds of a part costs the table one visit

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
