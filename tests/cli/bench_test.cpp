// The benchmarks print the numbers that scripts read.
#include "support/cli_test_support.h"

namespace redbud {
namespace {

TEST(Bench, PrintsItsNumbers) {
  const std::vector<std::string> network = {"--inputs",  "20",   "--outputs",    "4",  "--hidden",  "16,8", "--json",
                                            "--seconds", "0.05", "--batch-size", "10", "--threads", "1"};
  const auto with = [&](std::vector<std::string> words) {
    words.insert(words.end(), network.begin(), network.end());
    return run_redbud(words);
  };
  const Outcome step = with({"bench", "step", "--optimizer", "adam", "--batch-norm", "before", "--dropout", "0.5",
                             "--l2", "0.001", "--max-norm", "3", "--clip-norm", "1", "--weight-average", "0.99"});
  ASSERT_TRUE(succeeds(step));
  for (const char* key :
       {"us_per_step", "mean", "min", "max", "bound_us", "share_of_bound", "peak_gflops", "rows_per_s"}) {
    ASSERT_NE(last_record(step).find(key), nullptr) << key;
    EXPECT_GT(last_record(step).find(key)->as_number(key), 0.0) << key;
  }
  const Outcome predict = with({"bench", "predict"});
  ASSERT_TRUE(succeeds(predict));
  for (const char* key : {"us_per_call", "mean", "min", "max", "rows_per_s"})
    EXPECT_GT(last_record(predict).find(key)->as_number(key), 0.0);
  const Outcome csv = run_redbud({"bench", "csv", digits().string(), "--seconds", "0.05", "--json"});
  ASSERT_TRUE(succeeds(csv));
  EXPECT_GT(last_record(csv).find("gb_per_s")->as_number("gb_per_s"), 0.0);
  EXPECT_TRUE(fails(run_redbud({"bench", "step", "--inputs", "5"}), 2, {"no network is given"}));
}

}  // namespace
}  // namespace redbud
