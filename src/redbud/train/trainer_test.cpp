#include "redbud/train/trainer.h"

#include <gtest/gtest.h>

#include <atomic>
#include <cmath>
#include <cstring>

#include "redbud/data/split.h"
#include "redbud/layers/activation.h"
#include "redbud/layers/dense.h"
#include "redbud/layers/registry.h"
#include "redbud/testing/core/throws_error.h"
#include "redbud/train/toy_run_test.h"

namespace redbud {
namespace {

std::vector<float> parameters_of(const Model& model) {
  const auto values = model.values.parameter_memory().as<float>();
  return {values.begin(), values.end()};
}

TEST(Trainer, LearnsClassesAndTellsHowItGoes) {
  const Toy toy(toy_classes({.noise = 0.5}), toy_classes({.rows = 90, .noise = 0.5, .seed = 2}));
  Recorder recorder;
  const TrainResult result = train(toy, toy.model(), config_for(12), recorder);
  EXPECT_GE(*result.validation.accuracy, 0.95);
  EXPECT_GE(*result.train.accuracy, 0.95);
  EXPECT_EQ(result.train.rows, 203);
  EXPECT_EQ(result.stop_reason, StopReason::Epochs);
  EXPECT_EQ(result.epochs, 12);
  EXPECT_EQ(result.steps, 12 * 11);  // 203 rows in batches of 20: ten, and one of 3
  EXPECT_EQ(recorder.starts, 1);
  ASSERT_EQ(recorder.epochs.size(), 12u);
  ASSERT_EQ(recorder.steps.size(), 132u);
  EXPECT_EQ(recorder.steps[11].epoch, 2);
  EXPECT_EQ(recorder.steps[11].step, 12);
  EXPECT_EQ(recorder.steps[11].step_in_epoch, 1);
  EXPECT_EQ(recorder.steps[11].steps_per_epoch, 11);
  EXPECT_GT(recorder.steps[0].gradient_norm, 0.0);
  EXPECT_LT(recorder.epochs.back().train_loss, 0.5 * recorder.epochs.front().train_loss);
  EXPECT_EQ(result.history.as_list("").size(), 12u);
}

TEST(Trainer, TheEpochsLossIsTheMeanOverItsRows) {
  const Toy toy;
  Recorder recorder;
  train(toy, toy.model(), config_for(1), recorder);
  double sum = 0.0;
  for (const StepReport& s : recorder.steps) sum += s.loss * (s.step_in_epoch == 11 ? 3.0 : 20.0);
  EXPECT_DOUBLE_EQ(recorder.epochs[0].train_loss, sum / 203.0);
}

TEST(Trainer, LearnsNumbers) {
  const Toy toy(toy_numbers({.rows = 500}), toy_numbers({.rows = 200, .seed = 2}));
  Recorder recorder;
  const TrainResult result = train(toy, toy.model({.hidden = {32}}), config_for(30), recorder);
  EXPECT_GE(*result.validation.r2, 0.9);
  EXPECT_LE(*result.validation.rmse, 30.0);  // their spread is 50 * sqrt(6 * 0.43) = 80
}

TEST(Trainer, GivesTheBestWeightsBack) {
  // Classes that can't be told apart: the network soon learns the rows by heart, and the validation loss rises.
  const Toy toy(toy_classes({.rows = 60, .noise = 4.0}), toy_classes({.rows = 60, .noise = 4.0, .seed = 2}));
  Recorder recorder;
  const TrainResult result = train(toy, toy.model({.hidden = {64, 64}}), config_for(25), recorder);
  double least = 1e9;
  int64_t best_epoch = 0;
  for (const EpochReport& e : recorder.epochs) {
    EXPECT_EQ(e.best, e.score < least);
    EXPECT_EQ(e.score, e.validation.loss);
    if (e.score < least) {
      least = e.score;
      best_epoch = e.epoch;
    }
  }
  EXPECT_LT(best_epoch, 25);
  EXPECT_EQ(result.best_epoch, best_epoch);
  // What is given back is what was judged then, statistics included.
  EXPECT_EQ(result.validation.loss, least);
  ThreadPool pool(1);
  EXPECT_EQ(evaluate(result.best, *toy.validation, pool).loss, least);
}

TEST(Trainer, TellsTheRateOfTheSchedule) {
  const Toy toy;
  TrainConfig config = config_for(4);
  config.schedule.value = ConfigValue::Table{};
  config.schedule.set("name", "polynomial");
  config.schedule.set("each", "epoch");
  Recorder recorder;
  train(toy, toy.model(), config, recorder);
  ASSERT_EQ(recorder.epochs.size(), 4u);
  for (size_t i = 0; i < 4; ++i) {
    EXPECT_DOUBLE_EQ(recorder.epochs[i].learning_rate, 0.01 * (1.0 - 0.25 * static_cast<double>(i)));
  }
}

TEST(Trainer, AScheduleChangesTheSteps) {
  const Toy toy;
  Recorder constant;
  const TrainResult one = train(toy, toy.model(), config_for(3), constant);
  TrainConfig config = config_for(3);
  config.schedule = "cosine";
  Recorder cosine;
  const TrainResult other = train(toy, toy.model(), config, cosine);
  EXPECT_EQ(constant.steps[0].loss, cosine.steps[0].loss);
  EXPECT_NE(constant.steps.back().loss, cosine.steps.back().loss);
}

TEST(Trainer, ChangesTooSmallToCountDoNotKeepARunGoing) {
  const Toy toy;
  Recorder recorder;
  TrainConfig config = config_for(50);
  config.patience = 4;
  config.min_change = 10.0;  // no loss falls by as much
  const TrainResult result = train(toy, toy.model(), config, recorder);
  EXPECT_EQ(result.stop_reason, StopReason::Patience);
  EXPECT_EQ(result.epochs, 5);
  EXPECT_GT(result.best_epoch, 1);  // the best weights are kept all the same
}

/// "steps" of the first norm: -1 where its statistics are exact.
float steps_seen(Model model) { return model.values.buffer(*model.values.buffers().find("hidden1_norm.steps"))[0]; }

TEST(Trainer, MakesStatisticsExactByTheRuleThatIsGiven) {
  const Toy toy;
  Recorder recorder;
  TrainConfig config = config_for(2);
  const MlpConfig network{.hidden = {8}, .momentum = 0.5};  // 22 steps are many for these averages
  const Model automatic = train(toy, toy.model(network), config, recorder).best;
  EXPECT_GT(steps_seen(automatic), 0.0F);
  config.exact_statistics = StatisticsRule::Always;
  EXPECT_EQ(steps_seen(train(toy, toy.model(network), config, recorder).best), -1.0F);
  config.exact_statistics = StatisticsRule::Never;
  config.weight_average = 0.9;
  EXPECT_GT(steps_seen(train(toy, toy.model({.hidden = {8}, .dropout = 0.2}), config, recorder).best), 0.0F);
}

TEST(Trainer, StopsWhenPatienceEnds) {
  const Toy toy(toy_classes({.rows = 60, .noise = 4.0}), toy_classes({.rows = 60, .noise = 4.0, .seed = 2}));
  Recorder recorder;
  TrainConfig config = config_for(500);
  config.patience = 4;
  const TrainResult result = train(toy, toy.model({.hidden = {64, 64}}), config, recorder);
  EXPECT_EQ(result.stop_reason, StopReason::Patience);
  EXPECT_EQ(result.epochs, result.best_epoch + 4);
  EXPECT_LT(result.epochs, 500);
}

TEST(Trainer, StopsAtItsTimeLimitWithTheBestWeights) {
  const Toy toy;
  Recorder recorder;
  TrainConfig config = config_for(1'000'000);
  config.patience = 0;
  config.time_limit_s = 0.2;
  const TrainResult result = train(toy, toy.model(), config, recorder);
  EXPECT_EQ(result.stop_reason, StopReason::TimeLimit);
  EXPECT_GE(result.wall_s, 0.2);
  EXPECT_LT(result.wall_s, 20.0);
  EXPECT_GT(result.validation.rows, 0);
}

TEST(Trainer, GivesPresentWeightsWhereTimeIsUpBeforeTheFirstEpoch) {
  const Toy toy;
  Recorder recorder;
  TrainConfig config = config_for(5);
  config.time_limit_s = 1e-9;
  const TrainResult result = train(toy, toy.model(), config, recorder);
  EXPECT_EQ(result.stop_reason, StopReason::TimeLimit);
  EXPECT_EQ(result.best_epoch, 0);
  EXPECT_EQ(result.validation.rows, 90);
  EXPECT_TRUE(std::isfinite(result.validation.loss));
}

TEST(Trainer, ASignalEndsItAfterTheStep) {
  const Toy toy;
  Recorder recorder;
  std::atomic<int> signal = 0;
  recorder.at_step = [&](const StepReport& report) {
    if (report.step == 25) signal = 15;
  };
  const TrainResult result = train(toy, toy.model(), config_for(100), recorder, &signal);
  EXPECT_EQ(result.stop_reason, StopReason::Interrupted);
  EXPECT_EQ(result.signal, 15);
  EXPECT_EQ(result.steps, 25);
  EXPECT_EQ(result.epochs, 2);
  EXPECT_GE(result.best_epoch, 1);
  EXPECT_EQ(result.validation.loss, recorder.epochs[static_cast<size_t>(result.best_epoch - 1)].score);
  EXPECT_EQ(result.train.rows, 0);
}

// --- batches ---

TEST(Trainer, BatchNormNeverSeesOneRow) {
  // 201 = 10 * 20 + 1
  const Toy toy(toy_classes({.rows = 201}), toy_classes({.rows = 1, .seed = 2}));
  Recorder recorder;
  const TrainResult result = train(toy, toy.model(), config_for(2), recorder);
  EXPECT_EQ(result.steps, 20);

  TrainConfig one = config_for(2);
  one.batch_size = 1;
  EXPECT_TRUE(throws_error(
      [&] { train(toy, toy.model(), one, recorder); }, ErrorKind::Usage,
      "batch_size: batch normalisation has no variance in a batch of one row, expected at least 2 rows a batch"));
  const TrainResult plain = train(toy, toy.model({.hidden = {4}, .batch_norm = NormPlace::None}), one, recorder);
  EXPECT_EQ(plain.steps, 402);
}

TEST(Trainer, ABatchLargerThanTheDataIsTheData) {
  const Toy toy;
  Recorder recorder;
  TrainConfig config = config_for(2);
  config.batch_size = 100'000;
  EXPECT_EQ(train(toy, toy.model(), config, recorder).steps, 2);
}

// --- sharing, freezing ---

/// Two towers over the same rows, with the same weights; their sum is classified.
Model two_towers(const Toy& toy) {
  Model model = toy.model({.hidden = {4}});
  Graph graph;
  graph.add_input("x", {6});
  graph.add("left", std::make_shared<Dense>(DenseConfig{.units = 8}));
  graph.add("left_elu", std::make_shared<ActivationLayer>(elu()));
  graph.add("right", std::make_shared<Dense>(DenseConfig{.units = 8}), {.inputs = {"x"}, .shares = "left"});
  graph.add("sum", make_layer("add", {}), {.inputs = {"left_elu", "right"}, .shares = ""});
  graph.add("output", std::make_shared<Dense>(DenseConfig{.units = 3}));
  model.graph = graph;
  return model;
}

TEST(Trainer, TrainsSharedParameters) {
  const Toy toy(toy_classes({.noise = 0.5}), toy_classes({.rows = 90, .noise = 0.5, .seed = 2}));
  Recorder recorder;
  const Model model = two_towers(toy);
  EXPECT_EQ(model.graph.parameter_count(), 6 * 8 + 8 + 8 * 3 + 3);
  const TrainResult result = train(toy, model, config_for(15), recorder);
  EXPECT_GE(*result.validation.accuracy, 0.95);
}

TEST(Trainer, FrozenMeansFrozen) {
  const Toy toy;
  Recorder recorder;
  Model model = toy.model();
  model.graph.freeze("hidden1");
  model.graph.freeze("hidden1_norm");
  const TrainResult result = train(toy, model, config_for(3), recorder);
  Model fresh = toy.model();
  fresh.values.initialize(1);  // the seed of config_for
  int frozen = 0;
  const auto compare = [&](const SegmentLayout& layout, bool buffers) {
    for (size_t i = 0; i < layout.segments().size(); ++i) {
      const int at = static_cast<int>(i);
      const auto now = buffers ? result.best.values.buffer(at) : result.best.values.parameter(at);
      const auto before = buffers ? fresh.values.buffer(at) : fresh.values.parameter(at);
      const bool same = std::memcmp(now.data(), before.data(), now.size_bytes()) == 0;
      EXPECT_EQ(same, layout.segments()[i].name.starts_with("hidden1")) << layout.segments()[i].name;
      frozen += same ? 1 : 0;
    }
  };
  compare(fresh.values.parameters(), false);
  compare(fresh.values.buffers(), true);
  EXPECT_EQ(frozen, 3 + 3);  // weight, gamma, beta; mean, var, steps
}

// --- the ten-line program ---

TEST(Fit, TrainsFromRowsToAModelThatHoldsItsRecipe) {
  const auto [rows, validation] = split(toy_classes({.rows = 300, .noise = 0.5}), {.validation = 0.2, .seed = 1});
  const Model model = mlp({.hidden = {16}}, rows.schema());
  const TrainResult result = fit(model, rows, validation, {.optimizer = adam({.learning_rate = 0.01}), .epochs = 10});
  EXPECT_GE(*result.validation.accuracy, 0.95);
  EXPECT_EQ(result.best.recipe.inputs.size(), 6u);
  const auto encoded = encode(validation, result.best.recipe);
  ThreadPool pool(1);
  EXPECT_EQ(evaluate(result.best, *encoded, pool).loss, result.validation.loss);
}

TEST(Fit, WeighsClasses) {
  const Split parts = split(toy_classes({.rows = 300, .noise = 3.0}), {.validation = 0.2, .seed = 1});
  const auto fitted = [&](const ClassWeights& weights) {
    const FitConfig config{.epochs = 3, .class_weights = weights, .threads = 1};
    return fit(mlp({.hidden = {8}}, parts.train.schema()), parts.train, parts.validation, config);
  };
  const TrainResult none = fitted({});
  const TrainResult heavy = fitted({0.0, 0.0, 1.0});
  EXPECT_LT(*none.validation.accuracy, 1.0);
  EXPECT_LT(heavy.validation.loss, none.validation.loss) << "one class is soon learned, and it alone counts";
  EXPECT_NE(parameters_of(none.best), parameters_of(heavy.best));
  // All three classes have 80 rows to train on, so each weighs 1.
  EXPECT_EQ(parameters_of(fitted(ClassWeights::balanced()).best), parameters_of(fitted({1.0, 1.0, 1.0}).best));
  EXPECT_TRUE(throws_error([&] { fitted({1.0, 2.0}); }, ErrorKind::Usage, "does not have one weight a class"));
}

TEST(Fit, TheSameSeedGivesTheSameWeights) {
  const Dataset rows = toy_classes();
  const Dataset validation = toy_classes({.rows = 90, .seed = 2});
  const auto weights = [&](uint64_t seed) {
    return parameters_of(
        fit(mlp({.hidden = {8}, .dropout = 0.3}, rows.schema()), rows, validation, {.epochs = 2, .seed = seed}).best);
  };
  EXPECT_EQ(weights(1), weights(1));
  EXPECT_NE(weights(1), weights(2));
}

}  // namespace
}  // namespace redbud
