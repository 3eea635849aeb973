#include "redbud/data/sources/cell_text.h"

#include <gtest/gtest.h>

#include <cfloat>
#include <cmath>
#include <limits>

namespace redbud {
namespace {

TEST(CellText, MissingTexts) {
  for (const char* text :
       {"", "?", "NA", "na", "Na", "N/A", "n/a", "nan", "NaN", "NAN", "null", "NULL", "Null", " NA ", "\t?", "  "}) {
    EXPECT_TRUE(is_missing(text)) << '"' << text << '"';
  }
  for (const char* text :
       {"0", "none", "-", "??", "N", "NAP", "nano", "nulls", "n/b", "N A", "inf", "\x0e\x01", "m/a", "nul"}) {
    EXPECT_FALSE(is_missing(text)) << '"' << text << '"';
  }
}

TEST(CellText, NumbersOfOtherGrammars) {
  for (const char* text : {"1,5", "-1,5", "1.234,56", "1,234,567", "1_000", "1'000", "0x1p3", "0xFF",
                           "\xD9\xA1\xD9\xA2", "\xEF\xBC\x91"}) {
    EXPECT_TRUE(is_foreign_number(text)) << text;
  }
  for (const char* text : {"", "1.5", "abc", "1.2.3", "a,b", ",", "2024-01-02", "0x", "0xZZ", "12%", "$1,000"}) {
    EXPECT_FALSE(is_foreign_number(text)) << text;
  }
}

TEST(CellText, Dates) {
  for (const char* text : {"2024-12-31", "2024/1/2", "2024.01.02", "31.12.2024", "12/31/2024", "1/2/24",
                           "2024-12-31 23:59", "2024-12-31T23:59:59Z", "2024-12-31T23:59:59.123456",
                           "2024-12-31T23:59:59+02:00", "23:59", "7:05:09", " 2024-12-31 "}) {
    EXPECT_TRUE(is_date(text)) << text;
  }
  for (const char* text :
       {"", "2024", "20241231", "2024-13-01", "2024-12-32", "32.12.2024", "31/31/2024", "1.2.3", "1.0.0.1", "2024-12",
        "2024-12/31", "2024-12-31x", "2024-12-31T", "25:00x", "12:60", "8.8.8.8", "555-1234", "1-2", "31.12.20245"}) {
    EXPECT_FALSE(is_date(text)) << text;
  }
}

TEST(CellText, Booleans) {
  for (const char* text : {"true", "True", "TRUE", "yes", "Y", "t", "on"}) EXPECT_EQ(parse_boolean(text), true) << text;
  for (const char* text : {"false", "No", "n", "F", "OFF"}) EXPECT_EQ(parse_boolean(text), false) << text;
  for (const char* text : {"", "1", "0", "maybe", "truely", "ye"}) EXPECT_FALSE(parse_boolean(text)) << text;
  EXPECT_TRUE(is_boolean_pair("No", "yes"));
  EXPECT_FALSE(is_boolean_pair("yes", "no"));
  EXPECT_FALSE(is_boolean_pair("no", "true"));
}

TEST(CellText, WhatAFloatHolds) {
  EXPECT_TRUE(fits_float(FLT_MAX));
  EXPECT_TRUE(fits_float(-FLT_MAX));
  EXPECT_TRUE(fits_float(std::nextafter(0x1.ffffffp127, 0)));  // rounds down to the largest float
  EXPECT_FALSE(fits_float(0x1.ffffffp127));                    // half way: rounds to even, which is infinity
  EXPECT_FALSE(fits_float(1e39));
  EXPECT_FALSE(fits_float(-std::numeric_limits<double>::infinity()));
  EXPECT_TRUE(fits_float(1e-310));
}

TEST(CellText, LevelsAreSortedAsNumbersOnlyIfAllAreIntegers) {
  std::vector<std::string> integers = {"10", "9", "-1", "100"};
  sort_levels(integers);
  EXPECT_EQ(integers, (std::vector<std::string>{"-1", "9", "10", "100"}));
  std::vector<std::string> texts = {"10", "9", "a", "B"};
  sort_levels(texts);
  EXPECT_EQ(texts, (std::vector<std::string>{"10", "9", "B", "a"}));
}

}  // namespace
}  // namespace redbud
