#include "redbud/plan/memory_plan.h"

#include <gtest/gtest.h>

#include "redbud/layers/mlp.h"
#include "redbud/losses/registry.h"
#include "redbud/plan/compile.h"
#include "redbud/plan/row_stages.h"

namespace redbud {
namespace {

/// The op at which a value is made and the last one that reads it, found from the list alone, and the stages from the
/// one to the other.
struct Life {
  size_t made = 0, last_read = 0;
  StageSpan stages;
};

Life life_of(const OpList& list, const std::vector<StageSpan>& spans, size_t v) {
  const auto ops = list.ops.size();
  if (list.values[v].storage == Storage::Slot) return {0, ops, {0, static_cast<int64_t>(ops)}};
  const Value value{static_cast<int>(v)};
  const size_t made = list.maker(value);
  const auto readers = list.readers(value);
  const size_t last = readers.empty() ? made : readers.back();
  return {made, last, {spans[made].first, spans[last].last}};
}

/// Values whose lives meet must not share bytes, but where one is read for the last time by the op that makes the other
/// in its place, or before: row by row, which is the order in each chunk of the rows.
void expect_no_clash(const OpList& list, const std::vector<StageSpan>& spans, const MemoryPlan& plan) {
  for (size_t a = 0; a < list.values.size(); ++a) {
    for (size_t b = a + 1; b < list.values.size(); ++b) {
      if (plan.offset[a] < 0 || plan.offset[b] < 0) continue;
      const auto end = [&](size_t v) {
        return plan.offset[v] + list.values[v].type.rows() * plan.stride[v] * size_of(list.values[v].type.type);
      };
      const bool share = plan.offset[a] < end(b) && plan.offset[b] < end(a);
      const Life x = life_of(list, spans, a), y = life_of(list, spans, b);
      const bool follow = x.last_read <= y.made || y.last_read <= x.made;
      const bool meet = x.stages.first <= y.stages.last && y.stages.first <= x.stages.last;
      if (share && meet) {
        EXPECT_TRUE(follow && plan.offset[a] == plan.offset[b] && plan.stride[a] == plan.stride[b])
            << "values " << a << " and " << b;
      }
    }
  }
}

Lowered lowered_mlp(const MlpConfig& config, const std::vector<std::string>& disabled) {
  const Graph graph = mlp_graph(config, 30, 4);
  std::vector<std::string> ran;
  return compile(graph, loss_from_config("softmax_cross_entropy").get(), {.rows = 137, .disabled_passes = disabled},
                 ran);
}

std::vector<StageSpan> one_by_one(const OpList& list) {
  std::vector<StageSpan> spans;
  for (int64_t i = 0; i < static_cast<int64_t>(list.ops.size()); ++i) spans.push_back({i, i});
  return spans;
}

TEST(MemoryPlan, NeverGivesTwoLivingValuesTheSameBytes) {
  for (const NormPlace place : {NormPlace::Before, NormPlace::After, NormPlace::None}) {
    const MlpConfig config{.hidden = {40, 50, 60, 20}, .batch_norm = place, .dropout = 0.3, .input_dropout = 0.2};
    for (const auto& disabled : {std::vector<std::string>{}, pass_names()}) {
      const Lowered lowered = lowered_mlp(config, disabled);
      expect_no_clash(lowered.list, one_by_one(lowered.list), plan_memory(lowered.list));
      const auto spans = stage_spans(lowered.list, 137);
      expect_no_clash(lowered.list, spans, plan_memory(lowered.list, spans));
    }
  }
}

TEST(MemoryPlan, SharesMemoryInDeepPrediction) {
  const Graph graph = mlp_graph({.hidden = std::vector<int64_t>(20, 100), .batch_norm = NormPlace::None}, 100, 10);
  std::vector<std::string> ran;
  const Lowered lowered = compile(graph, loss_from_config("softmax_cross_entropy").get(),
                                  {.goal = PlanGoal::Predictions, .rows = 64, .disabled_passes = {}}, ran);
  const int64_t layer = 64 * 112 * 4;
  // Input, output, and two hidden layers at a time, not twenty.
  EXPECT_LE(plan_memory(lowered.list).bytes, 3 * layer + 2 * 64 * 16 * 4);
}

TEST(MemoryPlan, KeepsRowsAlignedAndOffTheSameSets) {
  EXPECT_EQ(row_stride({{DType::F32, {8, 100}}, Storage::Arena}), 112);
  EXPECT_EQ(row_stride({{DType::F32, {8, 512}}, Storage::Arena}), 528);
  EXPECT_EQ(row_stride({{DType::F32, {512, 512}}, Storage::Parameter}), 512);
  EXPECT_EQ(row_stride({{DType::U8, {8, 13}}, Storage::Arena}), 13);
}

}  // namespace
}  // namespace redbud
