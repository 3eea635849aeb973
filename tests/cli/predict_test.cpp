// Prediction on files that are not quite like the training file. Rows 10, 12, 31 and 32 of what must be survived.
#include <fmt/format.h>
#include <sys/resource.h>

#include <cmath>
#include <fstream>

#include "redbud/core/text.h"
#include "support/cli_test_support.h"

namespace redbud {
namespace {

class Prediction : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = new TempFolder;
    ASSERT_TRUE(succeeds(run_redbud(small_training(*folder_))));
    whole_ = run_redbud({"predict", model(), (*folder_ / "table.csv").string()}).out;
  }
  static void TearDownTestSuite() { delete folder_; }
  static std::string model() { return (*folder_ / "run").string(); }

  /// The training table with its columns as `choose` picks them from (a, b, c, label).
  static std::string with_columns(const std::vector<size_t>& chosen) {
    std::string text;
    for (const std::string& line : split(small_table(), '\n')) {
      if (line.empty()) continue;
      const std::vector<std::string> fields = split(line, ',');
      std::string row;
      for (size_t i : chosen) row += (row.empty() ? "" : ",") + (i < fields.size() ? fields[i] : std::string("extra"));
      text += row + "\n";
    }
    return text;
  }
  static Outcome predict(const std::string& text, std::vector<std::string> more = {}) {
    std::vector<std::string> words = {"predict", model(), folder_->write("new.csv", text).string()};
    words.insert(words.end(), more.begin(), more.end());
    return run_redbud(words);
  }

  static TempFolder* folder_;
  static std::string whole_;
};
TempFolder* Prediction::folder_ = nullptr;
std::string Prediction::whole_;

TEST_F(Prediction, MatchesColumnsByName) {
  for (const std::vector<size_t>& order : {std::vector<size_t>{2, 0, 3, 1}, {0, 1, 2}, {9, 1, 0, 2}}) {
    const Outcome outcome = predict(with_columns(order));
    ASSERT_TRUE(succeeds(outcome));
    EXPECT_EQ(outcome.out, whole_);
  }
}

TEST_F(Prediction, NamesAColumnThatIsMissing) {
  EXPECT_TRUE(fails(predict(with_columns({0, 2, 3})), 3, {"new.csv", "\"b\""}));
  EXPECT_TRUE(fails(predict("A,b,c\n1.5,2.5,red\n"), 3, {"new.csv", "\"a\""}));
}

/// A run with dropout on the table of `small_table`, or on numbers.
std::string dropping_run(const TempFolder& folder, std::vector<std::string> more = {}) {
  more.insert(more.end(), {"--dropout", "0.3"});
  EXPECT_TRUE(succeeds(run_redbud(small_training(folder, more))));
  return (folder / "run").string();
}

TEST(DropoutSamples, GiveMeanSpreadAndEntropyOfClasses) {
  const TempFolder folder;
  const std::string model = dropping_run(folder);
  const std::string data = (folder / "table.csv").string();
  const Outcome outcome = run_redbud({"predict", model, data, "--dropout-samples", "20"});
  ASSERT_TRUE(succeeds(outcome));
  const std::vector<std::string> lines = split(outcome.out, '\n');
  ASSERT_EQ(lines.size(), 202U);
  EXPECT_EQ(lines[0], "prediction,p_no,p_yes,prediction_std,prediction_entropy");
  for (size_t i = 1; i <= 200; ++i) {
    const std::vector<std::string> fields = split(lines[i], ',');
    ASSERT_EQ(fields.size(), 5U) << lines[i];
    const double no = *parse_number(fields[1]), yes = *parse_number(fields[2]);
    EXPECT_EQ(fields[0], yes > no ? "yes" : "no");
    EXPECT_NEAR(no + yes, 1.0, 1e-6);
    EXPECT_GT(*parse_number(fields[3]), 0.0);
    EXPECT_NEAR(*parse_number(fields[4]), -no * std::log(no) - yes * std::log(yes), 1e-6);
  }
}

