// Batch normalisation, activation and dropout in one kernel: chunks of rows are walked down twice for their statistics
// while they are in cache, and once more when those of all rows are known.
#include "redbud/kernels/cpu/pointwise_kernels.h"
#include "redbud/kernels/cpu/targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "redbud/kernels/cpu/batch_norm_forward.cpp"
#include "hwy/foreach_target.h"
#include "redbud/kernels/cpu/activation-inl.h"
#include "redbud/kernels/cpu/chunk_sums.h"
#include "redbud/kernels/cpu/columns-inl.h"

HWY_BEFORE_NAMESPACE();
namespace redbud::kernels::cpu::HWY_NAMESPACE {

template <int kVectors>
struct Statistics {
  Vector mean[kVectors];
  Vector var[kVectors];
};

/// The corrected two-pass form: the sum of the differences, which would be 0 without rounding, mends mean and variance.
template <int kVectors, class Column>
HWY_INLINE Statistics<kVectors> statistics_of(const Column column, const Matrix z, int64_t rows, int64_t k) {
  using Sum = Sums<kVectors>;
  const Vector inverse_rows = set(1.0 / static_cast<double>(rows));
  Statistics<kVectors> result;
  Sum sums;
  for_rows<Sum::kChains>(rows, [&](int64_t n, auto chain) HWY_ATTR {
    const float* row = z.row<float>(n) + k;
    unroll<kVectors>([&](auto v)
                         HWY_ATTR { sums.at(v, chain) = hn::Add(sums.at(v, chain), column.load(row + v * kLanes)); });
  });
  unroll<kVectors>([&](auto v) HWY_ATTR { result.mean[v] = hn::Mul(sums.total(v), inverse_rows); });
  Sum differences;
  Sum squares;
  for_rows<Sum::kChains>(rows, [&](int64_t n, auto chain) HWY_ATTR {
    const float* row = z.row<float>(n) + k;
    unroll<kVectors>([&](auto v) HWY_ATTR {
      const Vector difference = hn::Sub(column.load(row + v * kLanes), result.mean[v]);
      differences.at(v, chain) = hn::Add(differences.at(v, chain), difference);
      squares.at(v, chain) = hn::MulAdd(difference, difference, squares.at(v, chain));
    });
  });
  unroll<kVectors>([&](auto v) HWY_ATTR {
    const Vector error = hn::Mul(differences.total(v), inverse_rows);
    const Vector var = hn::NegMulAdd(error, error, hn::Mul(squares.total(v), inverse_rows));
    result.mean[v] = hn::Add(result.mean[v], error);
    result.var[v] = hn::Max(var, hn::Zero(Tag()));
  });
  return result;
}

template <class Column>
HWY_INLINE void move_average(const Column column, void* average, int64_t k, double momentum, Vector value) {
  if (average == nullptr) return;
  float* to = static_cast<float*>(average) + k;
  column.store(hn::MulAdd(set(momentum), column.load(to), hn::Mul(set(1.0 - momentum), value)), to);
}

/// Leaves mean and variance of some rows in `sums`.
HWY_FLATTEN void chunk_statistics(const BatchNormForwardProblem& p, const BatchNormForwardArgs& a, Range rows,
                                  ChunkSums sums) {
  const Matrix z{a.z.row<float>(rows.begin), a.z.stride};
  for_column_groups(0, p.features, [&](const auto column, auto vectors, int64_t k) HWY_ATTR {
    const auto statistics = statistics_of<vectors()>(column, z, rows.size(), k);
    unroll<vectors()>([&](auto v) HWY_ATTR {
      column.store(statistics.mean[v], sums.first + k + v * kLanes);
      column.store(statistics.var[v], sums.second + k + v * kLanes);
    });
  });
}

/// Over the chunks:  mean = mean_0 + sum_i share_i * (mean_i - mean_0), which keeps the digits of a mean far from zero,
/// var = sum_i share_i * (var_i + (mean_i - mean)^2);  then what is made of them.
HWY_FLATTEN void store_statistics(const BatchNormForwardProblem& p, const BatchNormForwardArgs& a,
                                  const ChunkedSums& chunks) {
  const auto share = [&](int64_t i) HWY_ATTR {
    return set(static_cast<double>(chunks.rows(i).size()) / static_cast<double>(p.rows));
  };
  for_columns(0, p.features, [&](const auto column, int64_t k) HWY_ATTR {
    const Vector first = column.load(chunks[0].first + k);
    Vector from_first = hn::Zero(Tag());
    for (int64_t i = 1; i < chunks.count(); ++i) {
      from_first = hn::MulAdd(share(i), hn::Sub(column.load(chunks[i].first + k), first), from_first);
    }
    const Vector mean = hn::Add(first, from_first);
    Vector var = hn::Zero(Tag());
    for (int64_t i = 0; i < chunks.count(); ++i) {
      const ChunkSums sums = chunks[i];
      const Vector apart = hn::Sub(column.load(sums.first + k), mean);
      var = hn::MulAdd(share(i), hn::MulAdd(apart, apart, column.load(sums.second + k)), var);
    }
    column.store(mean, static_cast<float*>(a.mean) + k);
    column.store(hn::Div(set(1.0), hn::Sqrt(hn::Add(var, set(p.epsilon)))), static_cast<float*>(a.inv) + k);
    move_average(column, a.running_mean, k, p.momentum, mean);
    move_average(column, a.running_var, k, p.momentum, var);
  });
}

// What the loop needs is copied to locals first: the compiler must take the stores for ones that may change the
// arguments.
template <bool kDropout, int kVectors, class Function, class Column>
HWY_INLINE void normalise_columns(const BatchNormForwardProblem& p, const BatchNormForwardArgs& a, const Function f,
                                  const Column column, Range rows, int64_t k) {
  Vector mean[kVectors];
  Vector slope[kVectors];
  Vector beta[kVectors];
  unroll<kVectors>([&](auto v) HWY_ATTR {
    const int64_t at = k + v * kLanes;
    mean[v] = column.load(static_cast<const float*>(a.mean) + at);
    slope[v] = hn::Mul(column.load_or(a.gamma, at, 1.0), column.load(static_cast<const float*>(a.inv) + at));
    beta[v] = column.load_or(a.beta, at, 0.0);
  });
  const Vector scale = set(p.dropout_scale);
  const int64_t blocks = dropout_blocks(p.features);
  const uint8_t* mask = a.mask;
  const Matrix from = a.z;
  const Matrix to = a.y;
  for (int64_t n = rows.begin; n < rows.end; ++n) {
    const float* z = from.row<float>(n) + k;
    float* y = to.row<float>(n) + k;
    unroll<kVectors>([&](auto v) HWY_ATTR {
      const Vector centred = hn::Sub(column.load(z + v * kLanes), mean[v]);
      Vector value = f.value(Tag(), hn::MulAdd(centred, slope[v], beta[v]));
      if constexpr (kDropout) {
        value = hn::IfThenElseZero(column.kept(mask + n * blocks, k + v * kLanes), hn::Mul(value, scale));
      }
      column.store(value, y + v * kLanes);
    });
  }
}

HWY_FLATTEN void normalise_rows(const BatchNormForwardProblem& p, const BatchNormForwardArgs& a, Range rows) {
  with_activation(p.activation, [&](const auto& f) HWY_ATTR {
    for_column_groups(0, p.features, [&](const auto column, auto vectors, int64_t k) HWY_ATTR {
      if (p.dropout) {
        normalise_columns<true, vectors()>(p, a, f, column, rows, k);
      } else {
        normalise_columns<false, vectors()>(p, a, f, column, rows, k);
      }
    });
  });
}

}  // namespace redbud::kernels::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include "redbud/kernels/cpu/run_parts.h"

namespace redbud::kernels::cpu {
namespace {

HWY_EXPORT(chunk_statistics);
HWY_EXPORT(store_statistics);
HWY_EXPORT(normalise_rows);

void run(const BatchNormForwardProblem& p, const BatchNormForwardArgs& a, ThreadPool& pool) {
  RB_ASSERT(p.rows >= 2 && a.scratch != nullptr);
  const ChunkedSums chunks(p.rows, p.features, a.scratch);
  const auto sum = HWY_DYNAMIC_DISPATCH(chunk_statistics);
  const auto normalise = HWY_DYNAMIC_DISPATCH(normalise_rows);
  const auto combine = HWY_DYNAMIC_DISPATCH(store_statistics);
  run_parts(
      a.part, chunks.count(), pool, [&](int64_t i) { sum(p, a, chunks.rows(i), chunks[i]); },
      [&] { combine(p, a, chunks); }, [&](int64_t i) { normalise(p, a, chunks.rows(i)); });
}

}  // namespace

const Kernel<BatchNormForwardProblem, BatchNormForwardArgs> batch_norm_forward{"cpu:simd", float_only, run};

}  // namespace redbud::kernels::cpu
#endif  // HWY_ONCE
