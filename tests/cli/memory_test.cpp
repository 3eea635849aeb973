// What a run takes is known before its first step.
#include "support/cli_test_support.h"

namespace redbud {
namespace {

struct Case {
  const char* name;
  std::string data;  // in the data folder; "" = the repository's digits
  std::vector<std::string> options;
  friend std::ostream& operator<<(std::ostream& out, const Case& c) { return out << c.name; }
};

class MemoryNeeds : public ::testing::TestWithParam<Case> {};

TEST_P(MemoryNeeds, PlanPredictsThePeakWithinATenth) {
  if (has_sanitizer()) GTEST_SKIP() << "a sanitizer takes memory of its own";
  const auto folder = require_data();
  if (!folder) GTEST_SKIP() << kNoData;
  const TempFolder out;
  const std::string run = (out / "run").string();
  const Path data = GetParam().data.empty() ? digits() : *folder / GetParam().data;
  std::vector<std::string> words = {"train", data.string(), "--out", run, "--epochs", "1", "--json"};
  words.insert(words.end(), GetParam().options.begin(), GetParam().options.end());
  const Outcome train = run_redbud(words);
  ASSERT_TRUE(succeeds(train));
  const Outcome plan = run_redbud({"plan", run + "/config.toml", "--json"});
  ASSERT_TRUE(succeeds(plan));
  const auto predicted = static_cast<double>(last_record(plan).find("peak_bytes")->as_integer("peak_bytes"));
  EXPECT_NEAR(predicted / static_cast<double>(train.peak_bytes), 1.0, 0.1) << predicted << " of " << train.peak_bytes;
}

TEST(SlowMemory, MnistStaysBelowItsLimit) {
  if (has_sanitizer()) GTEST_SKIP() << "a sanitizer takes memory of its own";
  const auto folder = require_data();
  if (!folder) GTEST_SKIP() << kNoData;
  const TempFolder out;
  const Outcome train = run_redbud({"train", (*folder / "mnist").string(), "--out", (out / "run").string(), "--hidden",
                                    "300,100", "--batch-size", "128", "--epochs", "1"});
  ASSERT_TRUE(succeeds(train));
  EXPECT_LT(train.peak_bytes, 150'000'000);  // of which 47 MB are the pictures
}

INSTANTIATE_TEST_SUITE_P(Slow, MemoryNeeds,
                         ::testing::Values(Case{"Mnist", "mnist", {"--hidden", "300,100", "--batch-size", "128"}},
                                           Case{"MnistWide", "mnist", {"--hidden", "1000,1000"}},
                                           Case{"Adult", "tables/adult-train.csv", {}},
                                           Case{"Diamonds", "tables/diamonds.csv", {"--target", "price"}},
                                           Case{"Digits", "", {"--hidden", "512,512"}}),
                         [](const auto& c) { return std::string(c.param.name); });

}  // namespace
}  // namespace redbud
