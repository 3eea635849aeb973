#include "redbud/report/weight_histogram.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "redbud/layers/mlp.h"

namespace redbud {
namespace {

TEST(Histogram, CountsEachValueInItsCell) {
  const std::vector<float> values = {-1.0F, -0.5F, 0.0F, 0.0F, 0.9F, 1.0F, NAN, std::numeric_limits<float>::infinity()};
  const Histogram h = histogram_of(values, 4);
  EXPECT_EQ(h.counts, (std::vector<int64_t>{1, 1, 2, 2}))
      << "cells from -1, -0.5, 0 and 0.5 on; the greatest is in the last";
  EXPECT_EQ(h.low, -1.0);
  EXPECT_EQ(h.high, 1.0);
  EXPECT_EQ(h.values, 6);
  EXPECT_EQ(h.zeros, 2);
  EXPECT_EQ(h.not_finite, 2);
  EXPECT_EQ(h.edge(1), -0.5);
  EXPECT_EQ(h.edge(4), 1.0);
}

TEST(Histogram, KnowsItsMoments) {
  const Histogram h = histogram_of(std::vector<float>{1.0F, 2.0F, 3.0F, 6.0F}, 5);
  EXPECT_EQ(h.mean(), 3.0);
  EXPECT_DOUBLE_EQ(h.deviation(), std::sqrt((4.0 + 1.0 + 0.0 + 9.0) / 4.0));
}

TEST(Histogram, OfEqualOrNoValues) {
  EXPECT_EQ(histogram_of(std::vector<float>{2.0F, 2.0F}, 3).counts, (std::vector<int64_t>{2, 0, 0}));
  EXPECT_EQ(histogram_of({}, 3).counts, (std::vector<int64_t>{0, 0, 0}));
  EXPECT_EQ(histogram_of({}, 3).deviation(), 0.0);
}

TEST(Histogram, OfAModelAreItsWeights) {
  Model model;
  model.graph = mlp_graph({.hidden = {4}}, 3, 2);
  model.values = model.graph.make_store();
  model.values.initialize(1);
  const std::vector<WeightHistogram> all = weight_histograms(model, 8);
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].name, "hidden1.weight");
  EXPECT_EQ(all[0].histogram.values, 12);
  EXPECT_EQ(all[1].histogram.values, 8);
}

}  // namespace
}  // namespace redbud
