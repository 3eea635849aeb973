// Losses that are a sum or a mean over the outputs of a function of one score and one target.
#include "redbud/kernels/cpu/loss_rows.h"
#include "redbud/kernels/cpu/pointwise_kernels.h"
#include "redbud/kernels/cpu/targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "redbud/kernels/cpu/element_losses.cpp"
#include "hwy/foreach_target.h"
#include "redbud/kernels/cpu/row_sum-inl.h"
#include "redbud/kernels/cpu/vector_math-inl.h"

HWY_BEFORE_NAMESPACE();
namespace redbud::kernels::cpu::HWY_NAMESPACE {

/// `term(score, target, slope)` gives the losses of a vector of outputs, and their derivatives by `slope`.
template <class Term>
HWY_INLINE double element_loss(const LossProblem& p, const LossArgs& a, const RowRange& rows, double divisor,
                               const Term& term) {
  double loss = 0.0;
  for (int64_t n = rows.begin; n < rows.end; ++n) {
    const float* s = a.scores.row<float>(n);
    const float* t = a.target.row<float>(n);
    float* ds = p.gradient ? a.dscores.row<float>(n) : nullptr;
    const double share = row_share(p, a, rows.inverse_sum, n) / divisor;
    const Vector factor = set(share);
    loss += share * row_sum(p.outputs, [=](const auto column, int64_t k) HWY_ATTR {
              Vector slope;
              const Vector value = term(column.load(s + k), column.load(t + k), slope);
              if (ds != nullptr) column.store(hn::Mul(slope, factor), ds + k);
              return column.without_padding(value);
            });
  }
  return loss;
}

/// 1 with the sign of v, or 0.
HWY_INLINE Vector sign(Vector v) { return hn::IfThenZeroElse(hn::Eq(v, hn::Zero(Tag())), hn::CopySign(set(1.0), v)); }

HWY_INLINE Vector positive_part(Vector v) { return hn::IfThenZeroElse(hn::Lt(v, hn::Zero(Tag())), v); }

/// A score's logistic function, and log(1 + exp(-|s|)).
struct Logistic {
  Vector probability;
  Vector log_term;

  HWY_INLINE explicit Logistic(Vector score) {
    const Vector one = set(1.0);
    const Vector e = exp(Tag(), hn::Neg(hn::Abs(score)));
    const auto negative = hn::Lt(score, hn::Zero(Tag()));
    probability = hn::Div(hn::IfThenElse(negative, e, one), hn::Add(one, e));
    log_term = log1p_unit(Tag(), e);
  }
};

/// The target as it stands, or drawn to 1/2.
template <bool kSmooth>
HWY_INLINE double sigmoid_cross_entropy_with(const LossProblem& p, const LossArgs& a, const RowRange& rows) {
  const Vector kept = set(1.0 - p.constants.label_smoothing);
  const Vector shift = set(p.constants.label_smoothing / 2.0);
  return element_loss(p, a, rows, 1.0, [=](Vector score, Vector target, Vector& slope) HWY_ATTR {
    const Vector wanted = kSmooth ? hn::MulAdd(target, kept, shift) : target;
    const Logistic logistic(score);
    slope = hn::Sub(logistic.probability, wanted);
    return hn::Add(hn::NegMulAdd(score, wanted, positive_part(score)), logistic.log_term);
  });
}

HWY_FLATTEN double sigmoid_cross_entropy_rows(const LossProblem& p, const LossArgs& a, const RowRange& rows) {
  return p.constants.label_smoothing == 0.0 ? sigmoid_cross_entropy_with<false>(p, a, rows)
                                            : sigmoid_cross_entropy_with<true>(p, a, rows);
}

HWY_FLATTEN double sigmoid_focal_rows(const LossProblem& p, const LossArgs& a, const RowRange& rows) {
  const Vector gamma = set(p.constants.gamma);
  const Vector alpha_of_one = set(p.constants.alpha);
  const Vector alpha_of_zero = set(1.0 - p.constants.alpha);
  return element_loss(p, a, rows, 1.0, [=](Vector score, Vector target, Vector& slope) HWY_ATTR {
    const auto is_one = hn::Gt(target, set(0.5));
    const Vector z = hn::IfThenElse(is_one, score, hn::Neg(score));
    const Logistic logistic(z);
    const Vector cross_entropy = hn::Add(positive_part(hn::Neg(z)), logistic.log_term);  // -log(p)
    const Vector minus_log_wrong = hn::Add(positive_part(z), logistic.log_term);         // -log(1 - p)
    const Vector wrong = exp(Tag(), hn::Neg(minus_log_wrong));
    const Vector power = hn::Mul(hn::IfThenElse(is_one, alpha_of_one, alpha_of_zero),
                                 exp(Tag(), hn::Neg(hn::Mul(gamma, minus_log_wrong))));
    const Vector away = hn::Mul(power, hn::MulAdd(hn::Mul(gamma, logistic.probability), cross_entropy, wrong));
    slope = hn::IfThenElse(is_one, hn::Neg(away), away);
    return hn::Mul(power, cross_entropy);
  });
}

HWY_FLATTEN double binary_hinge_rows(const LossProblem& p, const LossArgs& a, const RowRange& rows) {
  return element_loss(p, a, rows, 1.0, [=](Vector score, Vector target, Vector& slope) HWY_ATTR {
    const Vector y = hn::Sub(hn::Add(target, target), set(1.0));
    const Vector loss = positive_part(hn::NegMulAdd(y, score, set(1.0)));
    slope = hn::IfThenElseZero(hn::Gt(loss, hn::Zero(Tag())), hn::Neg(y));
    return loss;
  });
}

HWY_FLATTEN double mean_squared_error_rows(const LossProblem& p, const LossArgs& a, const RowRange& rows) {
  const auto term = [=](Vector score, Vector target, Vector& slope) HWY_ATTR {
    const Vector difference = hn::Sub(score, target);
    slope = hn::Add(difference, difference);
    return hn::Mul(difference, difference);
  };
  return element_loss(p, a, rows, static_cast<double>(p.outputs), term);
}

HWY_FLATTEN double mean_absolute_error_rows(const LossProblem& p, const LossArgs& a, const RowRange& rows) {
  const auto term = [=](Vector score, Vector target, Vector& slope) HWY_ATTR {
    const Vector difference = hn::Sub(score, target);
    slope = sign(difference);
    return hn::Abs(difference);
  };
  return element_loss(p, a, rows, static_cast<double>(p.outputs), term);
}

HWY_FLATTEN double huber_rows(const LossProblem& p, const LossArgs& a, const RowRange& rows) {
  const Vector delta = set(p.constants.delta);
  const Vector half = set(0.5);
  const auto term = [=](Vector score, Vector target, Vector& slope) HWY_ATTR {
    const Vector difference = hn::Sub(score, target);
    const Vector size = hn::Abs(difference);
    const auto is_small = hn::Le(size, delta);
    slope = hn::IfThenElse(is_small, difference, hn::CopySign(delta, difference));
    const Vector square = hn::Mul(half, hn::Mul(difference, difference));
    return hn::IfThenElse(is_small, square, hn::Mul(delta, hn::NegMulAdd(half, delta, size)));
  };
  return element_loss(p, a, rows, static_cast<double>(p.outputs), term);
}

HWY_FLATTEN double quantile_rows(const LossProblem& p, const LossArgs& a, const RowRange& rows) {
  const Vector below = set(-p.constants.q);
  const Vector above = set(1.0 - p.constants.q);
  const auto term = [=](Vector score, Vector target, Vector& slope) HWY_ATTR {
    const Vector difference = hn::Sub(score, target);
    const Vector zero = hn::Zero(Tag());
    slope = hn::IfThenZeroElse(hn::Eq(difference, zero), hn::IfThenElse(hn::Lt(difference, zero), below, above));
    return hn::Mul(slope, difference);
  };
  return element_loss(p, a, rows, static_cast<double>(p.outputs), term);
}

HWY_FLATTEN double poisson_rows(const LossProblem& p, const LossArgs& a, const RowRange& rows) {
  const auto term = [=](Vector score, Vector target, Vector& slope) HWY_ATTR {
    const Vector rate = exp(Tag(), score);
    slope = hn::Sub(rate, target);
    return hn::NegMulAdd(target, score, rate);
  };
  return element_loss(p, a, rows, static_cast<double>(p.outputs), term);
}

}  // namespace redbud::kernels::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace redbud::kernels::cpu {
namespace {

HWY_EXPORT(sigmoid_cross_entropy_rows);
HWY_EXPORT(sigmoid_focal_rows);
HWY_EXPORT(binary_hinge_rows);
HWY_EXPORT(mean_squared_error_rows);
HWY_EXPORT(mean_absolute_error_rows);
HWY_EXPORT(huber_rows);
HWY_EXPORT(quantile_rows);
HWY_EXPORT(poisson_rows);

}  // namespace

