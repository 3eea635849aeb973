#include "redbud/layers/combine.h"

#include "redbud/core/error.h"
#include "redbud/graph/ops/combine.h"
#include "redbud/layers/registry.h"

namespace redbud {
namespace {

void require_several(std::string_view kind, std::span<const TensorType> inputs) {
  if (inputs.size() >= 2) return;
  throw Error(ErrorKind::Model, {.fact = std::string(kind) + " has too few inputs",
                                 .found = std::to_string(inputs.size()),
                                 .expected = "2 or more",
                                 .hint = "name them: inputs = [\"a\", \"b\"]"});
}

template <class L>
LayerEntry entry_of(std::string_view kind, std::string_view meaning) {
  return {.kind = kind, .meaning = meaning, .keys = {}, .make = [](const ConfigValue&) -> std::shared_ptr<const Layer> {
            return std::make_shared<L>();
          }};
}

}  // namespace

LayerSignature Add::infer(std::span<const TensorType> inputs) const {
  require_several(kind(), inputs);
  for (const TensorType& input : inputs) {
    if (!(input.shape == inputs[0].shape)) {
      throw Error(ErrorKind::Model, {.fact = "add has inputs of different shapes",
                                     .found = to_string(input.shape),
                                     .expected = to_string(inputs[0].shape)});
    }
  }
  return {inputs[0], {}, {}};
}

Value Add::lower(const LayerIo& io, PlanBuilder& plan) const {
  Value sum = io.inputs[0];
  for (const Value& input : io.inputs.subspan(1)) sum = plan.emit(std::make_unique<AddOp>(), {sum, input})[0];
  return sum;
}

LayerSignature Concat::infer(std::span<const TensorType> inputs) const {
  require_several(kind(), inputs);
  int64_t width = 0;
  for (const TensorType& input : inputs) width += input.shape.elements();
  return {{.shape = {width}}, {}, {}};
}

Value Concat::lower(const LayerIo& io, PlanBuilder& plan) const {
  return plan.emit(std::make_unique<ConcatOp>(), std::vector<Value>(io.inputs.begin(), io.inputs.end()))[0];
}

LayerEntry add_entry() { return entry_of<Add>("add", "adds inputs of the same shape"); }
LayerEntry concat_entry() { return entry_of<Concat>("concat", "puts inputs side by side"); }

}  // namespace redbud
