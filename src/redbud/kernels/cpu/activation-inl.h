// The activations on Highway vectors: a small object for each, so that a loop can be compiled for every one of them.
#if defined(REDBUD_KERNELS_CPU_ACTIVATION_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef REDBUD_KERNELS_CPU_ACTIVATION_INL_H_
#undef REDBUD_KERNELS_CPU_ACTIVATION_INL_H_
#else
#define REDBUD_KERNELS_CPU_ACTIVATION_INL_H_
#endif

#include "redbud/kernels/activation.h"
#include "redbud/kernels/cpu/gated_activation-inl.h"
#include "redbud/kernels/cpu/vector_math-inl.h"

HWY_BEFORE_NAMESPACE();
namespace redbud::kernels::cpu::HWY_NAMESPACE {

// value(d, z) is f(z); gradient(d, y) is f'(z) from y = f(z), or, where its argument is called z, from z. Every f lets
// a NaN through.

struct IdentityFunction {
  template <class D, class V>
  HWY_INLINE V value(D, V z) const {
    return z;
  }
  template <class D, class V>
  HWY_INLINE V gradient(D d, V) const {
    return hn::Set(d, 1.0f);
  }
};

/// elu and selu.
struct EluFunction {
  explicit EluFunction(const Activation& a)
      : scale(static_cast<float>(a.scale)), scale_alpha(static_cast<float>(a.scale * a.alpha)) {}

  template <class D, class V>
  HWY_INLINE V value(D d, V z) const {
    const V negative = hn::Mul(hn::Set(d, scale_alpha), expm1_nonpositive(d, z));
    return hn::IfThenElse(hn::Le(z, hn::Zero(d)), negative, hn::Mul(hn::Set(d, scale), z));
  }
  template <class D, class V>
  HWY_INLINE V gradient(D d, V y) const {
    return hn::IfThenElse(hn::Gt(y, hn::Zero(d)), hn::Set(d, scale), hn::Add(y, hn::Set(d, scale_alpha)));
  }

  float scale;
  float scale_alpha;
};

struct ReluFunction {
  template <class D, class V>
  HWY_INLINE V value(D d, V z) const {
    return hn::IfThenZeroElse(hn::Lt(z, hn::Zero(d)), z);
  }
  template <class D, class V>
  HWY_INLINE V gradient(D d, V y) const {
    return hn::IfThenElseZero(hn::Gt(y, hn::Zero(d)), hn::Set(d, 1.0f));
  }
};

struct LeakyReluFunction {
  explicit LeakyReluFunction(const Activation& a) : alpha(static_cast<float>(a.alpha)) {}

  template <class D, class V>
  HWY_INLINE V value(D d, V z) const {
    return hn::IfThenElse(hn::Gt(z, hn::Zero(d)), z, hn::Mul(hn::Set(d, alpha), z));
  }
  template <class D, class V>
  HWY_INLINE V gradient(D d, V y) const {
    return hn::IfThenElse(hn::Gt(y, hn::Zero(d)), hn::Set(d, 1.0f), hn::Set(d, alpha));
  }

  float alpha;
};

struct LogisticFunction {
  template <class D, class V>
  HWY_INLINE V value(D d, V z) const {
    return logistic(d, z);
  }
  template <class D, class V>
  HWY_INLINE V gradient(D, V y) const {
    return hn::NegMulAdd(y, y, y);
  }
};

struct TanhFunction {
  template <class D, class V>
  HWY_INLINE V value(D d, V z) const {
    return tanh(d, z);
  }
  template <class D, class V>
  HWY_INLINE V gradient(D d, V y) const {
    return hn::NegMulAdd(y, y, hn::Set(d, 1.0f));
  }
};

/// log(1 + exp(z)).
struct SoftplusFunction {
  static constexpr float kNear = 80.0f;  // beyond, it is z or exp(z) to the last place

