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
kernels::OptimizerStepArgs common_args(const OptimizerConfig& c, const UpdateArgs& args, Rule rule) {
  const bool has_momentum = rule == Rule::Momentum || rule == Rule::Nesterov;
  const bool has_rho = rule == Rule::RmsProp || rule == Rule::CenteredRmsProp || rule == Rule::Adadelta;
  const auto t = static_cast<double>(args.step);
  const double beta1 = args.momentum.value_or(has_momentum ? c.momentum : c.beta1);
  return {.learning_rate = args.learning_rate,
          .beta1 = beta1,
          .beta2 = has_rho ? c.rho : c.beta2,
          .epsilon = c.epsilon,
          .correction1 = 1.0 - std::pow(beta1, t),
          .correction2 = 1.0 - std::pow(c.beta2, t),
          .next_correction1 = 1.0 - std::pow(beta1, t + 1.0),
          .rectifier = rule == Rule::RAdam ? radam_rectifier(c.beta2, args.step) : 0.0,
          .first_step = args.step == 1,
          .beta = c.beta,
          .share = args.share,
          .clip_value = c.clip_value};
}

}  // namespace

FusedUpdate::FusedUpdate(const OptimizerConfig& resolved, const SegmentLayout& layout,
                         const std::function<bool(const ParameterRun&)>& takes)
    : config_(resolved) {
  const LearningRule& rule = learning_rule(resolved.name);
  const bool orthogonal = rule.way == LearningRule::Way::Orthogonal;
  const bool by_segment = resolved.clip_tensor_norm > 0.0 || orthogonal;
  size_t number = 0;
  for (const ParameterRun& run :
       parameter_runs(layout, resolved, by_segment ? RunCut::BySegment : RunCut::BySettings)) {
    const kernels::OptimizerStepProblem problem{.type = DType::F32, .rule = rule.kernel, .size = run.size};
    if (takes(run)) {
      pieces_.push_back({run, problem, kernels::choose(kernels::optimizer_step_kernels(), problem).kernel, number});
    }
    ++number;
  }
}

void FusedUpdate::run(const UpdateArgs& args, AlignedBuffer* directions, ThreadPool& pool) const {
  const kernels::OptimizerStepArgs common = common_args(config_, args, learning_rule(config_.name).kernel);
  for (const Piece& piece : pieces_) {
    kernels::OptimizerStepArgs a = common;
    a.w = at(&args.parameters, piece.run.begin);
    a.g = args.gradients.as<float>().data() + piece.run.begin;
    a.first = at(args.first, piece.run.begin);
    a.second = at(args.second, piece.run.begin);
    a.third = at(args.third, piece.run.begin);
    a.direction = at(directions, piece.run.begin);
    a.gradient_scale = clip_scale(config_, args.norm, piece.number);
    a.learning_rate *= piece.run.settings.rate;
    a.l1 = piece.run.settings.l1;
    a.l2 = piece.run.settings.l2;
    a.weight_decay = piece.run.settings.weight_decay;
    piece.kernel->run(piece.problem, a, pool);
  }
}

}  // namespace redbud
