// The gradients of batch normalisation, activation and dropout: one sweep down each group of features for the sums, one
// for dz.
#include "redbud/kernels/cpu/pointwise_kernels.h"
#include "redbud/kernels/cpu/targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "redbud/kernels/cpu/batch_norm_backward.cpp"
#include "hwy/foreach_target.h"
#include "redbud/kernels/cpu/activation-inl.h"
#include "redbud/kernels/cpu/columns-inl.h"

HWY_BEFORE_NAMESPACE();
namespace redbud::kernels::cpu::HWY_NAMESPACE {

/// What gives the gradient of the normalisation's output, before activation and dropout. A copy of the arguments: the
/// compiler must take the stores of a loop for ones that may change those.
template <bool kDropout, class Function, class Column>
struct NormalisedGradient {
  HWY_INLINE Vector at(int64_t n, int64_t k) const {
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
  Vector scale;
  Vector inverse_scale;
};

template <class Column>
HWY_INLINE void store_sum(const Column& column, void* array, int64_t k, bool accumulate, Vector sum) {
  if (array == nullptr) return;
  float* to = static_cast<float*>(array) + k;
  column.store(accumulate ? hn::Add(column.load(to), sum) : sum, to);
}

template <int kVectors>
struct RowSums {
  Vector dbn[kVectors];
  Vector product[kVectors];  // dbn * (z - mean)
};

/// Leaves the gradients of the normalisation's output in dz, and sums over the rows.
template <bool kDropout, int kVectors, class Function, class Column>
HWY_INLINE RowSums<kVectors> sum_rows(const BatchNormBackwardProblem& p, const BatchNormBackwardArgs& a,
                                      const Function f, const Column column, int64_t begin) {
  using Sum = Sums<kVectors>;
  const NormalisedGradient<kDropout, Function, Column> gradient{
      f, column, a.dy, a.y, a.mask, dropout_blocks(p.features), set(p.dropout_scale), set(1.0 / p.dropout_scale)};
  const Matrix z = a.z;
  const Matrix dz = a.dz;
  Vector mean[kVectors];
  unroll<kVectors>([&](auto v)
                       HWY_ATTR { mean[v] = column.load(static_cast<const float*>(a.mean) + begin + v * kLanes); });
  Sum sums;
  Sum products;
  for_rows<Sum::kChains>(p.rows, [&](int64_t n, auto chain) HWY_ATTR {
    unroll<kVectors>([&](auto v) HWY_ATTR {
      const int64_t k = begin + v * kLanes;
      const Vector dbn = gradient.at(n, k);
      const Vector centred = hn::Sub(column.load(z.row<float>(n) + k), mean[v]);
      sums.at(v, chain) = hn::Add(sums.at(v, chain), dbn);
      products.at(v, chain) = hn::MulAdd(dbn, centred, products.at(v, chain));
      if (dz.data != nullptr) column.store(dbn, dz.row<float>(n) + k);
    });
  });
  RowSums<kVectors> result;
  unroll<kVectors>([&](auto v) HWY_ATTR {
    result.dbn[v] = sums.total(v);
    result.product[v] = products.total(v);
  });
  return result;
}

/// dz = slope * (dbn - mean_dbn - pull * (z - mean))
template <int kVectors>
struct Projection {
  Vector mean[kVectors];
  Vector slope[kVectors];
  Vector mean_dbn[kVectors];
  Vector pull[kVectors];
};

template <int kVectors, class Column>
HWY_INLINE Projection<kVectors> store_parameter_gradients(const BatchNormBackwardProblem& p,
                                                          const BatchNormBackwardArgs& a, const Column column,
                                                          int64_t begin, const RowSums<kVectors>& sums) {
  const Vector inverse_rows = set(1.0 / static_cast<double>(p.rows));
  Projection<kVectors> result;
  unroll<kVectors>([&](auto v) HWY_ATTR {
    const int64_t k = begin + v * kLanes;
    const Vector inv = column.load(static_cast<const float*>(a.inv) + k);
    const Vector sum_xhat = hn::Mul(sums.product[v], inv);
    store_sum(column, a.dbeta, k, p.accumulate, sums.dbn[v]);
    store_sum(column, a.dgamma, k, p.accumulate, sum_xhat);
    result.mean[v] = column.load(static_cast<const float*>(a.mean) + k);
    result.slope[v] = hn::Mul(column.load_or(a.gamma, k, 1.0), inv);
    result.mean_dbn[v] = hn::Mul(sums.dbn[v], inverse_rows);
    result.pull[v] = hn::Mul(hn::Mul(sum_xhat, inv), inverse_rows);
  });
  return result;
}

/// dgamma, dbeta, and dz from what sum_rows() left there. Not inlined, so that it is compiled once and not for every
/// activation.
template <int kVectors, class Column>
HWY_NOINLINE void finish_columns(const BatchNormBackwardProblem& p, const BatchNormBackwardArgs& a, const Column column,
                                 int64_t k, const RowSums<kVectors>& sums) {
  const auto projection = store_parameter_gradients<kVectors>(p, a, column, k, sums);
  if (a.dz.data == nullptr) return;
  const Matrix z = a.z;
  const Matrix dz = a.dz;
  const int64_t rows = p.rows;
  for (int64_t n = 0; n < rows; ++n) {
    const float* z_n = z.row<float>(n) + k;
    float* dz_n = dz.row<float>(n) + k;
    unroll<kVectors>([&](auto v) HWY_ATTR {
      const Vector centred = hn::Sub(column.load(z_n + v * kLanes), projection.mean[v]);
      const Vector dbn = hn::Sub(column.load(dz_n + v * kLanes), projection.mean_dbn[v]);
      column.store(hn::Mul(projection.slope[v], hn::NegMulAdd(centred, projection.pull[v], dbn)), dz_n + v * kLanes);
    });
  }
}

HWY_FLATTEN void backward_features(const BatchNormBackwardProblem& p, const BatchNormBackwardArgs& a, int64_t begin,
                                   int64_t end) {
  with_activation(p.activation, [&](const auto& f) HWY_ATTR {
    for_column_groups(begin, end, [&](const auto column, auto vectors, int64_t k) HWY_ATTR {
      if (p.dropout) {
        finish_columns<vectors()>(p, a, column, k, sum_rows<true, vectors()>(p, a, f, column, k));
      } else {
        finish_columns<vectors()>(p, a, column, k, sum_rows<false, vectors()>(p, a, f, column, k));
      }
    });
  });
}

}  // namespace redbud::kernels::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include "redbud/kernels/cpu/batch_norm_pieces.h"

namespace redbud::kernels::cpu {
namespace {

HWY_EXPORT(backward_features);

void run(const BatchNormBackwardProblem& p, const BatchNormBackwardArgs& a, ThreadPool& pool) {
  const auto run_features = HWY_DYNAMIC_DISPATCH(backward_features);
  pool.for_ranges(p.features, batch_norm_grain(p.rows, p.features),
                  [&](int64_t begin, int64_t end) { run_features(p, a, begin, end); });
}

}  // namespace

const Kernel<BatchNormBackwardProblem, BatchNormBackwardArgs> batch_norm_backward{"cpu:simd", float_only, run};

}  // namespace redbud::kernels::cpu
#endif  // HWY_ONCE
