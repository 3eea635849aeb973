#include "redbud/kernels/normal_noise.h"

#include <gtest/gtest.h>

#include "redbud/kernels/kernel_test.h"
#include "redbud/testing/core/tolerance.h"

namespace redbud::kernels {
namespace {

const RandomKey kKey{.seed = 0x123456789ABCDEFull, .stream = Stream::Dropout, .lane = 7, .step = 0x1FFFFFFFFull};

template <class T>
std::vector<T> noise_by(std::string_view name, NormalNoiseProblem p, int threads = 1, int64_t padding = 0) {
  p.type = dtype_of<T>;
  GuardedMatrix<T> y(p.rows, p.features, padding);
  TestPool pool(threads);
  kernel_named(normal_noise_kernels(), name).run(p, {.key = kKey, .y = y.matrix()}, pool);
  EXPECT_TRUE(y.guards_are_intact());
  return y.values();
}

TEST(NormalNoise, VectorKernelMatchesTheReferenceInDouble) {
  for_each_target([&] {
    for (int64_t features = 1; features <= 140; ++features) {
      SCOPED_TRACE(features);
      const NormalNoiseProblem p{.rows = 1 + features % 5, .features = features, .mean = 1.0, .sigma = 0.75};
      EXPECT_TRUE(all_close(noise_by<float>("cpu:simd", p, 1, features % 3), noise_by<double>("ref", p),
                            tolerance(DType::F32)));
    }
    const NormalNoiseProblem large{.rows = 301, .features = 1003};
    EXPECT_TRUE(all_close(noise_by<float>("cpu:simd", large), noise_by<double>("ref", large), tolerance(DType::F32)));
  });
}

TEST(NormalNoise, BitsAreTheSameForAllThreads) {
  const NormalNoiseProblem p{.rows = 301, .features = 203};
  const auto expected = noise_by<float>("cpu:simd", p);
  for (const int threads : {2, 3, 7}) EXPECT_EQ(noise_by<float>("cpu:simd", p, threads), expected) << threads;
}

TEST(NormalNoise, HasTheMomentsOfANormalDistribution) {
  const NormalNoiseProblem p{.rows = 1000, .features = 1000};
  const auto e = noise_by<float>("cpu:simd", p);
  double sum[5] = {};
  double neighbours = 0.0, pairs = 0.0, beyond = 0.0;
  for (size_t i = 0; i < e.size(); ++i) {
    double power = 1.0;
    for (double& s : sum) {
      s += power;
      power *= static_cast<double>(e[i]);
    }
    if (i >= 1) neighbours += static_cast<double>(e[i]) * static_cast<double>(e[i - 1]);
    if (i >= 2) pairs += static_cast<double>(e[i]) * static_cast<double>(e[i - 2]);
    beyond += std::abs(e[i]) > 1.959964F ? 1.0 : 0.0;
  }
  const double n = 1e6;
  // Five standard deviations of each estimate: those of z, z^2, z^3, z^4 are 1, sqrt(2), sqrt(15), sqrt(96).
  EXPECT_NEAR(sum[1] / n, 0.0, 5.0 / std::sqrt(n));
  EXPECT_NEAR(sum[2] / n, 1.0, 5.0 * std::sqrt(2.0 / n));
  EXPECT_NEAR(sum[3] / n, 0.0, 5.0 * std::sqrt(15.0 / n));
  EXPECT_NEAR(sum[4] / n, 3.0, 5.0 * std::sqrt(96.0 / n));
  EXPECT_NEAR(neighbours / n, 0.0, 5.0 / std::sqrt(n));
  EXPECT_NEAR(pairs / n, 0.0, 5.0 / std::sqrt(n));
  EXPECT_NEAR(beyond / n, 0.05, 5.0 * std::sqrt(0.05 * 0.95 / n));
}

TEST(NormalNoise, IsFiniteForTheOutermostWords) {
  for (const uint32_t radius : {0u, 0xFFFFFFFFu}) {
    for (const uint32_t angle : {0u, 0x7FFFFFFFu, 0x80000000u, 0xFFFFFFFFu}) {
      for (int64_t k = 0; k < 4; ++k) {
        const double z = normal_of_words({radius, angle, radius, angle}, k);
        EXPECT_LE(std::abs(z), 5.77);
      }
    }
  }
}

}  // namespace
}  // namespace redbud::kernels
