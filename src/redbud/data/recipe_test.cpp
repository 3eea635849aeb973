#include "redbud/data/recipe.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "redbud/data/split.h"
#include "redbud/testing/core/temp_folder.h"
#include "redbud/testing/core/throws_error.h"
#include "redbud/testing/core/tolerance.h"

namespace redbud {
namespace {

constexpr float kUntouched = -77.0F;

Dataset read(const std::string& text, const ReadOptions& options = {}) {
  const TempFolder folder;
  return read_data(folder.write("t.csv", text), options);
}

/// The rows of a source as it gives them in one batch, rows two floats further apart than need be; nothing is written
/// between.
struct Gathered {
  std::vector<std::vector<float>> x;
  std::vector<int32_t> classes;
  std::vector<float> numbers;
};

Gathered gather(const SampleSource& source, const std::vector<int64_t>& rows) {
  const int64_t width = source.type().inputs[0].width();
  const int64_t stride = width + 2;
  std::vector<float> x(rows.size() * static_cast<size_t>(stride), kUntouched);
  Gathered result;
  BatchView view;
  view.inputs = {{.data = x.data(), .stride = stride}};
  if (!source.type().targets.empty()) {
    const BlockType& target = source.type().targets[0];
    result.classes.resize(rows.size());
    result.numbers.resize(rows.size() * static_cast<size_t>(target.width()));
    void* const data = target.type == DType::I32 ? static_cast<void*>(result.classes.data())
                                                 : static_cast<void*>(result.numbers.data());
    view.targets = {{.data = data, .stride = target.width()}};
  }
  source.gather(rows, view);
  for (size_t i = 0; i < rows.size(); ++i) {
    const auto begin = x.begin() + static_cast<int64_t>(i) * stride;
    result.x.emplace_back(begin, begin + width);
    EXPECT_EQ(begin[width], kUntouched);
    EXPECT_EQ(begin[width + 1], kUntouched);
  }
  return result;
}

TEST(Recipe, StandardisesByTheRowsForTrainingAlone) {
  const Dataset data = read("a,b,y\n1,10,0\n3,10,1\n100,20,0\n5,30,1\n");
  const std::vector<int64_t> rows = {0, 1, 3};
  const Recipe recipe = fit_recipe(data.select(rows), MissingPolicy::Mean);
  ASSERT_EQ(recipe.inputs.size(), 2U);
  EXPECT_DOUBLE_EQ(recipe.inputs[0].mean, 3);
  EXPECT_DOUBLE_EQ(recipe.inputs[0].scale, 1 / std::sqrt(8.0 / 3));
  EXPECT_EQ(recipe.feature_names, (std::vector<std::string>{"a", "b"}));
  const auto source = encode(data, recipe);
  const Gathered g = gather(*source, {2, 0});
  EXPECT_EQ(recipe.number_limit, 5.0);
  EXPECT_EQ(g.x[0][0], 5.0F);  // 97 / sqrt(8 / 3) is 59 deviations
  Recipe unlimited = recipe;
  unlimited.number_limit = 0.0;
  EXPECT_FLOAT_EQ(gather(*encode(data, unlimited), {2}).x[0][0], static_cast<float>(97 / std::sqrt(8.0 / 3)));
  EXPECT_FLOAT_EQ(g.x[1][0], static_cast<float>(-2 / std::sqrt(8.0 / 3)));
}

TEST(Recipe, MakesOneFeatureALevelAndABooleanOne) {
  const Dataset data = read("c,m,x,y\nred,no,1,0\nblue,yes,2,1\nred,no,4,0\ngreen,,3,1\n,yes,2,1\n");
  const std::vector<int64_t> rows = {0, 1, 2, 4};  // green is met in validation only
  const Recipe recipe = fit_recipe(data.select(rows), MissingPolicy::Mean);
  EXPECT_EQ(recipe.feature_names, (std::vector<std::string>{"c=blue", "c=green", "c=red", "m", "x"}));
  EXPECT_EQ(recipe.inputs[0].seen, (std::vector<uint8_t>{1, 0, 1}));
  EXPECT_EQ(recipe.inputs[0].mode, 2);
  const Gathered g = gather(*encode(data, recipe), {0, 1, 3, 4});
  const auto levels = [&](size_t i) { return std::vector<float>(g.x[i].begin(), g.x[i].begin() + 4); };
  EXPECT_EQ(levels(0), (std::vector<float>{0, 0, 1, 0}));
  EXPECT_EQ(levels(1), (std::vector<float>{1, 0, 0, 1}));
  EXPECT_EQ(levels(2), (std::vector<float>{0, 0, 0, 0}))
      << "an unseen level, and a missing boolean that becomes the mode, no";
  EXPECT_EQ(levels(3), (std::vector<float>{0, 0, 1, 1})) << "a missing category becomes the mode, red";
  EXPECT_EQ(g.classes, (std::vector<int32_t>{0, 1, 1, 1}));
}

TEST(Recipe, AMissingNumberBecomesTheMean) {
  const Dataset data = read("a,b,y\n1,4,0\n,5,1\n3,9,0\n");
  const Gathered g = gather(*encode(data, fit_recipe(data, MissingPolicy::Mean)), {1});
  EXPECT_EQ(g.x[0][0], 0.0F);
}

TEST(Recipe, AColumnThatIsConstantInTrainingTellsNothing) {
  const Dataset data = read("a,b,y\n5,1,0\n5,2,1\n900,3,0\n");
  const std::vector<int64_t> rows = {0, 1};
  std::vector<std::string> warnings;
  const Recipe recipe = fit_recipe(data.select(rows), MissingPolicy::Mean, &warnings);
  EXPECT_EQ(warnings, (std::vector<std::string>{"column \"a\": constant among the rows for training"}));
  const Gathered g = gather(*encode(data, recipe), {0, 2});
  EXPECT_EQ(g.x[0][0], 0.0F);
  EXPECT_EQ(g.x[1][0], 0.0F);
}

TEST(Recipe, RoundingIsNoSpread) {
  // The same number with other last digits, and denormals, whose scale would be infinite as a float.
  const Dataset data = read("a,b,c,y\n1e15,1e-310,1,0\n1000000000000000.1,2e-310,2,1\n1e15,3e-310,4,1\n");
  const Recipe recipe = fit_recipe(data, MissingPolicy::Mean);
  EXPECT_EQ(recipe.inputs[0].scale, 0.0);
  EXPECT_EQ(recipe.inputs[1].scale, 0.0);
  EXPECT_GT(recipe.inputs[2].scale, 0.0);
}

TEST(Recipe, StandardisesTargetsOfRegression) {
  const Dataset data = read("a,u,v\n1,10.5,1.5\n2,20.5,2.5\n4,60.5,9.5\n", {.target = {"v", "u"}});
  const Recipe recipe = fit_recipe(data, MissingPolicy::Mean);
  EXPECT_DOUBLE_EQ(recipe.target_mean[0], 4.5);
  EXPECT_DOUBLE_EQ(recipe.target_mean[1], 30.5);
  EXPECT_DOUBLE_EQ(recipe.target_scale[1], std::sqrt((400.0 + 100 + 900) / 3));
  const auto source = encode(data, recipe);
  EXPECT_EQ(source->type().targets[0].shape, Shape{2});
  EXPECT_EQ(source->type().targets[0].type, DType::F32);
  const Gathered g = gather(*source, {2, 0});
  for (size_t i = 0; i < 2; ++i) {
    EXPECT_NEAR(recipe.target_mean[1] + recipe.target_scale[1] * g.numbers[2 * i + 1], i == 0 ? 60.5 : 10.5,
                60.5 * tolerance(DType::F32));
    EXPECT_NEAR(recipe.target_mean[0] + recipe.target_scale[0] * g.numbers[2 * i], i == 0 ? 9.5 : 1.5,
                9.5 * tolerance(DType::F32));
  }
}

TEST(Recipe, OneClassForTrainingIsRefused) {
  const Dataset data = read("a,y\n1,0\n2,1\n3,0\n");
  const std::vector<int64_t> rows = {0, 2};
  EXPECT_TRUE(throws_error([&] { fit_recipe(data.select(rows), MissingPolicy::Mean); }, ErrorKind::Data,
                           "t.csv: the rows for training have one class only (\"0\"), expected at least two"));
  EXPECT_TRUE(throws_error([&] { fit_recipe(data.select({}), MissingPolicy::Mean); }, ErrorKind::Data,
                           "there are no rows for training"));
}

TEST(Recipe, AConstantTargetIsSaid) {
  const Dataset data = read("a,y\n1,2.5\n2,2.5\n3,7.5\n");
  const std::vector<int64_t> rows = {0, 1};
  std::vector<std::string> warnings;
  const Recipe recipe = fit_recipe(data.select(rows), MissingPolicy::Mean, &warnings);
  EXPECT_EQ(warnings, (std::vector<std::string>{"target \"y\": constant among the rows for training"}));
  EXPECT_EQ(recipe.target_scale[0], 1.0);
}

TEST(FromArrays, StandardisesEachFeature) {
  const std::vector<float> x = {1, 10, 3, 30, 5, 20};
  const std::vector<int32_t> y = {0, 1, 1};
  const Dataset data = from_arrays(x, 3, std::span(y), {"no", "yes"});
  const Recipe recipe = fit_recipe(data, MissingPolicy::Mean);
  ASSERT_EQ(recipe.inputs.size(), 2U);
  EXPECT_DOUBLE_EQ(recipe.inputs[1].mean, 20);
  const auto source = encode(data, recipe);
  EXPECT_EQ(source->type().inputs[0].shape, Shape{2});
  const Gathered g = gather(*source, {1});
  EXPECT_FLOAT_EQ(g.x[0][0], 0);
  EXPECT_FLOAT_EQ(g.x[0][1], static_cast<float>(10 / std::sqrt(200.0 / 3)));
  EXPECT_EQ(g.classes[0], 1);
}

TEST(FromArrays, TakesNumbersAsTargets) {
  const std::vector<float> x = {1, 2, 3, 4};
  const std::vector<float> y = {10, 20};
  const Dataset data = from_arrays(x, 2, std::span(y));
  EXPECT_EQ(data.schema().task, Task::Regression);
  EXPECT_EQ(data.schema().outputs(), 1);
  const Recipe recipe = fit_recipe(data, MissingPolicy::Mean);
  EXPECT_EQ(gather(*encode(data, recipe), {0, 1}).numbers, (std::vector<float>{-1, 1}));
}

TEST(FromArrays, RefusesWhatDoesNotFit) {
  const std::vector<float> x = {1, 2, 3, NAN};
  const std::vector<int32_t> y = {0, 2};
  const std::vector<float> numbers = {1, INFINITY};
  const auto with = [&](auto targets, size_t values, int64_t rows) {
    from_arrays(std::span<const float>(x).first(values), rows, std::span<const float>(targets));
  };
  EXPECT_TRUE(throws_error(
      [&] {
        from_arrays(x, 2, std::span(y), {"a", "b", "c"});
      },
      ErrorKind::Data, "x, row 1, feature 1: not a finite number (nan)"));
  EXPECT_TRUE(throws_error(
      [&] {
        from_arrays(std::span(x).first(2), 2, std::span(y), {"a", "b"});
      },
      ErrorKind::Data, "y, row 1: not the index of a class (2), expected 0 to 1"));
  EXPECT_TRUE(throws_error(
      [&] {
        from_arrays(std::span(x).first(3), 3, std::span(y), {"a", "b", "c"});
      },
      ErrorKind::Data, "y: not as many targets as rows (2), expected 3"));
  EXPECT_TRUE(throws_error([&] { with(numbers, 3, 2); }, ErrorKind::Data, "x: 3 values are no 2 rows"));
  EXPECT_TRUE(throws_error([&] { with(numbers, 2, 2); }, ErrorKind::Data, "y, row 1: not a finite number (inf)"));
  EXPECT_TRUE(throws_error([&] { with(numbers, 3, 3); }, ErrorKind::Data, "y: 2 values are no targets of 3 rows"));
}

TEST(Encode, FollowsASelection) {
  const Dataset data = read("a,y\n1,0\n2,1\n3,0\n4,1\n");
  const std::vector<int64_t> rows = {3, 0};
  const Recipe recipe = fit_recipe(data, MissingPolicy::Mean);
  const auto source = encode(data.select(rows), recipe);
  EXPECT_EQ(source->rows(), 2);
  const Gathered g = gather(*source, {0, 1, 0});
  EXPECT_EQ(g.classes, (std::vector<int32_t>{1, 0, 1}));
  EXPECT_EQ(g.x[0], g.x[2]);
  EXPECT_GT(g.x[0][0], g.x[1][0]);
}

}  // namespace
}  // namespace redbud
