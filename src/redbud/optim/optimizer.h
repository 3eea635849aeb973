#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "redbud/core/config_value.h"
#include "redbud/core/thread_pool.h"
#include "redbud/graph/parameter_store.h"

namespace redbud {

/// [[train.layer]]: what is different in the update of some parameters.
struct LayerSettings {
  std::string name =
      {};  // of layers ("hidden1") or parameters ("hidden1.weight"); * stands for any characters, ? for one
  std::optional<double> learning_rate_factor = {};
  std::optional<double> decay_factor = {};  // on l1, l2 and weight_decay
  std::optional<double> l1 = {};            // these in the place of [train]'s
  std::optional<double> l2 = {};
  std::optional<double> weight_decay = {};
  std::optional<double> max_norm = {};
  std::string where = {};  // in the run file; for messages
};

/// A learning rule with all that belongs to the update: the run file's optimizer, clip_*, l1, l2, weight_decay,
/// learning_rate.
struct OptimizerConfig {
  std::string name = "adam";   // optimizer_names()
  double learning_rate = 0.0;  // 0: the rule's own (learning_rules.cpp)
  double momentum = 0.9;       // momentum, nesterov, muon
  double beta1 = 0.9;          // adam, adamw
  double beta2 = 0.999;
  double rho = 0.9;  // rmsprop, adadelta
  double epsilon = 1e-8;
  double clip_norm = 0.0;         // by the global norm; 0 = off
  double clip_value = 0.0;        // after clip_norm; 0 = off
  double clip_tensor_norm = 0.0;  // each tensor by its own norm, before clip_norm; 0 = off
  double l1 = 0.0;
  double l2 = 0.0;            // added to the gradient: l2 * w
  double weight_decay = 0.0;  // decoupled: w -= lr * weight_decay * w; adamw: 0 stands for 0.01
  double max_norm = 0.0;      // of each unit's incoming weights, kept after every update; 0 = off
  double beta = 1.0;          // ftrl
  double max_overhead = 1.0;  // muon: of its products, in costs of the layer itself (muon_gate.h)
  int64_t lookahead = 0;      // every so many steps; 0 = off
  double lookahead_rate = 0.5;
  int64_t batch_size = 0;                  // rows a step, for muon's gate; 0: not known
  std::vector<LayerSettings> layers = {};  // a later one wins
};

/// The ten-line program's names. adam({.learning_rate = 1e-3})
OptimizerConfig adam(OptimizerConfig config = {});
OptimizerConfig adamw(OptimizerConfig config = {});
OptimizerConfig sgd(OptimizerConfig config = {});
OptimizerConfig momentum(OptimizerConfig config = {});
OptimizerConfig nesterov(OptimizerConfig config = {});
OptimizerConfig rmsprop(OptimizerConfig config = {});

std::vector<std::string> optimizer_names();
/// A rule with its own constants, to be changed further: optimizer_named("lion"). Throws  Error{Usage}: unknown name
OptimizerConfig optimizer_named(std::string_view name);
/// The rule from "adam" or { name = "momentum", momentum = 0.9, nesterov = true }: its name and its own constants.
/// learning_rate, clip_*, l1, l2 and weight_decay stand beside it in [train]. Throws  Error{Usage}: unknown name or
/// key, value out of range
OptimizerConfig optimizer_from_config(const ConfigValue& config);
/// The same back: name and constants of the rule.
ConfigValue to_config(const OptimizerConfig& config);
/// [[train.layer]], a list of tables, and back. Throws  Error{Usage}: unknown key, value out of range
std::vector<LayerSettings> layers_from_config(const ConfigValue& list);
ConfigValue to_config(const std::vector<LayerSettings>& layers);
/// Whether the rule has a momentum (or a beta1) that a schedule may change.
bool has_momentum(const OptimizerConfig& config);
/// With the rule's own learning rate and weight decay where they were left to it.
/// Throws  Error{Usage}: unknown name, value out of range
OptimizerConfig resolved(OptimizerConfig config);

/// What an update saw.
struct UpdateReport {
  double gradient_norm = 0.0;  // global l2 norm, before clipping
  bool finite = true;          // false: nothing was changed
};

/// What changes along a run.
struct UpdateRates {
  UpdateRates(double factor = 1.0, std::optional<double> new_momentum = {})
      : learning_rate_factor(factor), momentum(new_momentum) {}

  double learning_rate_factor;
  std::optional<double> momentum;  // in the place of the rule's momentum or beta1
};

/// Applies a chain of gradient transforms (recipes.h: which, and in which order) to all parameters. The state is
/// explicit: flat arrays laid out as the parameters, and a step counter.
class Optimizer {
 public:
  enum class Path { Fused, Chain };  // the chain is the reference of the fused kernel

  /// Which segments train and which are decayed is read from `layout`.
  /// Throws  Error{Usage}: value out of range, a layer of config.layers that isn't there
  Optimizer(const OptimizerConfig& config, const SegmentLayout& layout, Path path = Path::Fused);
  ~Optimizer();
  Optimizer(Optimizer&&) noexcept;
  Optimizer& operator=(Optimizer&&) noexcept;

  /// Checks that all gradients are finite, and only then updates the parameters and the state. Segments that don't
  /// train are neither read nor written.
  UpdateReport update(AlignedBuffer& parameters, const AlignedBuffer& gradients, const UpdateRates& rates,
                      ThreadPool& pool);

  /// Whether the weights that are learned are others than those that gradients are taken at (lookahead,
  /// schedule_free_adamw).
  bool learns_elsewhere() const;
  /// Writes the weights that are learned, of all segments. Only where learns_elsewhere().
  void write_learned(const AlignedBuffer& parameters, AlignedBuffer& learned, ThreadPool& pool) const;

  /// State to save: names ("adam.m", "adam.v"), flat arrays of layout.size() floats; and how many updates were made.
  struct StateArray {
    std::string name;
    AlignedBuffer* values;
  };
  std::vector<StateArray> state();
  /// And single numbers to save ("schedule_free.rates").
  struct StateNumber {
    std::string name;
    double* value;
  };
  std::vector<StateNumber> numbers();
  /// Memory beside the state.
  int64_t scratch_bytes() const;
  int64_t steps() const;
  void set_steps(int64_t steps);
  /// Resolved.
  const OptimizerConfig& config() const;
  /// "clip_norm 1 -> adam(beta1 0.9, beta2 0.999) -> lr 0.001, one fused kernel"
  std::string describe() const;
  /// What was decided for single parameters, a line each; "" where there is nothing to tell.
  std::string explain() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace redbud
