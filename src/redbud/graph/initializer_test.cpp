#include "redbud/graph/initializer.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "redbud/testing/core/throws_error.h"

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

struct Expected {
  const char* name;
  double variance;  // closed form, fans 300 and 100
  bool uniform;
};

TEST(Initializer, HasTheVarianceOfItsPaper) {
  constexpr Fans kFans{300, 100};
  constexpr double kSamples = 30000;
  for (const Expected& e : {Expected{"glorot_normal", 2.0 / 400, false}, Expected{"glorot_uniform", 2.0 / 400, true},
                            Expected{"he_normal", 2.0 / 300, false}, Expected{"he_uniform", 2.0 / 300, true},
                            Expected{"lecun_normal", 1.0 / 300, false}, Expected{"lecun_uniform", 1.0 / 300, true},
                            Expected{"normal", 1.0, false}}) {
    const Moments m = moments({e.name}, kFans);
    EXPECT_LT(std::abs(m.mean), 5 * std::sqrt(e.variance / kSamples)) << e.name;
    EXPECT_LT(std::abs(m.variance / e.variance - 1), 5 * std::sqrt(2 / kSamples))
        << e.name;  // five sigma of a normal's sample variance
    if (e.uniform) EXPECT_LE(m.largest, std::sqrt(3 * e.variance) * (1 + 1e-6)) << e.name;
    if (!e.uniform) EXPECT_GT(m.largest, 3.3 * std::sqrt(e.variance)) << e.name;
  }
  EXPECT_EQ(moments({"zeros"}, kFans).largest, 0);
  EXPECT_EQ(moments({"ones"}, kFans).largest, 1);
  EXPECT_LT(moments({"ones"}, kFans).variance, 1e-20);
  EXPECT_NEAR(moments({"glorot_normal", 4.0}, kFans).variance, 16 * moments({"glorot_normal"}, kFans).variance, 1e-3);
}

TEST(Initializer, PairsWithTheActivation) {
  EXPECT_EQ(initializer_for("elu").name, "he_normal");
  EXPECT_EQ(initializer_for("relu").name, "he_normal");
  EXPECT_EQ(initializer_for("selu").name, "lecun_normal");
  EXPECT_EQ(initializer_for("logistic"), (Initializer{"glorot_normal", 4.0}));
  EXPECT_EQ(initializer_for("tanh"), Initializer{"glorot_normal"});
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
