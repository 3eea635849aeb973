#include "redbud/kernels/dropout.h"

#include <gtest/gtest.h>

#include "redbud/kernels/kernel_test.h"
#include "redbud/testing/core/tolerance.h"

namespace redbud::kernels {
namespace {

const RandomKey kKey{.seed = 0x123456789ABCDEFull, .stream = Stream::Dropout, .lane = 7, .step = 0x1FFFFFFFFull};

std::vector<uint8_t> mask_by(std::string_view name, const DropoutMaskProblem& problem, const RandomKey& key = kKey) {
  std::vector<uint8_t> mask(static_cast<size_t>(problem.rows * dropout_blocks(problem.features)), 0xA5);
  TestPool pool(1);
  kernel_named(dropout_mask_kernels(), name).run(problem, {.key = key, .mask = mask.data()}, pool);
  return mask;
}

/// Straight from the contract: half k % 8 of block n * blocks + k / 8.
bool keeps(const DropoutMaskProblem& p, int64_t n, int64_t k) {
  const auto words = kKey.block(static_cast<uint32_t>(n * ((p.features + 7) / 8) + k / 8));
  const uint32_t word = words[static_cast<size_t>(k % 8 / 2)];
  return (k % 2 == 0 ? word & 0xFFFFu : word >> 16) >= p.threshold;
}

TEST(Dropout, MaskIsThatOfTheContract) {
  for_each_target([&] {
    for (int64_t features = 1; features <= 70; ++features) {
      SCOPED_TRACE(features);
      const DropoutMaskProblem p{.rows = 2 + features % 5, .features = features, .threshold = dropout_threshold(0.3)};
      const auto mask = mask_by("cpu:simd", p);
      EXPECT_EQ(mask, mask_by("ref", p));
      const int64_t blocks = dropout_blocks(features);
      for (int64_t n = 0; n < p.rows; ++n) {
        for (int64_t k = 0; k < blocks * 8; ++k) {
          const bool bit = ((mask[static_cast<size_t>(n * blocks + k / 8)] >> (k % 8)) & 1) != 0;
          ASSERT_EQ(bit, k < features && keeps(p, n, k)) << n << ", " << k;
        }
      }
    }
  });
}

TEST(Dropout, RowsOfAMaskCanBeDrawnApart) {
  const DropoutMaskProblem all{.rows = 61, .features = 203, .threshold = 20000};
  const auto expected = mask_by("ref", all);
  TestPool pool(1);
  for (const std::string_view name : {"cpu:simd", "ref"}) {
    std::vector<uint8_t> mask(expected.size());
    for (const auto& [first, rows] : {std::pair<int64_t, int64_t>{40, 21}, {0, 13}, {13, 27}}) {
      DropoutMaskProblem some = all;
      some.first_row = first;
      some.rows = rows;
      kernel_named(dropout_mask_kernels(), name).run(some, {.key = kKey, .mask = mask.data()}, pool);
    }
    EXPECT_EQ(mask, expected) << name;
  }
}

TEST(Dropout, VectorMaskEqualsTheReferenceForAllRates) {
  for_each_target([&] {
    for (const uint32_t threshold : {0u, 1u, 32767u, 32768u, 32769u, 65535u}) {
      SCOPED_TRACE(threshold);
      const DropoutMaskProblem p{.rows = 37, .features = 301, .threshold = threshold};
      EXPECT_EQ(mask_by("cpu:simd", p), mask_by("ref", p));
    }
    const DropoutMaskProblem large{.rows = 301, .features = 1003, .threshold = 20000};  // several pieces
    EXPECT_EQ(mask_by("cpu:simd", large), mask_by("ref", large));
  });
}

TEST(Dropout, KeepsAHalfThatEqualsTheThreshold) {
  const auto words = kKey.block(0);
  for_each_target([&] {
    for (size_t k = 0; k < 8; ++k) {
      const uint32_t half = k % 2 == 0 ? words[k / 2] & 0xFFFFu : words[k / 2] >> 16;
      for (const std::string_view name : {"cpu:simd", "ref"}) {
        const auto at = mask_by(name, {.rows = 4, .features = 256, .threshold = half});
        const auto above = mask_by(name, {.rows = 4, .features = 256, .threshold = half + 1});
        EXPECT_EQ(at[0] >> k & 1, 1);
        EXPECT_EQ(above[0] >> k & 1, 0);
      }
    }
  });
}

TEST(Dropout, MaskBitsAreTheSameForAllThreads) {
  const DropoutMaskProblem p{.rows = 301, .features = 1003, .threshold = 20000};
  std::vector<uint8_t> mask(static_cast<size_t>(301 * dropout_blocks(1003)));
  const auto& kernel = kernel_named(dropout_mask_kernels(), "cpu:simd");
  expect_same_bits_for_all_threads(
      kernel, p, DropoutMaskArgs{.key = kKey, .mask = mask.data()}, [&] { std::fill(mask.begin(), mask.end(), 0); },
      [&] { return mask; });
}

TEST(Dropout, KeepsTheShareThatWasAskedFor) {
  for (const double rate : {0.1, 0.2, 0.5, 0.8}) {
    SCOPED_TRACE(rate);
    const DropoutMaskProblem p{.rows = 1000, .features = 1000, .threshold = dropout_threshold(rate)};
    int64_t kept = 0;
    for (const uint8_t byte : mask_by("cpu:simd", p)) kept += std::popcount(byte);
    const double deviation = std::sqrt(1e6 * rate * (1.0 - rate));
    EXPECT_NEAR(static_cast<double>(kept), 1e6 * (1.0 - rate), 5.0 * deviation);
  }
}

TEST(Dropout, MasksOfOtherStepsLayersAndSeedsAreOthers) {
  const DropoutMaskProblem p{.rows = 100, .features = 160, .threshold = 32768};
  const auto mask = mask_by("cpu:simd", p);
  std::vector<RandomKey> others(4, kKey);
  others[0].seed += 1;
  others[1].step += 1;
  others[2].lane += 1;
  others[3].step &= 0xFFFFFFFFull;
  for (const RandomKey& key : others) {
    int64_t differing = 0;
    const auto other = mask_by("cpu:simd", p, key);
    for (size_t i = 0; i < mask.size(); ++i) differing += std::popcount(static_cast<uint8_t>(mask[i] ^ other[i]));
    EXPECT_NEAR(static_cast<double>(differing), 8000.0, 5.0 * std::sqrt(16000.0 * 0.25));
  }
}

TEST(Dropout, ThresholdAndScaleBelongTogether) {
  EXPECT_EQ(dropout_threshold(0.0), 0u);
  EXPECT_EQ(dropout_threshold(0.5), 32768u);
  EXPECT_EQ(dropout_threshold(0.1), 6554u);
  EXPECT_EQ(dropout_threshold(1.0), 65535u);
  EXPECT_EQ(dropout_scale(0), 1.0);
  EXPECT_EQ(dropout_scale(32768), 2.0);
  EXPECT_DOUBLE_EQ(dropout_scale(6554), 65536.0 / 58982.0);
}

TEST(Dropout, ApplyMatchesTheReference) {
  TestPool pool(1);
  for_each_target([&] {
    for (int64_t features = 1; features <= 70; ++features) {
      SCOPED_TRACE(features);
      const int64_t rows = 2 + features % 5;
      const uint32_t threshold = 20000;
      auto mask = mask_by("ref", {.rows = rows, .features = features, .threshold = threshold});
      GuardedMatrix<float> x(rows, features, features % 3), y(rows, features, features % 4);
      x.fill_normal(1);
      const DropoutApplyProblem p{.rows = rows, .features = features, .scale = dropout_scale(threshold)};
      kernel_named(dropout_apply_kernels(), "cpu:simd")
          .run(p, {.x = x.matrix(), .y = y.matrix(), .mask = mask.data()}, pool);
      std::vector<double> expected;
      for (int64_t n = 0; n < rows; ++n) {
        for (int64_t k = 0; k < features; ++k) {
          expected.push_back(
              keeps({.rows = rows, .features = features, .threshold = threshold}, n, k) ? x.at(n, k) * p.scale : 0.0);
        }
      }
      EXPECT_TRUE(all_close(y.values(), expected, tolerance(DType::F32)));
      EXPECT_TRUE(y.guards_are_intact());
      GuardedMatrix<float> y_ref(rows, features);
      kernel_named(dropout_apply_kernels(), "ref")
          .run(p, {.x = x.matrix(), .y = y_ref.matrix(), .mask = mask.data()}, pool);
      EXPECT_TRUE(all_close(y_ref.values(), expected, tolerance(DType::F32)));
    }
  });
}

TEST(Dropout, EqualsWeightsTimesOneMinusRateInTheMean) {
  // The chapter scales the weights by 1 - p after training; we scale the activations by 1 / (1 - p) while training. A
  // unit's input w . x must have the same mean over the masks as the full w . x of prediction.
  const int64_t features = 64;
  const double rate = 0.4;
  const uint32_t threshold = dropout_threshold(rate);
  GuardedMatrix<double> x(1, features), w(1, features);
  x.fill_normal(1);
  w.fill_normal(2);
  double inverted_prediction = 0.0;
  for (int64_t k = 0; k < features; ++k) inverted_prediction += w.at(0, k) * x.at(0, k);
  const int64_t steps = 20000;
  double mean_scaled = 0.0, mean_plain = 0.0, mean_square = 0.0;
  for (int64_t step = 0; step < steps; ++step) {
    const auto mask = mask_by("ref", {.rows = 1, .features = features, .threshold = threshold},
                              {.seed = 3, .stream = Stream::Dropout, .step = static_cast<uint64_t>(step)});
    double sum = 0.0;
    for (int64_t k = 0; k < features; ++k) {
      if ((mask[static_cast<size_t>(k / 8)] >> (k % 8) & 1) != 0) sum += w.at(0, k) * x.at(0, k);
    }
    const double scaled = sum * dropout_scale(threshold);
    mean_scaled += scaled / static_cast<double>(steps);
    mean_square += scaled * scaled / static_cast<double>(steps);
    mean_plain += sum / static_cast<double>(steps);
  }
  const double deviation = std::sqrt((mean_square - mean_scaled * mean_scaled) / static_cast<double>(steps));
  EXPECT_NEAR(mean_scaled, inverted_prediction, 4.0 * deviation);
  EXPECT_NEAR(mean_plain, (1.0 - rate) * inverted_prediction, 4.0 * deviation);
}

TEST(Dropout, ShiftedApplyMatchesTheReference) {
  TestPool pool(1);
  const AlphaDropout alpha = alpha_dropout(20000);
  for_each_target([&] {
    for (int64_t features = 1; features <= 70; ++features) {
      SCOPED_TRACE(features);
      const DropoutApplyProblem p{.rows = 2 + features % 5,
                                  .features = features,
                                  .scale = alpha.scale,
                                  .shift = alpha.shift,
                                  .dropped = alpha.dropped};
      auto mask = mask_by("ref", {.rows = p.rows, .features = features, .threshold = 20000});
      GuardedMatrix<float> x(p.rows, features, features % 3), y(p.rows, features), expected(p.rows, features);
      x.fill_normal(1);
      DropoutApplyArgs args{.x = x.matrix(), .y = y.matrix(), .mask = mask.data()};
      kernel_named(dropout_apply_kernels(), "cpu:simd").run(p, args, pool);
      args.y = expected.matrix();
      kernel_named(dropout_apply_kernels(), "ref").run(p, args, pool);
      EXPECT_TRUE(all_close(y.values(), expected.values(), tolerance(DType::F32)));
      EXPECT_TRUE(y.guards_are_intact());
    }
  });
}

TEST(Dropout, AlphaHasTheConstantsOfThePaper) {
  // Section "new dropout technique": alpha' = -1.7580993, a = (q + alpha'^2 q (1 - q))^-1/2, b = -a (1 - q) alpha'.
  for (const uint32_t threshold : {3277u, 6554u, 32768u}) {
    const double q = 1.0 - threshold / 65536.0;
    const double z = -1.7580993408473766;
    const double a = std::pow(q + z * z * q * (1.0 - q), -0.5);
    const AlphaDropout found = alpha_dropout(threshold);
    EXPECT_NEAR(found.scale, a, 1e-12);
    EXPECT_NEAR(found.shift, -a * (1.0 - q) * z, 1e-12);
    EXPECT_NEAR(found.dropped, a * z + found.shift, 1e-12);
  }
}

TEST(Dropout, AlphaKeepsMeanAndVariance) {
  TestPool pool(1);
  for (const double rate : {0.05, 0.1, 0.5}) {
    SCOPED_TRACE(rate);
    const uint32_t threshold = dropout_threshold(rate);
    const AlphaDropout alpha = alpha_dropout(threshold);
    const int64_t rows = 1000, features = 1000;
    auto mask = mask_by("cpu:simd", {.rows = rows, .features = features, .threshold = threshold});
    GuardedMatrix<float> x(rows, features);
    x.fill_normal(1);
    DropoutApplyProblem p{.rows = rows, .features = features};
    p.scale = alpha.scale;
    p.shift = alpha.shift;
    p.dropped = alpha.dropped;
    kernel_named(dropout_apply_kernels(), "cpu:simd")
        .run(p, {.x = x.matrix(), .y = x.matrix(), .mask = mask.data()}, pool);
    double sum = 0.0, squares = 0.0, fourth = 0.0;
    for (const float v : x.values()) {
      const auto y = static_cast<double>(v);
      sum += y;
      squares += y * y;
      fourth += y * y * y * y;
    }
    const double n = 1e6;
    EXPECT_NEAR(sum / n, 0.0, 5.0 / std::sqrt(n));
    EXPECT_NEAR(squares / n, 1.0, 5.0 * std::sqrt((fourth / n - 1.0) / n));
  }
}

}  // namespace
}  // namespace redbud::kernels
