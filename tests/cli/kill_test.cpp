// SIGKILL at random moments of a run, and of its resumes, which end with the bits of the run that nobody killed. Rows 1
// and 4.
#include <fmt/format.h>

#include <csignal>
#include <random>

#include "support/cli_test_support.h"

namespace redbud {
namespace {

std::vector<std::string> words_of(const Path& run, int threads) {
  return {"train",
          digits().string(),
          "--out",
          run.string(),
          "--hidden",
          "48,48",
          "--seed",
          "5",
          "--epochs",
          "30",
          "--patience",
          "0",
          "--test",
          "0.2",
          "--json",
          "--checkpoint-every-s",
          "0.02",
          "--threads",
          std::to_string(threads)};
}

struct Reference {
  std::string weights;
  std::string test;  // metrics, as the done record has them
  double seconds = 0.0;
};

std::string test_metrics(const Outcome& outcome) {
  const std::string marker = "\"test\":";
  return outcome.out.substr(outcome.out.rfind(marker));
}

Reference make_reference() {
  const TempFolder folder;
  const Outcome outcome = run_redbud(words_of(folder / "run", 1));
  EXPECT_TRUE(succeeds(outcome));
  return {weights_of(folder / "run/model.redbud"), test_metrics(outcome), outcome.seconds};
}

/// One run that is killed until it ends; gives how often.
int kill_until_it_ends(const Reference& reference, std::mt19937& random) {
  const TempFolder folder;
  const Path run = folder / "run";
  std::uniform_real_distribution<double> moment(0.0, 0.6 * reference.seconds);
  std::uniform_int_distribution<int> threads(1, 3);
  int kills = 0;
  while (true) {
    const bool begun = std::filesystem::exists(run / "config.toml");
    const std::vector<std::string> words =
        begun ? std::vector<std::string>{"resume", run.string(), "--json", "--threads", std::to_string(threads(random))}
              : words_of(run, threads(random));
    Process process(words);
    if (kills < 8) {
      process.gather_for(moment(random));
      if (!process.has_ended()) {
        process.send(SIGKILL);
        ++kills;
      }
    }
    const Outcome outcome = process.finish();
    if (outcome.signal == SIGKILL) continue;
    EXPECT_TRUE(succeeds(outcome)) << "after " << kills << " kills";
    EXPECT_TRUE(weights_of(run / "model.redbud") == reference.weights) << "after " << kills << " kills";
    EXPECT_EQ(test_metrics(outcome), reference.test);
    EXPECT_TRUE(succeeds(run_redbud({"check", run.string()})));
    return kills;
  }
}

/// Runs, one after the other, until so many kills were made; stops at the first failure.
int kill_often(int wanted) {
  const Reference reference = make_reference();
  std::mt19937 random(20240501);
  int kills = 0;
  while (kills < wanted && !::testing::Test::HasFailure()) kills += kill_until_it_ends(reference, random);
  return kills;
}

TEST(SlowKill, TwentyFiveRandomKillsLoseNothing) { EXPECT_GE(kill_often(25), 25); }

TEST(NightlyKill, AThousandRandomKillsLoseNothing) { EXPECT_GE(kill_often(1000), 1000); }

}  // namespace
}  // namespace redbud
