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

/// The same by one coefficient fewer: within 9.2e-8 of exp(r), relatively, and 3e-7 of itself.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V expm1_reduced_short(D d, V r) {
  V q = hn::Set(d, 8.2902635424e-3f);
  q = hn::MulAdd(q, r, hn::Set(d, 0.041898205719f));
  q = hn::MulAdd(q, r, hn::Set(d, 0.16667638515f));
  q = hn::MulAdd(q, r, hn::Set(d, 0.49999147503f));
  q = hn::MulAdd(q, r, hn::Set(d, 0.99999970614f));
  return hn::Mul(q, r);
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

/// The rounding error of the product p of a and b.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V product_error(D d, V a, V b, V p) {
#if HWY_NATIVE_FMA
  static_cast<void>(d);
  return hn::MulSub(a, b, p);
#else
  // Dekker: halves of 12 bits, whose products are exact.
  const hn::RebindToUnsigned<D> du;
  const auto upper = hn::Set(du, 0xFFFFF000u);
  const V a1 = hn::BitCast(d, hn::And(hn::BitCast(du, a), upper));
  const V b1 = hn::BitCast(d, hn::And(hn::BitCast(du, b), upper));
  const V a2 = hn::Sub(a, a1);
  const V b2 = hn::Sub(b, b1);
  const V cross = hn::Add(hn::Mul(a1, b2), hn::Mul(a2, b1));
  return hn::Add(hn::Add(hn::Sub(hn::Mul(a1, b1), p), cross), hn::Mul(a2, b2));
#endif
}

/// exp(x) for |x| <= 80 within 2 units in the last place.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V exp_near(D d, V x) {
  const hn::RebindToSigned<D> di;
  const V magic = hn::Set(d, 12582912.0f + 127.0f);  // as in expm1_nonpositive()
  const V rounded = hn::MulAdd(x, hn::Set(d, 1.44269504089f), magic);
  const V e = expm1_reduced(d, subtract_log2(d, x, hn::Sub(rounded, magic)));
  const V power = hn::BitCast(d, hn::ShiftLeft<23>(hn::BitCast(di, rounded)));
  return hn::MulAdd(power, e, power);
}

/// exp(-(x + low) * log(2)) for 0 <= x <= 100, where `low` is the part below x's last place.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V exp2_negated(D d, V x, V low) {
  const hn::RebindToSigned<D> di;
  const V magic = hn::Set(d, 12582912.0f + 127.0f);
  const V rounded = hn::Sub(magic, x);
  const V r = hn::Add(hn::Add(x, hn::Sub(rounded, magic)), low);  // the power of 2 that is left is -r, |r| <= 1/2
  V q = hn::Set(d, -1.3264645319e-3f);  // (2^-r - 1) / r, fitted for the least relative error of 2^-r (9.2e-8)
  q = hn::MulAdd(q, r, hn::Set(d, 9.6715764476e-3f));
  q = hn::MulAdd(q, r, hn::Set(d, -5.5507345159e-2f));
  q = hn::MulAdd(q, r, hn::Set(d, 0.24022241111f));
  q = hn::MulAdd(q, r, hn::Set(d, -0.69314697687f));
  const V power = hn::BitCast(d, hn::ShiftLeft<23>(hn::BitCast(di, rounded)));
  return hn::MulAdd(power, hn::Mul(q, r), power);
}

/// exp(x) as mantissa * 2^n, in factors that never are denormal. What is multiplied by it is rounded only once where
/// the product is denormal.
template <class V>
struct ScaledExp {
  V mantissa;
  V power;  // 2^(n / 2)
  V rest;   // 2^(n - n / 2)

  HWY_INLINE V times(V v) const { return hn::Mul(hn::Mul(hn::Mul(v, mantissa), power), rest); }
};

