// Every loss through a whole training; weights of rows from the data to the loss.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "redbud/data/class_weights.h"
#include "redbud/losses/choose_loss.h"
#include "redbud/losses/registry.h"
#include "redbud/testing/core/throws_error.h"
#include "redbud/testing/core/tolerance.h"
#include "redbud/train/loss_toy_test.h"
#include "redbud/train/toy_run_test.h"

namespace redbud {
namespace {

TEST(TrainLosses, EachIsLearned) {
  for (const std::string& name : loss_names()) {
    SCOPED_TRACE(name);
    LossToy toy(name);
    Recorder recorder;
    RunOptions options;
    options.observers = {&recorder};
    const TrainResult result = run_training(toy.model, *toy.train, *toy.validation, config_for(30), options);
    EXPECT_LT(result.validation.loss, recorder.epochs.front().validation.loss);
    const TargetKind kind = loss_from_config(name)->target_kind();
    if (kind == TargetKind::Classes) EXPECT_GT(*result.validation.accuracy, 0.8);
    if (kind == TargetKind::Labels) EXPECT_GT(*result.validation.accuracy, 0.9);
    if (kind == TargetKind::Labels) EXPECT_GT(*result.validation.subset_accuracy, 0.8);
    if (kind == TargetKind::Numbers) EXPECT_GT(*result.validation.r2, 0.7);
    if (kind == TargetKind::Vectors) EXPECT_LT(result.validation.loss, 0.1);
  }
}

TEST(TrainLosses, APoissonModelIsScaledByTheMean) {
  const LossToy toy("poisson");
  EXPECT_EQ(toy.recipe.target_mean, (std::vector<double>{0.0, 0.0}));
  EXPECT_GT(toy.recipe.target_scale[0], 2.0);
}

TEST(TrainLosses, CountsThatAreNone) {
  const std::vector<float> x(4), negative = {1, 2, -1, 3}, none(4);
  const auto fit = [&](const std::vector<float>& y) {
    fit_recipe(from_arrays(x, 4, std::span<const float>(y)), MissingPolicy::Error, nullptr, TargetScaling::ByMean);
  };
  EXPECT_TRUE(throws_error([&] { fit(negative); }, ErrorKind::Data,
                           "target \"y\" is no count or rate (-1), expected numbers of at least 0, not all of them 0"));
  EXPECT_TRUE(throws_error([&] { fit(none); }, ErrorKind::Data, "target \"y\" is no count or rate (0 in every row)"));
}

/// Weights of rows from a function of their numbers.
class Weighted final : public SampleSource {
 public:
  Weighted(const SampleSource& rows, std::vector<float> weights) : rows_(rows), weights_(std::move(weights)) {
    type_ = rows.type();
    type_.weighted = true;
  }
  const BatchType& type() const override { return type_; }
  int64_t rows() const override { return rows_.rows(); }
  void gather(std::span<const int64_t> rows, const BatchView& batch) const override {
    rows_.gather(rows, batch);
    for (size_t i = 0; i < rows.size(); ++i) batch.weights[i] = weights_[static_cast<size_t>(rows[i])];
  }

 private:
  const SampleSource& rows_;
  BatchType type_;
  std::vector<float> weights_;
};

TEST(TrainWeights, TheLossIsThatOfRowsRepeatedAndMetricsDoNotWeigh) {
  const Dataset data = toy_classes({.rows = 60});
  const Recipe recipe = fit_recipe(data, MissingPolicy::Error);
  Model model = mlp({.hidden = {8}, .batch_norm = NormPlace::None}, recipe.schema);
  model.values.initialize(3);
  model.recipe = recipe;
  std::vector<float> weights;
  std::vector<int64_t> repeated;
  for (int64_t n = 0; n < 60; ++n) {
    weights.push_back(static_cast<float>(n % 4));
    for (int64_t i = 0; i < n % 4; ++i) repeated.push_back(n);
  }
  ThreadPool pool(1);
  const auto plain = encode(data, recipe);
  const Metrics weighted = evaluate(model, Weighted(*plain, weights), pool);
  const Metrics again = evaluate(model, *encode(data.select(repeated), recipe), pool);
  const Metrics unweighted = evaluate(model, *plain, pool);
  EXPECT_NEAR(weighted.loss, again.loss, tolerance(DType::F32, {.terms_per_sum = 8}) * again.loss);
  EXPECT_NE(weighted.loss, unweighted.loss);
  EXPECT_EQ(*weighted.accuracy, *unweighted.accuracy);
}

TEST(TrainWeights, BalancedClassesFindTheRareOne) {
  // 20 rows of class 1 among 220, overlapping.
  std::vector<float> x;
  std::vector<int32_t> y;
  for (int64_t n = 0; n < 220; ++n) {
    y.push_back(n % 11 == 0 ? 1 : 0);
    x.push_back(static_cast<float>(random_normal({.seed = 4}, n) + (y.back() == 1 ? 1.5 : 0.0)));
  }
  const Dataset data = from_arrays(x, 220, std::span<const int32_t>(y), {"often", "rare"});
  const Recipe recipe = fit_recipe(data, MissingPolicy::Error);
  const auto recall_with = [&](const ClassWeights& weights) {
    const auto rows = with_class_weights(encode(data, recipe), class_weights(weights, data));
    Model model = mlp({.hidden = {}}, recipe.schema);
    model.recipe = recipe;
    TrainConfig config = config_for(150);
    config.batch_size = 110;
    const TrainResult result = run_training(model, *rows, *rows, config, {});
    return *result.validation.balanced_accuracy;
  };
  EXPECT_GT(recall_with(ClassWeights::balanced()), recall_with({}) + 0.1);
}

}  // namespace
}  // namespace redbud
