#include "redbud/core/error.h"

#include <gtest/gtest.h>

#include "redbud/testing/core/throws_error.h"

namespace redbud {
namespace {

TEST(Error, ExitCodes) {
  EXPECT_EQ(exit_code(ErrorKind::Usage), 2);
  EXPECT_EQ(exit_code(ErrorKind::Data), 3);
  EXPECT_EQ(exit_code(ErrorKind::Model), 4);
  EXPECT_EQ(exit_code(ErrorKind::Diverged), 5);
  EXPECT_EQ(exit_code(ErrorKind::Environment), 6);
  EXPECT_EQ(exit_code(ErrorKind::Verification), 7);
  EXPECT_EQ(exit_code(ErrorKind::Internal), 70);
}

TEST(Error, JoinsAllParts) {
  EXPECT_EQ(
      to_line({.where = "a.csv:3", .fact = "not a number", .found = "\"x\"", .expected = "a number", .hint = "fix it"}),
      "a.csv:3: not a number (\"x\"), expected a number; fix it");
}

TEST(Error, LeavesOutEmptyParts) {
  EXPECT_EQ(to_line({.fact = "no rows"}), "no rows");
  EXPECT_EQ(to_line({.fact = "no rows", .hint = "add some"}), "no rows; add some");
  EXPECT_EQ(to_line({.where = "a.csv", .fact = "no rows", .expected = "one"}), "a.csv: no rows, expected one");
}

TEST(Error, IsOneLineThatNoTerminalObeys) {
  EXPECT_EQ(to_line({.where = "a\nb\r\n.csv", .fact = "no\x1B[2J\ttext\x7F"}), "a b  .csv: no?[2J?text?");
  EXPECT_EQ(to_line({.where = "größe.csv", .fact = "no rows"}), "größe.csv: no rows");
}

TEST(Error, KeepsItsParts) {
  const Error error(ErrorKind::Model, {.where = "layer hidden1", .fact = "too wide", .found = "9"});
  EXPECT_EQ(error.kind(), ErrorKind::Model);
  EXPECT_EQ(error.text().found, "9");
  EXPECT_STREQ(error.what(), "layer hidden1: too wide (9)");
}

TEST(Error, BrokenInvariantNamesItsPlace) {
  EXPECT_TRUE(throws_error([] { RB_ASSERT(1 + 1 == 3); }, ErrorKind::Internal, "src/redbud/core/error_test.cpp:"));
  EXPECT_TRUE(throws_error([] { RB_ASSERT(1 + 1 == 3); }, ErrorKind::Internal, "(1 + 1 == 3)"));
  EXPECT_NO_THROW(RB_ASSERT(1 + 1 == 2));
}

}  // namespace
}  // namespace redbud
