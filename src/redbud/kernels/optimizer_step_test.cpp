#include "redbud/kernels/optimizer_step.h"

#include <gtest/gtest.h>

#include "redbud/kernels/kernel_test.h"
#include "redbud/testing/core/golden.h"
#include "redbud/testing/core/tolerance.h"

namespace redbud::kernels {
namespace {

using Rule = OptimizerStepProblem::Rule;

const std::vector<Rule> kRules = {Rule::Sgd, Rule::Momentum, Rule::Nesterov, Rule::RmsProp, Rule::Adam};
const std::vector<Rule> kAllRules = {
    Rule::Sgd,      Rule::Momentum, Rule::Nesterov, Rule::RmsProp,     Rule::CenteredRmsProp, Rule::Adagrad,
    Rule::Adadelta, Rule::Adam,     Rule::Adamax,   Rule::Nadam,       Rule::AmsGrad,         Rule::RAdam,
    Rule::Lion,     Rule::Lamb,     Rule::Ftrl,     Rule::ScheduleFree};

bool has_rho(Rule rule) { return rule == Rule::RmsProp || rule == Rule::CenteredRmsProp || rule == Rule::Adadelta; }

/// Written from the paper (arXiv 1908.03265, algorithm 2).
double rectifier(double beta2, double t) {
  const double rho_infinity = 2.0 / (1.0 - beta2) - 1.0;
  const double rho = rho_infinity - 2.0 * t * std::pow(beta2, t) / (1.0 - std::pow(beta2, t));
  if (rho <= 5.0) return 0.0;
  return std::sqrt((rho - 4.0) * (rho - 2.0) * rho_infinity / ((rho_infinity - 4.0) * (rho_infinity - 2.0) * rho));
}

OptimizerStepArgs defaults(Rule rule) {
  OptimizerStepArgs a;
  a.learning_rate = 0.01;
  a.beta1 = 0.9;
  a.beta2 = has_rho(rule) ? 0.9 : rule == Rule::Lion ? 0.99 : 0.999;
  a.epsilon = rule == Rule::Adagrad ? 1e-10 : rule == Rule::Adadelta ? 1e-6 : 1e-8;
  if (rule == Rule::Adadelta) a.learning_rate = 1.0;
  if (rule == Rule::Ftrl) a.beta = 0.5;
  return a;
}

/// Parameters with their state, and steps of a kernel on them. The gradient is that of a quadratic bowl with a
/// different curvature for each parameter: g = c * (w - 1).
template <class T>
struct Training {
  explicit Training(int64_t size)
      : w(1, size), g(1, size), first(1, size), second(1, size), third(1, size), direction(1, size) {
    w.fill_normal(1);
    first.fill(T(0));
    second.fill(T(0));
    third.fill(T(0));
    direction.fill(T(0));
    for (int64_t i = 0; i < size; ++i) c.push_back(0.5 + 0.1 * static_cast<double>(i % 20));
  }

  void step(std::string_view name, Rule rule, OptimizerStepArgs a, int64_t t) {
    const auto size = static_cast<int64_t>(w.values().size());
    for (int64_t i = 0; i < size; ++i) g.at(0, i) = static_cast<T>(c[static_cast<size_t>(i)]) * (w.at(0, i) - T(1));
    a.w = w.matrix().data;
    a.g = g.matrix().data;
    a.first = first.matrix().data;
    a.second = second.matrix().data;
    a.third = third.matrix().data;
    a.direction = direction.matrix().data;
    a.first_step = t == 1;
    a.share = 1.0 / static_cast<double>(t);
    const auto steps = static_cast<double>(t);
    a.correction1 = 1.0 - std::pow(a.beta1, steps);
    a.correction2 = 1.0 - std::pow(a.beta2, steps);
    a.next_correction1 = 1.0 - std::pow(a.beta1, steps + 1.0);
    if (rule == Rule::RAdam) a.rectifier = rectifier(a.beta2, steps);
    TestPool pool(1);
    kernel_named(optimizer_step_kernels(), name).run({.type = dtype_of<T>, .rule = rule, .size = size}, a, pool);
  }

