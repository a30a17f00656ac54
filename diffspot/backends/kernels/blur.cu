// A blur of 8-bit levels in whole numbers: along the rows into 16 bits, which hold 255 times 256, the weights' sum, then
// along the columns. See diffspot/backends/fixed_point.py.

struct BlurWeights {
  int of[151];  // by distance from the middle, px
};

extern "C" __global__ void blur_rows(const uint8* image, unsigned short* sums, BlurWeights weights, int rows, int width,
                                     int channels, int radius) {
  int length = width * channels, margin = radius * channels;
  EACH_ROW(y, rows) {
    const uint8* row = image + y * (size_t)length;
    EACH_COLUMN(i, length) {
      int sum = weights.of[0] * row[i];
      if (i >= margin && i + margin < length) {
        for (int k = 1; k <= radius; ++k) sum += weights.of[k] * (row[i - k * channels] + row[i + k * channels]);
      } else {
        int x = i / channels, c = i % channels;
        for (int k = 1; k <= radius; ++k) {
          int left = mirrored(x - k, width) * channels + c, right = mirrored(x + k, width) * channels + c;
          sum += weights.of[k] * (row[left] + row[right]);
        }
      }
      sums[y * (size_t)length + i] = (unsigned short)sum;
    }
  }
}

extern "C" __global__ void blur_columns(const unsigned short* sums, uint8* result, BlurWeights weights, int rows,
                                        int height, int length, int radius) {
  EACH_ROW(row, rows) {
    int y = row % height;
    const unsigned short* picture = sums + (row - y) * (size_t)length;
    bool inside = y >= radius && y + radius < height;
    EACH_COLUMN(i, length) {
      int sum = weights.of[0] * picture[y * (size_t)length + i];
      for (int k = 1; k <= radius; ++k) {
        int above = inside ? y - k : mirrored(y - k, height), below = inside ? y + k : mirrored(y + k, height);
        sum += weights.of[k] * (picture[above * (size_t)length + i] + picture[below * (size_t)length + i]);
      }
      result[row * (size_t)length + i] = (uint8)((sum + (1 << 15)) >> 16);
    }
  }
}
