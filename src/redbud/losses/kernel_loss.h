#pragma once
#include <string>
#include <utility>

#include "redbud/graph/loss.h"
#include "redbud/graph/ops/loss.h"

namespace redbud {

/// What a loss of kernels/losses.h is, beside its constants.
struct KernelLossType {
  std::string_view name;
  LossOp::Kernels kernels;
  TargetKind targets;
  Link link;
  bool soft = false;  // takes_soft_targets
};

/// A loss that one kernel computes.
class KernelLoss final : public Loss {
 public:
  KernelLoss(const KernelLossType& type, const kernels::LossConstants& constants, ConfigValue config)
      : type_(type), constants_(constants), config_(std::move(config)) {}

  std::string_view kind() const override { return type_.name; }
  ConfigValue config() const override { return config_; }
  TargetKind target_kind() const override { return type_.targets; }
  Link link() const override { return type_.link; }
  bool takes_soft_targets() const override { return type_.soft; }
  std::vector<Value> lower(Value scores, Value target, Value weight, bool gradient, PlanBuilder& plan) const override;
  Value lower_prediction(Value scores, PlanBuilder& plan) const override;

 private:
  KernelLossType type_;
  kernels::LossConstants constants_;
  ConfigValue config_;
};

}  // namespace redbud
