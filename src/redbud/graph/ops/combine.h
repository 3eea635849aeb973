#pragma once
#include "redbud/graph/op.h"

namespace redbud {

/// y = a + b. Inputs  a, b (N,K).  Outputs  y (N,K).
class AddOp final : public Op {
 public:
  std::string_view name() const override { return "add"; }
  std::vector<ValueType> outputs(std::span<const ValueType> inputs) const override { return {inputs[0]}; }
  void differentiate(Differentiator& d) const override;
  BoundStep bind(const BindContext& context) const override;
  int in_place_input() const override { return 0; }
};

/// y = the inputs side by side. Inputs  x_i (N,K_i).  Outputs  y (N, sum K_i).
class ConcatOp final : public Op {
 public:
  std::string_view name() const override { return "concat"; }
  std::vector<ValueType> outputs(std::span<const ValueType> inputs) const override;
  void differentiate(Differentiator& d) const override;
  BoundStep bind(const BindContext& context) const override;
};

/// y = columns [begin, begin + width) of x. Inputs  x (N,K).  Outputs  y (N,width). Made by the gradient of concat.
class SliceOp final : public Op {
 public:
  SliceOp(int64_t begin, int64_t width) : begin_(begin), width_(width) {}

  std::string_view name() const override { return "slice"; }
  std::vector<ValueType> outputs(std::span<const ValueType> inputs) const override {
    return {{inputs[0].type, {inputs[0].rows(), width_}}};
  }
  void differentiate(Differentiator&) const override { RB_ASSERT(false); }
  BoundStep bind(const BindContext& context) const override;

 private:
  int64_t begin_;
  int64_t width_;
};

}  // namespace redbud
