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
constexpr std::array kRanges = {
    Entry{"relu", {.dies = true, .floor = 0.0F}},
    Entry{"relu6", {.dies = true, .floor = 0.0F, .ceiling = 6.0F}},
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
  pool.for_ranges(columns.node.width, kPieceColumns, [&](int64_t begin, int64_t end) {
    const ActivationRange range = columns.node.range;
    double* const squares = columns.sum_squares.data();
    int32_t* const saturated = columns.saturated.data();
    int32_t* const alive = columns.alive.data();
    for (int64_t n = 0; n < rows; ++n) {
      const float* const row = y.row<float>(n);
      for (int64_t k = begin; k < end; ++k) {
        const float v = row[k];
        squares[k] += static_cast<double>(v) * static_cast<double>(v);
        saturated[k] += static_cast<int32_t>(v <= range.low) + static_cast<int32_t>(v >= range.high);
        alive[k] += static_cast<int32_t>(v > range.floor) & static_cast<int32_t>(v < range.ceiling);
      }
    }
  });
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