/// exp(x + low) for x <= 0 (below -150, exp(-150)), where `low` is the part of the exponent below x's last place.
template <class D, class V = hn::Vec<D>>
HWY_INLINE ScaledExp<V> exp_scaled(D d, V x, V low) {
  const hn::RebindToSigned<D> di;
  const V magic = hn::Set(d, 12582912.0f);
  const V limited = hn::Max(hn::Set(d, -150.0f), x);
  const V rounded = hn::MulAdd(limited, hn::Set(d, 1.44269504089f), magic);
  const V r = hn::Add(subtract_log2(d, limited, hn::Sub(rounded, magic)), low);
  const auto n = hn::Sub(hn::BitCast(di, rounded), hn::BitCast(di, magic));
  const auto half = hn::ShiftRight<1>(n);
  return {hn::Add(hn::Set(d, 1.0f), expm1_reduced(d, r)), power_of_two(d, half), power_of_two(d, hn::Sub(n, half))};
}

/// The density of the normal distribution, exp(-a^2 / 2) / sqrt(2 pi), for |a| <= 13. The square is reduced as it is,
/// so that it needs no factor; its rounding error is added.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V normal_density(D d, V a) {
  const hn::RebindToSigned<D> di;
  const V magic = hn::Set(d, 12582912.0f + 127.0f);
  const V square = hn::Mul(a, a);
  const V rounded = hn::MulAdd(square, hn::Set(d, -0.72134752044f), magic);
  const V n = hn::Sub(rounded, magic);
  V r = hn::MulAdd(n, hn::Set(d, 2 * 0.693359375f), square);  // -2 times that of subtract_log2()
  r = hn::MulAdd(n, hn::Set(d, 2 * -2.12194440e-4f), r);
  r = hn::Add(r, product_error(d, a, a, square));
  V p = hn::Set(d, 8.6251282526e-6f);  // exp(-r / 2) / sqrt(2 pi), fitted for the least relative error (1.9e-9)
  p = hn::MulAdd(p, r, hn::Set(d, -1.0440889308e-4f));
  p = hn::MulAdd(p, r, hn::Set(d, 1.0389511358e-3f));
  p = hn::MulAdd(p, r, hn::Set(d, -8.3111743418e-3f));
  p = hn::MulAdd(p, r, hn::Set(d, 4.9867777127e-2f));
  p = hn::MulAdd(p, r, hn::Set(d, -0.19947114747f));
  p = hn::MulAdd(p, r, hn::Set(d, 0.39894228062f));
  return hn::Mul(p, hn::BitCast(d, hn::ShiftLeft<23>(hn::BitCast(di, rounded))));
}

/// Mills' ratio, the normal distribution's tail beyond a by its density, as a quotient.
template <class V>
struct MillsRatio {
  V over;
  V under;
};

/// a * b + c rounded once, or nearly so where no instruction does it: that target has one lane.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V fused(D d, V a, V b, V c) {
#if HWY_NATIVE_FMA
  static_cast<void>(d);
  return hn::MulAdd(a, b, c);
#else
  return hn::Set(d, static_cast<float>(double{hn::GetLane(a)} * double{hn::GetLane(b)} + double{hn::GetLane(c)}));
#endif
}

/// For 0 <= a <= 15; of degrees 4 and 5, fitted for the least relative error (6.4e-9).
template <class D, class V = hn::Vec<D>>
HWY_INLINE MillsRatio<V> mills_ratio(D d, V a) {
  V over = hn::Set(d, 0.0104104981886f);
  over = fused(d, over, a, hn::Set(d, 0.102473815994f));
  over = fused(d, over, a, hn::Set(d, 0.461143412647f));
  over = fused(d, over, a, hn::Set(d, 1.10112353027f));
  over = fused(d, over, a, hn::Set(d, 1.25331414515f));
  V under = hn::Set(d, 0.0104103865823f);
  under = fused(d, under, a, hn::Set(d, 0.102479930238f));
  under = fused(d, under, a, hn::Set(d, 0.471409795553f));
  under = fused(d, under, a, hn::Set(d, 1.20555129964f));
  under = fused(d, under, a, hn::Set(d, 1.67645446963f));
  under = fused(d, under, a, hn::Set(d, 1.0f));
  return {over, under};
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
