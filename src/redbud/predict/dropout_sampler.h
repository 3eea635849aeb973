#pragma once
#include <cstdint>
#include <memory>
#include <span>

#include "redbud/core/thread_pool.h"
#include "redbud/graph/model.h"

namespace redbud {

struct DropoutSamplerConfig {
  int64_t samples = 100;  // K, at least 2
  uint64_t seed = 42;
};

/// Predicts with dropout left on, K times a row: a mean, and how far the predictions spread (Monte Carlo dropout).
///
///   mean[n,k] = sum_s y_s[n,k] / K      deviation[n,k] = sqrt(sum_s (y_s[n,k] - mean[n,k])^2 / (K - 1))
///
/// y_s are probabilities, or standardised numbers. All layers that are random in training are (frozen ones not), batch
/// normalisation uses its running statistics. The random numbers of row n are a function of (seed, n, sample), so
/// neither threads nor the rows behind it change them.
///
/// Source    Gal, Ghahramani 2016 (arXiv 1506.02142)
class DropoutSampler {
 public:
  static constexpr int64_t kPieceRows = 256;  // what one thread predicts at a time

  /// Throws  Error{Usage}: the network drops nothing; fewer than 2 samples
  DropoutSampler(const Model& model, const DropoutSamplerConfig& config);
  ~DropoutSampler();
  DropoutSampler(DropoutSampler&&) noexcept;

  int64_t features() const;
  int64_t outputs() const;

  struct Rows {
    std::span<const float> x;    // (rows, features), dense
    int64_t first = 0;           // number of the first row in the data: a multiple of kPieceRows
    std::span<float> mean = {};  // (rows, outputs)
    std::span<float> deviation = {};
  };
  /// Predicts x.size() / features() rows, kPieceRows to a piece.
  void predict(const Rows& rows, ThreadPool& pool);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace redbud
