#pragma once
#include <cstdint>
#include <memory>
#include <span>

#include "redbud/graph/model.h"

namespace redbud {

/// A model made ready to predict: batch norm folded into the weights, weights packed once, no allocation per call.
/// Threads  predict() may be called from several threads at once, each with a Context of its own.
class Predictor {
 public:
  /// Throws  Error{Model} if a layer can't be lowered for prediction
  explicit Predictor(const Model& model);
  ~Predictor();
  Predictor(Predictor&&) noexcept;

  /// Scratch memory of one caller, for calls of at most `max_rows` rows.
  class Context {
   public:
    Context(const Predictor& predictor, int64_t max_rows);
    ~Context();
    Context(Context&&) noexcept;

   private:
    friend class Predictor;
    struct Impl;
    std::unique_ptr<Impl> impl_;
  };

  int64_t features() const;
  int64_t outputs() const;
  /// Encoded rows in (rows, features), probabilities or standardised numbers out (rows, outputs); both dense,
  /// row-major.
  void predict(std::span<const float> x, int64_t rows, std::span<float> y, Context& context) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace redbud
