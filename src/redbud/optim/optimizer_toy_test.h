#pragma once
// Blocks of parameters, and every rule with every option, for the tests of optimizers.
#include <cstring>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "redbud/core/rng.h"
#include "redbud/optim/optimizer.h"

namespace redbud {

/// Six tensors of odd sizes: decayed, not decayed, and two that don't train.
inline SegmentLayout mixed_layout() {
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

inline SegmentLayout one_segment(int64_t size) {
  SegmentLayout layout;
  Segment s;
  s.name = "w";
  s.shape = {size};
  s.decayed = true;
  layout.add(std::move(s));
  return layout;
}

inline AlignedBuffer buffer_for(const SegmentLayout& layout) {
  return AlignedBuffer(layout.size() * static_cast<int64_t>(sizeof(float)));
}

/// Normal numbers in the segments; the gaps stay zero.
inline void fill(AlignedBuffer& buffer, const SegmentLayout& layout, uint32_t lane) {
  const RandomKey key{.seed = 3, .lane = lane};
  for (const Segment& s : layout.segments()) {
    for (int64_t i = s.offset; i < s.offset + s.size; ++i) {
      buffer.as<float>()[static_cast<size_t>(i)] = static_cast<float>(random_normal(key, i));
    }
  }
}

inline std::vector<float> values_of(const AlignedBuffer& buffer) {
  const auto values = buffer.as<float>();
  return {values.begin(), values.end()};
}

inline bool same_bits(const AlignedBuffer& a, const AlignedBuffer& b) {
  return a.bytes() == b.bytes() && std::memcmp(a.data(), b.data(), static_cast<size_t>(a.bytes())) == 0;
}

struct Case {
  std::string name;
  OptimizerConfig config;
};

inline bool averages(std::string_view rule) { return rule == "schedule_free_adamw"; }

/// Every rule with every option, alone and all together.
inline std::vector<Case> all_cases() {
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

inline Trained train(const OptimizerConfig& config, Optimizer::Path path, int updates) {
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

}  // namespace redbud
