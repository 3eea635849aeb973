#include "redbud/optim/fused_update.h"

#include <cmath>

#include "redbud/optim/learning_rules.h"

namespace redbud {
namespace {

using Rule = kernels::OptimizerStepProblem::Rule;

float* at(AlignedBuffer* buffer, int64_t begin) {
  return buffer == nullptr ? nullptr : buffer->as<float>().data() + begin;
}

/// All that is the same for every run.
kernels::OptimizerStepArgs common_args(const OptimizerConfig& c, const FusedUpdate::Args& args, Rule rule) {
  const bool has_momentum = rule == Rule::Momentum || rule == Rule::Nesterov;
  const bool has_rho = rule == Rule::RmsProp || rule == Rule::CenteredRmsProp || rule == Rule::Adadelta;
  const auto t = static_cast<double>(args.step);
  return {
      .learning_rate = args.learning_rate,
      .beta1 = has_momentum ? c.momentum : c.beta1,
      .beta2 = has_rho ? c.rho : c.beta2,
      .epsilon = c.epsilon,
      .correction1 = 1.0 - std::pow(c.beta1, t),
      .correction2 = 1.0 - std::pow(c.beta2, t),
      .next_correction1 = 1.0 - std::pow(c.beta1, t + 1.0),
      .rectifier = rule == Rule::RAdam ? radam_rectifier(c.beta2, args.step) : 0.0,
      .gradient_scale = c.clip_norm > 0.0 && args.norm.clipped > c.clip_norm ? c.clip_norm / args.norm.clipped : 1.0,
      .clip_value = c.clip_value};
}

}  // namespace

FusedUpdate::FusedUpdate(const OptimizerConfig& resolved, const SegmentLayout& layout) : config_(resolved) {
  const bool decays = resolved.l1 > 0.0 || resolved.l2 > 0.0 || resolved.weight_decay > 0.0;
  const RunCut cut{.by_decay = decays, .by_segment = resolved.clip_tensor_norm > 0.0};
  for (const ParameterRun& run : parameter_runs(layout, cut)) {
    const kernels::OptimizerStepProblem problem{
        .type = DType::F32, .rule = learning_rule(resolved.name).kernel, .size = run.size};
    pieces_.push_back({run, problem, kernels::choose(kernels::optimizer_step_kernels(), problem).kernel});
  }
}

void FusedUpdate::run(const Args& args, ThreadPool& pool) const {
  const kernels::OptimizerStepArgs common = common_args(config_, args, learning_rule(config_.name).kernel);
  for (size_t i = 0; i < pieces_.size(); ++i) {
    const Piece& piece = pieces_[i];
    kernels::OptimizerStepArgs a = common;
    a.w = at(&args.parameters, piece.run.begin);
    a.g = args.gradients.as<float>().data() + piece.run.begin;
    a.first = at(args.first, piece.run.begin);
    a.second = at(args.second, piece.run.begin);
    a.third = at(args.third, piece.run.begin);
    if (!args.norm.tensor_scales.empty()) a.gradient_scale *= args.norm.tensor_scales[i];
    if (piece.run.decayed) {
      a.l1 = config_.l1;
      a.l2 = config_.l2;
      a.weight_decay = config_.weight_decay;
    }
    piece.kernel->run(piece.problem, a, pool);
  }
}

}  // namespace redbud
