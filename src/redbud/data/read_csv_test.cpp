#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "redbud/core/bytes.h"
#include "redbud/core/checksum.h"
#include "redbud/data/read.h"
#include "redbud/testing/core/temp_folder.h"
#include "redbud/testing/core/throws_error.h"

namespace redbud {
namespace {

struct Read {
  Dataset data;
  ReadNotes notes;

  const Column& column(const std::string& name) const {
    const auto& columns = data.schema().columns;
    return *std::find_if(columns.begin(), columns.end(), [&](const Column& c) { return c.name == name; });
  }
  const TableColumn& cells(size_t column) const { return data.table()->columns[column]; }
  bool says(const std::string& text) const { return contains(notes.facts, text); }
  bool warns(const std::string& text) const { return contains(notes.warnings, text); }

 private:
  static bool contains(const std::vector<std::string>& lines, const std::string& text) {
    return std::any_of(lines.begin(), lines.end(),
                       [&](const std::string& line) { return line.find(text) != std::string::npos; });
  }
};

Read read(const std::string& text, const ReadOptions& options = {}) {
  const TempFolder folder;
  Read result;
  result.data = read_data(folder.write("t.csv", text), options, &result.notes);
  return result;
}

::testing::AssertionResult refuses(const std::string& text, const std::string& message,
                                   const ReadOptions& options = {}) {
  return throws_error([&] { read(text, options); }, ErrorKind::Data, message);
}

/// A header and `rows` lines that a function gives.
template <class Line>
std::string table(const std::string& header, int rows, Line line) {
  std::string text = header + "\n";
  for (int i = 0; i < rows; ++i) text += line(i) + "\n";
  return text;
}

std::string n(int value) { return std::to_string(value); }

TEST(ReadCsv, ReadsNumbersCategoriesAndBooleans) {
  const Read r = read("age,color,member,y\n31,red,yes,0\n42,blue,no,1\n,red,?,1\n50,green,yes,0\n");
  const Schema& schema = r.data.schema();
  EXPECT_EQ(r.data.rows(), 4);
  EXPECT_FALSE(schema.positional);
  EXPECT_EQ(r.column("age").type, ColumnType::Number);
  EXPECT_EQ(r.column("age").missing, 1);
  EXPECT_EQ(r.cells(0).numbers[1], 42);
  EXPECT_TRUE(std::isnan(r.cells(0).numbers[2]));
  EXPECT_EQ(r.column("color").levels, (std::vector<std::string>{"blue", "green", "red"}));
  EXPECT_EQ(r.cells(1).codes, (std::vector<int32_t>{2, 0, 2, 1}));
  EXPECT_EQ(r.column("member").type, ColumnType::Boolean);
  EXPECT_EQ(r.column("member").levels, (std::vector<std::string>{"no", "yes"}));
  EXPECT_EQ(r.cells(2).codes, (std::vector<int32_t>{1, 0, -1, 1}));
  EXPECT_EQ(schema.features(), 1 + 3 + 1);
  EXPECT_EQ(schema.sample_shape, Shape{5});
  EXPECT_EQ(schema.task, Task::Classification);
  EXPECT_EQ(schema.classes, (std::vector<std::string>{"0", "1"}));
  EXPECT_EQ(r.data.table()->lines, (std::vector<int64_t>{2, 3, 4, 5}));
  EXPECT_TRUE(r.says("separator ',' · header: yes, \"age\" stands above numbers"));
  EXPECT_TRUE(r.says("column \"age\": number, 3 of 4 cells are numbers, 1 missing"));
}

TEST(ReadCsv, NamesColumnsByNumberWithoutAHeader) {
  const Read r = read("5.1,3.5,a\n4.9,3.0,b\n");
  EXPECT_TRUE(r.data.schema().positional);
  EXPECT_EQ(r.data.schema().target_names, (std::vector<std::string>{"x2"}));
}

TEST(ReadCsv, BooleansPutFalseFirstWhateverTheCase) {
  const Read r = read("a,b,y\n1,no,1\n2,Yes,2\n3,no,1\n");
  EXPECT_EQ(r.column("b").levels, (std::vector<std::string>{"no", "Yes"}));
  EXPECT_EQ(r.cells(1).codes, (std::vector<int32_t>{0, 1, 0}));
}

TEST(ReadCsv, LeavesOutWhatCannotBeLearned) {
  const Read r = read(table("id,key,day,constant,empty,same,many,x,y", 60, [](int i) {
    return n(i + 7) + ",k" + n(i) + ",2024-01-" + (i % 28 < 9 ? "0" : "") + n(i % 28 + 1) + ",3,,abc,m" + n(i % 40) +
           "," + n(i * i) + "," + n(i % 2);
  }));
  EXPECT_EQ(r.column("id").reason, "left out: an identifier, its integers count up by one");
  EXPECT_EQ(r.column("key").reason, "left out: an identifier, its text is unique in every row");
  EXPECT_EQ(r.column("day").reason, "left out: dates or times");
  EXPECT_EQ(r.column("constant").reason, "left out: every cell is 3");
  EXPECT_EQ(r.column("empty").reason, "left out: no cell has a value");
  EXPECT_EQ(r.column("same").reason, "left out: every cell is \"abc\"");
  EXPECT_EQ(r.column("many").reason, "left out: 40 distinct texts in 60 cells, most are met once");
  EXPECT_EQ(r.data.schema().features(), 1);
  EXPECT_EQ(r.notes.warnings, (std::vector<std::string>{"column \"constant\": left out, every cell is 3",
                                                        "column \"empty\": left out, no cell has a value",
                                                        "column \"same\": left out, every cell is \"abc\""}));
  EXPECT_TRUE(r.data.table()->columns[0].numbers.empty());
}

TEST(ReadCsv, TooManyLevelsAreLeftOut) {
  const Read r = read(table("t,x,y", 4004, [](int i) { return "t" + n(i % 1001) + "," + n(i * i) + "," + n(i % 2); }));
  EXPECT_EQ(r.column("t").reason, "left out: 1,001 distinct texts, more than 1,000 can't be learned");
}

TEST(ReadCsv, FewRowsAreNoIdentifiers) {
  const Read r = read("id,name,y\n1,a,0\n2,b,1\n3,c,1\n");
  EXPECT_EQ(r.column("id").type, ColumnType::Number);
  EXPECT_EQ(r.column("name").type, ColumnType::Category);
}

TEST(ReadCsv, IgnoredColumnsAreNotLookedAt) {
  const Read r = read("a,b,y\n1,1e99,0\n2,x,1\n", {.ignore = {"b"}});
  EXPECT_EQ(r.column("b").reason, "left out: as was said");
  EXPECT_TRUE(refuses("a,b,y\n1,2,0\n2,3,1\n", "no column is called \"bb\" (to ignore); did you mean \"b\"?",
                      {.ignore = {"bb"}}));
  EXPECT_TRUE(refuses("a,y\n1,0\n2,1\n", "column \"y\" is the target, and to be ignored", {.ignore = {"y"}}));
}

TEST(ReadCsv, AMistakeInAColumnOfNumbersIsNamed) {
  const auto line = [](int i) { return (i == 57 ? std::string("5O") : n(i * i)) + "," + n(i % 2); };
  EXPECT_TRUE(refuses(table("x,y", 100, line),
                      "t.csv:59, column \"x\": not a number (\"5O\"), expected digits with a decimal point"));
  const auto early = [](int i) { return (i == 3 ? std::string("five") : n(i * i)) + "," + n(i % 2); };
  EXPECT_TRUE(refuses(table("x,y", 100, early), "t.csv:5, column \"x\": not a number (\"five\")"));
  // Far below the sample that the first guess is made from: read once more as texts.
  const auto late = [](int i) { return (i >= 5000 && i % 2 == 0 ? "none" : n(i % 90)) + "," + n(i % 3); };
  const Read r = read(table("x,y", 8000, late));
  EXPECT_EQ(r.column("x").type, ColumnType::Category);
  EXPECT_EQ(r.column("x").levels.size(), 91U);
}

TEST(ReadCsv, AColumnThatBeginsWithGapsMayHoldTexts) {
  const Read r = read(table("x,z,y", 400, [](int i) {
    return (i < 300 ? std::string() : i % 2 == 0 ? "a" : "b") + "," + n(i * i) + "," + n(i % 2);
  }));
  EXPECT_EQ(r.column("x").levels, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(r.column("x").missing, 300);
  EXPECT_EQ(r.cells(0).codes[299], -1);
  EXPECT_EQ(r.cells(0).codes[301], 1);
}

TEST(ReadCsv, NumbersInOtherFormsAreNotGuessedAt) {
  EXPECT_TRUE(refuses("x;y\n1,5;0\n2,5;1\n", "t.csv:2, column \"x\": a number in a form that is not read (\"1,5\")"));
  EXPECT_TRUE(refuses("x,y\n1_000,0\n2_000,1\n", "column \"x\": a number in a form that is not read (\"1_000\")"));
  EXPECT_TRUE(refuses("x,y\n0x1p3,0\n0x1p4,1\n", "\"0x1p3\""));
  EXPECT_TRUE(refuses("x,y\n\xD9\xA1\xD9\xA2,0\n\xD9\xA1,1\n", "a form that is not read"));
  const Read r = read("x,y\n+1,0\n 2 ,1\n.5,0\n1e2,1\n9007199254740993,0\n");
  EXPECT_EQ(r.cells(0).numbers, (NumberVector{1, 2, 0.5, 100, 9007199254740992.0}));
}

TEST(ReadCsv, NumbersThatNoFloatHoldsAreRefusedWithTheirPlace) {
  EXPECT_TRUE(refuses("x,y\n1,0\ninf,1\n",
                      "t.csv:3, column \"x\": not a finite number (inf), expected at most 3.4e38 either way"));
  EXPECT_TRUE(refuses("x,y\n1,0\n2,1\n1e39,1\n", "t.csv:4, column \"x\": larger than a 32-bit float can be (1e39)"));
  EXPECT_TRUE(refuses("x,y\n1,0\n-1e999,1\n", "not a finite number (-1e999)"));
  EXPECT_TRUE(refuses("x,y\n1,0.5\n2,-inf\n", "t.csv:3, column \"y\": not a finite number (-inf)"));
  const Read r = read("x,y\n1e-310,0\n3.4028235e38,1\n-nan,0\n5e-324,1\n");
  EXPECT_EQ(r.column("x").missing, 1);
  EXPECT_EQ(r.cells(0).numbers[3], 5e-324);
}

TEST(ReadCsv, MissingCellsByPolicy) {
  const std::string text = "a,b,y\n1,x,0\n?,z,1\n3,,1\n4,x,1\n";
  EXPECT_EQ(read(text).data.rows(), 4);
  EXPECT_TRUE(refuses(text, "t.csv:3, column \"a\": a cell without a value; --missing mean fills such cells",
                      {.missing = MissingPolicy::Error}));
  const Read dropped = read(text, {.missing = MissingPolicy::Drop});
  EXPECT_EQ(dropped.data.rows(), 2);
  EXPECT_EQ(dropped.notes.rows_left_out, 2);
  EXPECT_TRUE(dropped.says("2 rows left out because a cell has no value"));
  EXPECT_TRUE(
      refuses("a,b,y\n,1,0\n2,,1\n?,5,1\n7,,0\n", "every row misses a value", {.missing = MissingPolicy::Drop}));
}

TEST(ReadCsv, MissingTargetsByPolicy) {
  const std::string text = "a,y\n1,0\n2,\n3,1\n4,NA\n";
  EXPECT_TRUE(refuses(text, "t.csv:3, column \"y\": the target has no value; --missing-target drop"));
  EXPECT_EQ(read(text, {.missing_target = MissingTargetPolicy::Drop}).data.rows(), 2);
  const Read aside = read(text, {.missing_target = MissingTargetPolicy::Unlabelled});
  EXPECT_EQ(aside.data.rows(), 2);
  EXPECT_TRUE(aside.says("2 rows without a label set aside"));
}

TEST(ReadCsv, RaggedRowsAreNamed) {
  const std::string text = "a,b,y\n1,2,0\n3,4\n5,6,1\n7,8,1,9\n";
  EXPECT_TRUE(refuses(
      text, "t.csv:3: the row that begins at byte 12 has 2 fields, expected 3; --skip-bad-rows leaves such rows out"));
  const TempFolder folder;
  const Read r = read(text, {.skip_bad_rows = true, .rejects = folder / "rejects.csv"});
  EXPECT_EQ(r.data.rows(), 2);
  EXPECT_EQ(r.notes.rows_left_out, 2);
  EXPECT_EQ(text_of(folder / "rejects.csv"),
            "line,reason,row\n3,\"the row that begins at byte 12 has 2 fields, expected 3\",\"3,4\"\n"
            "5,\"the row that begins at byte 22 has 4 fields, expected 3\",\"7,8,1,9\"\n");
  EXPECT_TRUE(r.warns("2 rows left out because they can't be read, see"));
}

TEST(ReadCsv, SkipsRowsWithCellsThatAreNoNumbers) {
  const TempFolder folder;
  const auto line = [](int i) {
    return (i == 50 ? "oops" : i == 70 ? "1e39" : i == 3 ? "\"a\"\"b\"" : n(i * i)) + ",2," + n(i % 2);
  };
  const Read r = read(table("x,z,y", 100, line), {.skip_bad_rows = true, .rejects = folder / "r.csv"});
  EXPECT_EQ(r.data.rows(), 97);
  EXPECT_EQ(
      text_of(folder / "r.csv"),
      "line,reason,row\n5,\"column \"\"x\"\": \"\"a\\\"\"b\"\" is not a number that fits\",\"\"\"a\"\"\"\"b\"\",2,1\"\n"
      "52,\"column \"\"x\"\": \"\"oops\"\" is not a number that fits\",\"oops,2,0\"\n"
      "72,\"column \"\"x\"\": \"\"1e39\"\" is not a number that fits\",\"1e39,2,0\"\n");
}

TEST(ReadCsv, BadBytesAreNamedOrSkipped) {
  const std::string text = "name,y\nJos\xE9,0\nAnn,1\nBob,0\n";
  EXPECT_TRUE(refuses(text, "t.csv:2 (byte 10): bytes that are not UTF-8 (0xE9), expected a text file in UTF-8"));
  EXPECT_EQ(read(text, {.skip_bad_rows = true}).data.rows(), 2);
}

TEST(ReadCsv, FilesWithoutRows) {
  EXPECT_TRUE(refuses("", "t.csv: the file holds no rows"));
  EXPECT_TRUE(refuses("a,b,y\n", "t.csv: the file holds a header only, expected rows below it"));
  EXPECT_TRUE(refuses("a,y\n1,0\n", "t.csv: only one row can be used, expected at least two"));
  EXPECT_TRUE(refuses("a,y\n1\n2\n", "no row can be used", {.skip_bad_rows = true, .rejects = {}}) ||
              refuses("a,y\n1\n2\n", "header only", {.skip_bad_rows = true, .rejects = {}}));
}

TEST(ReadCsv, ColumnNames) {
  EXPECT_TRUE(refuses("a,b,a\n1,2,0\n3,4,1\n", "t.csv:1: two columns are called \"a\", expected a name of its own"));
  const Read r = read(",b,y\n5,2,0\n9,4,1\n");
  EXPECT_EQ(r.data.schema().columns[0].name, "x0");
  EXPECT_TRUE(r.says("column 1 has no name in the header: it is called x0"));
  EXPECT_TRUE(refuses("a,b,\n1,2,\n3,4,\n", "target \"x2\" has no value in any row"));
}

TEST(ReadCsv, VeryManyColumnsAreRefused) {
  std::string header = "a";
  std::string row = "1";
  for (int i = 1; i < 1'000'000; ++i) {
    header += ",c";
    row += ",2";
  }
  EXPECT_TRUE(refuses(header + "\n" + row + "\n", "t.csv:1: too many columns (1,000,000), expected at most 100,000"));
}

TEST(ReadCsv, OneColumnIsNothingToLearnFrom) {
  EXPECT_TRUE(refuses("y\n1\n2\n1\n",
                      "no column is left to learn from (1 columns, 1 of them targets); is the separator one of"));
  EXPECT_TRUE(refuses("a,y\n5,1\n5,2\n", "no column is left to learn from"));
}

TEST(ReadCsv, LeaksAreNamed) {
  const auto line = [](int i) {
    return n(i % 2 == 0 ? 5 : 7) + "," + n(i * i) + "," + (i % 7 < 3 ? "u" : "v") + "," +
           (i % 2 == 0 ? "dead" : "alive");
  };
  const Read r = read(table("mark,x,u,y", 100, line));
  EXPECT_EQ(
      r.notes.warnings,
      (std::vector<std::string>{
          "column \"mark\": predicts \"y\" perfectly; if it isn't known when predictions are made, --ignore mark"}));
}

TEST(ReadCsv, LeaksOfNumbersAreNamed) {
  const auto line = [](int i) { return n(i * i * i) + "," + n(i * i) + "," + std::to_string(0.5 * i * i + 3); };
  const Read r = read(table("cube,square,y", 100, line));
  ASSERT_EQ(r.notes.warnings.size(), 1U);
  EXPECT_TRUE(r.warns("column \"square\": predicts \"y\" perfectly"));
}

TEST(ReadCsv, NoLeakWhereValuesAreMetTooSeldom) {
  const Read r =
      read(table("t,x,y", 100, [](int i) { return "t" + n(i / 2 % 40) + "," + n(i * i) + "," + n(i / 2 % 2); }));
  EXPECT_TRUE(r.notes.warnings.empty()) << r.notes.warnings[0];
}

TEST(ReadCsv, TheFingerprintIsTheFiles) {
  EXPECT_EQ(read("a,y\n1,0\n2,1\n").data.fingerprint, checksum(as_bytes("a,y\n1,0\n2,1\n")));
}

TEST(ReadCsv, WhatIsNoRegularFileIsRefused) {
  const TempFolder folder;
  EXPECT_TRUE(throws_error([&] { read_data(folder / "none.csv"); }, ErrorKind::Data, "none.csv: no such file"));
  EXPECT_TRUE(throws_error([&] { read_data("/dev/zero"); }, ErrorKind::Data, "/dev/zero: is a device"));
  EXPECT_TRUE(throws_error([&] { read_data(folder.path()); }, ErrorKind::Data,
                           "the folder has no file train-images-idx3-ubyte"));
}

}  // namespace
}  // namespace redbud
