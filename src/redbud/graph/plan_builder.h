#pragma once
#include <cstdint>
#include <memory>
#include <vector>

#include "redbud/graph/op.h"

namespace redbud {

/// What a plan is for. Train: dropout, the batch's own statistics. Statistics: the batch's own statistics, and no
/// dropout. Predict: no dropout, running statistics. Sample: dropout, running statistics.
enum class PlanMode { Train, Statistics, Predict, Sample };

/// Whether dropout and its kin draw their random numbers.
inline bool is_random(PlanMode mode) { return mode == PlanMode::Train || mode == PlanMode::Sample; }
/// Whether batch normalisation uses the batch's own statistics, and updates the running ones.
inline bool sees_batch(PlanMode mode) { return mode == PlanMode::Train || mode == PlanMode::Statistics; }

/// What a layer lowers itself to. Implemented by plan/.
class PlanBuilder {
 public:
  virtual ~PlanBuilder() = default;
  virtual PlanMode mode() const = 0;
  virtual int64_t rows() const = 0;
  virtual DType type() const = 0;
  virtual const ValueType& type_of(Value v) const = 0;
  /// Appends an operation; gives its outputs.
  virtual std::vector<Value> emit(std::unique_ptr<const Op> op, std::vector<Value> inputs,
                                  std::vector<Value> updates = {}) = 0;
  /// A number that no other layer of the plan has, the same each time the graph is lowered: the lane of a layer's
  /// random numbers.
  virtual uint32_t next_lane() = 0;
};

}  // namespace redbud
