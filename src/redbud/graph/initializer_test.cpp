#include "redbud/graph/initializer.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "redbud/testing/core/throws_error.h"
#include "redbud/testing/core/tolerance.h"

namespace redbud {
namespace {

struct Moments {
  double mean = 0, variance = 0, largest = 0;
};

Moments moments(const Initializer& initializer, Fans fans) {
  std::vector<float> w(static_cast<size_t>(fans.in * fans.out));
  initialize(w, initializer, fans, 3, "layer.weight");
  Moments m;
  for (float v : w) m.mean += static_cast<double>(v) / static_cast<double>(w.size());
  for (float v : w) m.variance += std::pow(static_cast<double>(v) - m.mean, 2) / static_cast<double>(w.size());
  for (float v : w) m.largest = std::max(m.largest, static_cast<double>(std::abs(v)));
  return m;
}

constexpr Fans kFans{300, 100};
constexpr double kSamples = 30000;

struct Expected {
  Initializer initializer;
  double variance;  // closed form, fans 300 and 100
  double cut;       // nothing beyond so many standard deviations; 0: it's normal
  double kurtosis;
};

// Of a standard normal cut at 2: standard deviation, and fourth moment by the squared variance.
constexpr double kCutDeviation = 0.87962566103423978;
constexpr double kCutKurtosis = 2.3655;

std::vector<Expected> families() {
  std::vector<Expected> all = {{{"normal"}, 1.0, 0, 3},
                               {{.name = "normal", .sigma = 0.05}, 0.0025, 0, 3},
                               {{"uniform"}, 1.0 / 3, std::sqrt(3.0), 1.8},
                               {{.name = "uniform", .limit = 0.1}, 0.01 / 3, std::sqrt(3.0), 1.8}};
  const std::pair<std::string, double> families[] = {{"glorot", 2.0 / 400}, {"he", 2.0 / 300}, {"lecun", 1.0 / 300}};
  for (const auto& [name, variance] : families) {
    all.push_back({{name + "_normal"}, variance, 0, 3});
    all.push_back({{name + "_uniform"}, variance, std::sqrt(3.0), 1.8});
    all.push_back({{name + "_truncated_normal"}, variance, 2 / kCutDeviation, kCutKurtosis});
    all.push_back({{.name = name + "_normal", .gain = 4.0}, 16 * variance, 0, 3});
  }
  for (const char* shape : {"_normal", "_uniform", "_truncated_normal"}) {
    const double cut = shape[1] == 'n' ? 0 : shape[1] == 'u' ? std::sqrt(3.0) : 2 / kCutDeviation;
    all.push_back({{.name = std::string("he") + shape, .fan = Fan::Out}, 2.0 / 100, cut, 3});
    all.push_back({{.name = std::string("lecun") + shape, .fan = Fan::Average}, 1.0 / 200, cut, 3});
    all.push_back({{.name = std::string("glorot") + shape, .fan = Fan::In}, 1.0 / 300, cut, 3});
  }
  return all;
}

TEST(Initializer, HasTheVarianceOfItsPaper) {
  for (const Expected& e : families()) {
    SCOPED_TRACE(e.initializer.name);
    const Moments m = moments(e.initializer, kFans);
    const double deviation = std::sqrt(e.variance);
    EXPECT_LT(std::abs(m.mean), 5 * deviation / std::sqrt(kSamples));  // five standard deviations, here and below
    EXPECT_LT(std::abs(m.variance / e.variance - 1), 5 * std::sqrt((e.kurtosis - 1) / kSamples));
    if (e.cut > 0) EXPECT_LE(m.largest, e.cut * deviation * (1 + 1e-6));
    if (e.cut > 0) EXPECT_GE(m.largest, 0.99 * e.cut * deviation);
    if (e.cut == 0) EXPECT_GT(m.largest, 3.3 * deviation);
  }
}

TEST(Initializer, ConstantsAreWhatTheySay) {
  EXPECT_EQ(moments({"zeros"}, kFans).largest, 0);
  EXPECT_EQ(moments({"ones"}, kFans).mean, moments({.name = "constant", .value = 1.0}, kFans).mean);
  EXPECT_LT(moments({"ones"}, kFans).variance, 1e-20);
  EXPECT_EQ(moments({.name = "constant", .value = -0.25}, kFans).largest, 0.25);
}

std::vector<float> filled(const Initializer& initializer, Fans fans) {
  std::vector<float> w(static_cast<size_t>(fans.in * fans.out));
  initialize(w, initializer, fans, 3, "layer.weight");
  return w;
}

TEST(Initializer, OrthogonalHasOrthonormalRowsOrColumns) {
  for (const Fans fans : {Fans{40, 40}, Fans{17, 60}, Fans{61, 23}, Fans{1, 9}, Fans{9, 1}}) {
    SCOPED_TRACE(std::to_string(fans.in) + " x " + std::to_string(fans.out));
    const auto w = filled({.name = "orthogonal", .gain = 2.0}, fans);
    const bool rows = fans.in <= fans.out;
    const int64_t count = std::min(fans.in, fans.out), size = std::max(fans.in, fans.out);
    std::vector<double> products, expected;
    for (int64_t a = 0; a < count; ++a) {
      for (int64_t b = 0; b < count; ++b) {
        double sum = 0;
        for (int64_t i = 0; i < size; ++i) {
          const auto at = [&](int64_t r) { return static_cast<size_t>(rows ? r * fans.out + i : i * fans.out + r); };
          sum += static_cast<double>(w[at(a)]) * static_cast<double>(w[at(b)]);
        }
        products.push_back(sum);
        expected.push_back(a == b ? 4.0 : 0.0);
      }
    }
    EXPECT_TRUE(all_close(products, expected, tolerance(DType::F32, {.terms_per_sum = size})));
  }
}

TEST(Initializer, IdentityMayBeRectangular) {
  EXPECT_EQ(filled({"identity"}, {2, 3}), (std::vector<float>{1, 0, 0, 0, 1, 0}));
  EXPECT_EQ(filled({.name = "identity", .gain = 0.5}, {3, 2}), (std::vector<float>{0.5F, 0, 0, 0.5F, 0, 0}));
  std::vector<float> w(5);
  EXPECT_TRUE(throws_error(
      [&] {
        initialize(w, {"identity"}, {2, 3}, 1, "w");
      },
      ErrorKind::Usage, "initializer identity is for matrices"));
}

TEST(Initializer, PairsWithTheActivation) {
  using enum kernels::ActivationKind;
  const auto pair_of = [](kernels::ActivationKind kind) { return initializer_for(kernels::info_of(kind).defaults); };
  for (const auto kind : {Relu, Elu, Relu6, Gelu, GeluTanh, Silu, Mish, HardSwish, Softplus})
    EXPECT_EQ(pair_of(kind), Initializer{"he_normal"});
  EXPECT_EQ(pair_of(Selu), Initializer{"lecun_normal"});
  EXPECT_EQ(pair_of(Logistic), (Initializer{"glorot_normal", 4.0}));
  EXPECT_EQ(pair_of(HardSigmoid), (Initializer{"glorot_normal", 6.0}));
  for (const auto kind : {Tanh, Softsign, Identity}) EXPECT_EQ(pair_of(kind), Initializer{"glorot_normal"});
}

TEST(Initializer, HeCountsTheSlope) {
  const auto scale = [](const kernels::Activation& a) {
    const Initializer pair = initializer_for(a);
    EXPECT_EQ(pair.name, "he_normal");
    return 2 * pair.gain * pair.gain;
  };
  EXPECT_DOUBLE_EQ(scale({.kind = kernels::ActivationKind::LeakyRelu, .alpha = 0.3}), 2 / 1.09);
  EXPECT_DOUBLE_EQ(scale({.kind = kernels::ActivationKind::Prelu, .alpha = 0.25}), 2 / 1.0625);
  // The mean square of a slope between 0.2 and 0.6 is 0.52 / 3.
  EXPECT_DOUBLE_EQ(scale({.kind = kernels::ActivationKind::Rrelu, .alpha = 0.2, .upper = 0.6}), 2 / (1 + 0.52 / 3));
}

TEST(Initializer, RefusesAnUnknownName) {
  std::vector<float> w(4);
  EXPECT_TRUE(throws_error(
      [&] {
        initialize(w, {"he_norml"}, {2, 2}, 1, "w");
      },
      ErrorKind::Usage, "did you mean he_normal?"));
  EXPECT_TRUE(throws_error([&] { initialize(w, {"auto"}, {2, 2}, 1, "w"); }, ErrorKind::Usage, "unknown initializer"));
}

}  // namespace
}  // namespace redbud
