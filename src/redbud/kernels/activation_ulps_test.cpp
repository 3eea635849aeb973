// Every pointwise activation against the reference in double, over the whole range of floats.
#include <gtest/gtest.h>

#include <map>
#include <string>

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

/// What all targets are held against; dear, so it is computed once.
struct Truths {
  Truths(const Activation& f, const std::vector<float>& z) {
    for (const float v : z) values.push_back(ref::activate(f, static_cast<double>(v)));
    if (!derivative_from_input(f)) return;
    for (const float v : z) slopes.push_back(ref::activation_gradient(f, static_cast<double>(v)));
  }
  std::vector<double> values;
  std::vector<double> slopes;  // where they are of z; else they are of what the target under test gave
};

struct Distances {
  void note(const Activation& f, const std::vector<float>& z, const Truths& truths) {
    const auto count = static_cast<int64_t>(z.size());
    std::vector<float> y(z.size());
    cpu::activation_map()(f, z.data(), y.data(), count);
    std::vector<float> slope(z.size(), 1.0F);
    const std::vector<float>& at = derivative_from_input(f) ? z : y;
    cpu::activation_gradient_run()(f, at.data(), slope.data(), count);
    for (size_t i = 0; i < z.size(); ++i) {
      values.note(z[i], ulps(y[i], truths.values[i]));
      if (std::isnan(z[i])) continue;  // a step that has one ends before its gradient counts
      const double truth =
          truths.slopes.empty() ? ref::activation_gradient(f, static_cast<double>(y[i])) : truths.slopes[i];
      slopes.note(z[i], slope_ulps(slope[i], truth));
    }
  }
  Worst values, slopes;
};

void expect_within(const Activation& f, uint64_t step) {
  std::map<std::string, Distances> found;
  for_floats(step, [&](const std::vector<float>& z) {
    const Truths truths(f, z);
    for (const std::string& target : supported_targets()) {
      force_target(target);
      found[target].note(f, z, truths);
    }
  });
  force_target("");
  for (const auto& [target, worst] : found) {
    SCOPED_TRACE(target);
    EXPECT_LE(worst.values.ulps, info_of(f.kind).ulps) << "at " << worst.values.at;
    EXPECT_LE(worst.slopes.ulps, 8.0) << "slope at " << worst.slopes.at;
  }
  EXPECT_GE(found.size(), 2U);
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

TEST(ActivationUlps, ALaneDoesNotDependOnItsNeighbours) {
  const std::vector<float> others = {0.5F, -100.0F, 200.0F, std::numeric_limits<float>::infinity()};
  for_each_target([&] {
    for (const ActivationInfo& info : activation_table()) {
      if (!is_pointwise(info.defaults)) continue;
      SCOPED_TRACE(info.name);
      for (float z = -14.0F; z < 14.0F; z += 0.37F) {
        std::vector<float> alone(16, z), among(16, z), y(16), y_among(16);
        for (size_t i = 1; i < among.size(); ++i) among[i] = others[i % others.size()];
        cpu::activation_map()(info.defaults, alone.data(), y.data(), 16);
        cpu::activation_map()(info.defaults, among.data(), y_among.data(), 16);
        EXPECT_EQ(y[0], y_among[0]) << z;
      }
    }
  });
}

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