TEST(DropoutSamples, AreAFunctionOfTheSeedAlone) {
  const TempFolder folder;
  const std::string model = dropping_run(folder);
  const auto predict = [&](std::vector<std::string> more) {
    std::vector<std::string> words = {"predict", model, (folder / "table.csv").string(), "--dropout-samples", "10"};
    words.insert(words.end(), more.begin(), more.end());
    const Outcome outcome = run_redbud(words);
    EXPECT_TRUE(succeeds(outcome));
    return outcome.out;
  };
  const std::string lines = predict({});
  EXPECT_EQ(predict({"--threads", "1"}), lines);
  EXPECT_EQ(predict({"--seed", "42"}), lines);
  EXPECT_NE(predict({"--seed", "43"}), lines);
}

TEST(DropoutSamples, OfNumbersAreInTheTargetsUnits) {
  const TempFolder folder;
  const std::string model = dropping_run(folder, {"--target", "a"});
  const std::string data = (folder / "table.csv").string();
  const Outcome outcome = run_redbud({"predict", model, data, "--dropout-samples", "20"});
  ASSERT_TRUE(succeeds(outcome));
  const std::vector<std::string> lines = split(outcome.out, '\n');
  EXPECT_EQ(lines[0], "prediction,prediction_std");
  EXPECT_GT(*parse_number(split(lines[1], ',')[1]), 1.0);  // `a` goes from 0 to 997
  const Outcome json = run_redbud({"predict", model, data, "--dropout-samples", "20", "--json"});
  ASSERT_TRUE(succeeds(json));
  EXPECT_NE(split(json.out, '\n')[0].find("\"prediction_std\":" + split(lines[1], ',')[1]), std::string::npos)
      << json.out.substr(0, 200);
}

TEST(DropoutSamples, AreRefusedWhereNothingDrops) {
  const TempFolder folder;
  ASSERT_TRUE(succeeds(run_redbud(small_training(folder, {"--dropout", "0"}))));
  const std::string model = (folder / "run").string(), data = (folder / "table.csv").string();
  EXPECT_TRUE(fails(run_redbud({"predict", model, data, "--dropout-samples", "5"}), 2, {"the network drops nothing"}));
  EXPECT_TRUE(fails(run_redbud({"predict", model, data, "--dropout-samples", "1"}), 2,
                    {"--dropout-samples", "(\"1\")", "from 2 to"}));
}

TEST_F(Prediction, RefusesCellsOfAnotherType) {
  EXPECT_TRUE(fails(predict("a,b,c\n1.5,2.5,red\n1.5,many,red\n"), 3, {"new.csv:3", "\"b\"", "many"}));
  EXPECT_TRUE(fails(predict("a,b,c\n1.5,inf,red\n"), 3, {"new.csv:2", "\"b\"", "inf"}));
  EXPECT_TRUE(fails(predict("a,b,c\n1.5,2.5\n"), 3, {"new.csv:2"}));
}

TEST_F(Prediction, FarValuesAndUnseenCategoriesGiveProbabilities) {
  const Outcome outcome = predict("a,b,c\n1e30,-1e30,red\n1.5,2.5,purple\n1.5,,\n");
  ASSERT_TRUE(succeeds(outcome));
  const std::vector<std::string> lines = split(outcome.out, '\n');
  ASSERT_EQ(lines.size(), 5U);
  for (size_t i = 1; i <= 3; ++i) {
    const std::vector<std::string> fields = split(lines[i], ',');
    EXPECT_NEAR(*parse_number(fields[1]) + *parse_number(fields[2]), 1.0, 1e-5) << lines[i];
  }
}

TEST_F(Prediction, UnseenCategoryIsAnErrorWhereTheModelSaysSo) {
  const TempFolder folder;
  ASSERT_TRUE(succeeds(run_redbud(small_training(folder, {"--unseen", "error"}))));
  const Path data = folder.write("new.csv", "a,b,c\n1.5,2.5,red\n1.5,2.5,purple\n");
  EXPECT_TRUE(
      fails(run_redbud({"predict", (folder / "run").string(), data.string()}), 3, {"new.csv:3", "\"c\"", "purple"}));
}

TEST_F(Prediction, EvaluateNeedsTheTarget) {
  const Path data = folder_->write("new.csv", with_columns({0, 1, 2}));
  EXPECT_TRUE(fails(run_redbud({"evaluate", model(), data.string()}), 3, {"new.csv", "\"label\""}));
}

