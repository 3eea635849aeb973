#include "redbud/data/labels.h"

#include <gtest/gtest.h>

#include "redbud/data/recipe.h"
#include "redbud/testing/core/temp_folder.h"
#include "redbud/testing/core/throws_error.h"

namespace redbud {
namespace {

const ReadOptions kTwoLabels{.target = {"a", "b"}, .task = Task::Classification};

Dataset read(const std::string& text, const ReadOptions& options = kTwoLabels) {
  const TempFolder folder;
  return read_data(folder.write("t.csv", text), options);
}

std::vector<float> encoded_targets(const Dataset& data, const Recipe& recipe) {
  const auto source = encode(data, recipe);
  const auto rows = static_cast<size_t>(data.rows());
  const auto features = static_cast<size_t>(recipe.schema.features());
  std::vector<float> x(rows * features), y(rows * 2);
  std::vector<int64_t> order;
  for (size_t i = 0; i < rows; ++i) order.push_back(static_cast<int64_t>(i));
  source->gather(order, {.inputs = {{x.data(), static_cast<int64_t>(features)}}, .targets = {{y.data(), 2}}});
  return y;
}

TEST(Labels, NumbersAndBooleansBecomeZerosAndOnes) {
  const Dataset data = read("x,a,b\n1,0,yes\n3,1,no\n4,1,yes\n");
  const Schema& schema = data.schema();
  EXPECT_EQ(schema.task, Task::MultiLabel);
  EXPECT_EQ(schema.target_names, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(schema.outputs(), 2);
  EXPECT_EQ(schema.columns[2].levels, (std::vector<std::string>{"no", "yes"}));
  const Recipe recipe = fit_recipe(data, MissingPolicy::Mean);
  EXPECT_EQ(encoded_targets(data, recipe), (std::vector<float>{0, 1, 1, 0, 1, 1}));
}

TEST(Labels, OfAnotherFileAreReadAlike) {
  const Recipe recipe = fit_recipe(read("x,a,b\n1,0,yes\n3,1,no\n4,1,yes\n"), MissingPolicy::Mean);
  const TempFolder folder;
  const Dataset other = read_like(folder.write("u.csv", "b,x,a\nno,1,1\nyes,2,1\n"), recipe, true);
  EXPECT_EQ(encoded_targets(other, recipe), (std::vector<float>{1, 0, 1, 1}));
  EXPECT_TRUE(throws_error([&] { read_like(folder.write("v.csv", "b,x,a\nno,1,1\nyes,2,2\n"), recipe, true); },
                           ErrorKind::Data, "v.csv:3, column \"a\": not a label (2), expected 0 or 1"));
  EXPECT_EQ(read_like(folder.write("w.csv", "x\n1\n2\n"), recipe, false).rows(), 2);
}

TEST(Labels, AreRefusedWhereTheyAreSomethingElse) {
  const auto refuses = [](const std::string& text, const std::string& message) {
    return throws_error([&] { read(text); }, ErrorKind::Data, message);
  };
  EXPECT_TRUE(
      refuses("x,a,b\n1,0,1\n3,1,0\n4,2,0\n", "t.csv:4, column \"a\": not a label (2), expected 0 or 1, or no or yes"));
  EXPECT_TRUE(refuses("x,a,b\n1,0,red\n3,1,green\n4,1,red\n", "t.csv:2, column \"b\": not a label (\"red\")"));
  EXPECT_TRUE(refuses("x,a,b\n1,0,1\n3,0,0\n4,0,0\n", "target \"a\" has one label only (0), expected rows of both"));
  EXPECT_TRUE(refuses("x,a,b\n1,0,1\n3,,0\n4,1,0\n", "t.csv:3, column \"a\": the target has no value"));
}

TEST(Labels, SeveralTargetsAreNumbersUnlessClassesAreAskedFor) {
  const Dataset numbers = read("x,a,b\n1,0,1.5\n3,1,0\n4,1,1\n", {.target = {"a", "b"}, .task = Task::Auto});
  EXPECT_EQ(numbers.schema().task, Task::Regression);
}

}  // namespace
}  // namespace redbud
