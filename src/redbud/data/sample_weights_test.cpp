#include "redbud/data/sample_weights.h"

#include <gtest/gtest.h>

#include "redbud/data/recipe.h"
#include "redbud/testing/core/temp_folder.h"
#include "redbud/testing/core/throws_error.h"

namespace redbud {
namespace {

const ReadOptions kWeighted{.target = {"y"}, .sample_weight = "w"};
constexpr const char* kTable = "x,w,y\n1,0.5,no\n3,2,yes\n4,1,yes\n7,0,no\n";

Dataset read(const std::string& text, const ReadOptions& options = kWeighted) {
  const TempFolder folder;
  return read_data(folder.write("t.csv", text), options);
}

std::vector<float> gathered_weights(const SampleSource& source, const std::vector<int64_t>& rows) {
  std::vector<float> x(rows.size() * static_cast<size_t>(source.type().inputs[0].width()));
  std::vector<int32_t> y(rows.size());
  std::vector<float> w(rows.size(), -1.0F);
  source.gather(
      rows, {.inputs = {{x.data(), source.type().inputs[0].width()}}, .targets = {{y.data(), 1}}, .weights = w.data()});
  return w;
}

TEST(SampleWeights, AreAColumnThatIsNoInput) {
  const Dataset data = read(kTable);
  EXPECT_EQ(data.schema().weight, 1);
  EXPECT_EQ(data.schema().features(), 1);
  const Recipe recipe = fit_recipe(data, MissingPolicy::Mean);
  EXPECT_EQ(recipe.feature_names, (std::vector<std::string>{"x"}));
  const auto source = encode(data, recipe);
  EXPECT_TRUE(source->type().weighted);
  EXPECT_EQ(gathered_weights(*source, {3, 0, 1}), (std::vector<float>{0, 0.5, 2}));
  const std::vector<int64_t> some = {2, 0};
  EXPECT_EQ(gathered_weights(*encode(data.select(some), recipe), {0, 1}), (std::vector<float>{1, 0.5}));
}

TEST(SampleWeights, OfAnotherFileMayBeMissing) {
  const Recipe recipe = fit_recipe(read(kTable), MissingPolicy::Mean);
  const TempFolder folder;
  ReadNotes notes;
  const Dataset without = read_like(folder.write("u.csv", "y,x\nno,1\nyes,2\n"), recipe, true, {}, &notes);
  EXPECT_FALSE(encode(without, recipe)->type().weighted);
  ASSERT_FALSE(notes.facts.empty());
  EXPECT_EQ(notes.facts.back(), "no column is called \"w\": every row has the weight 1");
  const Dataset with = read_like(folder.write("v.csv", "w,y,x\n3,no,1\n4,yes,2\n"), recipe, true);
  EXPECT_EQ(gathered_weights(*encode(with, recipe), {0, 1}), (std::vector<float>{3, 4}));
  EXPECT_EQ(read_like(folder.write("w.csv", "w,x\n-3,1\nred,2\n"), recipe, false).rows(), 2)
      << "predictions don't weigh";
}

TEST(SampleWeights, AreRefusedWhereTheyAreNone) {
  const auto refuses = [](const std::string& text, const std::string& message, ReadOptions options = kWeighted) {
    return throws_error([&] { read(text, options); }, ErrorKind::Data, message);
  };
  EXPECT_TRUE(refuses("x,w,y\n1,1,no\n3,-2,yes\n", "t.csv:3, column \"w\": a negative weight (-2), expected a number"));
  EXPECT_TRUE(refuses("x,w,y\n1,1,no\n3,,yes\n", "t.csv:3, column \"w\": a row without a weight"));
  EXPECT_TRUE(
      refuses("x,w,y\n1,high,no\n3,low,yes\n", "t.csv:2, column \"w\": a weight that is not a number (\"high\")"));
  EXPECT_TRUE(refuses("x,w,y\n1,0,no\n3,0,yes\n", "t.csv: column \"w\": every row has the weight 0"));
  EXPECT_TRUE(
      refuses(kTable, "no column is called \"v\" (the sample weight)", {.target = {"y"}, .sample_weight = "v"}));
  EXPECT_TRUE(
      refuses(kTable, "column \"y\" is the sample weight, and a target", {.target = {"y"}, .sample_weight = "y"}));
  EXPECT_TRUE(refuses(kTable, "column \"w\" is the sample weight, and to be ignored",
                      {.target = {"y"}, .ignore = {"w"}, .sample_weight = "w"}));
}

}  // namespace
}  // namespace redbud
