// Batch normalisation, activation and dropout in one kernel: each group of features is walked down three times while
// its rows are in cache.
#include "redbud/kernels/cpu/pointwise_kernels.h"
#include "redbud/kernels/cpu/targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "redbud/kernels/cpu/batch_norm_forward.cpp"
#include "hwy/foreach_target.h"
#include "redbud/kernels/cpu/activation-inl.h"
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

template <int kVectors>
struct Affine {
  Vector mean[kVectors];
  Vector slope[kVectors];
  Vector beta[kVectors];
};

/// Not inlined, so that it is compiled once and not for every activation.
template <int kVectors, class Column>
HWY_NOINLINE Affine<kVectors> store_statistics(const BatchNormForwardProblem& p, const BatchNormForwardArgs& a,
                                               const Column column, int64_t begin) {
  const auto statistics = statistics_of<kVectors>(column, a.z, p.rows, begin);
  Affine<kVectors> affine;
  unroll<kVectors>([&](auto v) HWY_ATTR {
    const int64_t k = begin + v * kLanes;
    const Vector mean = statistics.mean[v];
    const Vector inv = hn::Div(set(1.0), hn::Sqrt(hn::Add(statistics.var[v], set(p.epsilon))));
    column.store(mean, static_cast<float*>(a.mean) + k);
    column.store(inv, static_cast<float*>(a.inv) + k);
    move_average(column, a.running_mean, k, p.momentum, mean);
    move_average(column, a.running_var, k, p.momentum, statistics.var[v]);
    affine.mean[v] = mean;
    affine.slope[v] = hn::Mul(column.load_or(a.gamma, k, 1.0), inv);
    affine.beta[v] = column.load_or(a.beta, k, 0.0);
  });
  return affine;
}

// What the loop needs is copied to locals first: the compiler must take the stores for ones that may change the
// arguments.
template <bool kDropout, int kVectors, class Function, class Column>
HWY_INLINE void forward_columns(const BatchNormForwardProblem& p, const BatchNormForwardArgs& a, const Function f,
                                const Column column, int64_t k) {
  const Affine<kVectors> affine = store_statistics<kVectors>(p, a, column, k);
  const Vector scale = set(p.dropout_scale);
  const int64_t blocks = dropout_blocks(p.features);
  const uint8_t* mask = a.mask;
  const Matrix from = a.z;
  const Matrix to = a.y;
  const int64_t rows = p.rows;
  for (int64_t n = 0; n < rows; ++n) {
    const float* z = from.row<float>(n) + k;
    float* y = to.row<float>(n) + k;
    unroll<kVectors>([&](auto v) HWY_ATTR {
      const Vector centred = hn::Sub(column.load(z + v * kLanes), affine.mean[v]);
      Vector value = f.value(Tag(), hn::MulAdd(centred, affine.slope[v], affine.beta[v]));
      if constexpr (kDropout) {
        value = hn::IfThenElseZero(column.kept(mask + n * blocks, k + v * kLanes), hn::Mul(value, scale));
      }
      column.store(value, y + v * kLanes);
    });
  }
}

HWY_FLATTEN void forward_features(const BatchNormForwardProblem& p, const BatchNormForwardArgs& a, int64_t begin,
                                  int64_t end) {
  with_activation(p.activation, [&](const auto& f) HWY_ATTR {
    for_column_groups(begin, end, [&](const auto column, auto vectors, int64_t k) HWY_ATTR {
      if (p.dropout) {
        forward_columns<true, vectors()>(p, a, f, column, k);
      } else {
        forward_columns<false, vectors()>(p, a, f, column, k);
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

HWY_EXPORT(forward_features);

void run(const BatchNormForwardProblem& p, const BatchNormForwardArgs& a, ThreadPool& pool) {
  RB_ASSERT(p.rows >= 2);
  const auto run_features = HWY_DYNAMIC_DISPATCH(forward_features);
  pool.for_ranges(p.features, batch_norm_grain(p.rows, p.features),
                  [&](int64_t begin, int64_t end) { run_features(p, a, begin, end); });
}

}  // namespace

const Kernel<BatchNormForwardProblem, BatchNormForwardArgs> batch_norm_forward{"cpu:simd", float_only, run};

}  // namespace redbud::kernels::cpu
#endif  // HWY_ONCE
