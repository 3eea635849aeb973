#include "redbud/plan/row_stages.h"

#include <gtest/gtest.h>

#include <cmath>

#include "redbud/layers/mlp.h"
#include "redbud/losses/registry.h"
#include "redbud/plan/compile.h"

namespace redbud {
namespace {

constexpr int64_t kInputs = 30;

/// What two steps of training leave behind: gradients, running statistics and scores.
struct Left {
  std::vector<float> gradients, buffers, scores;
  double loss = 0.0;
  friend bool operator==(const Left&, const Left&) = default;
};

Left two_steps(const MlpConfig& config, int64_t rows, int threads) {
  const Graph graph = mlp_graph(config, kInputs, 3);
  ParameterStore values = graph.make_store();
  values.initialize(1);
  AlignedBuffer gradients(values.parameter_memory().bytes());
  Plan plan(graph, loss_from_config("softmax_cross_entropy").get(), values, &gradients,
            {.rows = rows, .disabled_passes = {}});
  const BlockView& x = plan.batch().inputs[0];
  ThreadPool pool(threads, ThreadGrant{.threads = threads, .reason = "test"});
  for (uint64_t step = 0; step < 2; ++step) {
    for (int64_t n = 0; n < rows; ++n) {
      for (int64_t k = 0; k < kInputs; ++k) {
        static_cast<float*>(x.data)[n * x.stride + k] =
            static_cast<float>(std::sin(0.7 * static_cast<double>(17 * n + k) + static_cast<double>(step)));
      }
      static_cast<int32_t*>(plan.batch().targets[0].data)[n] = static_cast<int32_t>(n % 3);
    }
    plan.run({pool, 3, step});
  }
  const auto g = gradients.as<float>();
  const auto b = values.buffer_memory().as<float>();
  Left left{{g.begin(), g.end()}, {b.begin(), b.end()}, {}, plan.loss()};
  for (int64_t n = 0; n < rows; ++n) {
    const float* row = plan.output().row<float>(n);
    left.scores.insert(left.scores.end(), row, row + plan.output_width());
  }
  return left;
}

// One layer is too wide to be cut by rows, one activation stores its slopes, some batches are not cut evenly.
TEST(RowStages, LeaveTheBitsOfOneThread) {
  for (const NormPlace place : {NormPlace::Before, NormPlace::After, NormPlace::None}) {
    for (const auto kind :
         {kernels::ActivationKind::Elu, kernels::ActivationKind::Silu, kernels::ActivationKind::Prelu}) {
      for (const int64_t rows : {95, 96, 131, 200, 515}) {
        SCOPED_TRACE(testing::Message() << static_cast<int>(place) << " " << static_cast<int>(kind) << " " << rows);
        MlpConfig config{.hidden = {70, 33, 400, 400, 20, 50}, .batch_norm = place, .dropout = 0.3};
        config.activation = kernels::info_of(kind).defaults;
        config.input_dropout = 0.1;
        const Left one = two_steps(config, rows, 1);
        EXPECT_TRUE(std::isfinite(one.loss));
        for (const int threads : {2, 3, 7}) EXPECT_TRUE(two_steps(config, rows, threads) == one) << threads;
      }
    }
  }
}

Lowered lowered_mlp(int64_t rows, NormPlace place) {
  const Graph graph = mlp_graph({.hidden = {40, 50, 60}, .batch_norm = place, .dropout = 0.3}, kInputs, 4);
  std::vector<std::string> ran;
  return compile(graph, loss_from_config("softmax_cross_entropy").get(), {.rows = rows, .disabled_passes = {}}, ran);
}

int64_t count_stages(const std::vector<StageSpan>& spans) { return spans.back().last + 1; }

TEST(RowStages, MeetOnceALayerForwardAndTwiceBackward) {
  // Forward: after the sums of each normalisation, after the scores, and after the loss. Backward, of each of the four
  // layers: after the halves of the weights' gradient, and after their sum, the input's gradient and the sums of the
  // normalisation below.
  const Lowered two = lowered_mlp(128, NormPlace::Before);
  EXPECT_EQ(count_stages(stage_spans(two.list, 128)), (3 + 1 + 1) + 2 * 4);
  // Without normalisation, all products of the forward pass are one stage.
  const Lowered plain = lowered_mlp(128, NormPlace::None);
  const auto spans = stage_spans(plain.list, 128);
  for (size_t i = 0; i < spans.size(); ++i) {
    if (plain.list.ops[i].op->name() == "linear") {
      EXPECT_EQ(spans[i].first, 0);
      EXPECT_EQ(spans[i].last, 0);
    }
  }
}

TEST(RowStages, GiveEachOpThatIsNotCutAStageOfItsOwn) {
  const Lowered lowered = lowered_mlp(128, NormPlace::Before);
  const auto spans = stage_spans(lowered.list, 128);
  ASSERT_EQ(spans.size(), lowered.list.ops.size());
  for (size_t i = 1; i < spans.size(); ++i) {
    const bool cut = row_cut(lowered.list, lowered.list.ops[i], 128).phases > 0;
    const bool cut_before = row_cut(lowered.list, lowered.list.ops[i - 1], 128).phases > 0;
    EXPECT_GE(spans[i].first, spans[i - 1].last);
    if (!cut || !cut_before) {
      EXPECT_GT(spans[i].first, spans[i - 1].last) << i;
    }
  }
}

}  // namespace
}  // namespace redbud
