// Rows are pieces for y and dx, columns for dgamma and dbeta, which are sums down the rows.
#include "redbud/kernels/cpu/layer_norm.h"

#include <algorithm>
#include <cmath>

#include "redbud/kernels/cpu/pointwise_kernels.h"
#include "redbud/kernels/cpu/targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "redbud/kernels/cpu/layer_norm.cpp"
#include "hwy/foreach_target.h"
#include "redbud/kernels/cpu/row_sum-inl.h"

HWY_BEFORE_NAMESPACE();
namespace redbud::kernels::cpu::HWY_NAMESPACE {

/// Rows [begin, end).
HWY_FLATTEN void layer_norm_rows(const LayerNormProblem& p, const LayerNormForwardArgs& a, int64_t begin, int64_t end) {
  const int64_t features = p.features;
  const auto count = static_cast<double>(features);
  for (int64_t n = begin; n < end; ++n) {
    const float* x = a.x.row<float>(n);
    float* y = a.y.row<float>(n);
    const double mean = row_sum(features, [&](const auto column, int64_t k)
                                              HWY_ATTR { return column.without_padding(column.load(x + k)); }) /
                        count;
    const Vector centre = set(mean);
    const double squares = row_sum(features, [&](const auto column, int64_t k) HWY_ATTR {
      const Vector d = column.without_padding(hn::Sub(column.load(x + k), centre));
      return hn::Mul(d, d);
    });
    const double inv = 1.0 / std::sqrt(squares / count + p.epsilon);
    static_cast<float*>(a.mean)[n] = static_cast<float>(mean);
    static_cast<float*>(a.inv)[n] = static_cast<float>(inv);
    const Vector slope = set(inv);
    for_columns(0, features, [&](const auto column, int64_t k) HWY_ATTR {
      const Vector xhat = hn::Mul(hn::Sub(column.load(x + k), centre), slope);
      column.store(hn::MulAdd(xhat, column.load_or(a.gamma, k, 1.0), column.load_or(a.beta, k, 0.0)), y + k);
    });
  }
}

/// dx of the rows [begin, end).
HWY_FLATTEN void input_gradient_rows(const LayerNormProblem& p, const LayerNormBackwardArgs& a, int64_t begin,
                                     int64_t end) {
  const int64_t features = p.features;
  const auto count = static_cast<double>(features);
  for (int64_t n = begin; n < end; ++n) {
    const float* x = a.x.row<float>(n);
    const float* dy = a.dy.row<float>(n);
    float* dx = a.dx.row<float>(n);
    const Vector mean = set(static_cast<const float*>(a.mean)[n]);
    const Vector inv = set(static_cast<const float*>(a.inv)[n]);
    const auto g = [&](const auto& column, int64_t k)
                       HWY_ATTR { return hn::Mul(column.load(dy + k), column.load_or(a.gamma, k, 1.0)); };
    const auto xhat = [&](const auto& column, int64_t k)
                          HWY_ATTR { return hn::Mul(hn::Sub(column.load(x + k), mean), inv); };
    const double sum =
        row_sum(features, [&](const auto column, int64_t k) HWY_ATTR { return column.without_padding(g(column, k)); });
    const double sum_xhat = row_sum(features, [&](const auto column, int64_t k) HWY_ATTR {
      return column.without_padding(hn::Mul(g(column, k), xhat(column, k)));
    });
    const Vector shift = set(sum / count);
    const Vector share = set(sum_xhat / count);
    for_columns(0, features, [&](const auto column, int64_t k) HWY_ATTR {
      const Vector centred = hn::Sub(g(column, k), shift);
      column.store(hn::Mul(inv, hn::NegMulAdd(xhat(column, k), share, centred)), dx + k);
    });
  }
}

template <class Column>
HWY_INLINE void store_sum(const Column& column, void* array, int64_t k, bool accumulate, Vector sum) {
  if (array == nullptr) return;
  float* to = static_cast<float*>(array) + k;
  column.store(accumulate ? hn::Add(column.load(to), sum) : sum, to);
}

/// dgamma and dbeta of the features [begin, end).
HWY_FLATTEN void parameter_gradient_columns(const LayerNormProblem& p, const LayerNormBackwardArgs& a, int64_t begin,
                                            int64_t end) {
  const float* mean = static_cast<const float*>(a.mean);
  const float* inv = static_cast<const float*>(a.inv);
  for_columns(begin, end, [&](const auto column, int64_t k) HWY_ATTR {
    Sums<1> sum;
    Sums<1> sum_xhat;
    for_rows<Sums<1>::kChains>(p.rows, [&](int64_t n, auto chain) HWY_ATTR {
      const Vector dy = column.load(a.dy.row<float>(n) + k);
      const Vector xhat = hn::Mul(hn::Sub(column.load(a.x.row<float>(n) + k), set(mean[n])), set(inv[n]));
      sum.at(0, chain) = hn::Add(sum.at(0, chain), dy);
      sum_xhat.at(0, chain) = hn::MulAdd(dy, xhat, sum_xhat.at(0, chain));
    });
    store_sum(column, a.dbeta, k, p.accumulate, sum.total(0));
    store_sum(column, a.dgamma, k, p.accumulate, sum_xhat.total(0));
  });
}

}  // namespace redbud::kernels::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include "redbud/kernels/cpu/feature_grain.h"

namespace redbud::kernels::cpu {
namespace {

HWY_EXPORT(layer_norm_rows);
HWY_EXPORT(input_gradient_rows);
HWY_EXPORT(parameter_gradient_columns);

int64_t row_grain(const LayerNormProblem& p) {
  constexpr int64_t kElements = 16 * 1024;
  return std::max<int64_t>(1, kElements / std::max<int64_t>(1, p.features));
}

void run_forward(const LayerNormProblem& p, const LayerNormForwardArgs& a, ThreadPool& pool) {
  const auto rows = HWY_DYNAMIC_DISPATCH(layer_norm_rows);
  pool.for_ranges(p.rows, row_grain(p), [&](int64_t begin, int64_t end) { rows(p, a, begin, end); });
}

void run_backward(const LayerNormProblem& p, const LayerNormBackwardArgs& a, ThreadPool& pool) {
  if (a.dgamma != nullptr || a.dbeta != nullptr) {
    const auto columns = HWY_DYNAMIC_DISPATCH(parameter_gradient_columns);
    const int64_t grain = feature_grain(p.rows, p.features);
    pool.for_ranges(p.features, grain, [&](int64_t begin, int64_t end) { columns(p, a, begin, end); });
  }
  if (a.dx.data == nullptr) return;
  const auto rows = HWY_DYNAMIC_DISPATCH(input_gradient_rows);  // last: it may overwrite dy
  pool.for_ranges(p.rows, row_grain(p), [&](int64_t begin, int64_t end) { rows(p, a, begin, end); });
}

}  // namespace

const Kernel<LayerNormProblem, LayerNormForwardArgs> layer_norm_forward{"cpu:simd", float_only, run_forward};
const Kernel<LayerNormProblem, LayerNormBackwardArgs> layer_norm_backward{"cpu:simd", float_only, run_backward};

}  // namespace redbud::kernels::cpu
#endif  // HWY_ONCE
