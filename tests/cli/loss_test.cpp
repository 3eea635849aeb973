// Losses, weights and labels of a run file, from the table to the predictions.
#include <fmt/format.h>

#include <cmath>

#include "redbud/core/text.h"
#include "support/cli_test_support.h"

namespace redbud {
namespace {

Outcome train(const TempFolder& folder, std::vector<std::string> more) {
  std::vector<std::string> words = {
      "train",      (folder / "t.csv").string(), "--out", (folder / "run").string(), "--epochs", "5", "--seed", "1",
      "--overwrite"};
  words.insert(words.end(), more.begin(), more.end());
  return run_redbud(words);
}

/// Numbers x and z, a count, two labels, a weight, a class.
std::string table() {
  std::string text = "x,z,count,sunny,warm,w,class\n";
  for (int i = 0; i < 240; ++i) {
    const double x = std::sin(i * 1.7);
    const double z = std::cos(i * 0.9);
    text += fmt::format("{:.4f},{:.4f},{},{},{},{},{}\n", x, z, static_cast<int>(3 * std::exp(x)), x > 0 ? "yes" : "no",
                        z > 0.3 ? 1 : 0, i % 3,
                        i % 5 == 0   ? "rare"
                        : i % 2 == 0 ? "red"
                                     : "blue");
  }
  return text;
}

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

class Losses : public ::testing::Test {
 protected:
  Losses() { folder_.write("t.csv", table()); }
  std::string predictions() {
    return run_redbud({"predict", (folder_ / "run").string(), (folder_ / "t.csv").string()}).out;
  }
  TempFolder folder_;
};

TEST_F(Losses, AreRefusedBeforeTheDataAreRead) {
  const auto refuses = [&](std::vector<std::string> more, const std::vector<std::string>& parts) {
    std::vector<std::string> words = {"train", (folder_ / "not_there.csv").string()};
    words.insert(words.end(), more.begin(), more.end());
    return fails(run_redbud(words), 2, parts);
  };
  EXPECT_TRUE(
      refuses({"--loss", "hubber"}, {"--loss: key train.loss: unknown loss (\"hubber\")", "did you mean huber?"}));
  EXPECT_TRUE(refuses({"--loss", "{ name = \"quantile\", q = 2 }"}, {"loss.q is out of range (2)"}));
  EXPECT_TRUE(refuses({"--loss", "huber", "--task", "classification"},
                      {"the loss huber does not fit the task (classification)"}));
  EXPECT_TRUE(
      refuses({"--loss", "hinge", "--task", "regression"}, {"the loss hinge does not fit the task (regression)"}));
  EXPECT_TRUE(refuses({"--loss", "softmax_cross_entropy", "--target", "a,b"},
                      {"does not fit the task (classification by several labels)"}));
  EXPECT_TRUE(refuses({"--loss", "hinge", "--label-smoothing", "0.1"},
                      {"--label-smoothing: key train.label_smoothing does not go with the loss (hinge)"}));
  EXPECT_TRUE(
      refuses({"--loss", "focal", "--mixup", "0.2"}, {"--mixup: key train.mixup does not go with the loss (focal)"}));
  EXPECT_TRUE(refuses({"--loss", "mae", "--class-weights", "balanced"},
                      {"--class-weights: key train.class_weights does not go with the task (regression)"}));
  EXPECT_TRUE(
      refuses({"--label-smoothing", "1"}, {"key train.label_smoothing is out of range (1)", "from 0 to below 1"}));
  EXPECT_TRUE(refuses({"--mixup", "-1"}, {"key train.mixup is out of range (-1)", "from 0 to 100"}));
  EXPECT_TRUE(refuses({"--class-weights", "1,-2"}, {"key train.class_weights is out of range (-2)"}));
  EXPECT_TRUE(refuses({"--class-weights", "heavy"}, {"key train.class_weights has a value of the wrong type"}));
}

TEST_F(Losses, ThatNeedTheDataAreRefusedAfterwards) {
  EXPECT_TRUE(fails(train(folder_, {"--class-weights", "1,2"}), 2,
                    {"--class-weights: key train.class_weights does not have one weight a class (2 weights)",
                     "expected 3, for blue, rare, red"}));
  EXPECT_TRUE(fails(train(folder_, {"--loss", "cosine", "--target", "count"}), 2,
                    {"the loss cosine compares vectors (1 target)"}));
  EXPECT_TRUE(
      fails(train(folder_, {"--loss", "poisson", "--target", "x"}), 3, {"target \"x\" is no count or rate (-"}));
  EXPECT_TRUE(fails(train(folder_, {"--sample-weight", "x"}), 3, {"t.csv:", "column \"x\": a negative weight (-"}));
  EXPECT_TRUE(fails(train(folder_, {"--sample-weight", "v"}), 3, {"no column is called \"v\" (the sample weight)"}));
}

TEST_F(Losses, PoissonPredictsRates) {
  const Outcome outcome = train(folder_, {"--target", "count", "--loss", "poisson", "--json", "--epochs", "60"});
  ASSERT_TRUE(succeeds(outcome));
  EXPECT_GT(last_record(outcome).find("validation")->find("r2")->as_number(""), 0.8);
  const std::vector<std::string> lines = split(predictions(), '\n');
  ASSERT_EQ(lines.size(), 242U);
  EXPECT_EQ(lines[0], "prediction");
  for (size_t i = 1; i < 241; ++i) EXPECT_GT(*parse_number(lines[i]), 0.0);
}

TEST_F(Losses, AQuantileIsOneOfTheTarget) {
  const auto share_below = [&](const std::string& q) {
    const std::string loss = "{ name = \"quantile\", q = " + q + " }";
    EXPECT_TRUE(
        succeeds(train(folder_, {"--target", "x", "--ignore", "sunny,count", "--loss", loss, "--epochs", "30"})));
    const std::vector<std::string> found = split(predictions(), '\n');
    const std::vector<std::string> rows = split(table(), '\n');
    double below = 0.0;
    for (size_t i = 1; i < 241; ++i) below += *parse_number(split(rows[i], ',')[0]) < *parse_number(found[i]) ? 1 : 0;
    return below / 240.0;
  };
  EXPECT_LT(share_below("0.1"), 0.3);
  EXPECT_GT(share_below("0.9"), 0.7);
}

TEST_F(Losses, HingeGivesScores) {
  ASSERT_TRUE(succeeds(train(folder_, {"--loss", "hinge"})));
  EXPECT_EQ(first_line(predictions()), "prediction,score_blue,score_rare,score_red");
}

TEST_F(Losses, SeveralLabelsHaveAProbabilityEach) {
  const std::vector<std::string> labels = {"--target", "sunny,warm", "--task", "classification", "--ignore", "count"};
  std::vector<std::string> words = labels;
  words.insert(words.end(), {"--json", "--epochs", "20"});
  const Outcome outcome = train(folder_, words);
  ASSERT_TRUE(succeeds(outcome));
  const ConfigValue record = last_record(outcome);
  const ConfigValue& validation = *record.find("validation");
  for (const char* metric : {"accuracy", "subset_accuracy", "f1_macro"}) {
    EXPECT_GT(validation.find(metric)->as_number(""), 0.8) << metric;
  }
  const std::string text = predictions();
  EXPECT_EQ(first_line(text), "prediction,p_sunny,p_warm");
  EXPECT_NE(text.find("\nsunny;warm,"), std::string::npos);
  const Outcome json = run_redbud({"predict", (folder_ / "run").string(), (folder_ / "t.csv").string(), "--json"});
  EXPECT_NE(json.out.find("{\"prediction\":[\"sunny\",\"warm\"],\"p\":{\"sunny\":0."), std::string::npos);
  EXPECT_TRUE(succeeds(run_redbud({"evaluate", (folder_ / "run").string(), (folder_ / "t.csv").string()})));
}

TEST_F(Losses, WeightsLeaveTheirColumnOut) {
  ASSERT_TRUE(succeeds(train(folder_, {"--sample-weight", "w", "--class-weights", "balanced"})));
  const std::string inspected = run_redbud({"inspect", (folder_ / "run").string()}).out;
  EXPECT_NE(inspected.find("weight of each row: w"), std::string::npos);
  EXPECT_EQ(inspected.find("\n  w:"), std::string::npos);
  folder_.write("new.csv", "x,z,count,sunny,warm\n0.1,0.2,3,yes,1\n");
  EXPECT_TRUE(succeeds(run_redbud({"predict", (folder_ / "run").string(), (folder_ / "new.csv").string()})));
}

TEST_F(Losses, StandInTheModelFile) {
  ASSERT_TRUE(succeeds(train(folder_, {"--label-smoothing", "0.1", "--mixup", "0.2"})));
  EXPECT_NE(run_redbud({"inspect", (folder_ / "run").string()}).out.find("label_smoothing = 0.1"), std::string::npos);
  EXPECT_TRUE(succeeds(run_redbud({"resume", (folder_ / "run").string()})));
}

}  // namespace
}  // namespace redbud
