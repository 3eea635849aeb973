#include "redbud/plan/memory_plan.h"

#include <algorithm>
#include <numeric>

namespace redbud {
namespace {

constexpr int64_t kAlignBytes = 64;

int64_t round_up(int64_t value, int64_t to) { return (value + to - 1) / to * to; }

bool in_arena(const PlanValue& value) { return value.storage == Storage::Arena || value.storage == Storage::Slot; }

bool is_number(DType type) { return type == DType::F32 || type == DType::F64; }

int64_t bytes_of(const PlanValue& value) {
  const int64_t rows = value.type.shape.rank() == 0 ? 1 : value.type.rows();
  return round_up(rows * row_stride(value) * size_of(value.type.type), kAlignBytes);
}

/// A stretch of memory and the ops during which it is in use; several values in place of one another share one.
struct Block {
  int64_t bytes = 0;
  int64_t first = 0;
  int64_t last = -1;
  int64_t offset = 0;
};

class Planner {
 public:
  Planner(const OpList& list, const std::vector<StageSpan>& spans)
      : list_(list), spans_(spans), block_of_(list.values.size(), -1), last_read_(list.values.size(), -1) {
    for (size_t i = 0; i < list.ops.size(); ++i) {
      for (Value v : list.ops[i].inputs) last_read_[static_cast<size_t>(v.id)] = static_cast<int64_t>(i);
    }
  }

  MemoryPlan run() {
    add_slots();
    for (size_t i = 0; i < list_.ops.size(); ++i) add_outputs(i);
    place();
    return collect();
  }

 private:
  void add_slots() {
    for (size_t v = 0; v < list_.values.size(); ++v) {
      if (list_.values[v].storage != Storage::Slot) continue;
      block_of_[v] = new_block(list_.values[v], 0, static_cast<int64_t>(list_.ops.size()));
    }
  }

  void add_outputs(size_t i) {
    const PlanOp& op = list_.ops[i];
    const auto now = static_cast<int64_t>(i);
    for (size_t k = 0; k < op.outputs.size(); ++k) {
      const auto v = static_cast<size_t>(op.outputs[k].id);
      if (list_.values[v].storage != Storage::Arena) continue;
      const int64_t last = spans_[static_cast<size_t>(std::max(now, last_read_[v]))].last;
      const int taken = k == 0 ? block_to_take_over(op, now) : -1;
      if (taken >= 0) {
        block_of_[v] = taken;
        blocks_[static_cast<size_t>(taken)].last = last;
      } else {
        block_of_[v] = new_block(list_.values[v], spans_[i].first, last);
      }
    }
  }

  /// The block of the input that this op is the last to read, if output 0 may lie in its place.
  int block_to_take_over(const PlanOp& op, int64_t now) const {
    const int at = op.op->in_place_input();
    if (at < 0) return -1;
    const Value input = op.inputs[static_cast<size_t>(at)];
    const PlanValue& from = list_[input];
    const PlanValue& to = list_[op.outputs[0]];
    const bool same = from.type.type == to.type.type && from.type.shape == to.type.shape;
    const bool twice = std::count(op.inputs.begin(), op.inputs.end(), input) > 1;
    if (from.storage != Storage::Arena || !same || twice || last_read_[static_cast<size_t>(input.id)] != now) return -1;
    return block_of_[static_cast<size_t>(input.id)];
  }

  int new_block(const PlanValue& value, int64_t first, int64_t last) {
    blocks_.push_back({bytes_of(value), first, last, 0});
    return static_cast<int>(blocks_.size()) - 1;
  }

  void place() {
    std::vector<size_t> order(blocks_.size());
    std::iota(order.begin(), order.end(), size_t{0});
    std::stable_sort(order.begin(), order.end(),
                     [&](size_t a, size_t b) { return blocks_[a].bytes > blocks_[b].bytes; });
    std::vector<const Block*> placed;  // by offset
    for (size_t b : order) {
      Block& block = blocks_[b];
      int64_t at = 0;
      for (const Block* other : placed) {
        const bool meet = other->first <= block.last && block.first <= other->last;
        if (!meet) continue;
        if (at + block.bytes <= other->offset) break;
        at = std::max(at, other->offset + other->bytes);
      }
      block.offset = at;
      total_ = std::max(total_, at + block.bytes);
      placed.insert(std::upper_bound(placed.begin(), placed.end(), &block,
                                     [](const Block* x, const Block* y) { return x->offset < y->offset; }),
                    &block);
    }
  }

  MemoryPlan collect() const {
    MemoryPlan plan;
    plan.bytes = total_;
    for (size_t v = 0; v < list_.values.size(); ++v) {
      plan.offset.push_back(block_of_[v] >= 0 ? blocks_[static_cast<size_t>(block_of_[v])].offset : -1);
      plan.stride.push_back(row_stride(list_.values[v]));
    }
    return plan;
  }

  const OpList& list_;
  const std::vector<StageSpan>& spans_;
  std::vector<int> block_of_;
  std::vector<int64_t> last_read_;
  std::vector<Block> blocks_;
  int64_t total_ = 0;
};

}  // namespace

int64_t padded_row(int64_t width, int64_t element_bytes) {
  const int64_t line = kAlignBytes / element_bytes;
  const int64_t padded = round_up(width, line);
  return padded % (16 * line) == 0 ? padded + line : padded;
}

int64_t row_stride(const PlanValue& value) {
  const int64_t width = value.type.width();
  if (!in_arena(value) || value.type.shape.rank() < 2 || !is_number(value.type.type)) return width;
  return padded_row(width, size_of(value.type.type));
}

MemoryPlan plan_memory(const OpList& list, const std::vector<StageSpan>& spans) { return Planner(list, spans).run(); }

MemoryPlan plan_memory(const OpList& list) {
  std::vector<StageSpan> each;
  for (size_t i = 0; i < list.ops.size(); ++i) each.push_back({static_cast<int64_t>(i), static_cast<int64_t>(i)});
  return plan_memory(list, each);
}

}  // namespace redbud
