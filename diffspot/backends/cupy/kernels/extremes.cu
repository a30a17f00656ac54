// Lowest and highest levels of squares, in two passes: along the rows, then along the columns. A row has `length`
// levels, neighbours lie `step` of them apart, the channels, and what lies outside the picture is absent.

template <typename Extreme, typename Level>
static __device__ Level along_row(const Level* row, int i, int length, int step, int radius) {
  Level found = row[i];
  for (int k = 1, left = i - step, right = i + step; k <= radius; ++k, left -= step, right += step) {
    if (left >= 0) found = Extreme::of(found, row[left]);
    if (right < length) found = Extreme::of(found, row[right]);
  }
  return found;
}

template <typename Extreme, typename Level>
static __device__ Level along_column(const Level* column, int y, int height, int length, int radius) {
  int last = y + radius < height ? y + radius : height - 1;
  Level found = column[y * (ptrdiff_t)length];
  for (int k = y < radius ? 0 : y - radius; k <= last; ++k) {
    found = Extreme::of(found, column[k * (ptrdiff_t)length]);
  }
  return found;
}

template <typename Extreme, typename Level>
static __device__ void extreme_rows(const Level* image, Level* result, int rows, int length, int step, int radius) {
  EACH_ROW(y, rows) {
    size_t row = y * (size_t)length;
    EACH_COLUMN(i, length) result[row + i] = along_row<Extreme>(image + row, i, length, step, radius);
  }
}

template <typename Extreme>
static __device__ void extreme_rows_of_words(const uint8* image, uint8* result, int rows, int length, int step,
                                             int radius) {
  int margin = step * radius;
  EACH_ROW(y, rows) {
    const uint8* row = image + y * (size_t)length;
    uint8* line = result + y * (size_t)length;
    EACH_COLUMN(word, length / 4) {
      int i = 4 * word;
      if (i >= margin && i + margin + 8 <= length) {
        const Word* words = (const Word*)row;
        Word found = words[word];
        for (int k = step; k <= margin; k += step) {
          found = Extreme::of(found, Extreme::of(word_at(words, i - k), word_at(words, i + k)));
        }
        ((Word*)line)[word] = found;
      } else {
        for (int j = i; j < i + 4; ++j) line[j] = along_row<Extreme>(row, j, length, step, radius);
      }
    }
  }
}

template <typename Extreme>
static __device__ void extreme_rows(const uint8* image, uint8* result, int rows, int length, int step, int radius) {
  if (in_words(length, image, result)) {
    extreme_rows_of_words<Extreme>(image, result, rows, length, step, radius);
  } else {
    extreme_rows<Extreme, uint8>(image, result, rows, length, step, radius);
  }
}

template <typename Extreme, typename Level>
static __device__ void extreme_columns(const Level* image, Level* result, int rows, int height, int length,
                                       int radius) {
  EACH_ROW(row, rows) {
    int y = row % height;
    const Level* picture = image + (row - y) * (size_t)length;
    EACH_COLUMN(i, length) {
      result[row * (size_t)length + i] = along_column<Extreme>(picture + i, y, height, length, radius);
    }
  }
}

template <typename Extreme>
static __device__ void extreme_columns(const uint8* image, uint8* result, int rows, int height, int length,
                                       int radius) {
  if (in_words(length, image, result)) {
    extreme_columns<Extreme>((const Word*)image, (Word*)result, rows, height, length / 4, radius);
  } else {
    extreme_columns<Extreme, uint8>(image, result, rows, height, length, radius);
  }
}

