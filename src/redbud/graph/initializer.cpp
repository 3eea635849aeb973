#include "redbud/graph/initializer.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "redbud/core/bytes.h"
#include "redbud/core/checksum.h"
#include "redbud/core/did_you_mean.h"
#include "redbud/core/error.h"
#include "redbud/core/rng.h"
#include "redbud/core/text.h"
#include "redbud/graph/orthogonal.h"

namespace redbud {
namespace {

using Values = std::span<float>;

/// What a scheme fills with: the random key, and the deviation of its values.
struct Draw {
  RandomKey key;
  double sigma = 1.0;
};

void fill_normal(Values values, const Draw& draw) {
  for (size_t i = 0; i < values.size(); ++i)
    values[i] = static_cast<float>(draw.sigma * random_normal(draw.key, static_cast<int64_t>(i)));
}

/// Draws again, in the next lane, what lies beyond the cut: one of 22.
void fill_truncated(Values values, const Draw& draw) {
  constexpr double kCut = 2.0;
  constexpr double kDeviation = 0.87962566103423978;  // of a standard normal between -2 and 2
  for (size_t i = 0; i < values.size(); ++i) {
    RandomKey key = draw.key;
    double drawn = random_normal(key, static_cast<int64_t>(i));
    for (; std::abs(drawn) > kCut; drawn = random_normal(key, static_cast<int64_t>(i))) ++key.lane;
    values[i] = static_cast<float>(draw.sigma / kDeviation * drawn);
  }
}

void fill_uniform(Values values, const Draw& draw) {
  const double limit = std::sqrt(3.0) * draw.sigma;
  for (size_t i = 0; i < values.size(); ++i) {
    const double unit = static_cast<double>(random_uniform(draw.key, static_cast<int64_t>(i)));
    values[i] = static_cast<float>(limit * (2.0 * unit - 1.0));
  }
}

enum class Shape { Normal, Truncated, Uniform, Orthogonal, Identity, Constant };

struct Scheme {
  std::string_view name;
  Shape shape;
  Fan fan;               // Own: the values depend on no fan
  double scale;          // of the variance by the fan
  std::string_view key;  // of the one number of a scheme without a fan
  double Initializer::*number = nullptr;
};

constexpr std::array kSchemes = {
    Scheme{"glorot_normal", Shape::Normal, Fan::Average, 1.0, {}},
    Scheme{"glorot_truncated_normal", Shape::Truncated, Fan::Average, 1.0, {}},
    Scheme{"glorot_uniform", Shape::Uniform, Fan::Average, 1.0, {}},
    Scheme{"he_normal", Shape::Normal, Fan::In, 2.0, {}},
    Scheme{"he_truncated_normal", Shape::Truncated, Fan::In, 2.0, {}},
    Scheme{"he_uniform", Shape::Uniform, Fan::In, 2.0, {}},
    Scheme{"lecun_normal", Shape::Normal, Fan::In, 1.0, {}},
    Scheme{"lecun_truncated_normal", Shape::Truncated, Fan::In, 1.0, {}},
    Scheme{"lecun_uniform", Shape::Uniform, Fan::In, 1.0, {}},
    Scheme{"normal", Shape::Normal, Fan::Own, 1.0, "sigma", &Initializer::sigma},
    Scheme{"uniform", Shape::Uniform, Fan::Own, 1.0 / 3.0, "limit", &Initializer::limit},
    Scheme{"orthogonal", Shape::Orthogonal, Fan::Own, 1.0, {}},
    Scheme{"identity", Shape::Identity, Fan::Own, 1.0, {}},
    Scheme{"constant", Shape::Constant, Fan::Own, 0.0, "value", &Initializer::value},
    Scheme{"zeros", Shape::Constant, Fan::Own, 0.0, {}},
    Scheme{"ones", Shape::Constant, Fan::Own, 1.0, {}},
};

const Scheme& find_scheme(std::string_view name) {
  for (const Scheme& scheme : kSchemes) {
    if (scheme.name == name) return scheme;
  }
  std::string expected = "one of auto";
  for (const Scheme& scheme : kSchemes) expected += ", " + std::string(scheme.name);
  throw Error(ErrorKind::Usage, {.fact = "unknown initializer",
                                 .found = quote(name),
                                 .expected = expected,
                                 .hint = did_you_mean(name, initializer_names())});
}

double variance(const Scheme& scheme, Fan wanted, Fans fans) {
  switch (wanted == Fan::Own ? scheme.fan : wanted) {
    case Fan::In:
      return scheme.scale / static_cast<double>(std::max<int64_t>(1, fans.in));
    case Fan::Out:
      return scheme.scale / static_cast<double>(std::max<int64_t>(1, fans.out));
    case Fan::Average:
      return scheme.scale / std::max(1.0, 0.5 * static_cast<double>(fans.in + fans.out));
    case Fan::Own:
      break;
  }
  return scheme.scale;
}

void require_matrix(Values values, Fans fans, const Scheme& scheme) {
  if (static_cast<int64_t>(values.size()) == fans.in * fans.out) return;
  throw Error(ErrorKind::Usage, {.fact = "initializer " + std::string(scheme.name) + " is for matrices",
                                 .found = std::to_string(values.size()) + " values",
                                 .expected = std::to_string(fans.in) + " x " + std::to_string(fans.out)});
}

void fill_identity(Values values, Fans fans, double gain) {
  std::fill(values.begin(), values.end(), 0.0F);
  for (int64_t i = 0; i < std::min(fans.in, fans.out); ++i)
    values[static_cast<size_t>(i * fans.out + i)] = static_cast<float>(gain);
}

/// The mean square of the slope below 0 of the rectifiers.
double squared_slope(const kernels::Activation& a) {
  using enum kernels::ActivationKind;
  if (a.kind == LeakyRelu || a.kind == Prelu) return a.alpha * a.alpha;
  if (a.kind == Rrelu) return (a.alpha * a.alpha + a.alpha * a.upper + a.upper * a.upper) / 3.0;
  return 0.0;
}

}  // namespace

std::vector<std::string> initializer_names() {
  std::vector<std::string> names;
  for (const Scheme& scheme : kSchemes) names.emplace_back(scheme.name);
  return names;
}

std::vector<std::string> initializer_keys(std::string_view name) {
  if (name == "auto") return {};
  const Scheme& scheme = find_scheme(name);
  std::vector<std::string> keys;
  if (scheme.shape != Shape::Constant) keys.emplace_back("gain");
  if (scheme.fan != Fan::Own) keys.emplace_back("fan");
  if (!scheme.key.empty()) keys.emplace_back(scheme.key);
  return keys;
}

Initializer initializer_for(const kernels::Activation& activation) {
  using enum kernels::ActivationKind;
  switch (activation.kind) {
    case Relu:
    case Elu:
    case Relu6:
    case Softplus:
    case Gelu:
    case GeluTanh:
    case Silu:
    case Mish:
    case HardSwish:
      return {"he_normal"};
    case LeakyRelu:
    case Prelu:
    case Rrelu:
      return {"he_normal", 1.0 / std::sqrt(1.0 + squared_slope(activation))};
    case Selu:
      return {"lecun_normal"};
    case Logistic:
      return {"glorot_normal", 4.0};
    case HardSigmoid:
      return {"glorot_normal", std::round(1e6 / activation.alpha) / 1e6};
    case Identity:
    case Tanh:
    case Softsign:
    case StoredSlope:
      break;
  }
  return {"glorot_normal"};
}

void initialize(Values values, const Initializer& initializer, Fans fans, uint64_t seed,
                std::string_view parameter_name) {
  const Scheme& scheme = find_scheme(initializer.name);
  const double number = scheme.number != nullptr ? initializer.*scheme.number : 1.0;
  Draw draw{.key = {.seed = seed, .stream = Stream::Initialise, .step = checksum(as_bytes(parameter_name))}};
  draw.sigma = initializer.gain * number * std::sqrt(variance(scheme, initializer.fan, fans));
  switch (scheme.shape) {
    case Shape::Normal:
      return fill_normal(values, draw);
    case Shape::Truncated:
      return fill_truncated(values, draw);
    case Shape::Uniform:
      return fill_uniform(values, draw);
    case Shape::Orthogonal:
      require_matrix(values, fans, scheme);
      return fill_orthogonal(values, {.rows = fans.in, .cols = fans.out}, initializer.gain, draw.key);
    case Shape::Identity:
      require_matrix(values, fans, scheme);
      return fill_identity(values, fans, initializer.gain);
    case Shape::Constant:
      break;
  }
  const double constant = scheme.number != nullptr ? number : scheme.scale;
  std::fill(values.begin(), values.end(), static_cast<float>(constant));
}

}  // namespace redbud
