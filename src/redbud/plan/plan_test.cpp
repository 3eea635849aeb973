#include "redbud/plan/plan.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "redbud/layers/mlp.h"
#include "redbud/losses/registry.h"
#include "redbud/testing/core/throws_error.h"

namespace redbud {
namespace {

class PlanTest : public testing::Test {
 protected:
  void build(const MlpConfig& config, PlanOptions options) {
    graph = mlp_graph(config, 12, 3);
    build(options);
  }

  void build(const PlanOptions& options) {
    values = graph.make_store();
    values.initialize(1);
    gradients = AlignedBuffer(values.parameter_memory().bytes());
    plan = std::make_unique<Plan>(graph, loss_from_config("softmax_cross_entropy").get(), values, &gradients, options);
    const BlockView& x = plan->batch().inputs[0];
    for (int64_t n = 0; n < plan->rows(); ++n) {
      for (int64_t k = 0; k < 12; ++k)
        static_cast<float*>(x.data)[n * x.stride + k] =
            static_cast<float>(std::sin(0.7 * static_cast<double>(17 * n + k)));
      if (!plan->batch().targets.empty())
        static_cast<int32_t*>(plan->batch().targets[0].data)[n] = static_cast<int32_t>(n % 3);
    }
  }

  int count(const std::string& op) const {
    int found = 0;
    for (const StepInfo& step : plan->steps()) found += step.op == op ? 1 : 0;
    return found;
  }

  Graph graph;
  ParameterStore values;
  AlignedBuffer gradients;
  std::unique_ptr<Plan> plan;
  ThreadPool pool{1};
};

TEST_F(PlanTest, ComputesNoGradientOfTheFirstLayersInput) {
  build({.hidden = {8, 8, 8}, .batch_norm = NormPlace::None}, {.rows = 5, .disabled_passes = {}});
  EXPECT_EQ(count("linear_weight_gradient"), 4);
  EXPECT_EQ(count("linear_input_gradient"), 3);
}

TEST_F(PlanTest, ComputesNothingBelowAFrozenCut) {
  graph = mlp_graph({.hidden = {8, 8, 8}, .dropout = 0.5}, 12, 3);
  for (const char* name : {"hidden1", "hidden1_norm", "hidden1_dropout", "hidden2", "hidden2_norm", "hidden2_dropout"})
    graph.freeze(name);
  build({.rows = 5, .disabled_passes = {}});
  EXPECT_EQ(count("linear_weight_gradient"), 2);
  EXPECT_EQ(count("linear_input_gradient"), 1);
  EXPECT_EQ(count("batch_norm"), 1);  // the two frozen ones use their running statistics
  EXPECT_EQ(count("batch_norm_inference"), 2);
  EXPECT_EQ(count("dropout_mask"), 1);  // and their dropout is off
}

TEST_F(PlanTest, FusesTheGuidelinesLayerIntoThreeSteps) {
  build({.hidden = {8, 8}, .dropout = 0.5}, {.rows = 6, .disabled_passes = {}});
  EXPECT_EQ(count("linear"), 3);
  EXPECT_EQ(count("batch_norm"), 2);
  EXPECT_EQ(count("dropout_mask"), 2);
  EXPECT_EQ(count("activation") + count("dropout"), 0);
  EXPECT_EQ(plan->passes(), (std::vector<std::string>{"fuse_norm_activation", "fuse_norm_dropout"}));
  build({.hidden = {8, 8}, .dropout = 0.5}, {.rows = 6, .disabled_passes = {"fuse_norm_dropout"}});
  EXPECT_EQ(count("dropout"), 4);  // forward and backward
}

TEST_F(PlanTest, EveryPassLeavesLossAndGradientsAsTheyWere) {
  const MlpConfig config{.hidden = {8, 9, 10}, .dropout = 0.4, .input_dropout = 0.2};
  build(config, {.rows = 16, .disabled_passes = pass_names()});
  plan->run({pool, 3, 11});
  const double loss = plan->loss();
  const std::vector<float> unfused(gradients.as<float>().begin(), gradients.as<float>().end());
  for (const std::string& kept : pass_names()) {
    std::vector<std::string> disabled = pass_names();
    std::erase(disabled, kept);
    build(config, {.rows = 16, .disabled_passes = disabled});
    plan->run({pool, 3, 11});
    EXPECT_NEAR(plan->loss(), loss, 1e-5 * std::abs(loss)) << kept;
    for (size_t i = 0; i < unfused.size(); ++i)
      ASSERT_NEAR(gradients.as<float>()[i], unfused[i], 2e-5F) << kept << " element " << i;
  }
}

TEST_F(PlanTest, NamesTheFirstLayerThatIsNotFinite) {
  build({.hidden = {8, 8}, .batch_norm = NormPlace::None}, {.rows = 4, .disabled_passes = {}});
  EXPECT_EQ(plan->find_non_finite({pool, 1, 1}), "");
  values.parameter(*values.parameters().find("hidden2.weight"))[5] = std::numeric_limits<float>::infinity();
  EXPECT_EQ(plan->find_non_finite({pool, 1, 1}), "layer hidden2_elu (activation), linear");
  static_cast<float*>(plan->batch().inputs[0].data)[3] = std::nanf("");
  EXPECT_EQ(plan->find_non_finite({pool, 1, 1}), "the input");
}

TEST_F(PlanTest, IsTheSameForAnyNumberOfThreads) {
  const MlpConfig config{.hidden = {70, 70}, .dropout = 0.4};
  std::vector<float> first;
  for (int threads : {1, 2, 3, 7}) {
    build(config, {.rows = 64, .disabled_passes = {}});
    ThreadPool several(threads);
    plan->run({several, 3, 11});
    const auto g = gradients.as<float>();
    if (first.empty()) first.assign(g.begin(), g.end());
    EXPECT_TRUE(std::equal(g.begin(), g.end(), first.begin())) << threads;
  }
}

TEST_F(PlanTest, RefusesWhatCannotBePlanned) {
  EXPECT_TRUE(throws_error([&] { build({.hidden = {8}}, {.rows = 1, .disabled_passes = {}}); }, ErrorKind::Model,
                           "layer \"hidden1_norm\": batch normalisation has no variance in a batch of one row"));
  EXPECT_TRUE(throws_error([&] { build({.hidden = {8}}, {.rows = 4, .disabled_passes = {"fuse_norm_dropot"}}); },
                           ErrorKind::Usage, "did you mean fuse_norm_dropout?"));
}

TEST_F(PlanTest, ExplainsEachStep) {
  build({.hidden = {8, 8}}, {.rows = 50, .disabled_passes = {}});
  const std::string text = explain(*plan, true);
  EXPECT_NE(text.find("batch_norm [elu(1)]"), std::string::npos) << text;
  EXPECT_NE(text.find("(50, 12) (12, 8) -> (50, 8)"), std::string::npos) << text;
  EXPECT_NE(text.find("cpu:simd"), std::string::npos) << text;
  build({.hidden = {8, 8}}, {.rows = 50, .kernels = kernels::KernelPolicy::ReferenceOnly, .disabled_passes = {}});
  EXPECT_NE(explain(*plan, true).find("not cpu:simd: only references are wanted"), std::string::npos);
}

}  // namespace
}  // namespace redbud
