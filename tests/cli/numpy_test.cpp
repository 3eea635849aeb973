// Arrays with several targets a row, from training to predictions.
#include <cmath>

#include "redbud/core/rng.h"
#include "redbud/core/text.h"
#include "redbud/testing/core/numpy_bytes.h"
#include "support/cli_test_support.h"

namespace redbud {
namespace {

constexpr int64_t kRows = 300;
constexpr int64_t kInputs = 4;

struct Rows {
  std::vector<float> x, labels, numbers;

  explicit Rows(uint64_t seed) {
    for (int64_t n = 0; n < kRows; ++n) {
      for (int64_t k = 0; k < kInputs; ++k) {
        x.push_back(static_cast<float>(random_normal({.seed = seed}, n * kInputs + k)));
      }
      const float* const row = x.data() + n * kInputs;
      labels.insert(labels.end(), {row[0] > 0 ? 1.0F : 0.0F, row[1] + row[2] > 0 ? 1.0F : 0.0F});
      numbers.insert(numbers.end(), {100 + 10 * row[0], 0.01F * (row[1] - row[3])});
    }
  }

  std::string npz(const std::vector<float>& y) const {
    return npz_bytes({{"x", npy_bytes("(300, 4)", x)}, {"y", npy_bytes("(300, 2)", y)}});
  }
  /// The inputs between the first target and the second.
  std::string npy(const std::vector<float>& y) const {
    std::vector<float> all;
    for (size_t n = 0; n < kRows; ++n) {
      all.push_back(y[2 * n]);
      all.insert(all.end(), x.begin() + static_cast<int64_t>(n) * kInputs,
                 x.begin() + static_cast<int64_t>(n + 1) * kInputs);
      all.push_back(y[2 * n + 1]);
    }
    return npy_bytes("(300, 6)", all);
  }
};

class SeveralTargets : public ::testing::Test {
 protected:
  Outcome train(const std::string& file, std::vector<std::string> more) {
    std::vector<std::string> words = {"train",     file, "--out",    "run", "--overwrite", "--hidden", "16",
                                      "--dropout", "0",  "--epochs", "40",  "--seed",      "1",        "--json"};
    words.insert(words.end(), more.begin(), more.end());
    return run_redbud(words, {.folder = folder_.path()});
  }
  Outcome run(const std::vector<std::string>& words) { return run_redbud(words, {.folder = folder_.path()}); }
  double evaluated(const std::string& file, const char* metric) {
    const Outcome outcome = run({"evaluate", "run", file, "--json"});
    EXPECT_TRUE(succeeds(outcome));
    const ConfigValue record = last_record(outcome);
    return record.find(metric) != nullptr ? record.find(metric)->as_number(metric) : NAN;
  }
  /// One line a row of the test rows, under a header.
  std::vector<std::string> predicted(const std::string& file) {
    const Outcome outcome = run({"predict", "run", file});
    EXPECT_TRUE(succeeds(outcome));
    return split(outcome.out, '\n');
  }