TEST_F(Prediction, MissingOrForeignModelIsRefused) {
  const std::string data = (*folder_ / "table.csv").string();
  EXPECT_TRUE(fails(run_redbud({"predict", "/no/such/model", data}), 4, {"/no/such/model"}));
  EXPECT_TRUE(fails(run_redbud({"predict", data, data}), 4, {"table.csv"}));
  EXPECT_TRUE(fails(run_redbud({"predict", "/dev/zero", data}), 4, {"/dev/zero"}));
  EXPECT_TRUE(fails(run_redbud({"predict", "/tmp", data}), 4, {"/tmp"}));
  EXPECT_TRUE(fails(run_redbud({"inspect", data}), 4, {"table.csv"}));
}

TEST_F(Prediction, EveryFlippedBitOfAModelIsFound) {
  const std::string bytes = text_of(*folder_ / "run/model.redbud");
  const Path copy = *folder_ / "flipped.redbud";
  for (size_t i = 0; i < 50; ++i) {
    const size_t at = (i * 2654435761U) % bytes.size();
    std::string flipped = bytes;
    flipped[at] = static_cast<char>(flipped[at] ^ (1 << (i % 8)));
    std::ofstream(copy, std::ios::binary) << flipped;
    const Outcome outcome = run_redbud({"predict", copy.string(), (*folder_ / "table.csv").string()});
    EXPECT_TRUE(outcome.exit_code == 7 || outcome.exit_code == 4)
        << "byte " << at << ": " << outcome.exit_code << outcome.err;
    EXPECT_EQ(outcome.out, "");
    EXPECT_EQ(outcome.error_lines().size(), 1U) << outcome.err;
  }
  // In the data, the tensor is named.
  std::string flipped = bytes;
  flipped[bytes.size() - 3] = static_cast<char>(flipped[bytes.size() - 3] ^ 1);
  std::ofstream(copy, std::ios::binary) << flipped;
  const Outcome outcome = run_redbud({"check", copy.string()});
  EXPECT_EQ(outcome.exit_code, 7) << outcome.out;
  EXPECT_NE(outcome.out.find("hidden"), std::string::npos) << outcome.out;
}

TEST_F(Prediction, FullDiskUnderStdoutIsExitSix) {
  for (const char* verb : {"predict", "evaluate"}) {
    const Outcome outcome = run_redbud({verb, model(), (*folder_ / "table.csv").string()}, {.out = "/dev/full"});
    EXPECT_EQ(outcome.exit_code, 6) << outcome.err;
    EXPECT_NE(outcome.err.find("redbud: error: stdout: "), std::string::npos) << outcome.err;
    EXPECT_EQ(outcome.error_lines().size(), 1U);
  }
  const Outcome closed = run_redbud({"predict", model(), (*folder_ / "table.csv").string()}, {.close_out = true});
  EXPECT_EQ(closed.exit_code, 6) << closed.err;
}

TEST_F(Prediction, AReaderThatGoesAwayEndsItQuietly) {
  std::string text = small_table(20000);
  Process process({"predict", model(), folder_->write("long.csv", text).string()});
  process.close_out();
  const Outcome outcome = process.finish();
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_EQ(outcome.signal, 0);
  EXPECT_EQ(outcome.err, "");
}

TEST_F(Prediction, LongFilesNeedNoMoreMemory) {
  if (has_sanitizer()) GTEST_SKIP() << "a sanitizer does not live with a limit of memory";
  const std::string text = small_table(200'000);
  const Path data = folder_->write("long.csv", text);
  const std::vector<std::string> limit = {"bash", "-c", "ulimit -v 60000; exec \"$@\"", "bash"};
  const Outcome outcome = run_redbud({"predict", model(), data.string(), "--threads", "1"}, {.before = limit});
  ASSERT_TRUE(succeeds(outcome));
  EXPECT_EQ(split(outcome.out, '\n').size(), 200'002U);
  EXPECT_TRUE(outcome.out.starts_with(whole_));  // the first rows are those of the training file
}

}  // namespace
}  // namespace redbud
