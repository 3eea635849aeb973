#include "redbud/optim/momentum_schedule.h"
#include "redbud/testing/core/golden.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "redbud/testing/core/throws_error.h"
#include "redbud/testing/core/tolerance.h"

namespace redbud {
namespace {

constexpr int64_t kSteps = 50;
constexpr double kStepsPerEpoch = 10.0;
const std::vector<std::string> kOptimizers = {"momentum", "nesterov", "adam", "adamax", "radam"};

ConfigValue list(std::initializer_list<double> numbers) {
  ConfigValue::List values;
  for (double number : numbers) values.emplace_back(number);
  return values;
}

ConfigValue table(std::string_view name, std::vector<std::pair<std::string_view, ConfigValue>> keys) {
  ConfigValue config;
  config.set("name", name);
  for (auto& [key, value] : keys) config.set(key, std::move(value));
  return config;
}

RunPosition position(int64_t step) {
  return {.epoch = static_cast<double>(step) / kStepsPerEpoch, .epochs = 5.0, .step = step};
}

/// What stands in tests/golden/momentum_schedules.py, in Redbud's words; the optimizer's own momentum is 0.9.
const std::map<std::string, ConfigValue>& schedules() {
  static const std::map<std::string, ConfigValue> all = {
      {"line", table("polynomial", {{"start", 0.5}, {"end", 0.99}, {"over", 3}})},
      {"cosine", table("cosine", {{"start", 0.6}, {"end", 0.95}})},
      {"exponential", table("exponential", {{"end", 0.98}, {"factor", 0.1}, {"every", 2}})},
      {"piecewise", table("piecewise", {{"start", 0.5}, {"epochs", list({1, 3.5})}, {"values", list({0.9, 0.99})}})},
      {"sutskever", table("sutskever", {{"steps", 4}, {"end", 0.95}})},
  };
  return all;
}

TEST(MomentumSchedule, IsItsFormula) {
  auto golden = read_golden("momentum_schedules.txt");
  for (const auto& [name, config] : schedules()) {
    const auto schedule = momentum_schedule_from_config(config, 0.9);
    ASSERT_EQ(golden[name].size(), static_cast<size_t>(kSteps)) << name;
    for (int64_t t = 0; t < kSteps; ++t) {
      EXPECT_NEAR(schedule->at(position(t)), golden[name][static_cast<size_t>(t)],
                  tolerance(DType::F64, {.terms_per_sum = 4}))
          << name << ", step " << t;
    }
  }
}

/// The rate and the momentum of each step.
using Rates = std::vector<UpdateRates>;

std::vector<double> weights_along(const Rates& rates, const std::string& optimizer_name, Optimizer::Path path) {
  auto golden = read_golden("momentum_schedules.txt");
  const auto count = static_cast<int64_t>(golden["start"].size());
  SegmentLayout layout;
  Segment segment;
  segment.name = "w";
  segment.shape = {count};
  layout.add(std::move(segment));
  OptimizerConfig config = optimizer_named(optimizer_name);
  config.learning_rate = 0.01;
  Optimizer optimizer(config, layout, path);
  AlignedBuffer w(layout.size() * static_cast<int64_t>(sizeof(float)));
  AlignedBuffer g(w.bytes());
  std::copy(golden["start"].begin(), golden["start"].end(), w.as<float>().begin());
  ThreadPool pool(1);
  for (const UpdateRates& step : rates) {
    for (size_t i = 0; i < golden["c"].size(); ++i) {
      g.as<float>()[i] = static_cast<float>(golden["c"][i] * (static_cast<double>(w.as<float>()[i]) - 1.0));
    }
    optimizer.update(w, g, step, pool);
  }
  return {w.as<float>().begin(), w.as<float>().begin() + count};
}

void expect_golden(const std::string& name, const Rates& rates) {
  auto golden = read_golden("momentum_schedules.txt");
  for (const std::string& optimizer : kOptimizers) {
    for (const auto path : {Optimizer::Path::Fused, Optimizer::Path::Chain}) {
      SCOPED_TRACE(name + ", " + optimizer + (path == Optimizer::Path::Fused ? ", fused" : ", chain"));
      const std::vector<double>& expected = golden[name + ":" + optimizer];
      ASSERT_FALSE(expected.empty());
      EXPECT_TRUE(
          all_close(weights_along(rates, optimizer, path), expected, tolerance(DType::F32, {.terms_per_sum = kSteps})));
    }
  }
}

TEST(MomentumSchedule, OptimizersFollowItAsPyTorchs) {
  for (const auto& [name, config] : schedules()) {
    const auto schedule = momentum_schedule_from_config(config, 0.9);
    Rates rates;
    for (int64_t t = 0; t < kSteps; ++t) rates.push_back({1.0, schedule->at(position(t))});
    expect_golden(name, rates);
  }
}

TEST(MomentumSchedule, OneCyclesMomentumIsPyTorchs) {
  auto golden = read_golden("momentum_schedules.txt");
  const auto schedule = schedule_from_config(
      table("one_cycle", {{"start", 0.04}, {"peak", 0.3}, {"end", 4e-6}, {"momentum", list({0.95, 0.85})}}));
  Rates rates;
  for (int64_t t = 0; t < kSteps; ++t) {
    rates.push_back({schedule->factor(position(t)), schedule->momentum(position(t))});
    EXPECT_NEAR(*rates.back().momentum, golden["one_cycle"].at(static_cast<size_t>(t)),
                tolerance(DType::F64, {.terms_per_sum = 4}));
  }
  expect_golden("one_cycle", rates);
}

TEST(MomentumSchedule, StartsFromTheOptimizersOwn) {
  const auto start_of = [](const OptimizerConfig& optimizer) {
    return momentum_schedule_from_config(table("power", {{"end", 0.5}}), own_momentum(optimizer))->at({});
  };
  EXPECT_DOUBLE_EQ(start_of(nesterov({.momentum = 0.8, .beta1 = 0.1})), 0.8);
  EXPECT_DOUBLE_EQ(start_of(adam({.momentum = 0.1, .beta1 = 0.7})), 0.7);
  EXPECT_DOUBLE_EQ(start_of(optimizer_named("muon")), 0.95);
  EXPECT_EQ(momentum_schedule_from_config("none", 0.9), nullptr);
}

TEST(MomentumSchedule, ChangesByStepOrByEpoch) {
  const auto at = [](const char* each, double epoch) {
    const auto schedule =
        momentum_schedule_from_config(table("polynomial", {{"start", 0.0}, {"end", 0.5}, {"each", each}}), 0.9);
    return schedule->at({.epoch = epoch, .epochs = 10.0});
  };
  EXPECT_DOUBLE_EQ(at("step", 2.5), 0.125);
  EXPECT_DOUBLE_EQ(at("epoch", 2.5), 0.1);
}

TEST(MomentumSchedule, SutskeversRisesEvery250Steps) {
  const auto schedule = momentum_schedule_from_config("sutskever", 0.9);
  EXPECT_EQ(schedule->at({.step = 0}), 0.5);
  EXPECT_EQ(schedule->at({.step = 249}), 0.5);
  EXPECT_EQ(schedule->at({.step = 250}), 0.75);
  EXPECT_EQ(schedule->at({.step = 750}), 0.875);
  EXPECT_EQ(schedule->at({.step = 1'000'000}), 0.99);
}

TEST(MomentumSchedule, SaysWhatIsWrong) {
  const auto refuses = [](const ConfigValue& config, const char* text) {
    return throws_error([&] { momentum_schedule_from_config(config, 0.9); }, ErrorKind::Usage, text);
  };
  EXPECT_TRUE(refuses("plateau", "unknown momentum_schedule (\"plateau\")"));
  EXPECT_TRUE(refuses("one_cycle", "schedule = { name = \"one_cycle\", momentum = [0.95, 0.85] } has its own"));
  EXPECT_TRUE(refuses(ConfigValue(ConfigValue::Table{{"end", 0.9}}), "a momentum_schedule has no name"));
  EXPECT_TRUE(refuses("cosine", "end is not given, expected the last momentum, as in end = 0.99"));
  EXPECT_TRUE(refuses(table("cosine", {{"end", 1.0}}), "momentum_schedule.end is out of range (1)"));
  EXPECT_TRUE(refuses(table("cosine", {{"end", 0.9}, {"start", -0.1}}), "momentum_schedule.start is out of range"));
  EXPECT_TRUE(refuses(table("cosine", {{"end", 0.9}, {"steps", 3}}), "the momentum_schedule cosine has no key steps"));
  EXPECT_TRUE(refuses(table("cosine", {{"end", 0.9}, {"over", 1}, {"every", 1}}), "over and every don't go together"));
  EXPECT_TRUE(refuses(table("exponential", {{"end", 0.9}, {"every", 0}}), "momentum_schedule.every is out of range"));
  EXPECT_TRUE(refuses(table("cosine", {{"end", 0.9}, {"each", "day"}}), "momentum_schedule.each has an unknown"));
  EXPECT_TRUE(refuses(table("sutskever", {{"steps", 0}}), "momentum_schedule.steps is out of range (0)"));
  EXPECT_TRUE(refuses(table("piecewise", {{"epochs", list({1})}}), "values is not given"));
  EXPECT_TRUE(refuses(table("piecewise", {{"epochs", list({1})}, {"values", list({1.5})}}), "values is out of range"));
  EXPECT_TRUE(refuses(table("piecewise", {{"epochs", list({3, 1})}, {"values", list({0.5, 0.6})}}), "don't fit"));
}

TEST(MomentumSchedule, GoesWithAMomentumOnly) {
  const ConfigValue cycle = table("one_cycle", {{"momentum", list({0.95, 0.85})}});
  const ConfigValue line = table("polynomial", {{"end", 0.99}});
  const auto refuses = [](const ConfigValue& rate, const ConfigValue& momentum_of, const char* name, const char* text) {
    return throws_error([&] { check_momentum(rate, momentum_of, optimizer_named(name)); }, ErrorKind::Usage, text);
  };
  for (const char* name : {"sgd", "rmsprop", "adagrad", "ftrl", "schedule_free_adamw"}) {
    EXPECT_TRUE(refuses("none", line, name, "momentum_schedule changes a momentum, and the optimizer has none"));
    EXPECT_TRUE(refuses(cycle, "none", name, "schedule changes a momentum, and the optimizer has none"));
  }
  EXPECT_TRUE(refuses(cycle, line, "adam", "momentum_schedule does not go with the momentum of schedule"));
  for (const char* name : {"momentum", "adamw", "lion", "muon"}) {
    check_momentum("one_cycle", line, optimizer_named(name));
    check_momentum(cycle, "none", optimizer_named(name));
  }
}

}  // namespace
}  // namespace redbud
