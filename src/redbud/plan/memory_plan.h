#pragma once
#include <cstdint>
#include <vector>

#include "redbud/plan/op_list.h"

namespace redbud {

/// Where each Arena and Slot value lies, in bytes from the start of the arena (-1: elsewhere), and its stride in
/// elements.
struct MemoryPlan {
  std::vector<int64_t> offset;
  std::vector<int64_t> stride;
  int64_t bytes = 0;
};

/// Elements from row to row where rows of `width` elements start aligned to 64 bytes and not a multiple of 1 KB apart,
/// which would map to few sets of the cache.
int64_t padded_row(int64_t width, int64_t element_bytes);

/// Elements from row to row: padded_row for numbers in the arena; bytes, vectors and parameters are dense.
int64_t row_stride(const PlanValue& value);

/// Lays out the arena by liveness: values whose lives don't meet share memory; an op's first output takes over its
/// input's where it may. Largest first, each at the lowest offset that is free for its whole life.
/// `spans` says in which stages each op runs (plan/row_stages.h); without them, one after the other.
MemoryPlan plan_memory(const OpList& list, const std::vector<StageSpan>& spans);
MemoryPlan plan_memory(const OpList& list);

}  // namespace redbud
