// Resampling with the cubic kernel of Keys, in the order of diffspot/backends/resampling.py, so that it rounds alike.

struct Inverse {
  double of[9];  // the matrix from pixels of the result to those of the picture, row by row
};

static __device__ double keys(double distance) {
  const double a = -0.75;
  double t = fabs(distance);
  if (t <= 1) return ((a + 2) * t - (a + 3)) * t * t + 1;
  return t < 2 ? ((a * t - 5 * a) * t + 8 * a) * t - 4 * a : 0;
}

// The place in the picture, its edge pixels repeated; of what is no number, the first.
static __device__ int held(double place, int size) {
  return !(place > 0) ? 0 : place > size - 1 ? size - 1 : (int)place;
}

static __device__ void put(uint8* place, double level) {
  level = rint(level);
  *place = (uint8)(level > 255 ? 255 : level > 0 ? level : 0);
}

static __device__ void put(float* place, double level) { *place = (float)level; }

template <typename Level>
static __device__ void warp(const Level* image, Level* result, bool* inside, Inverse inverse, double edge, int height,
                            int width, int channels, int rows, int columns) {
  const double* m = inverse.of;
  EACH_ROW(y, rows) {
    EACH_COLUMN(x, columns) {
      double scale = m[6] * x + m[7] * y + m[8];
      double u = (m[0] * x + m[1] * y + m[2]) / scale, v = (m[3] * x + m[4] * y + m[5]) / scale;
      double left = floor(u), top = floor(v), across[4], down[4];
      size_t lines[4], places[4];
#pragma unroll
      for (int k = 0; k < 4; ++k) {
        across[k] = keys(u - left - (k - 1));
        down[k] = keys(v - top - (k - 1));
        places[k] = held(left + (k - 1), width);
        lines[k] = held(top + (k - 1), height) * (size_t)width;
      }
      size_t place = y * (size_t)columns + x;
      for (int c = 0; c < channels; ++c) {
        double sum = 0;
#pragma unroll
        for (int k = 0; k < 16; ++k) {
          sum += across[k / 4] * down[k % 4] * image[(lines[k % 4] + places[k / 4]) * channels + c];
        }
        put(result + place * channels + c, sum);
      }
      inside[place] = u >= -edge && u <= width - 1 + edge && v >= -edge && v <= height - 1 + edge;
    }
  }
}

extern "C" __global__ void warp_uint8(const uint8* image, uint8* result, bool* inside, Inverse inverse, double edge,
                                      int height, int width, int channels, int rows, int columns) {
  warp(image, result, inside, inverse, edge, height, width, channels, rows, columns);
}

extern "C" __global__ void warp_float32(const float* image, float* result, bool* inside, Inverse inverse, double edge,
                                        int height, int width, int channels, int rows, int columns) {
  warp(image, result, inside, inverse, edge, height, width, channels, rows, columns);
}
