#pragma once
#include <functional>
#include <span>

#include "redbud/core/thread_pool.h"
#include "redbud/data/batch.h"
#include "redbud/graph/model.h"

namespace redbud {

/// Some rows of a source with what a model says of them: probabilities or standardised numbers, (rows, outputs).
struct PredictedRows {
  int64_t first = 0;
  int64_t rows = 0;
  std::span<const float> outputs = {};
  std::span<const int32_t> classes = {};  // where the target is one class a row
  std::span<const float> numbers = {};    // else, (rows, width of the target)
};

/// Predicts all rows, a chunk at a time and in their order.
void for_each_prediction(const Model& model, const SampleSource& source, ThreadPool& pool,
                         const std::function<void(const PredictedRows&)>& f);

}  // namespace redbud
