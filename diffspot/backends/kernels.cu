// What CuPy's own functions need many passes for. Any number of threads can run each kernel: thread k takes the
// elements k, k + threads, k + 2 * threads and so on. No header is needed.

static __device__ size_t first_element() { return blockIdx.x * (size_t)blockDim.x + threadIdx.x; }

static __device__ size_t thread_count() { return gridDim.x * (size_t)blockDim.x; }

// Structural similarity from the blurred x, y, x * x, y * y and x * y of pictures in [-0.5, 0.5]; see Backend.ssim. It
// rounds after each operation, as the reference body does: contracted to fused multiplications and additions, equal
// windows would not give exactly 1.
extern "C" __global__ void ssim(const float* ux, const float* uy, const float* xx, const float* yy, const float* xy,
                                float c1, float c2, float* result, size_t size) {
  for (size_t i = first_element(); i < size; i += thread_count()) {
    float x = ux[i], y = uy[i];
    float vx = xx[i] - x * x, vy = yy[i] - y * y, vxy = xy[i] - x * y;
    x += 0.5f;
    y += 0.5f;
    float a1 = 2 * x * y + c1, a2 = 2 * vxy + c2;
    float b1 = x * x + y * y + c1, b2 = vx + vy + c2;
    result[i] = (a1 * a2) / (b1 * b2);
  }
}

// The lowest, or highest, of each channel in the square of side 2 * radius + 1 around a pixel; what lies outside the
// picture is absent.
extern "C" __global__ void local_extreme(const unsigned char* image, unsigned char* result, size_t height, size_t width,
                                         size_t channels, size_t radius, bool highest) {
  for (size_t i = first_element(); i < height * width * channels; i += thread_count()) {
    size_t channel = i % channels, column = i / channels % width, row = i / channels / width;
    size_t top = row < radius ? 0 : row - radius, left = column < radius ? 0 : column - radius;
    unsigned char found = image[i];
    for (size_t y = top; y <= row + radius && y < height; ++y) {
      for (size_t x = left; x <= column + radius && x < width; ++x) {
        unsigned char level = image[(y * width + x) * channels + channel];
        if (highest ? level > found : level < found) found = level;
      }
    }
    result[i] = found;
  }
}
