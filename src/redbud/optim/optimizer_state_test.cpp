// What an optimizer must save.
#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <vector>

#include "redbud/optim/optimizer_toy_test.h"

namespace redbud {
namespace {

std::vector<OptimizerConfig> stateful_configs() {
  std::vector<OptimizerConfig> configs;
  for (const std::string& rule : optimizer_names()) configs.push_back(optimizer_named(rule));
  configs.push_back(adam({.lookahead = 3}));
  return configs;
}

TEST(Optimizer, SaveLoadAndOneMoreStepIsBitIdentical) {
  const SegmentLayout layout = mixed_layout();
  ThreadPool pool(1);
  for (const OptimizerConfig& config : stateful_configs()) {
    SCOPED_TRACE(config.name);
    Optimizer first(config, layout);
    AlignedBuffer w = buffer_for(layout);
    AlignedBuffer g = buffer_for(layout);
    fill(w, layout, 1);
    for (uint32_t t = 0; t < 3; ++t) {
      fill(g, layout, 10 + t);
      first.update(w, g, 1.0, pool);
    }
    Optimizer second(config, layout);
    AlignedBuffer w2 = buffer_for(layout);
    std::memcpy(w2.data(), w.data(), static_cast<size_t>(w.bytes()));
    second.set_steps(first.steps());
    const auto from = first.state();
    const auto to = second.state();
    ASSERT_EQ(from.size(), to.size());
    for (size_t i = 0; i < from.size(); ++i) {
      EXPECT_EQ(from[i].name, to[i].name);
      std::memcpy(to[i].values->data(), from[i].values->data(), static_cast<size_t>(from[i].values->bytes()));
    }
    for (size_t i = 0; i < first.numbers().size(); ++i) *second.numbers()[i].value = *first.numbers()[i].value;
    fill(g, layout, 20);
    first.update(w, g, 0.5, pool);
    second.update(w2, g, 0.5, pool);
    if (first.learns_elsewhere()) {
      AlignedBuffer learned = buffer_for(layout);
      AlignedBuffer learned2 = buffer_for(layout);
      first.write_learned(w, learned, pool);
      second.write_learned(w2, learned2, pool);
      EXPECT_TRUE(same_bits(learned, learned2));
      EXPECT_FALSE(same_bits(learned, w));
    }
    EXPECT_TRUE(same_bits(w, w2));
    for (size_t i = 0; i < from.size(); ++i) EXPECT_TRUE(same_bits(*from[i].values, *to[i].values));
  }
}

TEST(Optimizer, NamesItsState) {
  const auto names = [](const OptimizerConfig& config) {
    std::vector<std::string> found;
    Optimizer optimizer(config, one_segment(1));
    for (const auto& array : optimizer.state()) found.push_back(array.name);
    return found;
  };
  EXPECT_EQ(names(sgd()), std::vector<std::string>());
  EXPECT_EQ(names(sgd({.lookahead = 5})), std::vector<std::string>({"lookahead.slow"}));
  EXPECT_EQ(names(optimizer_named("ftrl")), std::vector<std::string>({"ftrl.v", "ftrl.n"}));
  EXPECT_EQ(names(nesterov()), std::vector<std::string>({"momentum.v"}));
  EXPECT_EQ(names(rmsprop()), std::vector<std::string>({"rmsprop.s"}));
  EXPECT_EQ(names(adamw()), std::vector<std::string>({"adam.m", "adam.v"}));
  EXPECT_EQ(names(optimizer_named("amsgrad")), std::vector<std::string>({"amsgrad.m", "amsgrad.v", "amsgrad.most"}));
}

}  // namespace
}  // namespace redbud