  template <class D, class V>
  static HWY_INLINE V near(D d, V z) {
    return hn::Add(hn::Max(z, hn::Zero(d)), log1p_unit(d, exp_near(d, hn::Neg(hn::Abs(z)))));
  }
  template <class D, class V>
  HWY_INLINE V value(D d, V z) const {
    const auto is_near = hn::Le(hn::Abs(z), hn::Set(d, kNear));
    if (HWY_LIKELY(hn::AllTrue(d, is_near))) return near(d, z);
    const V far = hn::IfThenElse(hn::Lt(z, hn::Zero(d)), exp(d, z), z);
    return hn::IfThenElse(is_near, near(d, hn::IfThenElseZero(is_near, z)), far);
  }
  /// 1 - exp(-y).
  template <class D, class V>
  HWY_INLINE V gradient(D d, V y) const {
    const hn::RebindToSigned<D> di;
    const V magic = hn::Set(d, 12582912.0f + 127.0f);  // as in expm1_nonpositive()
    const V limited = hn::Max(hn::Set(d, -30.0f), hn::Neg(y));
    const V rounded = hn::MulAdd(limited, hn::Set(d, 1.44269504089f), magic);
    const V e = expm1_reduced_short(d, subtract_log2(d, limited, hn::Sub(rounded, magic)));
    const V power = hn::BitCast(d, hn::ShiftLeft<23>(hn::BitCast(di, rounded)));
    return hn::NegMulAdd(power, e, hn::Sub(hn::Set(d, 1.0f), power));
  }
};

struct SoftsignFunction {
  template <class D, class V>
  HWY_INLINE V value(D d, V z) const {
    const V size = hn::Min(hn::Abs(z), hn::Set(d, 3.4028234e38f));  // infinity by infinity has no value
    const V y = hn::CopySignToAbs(hn::Div(size, hn::Add(hn::Set(d, 1.0f), size)), z);
    return hn::IfThenElse(hn::Eq(z, z), y, z);
  }
  template <class D, class V>
  HWY_INLINE V gradient(D d, V y) const {
    const V rest = hn::Sub(hn::Set(d, 1.0f), hn::Abs(y));
    return hn::Mul(rest, rest);
  }
};

struct HardSigmoidFunction {
  explicit HardSigmoidFunction(const Activation& a)
      : alpha(static_cast<float>(a.alpha)), shift(static_cast<float>(0.5 / a.alpha)) {}

  template <class D, class V>
  HWY_INLINE V value(D d, V z) const {
    const V y = hn::Mul(hn::Add(z, hn::Set(d, shift)), hn::Set(d, alpha));
    return hn::IfThenElse(hn::Eq(z, z), hn::Min(hn::Max(y, hn::Zero(d)), hn::Set(d, 1.0f)), z);
  }
  template <class D, class V>
  HWY_INLINE V gradient(D d, V y) const {
    const auto inside = hn::And(hn::Gt(y, hn::Zero(d)), hn::Lt(y, hn::Set(d, 1.0f)));
    return hn::IfThenElseZero(inside, hn::Set(d, alpha));
  }

  float alpha;
  float shift;
};

struct Relu6Function {
  template <class D, class V>
  HWY_INLINE V value(D d, V z) const {
    const V six = hn::Set(d, 6.0f);
    return hn::IfThenZeroElse(hn::Lt(z, hn::Zero(d)), hn::IfThenElse(hn::Gt(z, six), six, z));
  }
  template <class D, class V>
  HWY_INLINE V gradient(D d, V y) const {
    const auto inside = hn::And(hn::Gt(y, hn::Zero(d)), hn::Lt(y, hn::Set(d, 6.0f)));
    return hn::IfThenElseZero(inside, hn::Set(d, 1.0f));
  }
};

/// What stands for an activation whose slopes were stored with its values; it has no values of its own.
struct StoredSlopeFunction {
  template <class D, class V>
  HWY_INLINE V value(D, V z) const {
    return z;
  }
  template <class D, class V>
  HWY_INLINE V gradient(D, V slope) const {
    return slope;
  }
};

/// Calls body(function) with the object for the activation.
template <class Body>
HWY_INLINE void with_activation(const Activation& activation, const Body& body) {
  switch (activation.kind) {
    case ActivationKind::Identity:
      return body(IdentityFunction());
    case ActivationKind::Elu:
    case ActivationKind::Selu:
      return body(EluFunction(activation));
    case ActivationKind::Relu:
      return body(ReluFunction());
    case ActivationKind::LeakyRelu:
      return body(LeakyReluFunction(activation));
    case ActivationKind::Logistic:
      return body(LogisticFunction());
    case ActivationKind::Tanh:
      return body(TanhFunction());
    case ActivationKind::Softplus:
      return body(SoftplusFunction());
    case ActivationKind::Softsign:
      return body(SoftsignFunction());
    case ActivationKind::HardSigmoid:
      return body(HardSigmoidFunction(activation));
    case ActivationKind::Relu6:
      return body(Relu6Function());
    case ActivationKind::StoredSlope:
      return body(StoredSlopeFunction());
    case ActivationKind::Prelu:
    case ActivationKind::Rrelu:
      RB_ASSERT(false && "not a pointwise function");
      return;
    default:
      return with_gated_activation(activation, body);
  }
}

}  // namespace redbud::kernels::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // toggled guard
