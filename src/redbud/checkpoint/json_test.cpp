#include "redbud/checkpoint/json.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>

#include "redbud/core/rng.h"
#include "redbud/testing/core/throws_error.h"

namespace redbud {
namespace {

const JsonLimits kLimits{.where = "f", .kind = ErrorKind::Model, .depth = 4};

ConfigValue parse(std::string_view text) { return parse_json(text, kLimits); }

TEST(Json, WritesOneLineInTheOrderOfTheKeys) {
  ConfigValue table;
  table.set("z", 1);
  table.set("a", ConfigValue::List{1.0, true, "x\"\n", ConfigValue()});
  table.set("t", ConfigValue::Table{});
  EXPECT_EQ(to_json(table), R"({"z":1,"a":[1.0,true,"x\"\n",null],"t":{}})");
  EXPECT_EQ(parse(to_json(table)), table);
}

TEST(Json, NumbersKeepEveryBitAndTheirType) {
  std::vector<double> numbers = {0.0,       -0.0, 1.0, 0.1, 1e-5, 5e-324, std::numeric_limits<double>::max(),
                                 1.0 / 3.0, 1e22};
  for (int64_t i = 0; i < 1000; ++i) {
    const auto block = RandomKey{.seed = 5}.block(static_cast<uint32_t>(i));
    const uint64_t bits = static_cast<uint64_t>(block[0]) << 32 | block[1];
    double number = 0.0;
    std::memcpy(&number, &bits, sizeof(number));
    if (std::isfinite(number)) numbers.push_back(number);
  }
  for (double number : numbers) {
    const ConfigValue back = parse(to_json(ConfigValue(number)));
    ASSERT_TRUE(std::holds_alternative<double>(back.value)) << number;
    const double read = std::get<double>(back.value);
    EXPECT_EQ(std::memcmp(&read, &number, sizeof(number)), 0) << number;
  }
  for (int64_t whole : {std::numeric_limits<int64_t>::min(), int64_t{-1}, std::numeric_limits<int64_t>::max()}) {
    EXPECT_EQ(std::get<int64_t>(parse(to_json(ConfigValue(whole))).value), whole);
  }
}

TEST(Json, WhatJsonLacksBecomesNull) {
  EXPECT_EQ(to_json(ConfigValue(std::nan(""))), "null");
  EXPECT_EQ(to_json(ConfigValue(std::numeric_limits<double>::infinity())), "null");
  EXPECT_EQ(to_json(ConfigValue("a\xff")), "\"a\xEF\xBF\xBD\"");
}

TEST(Json, RefusesWhatIsNotJsonNamingTheByte) {
  EXPECT_TRUE(throws_error([] { parse("{\"a\":1,}"); }, ErrorKind::Model, "f: is not valid JSON at byte 7"));
  for (const char* text : {"", "{", "[1", "{\"a\"}", "01", "\"\xff\"", "nan", "1 2", "'a'", "[1,]", "\"\\u12\""}) {
    EXPECT_TRUE(throws_error([&] { parse(text); }, ErrorKind::Model, "is not valid JSON at byte")) << text;
  }
  EXPECT_TRUE(throws_error([] { parse("1e999"); }, ErrorKind::Model, "f: a number is out of range"));
}

TEST(Json, RefusesAKeyThatStandsTwice) {
  EXPECT_TRUE(throws_error([] { parse(R"({"a":{"b":1,"c":2,"b":3}})"); }, ErrorKind::Model,
                           "the key \"b\" stands twice in one JSON object"));
  EXPECT_NO_THROW(parse(R"({"a":{"a":1},"b":{"a":1}})"));
}

TEST(Json, RefusesDepthWithoutUsingTheStack) {
  EXPECT_NO_THROW(parse("[[[[1]]]]"));
  EXPECT_TRUE(throws_error([] { parse("[[[[[1]]]]]"); }, ErrorKind::Model, "JSON is nested deeper than 4 levels"));
  EXPECT_TRUE(throws_error([] { parse(std::string(1'000'000, '[')); }, ErrorKind::Model, "nested deeper"));
}

}  // namespace
}  // namespace redbud
