#include "redbud/kernels/activation.h"

#include <gtest/gtest.h>

#include "redbud/kernels/cpu/activation_rows.h"
#include "redbud/kernels/kernel_test.h"
#include "redbud/kernels/ref/activation.h"
#include "redbud/testing/core/tolerance.h"

namespace redbud::kernels {
namespace {

constexpr double kSeluAlpha = 1.6732632423543772;
constexpr double kSeluScale = 1.0507009873554805;

const std::vector<Activation> kAll = {
    {.kind = ActivationKind::Identity},
    {.kind = ActivationKind::Elu, .alpha = 1.0},
    {.kind = ActivationKind::Elu, .alpha = 0.3},
    {.kind = ActivationKind::Relu},
    {.kind = ActivationKind::LeakyRelu, .alpha = 0.01},
    {.kind = ActivationKind::Selu, .alpha = kSeluAlpha, .scale = kSeluScale},
    {.kind = ActivationKind::Logistic},
    {.kind = ActivationKind::Tanh},
    {.kind = ActivationKind::Softplus},
    {.kind = ActivationKind::Softsign},
    {.kind = ActivationKind::HardSigmoid},
    {.kind = ActivationKind::Relu6},
};

std::string trace(const Activation& a) {
  return "kind " + std::to_string(static_cast<int>(a.kind)) + " alpha " + std::to_string(a.alpha);
}

TEST(Activation, ReferenceMatchesTheDefinitions) {
  const double e1 = std::exp(-1.0);
  const double values[][2] = {
      {-1.0, 2.0},
      {e1 - 1.0, 2.0},
      {0.3 * (e1 - 1.0), 2.0},
      {0.0, 2.0},
      {-0.01, 2.0},
      {kSeluScale * kSeluAlpha * (e1 - 1.0), 2.0 * kSeluScale},
      {1.0 / (1.0 + std::exp(1.0)), 1.0 / (1.0 + std::exp(-2.0))},
      {(std::exp(-2.0) - 1.0) / (std::exp(-2.0) + 1.0), (std::exp(4.0) - 1.0) / (std::exp(4.0) + 1.0)},
      {std::log(1.0 + e1), std::log(1.0 + std::exp(2.0))},
      {-0.5, 2.0 / 3.0},
      {1.0 / 3.0, 5.0 / 6.0},
      {0.0, 2.0}};
  ASSERT_EQ(std::size(values), kAll.size());
  for (size_t i = 0; i < kAll.size(); ++i) {
    SCOPED_TRACE(trace(kAll[i]));
    EXPECT_NEAR(ref::activate(kAll[i], -1.0), values[i][0], 1e-15);
    EXPECT_NEAR(ref::activate(kAll[i], 2.0), values[i][1], 1e-15);
  }
}

TEST(Activation, ReferenceGradientMatchesCentralDifferences) {
  for (const Activation& a : kAll) {
    SCOPED_TRACE(trace(a));
    for (const double z : {-2.9, -0.7, -0.01, 0.02, 0.9, 2.5, 6.5}) {  // none closer to a kink than h
      const double h = 1e-5;
      const double slope = (ref::activate(a, z + h) - ref::activate(a, z - h)) / (2.0 * h);
      EXPECT_NEAR(ref::activation_gradient(a, ref::activate(a, z)), slope, 1e-9);
    }
  }
}

struct Case {
  int64_t rows;
  int64_t features;
  int64_t padding;
};

std::vector<Case> ragged_cases() {
  std::vector<Case> cases;
  for (int64_t features = 1; features <= 70; ++features)
    cases.push_back({2 + features % 7, features, features % 3 * 5});
  cases.push_back({301, 257, 3});  // several pieces
  cases.push_back({301, 255, 0});
  return cases;
}

TEST(Activation, VectorKernelsMatchTheReferences) {
  const auto& fast = kernel_named(activation_forward_kernels(), "cpu:simd");
  const auto& fast_backward = kernel_named(activation_backward_kernels(), "cpu:simd");
  const auto& slow = kernel_named(activation_forward_kernels(), "ref");
  const auto& slow_backward = kernel_named(activation_backward_kernels(), "ref");
  TestPool pool(1);
  for_each_target([&] {
    for (const auto& [rows, features, padding] : ragged_cases()) {
      const Activation& a = kAll[static_cast<size_t>(features) % kAll.size()];
      SCOPED_TRACE(trace(a) + " features " + std::to_string(features));
      GuardedMatrix<float> z(rows, features, padding), y(rows, features, padding), dy(rows, features, padding),
          dz(rows, features, padding), y_ref(rows, features), dz_ref(rows, features);
      z.fill_normal(1, 3.0);
      dy.fill_normal(2);
      const ActivationForwardProblem problem{.rows = rows, .features = features, .activation = a};
      fast.run(problem, {.z = z.matrix(), .y = y.matrix()}, pool);
      slow.run(problem, {.z = z.matrix(), .y = y_ref.matrix()}, pool);
      EXPECT_TRUE(all_close(y.values(), y_ref.values(), tolerance(DType::F32)));
      const ActivationBackwardProblem backward{.rows = rows, .features = features, .activation = a};
      fast_backward.run(backward, {.dy = dy.matrix(), .y = y.matrix(), .dz = dz.matrix()}, pool);
      slow_backward.run(backward, {.dy = dy.matrix(), .y = y.matrix(), .dz = dz_ref.matrix()}, pool);
      EXPECT_TRUE(all_close(dz.values(), dz_ref.values(), tolerance(DType::F32)));
      EXPECT_TRUE(y.guards_are_intact() && dz.guards_are_intact());
    }
  });
}

TEST(Activation, WorksInPlace) {
  const auto& fast = kernel_named(activation_forward_kernels(), "cpu:simd");
  TestPool pool(1);
  GuardedMatrix<float> z(3, 37, 2), y(3, 37, 2);
  z.fill_normal(1);
  const ActivationForwardProblem problem{.rows = 3, .features = 37, .activation = kAll[1]};
  fast.run(problem, {.z = z.matrix(), .y = y.matrix()}, pool);
  fast.run(problem, {.z = z.matrix(), .y = z.matrix()}, pool);
  EXPECT_EQ(z.values(), y.values());
}

TEST(Activation, BitsAreTheSameForAllThreads) {
  GuardedMatrix<float> z(301, 257, 3), y(301, 257, 3), dz(301, 257, 3);
  z.fill_normal(1);
  const auto& kernel = kernel_named(activation_forward_kernels(), "cpu:simd");
  expect_same_bits_for_all_threads(
      kernel, ActivationForwardProblem{.rows = 301, .features = 257, .activation = kAll[1]},
      ActivationForwardArgs{.z = z.matrix(), .y = y.matrix()}, [&] { y.fill(0); }, [&] { return y.values(); });
  const auto& backward = kernel_named(activation_backward_kernels(), "cpu:simd");
  expect_same_bits_for_all_threads(
      backward, ActivationBackwardProblem{.rows = 301, .features = 257, .activation = kAll[1]},
      ActivationBackwardArgs{.dy = z.matrix(), .y = y.matrix(), .dz = dz.matrix()}, [&] { dz.fill(0); },
      [&] { return dz.values(); });
}

TEST(Activation, RunsWorkOnRowsOfATile) {
  for_each_target([&] {
    for (const Activation& a : kAll) {
      SCOPED_TRACE(trace(a));
      GuardedMatrix<float> y(1, 53), d(1, 53);
      y.fill_normal(1);
      d.fill_normal(2);
      std::vector<float> expected_y, expected_d;
      const std::vector<float> z = y.values(), dy = d.values();
      for (const float value : z) expected_y.push_back(ref::activate(a, value));
      cpu::activation_run()(a, y.matrix().row<float>(0), 53);
      EXPECT_TRUE(all_close(y.values(), expected_y, tolerance(DType::F32)));
      for (size_t i = 0; i < dy.size(); ++i) expected_d.push_back(dy[i] * ref::activation_gradient(a, y.values()[i]));
      cpu::activation_gradient_run()(a, y.matrix().row<float>(0), d.matrix().row<float>(0), 53);
      EXPECT_TRUE(all_close(d.values(), expected_d, tolerance(DType::F32)));
      EXPECT_TRUE(y.guards_are_intact() && d.guards_are_intact());
    }
  });
}

TEST(Activation, SpecialValuesComeThroughAsInTheReference) {
  const float infinity = std::numeric_limits<float>::infinity();
  const std::vector<float> special = {std::numeric_limits<float>::quiet_NaN(),
                                      infinity,
                                      -infinity,
                                      0.0F,
                                      -0.0F,
                                      1e-40F,
                                      -1e-40F,
                                      -1e-8F,
                                      3e38F,
                                      -3e38F,
                                      -87.5F,
                                      -104.0F,
                                      88.8F};
  const auto size = static_cast<int64_t>(special.size());
  for_each_target([&] {
    for (const Activation& a : kAll) {
      SCOPED_TRACE(trace(a));
      std::vector<float> y = special;
      cpu::activation_run()(a, y.data(), size);
      for (size_t i = 0; i < y.size(); ++i) {
        const auto expected = static_cast<float>(ref::activate(a, static_cast<double>(special[i])));
        if (std::isnan(expected)) {
          EXPECT_TRUE(std::isnan(y[i])) << special[i];
        } else {
          EXPECT_FLOAT_EQ(y[i], expected) << special[i];  // 4 units in the last place
        }
      }
    }
  });
}

TEST(Activation, EluKeepsItsDigitsNearZero) {
  for_each_target([&] {
    for (float z = -1e-7F; z > -1.0F; z *= 1.7F) {
      float y = z;
      cpu::activation_run()(kAll[1], &y, 1);
      EXPECT_FLOAT_EQ(y, static_cast<float>(std::expm1(static_cast<double>(z))));
    }
  });
}

}  // namespace
}  // namespace redbud::kernels
