// Independent truth: what PyTorch computes (tests/golden/activations.py).
#include <gtest/gtest.h>

#include <map>

#include "redbud/kernels/activation.h"
#include "redbud/kernels/kernel_test.h"
#include "redbud/kernels/log_softmax.h"
#include "redbud/kernels/prelu.h"
#include "redbud/kernels/ref/activation.h"
#include "redbud/testing/core/golden.h"
#include "redbud/testing/core/tolerance.h"

namespace redbud::kernels {
namespace {

using Numbers = std::vector<double>;

Activation with(ActivationKind kind, double alpha) {
  Activation activation = info_of(kind).defaults;
  activation.alpha = alpha;
  return activation;
}

TEST(ActivationGolden, PointwiseFunctionsAreThoseOfPyTorch) {
  const auto lines = read_golden("activations.txt");
  std::map<std::string, Activation> same = {{"elu_0.3", with(ActivationKind::Elu, 0.3)},
                                            {"leaky_relu_0.2", with(ActivationKind::LeakyRelu, 0.2)}};
  for (const ActivationInfo& info : activation_table()) {
    if (info.defaults.kind == ActivationKind::Prelu || info.defaults.is_identity()) continue;
    same[std::string(info.name)] = in_prediction(info.defaults);
  }
  for (const auto& [name, f] : same) {
    SCOPED_TRACE(name);
    Numbers y, slope;
    for (const double z : lines.at(name + ".z")) {
      y.push_back(ref::activate(f, z));
      slope.push_back(ref::activation_gradient(f, derivative_from_input(f) ? z : y.back()));
    }
    const double tol = tolerance(DType::F64);
    EXPECT_TRUE(all_close(y, lines.at(name + ".y"), tol));
    EXPECT_TRUE(all_close(slope, lines.at(name + ".slope"), tol));
  }
}

TEST(ActivationGolden, GeluKeepsItsDigitsFarBelowZero) {
  // -9 times the normal distribution function at -9, 1.12858840595384064773550e-19. PyTorch gives 0 there.
  EXPECT_NEAR(ref::activate(info_of(ActivationKind::Gelu).defaults, -9.0) / -1.01572956535845658296e-18, 1.0, 1e-12);
}

TEST(ActivationGolden, PreluIsThatOfPyTorch) {
  auto lines = read_golden("activations.txt");
  Numbers a = {0.25, 0.1, 0.0, -0.2, 1.0, 2.0}, y(24), dy(24, 1.0), dz(24), da(6);
  const Matrix z{lines["prelu.z"].data(), 6};
  TestPool pool(1);
  kernel_named(prelu_forward_kernels(), "ref")
      .run({DType::F64, 4, 6}, {.z = z, .y = {y.data(), 6}, .slope = a.data()}, pool);
  kernel_named(prelu_backward_kernels(), "ref")
      .run({DType::F64, 4, 6},
           {.dy = {dy.data(), 6}, .z = z, .dz = {dz.data(), 6}, .slope = a.data(), .dslope = da.data()}, pool);
  EXPECT_TRUE(all_close(y, lines["prelu.y"], tolerance(DType::F64)));
  EXPECT_TRUE(all_close(dz, lines["prelu.slope"], tolerance(DType::F64)));
  EXPECT_TRUE(all_close(da, lines["prelu.da"], tolerance(DType::F64, {.terms_per_sum = 4})));
}

TEST(ActivationGolden, LogSoftmaxIsThatOfPyTorch) {
  auto lines = read_golden("activations.txt");
  Numbers y(24), dy, dz(24);
  for (int i = 0; i < 24; ++i) dy.push_back(7 * i % 11 - 4.0);
  const SoftmaxProblem problem{DType::F64, 4, 6};
  TestPool pool(1);
  kernel_named(log_softmax_forward_kernels(), "ref")
      .run(problem, {.z = {lines["elu.z"].data(), 6}, .y = {y.data(), 6}}, pool);
  kernel_named(log_softmax_backward_kernels(), "ref")
      .run(problem, {.dy = {dy.data(), 6}, .y = {y.data(), 6}, .dz = {dz.data(), 6}}, pool);
  EXPECT_TRUE(all_close(y, lines["log_softmax.y"], tolerance(DType::F64, {.terms_per_sum = 6})));
  EXPECT_TRUE(all_close(dz, lines["log_softmax.dz"], tolerance(DType::F64, {.terms_per_sum = 6})));
}

}  // namespace
}  // namespace redbud::kernels
