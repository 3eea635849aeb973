#include "redbud/data/sources/csv_dialect.h"

#include <gtest/gtest.h>

#include "redbud/data/sources/csv_scanner.h"

namespace redbud {
namespace {

CsvDialect dialect_of(std::string_view text, HeaderMode mode = HeaderMode::Auto) {
  CsvDialect dialect;
  dialect.separator = guess_separator(text, true);
  guess_header(sample_records(text, true, dialect.separator), mode, dialect);
  return dialect;
}

TEST(CsvDialect, GuessesTheSeparator) {
  EXPECT_EQ(dialect_of("a,b,c\n1,2,3\n").separator, ',');
  EXPECT_EQ(dialect_of("a;b;c\n1;2;3\n").separator, ';');
  EXPECT_EQ(dialect_of("a\tb\n1\t2\n").separator, '\t');
  EXPECT_EQ(dialect_of("a|b\n1|2\n").separator, '|');
  EXPECT_EQ(dialect_of("1,5;2,5;3,5\n1,25;2,0;3,1\n").separator, ';') << "decimal commas";
  EXPECT_EQ(dialect_of("name\tplace\nDoe, J.\tHere, there\n").separator, '\t');
  EXPECT_EQ(dialect_of("39, State-gov, x\n50, Private, y z\n").separator, ',') << "blanks after commas";
  EXPECT_EQ(dialect_of("a,\"b;c\"\n1,\"2;3\"\n").separator, ',') << "a separator in quotes is none";
  EXPECT_EQ(dialect_of("text,n\na; b,1\nc,2\nd,3\n").separator, ',');
  EXPECT_EQ(dialect_of("  1.5  2.5   3\n 10.5 -2.5  4\n").separator, kBlanks);
  EXPECT_EQ(dialect_of("one\ntwo\n").separator, ',');
  EXPECT_EQ(dialect_of("a,b,c\n1,2\n3,4,5\n6,7,8\n").separator, ',') << "one ragged row";
}

TEST(CsvDialect, AHeaderStandsAboveNumbers) {
  const CsvDialect dialect = dialect_of("name,age\nAnn,31\nBob,42\n");
  EXPECT_TRUE(dialect.header);
  EXPECT_EQ(dialect.header_reason, "\"age\" stands above numbers");
  EXPECT_TRUE(dialect_of("2019,total\n1,2\n3,4\n").header) << "one text above numbers is enough";
}

TEST(CsvDialect, ANumberInTheFirstLineMeansNone) {
  const CsvDialect dialect = dialect_of("Ann,31\nBob,42\n");
  EXPECT_FALSE(dialect.header);
  EXPECT_EQ(dialect.header_reason, "the first line holds the number 31");
  EXPECT_FALSE(dialect_of("?,31\n5,42\n").header);
  EXPECT_FALSE(dialect_of("inf,31,x\n5,42,y\n").header);
}

TEST(CsvDialect, TextsAloneAreJudgedByWhatRepeats) {
  EXPECT_TRUE(dialect_of("color,size\nred,L\nblue,S\nred,S\n").header);
  const CsvDialect repeated = dialect_of("red,L\nblue,S\nred,S\n");
  EXPECT_FALSE(repeated.header);
  EXPECT_EQ(repeated.header_reason, "\"red\" of the first line is met again below it");
  EXPECT_FALSE(dialect_of("a,a\nb,c\n").header) << "names differ";
}

TEST(CsvDialect, ColumnsCountedFromZeroAreNames) {
  EXPECT_TRUE(dialect_of("0,1,2,3\n0.5,1.5,2.5,3.5\n").header);
  EXPECT_FALSE(dialect_of("0,1\n0.5,1.5\n").header) << "two may be chance";
}

TEST(CsvDialect, WhatIsSaidCounts) {
  EXPECT_TRUE(dialect_of("1,2\n3,4\n", HeaderMode::Yes).header);
  EXPECT_FALSE(dialect_of("a,b\n3,4\n", HeaderMode::No).header);
}

TEST(CsvDialect, LeavesOutARecordThatMayBeCutOff) {
  EXPECT_EQ(sample_records("a,b\n1,2\n3,4", false, ',').size(), 2U);
  EXPECT_EQ(sample_records("a,b\n1,2\n3,4", true, ',').size(), 3U);
  EXPECT_EQ(sample_records("a,b\n1,\"2\n3,4", false, ',').size(), 1U) << "inside quotes";
}

}  // namespace
}  // namespace redbud
