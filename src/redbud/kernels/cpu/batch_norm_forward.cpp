// Batch normalisation, activation and dropout in one kernel: each vector of features is walked down three times while its rows are in L1.
#include "redbud/kernels/cpu/pointwise_kernels.h"
#include "redbud/kernels/cpu/targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "redbud/kernels/cpu/batch_norm_forward.cpp"
#include "hwy/foreach_target.h"
#include "redbud/kernels/cpu/activation-inl.h"
#include "redbud/kernels/cpu/columns-inl.h"

HWY_BEFORE_NAMESPACE();
namespace redbud::kernels::cpu::HWY_NAMESPACE {

struct Statistics {
  Vector mean;
  Vector var;
};

/// The corrected two-pass form: the sum of the differences, which would be 0 without rounding, mends mean and variance.
template <class Column>
HWY_INLINE Statistics column_statistics(const Column column, const Matrix z, int64_t rows, int64_t k) {
  const Tag d;
  const Vector inverse_rows = set(1.0 / static_cast<double>(rows));
  Sums sums;
  for_rows(rows, [&](int64_t n, int i) HWY_ATTR {
    sums.part[i] = hn::Add(sums.part[i], column.load(z.row<float>(n) + k));
  });
  const Vector mean = hn::Mul(sums.total(), inverse_rows);
  Sums differences;
  Sums squares;
  for_rows(rows, [&](int64_t n, int i) HWY_ATTR {
    const Vector difference = hn::Sub(column.load(z.row<float>(n) + k), mean);
    differences.part[i] = hn::Add(differences.part[i], difference);
    squares.part[i] = hn::MulAdd(difference, difference, squares.part[i]);
  });
  const Vector error = hn::Mul(differences.total(), inverse_rows);
  const Vector var = hn::NegMulAdd(error, error, hn::Mul(squares.total(), inverse_rows));
  return {hn::Add(mean, error), hn::Max(var, hn::Zero(d))};
}

template <class Column>
HWY_INLINE void move_average(const Column& column, void* average, int64_t k, double momentum, Vector value) {
  if (average == nullptr) return;
  float* to = static_cast<float*>(average) + k;
  column.store(hn::MulAdd(set(momentum), column.load(to), hn::Mul(set(1.0 - momentum), value)), to);
}

struct Affine {
  Vector mean;
  Vector slope;
  Vector beta;
};

// What the loop needs is copied to locals first: the compiler must take the stores for ones that may change the arguments.
template <bool kDropout, class Function, class Column>
HWY_INLINE void normalise(const BatchNormForwardProblem& p, const BatchNormForwardArgs& a, const Function f,
                          const Column column, int64_t k, const Affine affine) {
  const Vector scale = set(p.dropout_scale);
  const int64_t blocks = dropout_blocks(p.features);
  const uint8_t* mask = a.mask;
  const Matrix from = a.z;
  const Matrix to = a.y;
  const int64_t rows = p.rows;
  for (int64_t n = 0; n < rows; ++n) {
    const Vector centred = hn::Sub(column.load(from.row<float>(n) + k), affine.mean);
    Vector y = f.value(Tag(), hn::MulAdd(centred, affine.slope, affine.beta));
    if constexpr (kDropout) y = hn::IfThenElseZero(column.kept(mask + n * blocks, k), hn::Mul(y, scale));
    column.store(y, to.row<float>(n) + k);
  }
}

template <bool kDropout, class Function, class Column>
HWY_INLINE void forward_column(const BatchNormForwardProblem& p, const BatchNormForwardArgs& a, const Function& f,
                               const Column& column, int64_t k) {
  const auto [mean, var] = column_statistics(column, a.z, p.rows, k);
  const Vector inv = hn::Div(set(1.0), hn::Sqrt(hn::Add(var, set(p.epsilon))));
  column.store(mean, static_cast<float*>(a.mean) + k);
  column.store(inv, static_cast<float*>(a.inv) + k);
  move_average(column, a.running_mean, k, p.momentum, mean);
  move_average(column, a.running_var, k, p.momentum, var);
  const Vector slope = hn::Mul(column.load_or(a.gamma, k, 1.0), inv);
  const Vector beta = column.load_or(a.beta, k, 0.0);
  normalise<kDropout>(p, a, f, column, k, {mean, slope, beta});
}

HWY_FLATTEN void forward_columns(const BatchNormForwardProblem& p, const BatchNormForwardArgs& a, int64_t begin, int64_t end) {
  with_activation(p.activation, [&](const auto& f) HWY_ATTR {
    if (p.dropout) {
      for_columns(begin, end, [&](const auto& column, int64_t k) HWY_ATTR { forward_column<true>(p, a, f, column, k); });
    } else {
      for_columns(begin, end,
                  [&](const auto& column, int64_t k) HWY_ATTR { forward_column<false>(p, a, f, column, k); });
    }
  });
}

}  // namespace redbud::kernels::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include "redbud/kernels/cpu/batch_norm_pieces.h"

namespace redbud::kernels::cpu {
namespace {

HWY_EXPORT(forward_columns);

void run(const BatchNormForwardProblem& p, const BatchNormForwardArgs& a, ThreadPool& pool) {
  RB_ASSERT(p.rows >= 2);
  const auto columns = HWY_DYNAMIC_DISPATCH(forward_columns);
  pool.for_ranges(p.features, batch_norm_grain(p.rows), [&](int64_t begin, int64_t end) { columns(p, a, begin, end); });
}

}  // namespace

const Kernel<BatchNormForwardProblem, BatchNormForwardArgs> batch_norm_forward{"cpu:simd", float_only, run};

}  // namespace redbud::kernels::cpu
#endif  // HWY_ONCE
