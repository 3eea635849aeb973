// A run that was stopped and goes on gives the bits of the run that never stopped.
#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>

#include "redbud/testing/core/temp_folder.h"
#include "redbud/train/resume_toy_test.h"

namespace redbud {
namespace {

TEST(Resume, GivesTheSameBitsWhereverItWasStoppedAndWithAnyThreads) {
  const Runs runs;
  const TempFolder whole;
  const TrainResult expected = runs.run(whole.path());
  EXPECT_EQ(expected.steps, 44);
  const int threads[] = {1, 2, 3, 7};
  // In the first epoch, at its last step, at the first of the second, in the middle, at the very last.
  for (int64_t stop : {1, 5, 11, 12, 23, 33, 44}) {
    SCOPED_TRACE(stop);
    const TempFolder folder;
    const TrainResult stopped = runs.run(folder.path(), {.stop_at = stop, .threads = threads[stop % 4]});
    EXPECT_EQ(stopped.stop_reason, StopReason::Interrupted);
    EXPECT_EQ(stopped.steps, stop);
    expect_same(runs.run(folder.path(), {.threads = threads[(stop + 1) % 4]}), expected);
    EXPECT_EQ(state_in(folder.path()), state_in(whole.path()));
  }
}

TEST(Resume, OfNetworksWithEveryKindOfNoise) {
  Runs runs;
  for (const DropoutKind kind : {DropoutKind::Alpha, DropoutKind::Gaussian}) {
    runs.network = {.hidden = {16, 16},
                    .activation = selu(),
                    .batch_norm = NormPlace::None,
                    .layer_norm = NormPlace::After,
                    .weight_standardization = true,
                    .dropout = 0.2,
                    .dropout_kind = kind,
                    .input_noise = 0.1};
    const TempFolder whole, folder;
    const TrainResult expected = runs.run(whole.path());
    runs.run(folder.path(), {.stop_at = 17, .threads = 3});
    expect_same(runs.run(folder.path(), {.threads = 2}), expected);
    EXPECT_EQ(state_in(folder.path()), state_in(whole.path()));
  }
}

TEST(Resume, LandsInTheMiddleOfAnySchedule) {
  const Runs runs;
  for (const std::string& name : schedule_names()) {
    SCOPED_TRACE(name);
    ConfigValue schedule;
    schedule.set("name", name);
    schedule.set("warmup", 0.5);
    if (name == "plateau") schedule.set("patience", 1);
    if (name == "piecewise") {
      schedule.set("epochs", ConfigValue::List{1, 2.5});
      schedule.set("factors", ConfigValue::List{0.5, 0.1});
    }
    const auto change = [&](TrainConfig& config) {
      config.schedule = schedule;
      config.optimizer = sgd({.learning_rate = 2.0});  // restless, so that a plateau is met
    };
    const TempFolder whole;
    const TrainResult expected = runs.run(whole.path(), {.change = change});
    const TempFolder folder;
    runs.run(folder.path(), {.stop_at = 3, .change = change});
    runs.run(folder.path(), {.stop_at = 30, .change = change});
    expect_same(runs.run(folder.path(), {.change = change}), expected);
    EXPECT_EQ(state_in(folder.path()), state_in(whole.path()));
    if (name == "plateau") EXPECT_GT(newest_in(folder.path()).progress.rate_drops, 0);
  }
}

TEST(Resume, MixedRowsAreTheSameAgain) {
  const Runs runs;
  const auto mixed = [](TrainConfig& config) { config.mixup = 0.3; };
  const TempFolder whole, parts;
  const TrainResult expected = runs.run(whole.path(), {.change = mixed});
  runs.run(parts.path(), {.stop_at = 17, .change = mixed});
  expect_same(runs.run(parts.path(), {.threads = 3, .change = mixed}), expected);
  EXPECT_EQ(state_in(parts.path()), state_in(whole.path()));
  const TempFolder plain;
  EXPECT_FALSE(
      same_bits(runs.run(plain.path()).best.values.parameter_memory(), expected.best.values.parameter_memory()));
}

TEST(Resume, LandsInTheMiddleOfWhatIsLearnedElsewhereAndOfAnyAverage) {
  const Runs runs;
  using Change = std::function<void(TrainConfig&)>;
  const std::vector<std::pair<const char*, Change>> changes = {
      {"schedule-free", [](TrainConfig& c) { c.optimizer = optimizer_named("schedule_free_adamw"); }},
      {"schedule-free that warms up",
       [](TrainConfig& c) {
         c.optimizer = optimizer_named("schedule_free_adamw");
         c.weight_average = 0.0;
         c.schedule = ConfigValue::Table{{"name", "cosine"}, {"warmup", 1}};
       }},
      {"lookahead", [](TrainConfig& c) { c.optimizer.lookahead = 5; }},
      {"muon", [](TrainConfig& c) { c.optimizer = optimizer_named("muon"); }},
      {"ftrl", [](TrainConfig& c) { c.optimizer = optimizer_named("ftrl"); }},
      {"swa", [](TrainConfig& c) { c.weight_average = weight_average_from_config("swa"); }},
      {"swa of steps",
       [](TrainConfig& c) {
         c.weight_average =
             weight_average_from_config(ConfigValue::Table{{"kind", "swa"}, {"start", 0.25}, {"each", "step"}});
       }},
      {"momentum along one cycle",
       [](TrainConfig& c) {
         c.schedule = ConfigValue::Table{{"name", "one_cycle"}, {"momentum", ConfigValue::List{0.95, 0.85}}};
       }},
      {"momentum along a line",
       [](TrainConfig& c) {
         c.optimizer = nesterov({.learning_rate = 0.01});
         c.momentum_schedule = ConfigValue::Table{{"name", "polynomial"}, {"start", 0.5}, {"end", 0.95}, {"over", 3}};
       }},
      {"momentum by steps",
       [](TrainConfig& c) {
         c.momentum_schedule = ConfigValue::Table{{"name", "sutskever"}, {"steps", 7}};
       }},
  };
  for (const auto& [name, change] : changes) {
    SCOPED_TRACE(name);
    const TempFolder whole;
    const TrainResult expected = runs.run(whole.path(), {.change = change});
    const TempFolder folder;
    runs.run(folder.path(), {.stop_at = 3, .change = change});
    runs.run(folder.path(), {.stop_at = 38, .threads = 3, .change = change});
    expect_same(runs.run(folder.path(), {.change = change}), expected);
    EXPECT_EQ(state_in(folder.path()), state_in(whole.path()));
  }
}

TEST(Resume, RunningAveragesGoOnBesideTheExactStatisticsOfTheBest) {
  const Runs runs;
  const TempFolder folder;
  runs.run(folder.path());
  const Checkpoint checkpoint = newest_in(folder.path());
  const auto steps_of = [&](const char* name) {
    float steps = 0.0F;
    std::memcpy(&steps, checkpoint.file.find(name)->bytes.data(), sizeof(steps));
    return steps;
  };
  EXPECT_EQ(steps_of("buffers.hidden1_norm.steps"), 44.0F);
  EXPECT_EQ(steps_of("best.buffers.hidden1_norm.steps"), -1.0F);
}

TEST(Resume, ManyStopsInARow) {
  const Runs runs;
  const TempFolder whole;
  const TempFolder folder;
  const TrainResult expected = runs.run(whole.path());
  int64_t stop = 0;
  for (int round = 0; stop < 44; ++round) {
    stop += 3;
    runs.run(folder.path(), {.stop_at = stop, .threads = 1 + round % 3});
  }
  expect_same(runs.run(folder.path()), expected);
}

TEST(Resume, TheFolderChangesNoBit) {
  const Runs runs;
  const TempFolder folder;
  expect_same(runs.run(folder.path()), runs.run(""));
}

TEST(Resume, GoesOnAfterAKillThatLeftOnlyPeriodicCheckpoints) {
  const Runs runs;
  const TempFolder whole;
  const TrainResult expected = runs.run(whole.path());
  const TempFolder folder;
  // A checkpoint at every step; then, as after a kill at step 30, those of 30 and 29 are all there is.
  runs.run(folder.path(), {.stop_at = 30, .change = [](TrainConfig& c) { c.checkpoint_every_s = 0.0; }});
  std::filesystem::remove(folder / "checkpoints/step-000000000030.ckpt");
  Interrupter interrupter;
  expect_same(runs.run(folder.path(), {}, interrupter), expected);
  ASSERT_EQ(interrupter.resumes.size(), 1u);
  EXPECT_EQ(interrupter.resumes[0].step, 29);
  EXPECT_EQ(interrupter.resumes[0].epoch, 2);
  EXPECT_EQ(interrupter.resumes[0].log_bytes, 290);
  EXPECT_EQ(interrupter.order, (std::vector<std::string>{"resume", "start"}));
}

TEST(Resume, AFinishedRunGivesItsResultAgain) {
  const Runs runs;
  const TempFolder folder;
  const TrainResult first = runs.run(folder.path());
  const std::string state = state_in(folder.path());
  expect_same(runs.run(folder.path()), first);
  EXPECT_EQ(state_in(folder.path()), state);
}

TEST(Resume, PatienceAndBestSurvive) {
  const Runs runs;
  for (const auto& [min_change, monitor] :
       {std::pair(0.0, Monitor::Loss), std::pair(0.02, Monitor::Loss), std::pair(0.0, Monitor::Accuracy)}) {
    const auto hard = [min_change = min_change, monitor = monitor](TrainConfig& c) {
      c.epochs = 60;
      c.patience = 3;
      c.min_change = min_change;
      c.monitor = monitor;
      c.optimizer.learning_rate = 0.05;
    };
    const TempFolder whole;
    const TrainResult expected = runs.run(whole.path(), {.change = hard});
    EXPECT_EQ(expected.stop_reason, StopReason::Patience);
    const TempFolder folder;
    runs.run(folder.path(), {.stop_at = expected.steps - 5, .change = hard});
    expect_same(runs.run(folder.path(), {.change = hard}), expected);
  }
}

TEST(Resume, ATimeLimitCountsAllPartsAndMayBeRaised) {
  const Runs runs;
  const TempFolder folder;
  const auto limited = [](double limit_s) {
    return [limit_s](TrainConfig& c) {
      c.epochs = 1'000'000;
      c.patience = 0;
      c.time_limit_s = limit_s;
    };
  };
  const TrainResult first = runs.run(folder.path(), {.change = limited(0.1)});
  EXPECT_EQ(first.stop_reason, StopReason::TimeLimit);
  EXPECT_GT(first.steps, 0);
  const TrainResult again = runs.run(folder.path(), {.change = limited(0.1)});
  EXPECT_EQ(again.stop_reason, StopReason::TimeLimit);
  EXPECT_EQ(again.steps, first.steps);
  EXPECT_GE(again.wall_s, 0.1);
  EXPECT_EQ(again.best_epoch, first.best_epoch);
  const TrainResult longer = runs.run(folder.path(), {.change = limited(first.wall_s + 0.1)});
  EXPECT_GT(longer.steps, first.steps);
}

/// Sets a signal when its rows are asked for the `countdown`-th time.
class SignallingSource final : public SampleSource {
 public:
  SignallingSource(const SampleSource& inner, std::atomic<int>& signal) : inner_(inner), signal_(signal) {}
  const BatchType& type() const override { return inner_.type(); }
  int64_t rows() const override { return inner_.rows(); }
  void gather(std::span<const int64_t> rows, const BatchView& batch) const override {
    if (--countdown == 0) signal_ = 2;
    inner_.gather(rows, batch);
  }
  mutable std::atomic<int> countdown = 0;

