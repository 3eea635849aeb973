// The activations z * gate(z) on Highway vectors: a value and the derivative, which is computed from z too, share all
// that is dear in them. One that isn't used costs nothing.
#if defined(REDBUD_KERNELS_CPU_GATED_ACTIVATION_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef REDBUD_KERNELS_CPU_GATED_ACTIVATION_INL_H_
#undef REDBUD_KERNELS_CPU_GATED_ACTIVATION_INL_H_
#else
#define REDBUD_KERNELS_CPU_GATED_ACTIVATION_INL_H_
#endif

#include "redbud/kernels/activation.h"
#include "redbud/kernels/cpu/vector_math-inl.h"

HWY_BEFORE_NAMESPACE();
namespace redbud::kernels::cpu::HWY_NAMESPACE {

/// f(z) and f'(z).
template <class V>
struct ValueAndSlope {
  V value;
  V slope;
};

/// value() and gradient() of a Function that computes both at once.
template <class Function>
struct HalvesOfBoth {
  template <class D, class V>
  HWY_INLINE V value(D d, V z) const {
    return static_cast<const Function&>(*this).both(d, z).value;
  }
  template <class D, class V>
  HWY_INLINE V gradient(D d, V z) const {
    return static_cast<const Function&>(*this).both(d, z).slope;
  }
};

/// What a Function of this file is to loops. Up to kNear on either side Function::near(d, z) holds, which is all that
/// vectors need as a rule; from there down to -kLimit Function::far(d, z), where results become denormal and the gate
/// is an exponential alone. Beyond, the gate is 0 or 1 to the last place, and infinity by 0 has no value. A lane's bits
/// don't depend on its neighbours.
template <class Function>
struct Gated : HalvesOfBoth<Gated<Function>> {
  template <class D, class V>
  HWY_INLINE ValueAndSlope<V> both(D d, V z) const {
    const auto is_near = hn::Le(hn::Abs(z), hn::Set(d, Function::kNear));
    if (HWY_LIKELY(hn::AllTrue(d, is_near))) return Function::near(d, z);
    const auto near = Function::near(d, hn::IfThenElseZero(is_near, z));
    const auto far = Function::far(d, hn::Max(hn::Set(d, -Function::kLimit), z));
    const auto is_below = hn::Lt(z, hn::Zero(d));
    const V open = hn::IfThenElse(hn::Eq(z, z), hn::Set(d, 1.0f), z);
    return {hn::IfThenElse(is_near, near.value, hn::IfThenElse(is_below, far.value, z)),
            hn::IfThenElse(is_near, near.slope, hn::IfThenElse(is_below, far.slope, open))};
  }
};

/// max(z, 0) - |z| * closed, where the gate is `closed` below 0 and 1 - closed above.
template <class D, class V>
HWY_INLINE V gated_value(D d, V z, V closed) {
  return hn::NegMulAdd(hn::Abs(z), closed, hn::Max(z, hn::Zero(d)));
}

struct GeluFunction {
  static constexpr float kNear = 12.0f;
  static constexpr float kLimit = 15.0f;

  template <class D, class V>
  static HWY_INLINE ValueAndSlope<V> near(D d, V z) {
    const V density = normal_density(d, z);
    const auto ratio = mills_ratio(d, hn::Abs(z));
    const V tail = hn::Div(hn::Mul(ratio.over, density), ratio.under);
    const auto is_below = hn::Lt(z, hn::Zero(d));
    const V gate = hn::IfThenElse(is_below, tail, hn::Sub(hn::Set(d, 1.0f), tail));
    return {gated_value(d, z, tail), hn::MulAdd(z, density, gate)};
  }
  template <class D, class V>
  static HWY_INLINE ValueAndSlope<V> far(D d, V z) {
    const V square = hn::Mul(z, z);
    const V minus_half = hn::Set(d, -0.5f);
    const auto e = exp_scaled(d, hn::Mul(minus_half, square), hn::Mul(minus_half, product_error(d, z, z, square)));
    const auto ratio = mills_ratio(d, hn::Abs(z));
    const V scale = hn::Set(d, 0.3989422804f);  // 1 / sqrt(2 pi)
    const V mills = hn::Div(ratio.over, ratio.under);
    return {e.times(hn::Mul(scale, hn::Mul(z, mills))), e.times(hn::Mul(scale, hn::Add(z, mills)))};
  }
};

/// z * logistic(v), from e = exp(-|v|); v has the sign of z, and dv is its derivative.
template <class D, class V>
HWY_INLINE ValueAndSlope<V> logistic_gated(D d, V z, V dv, V e) {
  const V one = hn::Set(d, 1.0f);
  const V larger = hn::Div(one, hn::Add(one, e));
  const V smaller = hn::Mul(e, larger);
  const V gate = hn::IfThenElse(hn::Lt(z, hn::Zero(d)), smaller, larger);
  return {gated_value(d, z, smaller), hn::MulAdd(hn::Mul(hn::Mul(z, dv), smaller), larger, gate)};
}

struct SiluFunction {
  static constexpr float kNear = 80.0f;
  static constexpr float kLimit = 130.0f;

  template <class D, class V>
  static HWY_INLINE ValueAndSlope<V> near(D d, V z) {
    return logistic_gated(d, z, hn::Set(d, 1.0f), exp_near(d, hn::Neg(hn::Abs(z))));
  }
  template <class D, class V>
  static HWY_INLINE ValueAndSlope<V> far(D d, V z) {
    const auto e = exp_scaled(d, z, hn::Zero(d));
    return {e.times(z), e.times(hn::Add(hn::Set(d, 1.0f), z))};
  }
};

/// z * logistic(v) with v = kSlope * z + kCubic * z^3 = kCubic * z * (z^2 + kShift), in twice the precision: it reaches
/// 115, and its error is that of the result.
struct GeluTanhFunction {
  static constexpr float kNear = 9.0f;
  static constexpr float kLimit = 11.5f;
  static constexpr double kSlope = 1.5957691216057308;  // sqrt(8 / pi)
  static constexpr double kCubic = kSlope * 0.044715;

