#include "redbud/core/random_beta.h"

#include <algorithm>
#include <cmath>

#include "redbud/core/error.h"

namespace redbud {
namespace {

// An element has so many blocks of random numbers: tries of which one in two or better succeeds.
constexpr int64_t kTries = 32;

struct Pair {
  double u, v;  // in (0, 1)
};

Pair uniforms(const RandomKey& key, int64_t element, int64_t attempt) {
  const auto words = key.block(static_cast<uint32_t>(element * kTries + attempt));
  const auto unit = [](uint32_t high, uint32_t low) {
    return (static_cast<double>((uint64_t{high} << 32 | low) >> 12) + 0.5) * 0x1p-52;
  };
  return {unit(words[0], words[1]), unit(words[2], words[3])};
}

/// u^(1/a) / (u^(1/a) + v^(1/a)) where that sum is at most 1. In logarithms: for a small alpha both powers vanish.
bool try_joehnk(const Pair& p, double alpha, double& share) {
  const double x = std::log(p.u) / alpha;
  const double y = std::log(p.v) / alpha;
  const double largest = std::max(x, y);
  if (largest + std::log(std::exp(x - largest) + std::exp(y - largest)) > 0.0) return false;
  share = 1.0 / (1.0 + std::exp(y - x));
  return true;
}

/// log(cosh(x))
double log_cosh(double x) { return std::abs(x) + std::log1p(std::exp(-2.0 * std::abs(x))) - std::log(2.0); }

/// The logit x of the share has the density cosh(x / 2)^(-2 alpha); the proposal cosh(sqrt(alpha) x / 2)^(-2) is never
/// below it, since log(cosh(sqrt(u))) is concave.
bool try_logistic(const Pair& p, double alpha, double& share) {
  const double root = std::sqrt(alpha);
  const double logit = std::log(p.u / (1.0 - p.u)) / root;
  if (std::log(p.v) > 2.0 * log_cosh(root * logit / 2.0) - 2.0 * alpha * log_cosh(logit / 2.0)) return false;
  share = 1.0 / (1.0 + std::exp(-logit));
  return true;
}

}  // namespace

double random_beta(const RandomKey& key, int64_t element, double alpha) {
  RB_ASSERT(alpha > 0.0 && element >= 0 && element < int64_t{1} << 27);
  double share = 0.5;  // after so many tries: once in four thousand million
  for (int64_t attempt = 0; attempt < kTries; ++attempt) {
    const Pair pair = uniforms(key, element, attempt);
    if (alpha <= 1.0 ? try_joehnk(pair, alpha, share) : try_logistic(pair, alpha, share)) break;
  }
  return share;
}

}  // namespace redbud
