#include "redbud/graph/ops/noise.h"

#include "redbud/core/text.h"
#include "redbud/graph/ops/bind_kernel.h"
#include "redbud/kernels/elementwise.h"
#include "redbud/kernels/normal_noise.h"

namespace redbud {

std::vector<ValueType> NormalNoiseOp::outputs(std::span<const ValueType>) const {
  return {{config_.type, {config_.rows, config_.features}}};
}

BoundStep NormalNoiseOp::bind(const BindContext& c) const {
  const kernels::NormalNoiseProblem problem{.type = config_.type,
                                            .rows = config_.rows,
                                            .features = config_.features,
                                            .mean = config_.mean,
                                            .sigma = config_.sigma};
  auto choice = kernels::choose(kernels::normal_noise_kernels(), problem, c.policy);
  const auto run = choice.kernel->run;
  return {.run =
              [=, y = c.outputs[0].memory, lane = config_.lane](const StepContext& s) {
                const RandomKey key{.seed = s.seed, .stream = Stream::Dropout, .lane = lane, .step = s.step};
                run(problem, {.key = key, .y = y}, s.pool);
              },
          .kernel = choice.kernel->name,
          .refused = std::move(choice.refused)};
}

std::string NormalNoiseOp::detail() const { return "sigma " + format_number(static_cast<float>(config_.sigma)); }

void MultiplyOp::differentiate(Differentiator& d) const {
  for (int i = 0; i < 2; ++i) {
    if (d.wants(i)) d.give(i, d.emit(std::make_unique<MultiplyOp>(), {d.output_gradient(), d.input(1 - i)})[0]);
  }
}

BoundStep MultiplyOp::bind(const BindContext& c) const {
  const ValueType& a = c.inputs[0].type;
  return bind_kernel(
      kernels::multiply_kernels(), kernels::MultiplyProblem{.type = a.type, .rows = a.rows(), .features = a.width()},
      kernels::MultiplyArgs{.a = c.inputs[0].memory, .b = c.inputs[1].memory, .y = c.outputs[0].memory}, c.policy);
}

}  // namespace redbud
