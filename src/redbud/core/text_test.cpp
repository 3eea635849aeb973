#include "redbud/core/text.h"

#include <gtest/gtest.h>

#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>
#include <random>

namespace redbud {
namespace {

TEST(ParseNumber, AcceptsItsGrammar) {
  const std::vector<std::pair<std::string, double>> known = {
      {"0", 0},
      {"1", 1},
      {"-1", -1},
      {"+1", 1},
      {" 1 ", 1},
      {"\t-2.5\t", -2.5},
      {"007", 7},
      {"3.25", 3.25},
      {".5", 0.5},
      {"-.5", -0.5},
      {"+.5e1", 5},
      {"1.", 1},
      {"1.e2", 100},
      {"1e5", 1e5},
      {"1E5", 1e5},
      {"1e+5", 1e5},
      {"1e-5", 1e-5},
      {"9007199254740993", 9007199254740992.0},
      {"123456789012345678901234567890", 123456789012345678901234567890.0},
      {"1e39", 1e39},
      {"4.9e-324", 4.9e-324},
      {"1.7976931348623157e308", 1.7976931348623157e308},
      {"0.1", 0.1},
      {"2.2250738585072011e-308", 2.2250738585072011e-308}};
  for (const auto& [text, value] : known) {
    const auto parsed = parse_number(text);
    ASSERT_TRUE(parsed) << text;
    EXPECT_EQ(*parsed, value) << text;
  }
}

TEST(ParseNumber, InfinityNanAndTheLimits) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  for (const char* text : {"inf", "+inf", "Inf", "INFINITY", "infinity", " inf ", "1e999", "2e308"}) {
    EXPECT_EQ(parse_number(text), kInfinity) << text;
  }
  for (const char* text : {"-inf", "-Infinity", "-1e999"}) EXPECT_EQ(parse_number(text), -kInfinity) << text;
  for (const char* text : {"nan", "NaN", "NAN", "-nan", "+nan"}) {
    ASSERT_TRUE(parse_number(text)) << text;
    EXPECT_TRUE(std::isnan(*parse_number(text))) << text;
  }
  EXPECT_EQ(parse_number("1e-999"), 0.0);
  EXPECT_FALSE(std::signbit(*parse_number("1e-999")));
  EXPECT_TRUE(std::signbit(*parse_number("-1e-999")));
  EXPECT_TRUE(std::signbit(*parse_number("-0")));
}

TEST(ParseNumber, RefusesAllElse) {
  for (const char* text : {"",
                           " ",
                           "+",
                           "-",
                           ".",
                           "+.",
                           "e5",
                           ".e5",
                           "1e",
                           "1e+",
                           "1e5.0",
                           "1,5",
                           "1_000",
                           "1 000",
                           "0x10",
                           "0x1p3",
                           "1p3",
                           "--1",
                           "+-1",
                           "-+1",
                           "- 1",
                           "1-",
                           "1.2.3",
                           "1f",
                           "1d5",
                           "$1",
                           "1%",
                           "١٢",
                           "１",
                           "nan(1)",
                           "nan()",
                           "in",
                           "infi",
                           "infinity1",
                           "NaN0",
                           "NA",
                           "null",
                           "true",
                           "1\n",
                           "\v1",
                           "\r1",
                           "1 2",
                           "1;",
                           "½",
                           "1e5e5",
                           "\xEF\xBB\xBF"
                           "1"}) {
    EXPECT_FALSE(parse_number(text)) << text;
  }
  EXPECT_FALSE(parse_number(std::string_view("1\0", 2)));
}

TEST(ParseNumber, AgreesWithStrtodOnRandomNumbers) {
  std::mt19937_64 random(1);
  for (int i = 0; i < 20000; ++i) {
    char text[64];
    const uint64_t bits = random();
    double value = 0;
    std::memcpy(&value, &bits, sizeof value);
    if (!std::isfinite(value)) continue;
    const int digits = static_cast<int>(random() % 20);
    std::snprintf(text, sizeof text, random() % 2 == 0 ? "%.*e" : "%.*g", digits, value);
    const auto parsed = parse_number(text);
    ASSERT_TRUE(parsed) << text;
    ASSERT_EQ(*parsed, std::strtod(text, nullptr)) << text;  // the test runs in the C locale
  }
}

TEST(ParseInteger, AcceptsAndRefuses) {
  EXPECT_EQ(parse_integer("42"), 42);
  EXPECT_EQ(parse_integer(" -42\t"), -42);
  EXPECT_EQ(parse_integer("+7"), 7);
  EXPECT_EQ(parse_integer("9223372036854775807"), INT64_MAX);
  EXPECT_EQ(parse_integer("-9223372036854775808"), INT64_MIN);
  for (const char* text : {"", "+", "-", "+-1", "-+1", "++1", "1.0", "1e3", "0x10", "1,000", "1_000",
                           "9223372036854775808", "-9223372036854775809", "1 2", "a", "١"}) {
    EXPECT_FALSE(parse_integer(text)) << text;
  }
}

TEST(FormatNumber, IsShortAndReadsBack) {
  EXPECT_EQ(format_number(0.1F), "0.1");
  EXPECT_EQ(format_number(0.1), "0.1");
  EXPECT_EQ(format_number(1.0), "1");
  EXPECT_EQ(format_number(-0.0), "-0");
  EXPECT_EQ(format_number(1.0 / 3), "0.3333333333333333");
  EXPECT_EQ(format_number(1.0F / 3), "0.33333334");
  EXPECT_EQ(format_number(std::numeric_limits<double>::quiet_NaN()), "nan");
  EXPECT_EQ(format_number(-std::numeric_limits<double>::quiet_NaN()), "nan");
  EXPECT_EQ(format_number(std::numeric_limits<float>::infinity()), "inf");
  EXPECT_EQ(format_number(-std::numeric_limits<double>::infinity()), "-inf");
  EXPECT_EQ(format_number(-std::numeric_limits<double>::max()), "-1.7976931348623157e+308");
  std::mt19937_64 random(2);
  for (int i = 0; i < 20000; ++i) {
    const uint64_t bits = random();
    double value = 0;
    std::memcpy(&value, &bits, sizeof value);
    if (std::isfinite(value)) {
      ASSERT_EQ(parse_number(format_number(value)), value);
    }
    float narrow = 0;
    std::memcpy(&narrow, &bits, sizeof narrow);
    if (std::isfinite(narrow)) {
      ASSERT_EQ(static_cast<float>(*parse_number(format_number(narrow))), narrow);
    }
  }
}

TEST(Format, Thousands) {
  EXPECT_EQ(with_thousands(0), "0");
  EXPECT_EQ(with_thousands(999), "999");
  EXPECT_EQ(with_thousands(1000), "1,000");
  EXPECT_EQ(with_thousands(-100), "-100");
  EXPECT_EQ(with_thousands(-1000), "-1,000");
  EXPECT_EQ(with_thousands(1234567), "1,234,567");
  EXPECT_EQ(with_thousands(INT64_MIN), "-9,223,372,036,854,775,808");
}

TEST(Format, Bytes) {
  EXPECT_EQ(format_bytes(0), "0 bytes");
  EXPECT_EQ(format_bytes(1), "1 byte");
  EXPECT_EQ(format_bytes(999), "999 bytes");
  EXPECT_EQ(format_bytes(1000), "1.0 KB");
  EXPECT_EQ(format_bytes(1500000), "1.5 MB");
  EXPECT_EQ(format_bytes(9949), "9.9 KB");
  EXPECT_EQ(format_bytes(9950), "10 KB");
  EXPECT_EQ(format_bytes(312000), "312 KB");
  EXPECT_EQ(format_bytes(999499), "999 KB");
  EXPECT_EQ(format_bytes(999500), "1.0 MB");
  EXPECT_EQ(format_bytes(INT64_MAX), "9.2 EB");
}

TEST(Text, TrimSplitLower) {
  EXPECT_EQ(trim(" \t a b\t "), "a b");
  EXPECT_EQ(trim(" \t "), "");
  EXPECT_EQ(trim("\na\n"), "\na\n") << "only blanks and tabs";
  EXPECT_EQ(split("a,,b,", ','), (std::vector<std::string>{"a", "", "b", ""}));
  EXPECT_EQ(split("", ','), std::vector<std::string>{""});
  EXPECT_EQ(to_lower("AbZ Ä"), "abz Ä");
}

TEST(Nearest, FindsWhatWasMeant) {
  const std::vector<std::string> keys = {"learning_rate", "batch_size", "epochs", "seed", "l1", "l2", "Income"};
  EXPECT_EQ(nearest("learning_rat", keys), "learning_rate");
  EXPECT_EQ(nearest("batchsize", keys), "batch_size");
  EXPECT_EQ(nearest("batch-size", keys), "batch_size");
  EXPECT_EQ(nearest("epocsh", keys), "epochs") << "two neighbours swapped are one edit";
  EXPECT_EQ(nearest("EPOCHS", keys), "epochs");
  EXPECT_EQ(nearest("income", keys), "Income");
  EXPECT_EQ(nearest("l3", keys), "l1");
}

TEST(Nearest, IsSilentWhereNothingIsClose) {
  EXPECT_EQ(nearest("momentum", {"learning_rate", "seed"}), "");
  EXPECT_EQ(nearest("x", {"y", "z"}), "") << "one edit changes all of it";
  EXPECT_EQ(nearest("", {"a"}), "");
  EXPECT_EQ(nearest("a", {}), "");
  EXPECT_EQ(nearest(std::string(100000, 'a'), {"a"}), "");
}

TEST(Utf8, FindsTheFirstWrongByte) {
  for (const std::string_view good : {"", "plain ASCII text of some length", "größe", "日本語", "𝄞 clef",
                                      "\xEF\xBB\xBF", "\xF4\x8F\xBF\xBF", "\xED\x9F\xBF", "\xEE\x80\x80"}) {
    EXPECT_FALSE(find_invalid_utf8(good)) << good;
  }
  const std::vector<std::pair<std::string, size_t>> bad = {{"\x80", 0},
                                                           {"abc\xE4 rest", 3},
                                                           {"0123456789\xFF", 10},
                                                           {"\xC0\xAF", 0},
                                                           {"\xC1\xBF", 0},
                                                           {"\xE0\x80\xAF", 0},
                                                           {"\xE0\x9F\xBF", 0},
                                                           {"\xF0\x8F\xBF\xBF", 0},
                                                           {"\xED\xA0\x80", 0},
                                                           {"\xF4\x90\x80\x80", 0},
                                                           {"\xF5\x80\x80\x80", 0},
                                                           {"a\xE2\x82", 1},
                                                           {"ok\xF0\x9D\x84", 2},
                                                           {"\xC3(", 0},
                                                           {"\xE2\x28\xA1", 0}};
  for (const auto& [text, at] : bad) EXPECT_EQ(find_invalid_utf8(text), at) << testing::PrintToString(text);
}

TEST(Quote, EscapesAndCuts) {
  EXPECT_EQ(quote("plain"), "\"plain\"");
  EXPECT_EQ(quote(""), "\"\"");
  EXPECT_EQ(quote("a\tb\nc\r"), "\"a\\tb\\nc\\r\"");
  EXPECT_EQ(quote("say \"x\\y\""), "\"say \\\"x\\\\y\\\"\"");
  EXPECT_EQ(quote(std::string_view("a\0\x1B[2J\x7F", 7)), "\"a\\x00\\x1b[2J\\x7f\"");
  EXPECT_EQ(quote("\xE4"), "\"\\xe4\"");
  EXPECT_EQ(quote("\xC2\x9B"), "\"\\xc2\\x9b\"") << "a control character that terminals obey";
  EXPECT_EQ(quote("größe 日本"), "\"größe 日本\"");
  EXPECT_EQ(quote(std::string(60, 'a')), '"' + std::string(60, 'a') + '"');
  EXPECT_EQ(quote(std::string(61, 'a')), '"' + std::string(60, 'a') + "...\"");
  EXPECT_EQ(quote(std::string(59, 'a') + "ö"), '"' + std::string(59, 'a') + "...\"") << "no half characters";
}

}  // namespace
}  // namespace redbud