 private:
  const SampleSource& inner_;
  std::atomic<int>& signal_;
};

TEST(Resume, ASignalWhileAnEpochIsJudged) {
  const Runs runs;
  const TempFolder whole;
  const TrainResult expected = runs.run(whole.path());
  struct Arm : Observer {
    SignallingSource* source = nullptr;
    int gathers = 0;
    // What comes next are the sweeps over the training rows that make the statistics exact: 11 batches for the weights,
    // 11 for their average.
    void on_step(const StepReport& report) override {
      if (report.step == 22) source->countdown = gathers;
    }
  };
  for (int gathers : {1, 10, 12, 21}) {
    SCOPED_TRACE(gathers);
    const TempFolder folder;
    std::atomic<int> signal = 0;
    SignallingSource rows(*runs.toy.train, signal);
    Arm arm;
    arm.source = &rows;
    arm.gathers = gathers;
    RunOptions options;
    options.folder = folder.path();
    options.observers = {&arm};
    options.signal = &signal;
    const TrainResult stopped =
        run_training(runs.toy.model(), rows, *runs.toy.validation, Runs::plain_config(), options);
    EXPECT_EQ(stopped.stop_reason, StopReason::Interrupted);
    EXPECT_EQ(stopped.steps, 22);
    EXPECT_EQ(stopped.epochs, 1);  // the second is judged when the run goes on
    expect_same(runs.run(folder.path()), expected);
  }
}

}  // namespace
}  // namespace redbud
