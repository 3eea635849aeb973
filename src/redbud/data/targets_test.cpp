#include "redbud/data/targets.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "redbud/testing/core/temp_folder.h"
#include "redbud/testing/core/throws_error.h"

namespace redbud {
namespace {

Dataset read(const std::string& text, const ReadOptions& options = {}, ReadNotes* notes = nullptr) {
  const TempFolder folder;
  return read_data(folder.write("t.csv", text), options, notes);
}

::testing::AssertionResult refuses(const std::string& text, const std::string& message,
                                   const ReadOptions& options = {}) {
  return throws_error([&] { read(text, options); }, ErrorKind::Data, message);
}

/// "x,y" and a row for each target.
std::string with_targets(const std::vector<std::string>& targets) {
  std::string text = "x,y\n";
  for (size_t i = 0; i < targets.size(); ++i) text += std::to_string(i * i) + "," + targets[i] + "\n";
  return text;
}

std::vector<int32_t> codes(const Dataset& data) {
  return data.table()->columns[static_cast<size_t>(data.schema().targets[0])].codes;
}

TEST(Targets, AreFoundByNameOrNumber) {
  const std::string text = "a,b,c\n1,0,5\n2,1,6\n4,1,7\n";
  const auto target = [&](const std::string& name) { return read(text, {.target = {name}}).schema().target_names[0]; };
  EXPECT_EQ(target("b"), "b");
  EXPECT_EQ(target("0"), "a");
  EXPECT_EQ(target("-1"), "c");
  EXPECT_EQ(target("-3"), "a");
  EXPECT_EQ(read("7,x,y\n1,0,5\n2,1,6\n", {.target = {"7"}}).schema().targets[0], 0) << "a name goes before a number";
}

TEST(Targets, ThatAreNotThere) {
  const std::string text = "age,income\n1,0\n2,1\n";
  EXPECT_TRUE(refuses(
      text, "t.csv: no column is called \"incom\" (the target); did you mean \"income\"? the columns are age, income",
      {.target = {"incom"}}));
  EXPECT_TRUE(
      refuses(text, "there is no column number 2 for the target, expected 0 to 1 or -1 to -2", {.target = {"2"}}));
  EXPECT_TRUE(refuses("1,0\n2,1\n", "(the file has no header: columns go by their numbers)", {.target = {"income"}}));
  EXPECT_TRUE(refuses(text, "column \"age\" is named twice as a target", {.target = {"age", "0"}}));
}

TEST(Targets, TextsAndBooleansAreClasses) {
  const Dataset texts = read(with_targets({"b", "a", "c", "a"}));
  EXPECT_EQ(texts.schema().classes, (std::vector<std::string>{"a", "b", "c"}));
  EXPECT_EQ(codes(texts), (std::vector<int32_t>{1, 0, 2, 0}));
  const Dataset booleans = read(with_targets({"yes", "No", "yes"}));
  EXPECT_EQ(booleans.schema().classes, (std::vector<std::string>{"No", "yes"}));
  EXPECT_EQ(booleans.schema().outputs(), 2);
}

TEST(Targets, FewIntegersAreClassesSortedByNumber) {
  const Dataset data = read(with_targets({"10", "9", "-1", "9.0"}));
  EXPECT_EQ(data.schema().classes, (std::vector<std::string>{"-1", "9", "10"}));
  EXPECT_EQ(codes(data), (std::vector<int32_t>{2, 1, 0, 1}));
  std::vector<std::string> twenty;
  for (int i = 0; i < 40; ++i) twenty.push_back(std::to_string(i % 20));
  EXPECT_EQ(read(with_targets(twenty)).schema().classes.size(), 20U);
  twenty.emplace_back("20");
  EXPECT_EQ(read(with_targets(twenty)).schema().task, Task::Regression);
}

TEST(Targets, TheTaskCanBeAskedFor) {
  EXPECT_EQ(read(with_targets({"1", "2", "3"}), {.task = Task::Regression}).schema().outputs(), 1);
  const Dataset data = read(with_targets({"1.5", "2.5", "1.5"}), {.task = Task::Classification});
  EXPECT_EQ(data.schema().classes, (std::vector<std::string>{"1.5", "2.5"}));
  EXPECT_TRUE(refuses(with_targets({"1", "2", "high"}),
                      "t.csv:4, column \"y\": a target that is not a number (\"high\")", {.task = Task::Regression}));
}

TEST(Targets, SeveralAreNumbers) {
  const std::string text = "a,b,c\n1,0,5\n2,1,6\n4,1,7\n";
  const Dataset data = read(text, {.target = {"c", "0"}});
  EXPECT_EQ(data.schema().task, Task::Regression);
  EXPECT_EQ(data.schema().target_names, (std::vector<std::string>{"c", "a"}));
  EXPECT_EQ(data.schema().outputs(), 2);
  EXPECT_EQ(data.schema().features(), 1);
  EXPECT_TRUE(refuses(text, "t.csv:2, column \"c\": not a label (5), expected 0 or 1",
                      {.target = {"c", "0"}, .task = Task::Classification}));
}

TEST(Targets, TooManyClasses) {
  std::vector<std::string> unique;
  for (int i = 0; i < 10; ++i) unique.push_back("name" + std::to_string(i));
  EXPECT_TRUE(refuses(
      with_targets(unique),
      "target \"y\" has too many texts for classes (10 in 10 rows), expected classes that are met in several rows"));
  std::vector<std::string> numbers;
  for (int i = 0; i < 1001; ++i) numbers.push_back(std::to_string(i) + ".5");
  EXPECT_TRUE(refuses(with_targets(numbers), "target \"y\" has too many values for classes (more than 1000)",
                      {.task = Task::Classification}));
}

TEST(Targets, AnOddLabelAmongIntegersIsNamed) {
  std::vector<std::string> labels;
  for (int i = 0; i < 200; ++i) labels.push_back(i == 120 ? "3.5" : std::to_string(i % 10));
  EXPECT_TRUE(refuses(with_targets(labels),
                      "t.csv:122, column \"y\": a label that is not an integer, where all but 1 are (3.5), expected "
                      "one of the 10 labels "
                      "from 0 to 9; --task regression takes all as numbers"));
  EXPECT_EQ(read(with_targets(labels), {.task = Task::Regression}).schema().task, Task::Regression);
  labels[120] = "x";
  EXPECT_TRUE(refuses(with_targets(labels), "t.csv:122, column \"y\": not a number (\"x\")"));
}

TEST(Targets, OneClassIsRefusedAndRareOnesAreNamed) {
  EXPECT_TRUE(
      refuses(with_targets({"a", "a", "a"}), "t.csv: target \"y\" has one class only (\"a\"), expected at least two"));
  EXPECT_TRUE(refuses(with_targets({"1", "1"}), "one class only (\"1\")"));
  ReadNotes notes;
  read(with_targets({"a", "b", "a", "c", "a", "d", "e"}), {}, &notes);
  EXPECT_EQ(
      notes.warnings,
      (std::vector<std::string>{
          "classes \"b\", \"c\", \"d\" and 1 more: met in one row only, it can't be both learned and validated"}));
}

}  // namespace
}  // namespace redbud
