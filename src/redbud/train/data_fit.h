#pragma once
#include <string>

#include "redbud/train/trainer.h"

namespace redbud {

/// Checks that a source has rows, and that they are what the network and its loss read; `what` names it: "training".
/// Throws  Error{Data}
void require_fit(const Model& model, const SampleSource& source, const std::string& what);

/// Checks that batches of a source can be trained on as the configuration says: batch normalisation with a single row,
/// mixup with a loss that takes no shares of classes. Throws  Error{Usage}
void require_trainable(const Model& model, const SampleSource& train, const TrainConfig& config);

/// Whether a batch of one row can't be trained on: some layer normalises by the batch's own statistics.
bool needs_batches(const Graph& graph);

}  // namespace redbud
