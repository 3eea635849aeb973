#pragma once
#include "redbud/graph/op.h"
#include "redbud/kernels/dropout.h"

namespace redbud {

/// Draws which elements are kept. Inputs  none.  Outputs  mask (N, ceil(features / 8)) U8.
class DropoutMaskOp final : public Op {
 public:
  DropoutMaskOp(int64_t rows, int64_t features, double rate, uint32_t lane)
      : rows_(rows), features_(features), rate_(rate), lane_(lane) {}

  std::string_view name() const override { return "dropout_mask"; }
  std::vector<ValueType> outputs(std::span<const ValueType> inputs) const override;
  void differentiate(Differentiator&) const override {}  // a mask has no gradient
  BoundStep bind(const BindContext& context) const override;
  RowCut row_cut(std::span<const ValueType>) const override { return {.phases = 1}; }
  std::string detail() const override;

 private:
  int64_t rows_;
  int64_t features_;
  double rate_;
  uint32_t lane_;
};

/// y = keep ? x * scale : 0; its own gradient. Inputs  x (N,K), mask.  Outputs  y (N,K).
class DropoutApplyOp final : public Op {
 public:
  explicit DropoutApplyOp(double scale) : scale_(scale) {}

  double scale() const { return scale_; }

  std::string_view name() const override { return "dropout"; }
  std::vector<ValueType> outputs(std::span<const ValueType> inputs) const override { return {inputs[0]}; }
  void differentiate(Differentiator& d) const override;
  BoundStep bind(const BindContext& context) const override;
  RowCut row_cut(std::span<const ValueType>) const override { return {.phases = 1}; }
  int in_place_input() const override { return 0; }

 private:
  double scale_;
};

/// Keeps mean and variance of SELU's outputs (kernels::alpha_dropout). Inputs  x (N,K), mask.  Outputs  y (N,K).
class AlphaDropoutApplyOp final : public Op {
 public:
  explicit AlphaDropoutApplyOp(kernels::AlphaDropout constants) : constants_(constants) {}

  std::string_view name() const override { return "alpha_dropout"; }
  std::vector<ValueType> outputs(std::span<const ValueType> inputs) const override { return {inputs[0]}; }
  void differentiate(Differentiator& d) const override;
  BoundStep bind(const BindContext& context) const override;
  RowCut row_cut(std::span<const ValueType>) const override { return {.phases = 1}; }
  int in_place_input() const override { return 0; }

 private:
  kernels::AlphaDropout constants_;
};

}  // namespace redbud
