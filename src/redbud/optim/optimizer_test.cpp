#include "redbud/optim/optimizer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "redbud/optim/optimizer_toy_test.h"

namespace redbud {
namespace {

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
