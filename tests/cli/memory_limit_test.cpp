// Less and less memory, by `ulimit -v`: row 20 of what must be survived. Between what the program cannot be loaded with
// and what is enough, every run ends with one line that says so, and what was there before is as it was.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <mutex>

#include "redbud/core/text.h"
#include "support/cli_test_support.h"
#include "support/reference_run.h"

namespace redbud {
namespace {

constexpr int kMostKilobytes = 1 << 20;

Outcome run_within(int kilobytes, const std::vector<std::string>& words) {
  return run_redbud(words, {.before = {"bash", "-c", fmt::format("ulimit -v {}; exec \"$@\"", kilobytes), "bash"}});
}

/// The smallest limit with which `is_enough`, found by bisection: exact where more memory never is worse.
int smallest(const std::function<bool(int)>& is_enough) {
  int too_small = 0;
  int enough = kMostKilobytes;
  while (enough - too_small > 1) {
    const int middle = too_small + (enough - too_small) / 2;
    (is_enough(middle) ? enough : too_small) = middle;
  }
  return enough;
}

/// With less, the program's libraries can't be loaded: it never comes to us.
int to_be_loaded() {
  static const int kilobytes = smallest([](int limit) {
    const int code = run_within(limit, {"--version"}).exit_code;
    return code == 0 || code == 6;
  });
  return kilobytes;
}

/// The contract of a run that has too little: exit code 6, stdout clean, one error, last on stderr, about memory.
void expect_memory_error(const Outcome& outcome, const std::string& what) {
  EXPECT_EQ(outcome.exit_code, 6) << what << outcome.err;
  EXPECT_EQ(outcome.out, "") << what;
  const std::vector<std::string> lines = outcome.error_lines();
  ASSERT_FALSE(lines.empty()) << what;
  EXPECT_TRUE(lines.back().starts_with("redbud: error: ")) << what << outcome.err;
  EXPECT_NE(lines.back().find("memory"), std::string::npos) << what << outcome.err;
  EXPECT_EQ(std::count_if(lines.begin(), lines.end(), [](const auto& line) { return line.find("error") != line.npos; }),
            1)
      << what << outcome.err;
}

void expect_no_temporary_file(const Path& folder, const std::string& what) {
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    EXPECT_NE(entry.path().extension(), ".tmp") << what << entry.path();
  }
}

/// One way to use the program, and what must be so afterwards.
struct Use {
  std::string name;
  std::function<std::vector<std::string>(const TempFolder&)> prepare;  // gives the words
  std::function<void(const TempFolder&, const std::string&)> check = {};
  std::function<void(const Outcome&)> check_success = [](const Outcome&) {};
};

struct Rungs {
  int step_kilobytes = 0;
  int threads = 1;
};

/// Tries limits from what loads the program to well above what the use needs.
void expect_survival(const Use& use, Rungs rungs) {
  if (has_sanitizer()) GTEST_SKIP() << "a sanitizer does not live with a limit of memory";
  const auto run_at = [&](int kilobytes) {
    const TempFolder folder;
    std::vector<std::string> words = use.prepare(folder);
    words.insert(words.end(), {"--threads", std::to_string(rungs.threads)});
    Outcome outcome = run_within(kilobytes, words);
    const std::string what = fmt::format("{} with {} threads, {} KB: ", use.name, rungs.threads, kilobytes);
    EXPECT_EQ(outcome.signal, 0) << what << outcome.err;
    if (outcome.exit_code == 0) {
      use.check_success(outcome);
    } else {
      expect_memory_error(outcome, what);
    }
    expect_no_temporary_file(folder.path(), what);
    use.check(folder, what);
    return outcome.exit_code == 0;
  };
  const int enough = smallest([&](int limit) { return limit > to_be_loaded() && run_at(limit); });
  ASSERT_GT(enough, to_be_loaded()) << "nothing is between loading and success: no error was seen";
  // A second thread has a stack and an arena of its own where they find room: need is not one border then.
  const int last = enough + (rungs.threads > 1 ? 10'000 : 200);
  for (int limit = to_be_loaded(); limit <= last; limit += rungs.step_kilobytes) run_at(limit);
}

Use training() {
  return {.name = "train",
          .prepare = [](const TempFolder& folder) { return reference_training(folder); },
          .check = [](const TempFolder& folder, const std::string& what) { expect_can_end(folder, what); }};
}

/// Writes the reference run to `folder` as a kill in its last epoch would have left it.
void write_killed_run(const TempFolder& folder) {
  ASSERT_TRUE(succeeds(run_redbud(reference_training(folder))));
  std::vector<Path> checkpoints;
  for (const auto& entry : std::filesystem::directory_iterator(folder / "run/checkpoints")) {
    if (entry.path().extension() == ".ckpt") checkpoints.push_back(entry.path());
  }
  ASSERT_EQ(checkpoints.size(), 2U);
  std::filesystem::remove(*std::max_element(checkpoints.begin(), checkpoints.end()));
  std::filesystem::remove(folder / "run/model.redbud");
  std::filesystem::remove(folder / "run/report.html");
}

Use resuming() {
  static const TempFolder killed;
  static std::once_flag written;
  std::call_once(written, [] { write_killed_run(killed); });
  return {.name = "resume",
          .prepare =
              [](const TempFolder& folder) {
                std::filesystem::copy(killed.path(), folder.path(), std::filesystem::copy_options::recursive);
                return std::vector<std::string>{"resume", (folder / "run").string()};
              },
          .check = [](const TempFolder& folder, const std::string& what) { expect_can_end(folder, what); }};
}

Use predicting() {
  static const TempFolder trained;
  static const std::string table = (trained / "table.csv").string();
  static const std::string model = (trained / "run/model.redbud").string();
  static const bool succeeded = succeeds(run_redbud(reference_training(trained)));
  static const std::string model_bytes = text_of(model);
  static const std::string predictions = run_redbud({"predict", model, table}).out;
  EXPECT_TRUE(succeeded);
  return {
      .name = "predict",
      .prepare =
          [](const TempFolder&) {
            return std::vector<std::string>{"predict", model, table};
          },
      .check = [](const TempFolder&, const std::string& what) { EXPECT_TRUE(text_of(model) == model_bytes) << what; },
      .check_success = [](const Outcome& outcome) { EXPECT_EQ(outcome.out, predictions); }};
}

TEST(MemoryLimit, TrainingSaysWhatItLacks) { expect_survival(training(), {.step_kilobytes = 60}); }
TEST(MemoryLimit, ResumingSaysWhatItLacks) { expect_survival(resuming(), {.step_kilobytes = 60}); }
TEST(MemoryLimit, PredictingSaysWhatItLacks) { expect_survival(predicting(), {.step_kilobytes = 60}); }
TEST(MemoryLimit, TwoThreadsNeedMoreAndSayIt) { expect_survival(training(), {.step_kilobytes = 400, .threads = 2}); }
TEST(NightlyMemoryLimit, TrainingAtEveryPage) { expect_survival(training(), {.step_kilobytes = 4}); }
TEST(NightlyMemoryLimit, ResumingAtEveryPage) { expect_survival(resuming(), {.step_kilobytes = 4}); }
TEST(NightlyMemoryLimit, PredictingAtEveryPage) { expect_survival(predicting(), {.step_kilobytes = 4}); }
TEST(NightlyMemoryLimit, TwoThreadsInSmallSteps) { expect_survival(training(), {.step_kilobytes = 60, .threads = 2}); }
TEST(NightlyMemoryLimit, ResumingWithTwoThreads) { expect_survival(resuming(), {.step_kilobytes = 60, .threads = 2}); }

}  // namespace
}  // namespace redbud
