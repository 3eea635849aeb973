// Monte Carlo dropout on the UCI sets with their 20 fixed splits: docs/regularisation.md has the table that this
// prints.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <sstream>

#include "redbud/core/bytes.h"
#include "redbud/core/file.h"
#include "redbud/data/read.h"
#include "redbud/data/recipe.h"
#include "redbud/data/split.h"
#include "redbud/layers/mlp.h"
#include "redbud/predict/dropout_sampler.h"
#include "redbud/predict/predictor.h"
#include "redbud/testing/core/data_folder.h"
#include "redbud/train/trainer.h"

namespace redbud {
namespace {

constexpr int kSplits = 20;
constexpr int64_t kSamples = 100;

/// The numbers of a text file, line by line; in all files of these sets blanks part them.
std::vector<std::vector<double>> numbers_of(const Path& path) {
  const std::vector<std::byte> bytes = read_file(path);
  std::istringstream text{std::string(as_text(bytes))};
  std::vector<std::vector<double>> lines;
  for (std::string line; std::getline(text, line);) {
    std::istringstream words(line);
    std::vector<double> numbers;
    for (double number; words >> number;) numbers.push_back(number);
    if (!numbers.empty()) lines.push_back(std::move(numbers));
  }
  return lines;
}

/// One set with its splits.
class UciSet {
 public:
  explicit UciSet(const Path& folder) : folder_(folder), rows_(numbers_of(folder / "data.txt")) {
    for (const auto& line : numbers_of(folder / "index_features.txt"))
      features_.push_back(static_cast<size_t>(line[0]));
    target_ = static_cast<size_t>(numbers_of(folder / "index_target.txt")[0][0]);
  }

  /// `part` is "train" or "test".
  Dataset rows(const std::string& part, int split) const {
    std::vector<float> x, y;
    for (const auto& line : numbers_of(folder_ / ("index_" + part + "_" + std::to_string(split) + ".txt"))) {
      const std::vector<double>& row = rows_.at(static_cast<size_t>(line[0]));
      for (size_t k : features_) x.push_back(static_cast<float>(row[k]));
      y.push_back(static_cast<float>(row[target_]));
    }
    return from_arrays(x, static_cast<int64_t>(y.size()), std::span<const float>(y));
  }

