#include "redbud/train/mixup.h"

#include <gtest/gtest.h>

#include <numeric>

#include "redbud/core/random_beta.h"
#include "redbud/data/split.h"
#include "redbud/testing/core/throws_error.h"
#include "redbud/train/toy_run_test.h"

namespace redbud {
namespace {

/// Rows 0 ... of a source, mixed, beside the rows as they are.
struct MixedRows {
  static constexpr int64_t kRows = 50;

  std::vector<float> x, y;
  std::vector<float> plain_x, plain_y;
  std::vector<int32_t> plain_classes;
  int64_t features;
  int64_t outputs;

  MixedRows(const SampleSource& source, int64_t target_width, const MixupDraw& draw, int threads)
      : features(source.type().inputs[0].width()), outputs(target_width) {
    x.resize(static_cast<size_t>(kRows * features));
    y.resize(static_cast<size_t>(kRows * outputs));
    plain_x = x;
    plain_y = y;
    plain_classes.resize(static_cast<size_t>(kRows));
    std::vector<int64_t> rows(kRows);
    std::iota(rows.begin(), rows.end(), 0);
    const bool classes = source.type().targets[0].type == DType::I32;
    source.gather(rows,
                  {.inputs = {{plain_x.data(), features}},
                   .targets = {classes ? BlockView{plain_classes.data(), 1} : BlockView{plain_y.data(), outputs}}});
    ThreadPool pool(threads, {.threads = threads, .reason = ""});
    Mixup mixup(source.type(), {.inputs = {{x.data(), features}}, .targets = {{y.data(), outputs}}}, kRows, outputs);
    mixup.run(source, rows, draw, pool);
  }
  double plain_target(int64_t row, int64_t k, bool classes) const {
    if (classes) return plain_classes[static_cast<size_t>(row)] == k ? 1.0 : 0.0;
    return plain_y[static_cast<size_t>(row * outputs + k)];
  }
};

constexpr MixupDraw kDraw{.alpha = 0.4, .seed = 5, .step = 17};

/// The formula, from the shares and partners that the draw is said to give.
void expect_mixed(const MixedRows& m, bool classes) {
  const Permutation partner(MixedRows::kRows, kDraw.seed, kDraw.step, Stream::Augment);
  const RandomKey key{.seed = kDraw.seed, .stream = Stream::Augment, .lane = 1, .step = kDraw.step};
  for (int64_t i = 0; i < MixedRows::kRows; ++i) {
    const double a = random_beta(key, i, kDraw.alpha);
    const int64_t j = partner(i);
    for (int64_t k = 0; k < m.features; ++k) {
      const double expected = a * m.plain_x[static_cast<size_t>(i * m.features + k)] +
                              (1.0 - a) * m.plain_x[static_cast<size_t>(j * m.features + k)];
      EXPECT_NEAR(m.x[static_cast<size_t>(i * m.features + k)], expected, 1e-6);
    }
    double sum = 0.0;
    for (int64_t k = 0; k < m.outputs; ++k) {
      const double expected = a * m.plain_target(i, k, classes) + (1.0 - a) * m.plain_target(j, k, classes);
      const double found = m.y[static_cast<size_t>(i * m.outputs + k)];
      EXPECT_NEAR(found, expected, 1e-6);
      sum += found;
    }
    if (classes) EXPECT_NEAR(sum, 1.0, 1e-6);
  }
}

TEST(Mixup, MixesInputsAndClassesByTheFormula) {
  const Toy toy;
  expect_mixed(MixedRows(*toy.train, 3, kDraw, 1), true);
}

TEST(Mixup, MixesNumbersByTheFormula) {
  const Toy toy(toy_numbers(), toy_numbers());
  expect_mixed(MixedRows(*toy.train, 1, kDraw, 1), false);
}

TEST(Mixup, TheBitsDoNotDependOnThreads) {
  const Toy toy;
  const MixedRows one(*toy.train, 3, kDraw, 1);
  const MixedRows many(*toy.train, 3, kDraw, 5);
  EXPECT_EQ(one.x, many.x);
  EXPECT_EQ(one.y, many.y);
  const MixedRows other(*toy.train, 3, {.alpha = 0.4, .seed = 5, .step = 18}, 1);
  EXPECT_NE(one.x, other.x);
}

TEST(Mixup, TrainsClassesAndNumbers) {
  for (const bool classes : {true, false}) {
    const Toy toy = classes ? Toy() : Toy(toy_numbers(), toy_numbers({.rows = 90, .seed = 2}));
    TrainConfig config = config_for(30);
    Recorder plain;
    train(toy, toy.model(), config, plain);
    config.mixup = 0.4;
    Recorder mixed;
    const TrainResult result = train(toy, toy.model(), config, mixed);
    EXPECT_LT(result.validation.loss, 0.85 * mixed.epochs.front().validation.loss);
    EXPECT_NE(mixed.steps.front().loss, plain.steps.front().loss);
  }
}

TEST(Mixup, NeedsALossThatTakesSharesOfClasses) {
  const Toy toy;
  for (const char* loss : {"hinge", "focal"}) {
    Model model = toy.model();
    model.loss = loss;
    TrainConfig config = config_for(1);
    config.mixup = 0.2;
    Recorder recorder;
    EXPECT_TRUE(throws_error([&] { train(toy, model, config, recorder); }, ErrorKind::Usage,
                             "mixup: the loss takes no targets between two classes (" + std::string(loss) + ")"));
  }
  TrainConfig config = config_for(1);
  config.mixup = -0.5;
  Recorder recorder;
  EXPECT_TRUE(throws_error([&] { train(toy, toy.model(), config, recorder); }, ErrorKind::Usage,
                           "mixup is out of range (-0.5), expected a number from 0 (off) to 100"));
}

}  // namespace
}  // namespace redbud
