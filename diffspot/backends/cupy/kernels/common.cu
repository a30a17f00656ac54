// What all kernels use. Pictures of a stack lie one after the other, rows first, with the channels of a pixel side by
// side. Any number of threads can run each kernel, in one block or in many: a thread takes every so-manieth column, or
// element, of every so-manieth row. No header is needed.

typedef unsigned char uint8;
typedef unsigned long long uint64;

static __device__ size_t first_element() { return blockIdx.x * (size_t)blockDim.x + threadIdx.x; }

static __device__ size_t thread_count() { return gridDim.x * (size_t)blockDim.x; }

static __device__ int first_row() { return blockIdx.y; }

static __device__ int row_count() { return gridDim.y; }

#define EACH_ELEMENT(i, size) for (size_t i = first_element(); i < (size); i += thread_count())
#define EACH_COLUMN(x, width) for (int x = (int)first_element(); x < (width); x += (int)thread_count())
#define EACH_ROW(y, rows) for (int y = first_row(); y < (rows); y += row_count())

// Where a place outside of 0 .. size - 1 lies in the picture mirrored at its edge, with the edge pixel repeated.
static __device__ int mirrored(int place, int size) {
  while (place < 0 || place >= size) place = place < 0 ? -1 - place : 2 * size - 1 - place;
  return place;
}
