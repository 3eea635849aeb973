#pragma once
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "redbud/core/config_value.h"
#include "redbud/core/shape.h"
#include "redbud/graph/initializer.h"
#include "redbud/graph/plan_builder.h"

namespace redbud {

/// What flows along an edge of a graph: the shape of one row, without the batch.
struct TensorType {
  Shape shape;
};

/// A parameter that a layer trains.
struct ParameterSpec {
  std::string name;  // "weight", "bias"
  Shape shape;
  Initializer initializer;  // "auto": the pair of the activation that the layer's output ends in
  Fans fans;
  bool decayed = false;  // whether weight decay, l1 and l2 apply
};

/// A value that a layer keeps but does not train: running statistics.
struct BufferSpec {
  std::string name;
  Shape shape;
  float initial = 0.0F;
};

struct LayerSignature {
  TensorType output;
  std::vector<ParameterSpec> parameters;
  std::vector<BufferSpec> buffers;
};

/// What a layer is lowered with; parameters and buffers in the order of its signature.
struct LayerIo {
  std::span<const Value> inputs;
  std::span<const Value> parameters;
  std::span<const Value> buffers;
  bool frozen = false;  // behave as in prediction, whatever the plan's mode
};

/// A layer is a configuration and three functions: infer shapes and parameters, lower to operations, name what is
/// saved. It knows nothing of devices, threads or memory. Immutable.
class Layer {
 public:
  virtual ~Layer() = default;
  virtual std::string_view kind() const = 0;
  /// Throws  Error{Model} if the inputs don't fit
  virtual LayerSignature infer(std::span<const TensorType> inputs) const = 0;
  virtual Value lower(const LayerIo& io, PlanBuilder& plan) const = 0;
  /// The configuration as run files and model files have it: what make() of the registry reads.
  virtual ConfigValue config() const = 0;
  /// Whether it draws random numbers in training, and passes its input on in prediction: dropout and its kin.
  virtual bool is_random() const { return false; }
  /// The activation that its output went through last, if it applies one.
  virtual std::optional<kernels::Activation> activation() const { return std::nullopt; }
  /// Whether output k tells of input k: the layer normalises its input, drops from it, disturbs or bends it, so that
  /// the layer in front of it is paired with the activation here or further on.
  virtual bool keeps_units() const { return is_random(); }
};

}  // namespace redbud
