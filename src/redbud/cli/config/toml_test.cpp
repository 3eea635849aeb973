#include "redbud/cli/config/toml.h"

#include <gtest/gtest.h>

#include <limits>

#include "redbud/testing/core/throws_error.h"

namespace redbud::cli {
namespace {

TEST(Toml, KeepsTheOrderAndThePlaceOfKeys) {
  const ConfigValue tree = parse_toml("[z]\nb = 1\na = [1, 2.5, \"x\"]\n[a]\nc = { y = true, x = -3 }\n", "run.toml");
  const auto& sections = tree.as_table("file");
  ASSERT_EQ(sections.size(), 2U);
  EXPECT_EQ(sections[0].key, "z");
  EXPECT_EQ(sections[1].key, "a");
  const auto& z = sections[0].value.as_table("z");
  EXPECT_EQ(z[0].key, "b");
  EXPECT_EQ(z[0].value.where, "run.toml:2:1");
  EXPECT_EQ(z[1].value.as_list("a")[2].as_text("a"), "x");
  EXPECT_EQ(z[1].value.as_list("a")[1].where, "run.toml:3:9");
  const ConfigValue& c = sections[1].value.as_table("a")[0].value;
  EXPECT_EQ(c.as_table("c")[0].key, "y");
  EXPECT_EQ(c.find("x")->as_integer("x"), -3);
}

TEST(Toml, RefusesWithLineAndColumn) {
  EXPECT_TRUE(throws_error([] { parse_toml("[a]\nb = \n", "run.toml"); }, ErrorKind::Usage, "run.toml:2:"));
  EXPECT_TRUE(throws_error([] { parse_toml("a = 1\na = 2\n", "run.toml"); }, ErrorKind::Usage, "run.toml:2:"));
  EXPECT_TRUE(throws_error([] { parse_toml("a = 10:30:00\n", "run.toml"); }, ErrorKind::Usage,
                           "run.toml:1:1: a date or a time"));
  EXPECT_TRUE(
      throws_error([] { parse_toml_value("1\nb = 2", "--set a"); }, ErrorKind::Usage, "--set a: is not a value"));
  EXPECT_TRUE(throws_error([] { parse_toml_value("relu", "--set a"); }, ErrorKind::Usage, "\"relu\""));
}

TEST(Toml, DeepNestingIsRefusedNotFollowed) {
  const std::string deep = "a = " + std::string(100'000, '[');
  EXPECT_TRUE(throws_error([&] { parse_toml(deep, "run.toml"); }, ErrorKind::Usage, "run.toml:1:"));
}

TEST(Toml, ValuesReadBackAsTheyWere) {
  ConfigValue table;
  table.set("plain", 1);
  table.set("with space", "a \"quoted\" \\ text\n\ttab \x01 und \xc3\xa4");
  const std::vector<ConfigValue> values = {
      true,
      false,
      int64_t{-5},
      std::numeric_limits<int64_t>::max(),
      0.1,
      1.0,
      1e300,
      5e-324,
      -0.0,
      std::numeric_limits<double>::infinity(),
      "",
      "C:\\data\\a.csv",
      ConfigValue::List{},
      ConfigValue::List{1, 2.0, "x", ConfigValue::List{true}},
      ConfigValue::Table{},
      table,
  };
  for (const ConfigValue& value : values) {
    const std::string text = to_toml_value(value);
    EXPECT_EQ(text.find('\n'), std::string::npos) << text;
    EXPECT_TRUE(parse_toml_value(text, "") == value) << text;
  }
  EXPECT_EQ(to_toml_value(2.0), "2.0");  // stays a real number
}

}  // namespace
}  // namespace redbud::cli
