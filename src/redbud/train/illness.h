#pragma once
#include <set>
#include <span>
#include <string>
#include <vector>

#include "redbud/train/layer_health.h"

namespace redbud {

/// What can ail a network, in the order in which it is told: what comes first may be the cause of what follows.
enum class IllnessKind { Exploding, Dead, Saturated, Vanishing, UnevenSpeeds, BadStatistics };
std::string_view to_string(IllnessKind kind);  // "exploding", "dead", "saturated", "vanishing", "uneven_speeds", ...

/// What ails some layers, by the figures of one epoch.
struct Illness {
  IllnessKind kind = IllnessKind::Vanishing;
  std::vector<std::string> layers;
  double figure = 0.0;  // the worst: a share, or a ratio
  std::string words;    // "hidden1..hidden4: gradients vanish: 9e-7 of the top layer's (logistic, glorot_normal)"
};

/// Finds what ails a network; nothing for a healthy one. `makeup` has the same layers in the same order.
///
///   exploding      a hidden layer gives numbers above kLoud (inputs are scaled to about 1), or its
///                  gradient is more than 1 / kVanished of the top layer's
///   dead           half of a layer's units or more
///   saturated      half of a layer's outputs or more
///   vanishing      a layer's gradient is below kVanished of the top layer's, where nothing above explains it
///   uneven speeds  update / weight of two layers apart by kApart or more, where nothing above explains it
///   bad statistics a tenth of the features of a layer's batch norm or more
std::vector<Illness> find_illnesses(std::span<const LayerHealth> health, std::span<const LayerMakeup> makeup);

constexpr double kVanished = 1e-3;
constexpr double kLoud = 1e3;
constexpr double kApart = 100.0;

/// Tells each illness once, in the epoch in which it appears.
class IllnessWords {
 public:
  std::vector<std::string> of_epoch(std::span<const LayerHealth> health, std::span<const LayerMakeup> makeup);

 private:
  std::set<IllnessKind> told_;
};

}  // namespace redbud
