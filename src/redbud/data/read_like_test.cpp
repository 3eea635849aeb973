#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "redbud/core/bytes.h"
#include "redbud/core/checksum.h"
#include "redbud/data/recipe.h"
#include "redbud/testing/core/temp_folder.h"
#include "redbud/testing/core/throws_error.h"

namespace redbud {
namespace {

const std::string kTraining = "age,color,member,y\n30,red,yes,ham\n42,blue,no,spam\n55,red,no,spam\n20,green,yes,ham\n";

Recipe trained(const std::string& text = kTraining, const ReadOptions& options = {}) {
  const TempFolder folder;
  return fit_recipe(read_data(folder.write("train.csv", text), options), options.missing);
}

struct Like {
  Dataset data;
  ReadNotes notes;
  const TableColumn& cells(size_t column) const { return data.table()->columns[column]; }
};

Like like(const std::string& text, const Recipe& recipe, bool with_target = true, const ReadOptions& options = {}) {
  const TempFolder folder;
  Like result;
  result.data = read_like(folder.write("new.csv", text), recipe, with_target, options, &result.notes);
  return result;
}

::testing::AssertionResult refuses(const std::string& text, const Recipe& recipe, const std::string& message,
                                   bool with_target = true, const ReadOptions& options = {}) {
  return throws_error([&] { like(text, recipe, with_target, options); }, ErrorKind::Data, message);
}

TEST(ReadLike, MatchesColumnsByName) {
  const Like l = like("y,extra,member,age,color\nspam,1,no,33,blue\nham,2,yes,,purple\n", trained());
  EXPECT_EQ(l.cells(0).numbers[0], 33);
  EXPECT_EQ(l.cells(1).codes, (std::vector<int32_t>{0, -2})) << "blue, and one that training never met";
  EXPECT_EQ(l.cells(2).codes, (std::vector<int32_t>{0, 1}));
  EXPECT_EQ(l.cells(3).codes, (std::vector<int32_t>{1, 0}));
  EXPECT_EQ(l.data.fingerprint, checksum(as_bytes("y,extra,member,age,color\nspam,1,no,33,blue\nham,2,yes,,purple\n")));
}

TEST(ReadLike, AMissingColumnIsNamed) {
  EXPECT_TRUE(refuses("Age,color,member,y\n1,red,no,ham\n", trained(),
                      "new.csv: no column is called \"age\", which the model needs; is \"Age\" meant?"));
  EXPECT_TRUE(refuses("color,y\nred,ham\n", trained(),
                      "no column is called \"age\", nor 1 more that the model needs; the columns are color, y"));
  EXPECT_TRUE(refuses("age,color,member\n1,red,no\n", trained(), "no column is called \"y\""));
  EXPECT_EQ(like("age,color,member\n1,red,no\n", trained(), false).data.rows(), 1);
}

TEST(ReadLike, WithoutATargetItIsNotLookedAt) {
  const Like l = like("age,color,member,y\n1,red,no,whatever\n2,blue,no,\n", trained(), false);
  EXPECT_EQ(l.data.rows(), 2);
  EXPECT_FALSE(l.data.has_targets());
  EXPECT_TRUE(encode(l.data, trained())->type().targets.empty());
}

TEST(ReadLike, WithoutAHeaderColumnsGoByPosition) {
  const Recipe recipe = trained("1,red,0\n2,blue,1\n3,red,1\n5,red,0\n");
  EXPECT_EQ(like("7,blue,1\n8,red,0\n", recipe).cells(2).codes, (std::vector<int32_t>{1, 0}));
  EXPECT_EQ(like("7,blue\n8,red\n", recipe, false).cells(1).codes, (std::vector<int32_t>{0, 1})) << "no target column";
  EXPECT_EQ(like("7,blue,?\n8,red,?\n", recipe, false).data.rows(), 2) << "a target column to be passed over";
  EXPECT_TRUE(refuses("7,blue\n8,red\n", recipe, "new.csv: 2 columns, expected 3, as in training"));
  EXPECT_TRUE(
      refuses("7,8,9,9\n7,8,9,9\n", recipe, "4 columns, expected 3, as in training, or 2 without the target", false));
  EXPECT_EQ(like("red,x1,x0,x2\nno,blue,7,1\n", recipe).cells(0).numbers[0], 7) << "a header with our own names";
}

TEST(ReadLike, AFileWithoutAHeaderForAModelWithNames) {
  const Like l = like("33,blue,no,ham\n44,red,yes,spam\n", trained());
  EXPECT_EQ(l.cells(0).numbers[1], 44);
  ASSERT_FALSE(l.notes.facts.empty());
  EXPECT_EQ(l.notes.facts[0], "no header (the first line holds the number 33): columns are matched by position");
}

TEST(ReadLike, UnknownLabelsAreRefused) {
  EXPECT_TRUE(refuses("age,color,member,y\n1,red,no,ham\n2,red,no,eggs\n", trained(),
                      "new.csv:3, column \"y\": a label that training never met (\"eggs\"), expected ham, spam"));
  const Recipe digits = trained("a,y\n1,0\n2,1\n3,2\n4,1\n");
  EXPECT_EQ(like("a,y\n1,2.0\n2,01\n", digits).cells(1).codes, (std::vector<int32_t>{2, 1}))
      << "the same numbers, written otherwise";
  EXPECT_TRUE(refuses("a,y\n1,0\n2,3\n", digits,
                      "new.csv:3, column \"y\": a label that training never met (\"3\"), expected 0, 1, 2"));
  EXPECT_TRUE(refuses("a,y\n1,-1\n2,1\n", digits, "(\"-1\")"));
  EXPECT_TRUE(refuses("a,y\n1,0.5\n2,1\n", digits, "(\"0.5\")"));
}

TEST(ReadLike, FullStopsAreDroppedOnlyIfThatExplainsAllLabels) {
  const Like l = like("age,color,member,y\n1,red,no,ham.\n2,red,no,\" spam. \"\n3,red,no,ham\n", trained());
  EXPECT_EQ(l.cells(3).codes, (std::vector<int32_t>{0, 1, 0}));
  EXPECT_EQ(l.notes.facts,
            (std::vector<std::string>{
                "column \"y\": labels are matched without the full stop at their end (\"ham.\" is \"ham\")"}));
  EXPECT_TRUE(refuses("age,color,member,y\n1,red,no,ham.\n2,red,no,spam.\n3,red,no,eggs.\n", trained(),
                      "new.csv:4, column \"y\": a label that training never met (\"eggs.\")"));
  EXPECT_TRUE(refuses("age,color,member,y\n1,red,no,ham..\n", trained(), "(\"ham..\")"));
}

TEST(ReadLike, CellsOfTheWrongTypeAreNamed) {
  EXPECT_TRUE(refuses("age,color,member,y\n1,red,no,ham\nold,red,no,spam\n", trained(),
                      "new.csv:3, column \"age\": not a number (\"old\")"));
  EXPECT_TRUE(
      refuses("age,color,member,y\nold,red,no,ham\n", trained(), "new.csv:2, column \"age\": not a number (\"old\")"));
  EXPECT_TRUE(refuses("age,color,member,y\n1,red,maybe,ham\n", trained(),
                      "new.csv:2, column \"member\": not a value of this column (\"maybe\"), expected no or yes"));
  EXPECT_TRUE(refuses("age,color,member,y\n1e39,red,no,ham\n", trained(),
                      "new.csv:2, column \"age\": larger than a 32-bit float can be (1e39)"));
  EXPECT_EQ(like("age,color,member,y\n1,red,TRUE,ham\n", trained()).cells(2).codes[0], 1) << "another word for yes";
  EXPECT_EQ(
      like("age,color,member,y\nold,red,no,ham\n1,red,no,ham\n", trained(), true, {.skip_bad_rows = true}).data.rows(),
      1);
}

TEST(ReadLike, UnseenCategoriesByPolicy) {
  Recipe recipe = trained();
  recipe.unseen = UnseenPolicy::Error;
  EXPECT_TRUE(
      refuses("age,color,member,y\n1,red,no,ham\n2,pink,no,ham\n", recipe,
              "new.csv:3, column \"color\": a category that training never met (\"pink\"), expected blue, green, red"));
}

TEST(ReadLike, MissingCellsByTheRecipesPolicy) {
  const std::string text = "age,color,member,y\n1,red,no,ham\n,red,no,spam\n";
  EXPECT_EQ(like(text, trained()).data.rows(), 2);
  EXPECT_EQ(like(text, trained(kTraining, {.missing = MissingPolicy::Drop})).data.rows(), 1);
  EXPECT_EQ(like(text, trained(kTraining, {.missing = MissingPolicy::Drop}), false).data.rows(), 2)
      << "every row gets its prediction";
  EXPECT_TRUE(refuses(text, trained(kTraining, {.missing = MissingPolicy::Error}),
                      "new.csv:3, column \"age\": a cell without a value"));
  EXPECT_TRUE(
      refuses("age,color,member,y\n1,red,no,\n", trained(), "new.csv:2, column \"y\": the target has no value"));
}

TEST(ReadLike, Regression) {
  const Recipe recipe = trained("a,y\n1,0.5\n2,1.5\n4,9.5\n");
  EXPECT_EQ(like("a,y\n1,7\n", recipe).cells(1).numbers, (NumberVector{7}));
  EXPECT_TRUE(refuses("a,y\n1,high\n", recipe, "new.csv:2, column \"y\": not a number (\"high\")"));
}

TEST(ReadLike, RefusesAnEmptyFile) {
  EXPECT_TRUE(refuses("", trained(), "new.csv: the file holds no rows"));
  EXPECT_TRUE(refuses("age,color,member,y\n", trained(), "new.csv: the file holds no rows"));
}

std::vector<float> all_rows(RowStream& stream, int64_t features, int64_t at_once) {
  std::vector<float> all;
  std::vector<float> part(static_cast<size_t>(features * at_once));
  while (const int64_t count = stream.next(part.data(), features, at_once))
    all.insert(all.end(), part.begin(), part.begin() + count * features);
  return all;
}

TEST(RowStream, GivesTheRowsThatEncodeGives) {
  const TempFolder folder;
  std::string text = "color,age,member\n";
  for (int i = 0; i < 5000; ++i) {
    text += (i % 3 == 0   ? "red"
             : i % 3 == 1 ? "blue"
                          : "pink" + std::to_string(i)) +
            "," + (i % 11 == 0 ? "?" : std::to_string(i)) + ",";
    text += i % 5 == 0 ? "yes\n" : i % 7 == 0 ? "\n" : "no\n";
  }
  const Path file = folder.write("new.csv", text);
  const Recipe recipe = trained();
  const int64_t features = recipe.schema.features();
  const Dataset data = read_like(file, recipe, false);
  const auto source = encode(data, recipe);
  std::vector<int64_t> rows(static_cast<size_t>(data.rows()));
  for (size_t i = 0; i < rows.size(); ++i) rows[i] = static_cast<int64_t>(i);
  std::vector<float> expected(rows.size() * static_cast<size_t>(features));
  BatchView view;
  view.inputs = {{.data = expected.data(), .stride = features}};
  source->gather(rows, view);
  for (const int64_t at_once : {1, 100, 1024, 9999}) {
    RowStream stream(file, recipe);
    EXPECT_EQ(all_rows(stream, features, at_once), expected) << at_once;
  }
}

TEST(RowStream, RefusesBadCellsAndLeavesOutRowsIfAsked) {
  const TempFolder folder;
  const Path file = folder.write("new.csv", "age,color,member\n1,red,no\nx,red,no\n2,red\n3,blue,no\n");
  const Recipe recipe = trained();
  EXPECT_TRUE(throws_error(
      [&] {
        RowStream stream(file, recipe);
        all_rows(stream, 5, 10);
      },
      ErrorKind::Data, "new.csv:4: the row that begins at byte 35 has 2 fields, expected 3"));
  RowStream stream(file, recipe, {.skip_bad_rows = true, .rejects = folder / "rejects.csv"});
  EXPECT_EQ(all_rows(stream, 5, 10).size(), 10U);
  EXPECT_EQ(stream.notes().rows_left_out, 2);
  EXPECT_EQ(text_of(folder / "rejects.csv"),
            "line,reason,row\n3,\"column \"\"age\"\": \"\"x\"\" is not a number that fits\",\"x,red,no\"\n"
            "4,\"the row that begins at byte 35 has 2 fields, expected 3\",\"2,red\"\n");
}

TEST(RowStream, FillsOrRefusesGaps) {
  const TempFolder folder;
  const Path file = folder.write("new.csv", "age,color,member\n1,red,no\n?,red,no\n");
  RowStream filled(file, trained(kTraining, {.missing = MissingPolicy::Drop}));
  EXPECT_EQ(all_rows(filled, 5, 10).size(), 10U);
  const auto strict = [&] {
    RowStream stream(file, trained(kTraining, {.missing = MissingPolicy::Error}));
    all_rows(stream, 5, 10);
  };
  EXPECT_TRUE(throws_error(strict, ErrorKind::Data, "new.csv:3, column \"age\": a cell without a value"));
}

}  // namespace
}  // namespace redbud
