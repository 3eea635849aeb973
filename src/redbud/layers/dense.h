#pragma once
#include "redbud/graph/layer.h"
#include "redbud/kernels/activation.h"

namespace redbud {

struct DenseConfig {
  int64_t units = 0;  // K, required
  bool bias = true;
  kernels::Activation activation = {};
  Initializer initializer = {};  // "auto": the pair of the activation, here or behind
  bool weight_standardization = false;
};

/// Every unit reads every element of a row.
///
///   y[n,k] = f(b[k] + sum_c x[n,c] * w[c,k])
///
/// With weight_standardization the product takes w less its mean over c, scaled to variance 1 / C for each unit; the
/// gradient goes through that (Qiao et al. 2019, arXiv 1903.10520; scaled as in Brock et al. 2021, arXiv 2101.08692, so
/// that outputs keep the variance of the inputs).
///
/// Shapes    x (N,C), or (N, ...) taken as one row of C elements   w (C,K)   b (K)   y (N,K)
/// Params    "weight" (decayed), "bias" (not decayed, starts at 0), "slope" (K) of a prelu (not decayed)
/// Throws    infer(): Error{Model} if units < 1, or for weight_standardization of weights with one input
class Dense final : public Layer {
 public:
  explicit Dense(DenseConfig config) : config_(std::move(config)) {}

  std::string_view kind() const override { return "dense"; }
  LayerSignature infer(std::span<const TensorType> inputs) const override;
  Value lower(const LayerIo& io, PlanBuilder& plan) const override;
  ConfigValue config() const override;
  std::optional<kernels::Activation> activation() const override;

 private:
  DenseConfig config_;
};

struct LayerEntry;
LayerEntry dense_entry();

}  // namespace redbud
