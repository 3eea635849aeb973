// A run that was stopped and goes on gives the bits of the run that never stopped.
#include <gtest/gtest.h>

#include <atomic>
#include <cstring>
#include <filesystem>
#include <functional>

#include "redbud/checkpoint/train_state.h"
#include "redbud/kernels/target.h"
#include "redbud/testing/core/temp_folder.h"
#include "redbud/testing/core/throws_error.h"
#include "redbud/train/toy_data_test.h"
#include "redbud/train/trainer.h"

namespace redbud {
namespace {

struct Interrupter : Observer {
  int64_t stop_at = 0;
  std::atomic<int> signal = 0;
  std::vector<std::string> warnings;
  std::vector<ResumeReport> resumes;
  std::vector<std::string> order;
  int64_t log = 0;

  void on_resume(const ResumeReport& report) override {
    resumes.push_back(report);
    order.emplace_back("resume");
  }
  void on_start(const Model&, const TrainConfig&, int64_t) override { order.emplace_back("start"); }
  void on_step(const StepReport& report) override {
    log += 10;
    if (report.step == stop_at) signal = 2;
  }
  void on_warning(const std::string& line) override { warnings.push_back(line); }
  int64_t flush() override { return log; }
};

struct RunPart {
  int64_t stop_at = 0;  // a step; 0: not
  int threads = 1;
  std::function<void(TrainConfig&)> change = [](TrainConfig&) {};
};

class Runs {
 public:
  static TrainConfig plain_config() {
    TrainConfig config;
    config.epochs = 4;
    config.batch_size = 20;
    config.optimizer = adam({.learning_rate = 0.01});
    config.seed = 3;
    config.weight_average = 0.9;
    return config;
  }
  TrainResult run(const Path& folder, const RunPart& part, Interrupter& interrupter) const {
    ThreadPool pool(part.threads, {.threads = part.threads, .reason = ""});
    TrainConfig config = plain_config();
    part.change(config);
    interrupter.stop_at = part.stop_at;
    RunOptions options;
    options.folder = folder;
    options.observers = {&interrupter};
    options.signal = &interrupter.signal;
    options.pool = &pool;
    return run_training(toy.model(network), *toy.train, *toy.validation, config, options);
  }
  TrainResult run(const Path& folder, const RunPart& part = {}) const {
    Interrupter interrupter;
    return run(folder, part, interrupter);
  }

