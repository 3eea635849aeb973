#pragma once
#include <memory>
#include <string>
#include <vector>

#include "redbud/graph/op.h"

namespace redbud {

/// Where a value lies.
enum class Storage {
  Arena,  // made by an op; memory is shared by liveness
  Slot,   // filled from outside before a run (inputs, targets, weights), or read after it (scores, loss): its memory is
          // its own
  Parameter,  // a segment of the parameters
  Gradient,   // the same segment of the gradients
  Buffer,     // a segment of the buffers
};

struct PlanValue {
  ValueType type;
  Storage storage = Storage::Arena;
  int segment = -1;  // of Parameter, Gradient, Buffer
};

struct PlanOp {
  std::unique_ptr<const Op> op;
  std::vector<Value> inputs;
  std::vector<Value> outputs;
  std::vector<Value> updates;
  int node = -1;  // the graph's node it came from
};

/// A plan before memory: ops in the order in which they run, and the values between them. Passes rewrite it.
struct OpList {
  std::vector<PlanValue> values;
  std::vector<PlanOp> ops;

  Value add_value(ValueType type, Storage storage, int segment = -1) {
    values.push_back({type, storage, segment});
    return {static_cast<int>(values.size()) - 1};
  }
  PlanValue& operator[](Value v) { return values[static_cast<size_t>(v.id)]; }
  const PlanValue& operator[](Value v) const { return values[static_cast<size_t>(v.id)]; }

  /// Appends an op with new Arena values for its outputs.
  std::vector<Value> append(std::unique_ptr<const Op> op, std::vector<Value> inputs, std::vector<Value> updates,
                            int node);

  /// The ops that read a value.
  std::vector<size_t> readers(Value v) const;
  /// The op that makes a value, or npos.
  size_t maker(Value v) const;
  static constexpr size_t npos = static_cast<size_t>(-1);
};

/// Stages of a plan's run from `first` to `last`, both included.
struct StageSpan {
  int64_t first = 0;
  int64_t last = 0;
};

/// Checks that every value is made before it is read and made once. A broken list is a defect of a pass: RB_ASSERT.
void verify(const OpList& list);

}  // namespace redbud
