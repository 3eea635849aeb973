#include "redbud/graph/ops/dropout.h"

#include "redbud/core/text.h"
#include "redbud/graph/ops/bind_kernel.h"
#include "redbud/kernels/dropout.h"

namespace redbud {
namespace {

BoundStep bind_apply(const BindContext& c, const kernels::AlphaDropout& constants) {
  const ValueType& x = c.inputs[0].type;
  const kernels::DropoutApplyProblem problem{.type = x.type,
                                             .rows = x.rows(),
                                             .features = x.width(),
                                             .scale = constants.scale,
                                             .shift = constants.shift,
                                             .dropped = constants.dropped};
  const kernels::DropoutApplyArgs args{
      .x = c.inputs[0].memory, .y = c.outputs[0].memory, .mask = static_cast<const uint8_t*>(c.inputs[1].memory.data)};
  const auto move_to = [type = x.type, blocks = kernels::dropout_blocks(x.width())](auto& some, int64_t begin) {
    some.x = rows_from(some.x, type, begin);
    some.y = rows_from(some.y, type, begin);
    some.mask += begin * blocks;
  };
  return bind_row_kernel(kernels::dropout_apply_kernels(), problem, args, c.policy, move_to);
}

}  // namespace

std::vector<ValueType> DropoutMaskOp::outputs(std::span<const ValueType>) const {
  return {{DType::U8, {rows_, kernels::dropout_blocks(features_)}}};
}

BoundStep DropoutMaskOp::bind(const BindContext& c) const {
  const kernels::DropoutMaskProblem problem{
      .rows = rows_, .features = features_, .threshold = kernels::dropout_threshold(rate_)};
  auto choice = kernels::choose(kernels::dropout_mask_kernels(), problem, c.policy);
  const auto run = choice.kernel->run;
  auto* mask = static_cast<uint8_t*>(c.outputs[0].memory.data);
  const auto draw = [=, lane = lane_](const StepContext& s, int64_t begin, int64_t end) {
    const RandomKey key{.seed = s.seed, .stream = Stream::Dropout, .lane = lane, .step = s.step};
    kernels::DropoutMaskProblem some = problem;
    some.first_row = begin;
    some.rows = end - begin;
    run(some, {.key = key, .mask = mask}, s.pool);
  };
  return {.run = [=, rows = rows_](const StepContext& s) { draw(s, 0, rows); },
          .kernel = choice.kernel->name,
          .refused = std::move(choice.refused),
          .phases = {{.rows = [=](const StepContext& s, const RowPiece& rows) { draw(s, rows.begin, rows.end); }}}};
}

std::string DropoutMaskOp::detail() const { return "rate " + format_number(rate_); }

void DropoutApplyOp::differentiate(Differentiator& d) const {
  if (d.wants(0)) d.give(0, d.emit(std::make_unique<DropoutApplyOp>(scale_), {d.output_gradient(), d.input(1)})[0]);
}

BoundStep DropoutApplyOp::bind(const BindContext& c) const { return bind_apply(c, {.scale = scale_}); }

void AlphaDropoutApplyOp::differentiate(Differentiator& d) const {
  if (!d.wants(0)) return;
  d.give(0, d.emit(std::make_unique<DropoutApplyOp>(constants_.scale), {d.output_gradient(), d.input(1)})[0]);
}

BoundStep AlphaDropoutApplyOp::bind(const BindContext& c) const { return bind_apply(c, constants_); }

}  // namespace redbud
