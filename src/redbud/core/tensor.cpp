#include "redbud/core/tensor.h"

#include <sys/mman.h>

#include <cstring>

#include "redbud/core/bytes.h"
#include "redbud/core/memory_limit.h"
#include "redbud/core/text.h"

namespace redbud {
namespace {

constexpr size_t kVectorBytes = 64;
constexpr size_t kHugePageBytes = size_t{2} << 20;
constexpr size_t kHugeFrom = size_t{4} << 20;
constexpr int64_t kQuestionableBytes = int64_t{1} << 30;

[[noreturn]] void refuse(const std::string& needed) {
  throw Error(ErrorKind::Environment, {.fact = "not enough memory: needs " + needed,
                                       .found = describe_memory_limit(),
                                       .hint = "try a smaller batch or network, or a machine with more memory"});
}

size_t in_huge_pages(size_t bytes) { return (bytes + kHugePageBytes - 1) / kHugePageBytes * kHugePageBytes; }

/// Straight from the system, which gives zeroes: they need not be written a second time. Null: there is no memory.
void* map_huge_pages(size_t bytes) {
  const size_t size = in_huge_pages(bytes);
  const size_t with_slack = size + kHugePageBytes;
  void* const mapped = mmap(nullptr, with_slack, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (mapped == MAP_FAILED) return nullptr;
  auto* const begin = static_cast<std::byte*>(mapped);
  const size_t before = in_huge_pages(reinterpret_cast<uintptr_t>(mapped)) - reinterpret_cast<uintptr_t>(mapped);
  if (before > 0) munmap(begin, before);
  if (before < kHugePageBytes) munmap(begin + before + size, kHugePageBytes - before);
  // Before the first touch, which decides the size of the page.
  madvise(begin + before, size, MADV_HUGEPAGE);
#ifdef MADV_POPULATE_WRITE
  madvise(begin + before, size, MADV_POPULATE_WRITE);  // older systems give pages as they are touched
#endif
  return begin + before;
}

}  // namespace

AlignedBuffer::AlignedBuffer(int64_t bytes) : bytes_(bytes) {
  RB_ASSERT(bytes >= 0);
  if (bytes == 0) return;
  if (bytes >= kQuestionableBytes && bytes > memory_limit_bytes()) refuse(format_bytes(bytes));
  const auto size = static_cast<size_t>(bytes);
  // Whole vectors, so that a kernel may load the last one in full.
  const size_t padded = (size + kVectorBytes - 1) / kVectorBytes * kVectorBytes;
  void* memory = nullptr;
  if (size >= kHugeFrom) {
    memory = map_huge_pages(padded);
  } else if (posix_memalign(&memory, kVectorBytes, padded) == 0) {
    std::memset(memory, 0, padded);
  } else {
    memory = nullptr;
  }
  if (memory == nullptr) refuse(format_bytes(bytes));
  data_ = {static_cast<std::byte*>(memory), {size >= kHugeFrom ? in_huge_pages(padded) : 0}};
}

void AlignedBuffer::copy_from(const AlignedBuffer& other) {
  RB_ASSERT(bytes_ == other.bytes_);
  if (bytes_ > 0) std::memcpy(data(), other.data(), static_cast<size_t>(bytes_));
}

void detail::FreeBuffer::operator()(std::byte* memory) const {
  if (mapped_bytes > 0) {
    munmap(memory, mapped_bytes);
  } else {
    std::free(memory);
  }
}

int64_t tensor_bytes(DType type, const Shape& shape) {
  const auto bytes = checked_mul(shape.elements(), size_of(type));
  if (!bytes) refuse("a tensor of the shape " + to_string(shape));
  return *bytes;
}

}  // namespace redbud
