// Expectations by scikit-learn: tests/golden/metrics.py.
#include "redbud/train/metrics.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "redbud/losses/registry.h"
#include "redbud/plan/plan.h"
#include "redbud/testing/core/throws_error.h"
#include "redbud/testing/core/tolerance.h"
#include "redbud/train/metrics/tally.h"
#include "redbud/train/toy_data_test.h"

namespace redbud {
namespace {

/// 0.9 for the predicted class.
std::vector<float> probabilities_of(const std::vector<int>& predicted, int classes) {
  std::vector<float> p;
  for (int label : predicted) {
    for (int c = 0; c < classes; ++c) p.push_back(c == label ? 0.9F : 0.1F / static_cast<float>(classes - 1));
  }
  return p;
}

constexpr double kExact = 1e-15;  // a handful of divisions in double

TEST(Metrics, OfThreeClasses) {
  const std::vector<int32_t> truth = {0, 0, 1, 1, 1, 2, 2, 2, 2, 0};
  const Metrics m = classification_metrics(probabilities_of({0, 1, 1, 1, 2, 2, 2, 0, 2, 0}, 3), truth, 3);
  EXPECT_EQ(m.rows, 10);
  EXPECT_NEAR(*m.accuracy, 0.7, kExact);
  EXPECT_NEAR(*m.balanced_accuracy, 0.6944444444444443, kExact);
  EXPECT_NEAR(*m.f1_macro, 0.6944444444444443, kExact);
  EXPECT_EQ(m.confusion, (std::vector<std::vector<int64_t>>{{2, 1, 0}, {0, 2, 1}, {1, 0, 3}}));
  EXPECT_FALSE(m.auc.has_value());
  EXPECT_FALSE(m.rmse.has_value());
}

TEST(Metrics, OfClassesThatAreAbsent) {
  const std::vector<int32_t> truth = {0, 0, 0, 2, 2};
  const Metrics m = classification_metrics(probabilities_of({0, 1, 0, 0, 1}, 3), truth, 3);
  EXPECT_NEAR(*m.accuracy, 0.4, kExact);
  EXPECT_NEAR(*m.balanced_accuracy, 0.3333333333333333, kExact);
  EXPECT_NEAR(*m.f1_macro, 0.2222222222222222, kExact);
}

TEST(Metrics, AucAndLogLossWithTies) {
  const std::vector<int32_t> truth = {0, 1, 1, 0, 1, 0, 0, 1, 1, 0};
  const std::vector<float> score = {0.1F, 0.4F, 0.35F, 0.8F, 0.8F, 0.4F, 0.2F, 0.9F, 0.4F, 0.1F};
  std::vector<float> p;
  for (float s : score) {
    p.push_back(1.0F - s);
    p.push_back(s);
  }
  const Metrics m = classification_metrics(p, truth, 2);
  EXPECT_NEAR(*m.auc, 0.78, kExact);
  EXPECT_NEAR(m.loss, 0.5765035774048977, tolerance(DType::F32));
}

/// The share of pairs that are in the right order, ties counted half.
double auc_by_pairs(const std::vector<RankedScore>& scores) {
  double right = 0.0;
  double pairs = 0.0;
  for (const RankedScore& p : scores) {
    for (const RankedScore& n : scores) {
      if (!p.positive || n.positive) continue;
      ++pairs;
      right += p.score > n.score ? 1.0 : p.score == n.score ? 0.5 : 0.0;
    }
  }
  return right / pairs;
}

TEST(Metrics, AucIsTheShareOfPairsInOrder) {
  for (uint64_t seed = 0; seed < 20; ++seed) {
    const RandomKey key{.seed = seed};
    std::vector<RankedScore> scores;
    for (int64_t i = 0; i < 60; ++i) {
      scores.push_back({static_cast<double>(random_word(key, 2 * i) % 9), random_word(key, 2 * i + 1) % 3 == 0});
    }
    const double expected = auc_by_pairs(scores);
    EXPECT_NEAR(*auc_by_ranks(scores), expected, 1e-12);
  }
}

TEST(Metrics, AucNeedsBothClassesAndNumbers) {
  std::vector<RankedScore> one_class = {{0.1, true}, {0.2, true}};
  EXPECT_FALSE(auc_by_ranks(one_class).has_value());
  std::vector<RankedScore> not_a_number = {{std::nan(""), true}, {0.2, false}};
  EXPECT_FALSE(auc_by_ranks(not_a_number).has_value());
  std::vector<RankedScore> all_tied = {{0.5, true}, {0.5, false}, {0.5, false}};
  EXPECT_EQ(*auc_by_ranks(all_tied), 0.5);
}

TEST(Metrics, OfTwoTargets) {
  const std::vector<double> truth = {3.0, 1000.5, -0.5, 1002.0, 2.0, 1007.0, 7.0, 999.0};
  const std::vector<double> predictions = {2.5, 1000.0, 0.0, 1002.0, 2.0, 1008.0, 8.0, 998.25};
  const Metrics m = regression_metrics(predictions, truth, 2);
  EXPECT_EQ(m.rows, 4);
  EXPECT_NEAR(*m.rmse, 0.6427590182938037, kExact);
  EXPECT_NEAR(*m.mae, 0.53125, kExact);
  EXPECT_NEAR(*m.r2, 0.9492608906295652, kExact);
  EXPECT_NEAR(m.loss, 0.4140625, kExact);
  EXPECT_FALSE(m.accuracy.has_value());
}

TEST(Metrics, R2OfConstantTruths) {
  const std::vector<double> truth = {2.0, 2.0, 2.0};
  EXPECT_EQ(*regression_metrics(truth, truth, 1).r2, 1.0);
  EXPECT_EQ(*regression_metrics(std::vector<double>{1.0, 2.0, 3.0}, truth, 1).r2, 0.0);
}

TEST(Metrics, OfLabels) {
  const std::vector<std::vector<int>> truth = {{1, 0, 0, 0}, {0, 1, 0, 0}, {1, 1, 0, 0}, {1, 0, 0, 0}, {0, 0, 0, 0}};
  const std::vector<std::vector<int>> found = {{1, 0, 0, 0}, {1, 1, 0, 0}, {1, 0, 1, 0}, {1, 0, 0, 0}, {0, 0, 0, 0}};
  Tally tally({.targets = TargetKind::Labels, .link = Link::Logistic, .outputs = 4, .target_scale = {}, .rows = 5});
  for (int twice = 0; twice < 2; ++twice) {
    tally.clear();
    for (size_t n = 0; n < truth.size(); ++n) {
      std::vector<float> scores, targets;
      for (size_t k = 0; k < 4; ++k) {
        scores.push_back(found[n][k] == 1 ? 0.3F : -2.0F);
        targets.push_back(static_cast<float>(truth[n][k]));
      }
      tally.add({.rows = 1, .loss = 0.0, .scores = {scores.data(), 4}, .target = {targets.data(), 4}});
    }
    const Metrics m = tally.metrics();
    EXPECT_NEAR(*m.accuracy, 0.85, kExact);
    EXPECT_NEAR(*m.f1_macro, 0.38095238095238093, kExact);
    EXPECT_NEAR(*m.subset_accuracy, 0.6, kExact);
    EXPECT_FALSE(m.rmse.has_value());
  }
}

TEST(Metrics, OfRatesAreThoseOfTheExponentials) {
  Tally tally({.targets = TargetKind::Numbers, .link = Link::Exp, .outputs = 1, .target_scale = {10.0}, .rows = 2});
  std::vector<float> scores = {0.0F, std::log(3.0F)}, targets = {1.5F, 3.0F};
  tally.add({.rows = 2, .loss = 0.0, .scores = {scores.data(), 1}, .target = {targets.data(), 1}});
  EXPECT_NEAR(*tally.metrics().mae, 2.5, tolerance(DType::F32) * 10.0);
}

TEST(Metrics, AsConfigAndText) {
  const std::vector<int32_t> truth = {0, 1, 1};
  const Metrics m = classification_metrics(probabilities_of({0, 1, 0}, 2), truth, 2);
  const ConfigValue config = to_config(m);
  std::string keys;
  for (const ConfigEntry& entry : config.as_table("")) keys += entry.key + " ";
  EXPECT_EQ(keys, "rows loss accuracy balanced_accuracy f1_macro auc ");
  EXPECT_EQ(*to_config(m, true).find("confusion"),
            ConfigValue(ConfigValue::List{ConfigValue::List{1, 0}, ConfigValue::List{1, 1}}));
  EXPECT_EQ(to_text(m, {"no", "a very long name"}),
            "rows               3\n"
            "loss               0.837769\n"
            "accuracy           0.666667\n"
            "balanced_accuracy  0.75\n"
            "f1_macro           0.666667\n"
            "auc                0.75\n"
            "true \\ predicted            no a very long \n"
            "no                           1            0\n"
            "a very long                  1            1");
}

// --- over a network ---

TEST(Evaluate, AgreesWithMetricsOfItsPredictions) {
  // 1,300 rows: two whole chunks and one that is not.
  const Toy toy(toy_numbers(), toy_numbers({.rows = 1300, .seed = 3}));
  Model model = toy.model({.hidden = {8}, .batch_norm = NormPlace::None});
  model.values.initialize(5);
  ThreadPool pool(1);
  const Metrics m = evaluate(model, *toy.validation, pool);

  PlanOptions options;
  options.goal = PlanGoal::Predictions;
  options.rows = 1300;
  Plan plan(model.graph, loss_from_config(model.loss).get(), model.values, nullptr, options);
  std::vector<int64_t> rows(1300);
  std::iota(rows.begin(), rows.end(), 0);
  std::vector<float> target(1300);
  BatchView view = plan.batch();
  view.targets = {{target.data(), 1}};
  toy.validation->gather(rows, view);
  plan.run({.pool = pool});
  std::vector<double> predictions;
  std::vector<double> truth;
  for (int64_t n = 0; n < 1300; ++n) {
    predictions.push_back(toy.recipe.target_mean[0] + toy.recipe.target_scale[0] * plan.output().row<float>(n)[0]);
    truth.push_back(toy.recipe.target_mean[0] + toy.recipe.target_scale[0] * target[static_cast<size_t>(n)]);
  }
  const Metrics expected = regression_metrics(predictions, truth, 1);
  EXPECT_EQ(m.rows, 1300);
  EXPECT_NEAR(*m.rmse, *expected.rmse, tolerance(DType::F32, {.terms_per_sum = 8}) * *expected.rmse);
  EXPECT_NEAR(*m.mae, *expected.mae, tolerance(DType::F32, {.terms_per_sum = 8}) * *expected.mae);
  EXPECT_NEAR(*m.r2, *expected.r2, tolerance(DType::F32, {.terms_per_sum = 8}) * std::abs(*expected.r2));
  EXPECT_GT(*m.rmse, 10.0);  // in the target's units, not standardised ones
}

TEST(Evaluate, TheSameForAnyNumberOfThreads) {
  const Toy toy(toy_classes(), toy_classes({.rows = 1300, .seed = 3}));
  Model model = toy.model({.hidden = {8}, .batch_norm = NormPlace::None});
  model.values.initialize(5);
  ThreadPool one(1);
  ThreadPool three(3, {.threads = 3, .reason = ""});
  EXPECT_EQ(to_config(evaluate(model, *toy.validation, one), true),
            to_config(evaluate(model, *toy.validation, three), true));
}

TEST(Evaluate, RefusesRowsThatDoNotFit) {
  const Toy toy;
  const Toy wide(toy_classes({.features = 7}), toy_classes({.features = 7}));
  const Toy numbers(toy_numbers(), toy_numbers());
  const Model model = toy.model();
  ThreadPool pool(1);
  EXPECT_TRUE(
      throws_error([&] { evaluate(model, *wide.train, pool); }, ErrorKind::Data,
                   "evaluation data: the rows have another number of features than the network (7), expected 6"));
  EXPECT_TRUE(throws_error([&] { evaluate(model, *numbers.train, pool); }, ErrorKind::Data,
                           "evaluation data: the targets are not those of the loss softmax_cross_entropy"));
}

}  // namespace
}  // namespace redbud
