// The elementary functions against libm in double, in units in the last place of the float that would be right.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numbers>
#include <vector>

#include "redbud/kernels/cpu/targets.h"
#include "redbud/kernels/kernel_test.h"
#include "redbud/kernels/ulps_test.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "redbud/kernels/cpu/vector_math_test.cpp"
#include "hwy/foreach_target.h"
#include "redbud/kernels/cpu/vector_math-inl.h"

HWY_BEFORE_NAMESPACE();
namespace redbud::kernels::cpu::HWY_NAMESPACE {

/// In place, whole vectors only: the caller pads.
template <class Function>
HWY_INLINE void apply(float* x, int64_t count, const Function& function) {
  const hn::ScalableTag<float> d;
  for (int64_t i = 0; i < count; i += static_cast<int64_t>(hn::Lanes(d))) {
    hn::StoreU(function(d, hn::LoadU(d, x + i)), d, x + i);
  }
}

HWY_FLATTEN void exp_all(float* x, int64_t count) {
  apply(x, count, [](auto d, auto v) HWY_ATTR { return exp(d, v); });
}
HWY_FLATTEN void expm1_all(float* x, int64_t count) {
  apply(x, count, [](auto d, auto v) HWY_ATTR { return expm1_nonpositive(d, v); });
}
HWY_FLATTEN void tanh_all(float* x, int64_t count) {
  apply(x, count, [](auto d, auto v) HWY_ATTR { return tanh(d, v); });
}
HWY_FLATTEN void logistic_all(float* x, int64_t count) {
  apply(x, count, [](auto d, auto v) HWY_ATTR { return logistic(d, v); });
}
/// The normal distribution function below 0, as far as gelu takes it.
HWY_FLATTEN void tail_all(float* x, int64_t count) {
  apply(x, count, [](auto d, auto v) HWY_ATTR {
    const auto ratio = mills_ratio(d, hn::Neg(v));
    return hn::Div(hn::Mul(ratio.over, normal_density(d, v)), ratio.under);
  });
}
HWY_FLATTEN void log1p_all(float* x, int64_t count) {
  apply(x, count, [](auto d, auto v) HWY_ATTR { return log1p_unit(d, v); });
}

}  // namespace redbud::kernels::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace redbud::kernels::cpu {
namespace {

HWY_EXPORT(exp_all);
HWY_EXPORT(expm1_all);
HWY_EXPORT(tanh_all);
HWY_EXPORT(logistic_all);
HWY_EXPORT(log1p_all);
HWY_EXPORT(tail_all);

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

using InPlace = void (*)(float*, int64_t);
using Truth = double (*)(double);

/// Tries every step-th bit pattern of a float within [low, high]; gives the largest distance and where it is.
void expect_within(InPlace function, Truth truth, double limit, float low, float high, uint64_t step) {
  double worst = 0.0;
  float where = 0.0F;
  for_floats(step, [&](const std::vector<float>& floats) {
    std::vector<float> x;
    for (const float value : floats) {
      if (value >= low && value <= high) x.push_back(value);
    }
    if (x.empty()) return;
    while (x.size() % 64 != 0) x.push_back(x.back());
    std::vector<float> y = x;
    function(y.data(), static_cast<int64_t>(y.size()));
    for (size_t i = 0; i < x.size(); ++i) {
      const double distance = ulps(y[i], truth(x[i]));
      if (distance > worst) worst = distance, where = x[i];
    }
  });
  EXPECT_LE(worst, limit) << "at " << where;
}

double logistic_truth(double x) { return 1.0 / (1.0 + std::exp(-x)); }

void expect_all_within(uint64_t step) {
  for_each_target([&] {
    {
      SCOPED_TRACE("exp");
      expect_within(
          HWY_DYNAMIC_DISPATCH(exp_all), [](double x) { return std::exp(x); }, 2.0, -kInfinity, kInfinity, step);
    }
    {
      SCOPED_TRACE("expm1");
      expect_within(
          HWY_DYNAMIC_DISPATCH(expm1_all), [](double x) { return std::expm1(x); }, 2.0, -kInfinity, 0.0F, step);
    }
    {
      SCOPED_TRACE("tanh");
      expect_within(
          HWY_DYNAMIC_DISPATCH(tanh_all), [](double x) { return std::tanh(x); }, 4.0, -kInfinity, kInfinity, step);
    }
    {
      SCOPED_TRACE("logistic");
      expect_within(HWY_DYNAMIC_DISPATCH(logistic_all), logistic_truth, 4.0, -kInfinity, kInfinity, step);
    }
    {
      SCOPED_TRACE("erfc");
      const auto truth = [](double x) { return 0.5 * std::erfc(-x * std::numbers::sqrt2 / 2.0); };
      expect_within(HWY_DYNAMIC_DISPATCH(tail_all), truth, 7.0, -13.0F, 0.0F, step);
    }
    {
      SCOPED_TRACE("log1p");
      expect_within(
          HWY_DYNAMIC_DISPATCH(log1p_all), [](double x) { return std::log1p(x); }, 3.0, 0.0F, 1.0F, step);
    }
  });
}

TEST(VectorMath, IsWithinAFewUnitsInTheLastPlaceForFloatsOfAllSizes) { expect_all_within(16381); }

TEST(NightlyVectorMath, IsWithinAFewUnitsInTheLastPlaceForEvery17thFloat) { expect_all_within(17); }

std::vector<float> applied(InPlace function, std::vector<float> x) {
  const size_t size = x.size();
  x.resize((size + 63) / 64 * 64);
  function(x.data(), static_cast<int64_t>(x.size()));
  x.resize(size);
  return x;
}

TEST(VectorMath, KeepsNanAndInfinities) {
  const std::vector<float> x = {kNan, kInfinity, -kInfinity, 0.0F, 3.4e38F, -3.4e38F};
  for_each_target([&] {
    const auto e = applied(HWY_DYNAMIC_DISPATCH(exp_all), x);
    EXPECT_TRUE(std::isnan(e[0]));
    EXPECT_EQ(std::vector<float>(e.begin() + 1, e.end()), (std::vector<float>{kInfinity, 0, 1, kInfinity, 0}));
    const auto t = applied(HWY_DYNAMIC_DISPATCH(tanh_all), x);
    EXPECT_TRUE(std::isnan(t[0]));
    EXPECT_EQ(std::vector<float>(t.begin() + 1, t.end()), (std::vector<float>{1, -1, 0, 1, -1}));
    const auto s = applied(HWY_DYNAMIC_DISPATCH(logistic_all), x);
    EXPECT_TRUE(std::isnan(s[0]));
    EXPECT_EQ(std::vector<float>(s.begin() + 1, s.end()), (std::vector<float>{1, 0, 0.5F, 1, 0}));
  });
}

TEST(VectorMath, GivesDenormalResults) {
  for_each_target([&] {
    const auto e = applied(HWY_DYNAMIC_DISPATCH(exp_all), {-100.0F, -103.9F, -104.1F, 88.7F, 88.8F});
    EXPECT_LE(ulps(e[0], std::exp(-100.0)), 1.0);
    EXPECT_EQ(e[1], std::numeric_limits<float>::denorm_min());
    EXPECT_EQ(e[2], 0.0F);
    EXPECT_LE(ulps(e[3], std::exp(static_cast<double>(88.7F))), 2.0);
    EXPECT_EQ(e[4], kInfinity);
  });
}

}  // namespace
}  // namespace redbud::kernels::cpu
#endif  // HWY_ONCE
