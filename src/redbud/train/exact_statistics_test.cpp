#include "redbud/train/exact_statistics.h"

#include <gtest/gtest.h>

#include "redbud/layers/batch_norm.h"
#include "redbud/layers/dense.h"
#include "redbud/losses/registry.h"
#include "redbud/testing/core/tolerance.h"
#include "redbud/train/step.h"
#include "redbud/train/toy_data_test.h"

namespace redbud {
namespace {

/// x -> norm -> dense: what the norm sees are the rows themselves. `twice`: a second norm shares the first one's
/// values.
Graph norm_first(bool twice) {
  Graph graph;
  graph.add_input("x", {6});
  graph.add("norm", std::make_shared<BatchNorm>(BatchNormConfig{.momentum = 0.9}));
  if (twice)
    graph.add("again", std::make_shared<BatchNorm>(BatchNormConfig{.momentum = 0.9}),
              {.inputs = {"x"}, .shares = "norm"});
  graph.add("out", std::make_shared<Dense>(DenseConfig{.units = 3}));
  return graph;
}

class Rig {
 public:
  explicit Rig(bool twice, StatisticsRule rule = StatisticsRule::Auto)
      : graph_(norm_first(twice)),
        values_(graph_.make_store()),
        optimizer_(adam(), graph_.parameter_layout()),
        cut_(toy_.train->rows(), 20),
        stepper_({.graph = graph_,
                  .loss = loss_from_config("softmax_cross_entropy"),
                  .values = values_,
                  .optimizer = optimizer_,
                  .source = *toy_.train},
                 cut_, {}),
        statistics(graph_, values_, rule) {
    values_.initialize(1);
  }

  void train(int steps) {
    for (int i = 0; i < steps; ++i) {
      stepper_.run(order(), i % cut_.steps(), {.pool = pool_, .seed = 1, .step = static_cast<uint64_t>(i)});
    }
  }
  void make_exact() {
    statistics.begin();
    for (int64_t step = 0; step < cut_.steps(); ++step) {
      statistics.before_batch();
      stepper_.forward(order(), step, {.pool = pool_, .seed = 1});
      statistics.after_batch(cut_.rows(step));
    }
    statistics.finish();
  }
  std::vector<float> buffer(int i) {
    const auto values = values_.buffer(i);
    return {values.begin(), values.end()};
  }
  const BatchCut& cut() const { return cut_; }
  const SampleSource& rows() const { return *toy_.train; }

 private:
  EpochOrder order() const { return {cut_, toy_.train->rows(), 1, 0}; }

  Toy toy_;
  Graph graph_;
  ParameterStore values_;
  Optimizer optimizer_;
  BatchCut cut_;
  Stepper stepper_;
  ThreadPool pool_{1};

 public:
  ExactStatistics statistics;
};

struct Moments {
  std::vector<double> mean = std::vector<double>(6);
  std::vector<double> var = std::vector<double>(6);
};

Moments moments_of(const SampleSource& source) {
  Moments m;
  const auto n = static_cast<double>(source.rows());
  for (int sweep = 0; sweep < 2; ++sweep) {
    for (int64_t i = 0; i < source.rows(); ++i) {
      float x[6] = {};
      int32_t y = 0;
      source.gather(std::span(&i, 1), {.inputs = {{x, 6}}, .targets = {{&y, 1}}});
      for (size_t k = 0; k < 6; ++k) {
        if (sweep == 0) m.mean[k] += x[k] / n;
        if (sweep == 1) m.var[k] += (x[k] - m.mean[k]) * (x[k] - m.mean[k]) / n;
      }
    }
  }
  return m;
}

TEST(ExactStatistics, AreThoseOfTheWholeTrainingSet) {
  for (bool twice : {false, true}) {
    Rig rig(twice);
    rig.train(3);
    rig.make_exact();
    const Moments expected = moments_of(rig.rows());
    // Means of standardised rows are near 0: compare on the scale of the deviations, 1.
    const auto mean = rig.buffer(0);
    const double tol = tolerance(DType::F32, {.terms_per_sum = 203});
    for (size_t k = 0; k < 6; ++k) EXPECT_NEAR(mean[k], expected.mean[k], tol);
    EXPECT_TRUE(all_close(rig.buffer(1), expected.var, tol));
    EXPECT_EQ(rig.buffer(2), std::vector<float>({-1.0F}));
  }
}

TEST(ExactStatistics, TrainingGoesOnWithItsRunningAverages) {
  Rig rig(false);
  rig.train(3);
  const auto mean = rig.buffer(0);
  const auto var = rig.buffer(1);
  rig.make_exact();
  EXPECT_NE(rig.buffer(0), mean);
  rig.statistics.restore();
  EXPECT_EQ(rig.buffer(0), mean);
  EXPECT_EQ(rig.buffer(1), var);
  EXPECT_EQ(rig.buffer(2), std::vector<float>({3.0F}));
}

TEST(ExactStatistics, AreNeededWhileTheAveragesHaveSeenFewBatches) {
  Rig rig(false);
  EXPECT_TRUE(rig.statistics.are_needed());
  rig.train(49);
  EXPECT_TRUE(rig.statistics.are_needed());
  rig.train(1);  // 50 = 5 / (1 - 0.9)
  EXPECT_FALSE(rig.statistics.are_needed());
}

TEST(ExactStatistics, AreMadeAlwaysOrNeverWhereThatIsWanted) {
  Rig always(false, StatisticsRule::Always);
  always.train(50);
  EXPECT_TRUE(always.statistics.are_needed());
  EXPECT_EQ(always.statistics.batches(always.cut()), always.cut().steps());
  const Rig never(false, StatisticsRule::Never);
  EXPECT_FALSE(never.statistics.are_needed());  // nor after no step at all
  EXPECT_FALSE(never.statistics.are_needed_for_average());
  EXPECT_TRUE(always.statistics.are_needed_for_average());
}

TEST(ExactStatistics, AreNeverNeededWithoutBatchNormOrWhereItIsFrozen) {
  const Toy toy;
  Model plain = toy.model({.hidden = {4}, .batch_norm = NormPlace::None});
  EXPECT_FALSE(ExactStatistics(plain.graph, plain.values).are_needed());
  Model frozen = toy.model({.hidden = {4}});
  frozen.graph.freeze("hidden1_norm");
  EXPECT_FALSE(ExactStatistics(frozen.graph, frozen.values).are_needed());
}

}  // namespace
}  // namespace redbud