  TempFolder folder_;
  Rows learn_{1}, test_{2};
};

TEST_F(SeveralTargets, LabelsOfAnNpz) {
  folder_.write("learn.npz", learn_.npz(learn_.labels));
  folder_.write("test.npz", test_.npz(test_.labels));
  folder_.write("x.npy", npy_bytes("(300, 4)", test_.x));
  ASSERT_TRUE(succeeds(train("learn.npz", {"--task", "classification"})));
  EXPECT_GT(evaluated("test.npz", "accuracy"), 0.9);
  EXPECT_GT(evaluated("test.npz", "subset_accuracy"), 0.85);
  const std::vector<std::string> lines = predicted("test.npz");
  ASSERT_EQ(lines.size(), kRows + 2U);  // and an empty one behind the last end of line
  EXPECT_EQ(lines[0], "prediction,p_y0,p_y1");
  EXPECT_EQ(predicted("x.npy"), lines);
  const Outcome shown = run({"inspect", "run"});
  EXPECT_TRUE(succeeds(shown));
  EXPECT_NE(shown.out.find("target: y0, y1 (labels, 0 or 1)"), std::string::npos) << shown.out;
  EXPECT_NE(shown.out.find("  x3: (value - "), std::string::npos) << shown.out;
  std::vector<float> odd = test_.labels;
  odd[7] = 2;
  folder_.write("odd.npz", test_.npz(odd));
  EXPECT_TRUE(fails(run({"evaluate", "run", "odd.npz"}), 3, {"odd.npz, row 3, target 1: not a label (2)"}));
  odd[7] = NAN;
  folder_.write("gap.npz", test_.npz(odd));
  EXPECT_TRUE(
      fails(run({"evaluate", "run", "gap.npz"}), 3, {"row 3: the target has no value", "--missing-target drop"}));
  const Outcome dropped = run({"evaluate", "run", "gap.npz", "--missing-target", "drop", "--json"});
  ASSERT_TRUE(succeeds(dropped));
  EXPECT_EQ(last_record(dropped).find("rows")->as_number(""), kRows - 1);
  EXPECT_TRUE(fails(run({"evaluate", "run", "gap.npz", "--missing-target", "keep"}), 2, {"--missing-target"}));
}

TEST_F(SeveralTargets, NumbersOfAnNpz) {
  folder_.write("learn.npz", learn_.npz(learn_.numbers));
  folder_.write("test.npz", test_.npz(test_.numbers));
  ASSERT_TRUE(succeeds(train("learn.npz", {"--validation", "test.npz", "--test", "test.npz"})));
  EXPECT_GT(evaluated("test.npz", "r2"), 0.9);
  const std::vector<std::string> lines = predicted("test.npz");
  EXPECT_EQ(lines[0], "y0,y1");
  double squares = 0, spread = 0;
  for (size_t n = 0; n < kRows; ++n) {
    const std::vector<std::string> cells = split(lines.at(n + 1), ',');
    const auto y = static_cast<double>(test_.numbers[2 * n + 1]);
    squares += std::pow(std::stod(cells.at(1)) - y, 2);
    spread += y * y;
  }
  EXPECT_LT(squares, 0.1 * spread) << "the second target, in its own unit";
}

TEST_F(SeveralTargets, ColumnsOfAnNpyAreFoundAgain) {
  folder_.write("learn.npy", learn_.npy(learn_.numbers));
  folder_.write("test.npy", test_.npy(test_.numbers));
  folder_.write("test.npz", test_.npz(test_.numbers));
  folder_.write("x.npy", npy_bytes("(300, 4)", test_.x));
  ASSERT_TRUE(succeeds(train("learn.npy", {"--target", "0,-1", "--validation", "test.npy"})));
  EXPECT_GT(evaluated("test.npy", "r2"), 0.9);
  EXPECT_EQ(evaluated("test.npy", "loss"), evaluated("test.npz", "loss"));
  EXPECT_EQ(predicted("test.npy"), predicted("x.npy"));
  EXPECT_TRUE(fails(run({"evaluate", "run", "x.npy"}), 3, {"(4 columns), expected 6: 4 inputs and 2 targets"}));
  folder_.write("labels.npy", learn_.npy(learn_.labels));
  ASSERT_TRUE(succeeds(train("labels.npy", {"--target", "0,5", "--task", "classification"})));
  EXPECT_GT(evaluated("labels.npy", "accuracy"), 0.9);
}

TEST_F(SeveralTargets, OneColumnOfAnNpyIsFoundAgain) {
  std::vector<float> swapped;  // the classes in the first column, numbers in the last
  for (size_t n = 0; n < kRows; ++n) swapped.insert(swapped.end(), {learn_.labels[2 * n], learn_.x[4 * n + 1]});
  folder_.write("learn.npy", learn_.npy(swapped));
  ASSERT_TRUE(succeeds(train("learn.npy", {"--target", "0"})));
  EXPECT_GT(evaluated("learn.npy", "accuracy"), 0.9);
}

}  // namespace
}  // namespace redbud
