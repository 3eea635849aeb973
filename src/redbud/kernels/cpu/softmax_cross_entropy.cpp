// Cross entropy and focal loss of one class a row.
#include <algorithm>
#include <cmath>

#include "redbud/kernels/cpu/loss_rows.h"
#include "redbud/kernels/cpu/pointwise_kernels.h"
#include "redbud/kernels/cpu/targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "redbud/kernels/cpu/softmax_cross_entropy.cpp"
#include "hwy/foreach_target.h"
#include "redbud/kernels/cpu/softmax-inl.h"

HWY_BEFORE_NAMESPACE();
namespace redbud::kernels::cpu::HWY_NAMESPACE {

/// One class, 1, and nothing of the others.
struct OneClass {
  int32_t target;

  OneClass(const LossProblem&, const LossArgs& a, int64_t n) : target(*a.target.row<int32_t>(n)) {}

  /// The shares of the outputs in the lanes that start with k.
  template <class Column>
  HWY_INLINE Vector shares(const Column&, int64_t k) const {
    return hn::IfThenElseZero(is_target(k), set(1.0));
  }
  HWY_INLINE hn::Mask<Tag> is_target(int64_t k) const {
    const hn::RebindToSigned<Tag> whole;
    // Iota(0) is a constant; Iota(k) would be put together in memory.
    return hn::RebindMask(Tag(), hn::Eq(hn::Iota(whole, 0), hn::Set(whole, target - static_cast<int32_t>(k))));
  }
  /// The sum of shares times scores.
  HWY_INLINE double score(const float* s, int64_t) const { return static_cast<double>(s[target]); }
};

/// One class, with e of its 1 spread over all.
struct SmoothedClass {
  OneClass one;
  double kept;
  double spread;

  SmoothedClass(const LossProblem& p, const LossArgs& a, int64_t n)
      : one(p, a, n),
        kept(1.0 - p.constants.label_smoothing),
        spread(p.constants.label_smoothing / static_cast<double>(p.outputs)) {}

  template <class Column>
  HWY_INLINE Vector shares(const Column&, int64_t k) const {
    return hn::IfThenElse(one.is_target(k), set(kept + spread), set(spread));
  }
  HWY_INLINE double score(const float* s, int64_t outputs) const {
    const double sum = row_sum(outputs, [=](const auto column, int64_t k) HWY_ATTR { return column.load(s + k); });
    return kept * one.score(s, outputs) + spread * sum;
  }
};

/// A share of each class, smoothed or not.
struct SoftClasses {
  const float* target;
  double kept;
  double spread;

  SoftClasses(const LossProblem& p, const LossArgs& a, int64_t n)
      : target(a.target.row<float>(n)),
        kept(1.0 - p.constants.label_smoothing),
        spread(p.constants.label_smoothing / static_cast<double>(p.outputs)) {}

