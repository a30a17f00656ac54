// What looks at one pixel at a time, in one pass: each level is read once, and nothing but the result is written.

// `Wide` holds differences of levels without wrapping.
template <typename Wide, typename Level>
static __device__ void absdiff(const Level* reference, const Level* candidate, Level* result, size_t pixels,
                               int channels) {
  EACH_ELEMENT(i, pixels) {
    Wide most = 0;
    for (size_t k = i * channels; k < (i + 1) * channels; ++k) {
      Wide difference = (Wide)reference[k] - (Wide)candidate[k];
      if (difference < 0) difference = -difference;
      if (difference > most) most = difference;
    }
    result[i] = (Level)most;
  }
}

template <typename Wide, typename Level>
static __device__ void excess(const Level* image, const Level* low, const Level* high, Level* result, size_t pixels,
                              int channels) {
  EACH_ELEMENT(i, pixels) {
    Wide most = 0;
    for (size_t k = i * channels; k < (i + 1) * channels; ++k) {
      Wide level = image[k], above = level - (Wide)high[k], below = (Wide)low[k] - level;
      if (above > most) most = above;
      if (below > most) most = below;
    }
    result[i] = (Level)most;
  }
}

static __device__ float blended(float near, float far, float keep, float share) { return near * keep + far * share; }

extern "C" __global__ void absdiff_uint8(const uint8* reference, const uint8* candidate, uint8* result, size_t pixels,
                                         int channels) {
  absdiff<int>(reference, candidate, result, pixels, channels);
}

extern "C" __global__ void absdiff_float32(const float* reference, const float* candidate, float* result,
                                           size_t pixels, int channels) {
  absdiff<float>(reference, candidate, result, pixels, channels);
}

extern "C" __global__ void excess_uint8(const uint8* image, const uint8* low, const uint8* high, uint8* result,
                                        size_t pixels, int channels) {
  excess<int>(image, low, high, result, pixels, channels);
}

extern "C" __global__ void excess_float32(const float* image, const float* low, const float* high, float* result,
                                          size_t pixels, int channels) {
  excess<float>(image, low, high, result, pixels, channels);
}

extern "C" __global__ void blend_uint8(const uint8* near, const uint8* far, float keep, float share, uint8* result,
                                       size_t size) {
  EACH_ELEMENT(i, size) {
    float level = rintf(blended(near[i], far[i], keep, share));
    result[i] = (uint8)(level < 0 ? 0 : level > 255 ? 255 : level);
  }
}

extern "C" __global__ void blend_float32(const float* near, const float* far, float keep, float share, float* result,
                                         size_t size) {
  EACH_ELEMENT(i, size) result[i] = blended(near[i], far[i], keep, share);
}
