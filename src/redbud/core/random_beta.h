#pragma once
#include <cstdint>

#include "redbud/core/rng.h"

namespace redbud {

/// A number in [0, 1] of the distribution Beta(alpha, alpha), alpha > 0: element `element` of a key's array;
/// 0 <= element < 2^27.
/// Source  Joehnk 1964 for alpha <= 1; above, rejection of a logistic variate as the logit
double random_beta(const RandomKey& key, int64_t element, double alpha);

}  // namespace redbud
