#include "redbud/kernels/activation.h"

#include <gtest/gtest.h>

#include "redbud/kernels/cpu/activation_rows.h"
#include "redbud/kernels/kernel_test.h"
#include "redbud/kernels/ref/activation.h"
#include "redbud/testing/core/tolerance.h"

namespace redbud::kernels {
namespace {

/// All pointwise functions, with other constants too.
std::vector<Activation> all() {
  std::vector<Activation> activations = {{.kind = ActivationKind::Elu, .alpha = 0.3},
                                         {.kind = ActivationKind::LeakyRelu, .alpha = 0.3},
                                         {.kind = ActivationKind::HardSigmoid, .alpha = 0.2}};
  for (const ActivationInfo& info : activation_table()) {
    const ActivationKind kind = info.defaults.kind;
    if (kind != ActivationKind::Prelu && kind != ActivationKind::Rrelu) activations.push_back(info.defaults);
  }
  return activations;
}
const std::vector<Activation> kAll = all();
const Activation kElu = info_of(ActivationKind::Elu).defaults;

std::string trace(const Activation& a) {
  return std::string(info_of(a.kind).name) + " alpha " + std::to_string(a.alpha);
}

/// What the derivative is computed from.
template <class T>
T at_of(const Activation& a, T z, T y) {
  return derivative_from_input(a) ? z : y;
}

TEST(Activation, NamesAndKindsAreInTheTableOnce) {
  const auto table = activation_table();
  for (size_t i = 0; i < table.size(); ++i) {
    EXPECT_EQ(info_of(table[i].defaults.kind).name, table[i].name);
    for (size_t j = 0; j < i; ++j) EXPECT_NE(table[i].name, table[j].name);
  }
}

TEST(Activation, OnlyFallingFunctionsNeedTheInput) {
  for (const Activation& a : kAll) {
    SCOPED_TRACE(trace(a));
    bool rises = true;
    for (double z = -8.0; z < 8.0; z += 0.01) rises = rises && ref::activate(a, z + 0.01) >= ref::activate(a, z);
    EXPECT_EQ(derivative_from_input(a), !rises);
  }
}

TEST(Activation, ReferenceGradientMatchesCentralDifferences) {
  for (const Activation& a : kAll) {
    SCOPED_TRACE(trace(a));
    for (const double z : {-3.2, -2.9, -0.7, -0.01, 0.02, 0.9, 2.4, 2.9, 6.5}) {  // none closer to a kink than h
      const double h = 1e-5;
      const double slope = (ref::activate(a, z + h) - ref::activate(a, z - h)) / (2.0 * h);
      EXPECT_NEAR(ref::activation_gradient(a, at_of(a, z, ref::activate(a, z))), slope, 1e-9);
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
      const Matrix at = derivative_from_input(a) ? z.matrix() : y.matrix();
      const ActivationBackwardProblem backward{.rows = rows, .features = features, .activation = a};
      fast_backward.run(backward, {.dy = dy.matrix(), .at = at, .dz = dz.matrix()}, pool);
      slow_backward.run(backward, {.dy = dy.matrix(), .at = at, .dz = dz_ref.matrix()}, pool);
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
  const ActivationForwardProblem problem{.rows = 3, .features = 37, .activation = kElu};
  fast.run(problem, {.z = z.matrix(), .y = y.matrix()}, pool);
  fast.run(problem, {.z = z.matrix(), .y = z.matrix()}, pool);
  EXPECT_EQ(z.values(), y.values());
}

TEST(Activation, SlopesComeWithTheSameValues) {
  TestPool pool(1);
  const auto& both = kernel_named(activation_slopes_kernels(), "cpu:simd");
  for_each_target([&] {
    for (const Activation& a : kAll) {
      if (!derivative_from_input(a)) continue;
      SCOPED_TRACE(trace(a));
      GuardedMatrix<float> z(5, 83, 3), y(5, 83, 1), slope(5, 83, 2), y_ref(5, 83), ones(5, 83), slope_ref(5, 83);
      z.fill_normal(1, 30.0);  // some lanes far away, so that vectors of both ways are met
      ones.fill(1.0F);
      const ActivationForwardProblem problem{.rows = 5, .features = 83, .activation = a};
      const ActivationBackwardProblem backward{.rows = 5, .features = 83, .activation = a};
      both.run(problem, {.z = z.matrix(), .y = y.matrix(), .slope = slope.matrix()}, pool);
      kernel_named(activation_forward_kernels(), "cpu:simd").run(problem, {.z = z.matrix(), .y = y_ref.matrix()}, pool);
      kernel_named(activation_backward_kernels(), "cpu:simd")
          .run(backward, {.dy = ones.matrix(), .at = z.matrix(), .dz = slope_ref.matrix()}, pool);
      EXPECT_EQ(y.values(), y_ref.values());
      EXPECT_EQ(slope.values(), slope_ref.values());
      EXPECT_TRUE(y.guards_are_intact() && slope.guards_are_intact());
      kernel_named(activation_slopes_kernels(), "ref")
          .run(problem, {.z = z.matrix(), .y = y_ref.matrix(), .slope = slope_ref.matrix()}, pool);
      EXPECT_TRUE(all_close(y.values(), y_ref.values(), tolerance(DType::F32)));
      EXPECT_TRUE(all_close(slope.values(), slope_ref.values(), tolerance(DType::F32)));
      both.run(problem, {.z = z.matrix(), .y = z.matrix(), .slope = slope.matrix()}, pool);
      EXPECT_EQ(z.values(), y.values());
    }
  });
}

TEST(Activation, BitsAreTheSameForAllThreads) {
  GuardedMatrix<float> z(301, 257, 3), y(301, 257, 3), dz(301, 257, 3);
  z.fill_normal(1);
  const auto& kernel = kernel_named(activation_forward_kernels(), "cpu:simd");
  expect_same_bits_for_all_threads(
      kernel, ActivationForwardProblem{.rows = 301, .features = 257, .activation = kElu},
      ActivationForwardArgs{.z = z.matrix(), .y = y.matrix()}, [&] { y.fill(0); }, [&] { return y.values(); });
  const auto& backward = kernel_named(activation_backward_kernels(), "cpu:simd");
  expect_same_bits_for_all_threads(
      backward, ActivationBackwardProblem{.rows = 301, .features = 257, .activation = kElu},
      ActivationBackwardArgs{.dy = z.matrix(), .at = y.matrix(), .dz = dz.matrix()}, [&] { dz.fill(0); },
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
      GuardedMatrix<float> at(1, 53);
      at.assign(derivative_from_input(a) ? z : y.values());
      for (size_t i = 0; i < dy.size(); ++i) expected_d.push_back(dy[i] * ref::activation_gradient(a, at.values()[i]));
      cpu::activation_gradient_run()(a, at.matrix().row<float>(0), d.matrix().row<float>(0), 53);
      EXPECT_TRUE(all_close(d.values(), expected_d, tolerance(DType::F32)));
      EXPECT_TRUE(y.guards_are_intact() && d.guards_are_intact());
    }
  });
}

TEST(Activation, EluKeepsItsDigitsNearZero) {
  for_each_target([&] {
    for (float z = -1e-7F; z > -1.0F; z *= 1.7F) {
      float y = z;
      cpu::activation_run()(kElu, &y, 1);
      EXPECT_FLOAT_EQ(y, static_cast<float>(std::expm1(static_cast<double>(z))));
    }
  });
}

}  // namespace
}  // namespace redbud::kernels
