#include "redbud/core/config_value.h"

#include <gtest/gtest.h>

#include <new>

#include "redbud/testing/core/allocations.h"
#include "redbud/testing/core/throws_error.h"

namespace redbud {
namespace {

ConfigValue example() {
  ConfigValue root;
  root.set("epochs", 50);
  root.set("rate", 0.5);
  root.set("name", "adam");
  root.set("nesterov", true);
  root.set("hidden", ConfigValue::List{64, 32});
  root.set("inner", ConfigValue()).set("key", 1);
  return root;
}

TEST(ConfigValue, HoldsATreeInOrder) {
  const ConfigValue root = example();
  ASSERT_TRUE(root.is_table());
  EXPECT_EQ(root.as_table("").front().key, "epochs");
  EXPECT_EQ(root.as_table("").back().key, "inner");
  EXPECT_EQ(root.find("epochs")->as_integer("epochs"), 50);
  EXPECT_EQ(root.find("epochs")->as_number("epochs"), 50.0);
  EXPECT_EQ(root.find("rate")->as_number("rate"), 0.5);
  EXPECT_EQ(root.find("name")->as_text("name"), "adam");
  EXPECT_TRUE(root.find("nesterov")->as_bool("nesterov"));
  EXPECT_EQ(root.find("hidden")->as_list("hidden").at(1).as_integer("hidden"), 32);
  EXPECT_EQ(root.find("inner")->find("key")->as_integer("key"), 1);
  EXPECT_EQ(root.find("none"), nullptr);
  EXPECT_EQ(root.find("epochs")->find("none"), nullptr);
}

TEST(ConfigValue, SetReplaces) {
  ConfigValue root = example();
  root.set("epochs", 3);
  EXPECT_EQ(root.find("epochs")->as_integer("epochs"), 3);
  EXPECT_EQ(root.as_table("").size(), 6u);
}

TEST(ConfigValue, Equality) {
  EXPECT_TRUE(example() == example());
  for (const char* key : {"epochs", "rate", "name", "nesterov", "hidden", "inner"}) {
    ConfigValue other = example();
    other.set(key, "changed");
    EXPECT_FALSE(example() == other) << key;
  }
  EXPECT_FALSE(ConfigValue(1) == ConfigValue(1.0)) << "another type is another value";
  EXPECT_FALSE(ConfigValue(ConfigValue::List{1}) == ConfigValue(ConfigValue::List{2}));
}

TEST(ConfigValue, ACopyThatFindsNoMemoryLeavesBothAsTheyWere) {
  if (!allocations_are_counted()) GTEST_SKIP() << "ThreadSanitizer has its own operator new";
  ConfigValue original = example();
  original.set("long text that needs memory of its own", "another text that needs memory of its own");
  original.where = "a file whose name needs memory of its own";
  const ConfigValue expected = original;
  ConfigValue target = ConfigValue::List{1, "two"};
  bool met = true;
  int64_t k = 1;
  for (; met; ++k) {
    try {
      const FailingAllocation failing(k);
      target = original;
      met = failing.was_met();
    } catch (const std::bad_alloc&) {
    }
    EXPECT_TRUE(original == expected) << k;
    EXPECT_TRUE(target == (met ? ConfigValue(ConfigValue::List{1, "two"}) : expected)) << k;
  }
  EXPECT_GT(k, 5);
}

TEST(ConfigValue, RefusesTheWrongType) {
  ConfigValue value("text");
  value.where = "run.toml:12:3";
  const auto refuses = [](auto&& f, const std::string& text) { return throws_error(f, ErrorKind::Usage, text); };
  const std::string start = "run.toml:12:3: key epochs has a value of the wrong type (\"text\"), expected ";
  EXPECT_TRUE(refuses([&] { value.as_bool("epochs"); }, start + "true or false"));
  EXPECT_TRUE(refuses([&] { value.as_integer("epochs"); }, start + "a whole number"));
  EXPECT_TRUE(refuses([&] { value.as_number("epochs"); }, start + "a number"));
  EXPECT_TRUE(refuses([&] { value.as_list("epochs"); }, start + "a list"));
  EXPECT_TRUE(refuses([&] { value.as_table("epochs"); }, start + "a table"));
  EXPECT_TRUE(refuses([&] { value.set("key", 1); }, "expected a table"));
  EXPECT_TRUE(refuses([] { ConfigValue(1.5).as_integer("n"); }, "key n has a value of the wrong type (1.5)"));
  EXPECT_TRUE(refuses([] { ConfigValue(7).as_text("n"); }, "(7), expected text in quotes"));
  EXPECT_TRUE(refuses([] { ConfigValue(true).as_text("n"); }, "(true)"));
  EXPECT_TRUE(refuses([] { ConfigValue().as_text("n"); }, "(nothing)"));
  EXPECT_TRUE(refuses([] { ConfigValue(ConfigValue::List{}).as_text("n"); }, "(a list)"));
  EXPECT_TRUE(refuses([] { ConfigValue(ConfigValue::Table{}).as_text("n"); }, "(a table)"));
}

}  // namespace
}  // namespace redbud
