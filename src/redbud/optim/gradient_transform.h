#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "redbud/graph/parameter_store.h"
#include "redbud/optim/parameter_settings.h"

namespace redbud {

/// A stretch of the flat buffers that is updated as one: trainable segments that lie side by side.
struct ParameterRun {
  int64_t begin = 0;
  int64_t size = 0;
  ParameterSettings settings = {};
  int64_t outputs = 0;  // of a run that is one weight matrix (inputs, outputs); else 0

  friend bool operator==(const ParameterRun&, const ParameterRun&) = default;
};

enum class RunCut { BySettings, BySegment };
/// Cuts a layout into runs, none of which mixes settings; BySegment: each segment is a run of its own. Segments that
/// don't train are in none of them.
std::vector<ParameterRun> parameter_runs(const SegmentLayout& layout, const OptimizerConfig& config, RunCut cut);

/// What a transform may read besides its state.
struct UpdateContext {
  std::span<const float> parameters;   // before the update, flat
  std::span<const ParameterRun> runs;  // one a trainable segment
  int64_t step = 1;                    // 1 for the first update
  double learning_rate = 0.0;          // with the schedule's factor, without the runs' own
  std::optional<double> momentum;      // of this step, in the place of momentum or beta1
  double share = 1.0;                  // of this step's learning rate in the sum of all: AverageWeights::share
};

/// One link of a chain: gradients come in, updates go out, in place. It holds constants only; what it remembers from
/// update to update is handed to it, and so is saved and restored by its owner.
/// Source  the gradient transformations of optax
class GradientTransform {
 public:
  virtual ~GradientTransform() = default;
  /// "clip_norm 1"
  virtual std::string describe() const = 0;
  /// A flat array each, laid out as the parameters, zero before the first update.
  virtual std::vector<std::string> state_names() const { return {}; }
  /// Changes `updates` within the runs; nothing outside of them.
  virtual void apply(std::span<float> updates, std::span<const std::span<float>> state,
                     const UpdateContext& context) const = 0;
};

using TransformChain = std::vector<std::unique_ptr<const GradientTransform>>;

}  // namespace redbud
