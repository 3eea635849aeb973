#include "redbud/optim/optimizer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "redbud/core/rng.h"
#include "redbud/testing/core/throws_error.h"
#include "redbud/testing/core/tolerance.h"

namespace redbud {
namespace {

/// Six tensors of odd sizes: decayed, not decayed, and two that don't train.
SegmentLayout mixed_layout() {
  SegmentLayout layout;
  const auto add = [&](const char* name, Shape shape, bool decayed, bool trainable) {
    Segment s;
    s.name = name;
    s.shape = shape;
    s.decayed = decayed;
    s.trainable = trainable;
    layout.add(std::move(s));
  };
  add("a.weight", {7, 5}, true, true);
  add("a.bias", {5}, false, true);
  add("b.weight", {5, 3}, true, false);
  add("c.weight", {3, 11}, true, true);
  add("d.weight", {11, 2}, true, true);
  add("d.bias", {2}, false, false);
  return layout;
}

SegmentLayout one_segment(int64_t size) {
  SegmentLayout layout;
  Segment s;
  s.name = "w";
  s.shape = {size};
  s.decayed = true;
  layout.add(std::move(s));
  return layout;
}

AlignedBuffer buffer_for(const SegmentLayout& layout) {
  return AlignedBuffer(layout.size() * static_cast<int64_t>(sizeof(float)));
}

/// Normal numbers in the segments; the gaps stay zero.
void fill(AlignedBuffer& buffer, const SegmentLayout& layout, uint32_t lane) {
  const RandomKey key{.seed = 3, .lane = lane};
  for (const Segment& s : layout.segments()) {
    for (int64_t i = s.offset; i < s.offset + s.size; ++i) {
      buffer.as<float>()[static_cast<size_t>(i)] = static_cast<float>(random_normal(key, i));
    }
  }
}

std::vector<float> values_of(const AlignedBuffer& buffer) {
  const auto values = buffer.as<float>();
  return {values.begin(), values.end()};
}

bool same_bits(const AlignedBuffer& a, const AlignedBuffer& b) {
  return a.bytes() == b.bytes() && std::memcmp(a.data(), b.data(), static_cast<size_t>(a.bytes())) == 0;
}

struct Case {
  std::string name;
  OptimizerConfig config;
};

bool averages(std::string_view rule) { return rule == "schedule_free_adamw"; }

/// Every rule with every option, alone and all together.
std::vector<Case> all_cases() {
  std::vector<Case> cases;
  for (const std::string& rule : optimizer_names()) {
    const OptimizerConfig plain = optimizer_named(rule);
    const auto add = [&](const char* option, auto change) {
      OptimizerConfig c = plain;
      change(c);
      cases.push_back({rule + ", " + option, c});
    };
    add("plain", [](OptimizerConfig&) {});
    add("clip_norm", [](OptimizerConfig& c) { c.clip_norm = 0.5; });
    add("clip_norm that is never reached", [](OptimizerConfig& c) { c.clip_norm = 1e6; });
    add("clip_value", [](OptimizerConfig& c) { c.clip_value = 0.3; });
    add("clip_tensor_norm", [](OptimizerConfig& c) { c.clip_tensor_norm = 2.0; });
    add("l2", [](OptimizerConfig& c) { c.l2 = 0.05; });
    add("weight_decay", [](OptimizerConfig& c) { c.weight_decay = 0.1; });
    add("layers", [](OptimizerConfig& c) {
      c.layers = {{.name = "a*", .learning_rate_factor = 0.25, .l2 = 0.1, .weight_decay = 0.2},
                  {.name = "c.weight", .learning_rate_factor = 2.0}};
    });
    if (averages(rule)) continue;
    add("l1", [](OptimizerConfig& c) { c.l1 = 0.01; });
    add("lookahead", [](OptimizerConfig& c) { c.lookahead = 2; });
    add("max_norm", [](OptimizerConfig& c) { c.max_norm = 1.5; });
    add("all", [](OptimizerConfig& c) {
      c.learning_rate = 0.05;
      c.clip_norm = 3.0;
      c.clip_value = 0.4;
      c.clip_tensor_norm = 2.5;
      c.l1 = 0.01;
      c.l2 = 0.05;
      c.weight_decay = 0.1;
    });
  }
  return cases;
}

struct Trained {
  std::vector<float> weights;
  std::vector<std::vector<float>> state;
  double norm = 0.0;
};

Trained train(const OptimizerConfig& config, Optimizer::Path path, int updates) {
  const SegmentLayout layout = mixed_layout();
  ThreadPool pool(1);
  Optimizer optimizer(config, layout, path);
  AlignedBuffer w = buffer_for(layout);
  AlignedBuffer g = buffer_for(layout);
  fill(w, layout, 1);
  Trained trained;
  for (int t = 0; t < updates; ++t) {
    fill(g, layout, static_cast<uint32_t>(10 + t));
    trained.norm = optimizer.update(w, g, t == 2 ? 0.5 : 1.0, pool).gradient_norm;
  }
  trained.weights = values_of(w);
  for (const auto& array : optimizer.state()) trained.state.push_back(values_of(*array.values));
  return trained;
}

TEST(Optimizer, FusedEqualsChainForEveryRuleAndOption) {
  constexpr int kUpdates = 5;
  for (const Case& c : all_cases()) {
    SCOPED_TRACE(c.name);
    const Trained fused = train(c.config, Optimizer::Path::Fused, kUpdates);
    const Trained chain = train(c.config, Optimizer::Path::Chain, kUpdates);
    // Each update of the chain rounds once a link.
    // Each of muon's five Newton-Schulz steps takes what rounding left in the small directions up to 3.4 times.
    const int64_t grown = c.config.name == "muon" ? 484 : 1;
    const double tol = tolerance(DType::F32, {.terms_per_sum = 8 * kUpdates * grown});
    EXPECT_TRUE(all_close(fused.weights, chain.weights, tol));
    ASSERT_EQ(fused.state.size(), chain.state.size());
    for (size_t i = 0; i < fused.state.size(); ++i) EXPECT_TRUE(all_close(fused.state[i], chain.state[i], tol));
    EXPECT_NEAR(fused.norm, chain.norm, tolerance(DType::F64, {.terms_per_sum = 200}) * chain.norm);
  }
}

TEST(Optimizer, OptionsChangeWhatIsTrained) {
  // Otherwise the comparison above would prove nothing.
  for (const Case& c : all_cases()) {
    if (c.name.ends_with("plain") || c.name.ends_with("never reached")) continue;
    if (c.config.name == "lion" && c.name.ends_with("norm") && c.config.max_norm == 0.0) continue;  // signs alone count
    SCOPED_TRACE(c.name);
    EXPECT_NE(train(c.config, Optimizer::Path::Fused, 5).weights,
              train(optimizer_named(c.config.name), Optimizer::Path::Fused, 5).weights);
  }
}

// --- independent truth: tests/golden/optimizer_chain.py ---

struct Golden {
  const char* name;
  OptimizerConfig config;
  std::vector<double> weights;
};

std::vector<Golden> goldens() {
  return {
      {"sgd", sgd(), {0.9702990000, -1.8235760000, 2.9126730000, 0.7881600000}},
      {"momentum", momentum(), {0.9443790000, -1.6691360000, 2.8359930000, 1.0419600000}},
      {"nesterov", nesterov(), {0.9208939410, -1.5335849840, 2.7708620070, 1.2503654400}},
      {"rmsprop", rmsprop(), {0.9926306745, -1.9926252984, 2.9926306743, 0.5073741650}},
      {"adam", adam(), {0.9970000961, -1.9970000319, 2.9970000961, 0.5029999617}},
      {"adamw", adamw(), {0.9969701273, -1.9969400631, 2.9969101299, 0.5029849320}},
      {"sgd, l2", sgd({.l2 = 0.1}), {0.9673616690, -1.8178786580, 2.9040372870, 0.7864287595}},
      {"adam, l2", adam({.l2 = 0.1}), {0.9970000961, -1.9970000324, 2.9970000902, 0.5029999605}},
      {"clip_value", sgd({.clip_value = 1.0}), {0.9702990000, -1.9700000000, 2.9700000000, 0.5300000000}},
      {"clip_norm", sgd({.clip_norm = 2.0}), {0.9950142700, -1.9701354175, 2.9850925797, 0.5496085901}},
  };
}

TEST(Optimizer, MatchesPyTorch) {
  const SegmentLayout layout = one_segment(4);
  ThreadPool pool(1);
  for (const Golden& golden : goldens()) {
    for (auto path : {Optimizer::Path::Fused, Optimizer::Path::Chain}) {
      SCOPED_TRACE(golden.name);
      Optimizer optimizer(golden.config, layout, path);
      AlignedBuffer w = buffer_for(layout);
      AlignedBuffer g = buffer_for(layout);
      const float start[] = {1.0F, -2.0F, 3.0F, 0.5F};
      std::copy(std::begin(start), std::end(start), w.as<float>().begin());
      for (int t = 0; t < 3; ++t) {
        for (size_t i = 0; i < 4; ++i) {
          const auto k = static_cast<float>(i);
          g.as<float>()[i] = (k + 1.0F) * (w.as<float>()[i] - k);
        }
        optimizer.update(w, g, 1.0, pool);
      }
      EXPECT_TRUE(all_close(w.as<float>().first(4), golden.weights, tolerance(DType::F32, {.terms_per_sum = 9})));
    }
  }
}

// --- state ---

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

TEST(Optimizer, KeepsUnitsWithinTheirMaxNorm) {
  const SegmentLayout layout = mixed_layout();
  ThreadPool pool(1);
  Optimizer optimizer(sgd({.learning_rate = 1.0, .max_norm = 1.5}), layout);
  AlignedBuffer w = buffer_for(layout);
  AlignedBuffer g = buffer_for(layout);
  for (uint32_t t = 1; t <= 3; ++t) {
    fill(g, layout, t);
    ASSERT_TRUE(optimizer.update(w, g, 1.0, pool).finite);
  }
  int limited = 0;
  for (const Segment& s : layout.segments()) {
    if (!s.trainable || s.shape.rank() != 2) continue;
    for (int64_t k = 0; k < s.shape[1]; ++k) {
      double sum = 0.0;
      for (int64_t c = 0; c < s.shape[0]; ++c) {
        const double v = w.as<float>()[static_cast<size_t>(s.offset + c * s.shape[1] + k)];
        sum += v * v;
      }
      EXPECT_LE(std::sqrt(sum), 1.5 + 1e-5) << s.name;
      limited += std::sqrt(sum) > 1.5 - 1e-5 ? 1 : 0;
    }
  }
  EXPECT_GT(limited, 5);
  const Segment& bias = layout[1];  // no unit's incoming weights
  double sum = 0.0;
  for (int64_t i = 0; i < bias.size; ++i) {
    const double v = w.as<float>()[static_cast<size_t>(bias.offset + i)];
    sum += v * v;
  }
  EXPECT_GT(std::sqrt(sum), 1.5);
}

TEST(Optimizer, NeverTouchesFrozenSegments) {
  const SegmentLayout layout = mixed_layout();
  ThreadPool pool(1);
  for (const Case& c : all_cases()) {
    for (auto path : {Optimizer::Path::Fused, Optimizer::Path::Chain}) {
      SCOPED_TRACE(c.name);
      Optimizer optimizer(c.config, layout, path);
      AlignedBuffer w = buffer_for(layout);
      AlignedBuffer g = buffer_for(layout);
      fill(w, layout, 1);
      fill(g, layout, 2);
      // Nobody writes these gradients, so they may be anything.
      for (const Segment& s : layout.segments()) {
        if (!s.trainable) g.as<float>()[static_cast<size_t>(s.offset)] = std::numeric_limits<float>::quiet_NaN();
      }
      const std::vector<float> before = values_of(w);
      for (int t = 0; t < 3; ++t) EXPECT_TRUE(optimizer.update(w, g, 1.0, pool).finite);
      for (const Segment& s : layout.segments()) {
        const bool same =
            std::memcmp(&before[static_cast<size_t>(s.offset)], &w.as<float>()[static_cast<size_t>(s.offset)],
                        static_cast<size_t>(s.size) * sizeof(float)) == 0;
        EXPECT_EQ(same, !s.trainable) << s.name;
      }
    }
  }
}

TEST(Optimizer, ChangesNothingWhereAGradientIsNotFinite) {
  const SegmentLayout layout = mixed_layout();
  ThreadPool pool(1);
  for (const float bad : {std::numeric_limits<float>::quiet_NaN(), -std::numeric_limits<float>::infinity()}) {
    for (auto path : {Optimizer::Path::Fused, Optimizer::Path::Chain}) {
      Optimizer optimizer(adam({.clip_norm = 1.0}), layout, path);
      AlignedBuffer w = buffer_for(layout);
      AlignedBuffer g = buffer_for(layout);
      fill(w, layout, 1);
      fill(g, layout, 2);
      optimizer.update(w, g, 1.0, pool);
      const std::vector<float> weights = values_of(w);
      const std::vector<float> state = values_of(*optimizer.state()[1].values);
      g.as<float>()[static_cast<size_t>(layout[3].offset + layout[3].size - 1)] = bad;
      EXPECT_FALSE(optimizer.update(w, g, 1.0, pool).finite);
      EXPECT_EQ(values_of(w), weights);
      EXPECT_EQ(values_of(*optimizer.state()[1].values), state);
      EXPECT_EQ(optimizer.steps(), 1);
    }
  }
}

TEST(Optimizer, AStepMayHaveAMomentumOfItsOwn) {
  const SegmentLayout layout = mixed_layout();
  ThreadPool pool(1);
  for (const std::string& rule : optimizer_names()) {
    const OptimizerConfig config = optimizer_named(rule);
    if (!has_momentum(config)) continue;
    SCOPED_TRACE(rule);
    const auto trained = [&](const OptimizerConfig& c, Optimizer::Path path, std::optional<double> momentum) {
      Optimizer optimizer(c, layout, path);
      AlignedBuffer w = buffer_for(layout);
      AlignedBuffer g = buffer_for(layout);
      fill(w, layout, 1);
      for (uint32_t t = 0; t < 3; ++t) {
        fill(g, layout, 10 + t);
        optimizer.update(w, g, {1.0, momentum}, pool);
      }
      return values_of(w);
    };
    OptimizerConfig changed = config;
    (rule == "muon" || rule == "momentum" || rule == "nesterov" ? changed.momentum : changed.beta1) = 0.6;
    const auto given = trained(config, Optimizer::Path::Fused, 0.6);
    EXPECT_EQ(given, trained(changed, Optimizer::Path::Fused, std::nullopt));
    EXPECT_NE(given, trained(config, Optimizer::Path::Fused, std::nullopt));
    EXPECT_EQ(trained(config, Optimizer::Path::Chain, 0.6), trained(changed, Optimizer::Path::Chain, std::nullopt));
  }
}

TEST(Optimizer, MuonLeavesToAdamwWhatWouldCostTooMuch) {
  const SegmentLayout layout = mixed_layout();
  OptimizerConfig config = optimizer_named("muon");
  config.batch_size = 10;  // 7 x 5 costs 2.5 times its layer, 3 x 11 1.5 times, 11 x 2 once
  EXPECT_EQ(Optimizer(config, layout).explain(),
            "muon: a.weight (7 x 5) by adamw, as it costs 2.5 times its layer\n"
            "muon: c.weight (3 x 11) by adamw, as it costs 1.5 times its layer\n"
            "muon: d.weight (11 x 2) by muon, as it costs 1 times its layer\n"
            "muon: all other parameters by adamw; max_overhead = 1\n");
  const auto weights = [&](const OptimizerConfig& c) { return train(c, Optimizer::Path::Fused, 3).weights; };
  const auto equal_in = [&](int segment, const std::vector<float>& a, const std::vector<float>& b) {
    const Segment& s = layout[segment];
    return std::equal(a.begin() + s.offset, a.begin() + s.offset + s.size, b.begin() + s.offset);
  };
  const std::vector<float> gated = weights(config);
  const std::vector<float> by_adam = weights(adam());
  config.max_overhead = 1000.0;
  const std::vector<float> free = weights(config);
  for (int segment : {0, 1, 3}) EXPECT_TRUE(equal_in(segment, gated, by_adam)) << segment;
  EXPECT_FALSE(equal_in(4, gated, by_adam));
  EXPECT_TRUE(equal_in(4, gated, free));
  EXPECT_FALSE(equal_in(3, free, by_adam));
}

TEST(Optimizer, MatrixRulesGiveTheSameBitsForAllThreads) {
  SegmentLayout layout;
  Segment s;
  s.name = "w";
  s.shape = {150, 260};
  s.decayed = true;
  layout.add(s);
  for (const char* rule : {"lamb", "muon"}) {
    std::vector<std::vector<float>> all;
    for (int threads : {1, 2, 5}) {
      ThreadPool pool(threads, {.threads = threads, .reason = "test"});
      Optimizer optimizer(optimizer_named(rule), layout);
      AlignedBuffer w = buffer_for(layout);
      AlignedBuffer g = buffer_for(layout);
      fill(w, layout, 1);
      for (uint32_t t = 0; t < 2; ++t) {
        fill(g, layout, 10 + t);
        optimizer.update(w, g, 1.0, pool);
      }
      all.push_back(values_of(w));
    }
    EXPECT_EQ(all[0], all[1]) << rule;
    EXPECT_EQ(all[0], all[2]) << rule;
  }
}

TEST(Optimizer, DescribesItsChain) {
  const Optimizer optimizer(adam({.clip_norm = 1.0, .l2 = 0.5}), one_segment(2));
  EXPECT_EQ(optimizer.describe(),
            "clip_norm 1 -> l2 0.5 -> adam(beta1 0.9, beta2 0.999) -> lr 0.001, one fused kernel");
  EXPECT_EQ(Optimizer(sgd({.max_norm = 3.0}), one_segment(2)).describe(), "lr 0.01 -> max_norm 3, one fused kernel");
  EXPECT_EQ(Optimizer(sgd({.l1 = 0.5, .lookahead = 5}), one_segment(2)).describe(),
            "lr 0.01 -> l1 0.5 -> lookahead(every 5, rate 0.5), one fused kernel");
  EXPECT_EQ(Optimizer(optimizer_named("ftrl"), one_segment(2)).describe(), "ftrl(beta 1) at lr 0.05, one fused kernel");
}

}  // namespace
}  // namespace redbud
