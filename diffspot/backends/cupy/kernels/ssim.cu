// Structural similarity from two pictures to the least of the channels in one pass, in tiles that a block holds in
// shared memory; see Backend.ssim. A block averages x, y, x * x + y * y and x * y along the rows of a tile, then along
// its columns. Threads work out several neighbours at once, so that what these share is read once.
//
// Equal windows give exactly 1. Nothing but fmaf is contracted, so where x equals y, x * x + y * y is twice x * y to
// the last bit, and stays that through every sum, since doubling is exact; numerator and denominator come out equal.

static constexpr int REACH = 5;   // px, of the window of the paper
static constexpr int SIDE = 32;   // px, of what a tile gives
static constexpr int OUTER = SIDE + 2 * REACH;
static constexpr int PITCH = OUTER + 1;  // odd, so that threads on different rows use different banks
static constexpr int MIDDLE_PITCH = SIDE + 1;
static constexpr int RUN = 4;   // neighbours in a row that a thread works out
static constexpr int DROP = 8;  // neighbours in a column
static constexpr float CENTRE = 127.5f;  // taken off all levels: it halves the rounding error of the variances

struct SsimWeights {
  float of[REACH + 1];  // by distance from the middle, px
};

struct Tile {
  float2 levels[OUTER * PITCH];           // of both pictures, with what lies around
  float4 middle[OUTER * MIDDLE_PITCH];    // means along the rows
  float least[SIDE * SIDE];               // the result so far
  int differing;                          // the last channel in which the pictures differ here
};

static __device__ void accumulate(float4& sum, float weight, float4 terms) {
  sum.x = fmaf(weight, terms.x, sum.x);
  sum.y = fmaf(weight, terms.y, sum.y);
  sum.z = fmaf(weight, terms.z, sum.z);
  sum.w = fmaf(weight, terms.w, sum.w);
}

// Adds the k-th place of the windows of COUNT neighbours to the sums of those whose windows reach it.
template <int COUNT>
static __device__ void spread(float4* sums, const SsimWeights& weights, int k, float4 terms) {
#pragma unroll
  for (int j = 0; j < COUNT; ++j) {
    int away = k < j + REACH ? j + REACH - k : k - j - REACH;
    if (away <= REACH) accumulate(sums[j], weights.of[away], terms);
  }
}

static __device__ float similarity(float4 mean, float c1, float c2) {
  float product = mean.x * mean.y, power = mean.x * mean.x + mean.y * mean.y;
  float shift = CENTRE * (mean.x + mean.y) + CENTRE * CENTRE;
  float a = (2 * (product + shift) + c1) * (2 * (mean.w - product) + c2);
  float b = (power + 2 * shift + c1) * ((mean.z - power) + c2);
  return 1 - __fdividef(b - a, b);  // quicker than a / b, and exactly 1 where they are equal
}

template <typename Level>
static __device__ void load(Tile& tile, const Level* reference, const Level* candidate, int top, int left, int height,
                            int width, int channels, int channel) {
  bool inside = top >= REACH && left >= REACH && top + SIDE + REACH <= height && left + SIDE + REACH <= width;
  for (int item = threadIdx.x; item < OUTER * OUTER; item += blockDim.x) {
    int row = item / OUTER, column = item % OUTER, y = top - REACH + row, x = left - REACH + column;
    if (!inside) {
      y = mirrored(y, height);
      x = mirrored(x, width);
    }
    ptrdiff_t place = (ptrdiff_t)y * (width * channels) + (x * channels + channel);
    float one = reference[place] - CENTRE, other = candidate[place] - CENTRE;
    tile.levels[row * PITCH + column] = float2{one, other};
    if (one != other) tile.differing = channel;
  }
}

static __device__ void average_rows(Tile& tile, const SsimWeights& weights) {
  for (int item = threadIdx.x; item < OUTER * (SIDE / RUN); item += blockDim.x) {
    int row = item % OUTER, left = item / OUTER * RUN;
    float4 sums[RUN] = {};
#pragma unroll
    for (int k = 0; k < RUN + 2 * REACH; ++k) {
      float2 both = tile.levels[row * PITCH + left + k];
      float4 terms = {both.x, both.y, both.x * both.x + both.y * both.y, both.x * both.y};
      spread<RUN>(sums, weights, k, terms);
    }
#pragma unroll
    for (int j = 0; j < RUN; ++j) tile.middle[row * MIDDLE_PITCH + left + j] = sums[j];
  }
}

static __device__ void average_columns(Tile& tile, const SsimWeights& weights, float c1, float c2) {
  for (int item = threadIdx.x; item < SIDE * (SIDE / DROP); item += blockDim.x) {
    int column = item % SIDE, top = item / SIDE * DROP;
    float4 sums[DROP] = {};
#pragma unroll
    for (int k = 0; k < DROP + 2 * REACH; ++k) {
      spread<DROP>(sums, weights, k, tile.middle[(top + k) * MIDDLE_PITCH + column]);
    }
#pragma unroll
    for (int j = 0; j < DROP; ++j) {
      float& least = tile.least[(top + j) * SIDE + column];
      least = fminf(least, similarity(sums[j], c1, c2));
    }
  }
}

// A thread begins with the pixels that it has stored, so that no others need to wait between two tiles.
static __device__ void begin(Tile& tile) {
  for (int item = threadIdx.x; item < SIDE * SIDE; item += blockDim.x) tile.least[item] = 1;
  if (threadIdx.x == 0) tile.differing = -1;
}

static __device__ void store(const Tile& tile, float* result, int top, int left, int height, int width) {
  for (int item = threadIdx.x; item < SIDE * SIDE; item += blockDim.x) {
    int y = top + item / SIDE, x = left + item % SIDE;
    if (y < height && x < width) result[y * (size_t)width + x] = tile.least[item];
  }
}

template <typename Level>
static __device__ void ssim(const Level* reference, const Level* candidate, float* result, SsimWeights weights,
                            float c1, float c2, int pictures, int height, int width, int channels) {
  __shared__ Tile tile;
  int across = (width + SIDE - 1) / SIDE, down = (height + SIDE - 1) / SIDE;
  for (size_t i = blockIdx.x; i < (size_t)pictures * down * across; i += gridDim.x) {
    int left = (int)(i % across) * SIDE, top = (int)(i / across % down) * SIDE;
    size_t picture = i / across / down * height * width;
    begin(tile);
    __syncthreads();
    for (int channel = 0; channel < channels; ++channel) {
      load(tile, reference + picture * channels, candidate + picture * channels, top, left, height, width, channels,
           channel);
      __syncthreads();
      if (tile.differing == channel) {  // else all windows are equal, and nothing has to be worked out
        average_rows(tile, weights);
        __syncthreads();
        average_columns(tile, weights, c1, c2);
      }
    }
    __syncthreads();
    store(tile, result + picture, top, left, height, width);
  }
}

extern "C" __global__ void ssim_uint8(const uint8* reference, const uint8* candidate, float* result,
                                      SsimWeights weights, float c1, float c2, int pictures, int height, int width,
                                      int channels) {
  ssim(reference, candidate, result, weights, c1, c2, pictures, height, width, channels);
}

extern "C" __global__ void ssim_float32(const float* reference, const float* candidate, float* result,
                                        SsimWeights weights, float c1, float c2, int pictures, int height, int width,
                                        int channels) {
  ssim(reference, candidate, result, weights, c1, c2, pictures, height, width, channels);
}
