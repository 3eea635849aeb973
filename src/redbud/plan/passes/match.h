#pragma once
#include "redbud/kernels/activation.h"
#include "redbud/plan/lowering.h"

namespace redbud {

/// The op at i as an O, or null.
template <class O>
const O* as(const OpList& list, size_t i) {
  return dynamic_cast<const O*>(list.ops[i].op.get());
}

/// Whether only the op at `reader` reads v, and v isn't read from outside.
inline bool read_only_by(const Lowered& lowered, Value v, size_t reader) {
  if (is_result(lowered, v)) return false;
  const auto readers = lowered.list.readers(v);
  return readers.size() == 1 && readers[0] == reader;
}

/// Whether the gradient of an activation will be computed from its input, which a fused op would not store.
inline bool needs_input(const Lowered& lowered, const kernels::Activation& activation) {
  return lowered.differentiated && derivative_from_input(activation);
}

inline void erase_op(OpList& list, size_t i) { list.ops.erase(list.ops.begin() + static_cast<std::ptrdiff_t>(i)); }

}  // namespace redbud
