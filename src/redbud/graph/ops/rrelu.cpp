#include "redbud/graph/ops/rrelu.h"

#include "redbud/core/text.h"
#include "redbud/graph/ops/activation.h"
#include "redbud/kernels/rrelu.h"

namespace redbud {

void RreluOp::differentiate(Differentiator& d) const { differentiate_by_slopes(d); }

BoundStep RreluOp::bind(const BindContext& c) const {
  const ValueType& z = c.inputs[0].type;
  const kernels::RreluForwardProblem problem{
      .type = z.type, .rows = z.rows(), .features = z.width(), .lower = lower_, .upper = upper_};
  auto choice = kernels::choose(kernels::rrelu_forward_kernels(), problem, c.policy);
  const auto run = choice.kernel->run;
  kernels::RreluForwardArgs args{
      .key = {}, .z = c.inputs[0].memory, .y = c.outputs[0].memory, .slope = c.outputs[1].memory};
  return {.run =
              [=, lane = lane_](const StepContext& s) {
                kernels::RreluForwardArgs drawn = args;
                drawn.key = {.seed = s.seed, .stream = Stream::Slope, .lane = lane, .step = s.step};
                run(problem, drawn, s.pool);
              },
          .kernel = choice.kernel->name,
          .refused = std::move(choice.refused)};
}

std::string RreluOp::detail() const { return "slope " + format_number(lower_) + " to " + format_number(upper_); }

}  // namespace redbud