  Toy toy;
  MlpConfig network = {.hidden = {16, 16}, .dropout = 0.2};
};

bool same_bits(const AlignedBuffer& a, const AlignedBuffer& b) {
  return a.bytes() == b.bytes() &&
         (a.bytes() == 0 || std::memcmp(a.data(), b.data(), static_cast<size_t>(a.bytes())) == 0);
}

void expect_same(const TrainResult& a, const TrainResult& b) {
  EXPECT_TRUE(same_bits(a.best.values.parameter_memory(), b.best.values.parameter_memory()));
  EXPECT_TRUE(same_bits(a.best.values.buffer_memory(), b.best.values.buffer_memory()));
  EXPECT_EQ(a.best_epoch, b.best_epoch);
  EXPECT_EQ(a.steps, b.steps);
  EXPECT_EQ(a.epochs, b.epochs);
  EXPECT_EQ(a.stop_reason, b.stop_reason);
  EXPECT_EQ(a.validation.loss, b.validation.loss);
  EXPECT_EQ(a.train.loss, b.train.loss);
  EXPECT_EQ(a.history, b.history);
}

Checkpoint newest_in(const Path& folder) {
  std::string newest;
  for (const auto& entry : std::filesystem::directory_iterator(folder / "checkpoints")) {
    if (entry.path().extension() == ".ckpt") newest = std::max(newest, entry.path().string());
  }
  return parse_checkpoint(read_file(newest), newest);
}

/// The newest checkpoint's tensors: all that the next step would depend on.
std::string state_in(const Path& folder) {
  const Checkpoint checkpoint = newest_in(folder);
  std::string bytes;
  for (const NamedTensor& t : checkpoint.file.tensors) {
    bytes += t.name;
    bytes.append(reinterpret_cast<const char*>(t.bytes.data()), t.bytes.size());
  }
  return bytes;
}

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
  for (const double min_change : {0.0, 0.02}) {
    const auto hard = [&](TrainConfig& c) {
      c.epochs = 60;
      c.patience = 3;
      c.min_change = min_change;
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

TEST(Resume, FallsBackToTheOlderCheckpointLoudly) {
  const Runs runs;
  const TempFolder folder;
  runs.run(folder.path(), {.stop_at = 30, .change = [](TrainConfig& c) { c.checkpoint_every_s = 0.0; }});
  std::string text = text_of(folder / "checkpoints/step-000000000030.ckpt");
  text.back() = static_cast<char>(text.back() ^ 8);
  folder.write("checkpoints/step-000000000030.ckpt", text);
  const TempFolder whole;
  Interrupter interrupter;
  expect_same(runs.run(folder.path(), {}, interrupter), runs.run(whole.path()));
  ASSERT_EQ(interrupter.warnings.size(), 1u);
  EXPECT_NE(interrupter.warnings[0].find("step-000000000030.ckpt: tensor"), std::string::npos)
      << interrupter.warnings[0];
  EXPECT_NE(interrupter.warnings[0].find("an older checkpoint is used instead"), std::string::npos);
  EXPECT_EQ(interrupter.resumes[0].step, 29);
}

TEST(Resume, NeverStartsOverWhereAllCheckpointsAreBad) {
  const Runs runs;
  const TempFolder folder;
  runs.run(folder.path(), {.stop_at = 12});
  for (const auto& entry : std::filesystem::directory_iterator(folder / "checkpoints")) {
    if (entry.path().extension() == ".ckpt") std::filesystem::resize_file(entry.path(), 100);
  }
  EXPECT_TRUE(
      throws_error([&] { runs.run(folder.path()); }, ErrorKind::Verification, "the file ends inside its header"));
}

TEST(Resume, RefusesAnotherConfigurationOrOtherData) {
  const Runs runs;
  const TempFolder folder;
  runs.run(folder.path(), {.stop_at = 12});
  const auto refuses = [&](const char* text, std::function<void(TrainConfig&)> change) {
    return throws_error([&] { runs.run(folder.path(), {.change = std::move(change)}); }, ErrorKind::Data, text);
  };
  EXPECT_TRUE(refuses("train.optimizer.learning_rate (0.02), expected 0.01",
                      [](TrainConfig& c) { c.optimizer.learning_rate = 0.02; }));
  EXPECT_TRUE(refuses("train.batch_size (21), expected 20", [](TrainConfig& c) { c.batch_size = 21; }));
  EXPECT_TRUE(refuses("train.seed", [](TrainConfig& c) { c.seed = 4; }));
  EXPECT_TRUE(refuses("train.epochs (5), expected 4", [](TrainConfig& c) { c.epochs = 5; }));

  const Toy other(toy_classes({.seed = 9}), toy_classes({.rows = 90, .seed = 2}));
  Runs changed;
  changed.toy.train = encode(toy_classes({.seed = 9}), changed.toy.recipe);
  EXPECT_TRUE(
      throws_error([&] { changed.run(folder.path()); }, ErrorKind::Data, "the data are not those of the checkpoint"));
  // And what does not decide the bits may change.
  EXPECT_NO_THROW(runs.run(folder.path(), {.threads = 2, .change = [](TrainConfig& c) {
                                             c.threads = 2;
                                             c.checkpoint_every_s = 1.0;
                                             c.time_limit_s = 1000.0;
                                           }}));
}

TEST(Resume, WarnsOnAnotherInstructionSet) {
  const std::vector<std::string> targets = kernels::supported_targets();
  if (targets.size() < 2) GTEST_SKIP() << "this processor has one instruction set only";
  const Runs runs;
  const TempFolder folder;
  runs.run(folder.path(), {.stop_at = 12});
  kernels::force_target(targets.back());
  Interrupter interrupter;
  runs.run(folder.path(), {}, interrupter);
  kernels::force_target("");
  ASSERT_EQ(interrupter.warnings.size(), 1u);
  EXPECT_NE(interrupter.warnings[0].find("not bit-exact"), std::string::npos);
}

TEST(Resume, WarnsOnAnotherVersion) {
  const Runs runs;
  const TempFolder folder;
  runs.run(folder.path(), {.stop_at = 12});
  const Checkpoint checkpoint = newest_in(folder.path());
  EXPECT_EQ(checkpoint.fingerprint.version, REDBUD_VERSION);
  // As an older program would have written it.
  std::map<std::string, std::string> metadata = checkpoint.file.metadata;
  metadata["redbud.version"] = "0.0.9";
  for (const char* key : {"redbud.checksums", "redbud.header_checksum"}) metadata.erase(key);  // made anew
  std::filesystem::remove_all(folder / "checkpoints");
  std::filesystem::create_directories(folder / "checkpoints");
  write_safetensors(folder / "checkpoints" / "step-000000000012.ckpt", metadata, checkpoint.file.tensors);
  Interrupter interrupter;
  runs.run(folder.path(), {}, interrupter);
  ASSERT_EQ(interrupter.warnings.size(), 1u);
  EXPECT_NE(interrupter.warnings[0].find("redbud 0.0.9, now " REDBUD_VERSION), std::string::npos);
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

TEST(Resume, TwoRunsInOneFolder) {
  const Runs runs;
  const TempFolder folder;
  struct Second : Observer {
    std::function<void()> run;
    void on_step(const StepReport& report) override {
      if (report.step == 1) run();
    }
  };
  Second second;
  second.run = [&] {
    EXPECT_TRUE(
        throws_error([&] { runs.run(folder.path()); }, ErrorKind::Environment, "the folder is in use by process"));
  };
  RunOptions options;
  options.folder = folder.path();
  options.observers = {&second};
  run_training(runs.toy.model(), *runs.toy.train, *runs.toy.validation, {.epochs = 1}, options);
}

}  // namespace
}  // namespace redbud
