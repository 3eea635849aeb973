#include "redbud/data/number_vector.h"

#include <sys/mman.h>

#include <cstdlib>
#include <new>

namespace redbud::detail {
namespace {

constexpr size_t kHugePageBytes = size_t{2} << 20;
constexpr size_t kHugeFrom = kHugePageBytes / 4 * 3;  // a quarter of a page may be wasted

}  // namespace

void* allocate_numbers(size_t bytes) {
  if (bytes < kHugeFrom) return ::operator new(bytes);
  const size_t padded = (bytes + kHugePageBytes - 1) / kHugePageBytes * kHugePageBytes;
  void* memory = nullptr;
  if (posix_memalign(&memory, kHugePageBytes, padded) != 0) throw std::bad_alloc();
  madvise(memory, padded, MADV_HUGEPAGE);  // small pages would do, too
  return memory;
}

void free_numbers(void* memory, size_t bytes) {
  if (bytes < kHugeFrom) {
    ::operator delete(memory);
  } else {
    std::free(memory);
  }
}

}  // namespace redbud::detail
