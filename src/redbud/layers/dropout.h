#pragma once
#include "redbud/graph/layer.h"

namespace redbud {

struct DropoutConfig {
  double rate = 0.5;  // share of elements that are dropped, in [0, 1)
};

/// Drops each element with probability `rate` in training, and scales the others by 1 / (1 - rate), so that the mean
/// stays and prediction needs nothing. Equal in the mean to the chapter's form, which multiplies the weights by 1 -
/// rate after training.
///
/// Shapes    x, y (N,K)
/// Source    Srivastava et al. 2014, section 10 ("inverted")
class Dropout final : public Layer {
 public:
  explicit Dropout(DropoutConfig config) : config_(config) {}

  std::string_view kind() const override { return "dropout"; }
  LayerSignature infer(std::span<const TensorType> inputs) const override;
  Value lower(const LayerIo& io, PlanBuilder& plan) const override;
  ConfigValue config() const override;
  bool is_random() const override { return true; }

 private:
  DropoutConfig config_;
};

struct LayerEntry;
LayerEntry dropout_entry();

}  // namespace redbud
