// Replaces the program's operator new, so every test program can count allocations and let one fail.
#include "redbud/testing/core/allocations.h"

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <new>
#include <utility>

namespace {

std::atomic<int64_t> count{0};
thread_local int64_t until_failure = 0;  // 0: never; at 1 the next call fails
thread_local bool stays_failing = false;
thread_local bool failed = false;

}  // namespace

#ifndef REDBUD_THREAD_SANITIZER  // which brings an operator new of its own; set by CMake
namespace {

bool must_fail() {
  if (until_failure == 0) return false;
  if (until_failure > 1) {
    --until_failure;
    return false;
  }
  failed = true;
  if (!stays_failing) until_failure = 0;
  return true;
}

void* allocate(size_t bytes, size_t alignment) {
  count.fetch_add(1, std::memory_order_relaxed);
  void* memory = nullptr;
  if (must_fail() || posix_memalign(&memory, std::max(alignment, sizeof(void*)), std::max<size_t>(bytes, 1)) != 0) {
    throw std::bad_alloc();
  }
  return memory;
}

void* allocate_or_null(size_t bytes, size_t alignment) noexcept {
  try {
    return allocate(bytes, alignment);
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
}

}  // namespace

void* operator new(size_t bytes) { return allocate(bytes, __STDCPP_DEFAULT_NEW_ALIGNMENT__); }
void* operator new(size_t bytes, std::align_val_t alignment) { return allocate(bytes, static_cast<size_t>(alignment)); }
// The sanitizers bring their own of these, which don't call the ones above.
void* operator new(size_t bytes, const std::nothrow_t&) noexcept {
  return allocate_or_null(bytes, __STDCPP_DEFAULT_NEW_ALIGNMENT__);
}
void* operator new(size_t bytes, std::align_val_t alignment, const std::nothrow_t&) noexcept {
  return allocate_or_null(bytes, static_cast<size_t>(alignment));
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, size_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete(void* memory, size_t, std::align_val_t) noexcept { std::free(memory); }
#endif  // REDBUD_THREAD_SANITIZER

namespace redbud {

int64_t allocations() { return count; }

FailingAllocation::FailingAllocation(int64_t k, bool sticky) {
  failed = false;
  stays_failing = sticky;
  until_failure = k;
}

FailingAllocation::~FailingAllocation() { until_failure = 0; }

bool FailingAllocation::was_met() const { return failed; }

SparedAllocations::SparedAllocations() : until_failure_(std::exchange(until_failure, 0)) {}

SparedAllocations::~SparedAllocations() { until_failure = until_failure_; }

}  // namespace redbud
