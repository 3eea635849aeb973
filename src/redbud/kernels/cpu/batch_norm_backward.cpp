// The gradients of batch normalisation, activation and dropout: one sweep down each chunk of rows for the sums, one for
// dz.
#include "redbud/kernels/cpu/pointwise_kernels.h"
#include "redbud/kernels/cpu/targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "redbud/kernels/cpu/batch_norm_backward.cpp"
#include "hwy/foreach_target.h"
#include "redbud/kernels/cpu/activation-inl.h"
#include "redbud/kernels/cpu/chunk_sums.h"
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

/// Leaves the gradients of the normalisation's output in dz, and their sums over some rows, plain and times (z - mean),
/// in `to`.
template <bool kDropout, int kVectors, class Function, class Column>
HWY_INLINE void sum_columns(const BatchNormBackwardProblem& p, const BatchNormBackwardArgs& a, const Function f,
                            const Column column, Range rows, int64_t begin, ChunkSums to) {
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
  for_rows<Sum::kChains>(rows.size(), [&](int64_t i, auto chain) HWY_ATTR {
    const int64_t n = rows.begin + i;
    unroll<kVectors>([&](auto v) HWY_ATTR {
      const int64_t k = begin + v * kLanes;
      const Vector dbn = gradient.at(n, k);
      const Vector centred = hn::Sub(column.load(z.row<float>(n) + k), mean[v]);
      sums.at(v, chain) = hn::Add(sums.at(v, chain), dbn);
      products.at(v, chain) = hn::MulAdd(dbn, centred, products.at(v, chain));
      if (dz.data != nullptr) column.store(dbn, dz.row<float>(n) + k);
    });
  });
  unroll<kVectors>([&](auto v) HWY_ATTR {
    column.store(sums.total(v), to.first + begin + v * kLanes);
    column.store(products.total(v), to.second + begin + v * kLanes);
  });
}

HWY_FLATTEN void sum_rows(const BatchNormBackwardProblem& p, const BatchNormBackwardArgs& a, Range rows, ChunkSums to) {
  with_activation(p.activation, [&](const auto& f) HWY_ATTR {
    for_column_groups(0, p.features, [&](const auto column, auto vectors, int64_t k) HWY_ATTR {
      if (p.dropout) {
        sum_columns<true, vectors()>(p, a, f, column, rows, k, to);
      } else {
        sum_columns<false, vectors()>(p, a, f, column, rows, k, to);
      }
    });
  });
}

/// dgamma, dbeta; and what dz = slope * (dbn - mean_dbn - pull * (z - mean)) needs: mean_dbn and pull in place of the
/// first chunk's sums.
HWY_FLATTEN void store_parameter_gradients(const BatchNormBackwardProblem& p, const BatchNormBackwardArgs& a,
                                           const ChunkedSums& chunks) {
  const Vector inverse_rows = set(1.0 / static_cast<double>(p.rows));
  const ChunkSums first = chunks[0];
  for_columns(0, p.features, [&](const auto column, int64_t k) HWY_ATTR {
    Vector sum = column.load(first.first + k);
    Vector product = column.load(first.second + k);
    for (int64_t i = 1; i < chunks.count(); ++i) {
      const ChunkSums sums = chunks[i];
      sum = hn::Add(sum, column.load(sums.first + k));
      product = hn::Add(product, column.load(sums.second + k));
    }
    const Vector inv = column.load(static_cast<const float*>(a.inv) + k);
    const Vector sum_xhat = hn::Mul(product, inv);
    store_sum(column, a.dbeta, k, p.accumulate, sum);
    store_sum(column, a.dgamma, k, p.accumulate, sum_xhat);
    column.store(hn::Mul(sum, inverse_rows), first.first + k);
    column.store(hn::Mul(hn::Mul(sum_xhat, inv), inverse_rows), first.second + k);
  });
}

/// dz from what sum_rows() left there.
HWY_FLATTEN void project_rows(const BatchNormBackwardArgs& a, int64_t features, Range rows, ChunkSums means) {
  const Matrix z = a.z;
  const Matrix dz = a.dz;
  for_column_groups(0, features, [&](const auto column, auto vectors, int64_t k) HWY_ATTR {
    constexpr int kVectors = vectors();
    Vector mean[kVectors];
    Vector slope[kVectors];
    Vector mean_dbn[kVectors];
    Vector pull[kVectors];
    unroll<kVectors>([&](auto v) HWY_ATTR {
      const int64_t at = k + v * kLanes;
      mean[v] = column.load(static_cast<const float*>(a.mean) + at);
      slope[v] = hn::Mul(column.load_or(a.gamma, at, 1.0), column.load(static_cast<const float*>(a.inv) + at));
      mean_dbn[v] = column.load(means.first + at);
      pull[v] = column.load(means.second + at);
    });
    for (int64_t n = rows.begin; n < rows.end; ++n) {
      const float* z_n = z.row<float>(n) + k;
      float* dz_n = dz.row<float>(n) + k;
      unroll<kVectors>([&](auto v) HWY_ATTR {
        const Vector centred = hn::Sub(column.load(z_n + v * kLanes), mean[v]);
        const Vector dbn = hn::Sub(column.load(dz_n + v * kLanes), mean_dbn[v]);
        column.store(hn::Mul(slope[v], hn::NegMulAdd(centred, pull[v], dbn)), dz_n + v * kLanes);
      });
    }
  });
}

}  // namespace redbud::kernels::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include "redbud/kernels/cpu/run_parts.h"

namespace redbud::kernels::cpu {
namespace {

HWY_EXPORT(sum_rows);
HWY_EXPORT(store_parameter_gradients);
HWY_EXPORT(project_rows);

void run(const BatchNormBackwardProblem& p, const BatchNormBackwardArgs& a, ThreadPool& pool) {
  RB_ASSERT(a.scratch != nullptr);
  const ChunkedSums chunks(p.rows, p.features, a.scratch);
  const auto sum = HWY_DYNAMIC_DISPATCH(sum_rows);
  const auto project = HWY_DYNAMIC_DISPATCH(project_rows);
  const auto combine = HWY_DYNAMIC_DISPATCH(store_parameter_gradients);
  run_parts(
      a.part, chunks.count(), pool, [&](int64_t i) { sum(p, a, chunks.rows(i), chunks[i]); },
      [&] { combine(p, a, chunks); },
      [&](int64_t i) {
        if (a.dz.data != nullptr) project(a, p.features, chunks.rows(i), chunks[0]);
      });
}

}  // namespace

const Kernel<BatchNormBackwardProblem, BatchNormBackwardArgs> batch_norm_backward{"cpu:simd", float_only, run};

}  // namespace redbud::kernels::cpu
#endif  // HWY_ONCE
