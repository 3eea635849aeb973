#pragma once
#include "redbud/graph/op.h"

namespace redbud {

/// Draws normal numbers (kernels/normal_noise.h). Inputs  none.  Outputs  y (N,K).
class NormalNoiseOp final : public Op {
 public:
  struct Config {
    DType type = DType::F32;
    int64_t rows = 0;
    int64_t features = 0;
    double mean = 0.0;
    double sigma = 1.0;
    uint32_t lane = 0;
  };
  explicit NormalNoiseOp(const Config& config) : config_(config) {}

  std::string_view name() const override { return "normal_noise"; }
  std::vector<ValueType> outputs(std::span<const ValueType> inputs) const override;
  void differentiate(Differentiator&) const override {}  // nothing trains it
  BoundStep bind(const BindContext& context) const override;
  std::string detail() const override;

 private:
  Config config_;
};

/// y = a * b, element by element. Inputs  a, b (N,K).  Outputs  y (N,K).
class MultiplyOp final : public Op {
 public:
  std::string_view name() const override { return "multiply"; }
  std::vector<ValueType> outputs(std::span<const ValueType> inputs) const override { return {inputs[0]}; }
  void differentiate(Differentiator& d) const override;
  BoundStep bind(const BindContext& context) const override;
  int in_place_input() const override { return 0; }
};

}  // namespace redbud
