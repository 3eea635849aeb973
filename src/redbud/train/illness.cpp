#include "redbud/train/illness.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <optional>

namespace redbud {
namespace {

constexpr double kManyUnits = 0.5;     // of a layer: a share of dead units that no healthy network shows
constexpr double kManyOutputs = 0.5;   // of a layer: saturated
constexpr double kManyFeatures = 0.1;  // of a batch norm

using Health = std::span<const LayerHealth>;
using Makeup = std::span<const LayerMakeup>;

/// The layers for which a figure is there and fulfils a condition.
std::vector<size_t> layers_where(Health health, const std::function<bool(size_t)>& is_ill) {
  std::vector<size_t> found;
  for (size_t i = 0; i < health.size(); ++i) {
    if (is_ill(i)) found.push_back(i);
  }
  return found;
}

/// "hidden1..hidden4", "hidden1, hidden3..hidden5"
std::string names_of(const std::vector<size_t>& layers, Health health) {
  std::string text;
  for (size_t i = 0; i < layers.size();) {
    size_t end = i + 1;
    while (end < layers.size() && layers[end] == layers[end - 1] + 1) ++end;
    text += (text.empty() ? "" : ", ") + health[layers[i]].layer;
    if (end - i == 2) text += ", " + health[layers[i + 1]].layer;
    if (end - i > 2) text += ".." + health[layers[end - 1]].layer;
    i = end;
  }
  return text;
}

/// "logistic, glorot_normal"; "relu" where the layers were drawn differently.
std::string makeup_of(const std::vector<size_t>& layers, Makeup makeup) {
  const LayerMakeup& first = makeup[layers.front()];
  const auto all = [&](auto member) {
    return std::all_of(layers.begin(), layers.end(), [&](size_t i) { return makeup[i].*member == first.*member; });
  };
  std::string text = all(&LayerMakeup::activation) ? first.activation : "";
  if (all(&LayerMakeup::initializer)) text += (text.empty() ? "" : ", ") + first.initializer;
  return text;
}

class Finder {
 public:
  Finder(Health health, Makeup makeup) : health_(health), makeup_(makeup) {}

  std::vector<Illness> run() {
    find_exploding();
    find_share(IllnessKind::Dead, &LayerHealth::dead, kManyUnits, "of the units are dead: active for no row");
    find_share(IllnessKind::Saturated, &LayerHealth::saturated, kManyOutputs, "of the outputs are saturated");
    // Where units are dead or saturated, small gradients and uneven speeds are what comes of it.
    if (found_.empty()) find_vanishing();
    if (found_.empty()) find_uneven_speeds();
    find_share(IllnessKind::BadStatistics, &LayerHealth::norm_out_of_range, kManyFeatures,
               "of the batch norm statistics are out of range");
    return std::move(found_);
  }

 private:
  void add(IllnessKind kind, const std::vector<size_t>& layers, double figure, const std::string& what) {
    Illness illness{.kind = kind, .layers = {}, .figure = figure, .words = {}};
    for (size_t i : layers) illness.layers.push_back(health_[i].layer);
    illness.words = fmt::format("{}: {} ({})", names_of(layers, health_), what, makeup_of(layers, makeup_));
    found_.push_back(std::move(illness));
  }

  std::optional<double> gradient_ratio(size_t i) const {
    const std::optional<double>& top = health_.back().gradient_norm;
    if (i + 1 == health_.size() || !health_[i].gradient_norm || !top || !(*top > 0.0)) return std::nullopt;
    return *health_[i].gradient_norm / *top;
  }

  void find_exploding() {
    const auto loud = layers_where(health_, [&](size_t i) {
      return i + 1 < health_.size() && health_[i].activation_norm && *health_[i].activation_norm > kLoud;
    });
    if (!loud.empty()) {
      double most = 0.0;
      for (size_t i : loud) most = std::max(most, *health_[i].activation_norm);
      return add(IllnessKind::Exploding, loud, most,
                 fmt::format("activations explode: {:.2g}, where inputs are about 1", most));
    }
    const auto steep =
        layers_where(health_, [&](size_t i) { return gradient_ratio(i).value_or(0.0) > 1.0 / kVanished; });
    if (steep.empty()) return;
    double most = 0.0;
    for (size_t i : steep) most = std::max(most, *gradient_ratio(i));
    add(IllnessKind::Exploding, steep, most, fmt::format("gradients explode: {:.2g} times the top layer's", most));
  }

  void find_share(IllnessKind kind, std::optional<double> LayerHealth::*member, double many, const char* what) {
    const auto layers = layers_where(health_, [&](size_t i) { return (health_[i].*member).value_or(0.0) >= many; });
    if (layers.empty()) return;
    double most = 0.0;
    for (size_t i : layers) most = std::max(most, *(health_[i].*member));
    add(kind, layers, most, fmt::format("{:.0f} % {}", 100.0 * most, what));
  }

  void find_vanishing() {
    const auto layers = layers_where(health_, [&](size_t i) { return gradient_ratio(i).value_or(1.0) < kVanished; });
    if (layers.empty()) return;
    double least = 1.0;
    for (size_t i : layers) least = std::min(least, *gradient_ratio(i));
    add(IllnessKind::Vanishing, layers, least, fmt::format("gradients vanish: {:.0e} of the top layer's", least));
  }

  void find_uneven_speeds() {
    const auto learning = layers_where(health_, [&](size_t i) { return health_[i].update_ratio.value_or(0.0) > 0.0; });
    if (learning.size() < 2) return;
    const auto by_speed = [&](size_t a, size_t b) { return *health_[a].update_ratio < *health_[b].update_ratio; };
    const auto [slow, fast] = std::minmax_element(learning.begin(), learning.end(), by_speed);
    const double apart = *health_[*fast].update_ratio / *health_[*slow].update_ratio;
    if (apart < kApart) return;
    add(IllnessKind::UnevenSpeeds, {std::min(*slow, *fast), std::max(*slow, *fast)}, apart,
        fmt::format("layers learn at very different speeds: update / weight is {:.1e} in {} and {:.1e} in {}",
                    *health_[*slow].update_ratio, health_[*slow].layer, *health_[*fast].update_ratio,
                    health_[*fast].layer));
  }

  Health health_;
  Makeup makeup_;
  std::vector<Illness> found_;
};

}  // namespace

std::string_view to_string(IllnessKind kind) {
  switch (kind) {
    case IllnessKind::Exploding:
      return "exploding";
    case IllnessKind::Dead:
      return "dead";
    case IllnessKind::Saturated:
      return "saturated";
    case IllnessKind::Vanishing:
      return "vanishing";
    case IllnessKind::UnevenSpeeds:
      return "uneven_speeds";
    case IllnessKind::BadStatistics:
      break;
  }
  return "bad_statistics";
}

std::vector<Illness> find_illnesses(Health health, Makeup makeup) {
  if (health.empty() || health.size() != makeup.size()) return {};
  return Finder(health, makeup).run();
}

std::vector<std::string> IllnessWords::of_epoch(Health health, Makeup makeup) {
  std::vector<std::string> words;
  for (const Illness& illness : find_illnesses(health, makeup)) {
    if (told_.insert(illness.kind).second) words.push_back(illness.words);
  }
  return words;
}

}  // namespace redbud