const LossKernel sigmoid_cross_entropy{"cpu:simd", float_only,
                                       [](const LossProblem& p, const LossArgs& a, ThreadPool& pool) {
                                         run_loss_rows(HWY_DYNAMIC_DISPATCH(sigmoid_cross_entropy_rows), p, a, pool);
                                       }};
const LossKernel sigmoid_focal{"cpu:simd", float_only, [](const LossProblem& p, const LossArgs& a, ThreadPool& pool) {
                                 run_loss_rows(HWY_DYNAMIC_DISPATCH(sigmoid_focal_rows), p, a, pool);
                               }};
const LossKernel binary_hinge{"cpu:simd", float_only, [](const LossProblem& p, const LossArgs& a, ThreadPool& pool) {
                                run_loss_rows(HWY_DYNAMIC_DISPATCH(binary_hinge_rows), p, a, pool);
                              }};
const LossKernel mean_squared_error{"cpu:simd", float_only,
                                    [](const LossProblem& p, const LossArgs& a, ThreadPool& pool) {
                                      run_loss_rows(HWY_DYNAMIC_DISPATCH(mean_squared_error_rows), p, a, pool);
                                    }};
const LossKernel mean_absolute_error{"cpu:simd", float_only,
                                     [](const LossProblem& p, const LossArgs& a, ThreadPool& pool) {
                                       run_loss_rows(HWY_DYNAMIC_DISPATCH(mean_absolute_error_rows), p, a, pool);
                                     }};
const LossKernel huber{"cpu:simd", float_only, [](const LossProblem& p, const LossArgs& a, ThreadPool& pool) {
                         run_loss_rows(HWY_DYNAMIC_DISPATCH(huber_rows), p, a, pool);
                       }};
const LossKernel quantile{"cpu:simd", float_only, [](const LossProblem& p, const LossArgs& a, ThreadPool& pool) {
                            run_loss_rows(HWY_DYNAMIC_DISPATCH(quantile_rows), p, a, pool);
                          }};
const LossKernel poisson{"cpu:simd", float_only, [](const LossProblem& p, const LossArgs& a, ThreadPool& pool) {
                           run_loss_rows(HWY_DYNAMIC_DISPATCH(poisson_rows), p, a, pool);
                         }};

}  // namespace redbud::kernels::cpu
#endif  // HWY_ONCE
