#include "redbud/core/tensor.h"

#include <sys/mman.h>
#include <sys/sysinfo.h>

#include <cstring>

#include "redbud/core/bytes.h"
#include "redbud/core/text.h"

namespace redbud {
namespace {

constexpr size_t kVectorBytes = 64;
constexpr size_t kHugePageBytes = size_t{2} << 20;
constexpr size_t kHugeFrom = size_t{4} << 20;
constexpr int64_t kQuestionableBytes = int64_t{1} << 30;

/// Memory and swap of the machine: beyond it the system would promise memory, and kill the process when it is touched.
int64_t machine_bytes() {
  struct sysinfo found {};
  if (sysinfo(&found) != 0) return INT64_MAX;
  return static_cast<int64_t>((found.totalram + found.totalswap) * found.mem_unit);
}

[[noreturn]] void refuse(const std::string& needed) {
  throw Error(ErrorKind::Environment, {.fact = "not enough memory: needs " + needed,
                                       .found = "the machine has " + format_bytes(machine_bytes()),
                                       .hint = "try a smaller batch or network, or a machine with more memory"});
}

}  // namespace

AlignedBuffer::AlignedBuffer(int64_t bytes) : bytes_(bytes) {
  RB_ASSERT(bytes >= 0);
  if (bytes == 0) return;
  if (bytes >= kQuestionableBytes && bytes > machine_bytes()) refuse(format_bytes(bytes));
  const auto size = static_cast<size_t>(bytes);
  // Whole vectors, so that a kernel may load the last one in full.
  const size_t padded = (size + kVectorBytes - 1) / kVectorBytes * kVectorBytes;
  const size_t alignment = size >= kHugeFrom ? kHugePageBytes : kVectorBytes;
  void* memory = nullptr;
  if (posix_memalign(&memory, alignment, padded) != 0) refuse(format_bytes(bytes));
  // Before the first touch, which decides the size of the page.
  if (size >= kHugeFrom) madvise(memory, padded / kHugePageBytes * kHugePageBytes, MADV_HUGEPAGE);
  std::memset(memory, 0, padded);
  data_.reset(static_cast<std::byte*>(memory));
}

int64_t tensor_bytes(DType type, const Shape& shape) {
  const auto bytes = checked_mul(shape.elements(), size_of(type));
  if (!bytes) refuse("a tensor of the shape " + to_string(shape));
  return *bytes;
}

}  // namespace redbud
