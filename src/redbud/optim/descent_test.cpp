// Every rule finds the minima of two functions.
#include <gtest/gtest.h>

#include <algorithm>

#include "redbud/optim/optimizer.h"

namespace redbud {
namespace {

SegmentLayout one_segment(int64_t size) {
  SegmentLayout layout;
  Segment s;
  s.name = "w";
  s.shape = {size, 1};  // muon takes matrices
  s.decayed = true;
  layout.add(std::move(s));
  return layout;
}

AlignedBuffer buffer_for(const SegmentLayout& layout) {
  return AlignedBuffer(layout.size() * static_cast<int64_t>(sizeof(float)));
}

struct Descent {
  OptimizerConfig config;
  int64_t parabola_updates;
  int64_t rosenbrock_updates;
  std::vector<float> start = {-1.0F, 1.0F};  // of Rosenbrock's valley
};

OptimizerConfig with_rate(std::string_view name, double rate) {
  OptimizerConfig config = optimizer_named(name);
  config.learning_rate = rate;
  return config;
}

std::vector<Descent> descents() {
  return {
      {sgd({.learning_rate = 0.002}), 3000, 25000},
      {momentum({.learning_rate = 0.0005}), 2000, 12000},
      {nesterov({.learning_rate = 0.0005}), 2000, 12000},
      {rmsprop({.learning_rate = 0.001}), 3000, 12000},
      {adam({.learning_rate = 0.02}), 2000, 5000},
      {adamw({.learning_rate = 0.02, .weight_decay = 1e-6}), 2000, 5000},
      {with_rate("centered_rmsprop", 0.001), 3000, 12000},
      {with_rate("adagrad", 0.5), 3000, 12000},
      {with_rate("adadelta", 0.03), 100000, 400000},
      {with_rate("adamax", 0.02), 2000, 12000},
      {with_rate("nadam", 0.02), 2000, 5000},
      {with_rate("amsgrad", 0.02), 3000, 20000},
      {with_rate("radam", 0.0005), 12000, 60000},
      {with_rate("lion", 0.001), 4000, 12000},
      // lamb's steps are as long as its weights, so it can't pass through 0, where the valley leads from the left.
      {with_rate("lamb", 0.001), 6000, 20000, {2.0F, 3.0F}},
      {with_rate("muon", 0.003), 6000, 20000},
      {with_rate("schedule_free_adamw", 0.02), 4000, 20000},
      {with_rate("ftrl", 0.5), 3000, 12000},
      {adam({.learning_rate = 0.02, .lookahead = 6}), 3000, 10000},
  };
}

template <class Gradient>
std::vector<double> minimise(const OptimizerConfig& config, std::vector<float> start, int64_t updates,
                             Gradient gradient) {
  const SegmentLayout layout = one_segment(static_cast<int64_t>(start.size()));
  ThreadPool pool(1);
  Optimizer optimizer(config, layout);
  AlignedBuffer w = buffer_for(layout);
  AlignedBuffer g = buffer_for(layout);
  std::copy(start.begin(), start.end(), w.as<float>().begin());
  for (int64_t t = 0; t < updates; ++t) {
    gradient(w.as<float>(), g.as<float>());
    optimizer.update(w, g, 1.0, pool);
  }
  if (optimizer.learns_elsewhere()) {
    g.copy_from(w);
    optimizer.write_learned(g, w, pool);
  }
  const auto values = w.as<float>().first(start.size());
  return {values.begin(), values.end()};
}

TEST(Descent, FindsTheBottomOfAParabola) {
  // Curvatures from 1 to 100, minimum at (0.5, 1, 1.5).
  const auto gradient = [](std::span<float> w, std::span<float> g) {
    const float curvature[] = {1.0F, 10.0F, 100.0F};
    for (size_t i = 0; i < 3; ++i) g[i] = curvature[i] * (w[i] - 0.5F * static_cast<float>(i + 1));
  };
  for (const Descent& d : descents()) {
    SCOPED_TRACE(d.config.name);
    const auto w = minimise(d.config, {2.0F, -1.0F, 1.0F}, d.parabola_updates, gradient);
    EXPECT_NEAR(w[0], 0.5, 0.01);
    EXPECT_NEAR(w[1], 1.0, 0.01);
    EXPECT_NEAR(w[2], 1.5, 0.01);
  }
}

TEST(Descent, FollowsRosenbrocksValley) {
  const auto gradient = [](std::span<float> w, std::span<float> g) {
    const float x = w[0];
    const float y = w[1];
    g[0] = -2.0F * (1.0F - x) - 400.0F * x * (y - x * x);
    g[1] = 200.0F * (y - x * x);
  };
  for (const Descent& d : descents()) {
    SCOPED_TRACE(d.config.name);
    const auto w = minimise(d.config, d.start, d.rosenbrock_updates, gradient);
    EXPECT_NEAR(w[0], 1.0, 0.05);
    EXPECT_NEAR(w[1], 1.0, 0.1);
  }
}

}  // namespace
}  // namespace redbud
