// Networks that don't learn, and why: by the divergence that ended a run, and by the health of its layers.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "redbud/report/advice/rule.h"

namespace redbud {
namespace {

using Changes = std::vector<Change>;

constexpr double kFarAbove = 3.0;  // times the optimizer's own rate: then the rate is the first suspect
constexpr double kJump = 10.0;     // times the first epoch's loss

std::string lasting(const AdviceCase& c, IllnessKind kind) {
  const auto illness = std::find_if(c.illnesses.begin(), c.illnesses.end(),
                                    [&](const LastingIllness& lasting) { return lasting.worst.kind == kind; });
  if (illness == c.illnesses.end()) return "";
  return fmt::format("{} (from epoch {} on, in {} of {} epochs)", illness->worst.words, illness->first_epoch,
                     illness->epochs, c.run.epochs.size());
}

/// The loss of some epoch was far above that of the first, or was no number.
std::string jump(const AdviceCase& c) {
  for (const EpochEvidence& epoch : c.run.epochs) {
    const double first = c.run.epochs.front().train_loss;
    if (std::isfinite(epoch.train_loss) && epoch.train_loss <= kJump * std::max(first, 1.0)) continue;
    return fmt::format("epoch {}: training loss {:.3g}, after {:.3g} in the first", epoch.epoch, epoch.train_loss,
                       first);
  }
  return "";
}

std::string exploding(const AdviceCase& c) {
  if (!c.run.divergence.empty()) return "diverged: " + c.run.divergence;
  const std::string words = lasting(c, IllnessKind::Exploding);
  return words.empty() ? jump(c) : words;
}
std::string dead(const AdviceCase& c) { return lasting(c, IllnessKind::Dead); }
std::string saturated(const AdviceCase& c) { return lasting(c, IllnessKind::Saturated); }
std::string vanishing(const AdviceCase& c) { return lasting(c, IllnessKind::Vanishing); }
std::string uneven(const AdviceCase& c) { return lasting(c, IllnessKind::UnevenSpeeds); }
std::string statistics(const AdviceCase& c) { return lasting(c, IllnessKind::BadStatistics); }

bool rate_is_far_above(const AdviceCase& c) { return c.learning_rate() > kFarAbove * c.own_learning_rate(); }

/// Evidence, where the initializer is one of those that were not made for depth.
template <std::string (*Evidence)(const AdviceCase&)>
std::string with_naive_start(const AdviceCase& c) {
  return c.has_naive_initializer() ? Evidence(c) : "";
}
/// Evidence, where the rate is far above the optimizer's own.
template <std::string (*Evidence)(const AdviceCase&)>
std::string with_high_rate(const AdviceCase& c) {
  if (!rate_is_far_above(c)) return "";
  const std::string seen = Evidence(c);
  if (seen.empty()) return "";
  return fmt::format("{}; the rate {:g} is {:.3g} times the {:g} of {}", seen, c.learning_rate(),
                     c.learning_rate() / c.own_learning_rate(), c.own_learning_rate(), c.word("train", "optimizer"));
}

Changes own_initializer(const AdviceCase& c) { return c.set_own_initializer(); }
Changes own_rate(const AdviceCase& c) { return c.set_learning_rate(c.own_learning_rate()); }
Changes tenth_of_rate(const AdviceCase& c) { return c.set_learning_rate(c.learning_rate() / 10.0); }
Changes batch_norm(const AdviceCase& c) { return c.set_batch_norm(); }
Changes to_elu(const AdviceCase& c) { return c.set_activation("elu"); }
Changes to_leaky_relu(const AdviceCase& c) { return c.set_activation("leaky_relu"); }
Changes clip(const AdviceCase& c) {
  return c.number("train", "clip_norm") > 0.0 ? Changes{} : c.set_number("train.clip_norm", 1.0);
}
Changes elu_and_own_rate(const AdviceCase& c) {
  Changes changes = to_elu(c);
  for (Change& change : own_rate(c)) changes.push_back(std::move(change));
  return changes;
}
Changes to_adam(const AdviceCase& c) {
  const std::string now = c.word("train", "optimizer");
  if (now != "sgd" && now != "momentum" && now != "nesterov") return {};
  return {{"train.optimizer", "adam"}, {"train.learning_rate", "0.001"}};
}
/// A rate ten times as high for each layer whose update / weight is a hundredth of the fastest layer's or less.
Changes rates_by_layer(const AdviceCase& c) {
  const std::vector<LayerHealth>& health = c.run.epochs.back().health;
  double fastest = 0.0;
  for (const LayerHealth& layer : health) fastest = std::max(fastest, layer.update_ratio.value_or(0.0));
  std::string tables;
  for (const LayerHealth& layer : health) {
    if (layer.update_ratio.value_or(fastest) * kApart > fastest) continue;
    tables += fmt::format("{}{{ name = \"{}\", learning_rate_factor = 10 }}", tables.empty() ? "" : ", ", layer.layer);
  }
  if (tables.empty()) return {};
  return {{"train.layer", "[" + tables + "]"}};
}

constexpr std::string_view kGlorotHe = "Glorot, Bengio 2010; He et al. 2015";
constexpr std::string_view kElu = "Clevert et al. 2016 (ELU); He et al. 2015";
constexpr std::string_view kBatchNorm = "Ioffe, Szegedy 2015";
constexpr std::string_view kRates = "Bengio 2012, section 3.1.1: the rate is the first thing to tune";
constexpr std::string_view kClipping = "Pascanu et al. 2013";

}  // namespace

// clang-format off
std::span<const AdviceRule> illness_rules() {
  static const std::array rules = {
      AdviceRule{"exploding-initializer", "explodes", with_naive_start<exploding>, own_initializer,
                 "draw the weights with the activation's own initializer", kGlorotHe, "high"},
      AdviceRule{"exploding-rate", "explodes", with_high_rate<exploding>, own_rate,
                 "lower the rate to the optimizer's own", kRates, "high"},
      AdviceRule{"exploding-clip", "explodes", exploding, clip,
                 "clip gradients by their global norm", kClipping, "high"},
      AdviceRule{"exploding-lower", "explodes", exploding, tenth_of_rate,
                 "lower the rate to a tenth", kRates, "medium"},
      AdviceRule{"exploding-norm", "explodes", exploding, batch_norm,
                 "normalise each layer's inputs", kBatchNorm, "medium"},

      AdviceRule{"dead-rate", "units are dead", with_high_rate<dead>, elu_and_own_rate,
                 "use ELU, whose units can't die, and the optimizer's own rate", kElu, "high"},
      AdviceRule{"dead-elu", "units are dead", dead, to_elu,
                 "use ELU, whose units can't die", kElu, "high"},
      AdviceRule{"dead-leaky", "units are dead", dead, to_leaky_relu,
                 "use leaky ReLU, whose units can't die", "Xu et al. 2015", "medium"},
      AdviceRule{"dead-lower", "units are dead", dead, tenth_of_rate,
                 "lower the rate to a tenth, so that no step throws units out of reach", kRates, "medium"},

      AdviceRule{"saturated-initializer", "units are saturated", with_naive_start<saturated>, own_initializer,
                 "draw the weights with the activation's own initializer", kGlorotHe, "high"},
      AdviceRule{"saturated-rate", "units are saturated", with_high_rate<saturated>, own_rate,
                 "lower the rate to the optimizer's own", kRates, "high"},
      AdviceRule{"saturated-elu", "units are saturated", saturated, to_elu,
                 "use ELU, which does not saturate for large inputs, with its own initializer", kElu, "high"},
      AdviceRule{"saturated-norm", "units are saturated", saturated, batch_norm,
                 "normalise each layer's inputs", kBatchNorm, "medium"},

      AdviceRule{"vanishing-initializer", "gradients vanish", with_naive_start<vanishing>, own_initializer,
                 "draw the weights with the activation's own initializer", kGlorotHe, "high"},
      AdviceRule{"vanishing-elu", "gradients vanish", vanishing, to_elu,
                 "use ELU, with its own initializer (He)", kElu, "high"},
      AdviceRule{"vanishing-norm", "gradients vanish", vanishing, batch_norm,
                 "normalise each layer's inputs", kBatchNorm, "high"},
      AdviceRule{"vanishing-glorot", "gradients vanish", vanishing, own_initializer,
                 "draw the weights with the activation's own initializer", kGlorotHe, "medium"},

      AdviceRule{"uneven-initializer", "layers learn at very different speeds", with_naive_start<uneven>,
                 own_initializer, "draw the weights with the activation's own initializer", kGlorotHe, "high"},
      AdviceRule{"uneven-norm", "layers learn at very different speeds", uneven, batch_norm,
                 "normalise each layer's inputs", kBatchNorm, "high"},
      AdviceRule{"uneven-adam", "layers learn at very different speeds", uneven, to_adam,
                 "use Adam, which gives each weight a rate of its own", "Kingma, Ba 2015", "medium"},
      AdviceRule{"uneven-rates", "layers learn at very different speeds", uneven, rates_by_layer,
                 "give the slow layers ten times the rate", "You et al. 2020 (LAMB): rates by |weights| / |update|", "low"},

      AdviceRule{"statistics-lower", "batch norm's statistics are out of range", statistics, tenth_of_rate,
                 "lower the rate to a tenth", kRates, "low"},
  };
  return rules;
}
// clang-format on

}  // namespace redbud
