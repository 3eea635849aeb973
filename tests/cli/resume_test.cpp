// Runs that were stopped, killed, damaged or changed, and what resume makes of them. Rows 1, 4, 11-14, 19 of what a run
// must survive.
#include <fmt/format.h>

#include <csignal>
#include <fstream>

#include "redbud/core/text.h"
#include "support/cli_test_support.h"

namespace redbud {
namespace {

/// A training that takes seconds: digits, a checkpoint at almost every step border.
std::vector<std::string> long_training(const Path& run, std::vector<std::string> more = {}) {
  std::vector<std::string> words = {
      "train", digits().string(), "--out", run.string(),           "--hidden", "64,64", "--seed", "3", "--epochs",
      "4000",  "--patience",      "0",     "--checkpoint-every-s", "0.02"};
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

std::vector<Path> checkpoints_of(const Path& run) {
  std::vector<Path> paths;
  for (const auto& entry : std::filesystem::directory_iterator(run / "checkpoints")) {
    if (entry.path().extension() == ".ckpt") paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

void write_bytes(const Path& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary | std::ios::trunc)
      .write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

void flip_bit(const Path& path, size_t byte, int bit) {
  std::string bytes = text_of(path);
  bytes[byte] = static_cast<char>(bytes[byte] ^ (1 << bit));
  write_bytes(path, bytes);
}

/// A run on the small table that a signal stopped after some steps, with two checkpoints.
class StoppedRun : public ::testing::Test {
 protected:
  void SetUp() override {
    Process process(long_training(run()));
    ASSERT_TRUE(process.wait_for_error_text("epoch 20/"));
    while (checkpoints_of(run()).size() < 2 && !process.has_ended()) process.gather_for(0.02);
    process.send(SIGTERM);
    outcome_ = process.finish();
    ASSERT_EQ(checkpoints_of(run()).size(), 2U);
  }
  Path run() const { return folder_ / "run"; }
  Outcome resume(std::vector<std::string> more = {}) const {
    more.insert(more.begin(), {"resume", run().string()});
    return run_redbud(more);
  }

  TempFolder folder_;
  Outcome outcome_;
};

TEST_F(StoppedRun, EndedWithTheSignalsCodeAfterADurableCheckpoint) {
  EXPECT_EQ(outcome_.exit_code, 128 + SIGTERM) << outcome_.err;
  EXPECT_NE(outcome_.out.find("stopped by a signal"), std::string::npos) << outcome_.out;
  EXPECT_NE(outcome_.err.find("next: redbud resume "), std::string::npos) << outcome_.err;
  EXPECT_TRUE(succeeds(run_redbud({"predict", run().string(), digits().string()})));  // the best so far
}

TEST_F(StoppedRun, WrongFolderOrChangedConfigurationIsRefused) {
  EXPECT_TRUE(fails(run_redbud({"resume", "/no/such/run"}), 3, {"/no/such/run", "is not the folder of a run"}));
  EXPECT_TRUE(fails(run_redbud({"resume", folder_.path().string()}), 3, {"is not the folder of a run"}));
  EXPECT_TRUE(fails(run_redbud({"resume", digits().string()}), 3, {"digits.csv"}));

  const std::string config = text_of(run() / "config.toml");
  const auto with = [&](const std::string& from, const std::string& to) {
    std::string changed = config;
    const size_t at = changed.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    write_bytes(run() / "config.toml", changed.replace(at, from.size(), to));
  };
  with("epochs = 4000", "epochs = 3000");
  EXPECT_TRUE(fails(resume(), 3, {"train.epochs", "(3000)", "expected 4000"}));
  with("hidden = [64, 64]", "hidden = [64, 65]");
  EXPECT_TRUE(fails(resume(), 3, {"the configuration is another one", "65", "64"}));
  with("seed = 3", "seed = 4");
  EXPECT_TRUE(fails(resume(), 3, {"train.seed"}));
  with("[train]", "[trian]");
  EXPECT_TRUE(fails(resume(), 3, {"config.toml:", "trian"}));
}

TEST_F(StoppedRun, ChangedDataAreRefused) {
  const Path copy = folder_.write("digits.csv", text_of(digits()));
  const std::string config = text_of(run() / "config.toml");
  std::string moved = config;
  moved.replace(moved.find(digits().string()), digits().string().size(), copy.string());
  write_bytes(run() / "config.toml", moved);
  std::string data = text_of(copy);
  data[data.size() - 2] = data[data.size() - 2] == '1' ? '2' : '1';  // the last digit's class
  write_bytes(copy, data);
  EXPECT_TRUE(fails(resume(), 3, {copy.string(), "is not the file that the run began with"}));
}

TEST_F(StoppedRun, TornCheckpointFallsBackToTheOneBefore) {
  const std::vector<Path> checkpoints = checkpoints_of(run());
  const std::string whole = text_of(checkpoints[1]);
  for (const size_t size : {size_t{0}, size_t{7}, size_t{100}, whole.size() / 2, whole.size() - 1}) {
    write_bytes(checkpoints[1], whole.substr(0, size));
    const Outcome check = run_redbud({"check", run().string()});
    EXPECT_EQ(check.exit_code, 7) << size << check.out;
    EXPECT_NE(check.out.find(checkpoints[1].filename().string()), std::string::npos) << check.out;
  }
  const Outcome outcome = resume({"--time-limit-s", "0.001"});
  EXPECT_TRUE(succeeds(outcome));
  EXPECT_NE(outcome.err.find("redbud: warning: " + checkpoints[1].string()), std::string::npos) << outcome.err;
  EXPECT_NE(outcome.err.find(checkpoints[0].filename().string()), std::string::npos) << outcome.err;
}

TEST_F(StoppedRun, AllCheckpointsBadIsSaidAndNothingStartsAnew) {
  const std::vector<Path> checkpoints = checkpoints_of(run());
  for (const Path& path : checkpoints) flip_bit(path, text_of(path).size() - 5, 3);
  const Outcome outcome = resume();
  EXPECT_EQ(outcome.exit_code, 7) << outcome.err;
  EXPECT_EQ(outcome.out, "");
  for (const Path& path : checkpoints)
    EXPECT_NE(outcome.err.find(path.filename().string()), std::string::npos) << outcome.err;
  EXPECT_EQ(checkpoints_of(run()), checkpoints);
}

TEST_F(StoppedRun, OrderComesFromTheStepInTheFile) {
  const std::vector<Path> checkpoints = checkpoints_of(run());
  // The older one under the newer name, and touched last.
  const std::string older = text_of(checkpoints[0]);
  const std::string newer = text_of(checkpoints[1]);
  write_bytes(checkpoints[0], newer);
  write_bytes(checkpoints[1], older);
  std::filesystem::last_write_time(checkpoints[0],
                                   std::filesystem::file_time_type::clock::now() - std::chrono::hours(24 * 3650));
  const Outcome outcome = resume({"--time-limit-s", "0.001"});
  EXPECT_TRUE(succeeds(outcome));
  EXPECT_NE(outcome.err.find("(" + checkpoints[0].string() + ")"), std::string::npos) << outcome.err;
}

TEST_F(StoppedRun, MovedTogetherWithItsDataItGoesOn) {
  const Path data = folder_.write("table.csv", small_table());
  ASSERT_EQ(run_redbud({"train", data.string(), "--out", (folder_ / "moving").string(), "--hidden", "8", "--epochs",
                        "3", "--time-limit-s", "0.0001"})
                .exit_code,
            0);
  const TempFolder other;
  std::filesystem::copy(folder_ / "moving", other / "moving", std::filesystem::copy_options::recursive);
  std::filesystem::rename(data, other / "table.csv");
  EXPECT_TRUE(succeeds(run_redbud({"resume", (other / "moving").string(), "--time-limit-s", "0"})));
}

TEST(Resume, FinishedRunPrintsItsResultAgain) {
  const TempFolder folder;
  const Outcome trained = run_redbud(small_training(folder, {"--json"}));
  ASSERT_TRUE(succeeds(trained));
  const std::string model = text_of(folder / "run/model.redbud");
  const Outcome again = run_redbud({"resume", (folder / "run").string(), "--json"});
  ASSERT_TRUE(succeeds(again));
  const std::vector<std::string> lines = split(trained.out, '\n');
  EXPECT_EQ(again.out, lines[lines.size() - 2] + "\n");
  EXPECT_EQ(text_of(folder / "run/model.redbud"), model);
  EXPECT_TRUE(succeeds(run_redbud({"resume", (folder / "run").string()})));
}

TEST(Resume, WithoutACheckpointStartsAtStepZeroAndSaysSo) {
  const TempFolder folder;
  ASSERT_TRUE(succeeds(run_redbud(small_training(folder))));
  const std::string weights = weights_of(folder / "run/model.redbud");
  std::filesystem::remove_all(folder / "run/checkpoints");
  std::filesystem::remove(folder / "run/model.redbud");
  std::filesystem::remove(folder / "run/log.jsonl");
  const Outcome outcome = run_redbud({"resume", (folder / "run").string()});
  ASSERT_TRUE(succeeds(outcome));
  EXPECT_NE(outcome.err.find("no checkpoint was written yet; starting at step 0"), std::string::npos) << outcome.err;
  EXPECT_EQ(weights_of(folder / "run/model.redbud"), weights);
}

TEST(Resume, TimeLimitCanBeLifted) {
  const TempFolder folder;
  const Outcome first = run_redbud(small_training(folder, {"--time-limit-s", "0.0001", "--json"}));
  ASSERT_TRUE(succeeds(first));
  EXPECT_EQ(last_record(first).find("stop_reason")->as_text("stop_reason"), "time_limit");
  const Outcome rest = run_redbud({"resume", (folder / "run").string(), "--time-limit-s", "0", "--json"});
  ASSERT_TRUE(succeeds(rest));
  EXPECT_EQ(last_record(rest).find("stop_reason")->as_text("stop_reason"), "epochs");
  const TempFolder whole;
  ASSERT_TRUE(succeeds(run_redbud(small_training(whole))));
  EXPECT_EQ(weights_of(folder / "run/model.redbud"), weights_of(whole / "run/model.redbud"));
}

TEST(Signals, SecondInterruptStopsAtOnceWithoutDamage) {
  const TempFolder folder;
  Process process(long_training(folder / "run"));
  ASSERT_TRUE(process.wait_for_error_text("epoch 5/"));
  // Stopped, so that both arrive before it can react to the first.
  process.send(SIGSTOP);
  process.send(SIGINT);
  process.send(SIGCONT);
  process.send(SIGINT);
  const Outcome outcome = process.finish();
  EXPECT_EQ(outcome.exit_code, 128 + SIGINT) << outcome.err;
  EXPECT_TRUE(succeeds(run_redbud({"resume", (folder / "run").string(), "--time-limit-s", "0.001"})));
}

TEST(Signals, InterruptSavesAndGivesTheBest) {
  const TempFolder folder;
  Process process(long_training(folder / "run", {"--json"}));
  process.gather_for(0.3);
  while (!std::filesystem::exists(folder / "run/checkpoints") || checkpoints_of(folder / "run").empty())
    process.gather_for(0.05);
  process.send(SIGINT);
  const Outcome outcome = process.finish();
  ASSERT_EQ(outcome.exit_code, 128 + SIGINT) << outcome.err;
  EXPECT_EQ(last_record(outcome).find("stop_reason")->as_text("stop_reason"), "interrupted");
  EXPECT_TRUE(std::filesystem::exists(folder / "run/model.redbud"));
}

/// Row 34: rows are read before the first step, and no file stays mapped.
TEST(DataThatChange, WhileTrainingDoNotMatterUntilTheResume) {
  const TempFolder folder;
  const Path data = folder.write("digits.csv", text_of(digits()));
  for (const bool is_deleted : {false, true}) {
    write_bytes(data, text_of(digits()));
    const Path run = folder / (is_deleted ? "deleted" : "cut");
    Process process({"train", data.string(), "--out", run.string(), "--hidden", "64,64", "--seed", "1", "--epochs",
                     "100000", "--patience", "0"});
    ASSERT_TRUE(process.wait_for_error_text("epoch 2/"));
    if (is_deleted) {
      std::filesystem::remove(data);
    } else {
      std::filesystem::resize_file(data, 1000);
    }
    ASSERT_TRUE(process.wait_for_error_text("epoch 5/"));
    process.send(SIGINT);
    EXPECT_EQ(process.finish().exit_code, 128 + SIGINT);
    EXPECT_TRUE(std::filesystem::exists(run / "model.redbud"));
    EXPECT_TRUE(fails(run_redbud({"resume", run.string()}), 3, {data.string()}));
  }
}

TEST(Signals, HangupSavesAndStopContinueChangeNothing) {
  const TempFolder folder;
  Process process(long_training(folder / "run"));
  ASSERT_TRUE(process.wait_for_error_text("epoch 2/"));
  process.send(SIGSTOP);
  process.gather_for(0.2);
  process.send(SIGCONT);
  ASSERT_TRUE(process.wait_for_error_text("epoch 8/"));
  process.send(SIGHUP);
  EXPECT_EQ(process.finish().exit_code, 128 + SIGHUP);
  EXPECT_FALSE(checkpoints_of(folder / "run").empty());
}

}  // namespace
}  // namespace redbud
