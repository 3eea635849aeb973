#pragma once
#include <memory>
#include <string_view>

#include "redbud/core/config_value.h"
#include "redbud/data/batch.h"
#include "redbud/graph/plan_builder.h"

namespace redbud {

/// What a loss compares a row of scores with.
enum class TargetKind {
  Classes,  // one class
  Labels,   // 0 or 1 for each output
  Numbers,  // a number for each output
  Vectors,  // the direction of a vector
};

/// How scores become predictions.
enum class Link {
  Identity,  // they are them
  Softmax,   // probabilities of classes
  Logistic,  // a probability each
  Exp,       // rates
};

/// What is minimised, and how a network's scores become predictions. Its constants are part of it.
class Loss {
 public:
  virtual ~Loss() = default;
  virtual std::string_view kind() const = 0;
  /// What losses/registry makes the same loss of: its name, or a table where constants are not the defaults.
  virtual ConfigValue config() const = 0;
  virtual TargetKind target_kind() const = 0;
  virtual Link link() const = 0;
  /// Whether targets may lie between: shares of classes, labels between 0 and 1. Numbers always may.
  virtual bool takes_soft_targets() const = 0;
  /// The loss (one F64 value) and the gradient of the scores, of the mean over rows, or of the weighted mean where
  /// `weight` exists. `target` is as target_block says, or, for classes, shares (N, outputs).
  virtual std::vector<Value> lower(Value scores, Value target, Value weight, bool gradient,
                                   PlanBuilder& plan) const = 0;
  /// Scores to what `predict` prints, by the link.
  virtual Value lower_prediction(Value scores, PlanBuilder& plan) const = 0;
};

/// The block of targets that goes with `outputs` scores; `soft`: shares of classes rather than an index.
inline BlockType target_block(const Loss& loss, int64_t outputs, bool soft = false) {
  if (loss.target_kind() == TargetKind::Classes && !soft) return {"y", DType::I32, {1}};
  return {"y", DType::F32, {outputs}};
}

}  // namespace redbud