template <typename Level>
static __device__ void range_columns(const Level* low, const Level* high, Level* result, int rows, int height,
                                     int width, int channels, int radius) {
  int length = width * channels;
  EACH_ROW(row, rows) {
    int y = row % height;
    size_t picture = (row - y) * (size_t)length;
    EACH_COLUMN(x, width) {
      Level most = 0;
      for (int i = x * channels; i < (x + 1) * channels; ++i) {
        Level greatest = along_column<Highest>(high + picture + i, y, height, length, radius);
        Level least = along_column<Lowest>(low + picture + i, y, height, length, radius);
        most = Highest::of(most, (Level)(greatest - least));
      }
      result[row * (size_t)width + x] = most;
    }
  }
}

// The same of four pixels at a time, whose levels fill CHANNELS words.
template <int CHANNELS>
static __device__ void range_columns_of_words(const Word* low, const Word* high, Word* result, int rows, int height,
                                              int fours, int radius) {
  int length = fours * CHANNELS;
  EACH_ROW(row, rows) {
    int y = row % height;
    size_t picture = (row - y) * (size_t)length;
    EACH_COLUMN(four, fours) {
      Word ranges[CHANNELS], most = {0};
#pragma unroll
      for (int i = 0; i < CHANNELS; ++i) {
        size_t column = picture + four * CHANNELS + i;
        Word greatest = along_column<Highest>(high + column, y, height, length, radius);
        ranges[i] = Word{greatest.bits - along_column<Lowest>(low + column, y, height, length, radius).bits};
      }
#pragma unroll
      for (int i = 0; i < 4; ++i) {
        uint8 range = 0;
#pragma unroll
        for (int k = i * CHANNELS; k < (i + 1) * CHANNELS; ++k) {
          range = Highest::of(range, byte_of(ranges[k / 4], k % 4));
        }
        most.bits |= (unsigned)range << i * 8;
      }
      result[row * (size_t)fours + four] = most;
    }
  }
}

static __device__ void range_columns(const uint8* low, const uint8* high, uint8* result, int rows, int height,
                                     int width, int channels, int radius) {
  const Word *lows = (const Word*)low, *highs = (const Word*)high;
  Word* results = (Word*)result;
  if (width % 4 || channels > 4) range_columns<uint8>(low, high, result, rows, height, width, channels, radius);
  else if (channels == 4) range_columns_of_words<4>(lows, highs, results, rows, height, width / 4, radius);
  else if (channels == 3) range_columns_of_words<3>(lows, highs, results, rows, height, width / 4, radius);
  else if (channels == 2) range_columns_of_words<2>(lows, highs, results, rows, height, width / 4, radius);
  else range_columns_of_words<1>(lows, highs, results, rows, height, width / 4, radius);
}

#define EXTREMES_OF(Level, name)                                                                                     \
  extern "C" __global__ void extreme_rows_##name(const Level* image, Level* result, int rows, int length, int step,  \
                                                 int radius, bool highest) {                                         \
    if (highest) extreme_rows<Highest>(image, result, rows, length, step, radius);                                   \
    else extreme_rows<Lowest>(image, result, rows, length, step, radius);                                            \
  }                                                                                                                  \
  extern "C" __global__ void extreme_columns_##name(const Level* image, Level* result, int rows, int height,         \
                                                    int length, int radius, bool highest) {                          \
    if (highest) extreme_columns<Highest>(image, result, rows, height, length, radius);                              \
    else extreme_columns<Lowest>(image, result, rows, height, length, radius);                                       \
  }                                                                                                                  \
  extern "C" __global__ void range_rows_##name(const Level* image, Level* low, Level* high, int rows, int length,    \
                                               int step, int radius) {                                               \
    extreme_rows<Lowest>(image, low, rows, length, step, radius);                                                    \
    extreme_rows<Highest>(image, high, rows, length, step, radius);                                                  \
  }                                                                                                                  \
  extern "C" __global__ void range_columns_##name(const Level* low, const Level* high, Level* result, int rows,      \
                                                  int height, int width, int channels, int radius) {                 \
    range_columns(low, high, result, rows, height, width, channels, radius);                                         \
  }

EXTREMES_OF(uint8, uint8)
EXTREMES_OF(float, float32)
