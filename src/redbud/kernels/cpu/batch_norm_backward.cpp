// The gradients of batch normalisation, activation and dropout: one sweep down each vector of features for the sums, one for dz.
#include "redbud/kernels/cpu/pointwise_kernels.h"
#include "redbud/kernels/cpu/targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "redbud/kernels/cpu/batch_norm_backward.cpp"
#include "hwy/foreach_target.h"
#include "redbud/kernels/cpu/activation-inl.h"
#include "redbud/kernels/cpu/columns-inl.h"

HWY_BEFORE_NAMESPACE();
namespace redbud::kernels::cpu::HWY_NAMESPACE {

/// What gives the gradient of the normalisation's output, before activation and dropout, row by row. A copy of the arguments: the
/// compiler must take the stores of a loop for ones that may change those.
template <bool kDropout, class Function, class Column>
struct NormalisedGradient {
  HWY_INLINE Vector at_row(int64_t n) const {
    const Vector dy_n = column.load(dy.row<float>(n) + k);
    const Vector y_n = column.load(y.row<float>(n) + k);
    if constexpr (!kDropout) {
      return hn::Mul(dy_n, f.gradient(Tag(), y_n));
    } else {
      const Vector slope = f.gradient(Tag(), hn::Mul(y_n, inverse_scale));
      const Vector dbn = hn::Mul(hn::Mul(dy_n, scale), slope);
      return hn::IfThenElseZero(column.kept(mask + n * blocks, k), dbn);
    }
  }

  Function f;
  Column column;
  Matrix dy;
  Matrix y;
  const uint8_t* mask;
  int64_t blocks;
  int64_t k;
  Vector scale;
  Vector inverse_scale;
};

template <class Column>
HWY_INLINE void store_sum(const Column& column, void* array, int64_t k, bool accumulate, Vector sum) {
  if (array == nullptr) return;
  float* to = static_cast<float*>(array) + k;
  column.store(accumulate ? hn::Add(column.load(to), sum) : sum, to);
}

template <bool kDropout, class Function, class Column>
HWY_INLINE void backward_column(const BatchNormBackwardProblem& p, const BatchNormBackwardArgs& a, const Function& f,
                                const Column column, int64_t k) {
  const Vector mean = column.load(static_cast<const float*>(a.mean) + k);
  const Vector inv = column.load(static_cast<const float*>(a.inv) + k);
  const NormalisedGradient<kDropout, Function, Column> gradient{
      f, column, a.dy, a.y, a.mask, dropout_blocks(p.features), k, set(p.dropout_scale), set(1.0 / p.dropout_scale)};
  const int64_t rows = p.rows;
  const Matrix z = a.z;
  const Matrix dz = a.dz;
  Sums sums;
  Sums products;
  for_rows(rows, [&](int64_t n, int i) HWY_ATTR {
    const Vector dbn = gradient.at_row(n);
    const Vector centred = hn::Sub(column.load(z.row<float>(n) + k), mean);
    sums.part[i] = hn::Add(sums.part[i], dbn);
    products.part[i] = hn::MulAdd(dbn, centred, products.part[i]);
    if (dz.data != nullptr) column.store(dbn, dz.row<float>(n) + k);  // read again below
  });
  const Vector sum = sums.total();
  const Vector sum_xhat = hn::Mul(products.total(), inv);
  store_sum(column, a.dbeta, k, p.accumulate, sum);
  store_sum(column, a.dgamma, k, p.accumulate, sum_xhat);
  if (dz.data == nullptr) return;
  const Vector inverse_rows = set(1.0 / static_cast<double>(rows));
  const Vector slope = hn::Mul(column.load_or(a.gamma, k, 1.0), inv);
  const Vector mean_dbn = hn::Mul(sum, inverse_rows);
  const Vector pull = hn::Mul(hn::Mul(sum_xhat, inv), inverse_rows);  // of xhat, on z - mean
  for (int64_t n = 0; n < rows; ++n) {
    float* dz_n = dz.row<float>(n) + k;
    const Vector centred = hn::Sub(column.load(z.row<float>(n) + k), mean);
    const Vector dbn = hn::Sub(column.load(dz_n), mean_dbn);
    column.store(hn::Mul(slope, hn::NegMulAdd(centred, pull, dbn)), dz_n);
  }
}

HWY_FLATTEN void backward_columns(const BatchNormBackwardProblem& p, const BatchNormBackwardArgs& a, int64_t begin, int64_t end) {
  with_activation(p.activation, [&](const auto& f) HWY_ATTR {
    if (p.dropout) {
      for_columns(begin, end,
                  [&](const auto& column, int64_t k) HWY_ATTR { backward_column<true>(p, a, f, column, k); });
    } else {
      for_columns(begin, end,
                  [&](const auto& column, int64_t k) HWY_ATTR { backward_column<false>(p, a, f, column, k); });
    }
  });
}

}  // namespace redbud::kernels::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include "redbud/kernels/cpu/batch_norm_pieces.h"

namespace redbud::kernels::cpu {
namespace {

HWY_EXPORT(backward_columns);

void run(const BatchNormBackwardProblem& p, const BatchNormBackwardArgs& a, ThreadPool& pool) {
  const auto columns = HWY_DYNAMIC_DISPATCH(backward_columns);
  pool.for_ranges(p.features, batch_norm_grain(p.rows), [&](int64_t begin, int64_t end) { columns(p, a, begin, end); });
}

}  // namespace

const Kernel<BatchNormBackwardProblem, BatchNormBackwardArgs> batch_norm_backward{"cpu:simd", float_only, run};

}  // namespace redbud::kernels::cpu
#endif  // HWY_ONCE
