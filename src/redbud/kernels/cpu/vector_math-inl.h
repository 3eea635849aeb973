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

/// exp(x) as mantissa * 2^n, in factors that never are denormal. What is multiplied by it is rounded only once where
/// the product is denormal.
template <class V>
struct ScaledExp {
  V mantissa;
  V power;  // 2^(n / 2)
  V rest;   // 2^(n - n / 2)

  HWY_INLINE V value() const { return hn::Mul(hn::Mul(mantissa, power), rest); }
  HWY_INLINE V times(V v) const { return hn::Mul(hn::Mul(hn::Mul(v, mantissa), power), rest); }
};

/// The same where neither it nor what is multiplied by it can become denormal; with the same bits.
template <class V>
struct PlainExp {
  V whole;

  HWY_INLINE V value() const { return whole; }
  HWY_INLINE V times(V v) const { return hn::Mul(v, whole); }
};

/// exp(x + low) for x <= 0, where `low` is the part of the exponent below x's last place: a ScaledExp, for x from -150
/// on (below that exp(-150)), or a PlainExp, for x from -80 on.
template <bool kPlain, class D, class V = hn::Vec<D>>
HWY_INLINE auto exp_nonpositive(D d, V x, V low) {
  const hn::RebindToSigned<D> di;
  const V magic = hn::Set(d, 12582912.0f);
  const V limited = kPlain ? x : hn::Max(hn::Set(d, -150.0f), x);
  const V rounded = hn::MulAdd(limited, hn::Set(d, 1.44269504089f), magic);
  const V r = hn::Add(subtract_log2(d, limited, hn::Sub(rounded, magic)), low);
  const V mantissa = hn::Add(hn::Set(d, 1.0f), expm1_reduced(d, r));
  const auto n = hn::Sub(hn::BitCast(di, rounded), hn::BitCast(di, magic));
  if constexpr (kPlain) {
    return PlainExp<V>{hn::Mul(mantissa, power_of_two(d, n))};
  } else {
    const auto half = hn::ShiftRight<1>(n);
    return ScaledExp<V>{mantissa, power_of_two(d, half), power_of_two(d, hn::Sub(n, half))};
  }
}

/// The tail of the normal distribution beyond a, 0 <= a <= 15: factor * exp(-a^2 / 2).
template <class V, class E>
struct NormalTail {
  V factor;
  E exp;
};

/// The factor, which is Mills' ratio by sqrt(2 pi), is w * q(w) with w = 1 / (1 + 11/32 a), q of degree 8 fitted for
/// the least relative error (2.9e-8); the square in the exponent has its rounding error added.
template <bool kPlain, class D, class V = hn::Vec<D>>
HWY_INLINE auto normal_tail(D d, V a) {
  const V square = hn::Mul(a, a);
  const V minus_half = hn::Set(d, -0.5f);
  const V low = hn::Mul(minus_half, product_error(d, a, a, square));
  const V w = hn::Div(hn::Set(d, 1.0f), hn::MulAdd(a, hn::Set(d, 0.34375f), hn::Set(d, 1.0f)));
  V q = hn::Set(d, -0.02736702933907509f);
  q = hn::MulAdd(q, w, hn::Set(d, 0.14181280136108398f));
  q = hn::MulAdd(q, w, hn::Set(d, -0.26775193214416504f));
  q = hn::MulAdd(q, w, hn::Set(d, 0.18667975068092346f));
  q = hn::MulAdd(q, w, hn::Set(d, -0.03658466041088104f));
  q = hn::MulAdd(q, w, hn::Set(d, 0.11158860474824905f));
  q = hn::MulAdd(q, w, hn::Set(d, 0.11699062585830688f));
  q = hn::MulAdd(q, w, hn::Set(d, 0.1375104933977127f));
  q = hn::MulAdd(q, w, hn::Set(d, 0.13712134957313538f));
  const auto e = exp_nonpositive<kPlain>(d, hn::Mul(minus_half, square), low);
  return NormalTail<V, decltype(e)>{hn::Mul(q, w), e};
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
