// Fifty layers at their first values: how large the signal is forward, and the gradient backward, against what the
// theory of wide networks gives for the pair of activation and initializer. Source  Poole et al. 2016 (arXiv
// 1606.05340); Schoenholz et al. 2017 (arXiv 1611.01232)
#include <gtest/gtest.h>

#include <cmath>

#include "redbud/core/rng.h"
#include "redbud/graph/initializer.h"
#include "redbud/kernels/ref/activation.h"

namespace redbud {
namespace {

using kernels::Activation;
using kernels::ActivationKind;

constexpr int64_t kWidth = 256;
constexpr int64_t kRows = 8;
constexpr size_t kLayers = 50;
constexpr Fans kFans{kWidth, kWidth};

using Values = std::vector<double>;  // rows by width
using Squares = std::vector<double>;

/// Mean squares of the activations of each layer, and of the gradients of what goes into each.
struct Signal {
  Squares forward;
  Squares backward;
};

double slope_at(const Activation& f, double z) {
  return kernels::ref::activation_gradient(f, derivative_from_input(f) ? z : kernels::ref::activate(f, z));
}

double mean_square(const Values& v) {
  double sum = 0;
  for (const double x : v) sum += x * x;
  return sum / static_cast<double>(v.size());
}

Values normal_values(uint32_t lane) {
  Values v;
  for (int64_t i = 0; i < kRows * kWidth; ++i) v.push_back(random_normal({.seed = 1, .lane = lane}, i));
  return v;
}

/// x w.
Values product(const Values& x, const std::vector<float>& w) {
  Values y(x.size(), 0.0);
  for (int64_t n = 0; n < kRows; ++n) {
    double* y_n = y.data() + n * kWidth;
    for (int64_t c = 0; c < kWidth; ++c) {
      const double x_nc = x.data()[n * kWidth + c];
      const float* w_c = w.data() + c * kWidth;
      for (int64_t k = 0; k < kWidth; ++k) y_n[k] += x_nc * static_cast<double>(w_c[k]);
    }
  }
  return y;
}

/// d w^T.
Values product_transposed(const Values& d, const std::vector<float>& w) {
  Values y(d.size());
  for (int64_t n = 0; n < kRows; ++n) {
    const double* d_n = d.data() + n * kWidth;
    for (int64_t c = 0; c < kWidth; ++c) {
      const float* w_c = w.data() + c * kWidth;
      double sum = 0;
      for (int64_t k = 0; k < kWidth; ++k) sum += d_n[k] * static_cast<double>(w_c[k]);
      y.data()[n * kWidth + c] = sum;
    }
  }
  return y;
}

Signal measured(const Activation& f, const Initializer& initializer) {
  std::vector<std::vector<float>> w(kLayers, std::vector<float>(kWidth * kWidth));
  std::vector<Values> z;
  Values a = normal_values(1);
  Signal signal;
  for (size_t l = 0; l < kLayers; ++l) {
    initialize(w[l], initializer, kFans, 7, "layer" + std::to_string(l));
    z.push_back(product(a, w[l]));
    a = z.back();
    for (double& v : a) v = kernels::ref::activate(f, v);
    signal.forward.push_back(mean_square(a));
  }
  Values d = normal_values(2);
  signal.backward.resize(kLayers);
  for (size_t l = kLayers; l-- > 0;) {
    for (size_t i = 0; i < d.size(); ++i) d[i] *= slope_at(f, z[l][i]);
    signal.backward[l] = mean_square(d);
    d = product_transposed(d, w[l]);
  }
  return signal;
}

/// E[g(z)^2] for a normal z of that variance.
template <class G>
double mean_square_of(double variance, const G& g) {
  constexpr double kStep = 1.0 / 128;
  double sum = 0;
  for (double x = -9.0; x <= 9.0; x += kStep) {
    const double value = g(std::sqrt(variance) * x);
    sum += std::exp(-0.5 * x * x) * value * value;
  }
  return sum * kStep / std::sqrt(2 * std::acos(-1.0));
}

/// What a network of infinite width has; `weight` is the variance of a weight, times the width.
Signal closed_form(const Activation& f, double weight) {
  Signal signal;
  std::vector<double> slopes;
  double square = 1;
  for (size_t l = 0; l < kLayers; ++l) {
    const double variance = weight * square;
    square = mean_square_of(variance, [&](double z) { return kernels::ref::activate(f, z); });
    slopes.push_back(mean_square_of(variance, [&](double z) { return slope_at(f, z); }));
    signal.forward.push_back(square);
  }
  signal.backward.resize(kLayers);
  double gradient = 1;
  for (size_t l = kLayers; l-- > 0;) {
    gradient *= slopes[l];
    signal.backward[l] = gradient;
    gradient *= weight;
  }
  return signal;
}

/// The greatest factor between the two, either way, over the layers.
double apart(const Squares& a, const Squares& b) {
  double factor = 1;
  for (size_t l = 0; l < kLayers; ++l) factor = std::max({factor, a[l] / b[l], b[l] / a[l]});
  return factor;
}

double weight_of(const Initializer& pair) {
  const double scale = pair.name == "he_normal" ? 2 : 1;
  return scale * pair.gain * pair.gain;
}

const Activation& named(ActivationKind kind) { return kernels::info_of(kind).defaults; }

TEST(InitialSignal, StaysInTheBandWithThePair) {
  struct Band {
    ActivationKind kind;
    double factor;
  };
  // A rectifier's layer of n units is off by a factor of deviation sqrt(5 / n) at random, and 50 such factors multiply:
  // by 2.7 at one standard deviation, with n = 256. The others pull back to their fixed point.
  for (const Band& band : {Band{ActivationKind::Tanh, 3}, Band{ActivationKind::Relu, 5}, Band{ActivationKind::Selu, 3},
                           Band{ActivationKind::Elu, 10}}) {
    SCOPED_TRACE(kernels::info_of(band.kind).name);
    const Activation& f = named(band.kind);
    const Initializer pair = initializer_for(f);
    const Signal expected = closed_form(f, weight_of(pair));
    const Signal found = measured(f, pair);
    EXPECT_LE(apart(found.forward, expected.forward), band.factor);
    EXPECT_LE(apart(found.backward, expected.backward), band.factor);
  }
}

TEST(InitialSignal, LeavesTheBandWithANaiveInitializer) {
  struct Naive {
    ActivationKind kind;
    const char* initializer;
  };
  for (const Naive& naive : {Naive{ActivationKind::Logistic, "normal"}, Naive{ActivationKind::Tanh, "normal"},
                             Naive{ActivationKind::Relu, "glorot_normal"}}) {
    SCOPED_TRACE(kernels::info_of(naive.kind).name);
    const Activation& f = named(naive.kind);
    const Signal expected = closed_form(f, weight_of(initializer_for(f)));
    const Signal found = measured(f, {naive.initializer});
    EXPECT_GT(apart(found.backward, expected.backward), 1000);
    const double factor = naive.kind == ActivationKind::Logistic ? 1.2 : 10;  // a logistic's output is in [0, 1] anyway
    EXPECT_GT(apart(found.forward, expected.forward), factor);
  }
}

}  // namespace
}  // namespace redbud
