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

/// What a Function of this file is to loops. Function::both<kPlain>(d, z, near) is for |z| up to kPlainLimit, or for
/// all z, with `near` z within +-kLimit: beyond it a gate is 0 or 1 to the last place, and infinity by 0 has no value.
template <class Function>
struct Gated {
  template <class D, class V>
  HWY_INLINE ValueAndSlope<V> both(D d, V z) const {
    if (HWY_LIKELY(hn::AllTrue(d, hn::Le(hn::Abs(z), hn::Set(d, Function::kPlainLimit))))) {
      return Function::template both<true>(d, z, z);
    }
    const V near = hn::Min(hn::Set(d, Function::kLimit), hn::Max(hn::Set(d, -Function::kLimit), z));
    const auto [value, slope] = Function::template both<false>(d, z, near);
    const auto is_number = hn::Eq(z, z);
    return {hn::IfThenElse(is_number, value, z), hn::IfThenElse(is_number, slope, z)};
  }
  template <class D, class V>
  HWY_INLINE V value(D d, V z) const {
    return both(d, z).value;
  }
  template <class D, class V>
  HWY_INLINE V gradient(D d, V z) const {
    return both(d, z).slope;
  }
};

struct GeluFunction {
  static constexpr float kPlainLimit = 12.0f;
  static constexpr float kLimit = 15.0f;

  template <bool kPlain, class D, class V>
  static HWY_INLINE ValueAndSlope<V> both(D d, V z, V near) {
    const auto tail = normal_tail<kPlain>(d, hn::Abs(near));
    const auto negative = hn::Lt(z, hn::Zero(d));
    const V below = tail.exp.times(tail.factor);
    const V above = hn::Sub(hn::Set(d, 1.0f), below);
    const V value = hn::IfThenElse(negative, tail.exp.times(hn::Mul(near, tail.factor)), hn::Mul(z, above));
    const V density = hn::Mul(hn::Set(d, 0.3989422804f), tail.exp.value());
    return {value, hn::MulAdd(near, density, hn::IfThenElse(negative, below, above))};
  }
};

/// z * logistic(v), from e = exp(-|v|); v has the sign of z, and dv is its derivative.
template <class D, class V, class E>
HWY_INLINE ValueAndSlope<V> logistic_gated(D d, V z, V near, V dv, const E& e) {
  const V one = hn::Set(d, 1.0f);
  const V larger = hn::Div(one, hn::Add(one, e.value()));
  const V smaller = hn::Mul(e.value(), larger);
  const auto negative = hn::Lt(z, hn::Zero(d));
  const V value = hn::IfThenElse(negative, e.times(hn::Mul(near, larger)), hn::Mul(z, larger));
  const V s = hn::IfThenElse(negative, smaller, larger);
  const V rest = hn::IfThenElse(negative, larger, smaller);
  return {value, hn::Mul(s, hn::MulAdd(hn::Mul(near, dv), rest, one))};
}

struct SiluFunction {
  static constexpr float kPlainLimit = 80.0f;
  static constexpr float kLimit = 130.0f;

  template <bool kPlain, class D, class V>
  static HWY_INLINE ValueAndSlope<V> both(D d, V z, V near) {
    const auto e = exp_nonpositive<kPlain>(d, hn::Neg(hn::Abs(near)), hn::Zero(d));
    return logistic_gated(d, z, near, hn::Set(d, 1.0f), e);
  }
};

struct GeluTanhFunction {
  static constexpr float kPlainLimit = 9.0f;
  static constexpr float kLimit = 11.5f;
  static constexpr double kSlope = 1.5957691216057308;  // sqrt(8 / pi)
  static constexpr double kCubic = kSlope * 0.044715;
  static constexpr float kSlopeHigh = static_cast<float>(kSlope);
  static constexpr float kSlopeLow = static_cast<float>(kSlope - static_cast<double>(kSlopeHigh));
  static constexpr float kCubicHigh = static_cast<float>(kCubic);
  static constexpr float kCubicLow = static_cast<float>(kCubic - static_cast<double>(kCubicHigh));