  GuardedMatrix<T> w, g, first, second, third, direction;
  std::vector<double> c;
};

/// The rules for one parameter in double, written from the papers and not from the kernels.
struct Scalar {
  double w = 0.0, v = 0.0, s = 0.0;

  void sgd(double g) { w = w - 0.01 * g; }
  void momentum(double g) { v = 0.9 * v + g, w = w - 0.01 * v; }
  void nesterov(double g) { v = 0.9 * v + g, w = w - 0.01 * (g + 0.9 * v); }
  void rmsprop(double g) { s = 0.9 * s + 0.1 * g * g, w = w - 0.01 * g / (std::sqrt(s) + 1e-8); }
  void adam(double g, int t) {
    v = 0.9 * v + (1.0 - 0.9) * g;
    s = 0.999 * s + (1.0 - 0.999) * g * g;
    const double v_hat = v / (1.0 - std::pow(0.9, t));
    const double s_hat = s / (1.0 - std::pow(0.999, t));
    w = w - 0.01 * v_hat / (std::sqrt(s_hat) + 1e-8);
  }
};

TEST(OptimizerStep, ReferenceFollowsThePapers) {
  const int64_t size = 23;
  for (const Rule rule : kRules) {
    SCOPED_TRACE(static_cast<int>(rule));
    Training<double> training(size);
    std::vector<Scalar> truth;
    for (const double w : training.w.values()) truth.push_back({.w = w});
    for (int t = 1; t <= 50; ++t) {
      training.step("ref", rule, defaults(rule), t);
      for (int64_t i = 0; i < size; ++i) {
        Scalar& p = truth[static_cast<size_t>(i)];
        const double g = training.c[static_cast<size_t>(i)] * (p.w - 1.0);
        if (rule == Rule::Sgd) p.sgd(g);
        if (rule == Rule::Momentum) p.momentum(g);
        if (rule == Rule::Nesterov) p.nesterov(g);
        if (rule == Rule::RmsProp) p.rmsprop(g);
        if (rule == Rule::Adam) p.adam(g, t);
      }
    }
    std::vector<double> expected;
    for (const Scalar& p : truth) expected.push_back(p.w);
    EXPECT_TRUE(all_close(training.w.values(), expected, tolerance(DType::F64, {.terms_per_sum = 50})));
  }
}

struct GoldenCase {
  std::string name;
  Rule rule;
  OptimizerStepArgs args;
};

std::vector<GoldenCase> golden_cases() {
  std::vector<GoldenCase> cases = {{"sgd", Rule::Sgd, {}},
                                   {"sgd_l2", Rule::Sgd, {}},
                                   {"momentum", Rule::Momentum, {}},
                                   {"nesterov", Rule::Nesterov, {}},
                                   {"rmsprop", Rule::RmsProp, {}},
                                   {"adam", Rule::Adam, {}},
                                   {"adam_betas", Rule::Adam, {}},
                                   {"adam_l2", Rule::Adam, {}},
                                   {"adamw", Rule::Adam, {}},
                                   {"adam_clip", Rule::Adam, {}},
                                   {"centered_rmsprop", Rule::CenteredRmsProp, {}},
                                   {"adagrad", Rule::Adagrad, {}},
                                   {"adadelta", Rule::Adadelta, {}},
                                   {"adamax", Rule::Adamax, {}},
                                   {"nadam", Rule::Nadam, {}},
                                   {"amsgrad", Rule::AmsGrad, {}},
                                   {"radam", Rule::RAdam, {}},
                                   {"lion", Rule::Lion, {}}};
  for (GoldenCase& c : cases) {
    c.args = defaults(c.rule);
    if (c.name.ends_with("_l2")) c.args.l2 = 0.1;
    if (c.name == "adamw") c.args.weight_decay = 0.1;
    if (c.name == "adam_clip") c.args.clip_value = 0.3;
    if (c.name == "adam_betas")
      c.args.learning_rate = 0.02, c.args.beta1 = 0.7, c.args.beta2 = 0.9, c.args.epsilon = 1e-3;
  }
  return cases;
}

template <class T>
void expect_follows_golden(std::string_view kernel, const GoldenCase& c) {
  auto golden = read_golden("optimizers.txt");
  const std::vector<double> start = golden["start"];
  ASSERT_EQ(start.size(), 7u) << "tests/golden/optimizers.txt";
  ASSERT_EQ(golden[c.name].size(), 7u) << c.name;
  Training<T> training(7);
  training.c = golden["c"];
  training.w.assign(start);
  for (int t = 1; t <= 50; ++t) training.step(kernel, c.rule, c.args, t);
  EXPECT_TRUE(all_close(training.w.values(), golden[c.name], tolerance(dtype_of<T>, {.terms_per_sum = 50})));
}

TEST(OptimizerStep, FollowsPyTorchAndOptaxFor50Steps) {
  for (const GoldenCase& c : golden_cases()) {
    SCOPED_TRACE(c.name);
    expect_follows_golden<double>("ref", c);
    for_each_target([&] { expect_follows_golden<float>("cpu:simd", c); });
  }
}

TEST(OptimizerStep, ClipsScalesAndDecaysInThisOrder) {
  for (const std::string_view name : {"cpu:simd", "ref"}) {
    SCOPED_TRACE(name);
    std::vector<float> w = {2.0F, -2.0F, 0.0F, 4.0F}, g = {10.0F, -0.5F, 0.25F, 0.0F};
    OptimizerStepArgs a{.w = w.data(),
                        .g = g.data(),
                        .learning_rate = 0.5,
                        .gradient_scale = 2.0,
                        .clip_value = 3.0,
                        .l1 = 0.125,
                        .l2 = 0.25,
                        .weight_decay = 0.1};
    TestPool pool(1);
    kernel_named(optimizer_step_kernels(), name).run({.size = 4}, a, pool);
    // w - 0.05 w - 0.5 * (clip(2 g) + 0.25 w), and nearer to 0 by 0.5 * 0.125
    const std::vector<double> expected = {2.0 - 0.1 - 0.5 * (3.0 + 0.5) - 0.0625,
                                          -2.0 + 0.1 - 0.5 * (-1.0 - 0.5) + 0.0625, 0.0 - 0.5 * 0.5 + 0.0625,
                                          4.0 - 0.2 - 0.5 * (0.0 + 1.0) - 0.0625};
    EXPECT_TRUE(all_close(w, expected, tolerance(DType::F32)));
  }
}

TEST(OptimizerStep, L1MakesWeightsExactlyZero) {
  // Without a gradient, adam and sgd take learning_rate * l1 = 1/128 a step off each weight until it is 0.
  for (const std::string_view name : {"cpu:simd", "ref"}) {
    for (const Rule rule : {Rule::Sgd, Rule::Adam}) {
      SCOPED_TRACE(name);
      Training<float> training(9);
      training.c.assign(9, 0.0);
      training.w.assign(std::vector<double>{0.0, -0.0, 0.0078125, -0.0078125, 0.015625, -0.02, 1.0, -1.0, 0.03125});
      OptimizerStepArgs a = defaults(rule);
      a.learning_rate = 0.125;
      a.l1 = 0.0625;
      for (int t = 1; t <= 4; ++t) training.step(name, rule, a, t);
      const std::vector<float> w = training.w.values();
      for (size_t i = 0; i < 9; ++i) {
        if (i == 6 || i == 7) continue;
        EXPECT_EQ(w[i], 0.0F) << i;
        EXPECT_FALSE(std::signbit(w[i])) << i;
      }
      EXPECT_EQ(w[6], 1.0F - 0.03125F);
      EXPECT_EQ(w[7], -1.0F + 0.03125F);
    }
  }
}

TEST(OptimizerStep, FtrlBearsARateThatChanges) {
  // The weights stay near those of a constant rate, where the formula with a plain z would halve them.
  for (const std::string_view name : {"cpu:simd", "ref"}) {
    Training<float> training(20);
    training.c.assign(20, 1e-4);
    OptimizerStepArgs a = defaults(Rule::Ftrl);
    for (int t = 1; t <= 20; ++t) {
      a.learning_rate = t % 2 == 0 ? 0.01 : t % 4 == 1 ? 0.0 : 0.02;
      const std::vector<float> before = training.w.values();
      training.step(name, Rule::Ftrl, a, t);
      EXPECT_TRUE(all_close(training.w.values(), before, 1e-4)) << name << " step " << t;
    }
  }
}

void expect_vector_kernel_matches(Rule rule, int64_t size) {
  SCOPED_TRACE("rule " + std::to_string(static_cast<int>(rule)) + " size " + std::to_string(size));
  Training<float> fast(size), slow(size);
  OptimizerStepArgs a = defaults(rule);
  if (size % 2 == 0) a.clip_value = 0.3, a.l1 = 0.01, a.l2 = 0.02, a.weight_decay = 0.1;
  if (size % 3 == 0) a.gradient_scale = 0.7;
  for (int t = 1; t <= 5; ++t) {
    fast.step("cpu:simd", rule, a, t);
    slow.step("ref", rule, a, t);
  }
  // Where a gradient is divided by little more than itself, its rounding shows in full.
  const bool sharp = rule == Rule::CenteredRmsProp || rule == Rule::Adagrad || rule == Rule::Adadelta;
  const double tol = tolerance(DType::F32, {.terms_per_sum = sharp ? 200 : 5});
  EXPECT_TRUE(all_close(fast.w.values(), slow.w.values(), tol));
  EXPECT_TRUE(all_close(fast.first.values(), slow.first.values(), tol));
  EXPECT_TRUE(all_close(fast.second.values(), slow.second.values(), tol));
  EXPECT_TRUE(all_close(fast.third.values(), slow.third.values(), tol));
  EXPECT_TRUE(all_close(fast.direction.values(), slow.direction.values(), tol));
  EXPECT_TRUE(fast.w.guards_are_intact() && fast.first.guards_are_intact() && fast.second.guards_are_intact());
}

TEST(OptimizerStep, VectorKernelMatchesTheReference) {
  for_each_target([&] {
    for (const Rule rule : kAllRules) {
      for (int64_t size = 1; size <= 70; ++size) expect_vector_kernel_matches(rule, size);
      expect_vector_kernel_matches(rule, 20'003);  // several pieces
    }
  });
}

TEST(OptimizerStep, StateOfParametersWithoutGradientEndsAtZeroAndNotInDenormals) {
  for_each_target([&] {
    for (const Rule rule : {Rule::Momentum, Rule::Nesterov, Rule::RmsProp, Rule::Adam}) {
      SCOPED_TRACE(static_cast<int>(rule));
      Training<float> training(37);
      training.c.assign(37, 0.0);
      training.first.fill(1e-3F);
      training.second.fill(2e-36F);
      for (int t = 1; t <= 1000; ++t) training.step("cpu:simd", rule, defaults(rule), t);
      for (const float v : rule == Rule::RmsProp ? training.second.values() : training.first.values())
        EXPECT_EQ(v, 0.0F);
      if (rule != Rule::Adam) continue;
      for (const float v : training.second.values()) EXPECT_EQ(v, 0.0F);
    }
  });
}

TEST(OptimizerStep, KeepsNan) {
  for (const std::string_view name : {"cpu:simd", "ref"}) {
    for (const Rule rule : kRules) {
      Training<float> training(5);
      training.c[3] = std::numeric_limits<double>::quiet_NaN();
      training.step(name, rule, defaults(rule), 1);
      for (size_t i = 0; i < 5; ++i) EXPECT_EQ(std::isnan(training.w.values()[i]), i == 3);
    }
  }
}

TEST(OptimizerStep, BitsAreTheSameForAllThreads) {
  const int64_t size = 100'003;
  GuardedMatrix<float> w(1, size), g(1, size), first(1, size), second(1, size);
  g.fill_normal(2);
  for (const Rule rule : kRules) {
    OptimizerStepArgs a = defaults(rule);
    a.w = w.matrix().data;
    a.g = g.matrix().data;
    a.first = first.matrix().data;
    a.second = second.matrix().data;
    expect_same_bits_for_all_threads(
        kernel_named(optimizer_step_kernels(), "cpu:simd"), OptimizerStepProblem{.rule = rule, .size = size}, a,
        [&] { w.fill(1.0F), first.fill(0.5F), second.fill(0.25F); },
        [&] {
          return std::vector{w.values(), first.values(), second.values()};
        });
  }
}

}  // namespace
}  // namespace redbud::kernels
