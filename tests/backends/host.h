// Makes of CUDA kernels functions of the processor. Of a grid 2 x 2 blocks of 7 threads run, one block after the other,
// and of a block one thread after the other, each from barrier to barrier, in every second block the last one first. So
// a kernel without a barrier that it needs reads what no thread has written yet, and does so in every run.

#include <cmath>
#include <cstddef>
#include <cstdlib>
#include <functional>
#include <tuple>
#include <ucontext.h>
#include <utility>

#define __device__
#define __global__
#define __shared__ static thread_local

struct Place {
  unsigned x, y, z;
};
struct float2 {
  float x, y;
};
struct alignas(16) float4 {
  float x, y, z, w;
};

static constexpr unsigned THREADS = 7;
static constexpr size_t STACK = 1 << 17;
static constexpr Place blockDim{THREADS, 1, 1};
static thread_local Place gridDim, blockIdx, threadIdx;
static thread_local ucontext_t scheduler, threads[THREADS];
static thread_local char stacks[THREADS][STACK];
static thread_local bool ended[THREADS];
static thread_local std::function<void()> body;

static void __syncthreads() { swapcontext(&threads[threadIdx.x], &scheduler); }

static void run_thread() {
  body();
  ended[threadIdx.x] = true;
}

static void run_block() {
  for (unsigned i = 0; i < THREADS; ++i) {
    getcontext(&threads[i]);
    threads[i].uc_stack.ss_sp = stacks[i];
    threads[i].uc_stack.ss_size = STACK;
    threads[i].uc_link = &scheduler;
    ended[i] = false;
    makecontext(&threads[i], run_thread, 0);
  }
  for (unsigned waiting = THREADS; waiting;) {
    waiting = 0;
    for (unsigned i = 0; i < THREADS; ++i) {
      threadIdx.x = (blockIdx.x + blockIdx.y) % 2 ? THREADS - 1 - i : i;
      swapcontext(&scheduler, &threads[threadIdx.x]);
      waiting += !ended[threadIdx.x];
    }
    if (waiting % THREADS) abort();  // some threads wait at a barrier that the others never reach
  }
}

template <typename... A, size_t... I>
static void run_grid(void (*kernel)(A...), void** given, std::index_sequence<I...>) {
  body = [=] { kernel(*static_cast<A*>(given[I])...); };
  for (blockIdx.y = 0; blockIdx.y < gridDim.y; ++blockIdx.y) {
    for (blockIdx.x = 0; blockIdx.x < gridDim.x; ++blockIdx.x) run_block();
  }
}

template <typename... A>
static void run(void (*kernel)(A...), unsigned columns, unsigned rows, void** given) {
  gridDim = {columns < 2 ? columns : 2, rows < 2 ? rows : 2, 1};
  run_grid(kernel, given, std::index_sequence_for<A...>());
}

// Sizes of the parameters in bytes, and a 0.
template <typename... A>
static const size_t* sizes(void (*)(A...)) {
  static const size_t all[] = {sizeof(A)..., 0};
  return all;
}

#define LAUNCH(name)                                                             \
  extern "C" void launch_##name(unsigned columns, unsigned rows, void** given) { \
    run(name, columns, rows, given);                                             \
  }                                                                              \
  extern "C" const size_t* sizes_##name() { return sizes(name); }

static float __fdividef(float one, float other) { return one / other; }

static unsigned __funnelshift_r(unsigned low, unsigned high, unsigned shift) {
  return (unsigned)(((unsigned long long)high << 32 | low) >> shift % 32);
}

static unsigned __vmaxu2(unsigned one, unsigned other) {
  unsigned low = one & 0xFFFF, high = one >> 16, low2 = other & 0xFFFF, high2 = other >> 16;
  return (low > low2 ? low : low2) | (high > high2 ? high : high2) << 16;
}

static unsigned __vminu2(unsigned one, unsigned other) { return ~__vmaxu2(~one, ~other); }

template <typename T>
static T atomicMax(T* place, T value) {
  T before = *place;
  if (value > before) *place = value;
  return before;
}

template <typename T>
static T atomicAdd(T* place, T value) {
  T before = *place;
  *place += value;
  return before;
}
