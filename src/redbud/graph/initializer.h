#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "redbud/kernels/activation.h"

namespace redbud {

/// How many inputs and outputs a unit of a parameter has.
struct Fans {
  int64_t in = 1;
  int64_t out = 1;
};

/// Which of them scale the first values. Own: as the initializer's paper has it.
enum class Fan { Own, In, Out, Average };

/// How a parameter's first values are drawn.
///
///   *_normal            sigma = gain * sqrt(scale / fan)
///   *_truncated_normal  the same variance, nothing beyond 2 sigma / 0.8796 (the deviation of a normal cut at 2)
///   *_uniform           limit = gain * sqrt(3 * scale / fan)
///   glorot: fan = (fan_in + fan_out) / 2, scale 1        he: fan = fan_in, scale 2        lecun: fan = fan_in, scale 1
///   normal              sigma * gain         uniform  within limit * gain     constant  value     zeros     ones
///   orthogonal          rows or columns (the fewer of both) orthonormal, times gain
///   identity            gain where input and output have the same number, else 0
/// Source  Glorot, Bengio 2010; He et al. 2015; LeCun et al. 1998; Saxe et al. 2013 (orthogonal)
struct Initializer {
  std::string name = "auto";  // or one of initializer_names()
  double gain = 1.0;
  Fan fan = Fan::Own;
  double sigma = 1.0;
  double limit = 1.0;
  double value = 0.0;

  friend bool operator==(const Initializer&, const Initializer&) = default;
};

/// Names that are known, for messages and --help.
std::vector<std::string> initializer_names();

/// Keys that the table of a name may have beside it: "gain", "fan", "sigma", "limit", "value".
/// Throws  Error{Usage} for an unknown name, naming the nearest
std::vector<std::string> initializer_keys(std::string_view name);

/// The pairing of activation and initializer when none is given:
///   he_normal      relu and its kin, softplus; gain 1 / sqrt(1 + a^2) where the slope below 0 is a
///   lecun_normal   selu
///   glorot_normal  all others, with the reciprocal of the slope at 0 as gain: 4 for logistic, 1 for tanh and identity
Initializer initializer_for(const kernels::Activation& activation);

/// Fills values; element i of a parameter depends on (seed, its name, i) alone, but for orthogonal, where it depends on
/// all before it. Orthogonal and identity take the values as a matrix (fan in, fan out).
/// Throws  Error{Usage} for an unknown name, "auto" included
void initialize(std::span<float> values, const Initializer& initializer, Fans fans, uint64_t seed,
                std::string_view parameter_name);

}  // namespace redbud
