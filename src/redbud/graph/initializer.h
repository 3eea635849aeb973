#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace redbud {

/// How a parameter's first values are drawn.
///
///   *_normal   sigma = gain * sqrt(scale / fan)          *_uniform  limit = gain * sqrt(3 * scale / fan)
///   glorot: fan = (fan_in + fan_out) / 2, scale 1        he: fan = fan_in, scale 2        lecun: fan = fan_in, scale 1
/// Source  Glorot, Bengio 2010; He et al. 2015; LeCun et al. 1998; gain 4 for logistic: its slope at 0 is 1/4
struct Initializer {
  std::string name =
      "auto";  // auto | glorot_normal glorot_uniform he_normal he_uniform lecun_normal lecun_uniform normal zeros ones
  double gain = 1.0;

  friend bool operator==(const Initializer&, const Initializer&) = default;
};

struct Fans {
  int64_t in = 1;
  int64_t out = 1;
};

/// Names that are known, for messages and --help.
std::vector<std::string> initializer_names();

/// The pairing of activation and initialiser when none is given: he_normal for relu, leaky_relu and elu, lecun_normal
/// for selu, glorot_normal with gain 4 for logistic, glorot_normal for tanh, softmax and identity.
Initializer initializer_for(std::string_view activation);

/// Fills values; element i of a parameter depends on (seed, its name, i) alone.
/// Throws  Error{Usage} for an unknown name, "auto" included
void initialize(std::span<float> values, const Initializer& initializer, Fans fans, uint64_t seed,
                std::string_view parameter_name);

}  // namespace redbud
