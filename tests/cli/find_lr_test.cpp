// redbud find-lr.
#include <algorithm>

#include "support/cli_test_support.h"

namespace redbud {
namespace {

const std::vector<std::string> kSmall = {"--hidden", "16", "--seed", "1", "--threads", "1"};

Outcome find_lr(const TempFolder& folder, std::vector<std::string> more) {
  std::vector<std::string> words = {"find-lr", folder.write("table.csv", small_table()).string()};
  words.insert(words.end(), kSmall.begin(), kSmall.end());
  words.insert(words.end(), more.begin(), more.end());
  return run_redbud(words);
}

TEST(FindLr, ProposesARateAndDrawsIt) {
  TempFolder folder;
  const Outcome outcome = find_lr(folder, {"--svg", (folder / "range.svg").string()});
  ASSERT_TRUE(succeeds(outcome));
  EXPECT_NE(outcome.out.find("loss, smoothed, against the learning rate\n"), std::string::npos);
  EXPECT_NE(outcome.out.find("\nlearning_rate = "), std::string::npos);
  EXPECT_NE(outcome.err.find("next: redbud train with the same arguments and --learning-rate "), std::string::npos);
  const std::string svg = text_of(folder / "range.svg");
  EXPECT_TRUE(svg.starts_with("<svg xmlns="));
  EXPECT_TRUE(svg.ends_with("</svg>\n"));
  EXPECT_EQ(std::count(svg.begin(), svg.end(), '<'), std::count(svg.begin(), svg.end(), '>'));
}

TEST(FindLr, PrintsAnObject) {
  TempFolder folder;
  const Outcome outcome = find_lr(folder, {"--json", "--steps", "60", "--highest", "0.1"});
  ASSERT_TRUE(succeeds(outcome));
  const ConfigValue record = last_record(outcome);
  const double rate = record.find("learning_rate")->as_number("learning_rate");
  EXPECT_GT(rate, 1e-6);
  EXPECT_LT(rate, 0.1);
  const auto& points = record.find("points")->as_list("points");
  ASSERT_EQ(points.size(), 60U);
  EXPECT_NEAR(points.back().find("learning_rate")->as_number("rate"), 0.1, 1e-9);
  for (const char* key : {"steepest", "lowest_loss_at", "highest_good", "diverged"})
    EXPECT_NE(record.find(key), nullptr) << key;
}

TEST(FindLr, ProposesARateBelowTheFirst) {
  TempFolder folder;
  const Outcome outcome = find_lr(folder, {"--lowest", "0.2", "--highest", "2", "--svg", (folder / "a.svg").string()});
  ASSERT_TRUE(succeeds(outcome));
  EXPECT_NE(outcome.out.find("+^"), std::string::npos) << outcome.out;  // at the edge
  EXPECT_EQ(text_of(folder / "a.svg").find("x=\"-"), std::string::npos);
}

TEST(FindLr, RefusesARangeThatIsNone) {
  TempFolder folder;
  EXPECT_TRUE(fails(find_lr(folder, {"--lowest", "1", "--highest", "0.1"}), 2, {"the range is none"}));
  EXPECT_TRUE(fails(find_lr(folder, {"--steps", "2"}), 2, {"--steps"}));
}

}  // namespace
}  // namespace redbud
