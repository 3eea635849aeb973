#include "redbud/data/class_weights.h"

#include <gtest/gtest.h>

#include <cmath>

#include "redbud/data/read.h"
#include "redbud/data/recipe.h"
#include "redbud/testing/core/temp_folder.h"
#include "redbud/testing/core/throws_error.h"

namespace redbud {
namespace {

/// 3 rows of class 0, 1 of class 1, 4 of class 2.
Dataset eight_rows(std::vector<std::string> classes) {
  const std::vector<float> x(8);
  const std::vector<int32_t> y = {0, 2, 0, 2, 1, 2, 0, 2};
  return from_arrays(x, 8, std::span<const int32_t>(y), std::move(classes));
}

/// compute_class_weight("balanced") of scikit-learn 1.9.1.
TEST(ClassWeights, BalancedAreThoseOfScikitLearn) {
  const Dataset data = eight_rows({"a", "b", "c"});
  EXPECT_EQ(class_weights(ClassWeights::balanced(), data), (std::vector<double>{8.0 / 9.0, 8.0 / 3.0, 2.0 / 3.0}));
  EXPECT_EQ(class_weights(ClassWeights::balanced(), eight_rows({"a", "b", "c", "d"})).at(3), 1.0);
}

TEST(ClassWeights, AreNoneOrAsGiven) {
  const Dataset data = eight_rows({"a", "b", "c"});
  EXPECT_TRUE(class_weights({}, data).empty());
  EXPECT_EQ(class_weights({1.0, 0.0, 5.5}, data), (std::vector<double>{1.0, 0.0, 5.5}));
}

TEST(ClassWeights, SayWhatIsWrong) {
  const Dataset data = eight_rows({"a", "b", "c"});
  const auto refuses = [&](const ClassWeights& weights, const char* text) {
    return throws_error([&] { class_weights(weights, data); }, ErrorKind::Usage, text);
  };
  EXPECT_TRUE(
      refuses({1.0, 2.0}, "class_weights does not have one weight a class (2 weights), expected 3, for a, b, c"));
  EXPECT_TRUE(refuses({1.0, -2.0, 1.0}, "class_weights is out of range (-2)"));
  EXPECT_TRUE(refuses({1.0, INFINITY, 1.0}, "class_weights is out of range (inf)"));
  EXPECT_TRUE(refuses({1.0, NAN, 1.0}, "class_weights is out of range (nan)"));
  EXPECT_TRUE(refuses({0.0, 0.0, 0.0}, "class_weights is 0 for every class"));
  const std::vector<float> numbers = {1, 2};
  const Dataset regression = from_arrays(numbers, 2, std::span<const float>(numbers));
  for (const ClassWeights& weights : {ClassWeights::balanced(), ClassWeights{1.0}}) {
    EXPECT_TRUE(throws_error([&] { class_weights(weights, regression); }, ErrorKind::Usage,
                             "class_weights does not go with the task (regression), expected classes, one a row"));
  }
  EXPECT_TRUE(class_weights({}, regression).empty());
}

TEST(ClassWeights, MultiplyThoseOfTheRows) {
  const TempFolder folder;
  const Path file = folder.write("t.csv", "x,w,y\n1,0.5,no\n3,2,yes\n4,1,yes\n7,0,no\n");
  const Dataset data = read_data(file, {.target = {"y"}, .sample_weight = "w"});
  const auto source = with_class_weights(encode(data, fit_recipe(data, MissingPolicy::Mean)), {3.0, 10.0});  // no, yes
  EXPECT_TRUE(source->type().weighted);
  std::vector<float> x(4), w(4);
  std::vector<int32_t> y(4);
  const std::vector<int64_t> rows = {0, 1, 2, 3};
  source->gather(rows, {.inputs = {{x.data(), 1}}, .targets = {{y.data(), 1}}, .weights = w.data()});
  EXPECT_EQ(w, (std::vector<float>{1.5, 20, 10, 0}));
}

}  // namespace
}  // namespace redbud
