// The tables of the data folder, against what another reader (Python's csv module) made of them.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "redbud/data/recipe.h"
#include "redbud/testing/core/data_folder.h"

namespace redbud {
namespace {

/// `target` counts among the columns of its kind; `sum` is that of all cells in columns of numbers, those left out
/// aside.
struct Expected {
  std::string file;
  std::string target = "-1";
  int64_t rows;
  int64_t columns;
  bool header;
  int64_t numbers;
  int64_t categories;
  int64_t booleans;
  std::vector<std::string> left_out;
  int64_t missing;
  size_t classes;  // 0: regression
};

const std::vector<Expected> kTables = {
    {"abalone.csv", "-1", 4177, 9, false, 8, 1, 0, {}, 0, 0},
    {"adult-test.csv", "-1", 16281, 15, false, 6, 9, 0, {}, 2203, 2},
    {"adult-train.csv", "-1", 32561, 15, false, 6, 9, 0, {}, 4262, 2},
    {"ames.csv", "Sale_Price", 2930, 75, true, 34, 39, 1, {"rownames"}, 0, 0},
    {"auto_imports.csv", "-1", 201, 26, false, 16, 10, 0, {}, 51, 0},
    {"california-housing.csv", "median_house_value", 20640, 10, true, 9, 1, 0, {}, 207, 0},
    {"diamonds.csv", "price", 53940, 10, true, 7, 3, 0, {}, 0, 0},
    {"german.csv", "-1", 1000, 21, false, 7, 14, 0, {}, 0, 2},
    {"horse-colic.csv", "-1", 300, 28, false, 27, 1, 0, {}, 1605, 2},
    {"mpg.csv", "mpg", 398, 9, true, 7, 1, 0, {"name"}, 6, 0},
    {"penguins.csv", "species", 344, 7, true, 4, 3, 0, {}, 19, 3},
    {"pollution.csv", "Ir", 43824, 13, true, 11, 1, 0, {"No"}, 2067, 0},
    {"telco-churn.csv", "Churn", 7043, 21, true, 4, 11, 5, {"customerID"}, 11, 2},
    {"titanic.csv", "survived", 891, 15, true, 5, 7, 3, {}, 869, 2},
    {"winequality-white.csv", "-1", 4898, 12, false, 11, 1, 0, {}, 0, 7},
};

int64_t count(const Schema& schema, ColumnType type) {
  return std::count_if(schema.columns.begin(), schema.columns.end(),
                       [&](const Column& column) { return column.type == type; });
}

TEST(SlowTables, AreReadRight) {
  const auto folder = require_data();
  if (!folder) GTEST_SKIP() << kNoData;
  for (const Expected& e : kTables) {
    SCOPED_TRACE(e.file);
    ReadNotes notes;
    const Dataset data = read_data(*folder / "tables" / e.file, {.target = {e.target}}, &notes);
    const Schema& schema = data.schema();
    EXPECT_EQ(data.rows(), e.rows);
    EXPECT_EQ(static_cast<int64_t>(schema.columns.size()), e.columns);
    EXPECT_EQ(!schema.positional, e.header);
    EXPECT_EQ(count(schema, ColumnType::Number), e.numbers);
    EXPECT_EQ(count(schema, ColumnType::Category), e.categories);
    EXPECT_EQ(count(schema, ColumnType::Boolean), e.booleans);
    EXPECT_EQ(schema.classes.size(), e.classes);
    EXPECT_EQ(schema.task, e.classes > 0 ? Task::Classification : Task::Regression);
    std::vector<std::string> left_out;
    int64_t missing = 0;
    for (const Column& column : schema.columns) {
      missing += column.missing;
      if (column.type == ColumnType::LeftOut) left_out.push_back(column.name);
    }
    EXPECT_EQ(left_out, e.left_out);
    EXPECT_EQ(missing, e.missing);
    if (e.file != "titanic.csv") EXPECT_TRUE(notes.warnings.empty()) << notes.warnings[0];
  }
}

TEST(SlowTables, NumbersAreRight) {
  const auto folder = require_data();
  if (!folder) GTEST_SKIP() << kNoData;
  const auto sum = [&](const std::string& file, const std::string& name, const std::string& target) {
    const Dataset data = read_data(*folder / "tables" / file, {.target = {target}});
    for (size_t i = 0; i < data.schema().columns.size(); ++i) {
      if (data.schema().columns[i].name != name) continue;
      double total = 0;
      for (double value : data.table()->columns[i].numbers) total += std::isnan(value) ? 0 : value;
      return total;
    }
    return 0.0;
  };
  EXPECT_DOUBLE_EQ(sum("diamonds.csv", "price", "price"), 212135217);
  EXPECT_NEAR(sum("diamonds.csv", "carat", "price"), 43040.87, 1e-6);
  EXPECT_NEAR(sum("titanic.csv", "age", "survived"), 21205.17, 1e-6);
  EXPECT_NEAR(sum("telco-churn.csv", "TotalCharges", "Churn"), 16056168.70, 1e-4);
  EXPECT_DOUBLE_EQ(sum("california-housing.csv", "total_bedrooms", "median_house_value"), 10990309);
}

TEST(SlowTables, TheLeakOfTitanicIsNamed) {
  const auto folder = require_data();
  if (!folder) GTEST_SKIP() << kNoData;
  ReadNotes notes;
  read_data(*folder / "tables/titanic.csv", {.target = {"survived"}}, &notes);
  EXPECT_EQ(notes.warnings, (std::vector<std::string>{"column \"alive\": predicts \"survived\" perfectly; if it isn't "
                                                      "known when predictions are made, --ignore alive"}));
}

TEST(SlowTables, ThePenguinsWithoutASexAreNamed) {
  const auto folder = require_data();
  if (!folder) GTEST_SKIP() << kNoData;
  EXPECT_THROW(read_data(*folder / "tables/penguins.csv"), Error);
  EXPECT_EQ(read_data(*folder / "tables/penguins.csv", {.missing_target = MissingTargetPolicy::Drop}).rows(), 333);
}

TEST(SlowTables, AdultsTestFileIsReadByTheRecipeOfTheTraining) {
  const auto folder = require_data();
  if (!folder) GTEST_SKIP() << kNoData;
  const Recipe recipe = fit_recipe(read_data(*folder / "tables/adult-train.csv"), MissingPolicy::Mean);
  ReadNotes notes;
  const Dataset test = read_like(*folder / "tables/adult-test.csv", recipe, true, {}, &notes);
  EXPECT_EQ(test.rows(), 16281);
  const auto& codes = test.table()->columns[14].codes;
  EXPECT_EQ(std::count(codes.begin(), codes.end(), 1), 3846);
  EXPECT_EQ(std::count(codes.begin(), codes.end(), 0), 12435);
  ASSERT_EQ(notes.facts.size(), 1U);
  EXPECT_NE(notes.facts[0].find("without the full stop"), std::string::npos);
}

TEST(SlowTables, TheRegressionSetsWithBlanksAreReadAsNumbers) {
  const auto folder = require_data();
  if (!folder) GTEST_SKIP() << kNoData;
  const auto shape = [&](const std::string& name) {
    const Dataset data = read_data(*folder / "uci-regression" / name / "data/data.txt", {.task = Task::Regression});
    return std::pair(data.rows(), static_cast<int64_t>(data.schema().columns.size()));
  };
  EXPECT_EQ(shape("bostonHousing"), std::pair(int64_t{506}, int64_t{14}));
  EXPECT_EQ(shape("concrete"), std::pair(int64_t{1030}, int64_t{9}));
  EXPECT_EQ(shape("kin8nm"), std::pair(int64_t{8192}, int64_t{9}));
  EXPECT_EQ(shape("yacht"), std::pair(int64_t{308}, int64_t{7}));
}

}  // namespace
}  // namespace redbud