  /// exp(-|v|), with v = a * (kSlope + kCubic * a^2) in twice the precision: it reaches 115, and its error is that of
  /// the result.
  template <bool kPlain, class D, class V>
  static HWY_INLINE auto exp_of_argument(D d, V a) {
    const V square = hn::Mul(a, a);
    const V cubic = hn::Set(d, kCubicHigh);
    const V product = hn::Mul(cubic, square);
    V low = product_error(d, cubic, square, product);
    low = hn::MulAdd(cubic, product_error(d, a, a, square), low);
    low = hn::MulAdd(hn::Set(d, kCubicLow), square, low);
    const V slope = hn::Set(d, kSlopeHigh);
    const V sum = hn::Add(slope, product);
    const V taken = hn::Sub(sum, slope);
    low = hn::Add(low, hn::Add(hn::Sub(slope, hn::Sub(sum, taken)), hn::Sub(product, taken)));
    low = hn::Add(low, hn::Set(d, kSlopeLow));
    const V v = hn::Mul(a, sum);
    return exp_nonpositive<kPlain>(d, hn::Neg(v), hn::Neg(hn::MulAdd(a, low, product_error(d, a, sum, v))));
  }

  template <bool kPlain, class D, class V>
  static HWY_INLINE ValueAndSlope<V> both(D d, V z, V near) {
    const V dv = hn::MulAdd(hn::Mul(near, near), hn::Set(d, 3.0f * kCubicHigh), hn::Set(d, kSlopeHigh));
    return logistic_gated(d, z, near, dv, exp_of_argument<kPlain>(d, hn::Abs(near)));
  }
};

/// tanh(log(1 + exp(z))) = (n^2 - 1) / (n^2 + 1) with n = 1 + exp(z), by w = exp(-|z|).
struct MishFunction {
  static constexpr float kPlainLimit = 80.0f;
  static constexpr float kLimit = 130.0f;

  template <bool kPlain, class D, class V>
  static HWY_INLINE ValueAndSlope<V> both(D d, V z, V near) {
    const auto e = exp_nonpositive<kPlain>(d, hn::Neg(hn::Abs(near)), hn::Zero(d));
    const V w = e.value();
    const V one = hn::Set(d, 1.0f);
    const V two = hn::Set(d, 2.0f);
    const auto negative = hn::Lt(z, hn::Zero(d));
    const V square = hn::Mul(w, w);
    const V above = hn::MulAdd(two, w, one);
    const V below = hn::MulAdd(w, w, hn::Add(w, w));  // w * (w + 2)
    const V under = hn::IfThenElse(negative, hn::Add(below, two), hn::MulAdd(two, square, above));
    const V inverse = hn::Div(one, under);
    const V gate_above = hn::Mul(above, inverse);
    const V value =
        hn::IfThenElse(negative, e.times(hn::Mul(near, hn::Mul(hn::Add(w, two), inverse))), hn::Mul(z, gate_above));
    const V gate = hn::IfThenElse(negative, hn::Mul(below, inverse), gate_above);
    const V rise = hn::Mul(hn::MulAdd(hn::Set(d, 4.0f), w, hn::Set(d, 4.0f)), hn::IfThenElse(negative, w, square));
    return {value, hn::MulAdd(hn::Mul(near, rise), hn::Mul(inverse, inverse), gate)};
  }
};

struct HardSwishFunction {
  static constexpr float kPlainLimit = 3.0f;
  static constexpr float kLimit = 3.4028234e38f;

  template <bool kPlain, class D, class V>
  static HWY_INLINE ValueAndSlope<V> both(D d, V z, V) {
    const V three = hn::Set(d, 3.0f);
    const V sixth = hn::Set(d, 1.0f / 6.0f);
    const V height = hn::Min(hn::Set(d, 6.0f), hn::Max(hn::Zero(d), hn::Add(z, three)));
    const V value = hn::Mul(hn::Max(hn::Neg(three), z), hn::Mul(height, sixth));
    const V inside = hn::Mul(hn::MulAdd(hn::Set(d, 2.0f), z, three), sixth);
    const V below = hn::IfThenZeroElse(hn::Le(z, hn::Neg(three)), inside);
    return {value, hn::IfThenElse(hn::Ge(z, three), hn::Set(d, 1.0f), below)};
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
      return body(Gated<HardSwishFunction>());
    default:
      RB_ASSERT(false && "not a gated activation");
  }
}

}  // namespace redbud::kernels::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // toggled guard
