// A blur of 8-bit levels in whole numbers: along the rows into 16 bits, then along the columns. The weights, of
// diffspot/backends/fixed_point.py, sum to 256, and 255 times that fits into 16 bits, so that along the rows one word
// sums two levels.

struct BlurWeights {
  int of[151];  // by distance from the middle, px
};

typedef unsigned short Sum;

struct alignas(8) Sums {
  Sum of[4];
};

static __device__ Sum sum_of_row(const uint8* row, const BlurWeights& weights, int i, int width, int channels,
                                 int radius) {
  int x = i / channels, c = i % channels, sum = weights.of[0] * row[i];
  for (int k = 1; k <= radius; ++k) {
    int left = mirrored(x - k, width) * channels + c, right = mirrored(x + k, width) * channels + c;
    sum += weights.of[k] * (row[left] + row[right]);
  }
  return (Sum)sum;
}

// Of four levels of a row, with whole windows within it.
static __device__ Sums sums_of_row(const Word* row, const BlurWeights& weights, int i, int channels, int radius) {
  unsigned middle = row[i / 4].bits;
  unsigned even = weights.of[0] * (middle & EVEN), odd = weights.of[0] * (middle >> 8 & EVEN);
  for (int k = 1; k <= radius; ++k) {
    unsigned left = word_at(row, i - k * channels).bits, right = word_at(row, i + k * channels).bits;
    even += weights.of[k] * ((left & EVEN) + (right & EVEN));
    odd += weights.of[k] * ((left >> 8 & EVEN) + (right >> 8 & EVEN));
  }
  return Sums{{(Sum)even, (Sum)odd, (Sum)(even >> 16), (Sum)(odd >> 16)}};
}

extern "C" __global__ void blur_rows(const uint8* image, Sum* sums, BlurWeights weights, int rows, int width,
                                     int channels, int radius) {
  int length = width * channels, margin = radius * channels;
  bool whole = in_words(length, image, image);
  EACH_ROW(y, rows) {
    const uint8* row = image + y * (size_t)length;
    Sum* line = sums + y * (size_t)length;
    EACH_COLUMN(word, (length + 3) / 4) {
      int i = 4 * word;
      if (whole && i >= margin && i + margin + 8 <= length) {
        ((Sums*)line)[word] = sums_of_row((const Word*)row, weights, i, channels, radius);
      } else {
        for (int j = i; j < i + 4 && j < length; ++j) {
          line[j] = sum_of_row(row, weights, j, width, channels, radius);
        }
      }
    }
  }
}

static __device__ uint8 level_of(int sum) { return (uint8)((sum + (1 << 15)) >> 16); }

// Of COUNT levels side by side.
template <int COUNT>
static __device__ void blur_column(const Sum* column, uint8* result, const BlurWeights& weights, int y, int height,
                                   int length, int radius) {
  struct alignas(2 * COUNT) Some {
    Sum of[COUNT];
  };
  int sums[COUNT];
  Some middle = *(const Some*)(column + y * (ptrdiff_t)length);
#pragma unroll
  for (int j = 0; j < COUNT; ++j) sums[j] = weights.of[0] * middle.of[j];
  for (int k = 1; k <= radius; ++k) {
    Some above = *(const Some*)(column + mirrored(y - k, height) * (ptrdiff_t)length);
    Some below = *(const Some*)(column + mirrored(y + k, height) * (ptrdiff_t)length);
#pragma unroll
    for (int j = 0; j < COUNT; ++j) sums[j] += weights.of[k] * (above.of[j] + below.of[j]);
  }
  struct alignas(COUNT) {
    uint8 of[COUNT];
  } levels;
#pragma unroll
  for (int j = 0; j < COUNT; ++j) levels.of[j] = level_of(sums[j]);
  *(decltype(levels)*)result = levels;
}

extern "C" __global__ void blur_columns(const Sum* sums, uint8* result, BlurWeights weights, int rows, int height,
                                        int length, int radius) {
  EACH_ROW(row, rows) {
    int y = row % height;
    const Sum* picture = sums + (row - y) * (size_t)length;
    uint8* line = result + row * (size_t)length;
    if (length % 4 == 0) {
      EACH_COLUMN(word, length / 4) {
        blur_column<4>(picture + 4 * word, line + 4 * word, weights, y, height, length, radius);
      }
    } else {
      EACH_COLUMN(i, length) blur_column<1>(picture + i, line + i, weights, y, height, length, radius);
    }
  }
}