  template <class Column>
  HWY_INLINE Vector shares(const Column& column, int64_t k) const {
    return hn::MulAdd(column.load(target + k), set(kept), set(spread));
  }
  HWY_INLINE double score(const float* s, int64_t outputs) const {
    return row_sum(outputs, [=, this](const auto column, int64_t k) HWY_ATTR {
      return column.without_padding(hn::Mul(shares(column, k), column.load(s + k)));
    });
  }
};

/// What the kernels below need of a row: the sum of the exponentials of the scores less the largest.
struct RowSum {
  double sum;
  double largest;
};

/// Every output of the row in one vector. factor_of(RowSum) is what the gradient is multiplied by.
template <class Column, class Target, class Factor>
HWY_INLINE RowSum narrow_row(const Column column, const float* s, float* ds, const Target& target,
                             const Factor& factor_of) {
  const Vector scores = column.load_padded(s, set(-std::numeric_limits<double>::infinity()));
  const Vector maximum = hn::MaxOfLanes(Tag(), scores);
  // Lanes beyond the end stay out of exp(): a denormal product costs about a hundred cycles (measured on Zen 5).
  const Vector e = column.without_padding(exp(Tag(), column.without_padding(hn::Sub(scores, maximum))));
  const Vector sum = hn::SumOfLanes(Tag(), e);
  const RowSum row{static_cast<double>(hn::GetLane(sum)), static_cast<double>(hn::GetLane(maximum))};
  if (ds != nullptr) {
    const Vector difference = hn::Sub(hn::Div(e, sum), target.shares(column, 0));
    column.store(hn::Mul(difference, set(factor_of(row))), ds);
  }
  return row;
}

template <class Target, class Factor>
HWY_INLINE RowSum wide_row(const float* s, float* ds, int64_t outputs, const Target& target, const Factor& factor_of) {
  const Vector maximum = row_maximum(s, outputs);
  const RowSum row{sum_exponentials(s, outputs, maximum, ds), static_cast<double>(hn::GetLane(maximum))};
  if (ds != nullptr) {
    const Vector inverse = set(1.0 / row.sum);
    const Vector factor = set(factor_of(row));
    for_columns(0, outputs, [=](const auto column, int64_t k) HWY_ATTR {
      const Vector difference = hn::MulSub(column.load(ds + k), inverse, target.shares(column, k));
      column.store(hn::Mul(difference, factor), ds + k);
    });
  }
  return row;
}

template <class Target>
HWY_INLINE double cross_entropy(const LossProblem& p, const LossArgs& a, const RowRange& rows) {
  const int64_t outputs = p.outputs;
  const Column<true> narrow(std::min(outputs, kLanes));
  double loss = 0.0;
  for (int64_t n = rows.begin; n < rows.end; ++n) {
    const float* s = a.scores.row<float>(n);
    float* ds = p.gradient ? a.dscores.row<float>(n) : nullptr;
    const Target target(p, a, n);
    const double score = target.score(s, outputs);  // before ds, which may be s, is written
    const double share = row_share(p, a, rows.inverse_sum, n);
    const auto factor = [=](const RowSum&) { return share; };
    const RowSum row =
        outputs <= kLanes ? narrow_row(narrow, s, ds, target, factor) : wide_row(s, ds, outputs, target, factor);
    loss += share * (std::log(row.sum) + row.largest - score);
  }
  return loss;
}

HWY_FLATTEN double softmax_cross_entropy_rows(const LossProblem& p, const LossArgs& a, const RowRange& rows) {
  if (p.soft) return cross_entropy<SoftClasses>(p, a, rows);
  return p.constants.label_smoothing == 0.0 ? cross_entropy<OneClass>(p, a, rows)
                                            : cross_entropy<SmoothedClass>(p, a, rows);
}

HWY_FLATTEN double focal_rows(const LossProblem& p, const LossArgs& a, const RowRange& rows) {
  const double gamma = p.constants.gamma;
  const int64_t outputs = p.outputs;
  const Column<true> narrow(std::min(outputs, kLanes));
  double loss = 0.0;
  for (int64_t n = rows.begin; n < rows.end; ++n) {
    const float* s = a.scores.row<float>(n);
    float* ds = p.gradient ? a.dscores.row<float>(n) : nullptr;
    const OneClass target(p, a, n);
    const double score = target.score(s, outputs);
    const double share = p.constants.alpha * row_share(p, a, rows.inverse_sum, n);
    // The gradient is that of the cross entropy, by a factor of the row.
    const auto factor = [=](const RowSum& found) {
      const double cross_entropy = std::log(found.sum) + found.largest - score;
      const double wrong = -std::expm1(-cross_entropy);
      const double power = std::pow(wrong, gamma);
      const double bend = wrong > 0.0 ? gamma * std::exp(-cross_entropy) * power / wrong * cross_entropy : 0.0;
      return share * (power + bend);
    };
    const RowSum row =
        outputs <= kLanes ? narrow_row(narrow, s, ds, target, factor) : wide_row(s, ds, outputs, target, factor);
    const double cross_entropy = std::log(row.sum) + row.largest - score;
    loss += share * std::pow(-std::expm1(-cross_entropy), gamma) * cross_entropy;
  }
  return loss;
}

}  // namespace redbud::kernels::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace redbud::kernels::cpu {
namespace {

HWY_EXPORT(softmax_cross_entropy_rows);
HWY_EXPORT(focal_rows);

void run_cross_entropy(const LossProblem& p, const LossArgs& a, ThreadPool& pool) {
  run_loss_rows(HWY_DYNAMIC_DISPATCH(softmax_cross_entropy_rows), p, a, pool);
}

void run_focal(const LossProblem& p, const LossArgs& a, ThreadPool& pool) {
  run_loss_rows(HWY_DYNAMIC_DISPATCH(focal_rows), p, a, pool);
}

}  // namespace

const LossKernel softmax_cross_entropy{"cpu:simd", float_only, run_cross_entropy};
const LossKernel focal{"cpu:simd", float_only, run_focal};

}  // namespace redbud::kernels::cpu
#endif  // HWY_ONCE
