#pragma once
#include <cstddef>
#include <cstdint>
#include <new>

namespace redbud {

/// How many times this program has called operator new so far, on any thread.
int64_t allocations();

/// Whether they are counted: not under ThreadSanitizer, which brings an operator new of its own.
inline bool allocations_are_counted() {
  void* (*volatile allocate)(size_t) = &::operator new;
  const int64_t before = allocations();
  ::operator delete(allocate(1));
  return allocations() != before;
}

/// While it lives, the k-th call of operator new on this thread (from 1) throws std::bad_alloc; `sticky`: and all after
/// it.
class FailingAllocation {
 public:
  explicit FailingAllocation(int64_t k, bool sticky = false);
  ~FailingAllocation();
  FailingAllocation(const FailingAllocation&) = delete;
  FailingAllocation& operator=(const FailingAllocation&) = delete;

  /// Whether the k-th call came.
  bool was_met() const;
};

/// While it lives, allocations of this thread neither fail nor count towards the one that shall: for what stands in for
/// the system, which has memory of its own.
class SparedAllocations {
 public:
  SparedAllocations();
  ~SparedAllocations();
  SparedAllocations(const SparedAllocations&) = delete;
  SparedAllocations& operator=(const SparedAllocations&) = delete;

 private:
  int64_t until_failure_;
};

}  // namespace redbud