  // With kShift cut to a multiple of 2^-16 the difference of the sum and kShift is exact.
  static constexpr float kShift = 22.363861083984375f;
  static constexpr float kShiftRest = static_cast<float>(1.0 / 0.044715 - 22.363861083984375);

  /// |v| / log(base) as a sum, for kScale = kCubic / log(base).
  template <class V>
  struct Argument {
    V high, low;
  };
  template <class D, class V>
  static HWY_INLINE Argument<V> argument(D d, V a, V square, double scale) {
    const V shift = hn::Set(d, kShift);
    const V sum = hn::Add(square, shift);
    const V sum_low =
        hn::Add(hn::Add(square, hn::Sub(shift, sum)), hn::Add(product_error(d, a, a, square), hn::Set(d, kShiftRest)));
    const V factor = hn::Set(d, static_cast<float>(scale));
    const V rest = hn::Set(d, static_cast<float>(scale - static_cast<double>(static_cast<float>(scale))));
    const V slope = hn::Mul(factor, a);
    const V slope_low = hn::MulAdd(rest, a, product_error(d, factor, a, slope));
    const V high = hn::Mul(slope, sum);
    return {high, hn::MulAdd(slope_low, sum, hn::MulAdd(slope, sum_low, product_error(d, slope, sum, high)))};
  }

  /// v's derivative.
  template <class D, class V>
  static HWY_INLINE V rise(D d, V square) {
    return hn::MulAdd(square, hn::Set(d, static_cast<float>(3.0 * kCubic)), hn::Set(d, static_cast<float>(kSlope)));
  }

  template <class D, class V>
  static HWY_INLINE ValueAndSlope<V> near(D d, V z) {
    constexpr double kLog2E = 1.4426950408889634;
    const V square = hn::Mul(z, z);
    const auto v = argument(d, hn::Abs(z), square, kCubic * kLog2E);
    return logistic_gated(d, z, rise(d, square), exp2_negated(d, v.high, v.low));
  }
  template <class D, class V>
  static HWY_INLINE ValueAndSlope<V> far(D d, V z) {
    const V square = hn::Mul(z, z);
    const auto v = argument(d, hn::Abs(z), square, kCubic);
    const auto e = exp_scaled(d, hn::Neg(v.high), hn::Neg(v.low));
    return {e.times(z), e.times(hn::MulAdd(z, rise(d, square), hn::Set(d, 1.0f)))};
  }
};

/// tanh(log(1 + exp(z))) = n / (n + 2) with n = t * (t + 2), t = exp(z); from z = 20 on that is 1 to the last place.
struct MishFunction {
  static constexpr float kNear = SiluFunction::kNear;
  static constexpr float kLimit = SiluFunction::kLimit;

  template <class D, class V>
  static HWY_INLINE ValueAndSlope<V> near(D d, V z) {
    const V t = exp_near(d, hn::Min(z, hn::Set(d, 20.0f)));
    const V n = hn::MulAdd(t, t, hn::Add(t, t));
    const V inverse = hn::Div(hn::Set(d, 1.0f), hn::Add(n, hn::Set(d, 2.0f)));
    const V gate = hn::Mul(n, inverse);
    const V rise = hn::Mul(hn::NegMulAdd(t, inverse, gate), hn::Mul(hn::Set(d, 4.0f), inverse));
    return {hn::Mul(z, gate), hn::MulAdd(z, rise, gate)};
  }
  /// As silu, for tanh(log(1 + t)) is t there.
  template <class D, class V>
  static HWY_INLINE ValueAndSlope<V> far(D d, V z) {
    return SiluFunction::far(d, z);
  }
};

struct HardSwishFunction : HalvesOfBoth<HardSwishFunction> {
  template <class D, class V>
  HWY_INLINE ValueAndSlope<V> both(D d, V z) const {
    const V three = hn::Set(d, 3.0f);
    const V sixth = hn::Set(d, 1.0f / 6.0f);
    const V height = hn::Min(hn::Set(d, 6.0f), hn::Max(hn::Zero(d), hn::Add(z, three)));
    const V value = hn::Mul(hn::Max(hn::Neg(three), z), hn::Mul(height, sixth));
    const V inside = hn::Mul(hn::MulAdd(hn::Set(d, 2.0f), z, three), sixth);
    const V below = hn::IfThenZeroElse(hn::Le(z, hn::Neg(three)), inside);
    const V slope = hn::IfThenElse(hn::Ge(z, three), hn::Set(d, 1.0f), below);
    const auto is_number = hn::Eq(z, z);
    return {hn::IfThenElse(is_number, value, z), hn::IfThenElse(is_number, slope, z)};
  }
};

/// Calls body(function) with the object for an activation of this file.
template <class Body>
HWY_INLINE void with_gated_activation(const Activation& activation, const Body& body) {
  switch (activation.kind) {
    case ActivationKind::Gelu:
      return body(Gated<GeluFunction>());
    case ActivationKind::GeluTanh:
      return body(Gated<GeluTanhFunction>());
    case ActivationKind::Silu:
      return body(Gated<SiluFunction>());
    case ActivationKind::Mish:
      return body(Gated<MishFunction>());
    case ActivationKind::HardSwish:
      return body(HardSwishFunction());
    default:
      RB_ASSERT(false && "not a gated activation");
  }
}

}  // namespace redbud::kernels::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // toggled guard
