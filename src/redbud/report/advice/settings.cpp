// What a run was made with, and how it is changed.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "redbud/optim/optimizer.h"
#include "redbud/report/advice/rule.h"

namespace redbud {
namespace {

const ConfigValue* value_of(const ConfigValue& tree, std::string_view section, std::string_view name) {
  const ConfigValue* table = tree.find(section);
  return table == nullptr || !table->is_table() ? nullptr : table->find(name);
}

std::string name_of(const ConfigValue* value, std::string_view key) {
  if (value == nullptr) return "";
  if (value->is_table()) value = value->find(key);
  return value != nullptr && value->is_text() ? value->as_text(key) : "";
}

/// The layers below the top one.
std::span<const LayerMakeup> hidden_layers(const RunEvidence& run) {
  return std::span(run.layers).first(run.layers.empty() ? 0 : run.layers.size() - 1);
}

/// In the long form: a key of each dense layer, or activation layer, that has one and a name to be called by.
template <class F>
void for_layers(const ConfigValue& tree, F&& f) {
  const ConfigValue* layers = tree.find("layer");
  if (layers == nullptr || !layers->is_list()) return;
  const ConfigValue::List& list = layers->as_list("layer");
  for (size_t i = 0; i + 1 < list.size(); ++i) {
    const std::string name = name_of(list[i].find("name"), "name");
    if (!name.empty()) f("layer." + name + ".", list[i]);
  }
}

}  // namespace

double AdviceCase::number(std::string_view section, std::string_view name) const {
  const ConfigValue* value = value_of(run.tree, section, name);
  if (value != nullptr && value->is_table()) value = value->find("rate");  // dropout = { rate = 0.1, kind = "alpha" }
  return value != nullptr && value->is_number() ? value->as_number(name) : 0.0;
}

std::string AdviceCase::word(std::string_view section, std::string_view name) const {
  return name_of(value_of(run.tree, section, name), "name");
}

bool AdviceCase::is_long_form() const { return run.tree.find("layer") != nullptr; }

double AdviceCase::learning_rate() const {
  const double rate = number("train", "learning_rate");
  return rate > 0.0 ? rate : own_learning_rate();
}

double AdviceCase::own_learning_rate() const {
  const ConfigValue* optimizer = value_of(run.tree, "train", "optimizer");
  OptimizerConfig config = optimizer == nullptr ? adam() : optimizer_from_config(*optimizer);
  config.learning_rate = 0.0;
  return resolved(config).learning_rate;
}

std::vector<int64_t> AdviceCase::hidden() const {
  std::vector<int64_t> units;
  const ConfigValue* value = value_of(run.tree, "model", "hidden");
  if (value == nullptr || !value->is_list()) return units;
  for (const ConfigValue& entry : value->as_list("hidden")) units.push_back(entry.as_integer("hidden"));
  return units;
}

std::string AdviceCase::activation() const {
  const auto hidden_ones = hidden_layers(run);
  if (hidden_ones.empty()) return "";
  const std::string& first = hidden_ones.front().activation;
  const auto is_first = [&](const LayerMakeup& layer) { return layer.activation == first; };
  return std::all_of(hidden_ones.begin(), hidden_ones.end(), is_first) ? first : "";
}

bool AdviceCase::has_batch_norm() const {
  return std::any_of(run.layers.begin(), run.layers.end(), [](const LayerMakeup& layer) { return layer.normalised; });
}

bool AdviceCase::has_naive_initializer() const {
  constexpr std::array kForDepth = {"glorot", "he_", "lecun", "orthogonal", "identity", "dirac"};
  const auto hidden_ones = hidden_layers(run);
  return std::any_of(hidden_ones.begin(), hidden_ones.end(), [&](const LayerMakeup& layer) {
    return std::none_of(kForDepth.begin(), kForDepth.end(),
                        [&](const char* start) { return layer.initializer.starts_with(start); });
  });
}

bool AdviceCase::has_bounded_activation() const {
  constexpr std::array kBounded = {"logistic", "tanh", "softsign", "hard_sigmoid"};
  const auto hidden_ones = hidden_layers(run);
  return std::any_of(hidden_ones.begin(), hidden_ones.end(), [&](const LayerMakeup& layer) {
    return std::find(kBounded.begin(), kBounded.end(), layer.activation) != kBounded.end();
  });
}

std::vector<Change> AdviceCase::set_activation(const char* name) const {
  if (activation() == name) return {};
  std::vector<Change> changes;
  if (!is_long_form()) {
    changes.push_back({"model.activation", name});
    if (word("model", "initializer") != "auto") changes.push_back({"model.initializer", "auto"});
    return changes;
  }
  for_layers(run.tree, [&](const std::string& key, const ConfigValue& layer) {
    if (layer.find("activation") != nullptr) changes.push_back({key + "activation", name});
    if (layer.find("function") != nullptr) changes.push_back({key + "function", name});
    if (layer.find("initializer") != nullptr) changes.push_back({key + "initializer", "auto"});
  });
  return changes;
}

std::vector<Change> AdviceCase::set_own_initializer() const {
  std::vector<Change> changes;
  if (!is_long_form()) {
    if (word("model", "initializer") != "auto") changes.push_back({"model.initializer", "auto"});
    return changes;
  }
  for_layers(run.tree, [&](const std::string& key, const ConfigValue& layer) {
    const std::string own = name_of(layer.find("initializer"), "name");
    if (!own.empty() && own != "auto") changes.push_back({key + "initializer", "auto"});
  });
  return changes;
}

std::vector<Change> AdviceCase::set_batch_norm() const {
  if (is_long_form() || has_batch_norm()) return {};
  return {{"model.batch_norm", "before"}};
}

std::vector<Change> AdviceCase::set_learning_rate(double rate) const {
  if (rate == learning_rate()) return {};
  return {{"train.learning_rate", fmt::format("{:g}", rate)}};
}

std::vector<Change> AdviceCase::set_number(const char* key, double value) const {
  const std::string path = key;
  const size_t dot = path.find('.');
  if (path.starts_with("model.") && is_long_form()) return {};
  const std::string section = path.substr(0, dot);
  const std::string name = path.substr(dot + 1);
  if (number(section, name) == value) return {};
  const ConfigValue* now = value_of(run.tree, section, name);
  const bool is_table = now != nullptr && now->is_table();
  return {{is_table ? path + ".rate" : path, fmt::format("{:g}", value)}};
}

}  // namespace redbud
