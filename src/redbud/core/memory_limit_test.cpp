#include "redbud/core/memory_limit.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include "redbud/core/tensor.h"
#include "redbud/testing/core/sanitizer.h"
#include "redbud/testing/core/throws_error.h"

namespace redbud {
namespace {

/// A limit of address space for the time it lives; high enough that nothing here meets it.
class AddressSpace {
 public:
  explicit AddressSpace(rlim_t bytes) {
    getrlimit(RLIMIT_AS, &before_);
    rlimit limit = before_;
    limit.rlim_cur = bytes;
    EXPECT_EQ(setrlimit(RLIMIT_AS, &limit), 0);
  }
  ~AddressSpace() { setrlimit(RLIMIT_AS, &before_); }
  AddressSpace(const AddressSpace&) = delete;
  AddressSpace& operator=(const AddressSpace&) = delete;

 private:
  rlimit before_{};
};

TEST(MemoryLimit, IsTheMachinesWhereNoneIsSet) {
  const AddressSpace none(RLIM_INFINITY);
  EXPECT_GT(memory_limit_bytes(), 1 << 20);
  EXPECT_TRUE(describe_memory_limit().starts_with("the machine has ")) << describe_memory_limit();
}

TEST(MemoryLimit, OfAddressSpaceIsNamed) {
  if (has_sanitizer()) GTEST_SKIP() << "a sanitizer does not live with a limit of memory";
  const int64_t machine = memory_limit_bytes();
  const AddressSpace space(static_cast<rlim_t>(machine / 2));
  EXPECT_EQ(memory_limit_bytes(), machine / 2);
  EXPECT_TRUE(describe_memory_limit().starts_with("the limit is ")) << describe_memory_limit();
  EXPECT_TRUE(throws_error([&] { AlignedBuffer{machine}; }, ErrorKind::Environment, "the limit is "));
}

}  // namespace
}  // namespace redbud
