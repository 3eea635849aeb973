#include "redbud/optim/schedule.h"
#include "redbud/testing/core/golden.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>

#include "redbud/testing/core/throws_error.h"

namespace redbud {
namespace {

ConfigValue table(std::string_view name, std::vector<std::pair<std::string_view, ConfigValue>> keys) {
  ConfigValue config;
  config.set("name", name);
  for (auto& [key, value] : keys) config.set(key, std::move(value));
  return config;
}

ConfigValue list(std::initializer_list<double> numbers) {
  ConfigValue::List values;
  for (double number : numbers) values.emplace_back(number);
  return values;
}

TEST(Schedule, AreThoseOfPyTorch) {
  const std::map<std::string, ConfigValue> same = {
      {"piecewise", table("piecewise", {{"epochs", list({5, 12, 20})}, {"factors", list({0.1, 0.01, 0.001})}})},
      {"exponential", table("exponential", {{"factor", 0.1}, {"every", 20}})},
      {"polynomial", table("polynomial", {{"power", 2}})},
      {"cosine", table("cosine", {{"end", 0.05}})},
      {"restarts", table("cosine", {{"every", 4}, {"multiply", 2}, {"end", 0.1}})},
      {"warmup", table("none", {{"warmup", 8}})},
      {"one_cycle", table("one_cycle", {{"peak", 0.3}, {"start", 0.04}, {"end", 4e-6}})},
  };
  const auto lines = read_golden("schedules.txt");
  ASSERT_EQ(lines.size(), same.size()) << "tests/golden/schedules.txt";
  for (const auto& [name, expected] : lines) {
    const auto schedule = schedule_from_config(same.at(name));
    ASSERT_EQ(expected.size(), 30U) << name;
    for (size_t epoch = 0; epoch < expected.size(); ++epoch) {
      EXPECT_NEAR(schedule->factor({.epoch = static_cast<double>(epoch), .epochs = 30.0}), expected[epoch], 1e-10)
          << name << ", epoch " << epoch;
    }
  }
}

TEST(Schedule, PowerIsItsFormula) {
  const auto schedule = schedule_from_config(table("power", {{"power", 2}, {"every", 5}}));
  for (double epoch : {0.0, 2.5, 5.0, 40.0}) {
    EXPECT_DOUBLE_EQ(schedule->factor({.epoch = epoch}), std::pow(1.0 + epoch / 5.0, -2.0));
  }
}

TEST(Schedule, ShortCyclesComeRoundAMillionTimes) {
  const auto schedule = schedule_from_config(table("cosine", {{"every", 0.001}}));
  EXPECT_NEAR(schedule->factor({.epoch = 1000.0005, .epochs = 2000.0}), 0.5, 1e-6);
}

TEST(Schedule, APlateauDropsTheRateToItsEnd) {
  const auto schedule = schedule_from_config(table("plateau", {{"factor", 0.1}, {"patience", 3}, {"end", 0.05}}));
  EXPECT_EQ(schedule->patience(), 3);
  EXPECT_EQ(schedule->factor({.epoch = 7.0}), 1.0);
  EXPECT_DOUBLE_EQ(schedule->factor({.epoch = 7.0, .drops = 1}), 0.1);
  EXPECT_DOUBLE_EQ(schedule->factor({.epoch = 7.0, .drops = 2}), 0.05);
  EXPECT_EQ(schedule_from_config("cosine")->patience(), 0);
}

TEST(Schedule, ChangesByStepOrByEpoch) {
  const auto by_step = schedule_from_config("polynomial");
  const auto by_epoch = schedule_from_config(table("polynomial", {{"each", "epoch"}}));
  EXPECT_DOUBLE_EQ(by_step->factor({.epoch = 2.5, .epochs = 10.0}), 0.75);
  EXPECT_DOUBLE_EQ(by_epoch->factor({.epoch = 2.5, .epochs = 10.0}), 0.8);
}

TEST(Schedule, TheWarmUpStandsInFrontOfTheRest) {
  const auto schedule = schedule_from_config(table("polynomial", {{"warmup", 2}}));
  EXPECT_DOUBLE_EQ(schedule->factor({.epoch = 0.5, .epochs = 10.0}), 0.25);
  EXPECT_DOUBLE_EQ(schedule->factor({.epoch = 2.0, .epochs = 10.0}), 1.0);
  EXPECT_DOUBLE_EQ(schedule->factor({.epoch = 6.0, .epochs = 10.0}), 0.5);
}

TEST(Schedule, OneCyclesMomentumGoesTheOtherWay) {
  // PyTorch's OneCycleLR(max_momentum = 0.95, base_momentum = 0.85) with these numbers of steps gives the same ends.
  const auto schedule = schedule_from_config(table("one_cycle", {{"momentum", list({0.95, 0.85})}, {"warmup", 2}}));
  const auto at = [&](double epoch) { return schedule->momentum({.epoch = epoch, .epochs = 22.0}).value(); };
  EXPECT_DOUBLE_EQ(at(1.0), 0.95);
  EXPECT_DOUBLE_EQ(at(2.0), 0.95);
  EXPECT_DOUBLE_EQ(at(5.0), 0.90);
  EXPECT_DOUBLE_EQ(at(8.0), 0.85);
  EXPECT_DOUBLE_EQ(at(15.0), 0.90);
  EXPECT_DOUBLE_EQ(at(22.0), 0.95);
  EXPECT_FALSE(schedule_from_config("one_cycle")->momentum({}).has_value());
  EXPECT_FALSE(schedule_from_config("cosine")->momentum({}).has_value());
}

TEST(Schedule, AllStartAndEndInTheUnitRange) {
  for (const std::string& name : schedule_names()) {
    if (name == "piecewise") continue;  // its factors are the user's
    const auto schedule = schedule_from_config(name);
    for (double epoch = 0.0; epoch <= 20.0; epoch += 0.125) {
      const double factor = schedule->factor({.epoch = epoch, .epochs = 20.0});
      EXPECT_GE(factor, 0.0) << name << " at " << epoch;
      EXPECT_LE(factor, 1.0) << name << " at " << epoch;
    }
  }
}

TEST(Schedule, SaysWhatIsWrong) {
  const auto refuses = [](const ConfigValue& config, const char* text) {
    return throws_error([&] { schedule_from_config(config); }, ErrorKind::Usage, text);
  };
  EXPECT_TRUE(refuses("cosin", "unknown schedule (\"cosin\")"));
  EXPECT_TRUE(refuses("cosin", "did you mean cosine?"));
  EXPECT_TRUE(refuses(table("cosine", {{"power", 2}}), "the schedule cosine has no key power"));
  EXPECT_TRUE(refuses(table("exponential", {{"factor", 2.0}}), "schedule.factor is out of range (2)"));
  EXPECT_TRUE(refuses(table("polynomial", {{"end", -0.5}}), "schedule.end is out of range"));
  EXPECT_TRUE(refuses(table("cosine", {{"every", 1e-9}}), "every is out of range"));
  EXPECT_TRUE(refuses("piecewise", "epochs is not given"));
  EXPECT_TRUE(refuses(table("one_cycle", {{"momentum", list({0.95})}}), "momentum is not a pair"));
  EXPECT_TRUE(refuses(table("one_cycle", {{"momentum", list({0.95, 1.5})}}), "momentum is out of range"));
  EXPECT_TRUE(refuses(table("piecewise", {{"epochs", list({5, 2})}, {"factors", list({0.1, 0.01})}}), "don't fit"));
  EXPECT_TRUE(refuses(table("piecewise", {{"epochs", list({5})}, {"factors", list({0.1, 0.01})}}), "don't fit"));
  EXPECT_TRUE(refuses(table("none", {{"each", "day"}}), "schedule.each has an unknown value"));
  EXPECT_TRUE(refuses(table("none", {{"warmup", -1}}), "schedule.warmup is out of range"));
}

}  // namespace
}  // namespace redbud
