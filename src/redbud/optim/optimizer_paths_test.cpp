// The fused kernel, the chain of transforms, any number of threads: the same numbers.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "redbud/optim/optimizer_toy_test.h"
#include "redbud/testing/core/tolerance.h"

namespace redbud {
namespace {

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

}  // namespace
}  // namespace redbud
