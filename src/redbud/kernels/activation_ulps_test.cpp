// Every pointwise activation against the reference in double, over the whole range of floats.
#include <gtest/gtest.h>

#include "redbud/kernels/activation.h"
#include "redbud/kernels/cpu/activation_rows.h"
#include "redbud/kernels/kernel_test.h"
#include "redbud/kernels/ref/activation.h"
#include "redbud/kernels/ulps_test.h"

namespace redbud::kernels {
namespace {

struct Worst {
  double ulps = 0.0;
  float at = 0.0F;

  void note(float z, double distance) {
    if (distance > ulps) *this = {distance, z};
  }
};

/// The distance of a derivative, which crosses 0 where no relative measure holds: in units in the last place of 1
/// there.
double slope_ulps(float value, double truth) {
  return std::abs(truth) < 1.0 ? std::abs(static_cast<double>(value) - truth) * 0x1p23 : ulps(value, truth);
}

void expect_within(const Activation& f, uint64_t step) {
  for_each_target([&] {
    Worst values, slopes;
    for_floats(step, [&](const std::vector<float>& z) {
      std::vector<float> y(z.size());
      cpu::activation_map()(f, z.data(), y.data(), static_cast<int64_t>(z.size()));
      std::vector<float> slope(z.size(), 1.0F);
      const std::vector<float>& at = derivative_from_input(f) ? z : y;
      cpu::activation_gradient_run()(f, at.data(), slope.data(), static_cast<int64_t>(z.size()));
      for (size_t i = 0; i < z.size(); ++i) {
        values.note(z[i], ulps(y[i], ref::activate(f, static_cast<double>(z[i]))));
        if (std::isnan(z[i])) continue;  // a step that has one ends before its gradient counts
        slopes.note(z[i], slope_ulps(slope[i], ref::activation_gradient(f, static_cast<double>(at[i]))));
      }
    });
    EXPECT_LE(values.ulps, info_of(f.kind).ulps) << "at " << values.at;
    EXPECT_LE(slopes.ulps, 8.0) << "slope at " << slopes.at;
  });
}

class ActivationUlps : public testing::TestWithParam<size_t> {};

std::string name_of(const testing::TestParamInfo<size_t>& parameter) {
  return std::string(activation_table()[parameter.param].name);
}

bool is_pointwise(const Activation& f) { return f.kind != ActivationKind::Prelu && f.kind != ActivationKind::Rrelu; }

TEST_P(ActivationUlps, StayWithinTheTable) {
  const Activation& f = activation_table()[GetParam()].defaults;
  if (is_pointwise(f)) expect_within(f, 16381);
}

INSTANTIATE_TEST_SUITE_P(All, ActivationUlps, testing::Range(size_t{0}, activation_table().size()), name_of);

class NightlyActivationUlps : public testing::TestWithParam<size_t> {};

TEST_P(NightlyActivationUlps, StayWithinTheTableForEveryFloat) {
  const Activation& f = activation_table()[GetParam()].defaults;
  if (is_pointwise(f)) expect_within(f, 1);
}

INSTANTIATE_TEST_SUITE_P(NightlyAll, NightlyActivationUlps, testing::Range(size_t{0}, activation_table().size()),
                         name_of);

/// What the table's greatest distances don't say: which value it is.
TEST(ActivationUlps, InfinitiesHaveTheirLimits) {
  const float infinity = std::numeric_limits<float>::infinity();
  for_each_target([&] {
    for (const ActivationInfo& info : activation_table()) {
      if (!info.derivative_from_input) continue;
      SCOPED_TRACE(info.name);
      std::vector<float> z = {infinity, -infinity, std::numeric_limits<float>::quiet_NaN(), 3e38F, -3e38F};
      std::vector<float> y(z.size());
      cpu::activation_map()(info.defaults, z.data(), y.data(), 5);
      EXPECT_EQ(y[0], infinity);
      EXPECT_EQ(y[1], 0.0F);
      EXPECT_TRUE(std::isnan(y[2]));
      EXPECT_EQ(y[3], 3e38F);
      EXPECT_EQ(y[4], 0.0F);
    }
  });
}

}  // namespace
}  // namespace redbud::kernels
