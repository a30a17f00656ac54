// Four levels at a time: what reads and compares bytes one by one is bound by that, not by the memory.

struct Word {
  unsigned bits;
};

static constexpr unsigned EVEN = 0x00FF00FF;  // the first and the third byte

// Whether rows of so many bytes begin at whole words.
static __device__ bool in_words(int length, const uint8* one, const uint8* other) {
  return length % 4 == 0 && ((size_t)one | (size_t)other) % 4 == 0;
}

// The four bytes from any place of a row of words on; the next word is read as well.
static __device__ Word word_at(const Word* row, int place) {
  const Word* first = row + place / 4;
  return Word{__funnelshift_r(first[0].bits, first[1].bits, place % 4 * 8)};
}

static __device__ uint8 byte_of(Word word, int i) { return (uint8)(word.bits >> i * 8); }

static __device__ Word with_odd_of(unsigned even, unsigned odd) { return Word{(even & EVEN) | (odd & ~EVEN)}; }

struct Lowest {
  template <typename Level>
  static __device__ Level of(Level one, Level other) {
    return other < one ? other : one;
  }
  // Compared as 16 bits, odd bytes decide and even ones below them are of no matter.
  static __device__ Word of(Word one, Word other) {
    return with_odd_of(__vminu2(one.bits & EVEN, other.bits & EVEN), __vminu2(one.bits, other.bits));
  }
};

struct Highest {
  template <typename Level>
  static __device__ Level of(Level one, Level other) {
    return other > one ? other : one;
  }
  static __device__ Word of(Word one, Word other) {
    return with_odd_of(__vmaxu2(one.bits & EVEN, other.bits & EVEN), __vmaxu2(one.bits, other.bits));
  }
};
