// What is refused, warned of, and stopped before it does harm.
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <limits>

#include "redbud/testing/core/temp_folder.h"
#include "redbud/testing/core/throws_error.h"
#include "redbud/train/toy_run_test.h"

namespace redbud {
namespace {

TEST(TrainerGuards, NeverTrainsOnNaN) {
  const Toy toy;
  for (const OptimizerConfig& optimizer : {sgd({.learning_rate = 1e30}), adam({.learning_rate = 1e30})}) {
    Recorder recorder;
    TrainConfig config = config_for(5);
    config.optimizer = optimizer;
    const auto run = [&] { train(toy, toy.model({.hidden = {8}, .batch_norm = NormPlace::None}), config, recorder); };
    EXPECT_TRUE(throws_error(run, ErrorKind::Diverged, "the loss is not finite (loss "));
    EXPECT_TRUE(throws_error(run, ErrorKind::Diverged, "step 2, layer "));
    EXPECT_TRUE(throws_error(run, ErrorKind::Diverged,
                             "learning rate 1e+30), expected finite numbers; try learning_rate = 1e+29"));
  }
}

TEST(TrainerGuards, ReportsEveryStepBeforeTheBadOneAndNoneAfter) {
  const Toy toy;
  Recorder recorder;
  TrainConfig config = config_for(50);
  config.optimizer = sgd({.learning_rate = 50.0});  // grows for a while before it overflows
  const auto run = [&] {
    train(toy, toy.model({.hidden = {8}, .activation = identity(), .batch_norm = NormPlace::None}), config, recorder);
  };
  EXPECT_TRUE(throws_error(run, ErrorKind::Diverged, "finite"));
  for (const StepReport& report : recorder.steps) EXPECT_TRUE(std::isfinite(report.loss));
}

/// Its rows turn infinite after some gathers.
class SpoiltSource final : public SampleSource {
 public:
  SpoiltSource(const SampleSource& inner, int gathers) : inner_(inner), left_(gathers) {}
  const BatchType& type() const override { return inner_.type(); }
  int64_t rows() const override { return inner_.rows(); }
  void gather(std::span<const int64_t> rows, const BatchView& batch) const override {
    inner_.gather(rows, batch);
    if (--left_ < 0) *static_cast<float*>(batch.inputs[0].data) = std::numeric_limits<float>::infinity();
  }

