#include "redbud/graph/initializer.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "redbud/core/bytes.h"
#include "redbud/core/checksum.h"
#include "redbud/core/error.h"
#include "redbud/core/rng.h"
#include "redbud/core/text.h"

namespace redbud {
namespace {

enum class FanUse { In, Average, None };
enum class Distribution { Normal, Uniform, Constant };

struct Scheme {
  std::string_view name;
  Distribution distribution;
  FanUse fan;
  double scale;  // of the variance, or the constant
};

constexpr std::array kSchemes = {
    Scheme{"glorot_normal", Distribution::Normal, FanUse::Average, 1.0},
    Scheme{"glorot_uniform", Distribution::Uniform, FanUse::Average, 1.0},
    Scheme{"he_normal", Distribution::Normal, FanUse::In, 2.0},
    Scheme{"he_uniform", Distribution::Uniform, FanUse::In, 2.0},
    Scheme{"lecun_normal", Distribution::Normal, FanUse::In, 1.0},
    Scheme{"lecun_uniform", Distribution::Uniform, FanUse::In, 1.0},
    Scheme{"normal", Distribution::Normal, FanUse::None, 1.0},
    Scheme{"zeros", Distribution::Constant, FanUse::None, 0.0},
    Scheme{"ones", Distribution::Constant, FanUse::None, 1.0},
};

const Scheme& find_scheme(std::string_view name) {
  for (const Scheme& scheme : kSchemes) {
    if (scheme.name == name) return scheme;
  }
  const std::string near = nearest(name, initializer_names());
  throw Error(ErrorKind::Usage,
              {.fact = "unknown initializer",
               .found = quote(name),
               .expected = "one of glorot_normal, glorot_uniform, he_normal, he_uniform, lecun_normal, lecun_uniform, "
                           "normal, zeros, ones",
               .hint = near.empty() ? "" : "did you mean " + near + "?"});
}

double variance(const Scheme& scheme, Fans fans) {
  switch (scheme.fan) {
    case FanUse::In:
      return scheme.scale / static_cast<double>(std::max<int64_t>(1, fans.in));
    case FanUse::Average:
      return scheme.scale / std::max(1.0, 0.5 * static_cast<double>(fans.in + fans.out));
    case FanUse::None:
      break;
  }
  return scheme.scale;
}

}  // namespace

std::vector<std::string> initializer_names() {
  std::vector<std::string> names;
  for (const Scheme& scheme : kSchemes) names.emplace_back(scheme.name);
  return names;
}

Initializer initializer_for(std::string_view activation) {
  if (activation == "relu" || activation == "leaky_relu" || activation == "elu" || activation == "relu6" ||
      activation == "softplus")
    return {"he_normal"};
  if (activation == "selu") return {"lecun_normal"};
  // Their slopes at 0 are 1/4 and 1/6.
  if (activation == "logistic") return {"glorot_normal", 4.0};
  if (activation == "hard_sigmoid") return {"glorot_normal", 6.0};
  return {"glorot_normal"};
}

void initialize(std::span<float> values, const Initializer& initializer, Fans fans, uint64_t seed,
                std::string_view parameter_name) {
  const Scheme& scheme = find_scheme(initializer.name);
  if (scheme.distribution == Distribution::Constant) {
    std::fill(values.begin(), values.end(), static_cast<float>(scheme.scale));
    return;
  }
  const RandomKey key{.seed = seed, .stream = Stream::Initialise, .step = checksum(as_bytes(parameter_name))};
  const double sigma = initializer.gain * std::sqrt(variance(scheme, fans));
  const bool normal = scheme.distribution == Distribution::Normal;
  const double limit = std::sqrt(3.0) * sigma;
  for (size_t i = 0; i < values.size(); ++i) {
    const auto element = static_cast<int64_t>(i);
    const double draw = normal ? sigma * random_normal(key, element)
                               : limit * (2.0 * static_cast<double>(random_uniform(key, element)) - 1.0);
    values[i] = static_cast<float>(draw);
  }
}

}  // namespace redbud
