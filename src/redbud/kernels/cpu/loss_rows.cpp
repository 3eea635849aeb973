#include "redbud/kernels/cpu/loss_rows.h"

#include <algorithm>
#include <array>

#include "redbud/kernels/cpu/range.h"

namespace redbud::kernels::cpu {
namespace {

constexpr int64_t kMaxPieces = 64;
constexpr int64_t kElements = 1024;  // at least this many scores a piece

double inverse_weight_sum(const LossProblem& p, const LossArgs& a) {
  if (!p.weighted) return 1.0 / static_cast<double>(p.rows);
  double sum = 0.0;
  for (int64_t n = 0; n < p.rows; ++n) sum += static_cast<double>(static_cast<const float*>(a.weight)[n]);
  return sum != 0.0 ? 1.0 / sum : 0.0;
}

}  // namespace

void run_loss_rows(LossRows rows, const LossProblem& p, const LossArgs& a, ThreadPool& pool) {
  const double inverse_sum = inverse_weight_sum(p, a);
  const Ranges ranges(p.rows,
                      std::max(ceil_div(p.rows, kMaxPieces - 1), kElements / std::max<int64_t>(1, p.outputs) + 1));
  std::array<double, kMaxPieces> sums{};
  pool.for_pieces(ranges.count, [&](int64_t i) {
    sums[static_cast<size_t>(i)] = rows(p, a, {ranges.begin(i), ranges.end(i), inverse_sum});
  });
  double loss = 0.0;
  for (const double sum : sums) loss += sum;
  *a.loss = loss;
}

}  // namespace redbud::kernels::cpu