 private:
  const SampleSource& inner_;
  mutable int left_;
};

TEST(TrainerGuards, TheBestOfTheEpochsBeforeADivergenceIsGiven) {
  const Toy toy;
  const MlpConfig net{.hidden = {8}, .batch_norm = NormPlace::None};
  const TrainConfig config = config_for(5);
  Recorder whole;
  TrainConfig two = config;
  two.epochs = 2;
  const TrainResult expected = train(toy, toy.model(net), two, whole);
  const SpoiltSource rows(*toy.train, 2 * 11 + 4);  // the fifth step of the third epoch
  Recorder recorder;
  RunOptions options;
  options.observers = {&recorder};
  const TrainResult result = run_training(toy.model(net), rows, *toy.validation, config, options);
  EXPECT_EQ(result.stop_reason, StopReason::Diverged);
  ASSERT_TRUE(result.divergence.has_value());
  EXPECT_NE(std::string(result.divergence->what()).find("step 27"), std::string::npos) << result.divergence->what();
  EXPECT_EQ(result.epochs, 2);
  EXPECT_EQ(result.steps, 26);
  EXPECT_EQ(result.best_epoch, expected.best_epoch);
  EXPECT_EQ(result.validation.loss, expected.validation.loss);
}

TEST(TrainerGuards, WeightsThatAreNotFiniteAreNeverSaved) {
  const Toy toy;
  const TempFolder folder;
  TrainConfig config = config_for(5);
  config.optimizer = sgd({.learning_rate = 1e38, .l2 = 100.0});  // finite gradients, infinite weights after one step
  config.checkpoint_every_s = 0.0;
  RunOptions options;
  options.folder = folder.path();
  const auto run = [&] {
    run_training(toy.model({.hidden = {8}, .batch_norm = NormPlace::None}), *toy.train, *toy.validation, config,
                 options);
  };
  EXPECT_TRUE(throws_error(run, ErrorKind::Diverged,
                           "step 1, parameter hidden1.weight: a weight is not finite (learning rate 1e+38)"));
  for (const auto& entry : std::filesystem::directory_iterator(folder / "checkpoints")) {
    EXPECT_EQ(entry.path().filename(), ".lock");
  }
}

TEST(TrainerGuards, ValidationThatIsNeverFiniteHasNoBest) {
  const Toy toy;
  std::vector<float> x(12, 3e38F);
  const std::vector<int32_t> y = {0, 1};
  const auto far = encode(from_arrays(x, 2, std::span<const int32_t>(y), toy.recipe.schema.classes), toy.recipe);
  Recorder recorder;
  RunOptions options;
  options.observers = {&recorder};
  const auto run = [&] {
    run_training(toy.model({.hidden = {8}, .activation = identity(), .batch_norm = NormPlace::None}), *toy.train, *far,
                 config_for(2), options);
  };
  EXPECT_TRUE(throws_error(run, ErrorKind::Diverged, "no epoch had a finite validation loss"));
  ASSERT_EQ(recorder.warnings.size(), 2u);
  EXPECT_EQ(recorder.warnings[1],
            "epoch 2: the validation loss is not finite, so these weights are not kept as the best");
}

// --- what is refused or warned of ---

TEST(TrainerGuards, WarnsOnceOfFarMoreParametersThanNumbers) {
  const Toy toy(toy_classes({.rows = 30}), toy_classes({.rows = 30, .seed = 2}));
  Recorder recorder;
  train(toy, toy.model({.hidden = {200, 200}}), config_for(2), recorder);
  ASSERT_EQ(recorder.warnings.size(), 1u);
  EXPECT_EQ(
      recorder.warnings[0],
      "the network has 42,603 parameters, but the training rows hold 180 numbers, so it may learn them by heart; use "
      "dropout, l2, early stopping (patience) or fewer units");
  Recorder quiet;
  train(toy, toy.model({.hidden = {16}}), config_for(2), quiet);
  EXPECT_TRUE(quiet.warnings.empty());
}

TEST(TrainerGuards, RefusesWhatCannotBeTrained) {
  const Toy toy;
  const Toy wide(toy_classes({.features = 7}), toy_classes({.features = 7}));
  Recorder recorder;
  const auto refuses = [&](ErrorKind kind, const char* text, auto change) {
    TrainConfig config = config_for(1);
    change(config);
    return throws_error([&] { train(toy, toy.model(), config, recorder); }, kind, text);
  };
  EXPECT_TRUE(refuses(ErrorKind::Usage, "epochs is out of range (0), expected at least 1",
                      [](TrainConfig& c) { c.epochs = 0; }));
  EXPECT_TRUE(refuses(ErrorKind::Usage, "batch_size is out of range (-3)", [](TrainConfig& c) { c.batch_size = -3; }));
  EXPECT_TRUE(refuses(ErrorKind::Usage, "patience is out of range (-1)", [](TrainConfig& c) { c.patience = -1; }));
  EXPECT_TRUE(refuses(ErrorKind::Usage, "threads is out of range (-1)", [](TrainConfig& c) { c.threads = -1; }));
  EXPECT_TRUE(refuses(ErrorKind::Usage, "time_limit_s is out of range (nan)",
                      [](TrainConfig& c) { c.time_limit_s = std::nan(""); }));
  EXPECT_TRUE(refuses(ErrorKind::Usage, "unknown optimizer", [](TrainConfig& c) { c.optimizer.name = "x"; }));
  EXPECT_TRUE(
      throws_error([&] { run_training(toy.model(), *toy.train, *wide.validation, config_for(1), {}); }, ErrorKind::Data,
                   "validation data: the rows have another number of features than the network (7), expected 6"));
}

}  // namespace
}  // namespace redbud
