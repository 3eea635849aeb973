#pragma once
#include <algorithm>
#include <cmath>
#include <cstdint>

/// The Newton-Schulz iteration that makes a matrix nearly orthogonal: X <- a X + b (X X^T) X + c (X X^T)^2 X.
/// Source  Jordan et al. 2024 (constants: singular values end between 0.7 and 1.2); Liu et al. 2025 (the length)
namespace redbud::newton_schulz {

inline constexpr int kSteps = 5;
inline constexpr double kA = 3.4445;
inline constexpr double kB = -4.7750;
inline constexpr double kC = 2.0315;
inline constexpr double kEpsilon = 1e-8;

/// What an orthogonal update is multiplied by, so that its elements are about 0.2, as adam's are.
inline double length(int64_t inputs, int64_t outputs) {
  return 0.2 * std::sqrt(static_cast<double>(std::max(inputs, outputs)));
}

}  // namespace redbud::newton_schulz
