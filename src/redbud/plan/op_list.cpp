#include "redbud/plan/op_list.h"

#include <algorithm>

namespace redbud {
namespace {

bool contains(const std::vector<Value>& values, Value v) {
  return std::find(values.begin(), values.end(), v) != values.end();
}

}  // namespace

std::vector<Value> OpList::append(std::unique_ptr<const Op> op, std::vector<Value> inputs, std::vector<Value> updates,
                                  int node) {
  std::vector<ValueType> types;
  for (Value v : inputs) types.push_back((*this)[v].type);
  std::vector<Value> outputs;
  for (const ValueType& type : op->outputs(types)) outputs.push_back(add_value(type, Storage::Arena));
  ops.push_back({std::move(op), std::move(inputs), outputs, std::move(updates), node});
  return outputs;
}

std::vector<size_t> OpList::readers(Value v) const {
  std::vector<size_t> found;
  for (size_t i = 0; i < ops.size(); ++i) {
    if (contains(ops[i].inputs, v)) found.push_back(i);
  }
  return found;
}

size_t OpList::maker(Value v) const {
  for (size_t i = 0; i < ops.size(); ++i) {
    if (contains(ops[i].outputs, v)) return i;
  }
  return npos;
}

void verify(const OpList& list) {
  std::vector<bool> made(list.values.size(), false);
  for (size_t v = 0; v < list.values.size(); ++v) made[v] = list.values[v].storage != Storage::Arena;
  for (const PlanOp& op : list.ops) {
    for (Value v : op.inputs) RB_ASSERT(made[static_cast<size_t>(v.id)]);
    for (Value v : op.updates) RB_ASSERT(list[v].storage == Storage::Gradient || list[v].storage == Storage::Buffer);
    for (Value v : op.outputs) {
      RB_ASSERT(list[v].storage == Storage::Slot || !made[static_cast<size_t>(v.id)]);
      made[static_cast<size_t>(v.id)] = true;
    }
  }
}

}  // namespace redbud
