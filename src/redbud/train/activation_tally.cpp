#include "redbud/train/activation_tally.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

namespace redbud {
namespace {

constexpr int64_t kPieceColumns = 64;

struct Entry {
  std::string_view name;
  ActivationRange range;
};

// The derivative falls below 5 % of its greatest value where
//   logistic  y (1 - y) < 0.05 / 4        tanh  1 - y^2 < 0.05        softsign  (1 - |y|)^2 < 0.05
// and is exactly 0 beyond the corners of the piecewise linear ones.
// Gated ones give next to nothing far below 0, where their derivative is about their output or, of gelu, z times it:
//   gelu  z < -3.4        gelu_tanh  z < -3.3        silu, mish  z < -9.1
// hard_swish is exactly 0 below -3, and prelu where its slope has become 0. rrelu predicts as a leaky_relu: no unit
// dies.
constexpr float kNothing = 1e-3F;
constexpr ActivationRange kGated = {.dies = true, .floor = kNothing, .trough = -kNothing};
constexpr ActivationRange kZeroIsDead = {.dies = true, .floor = 0.0F, .trough = 0.0F};

constexpr std::array kRanges = {
    Entry{"relu", {.dies = true, .floor = 0.0F}},
    Entry{"relu6", {.dies = true, .floor = 0.0F, .ceiling = 6.0F}},
    Entry{"gelu", kGated},
    Entry{"gelu_tanh", kGated},
    Entry{"silu", kGated},
    Entry{"mish", kGated},
    Entry{"hard_swish", kZeroIsDead},
    Entry{"prelu", kZeroIsDead},
    Entry{"logistic", {.saturates = true, .low = 0.012660F, .high = 0.987340F}},
    Entry{"tanh", {.saturates = true, .low = -0.974679F, .high = 0.974679F}},
    Entry{"softsign", {.saturates = true, .low = -0.776393F, .high = 0.776393F}},
    Entry{"hard_sigmoid", {.dies = true, .saturates = true, .floor = 0.0F, .ceiling = 1.0F, .low = 0.0F, .high = 1.0F}},
};

}  // namespace

ActivationRange activation_range(std::string_view activation) {
  for (const Entry& entry : kRanges) {
    if (entry.name == activation) return entry.range;
  }
  return {};
}

ActivationTally::ActivationTally(std::vector<Unit> nodes) {
  for (Unit& node : nodes) {
    const auto width = static_cast<size_t>(node.width);
    nodes_.push_back({.node = node,
                      .sum_squares = std::vector<double>(width),
                      .saturated = std::vector<int32_t>(width),
                      .alive = std::vector<int32_t>(width)});
  }
}

void ActivationTally::clear() {
  rows_ = 0;
  for (Columns& node : nodes_) {
    std::fill(node.sum_squares.begin(), node.sum_squares.end(), 0.0);
    std::fill(node.saturated.begin(), node.saturated.end(), 0);
    std::fill(node.alive.begin(), node.alive.end(), 0);
  }
}

void ActivationTally::add(const Plan& plan, ThreadPool& pool) {
  const int64_t rows = std::min(plan.rows(), kMaxRows - rows_);
  if (rows <= 0) return;
  for (size_t i = 0; i < nodes_.size(); ++i) add_columns(nodes_[i], plan.watched(i), rows, pool);
  rows_ += rows;
}

void ActivationTally::add_columns(Columns& columns, const kernels::Matrix& y, int64_t rows, ThreadPool& pool) const {
  const ActivationRange& range = columns.node.range;
  pool.for_ranges(columns.node.width, kPieceColumns, [&](int64_t begin, int64_t end) {
    for (int64_t n = 0; n < rows; ++n) {
      const float* const row = y.row<float>(n);
      add_squares(columns, row, begin, end);
      if (range.saturates) count_saturated(columns, row, begin, end);
      if (range.dies) count_alive(columns, row, begin, end);
    }
  });
}

void ActivationTally::add_squares(Columns& columns, const float* row, int64_t begin, int64_t end) {
  double* const squares = columns.sum_squares.data();
  for (int64_t k = begin; k < end; ++k) squares[k] += static_cast<double>(row[k]) * static_cast<double>(row[k]);
}

void ActivationTally::count_saturated(Columns& columns, const float* row, int64_t begin, int64_t end) {
  const ActivationRange range = columns.node.range;
  int32_t* const saturated = columns.saturated.data();
  for (int64_t k = begin; k < end; ++k) {
    saturated[k] += static_cast<int32_t>(row[k] <= range.low) + static_cast<int32_t>(row[k] >= range.high);
  }
}

void ActivationTally::count_alive(Columns& columns, const float* row, int64_t begin, int64_t end) {
  const ActivationRange range = columns.node.range;
  int32_t* const alive = columns.alive.data();
  for (int64_t k = begin; k < end; ++k) {
    const int32_t inside = static_cast<int32_t>(row[k] > range.floor) & static_cast<int32_t>(row[k] < range.ceiling);
    alive[k] += inside | static_cast<int32_t>(row[k] < range.trough);
  }
}

ActivationTally::Summary ActivationTally::summary(size_t i) const {
  const Columns& node = nodes_[i];
  const auto units = static_cast<double>(std::max<int64_t>(1, node.node.width));
  const double elements = units * static_cast<double>(std::max<int64_t>(1, rows_));
  Summary summary;
  summary.norm = std::sqrt(std::accumulate(node.sum_squares.begin(), node.sum_squares.end(), 0.0) / elements);
  if (node.node.range.saturates) {
    const auto count = std::accumulate(node.saturated.begin(), node.saturated.end(), int64_t{0});
    summary.saturated = static_cast<double>(count) / elements;
  }
  if (node.node.range.dies) {
    summary.dead = static_cast<double>(std::count(node.alive.begin(), node.alive.end(), 0)) / units;
  }
  return summary;
}

}  // namespace redbud
