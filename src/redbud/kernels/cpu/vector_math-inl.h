// Elementary functions on Highway vectors of float. Included once for every instruction set, so the guard toggles.
#if defined(REDBUD_KERNELS_CPU_VECTOR_MATH_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef REDBUD_KERNELS_CPU_VECTOR_MATH_INL_H_
#undef REDBUD_KERNELS_CPU_VECTOR_MATH_INL_H_
#else
#define REDBUD_KERNELS_CPU_VECTOR_MATH_INL_H_
#endif

#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace redbud::kernels::cpu::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

/// exp(r) - 1 for |r| <= log(2) / 2: r + r^2 * q(r), q of degree 4 fitted for the least relative error (1.3e-8).
template <class D, class V = hn::Vec<D>>
HWY_INLINE V expm1_reduced(D d, V r) {
  V q = hn::Set(d, 1.3882521307e-3f);
  q = hn::MulAdd(q, r, hn::Set(d, 8.3665205166e-3f));
  q = hn::MulAdd(q, r, hn::Set(d, 4.1667200625e-2f));
  q = hn::MulAdd(q, r, hn::Set(d, 0.16666543484f));
  q = hn::MulAdd(q, r, hn::Set(d, 0.49999997020f));
  return hn::MulAdd(hn::Mul(r, r), q, r);
}

/// x - n * log(2), with log(2) in two parts so that the first product is exact.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V subtract_log2(D d, V x, V n) {
  const V r = hn::NegMulAdd(n, hn::Set(d, 0.693359375f), x);
  return hn::NegMulAdd(n, hn::Set(d, -2.12194440e-4f), r);
}

/// 2^n for -126 <= n <= 127.
template <class D, class VI>
HWY_INLINE hn::Vec<D> power_of_two(D d, VI n) {
  const hn::RebindToSigned<D> di;
  return hn::BitCast(d, hn::ShiftLeft<23>(hn::Add(n, hn::Set(di, 127))));
}

/// exp(x) within 2 units in the last place for every float, denormal results, infinities and NaN included.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V exp(D d, V x) {
  const hn::RebindToSigned<D> di;
  // Adding 1.5 * 2^23 rounds to an integer, which is then also in the low bits of the sum.
  const V magic = hn::Set(d, 12582912.0f);
  const V limited = hn::Min(hn::Set(d, 89.0f), hn::Max(hn::Set(d, -104.0f), x));
  const V rounded = hn::MulAdd(limited, hn::Set(d, 1.44269504089f), magic);
  const V p = hn::Add(hn::Set(d, 1.0f), expm1_reduced(d, subtract_log2(d, limited, hn::Sub(rounded, magic))));
  // 2^n in two factors: n reaches from -150 to 128.
  const auto n = hn::Sub(hn::BitCast(di, rounded), hn::BitCast(di, magic));
  const auto half = hn::ShiftRight<1>(n);
  const V y = hn::Mul(hn::Mul(p, power_of_two(d, half)), power_of_two(d, hn::Sub(n, half)));
  return hn::IfThenElse(hn::Eq(x, x), y, x);
}

/// exp(x) - 1 for x <= 0, within 2 units in the last place. Lanes with x > 0 or NaN hold anything.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V expm1_nonpositive(D d, V x) {
  const hn::RebindToSigned<D> di;
  // As in exp(), with the exponent's bias already added: a shift alone makes 2^n. Below -30 the result is -1.
  const V magic = hn::Set(d, 12582912.0f + 127.0f);
  const V limited = hn::Max(hn::Set(d, -30.0f), x);
  const V rounded = hn::MulAdd(limited, hn::Set(d, 1.44269504089f), magic);
  const V e = expm1_reduced(d, subtract_log2(d, limited, hn::Sub(rounded, magic)));
  const V power = hn::BitCast(d, hn::ShiftLeft<23>(hn::BitCast(di, rounded)));
  return hn::MulAdd(power, e, hn::Sub(power, hn::Set(d, 1.0f)));
}

/// tanh(x) = -t / (t + 2) with t = exp(-2 |x|) - 1, and the sign of x: no cancellation near 0.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V tanh(D d, V x) {
  const V t = expm1_nonpositive(d, hn::Mul(hn::Set(d, -2.0f), hn::Abs(x)));
  const V y = hn::CopySignToAbs(hn::Div(hn::Neg(t), hn::Add(t, hn::Set(d, 2.0f))), x);
  return hn::IfThenElse(hn::Eq(x, x), y, x);
}

/// 1 / (1 + exp(-x)), by exp(-|x|), so that neither side overflows or loses digits.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V logistic(D d, V x) {
  const V one = hn::Set(d, 1.0f);
  const V e = exp(d, hn::Neg(hn::Abs(x)));
  return hn::Div(hn::IfThenElse(hn::Lt(x, hn::Zero(d)), e, one), hn::Add(one, e));
}

/// log(1 + u) for 0 <= u <= 1, as 2 atanh(u / (2 + u)).
template <class D, class V = hn::Vec<D>>
HWY_INLINE V log1p_unit(D d, V u) {
  const V s = hn::Div(u, hn::Add(hn::Set(d, 2.0f), u));
  const V s2 = hn::Mul(s, s);
  V q = hn::Set(d, 0.14006422460f);
  q = hn::MulAdd(q, s2, hn::Set(d, 0.14000813663f));
  q = hn::MulAdd(q, s2, hn::Set(d, 0.20010769367f));
  q = hn::MulAdd(q, s2, hn::Set(d, 0.33333209157f));
  const V twice = hn::Add(s, s);
  return hn::MulAdd(hn::Mul(twice, s2), q, twice);
}

}  // namespace redbud::kernels::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // toggled guard
