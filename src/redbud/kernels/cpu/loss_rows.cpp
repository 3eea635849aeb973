#include "redbud/kernels/cpu/loss_rows.h"

#include <algorithm>
#include <array>

namespace redbud::kernels::cpu {
namespace {

constexpr int64_t kMaxPieces = 64;
constexpr int64_t kElements = 16 * 1024;  // at least this many scores a piece

double inverse_weight_sum(const LossProblem& p, const LossArgs& a) {
  if (!p.weighted) return 1.0 / static_cast<double>(p.rows);
  double sum = 0.0;
  for (int64_t n = 0; n < p.rows; ++n) sum += static_cast<double>(static_cast<const float*>(a.weight)[n]);
  return sum != 0.0 ? 1.0 / sum : 0.0;
}

}  // namespace

void run_loss_rows(LossRows rows, const LossProblem& p, const LossArgs& a, ThreadPool& pool) {
  const double inverse_sum = inverse_weight_sum(p, a);
  const int64_t grain =
      std::max((p.rows + kMaxPieces - 1) / kMaxPieces, kElements / std::max<int64_t>(1, p.outputs) + 1);
  std::array<double, kMaxPieces> sums{};
  pool.for_ranges(p.rows, grain, [&](int64_t begin, int64_t end) {
    sums[static_cast<size_t>(begin / grain)] = rows(p, a, {begin, end, inverse_sum});
  });
  double loss = 0.0;
  for (const double sum : sums) loss += sum;
  *a.loss = loss;
}

}  // namespace redbud::kernels::cpu
