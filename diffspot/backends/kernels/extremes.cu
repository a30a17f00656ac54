// Lowest and highest levels of squares, in two passes: along the rows, then along the columns. A row has `length`
// levels, neighbours lie `step` of them apart, the channels, and what lies outside the picture is absent.

static constexpr int BAND = 4;  // rows that a thread works out of a column, so that it reads what they share once

struct Lowest {
  template <typename Level>
  static __device__ Level of(Level one, Level other) { return other < one ? other : one; }
};

struct Highest {
  template <typename Level>
  static __device__ Level of(Level one, Level other) { return other > one ? other : one; }
};

template <typename Extreme, typename Level>
static __device__ Level along_row(const Level* row, int i, int length, int step, int radius) {
  Level found = row[i];
  for (int k = 1, left = i - step, right = i + step; k <= radius; ++k, left -= step, right += step) {
    if (left >= 0) found = Extreme::of(found, row[left]);
    if (right < length) found = Extreme::of(found, row[right]);
  }
  return found;
}

// The extremes of BAND rows of a column from `top` on; of those below the picture they mean nothing.
template <typename Extreme, typename Level>
static __device__ void along_column(const Level* column, Level* found, int top, int height, int length, int radius) {
#pragma unroll
  for (int j = 0; j < BAND; ++j) found[j] = column[(top + j < height ? top + j : height - 1) * (size_t)length];
  int last = top + BAND - 1 + radius;
  for (int y = top < radius ? 0 : top - radius; y <= last && y < height; ++y) {
    Level level = column[y * (size_t)length];
#pragma unroll
    for (int j = 0; j < BAND; ++j) {
      if (y >= top + j - radius && y <= top + j + radius) found[j] = Extreme::of(found[j], level);
    }
  }
}

template <typename Extreme, typename Level>
static __device__ void extreme_rows(const Level* image, Level* result, int rows, int length, int step, int radius) {
  EACH_ROW(y, rows) {
    size_t row = y * (size_t)length;
    EACH_COLUMN(i, length) result[row + i] = along_row<Extreme>(image + row, i, length, step, radius);
  }
}

template <typename Extreme, typename Level>
static __device__ void extreme_columns(const Level* image, Level* result, int pictures, int height, int length,
                                       int radius) {
  int bands = (height + BAND - 1) / BAND;
  EACH_ROW(band, pictures * bands) {
    int top = band % bands * BAND;
    size_t picture = band / bands * (size_t)height * length;
    EACH_COLUMN(i, length) {
      Level found[BAND];
      along_column<Extreme>(image + picture + i, found, top, height, length, radius);
#pragma unroll
      for (int j = 0; j < BAND; ++j) {
        if (top + j < height) result[picture + (top + j) * (size_t)length + i] = found[j];
      }
    }
  }
}

template <typename Level>
static __device__ void range_rows(const Level* image, Level* low, Level* high, int rows, int length, int step,
                                  int radius) {
  EACH_ROW(y, rows) {
    size_t row = y * (size_t)length;
    EACH_COLUMN(i, length) {
      low[row + i] = along_row<Lowest>(image + row, i, length, step, radius);
      high[row + i] = along_row<Highest>(image + row, i, length, step, radius);
    }
  }
}

// Highest less lowest of what range_rows left, the largest of the channels.
template <typename Level>
static __device__ void range_columns(const Level* low, const Level* high, Level* result, int pictures, int height,
                                     int width, int channels, int radius) {
  int bands = (height + BAND - 1) / BAND, length = width * channels;
  EACH_ROW(band, pictures * bands) {
    int top = band % bands * BAND;
    size_t first = band / bands * (size_t)height;
    EACH_COLUMN(x, width) {
      Level most[BAND] = {};
      for (int c = 0; c < channels; ++c) {
        size_t column = first * length + x * channels + c;
        Level least[BAND], greatest[BAND];
        along_column<Lowest>(low + column, least, top, height, length, radius);
        along_column<Highest>(high + column, greatest, top, height, length, radius);
#pragma unroll
        for (int j = 0; j < BAND; ++j) most[j] = Highest::of(most[j], (Level)(greatest[j] - least[j]));
      }
#pragma unroll
      for (int j = 0; j < BAND; ++j) {
        if (top + j < height) result[(first + top + j) * width + x] = most[j];
      }
    }
  }
}

#define EXTREMES_OF(Level, name)                                                                                     \
  extern "C" __global__ void extreme_rows_##name(const Level* image, Level* result, int rows, int length, int step,  \
                                                 int radius, bool highest) {                                         \
    if (highest) extreme_rows<Highest>(image, result, rows, length, step, radius);                                   \
    else extreme_rows<Lowest>(image, result, rows, length, step, radius);                                            \
  }                                                                                                                  \
  extern "C" __global__ void extreme_columns_##name(const Level* image, Level* result, int pictures, int height,     \
                                                    int length, int radius, bool highest) {                          \
    if (highest) extreme_columns<Highest>(image, result, pictures, height, length, radius);                          \
    else extreme_columns<Lowest>(image, result, pictures, height, length, radius);                                   \
  }                                                                                                                  \
  extern "C" __global__ void range_rows_##name(const Level* image, Level* low, Level* high, int rows, int length,    \
                                               int step, int radius) {                                               \
    range_rows(image, low, high, rows, length, step, radius);                                                        \
  }                                                                                                                  \
  extern "C" __global__ void range_columns_##name(const Level* low, const Level* high, Level* result, int pictures,  \
                                                  int height, int width, int channels, int radius) {                 \
    range_columns(low, high, result, pictures, height, width, channels, radius);                                     \
  }

EXTREMES_OF(uint8, uint8)
EXTREMES_OF(float, float32)
