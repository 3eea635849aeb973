#pragma once
#include <span>

#include "redbud/graph/op.h"
#include "redbud/kernels/losses.h"

namespace redbud {

/// Any loss of kernels/losses.h: the mean loss and, if wanted, the gradient of the scores.
/// A target of numbers stands for shares of classes where the loss is one of classes.
/// Inputs  scores (N,K), target, weight (N) if weighted.  Outputs  loss (1) F64, dscores (N,K) if gradient
class LossOp final : public Op {
 public:
  using Kernels = std::span<const kernels::LossKernel> (*)();
  LossOp(std::string_view name, Kernels list, const kernels::LossConstants& constants, bool gradient)
      : name_(name), list_(list), constants_(constants), gradient_(gradient) {}

  std::string_view name() const override { return name_; }
  std::vector<ValueType> outputs(std::span<const ValueType> inputs) const override;
  void differentiate(Differentiator& d) const override;
  BoundStep bind(const BindContext& context) const override;

 private:
  std::string_view name_;
  Kernels list_;
  kernels::LossConstants constants_;
  bool gradient_;
};

}  // namespace redbud