 private:
  Path folder_;
  std::vector<std::vector<double>> rows_;
  std::vector<size_t> features_;
  size_t target_ = 0;
};

/// As in the published runs: one hidden layer of 50 ReLUs, dropout on the inputs and on the hidden layer, Adam, as many
/// steps (4,000 epochs of batches of 128 there).
TrainResult trained(const Dataset& rows, const Dataset& validation, double rate) {
  const MlpConfig net{
      .hidden = {50}, .activation = relu(), .batch_norm = NormPlace::None, .dropout = rate, .input_dropout = rate};
  const FitConfig config{
      .batch_size = 32, .epochs = 1000, .patience = 0, .weight_average = 0.0, .seed = 1, .threads = 1};
  return fit(mlp(net, rows.schema()), rows, validation, config);
}

/// The rate that does best on a fifth of the training rows.
double best_rate(const Dataset& rows) {
  const Split parts = split(rows, {.validation = 0.2, .seed = 1});
  double best = 0.0, least = 1e9;
  for (const double rate : {0.005, 0.01, 0.05, 0.1}) {
    const double loss = trained(parts.train, parts.validation, rate).validation.loss;
    if (loss >= least) continue;
    best = rate;
    least = loss;
  }
  return best;
}

struct Truth {
  std::vector<float> x;
  std::vector<double> y;
};

Truth truth_of(const Dataset& rows, const Recipe& recipe) {
  const auto source = encode(rows, recipe);
  const auto width = static_cast<size_t>(recipe.schema.features());
  Truth truth;
  truth.x.resize(static_cast<size_t>(rows.rows()) * width);
  for (int64_t n = 0; n < rows.rows(); ++n) {
    float target = 0.0F;
    source->gather(std::span(&n, 1),
                   {.inputs = {{truth.x.data() + static_cast<size_t>(n) * width, recipe.schema.features()}},
                    .targets = {{&target, 1}}});
    truth.y.push_back(static_cast<double>(target));
  }
  return truth;
}

/// In the target's own units.
double rmse(std::span<const float> predicted, const Truth& truth, const Recipe& recipe) {
  double squares = 0.0;
  for (size_t i = 0; i < predicted.size(); ++i) squares += std::pow(static_cast<double>(predicted[i]) - truth.y[i], 2);
  return recipe.target_scale[0] * std::sqrt(squares / static_cast<double>(predicted.size()));
}

double plain_rmse(const Model& model, const Truth& truth) {
  const Predictor predictor(model);
  const auto rows = static_cast<int64_t>(truth.y.size());
  Predictor::Context context(predictor, rows);
  std::vector<float> y(truth.y.size());
  predictor.predict(truth.x, rows, y, context);
  return rmse(y, truth, model.recipe);
}

struct Samples {
  std::vector<float> mean, deviation;
};

Samples samples_of(const Model& model, const Truth& truth) {
  DropoutSampler sampler(model, {.samples = kSamples, .seed = 1});
  ThreadPool pool(1);
  Samples samples{std::vector<float>(truth.y.size()), std::vector<float>(truth.y.size())};
  sampler.predict({.x = truth.x, .mean = samples.mean, .deviation = samples.deviation}, pool);
  return samples;
}

/// Spread and squared error of rows, in standard deviations of the target.
using SpreadAndError = std::vector<std::pair<double, double>>;

/// How many times as large the RMSE is in the quarter of the rows that spread most as in the quarter that spreads
/// least.
double error_ratio_of_quarters(SpreadAndError rows) {
  std::sort(rows.begin(), rows.end());
  const size_t quarter = rows.size() / 4;
  double low = 0.0, high = 0.0;
  for (size_t i = 0; i < quarter; ++i) {
    low += rows[i].second;
    high += rows[rows.size() - 1 - i].second;
  }
  return std::sqrt(high / low);
}

struct Figures {
  double plain = 0.0;    // without dropout
  double weights = 0.0;  // with dropout in training only
  double sampled = 0.0;  // and at prediction
  double rate = 0.0;     // that was chosen
};

/// All training rows are trained on, at the rate that a part of them chose.
Figures of_split(const UciSet& set, int split, SpreadAndError& rows_seen) {
  const Dataset rows = set.rows("train", split);
  const Model plain = trained(rows, rows, 0.0).best;
  const double rate = best_rate(rows);
  const Model dropping = trained(rows, rows, rate).best;
  const Truth truth = truth_of(set.rows("test", split), plain.recipe);
  const Samples samples = samples_of(dropping, truth);
  for (size_t i = 0; i < truth.y.size(); ++i) {
    rows_seen.emplace_back(static_cast<double>(samples.deviation[i]),
                           std::pow(static_cast<double>(samples.mean[i]) - truth.y[i], 2));
  }
  return {plain_rmse(plain, truth), plain_rmse(dropping, truth), rmse(samples.mean, truth, dropping.recipe), rate};
}

struct Published {
  const char* name;
  double plain, sampled;
  double least_ratio;  // of the errors of the quarters; 0: the small rate that is chosen here says nothing of the error

  friend std::ostream& operator<<(std::ostream& out, const Published& set) { return out << set.name; }
};

class NightlyUciDropout : public ::testing::TestWithParam<Published> {};

TEST_P(NightlyUciDropout, MeanOfSamplesIsBelowTheErrorPublishedWithoutDropout) {
  const auto data = require_data();
  if (!data) GTEST_SKIP() << kNoData;
  const UciSet set(*data / "uci-regression" / GetParam().name / "data");
  Figures mean;
  SpreadAndError rows_seen;
  for (int split = 0; split < kSplits; ++split) {
    const Figures figures = of_split(set, split, rows_seen);
    mean.plain += figures.plain / kSplits;
    mean.weights += figures.weights / kSplits;
    mean.sampled += figures.sampled / kSplits;
    mean.rate += figures.rate / kSplits;
  }
  const double ratio = error_ratio_of_quarters(rows_seen);
  std::printf("| %s | %.3f | %.3f | %.3f | %.3f | %.2f / %.2f | %.1f |\n", GetParam().name, mean.rate, mean.plain,
              mean.weights, mean.sampled, GetParam().plain, GetParam().sampled, ratio);
  EXPECT_LE(mean.sampled, GetParam().plain);
  EXPECT_GE(ratio, GetParam().least_ratio);
}

INSTANTIATE_TEST_SUITE_P(Sets, NightlyUciDropout,
                         ::testing::Values(Published{"bostonHousing", 3.61, 2.90, 1.5},
                                           Published{"concrete", 5.45, 4.83, 0.0}, Published{"energy", 0.97, 0.54, 0.0},
                                           Published{"yacht", 1.23, 0.67, 2.0}),
                         [](const auto& set) { return std::string(set.param.name); });

}  // namespace
}  // namespace redbud
