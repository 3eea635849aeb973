#include "redbud/graph/orthogonal.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace redbud {
namespace {

using Row = std::vector<double>;

double dot(const Row& a, const Row& b) {
  double part[4] = {};  // independent sums: one alone waits for each addition
  size_t i = 0;
  for (; i + 4 <= a.size(); i += 4) {
    for (size_t j = 0; j < 4; ++j) part[j] += a[i + j] * b[i + j];
  }
  for (; i < a.size(); ++i) part[0] += a[i] * b[i];
  return (part[0] + part[1]) + (part[2] + part[3]);
}

/// Takes off a what lies along the rows before it. Once leaves rounding errors, twice is enough.
void make_orthogonal(Row& a, std::span<const Row> before) {
  for (int pass = 0; pass < 2; ++pass) {
    for (const Row& b : before) {
      const double along = dot(a, b);
      for (size_t i = 0; i < a.size(); ++i) a[i] -= along * b[i];
    }
  }
}

}  // namespace

void fill_orthogonal(std::span<float> values, MatrixExtent extent, double gain, const RandomKey& key) {
  const bool wide = extent.cols > extent.rows;
  const int64_t count = std::min(extent.rows, extent.cols);
  const int64_t size = std::max(extent.rows, extent.cols);
  std::vector<Row> rows;
  for (int64_t r = 0; r < count; ++r) {
    Row row;
    for (int64_t i = 0; i < size; ++i) row.push_back(random_normal(key, r * size + i));
    make_orthogonal(row, rows);
    const double norm = std::sqrt(dot(row, row));
    for (double& v : row) v /= norm;
    rows.push_back(std::move(row));
  }
  for (int64_t r = 0; r < count; ++r) {
    for (int64_t i = 0; i < size; ++i) {
      const int64_t at = wide ? r * extent.cols + i : i * extent.cols + r;
      values[static_cast<size_t>(at)] = static_cast<float>(gain * rows[static_cast<size_t>(r)][static_cast<size_t>(i)]);
    }
  }
}

}  // namespace redbud
