// The rules that look at whole tensors, or at more than a step, against Keras, optax and schedulefree.
#include <gtest/gtest.h>

#include <algorithm>

#include "redbud/optim/optimizer.h"
#include "redbud/testing/core/golden.h"
#include "redbud/testing/core/tolerance.h"

namespace redbud {
namespace {

/// A matrix, a bias and another matrix, as tests/golden/tensor_optimizers.py has them.
SegmentLayout golden_layout() {
  SegmentLayout layout;
  const auto add = [&](const char* name, Shape shape, bool decayed) {
    Segment s;
    s.name = name;
    s.shape = std::move(shape);
    s.decayed = decayed;
    layout.add(std::move(s));
  };
  add("a.weight", {5, 3}, true);
  add("a.bias", {3}, false);
  add("b.weight", {3, 4}, true);
  return layout;
}

AlignedBuffer buffer_for(const SegmentLayout& layout) {
  return AlignedBuffer(layout.size() * static_cast<int64_t>(sizeof(float)));
}

/// Where the i-th number of a line of the file lies.
std::vector<size_t> places(const SegmentLayout& layout) {
  std::vector<size_t> all;
  for (const Segment& s : layout.segments()) {
    for (int64_t i = 0; i < s.size; ++i) all.push_back(static_cast<size_t>(s.offset + i));
  }
  return all;
}

struct Outcome {
  std::vector<double> weights, learned;
};

Outcome train(const OptimizerConfig& config, Optimizer::Path path, int64_t warmup) {
  auto golden = read_golden("tensor_optimizers.txt");
  const SegmentLayout layout = golden_layout();
  const std::vector<size_t> at = places(layout);
  ThreadPool pool(1);
  Optimizer optimizer(config, layout, path);
  AlignedBuffer w = buffer_for(layout);
  AlignedBuffer g = buffer_for(layout);
  for (size_t i = 0; i < at.size(); ++i) w.as<float>()[at[i]] = static_cast<float>(golden["start"].at(i));
  for (int64_t t = 1; t <= 50; ++t) {
    for (size_t i = 0; i < at.size(); ++i) {
      g.as<float>()[at[i]] = static_cast<float>(golden["c"][i] * (w.as<float>()[at[i]] - golden["target"][i]));
    }
    const double factor = t < warmup ? static_cast<double>(t) / static_cast<double>(warmup) : 1.0;
    optimizer.update(w, g, factor, pool);
  }
  AlignedBuffer learned = buffer_for(layout);
  learned.copy_from(w);
  if (optimizer.learns_elsewhere()) optimizer.write_learned(w, learned, pool);
  Outcome outcome;
  for (size_t place : at) {
    outcome.weights.push_back(w.as<float>()[place]);
    outcome.learned.push_back(learned.as<float>()[place]);
  }
  return outcome;
}

OptimizerConfig with(std::string_view name, double rate, void (*change)(OptimizerConfig&) = nullptr) {
  OptimizerConfig config = optimizer_named(name);
  config.learning_rate = rate;
  if (change != nullptr) change(config);
  return config;
}

struct Case {
  std::string name;     // of the line with the learned weights
  std::string weights;  // and of that with those that were moved
  OptimizerConfig config;
  int64_t warmup = 0;
};

std::vector<Case> cases() {
  const auto decay = [](OptimizerConfig& c) { c.weight_decay = 0.1; };
  const OptimizerConfig average = with("schedule_free_adamw", 0.05);
  return {
      {"lamb", "lamb", with("lamb", 0.02)},
      {"lamb_decay", "lamb_decay", with("lamb", 0.02, decay)},
      {"muon", "muon", with("muon", 0.02)},
      {"muon_decay", "muon_decay", with("muon", 0.02, decay)},
      {"lookahead", "lookahead_fast", with("adam", 0.02, [](OptimizerConfig& c) { c.lookahead = 6; })},
      {"schedule_free", "schedule_free_y", average},
      {"schedule_free_decay", "", with("schedule_free_adamw", 0.05, decay)},
      {"schedule_free_warmup", "", average, 10},
      {"ftrl", "ftrl", with("ftrl", 0.1)},
      {"ftrl_l1", "ftrl_l1", with("ftrl", 0.1, [](OptimizerConfig& c) { c.l1 = 4.0; })},
      {"ftrl_l1_l2", "ftrl_l1_l2", with("ftrl", 0.1, [](OptimizerConfig& c) { c.l1 = 2.0, c.l2 = 0.3, c.beta = 0.5; })},
  };
}

/// Of the products, each of five Newton-Schulz steps takes what rounding left in the small directions up to 3.4 times.
int64_t terms(const Case& c) { return c.config.name == "muon" ? 50 * 484 : 50; }

TEST(Golden, FollowsKerasOptaxAndSchedulefreeFor50Steps) {
  auto golden = read_golden("tensor_optimizers.txt");
  for (const Case& c : cases()) {
    ASSERT_EQ(golden[c.name].size(), 30U) << c.name;
    const double tol = tolerance(DType::F32, {.terms_per_sum = terms(c)});
    for (auto path : {Optimizer::Path::Fused, Optimizer::Path::Chain}) {
      SCOPED_TRACE(c.name + (path == Optimizer::Path::Fused ? ", fused" : ", chain"));
      const Outcome outcome = train(c.config, path, c.warmup);
      EXPECT_TRUE(all_close(outcome.learned, golden[c.name], tol));
      if (!c.weights.empty()) EXPECT_TRUE(all_close(outcome.weights, golden[c.weights], tol));
    }
  }
}

TEST(Golden, FtrlIsZeroWhereKerasIs) {
  auto golden = read_golden("tensor_optimizers.txt");
  int zeros = 0;
  for (const Case& c : cases()) {
    if (c.config.name != "ftrl") continue;
    for (auto path : {Optimizer::Path::Fused, Optimizer::Path::Chain}) {
      SCOPED_TRACE(c.name);
      const Outcome outcome = train(c.config, path, 0);
      for (size_t i = 0; i < outcome.weights.size(); ++i) {
        EXPECT_EQ(outcome.weights[i] == 0.0, golden[c.name][i] == 0.0) << i;
        zeros += outcome.weights[i] == 0.0 ? 1 : 0;
      }
    }
  }
  EXPECT_GT(zeros, 10);
}

}  // namespace
}  // namespace redbud
