#include "redbud/cli/config/regularisation.h"

#include <algorithm>
#include <array>
#include <optional>

#include "redbud/cli/config/run_tree.h"
#include "redbud/cli/config/toml.h"
#include "redbud/core/error.h"
#include "redbud/core/text.h"

namespace redbud::cli {
namespace {

/// A layer as far as these rules look at it, of either form of the network.
struct Step {
  std::string kind;
  std::string activation;  // of a dense or activation layer; "" = unknown or none
  std::string where;       // in the file or on the command line
  const Step* reads = nullptr;
};

std::string name_of(const ConfigValue* function) {
  if (function == nullptr) return "identity";
  const ConfigValue* name = function->is_table() ? function->find("name") : function;
  return name != nullptr && name->is_text() ? name->as_text("name") : "";
}

std::string place_of(const ConfigValue& norm) {
  const ConfigValue* place = norm.is_table() ? norm.find("place") : &norm;
  return place == nullptr ? "before" : place->as_text("place");
}

std::string text_or(const ConfigValue& layer, std::string_view key, const std::string& fallback) {
  const ConfigValue* value = layer.find(key);
  return value != nullptr && value->is_text() ? value->as_text(key) : fallback;
}

/// The layers of [[layer]], each with the first that it reads.
std::vector<Step> long_form(const ConfigValue& layers) {
  const ConfigValue::List& list = layers.as_list("layer");
  std::vector<Step> steps(list.size());
  std::vector<std::string> names;
  for (size_t i = 0; i < list.size(); ++i) {
    const ConfigValue& layer = list[i];
    Step& step = steps[i];
    step.kind = text_or(layer, "kind", "");
    step.where = layer.where;
    if (step.kind == "dense") step.activation = name_of(layer.find("activation"));
    if (step.kind == "activation") step.activation = name_of(layer.find("function"));
    std::string input = names.empty() ? "" : names.back();
    const ConfigValue* inputs = layer.find("inputs");
    if (inputs != nullptr && inputs->is_list() && !inputs->as_list("inputs").empty() &&
        inputs->as_list("inputs")[0].is_text())
      input = inputs->as_list("inputs")[0].as_text("inputs");
    const auto at = std::find(names.begin(), names.end(), input);
    if (at != names.end()) step.reads = &steps[static_cast<size_t>(at - names.begin())];
    names.push_back(text_or(layer, "name", step.kind + std::to_string(i + 1)));
  }
  return steps;
}

bool is_dropout(const std::string& kind) {
  return kind == "dropout" || kind == "alpha_dropout" || kind == "gaussian_dropout";
}

struct Facts {
  bool batch_norm = false;
  bool layer_norm = false;
  bool dropout = false;
  const Step* norm_on_dropout = nullptr;
  std::vector<std::pair<std::string, std::string>> alpha_on;  // activation, where
};

Facts facts_of_layers(const std::vector<Step>& steps) {
  Facts facts;
  for (const Step& step : steps) {
    facts.batch_norm = facts.batch_norm || step.kind == "batch_norm";
    facts.layer_norm = facts.layer_norm || step.kind == "layer_norm";
    facts.dropout = facts.dropout || is_dropout(step.kind);
    if (step.reads == nullptr) continue;
    if (step.kind == "batch_norm" && is_dropout(step.reads->kind)) facts.norm_on_dropout = &step;
    if (step.kind == "alpha_dropout" && !step.reads->activation.empty())
      facts.alpha_on.emplace_back(step.reads->activation, step.where);
  }
  return facts;
}

/// Whether the network drops anything where `dropout` is a number or a table; "auto" may come to either.
bool may_drop(const ConfigValue& dropout) {
  const ConfigValue* rate = dropout.is_table() ? dropout.find("rate") : &dropout;
  return rate == nullptr || rate->is_text() || rate->as_number("dropout") > 0.0;
}

Facts facts_of_model(const ConfigValue& tree) {
  Facts facts;
  const ConfigValue& batch_norm = value_at(tree, "model", "batch_norm");
  const ConfigValue* output = batch_norm.is_table() ? batch_norm.find("output") : nullptr;
  facts.batch_norm = place_of(batch_norm) != "none" || (output != nullptr && output->as_bool("output"));
  facts.layer_norm = place_of(value_at(tree, "model", "layer_norm")) != "none";
  const ConfigValue& dropout = value_at(tree, "model", "dropout");
  facts.dropout = (!dropout.is_text() && may_drop(dropout)) || may_drop(value_at(tree, "model", "input_dropout"));
  const ConfigValue* kind = dropout.is_table() ? dropout.find("kind") : nullptr;
  if (kind != nullptr && *kind == ConfigValue("alpha") && may_drop(dropout))
    facts.alpha_on.emplace_back(name_of(&value_at(tree, "model", "activation")), kind->where);
  return facts;
}

void refuse_both_norms(const ConfigValue& tree) {
  const ConfigValue& layer_norm = value_at(tree, "model", "layer_norm");
  const ConfigValue& batch_norm = value_at(tree, "model", "batch_norm");
  if (place_of(layer_norm) == "none" || place_of(batch_norm) == "none") return;
  throw Error(ErrorKind::Usage, {.where = layer_norm.where,
                                 .fact = "key model.layer_norm does not go with model.batch_norm",
                                 .found = place_of(layer_norm) + " and " + place_of(batch_norm),
                                 .expected = "one of them",
                                 .hint = "leave one out, or set it to none"});
}

/// A batch of one row has no variance; that must not come up after the data was read, or after hours.
void refuse_batches_of_one(const ConfigValue& tree, const Facts& facts) {
  const ConfigValue& size = value_at(tree, "train", "batch_size");
  if (!facts.batch_norm || !(size == ConfigValue(int64_t{1}))) return;
  throw Error(ErrorKind::Usage, {.where = size.where,
                                 .fact = "key train.batch_size does not go with batch normalisation",
                                 .found = "1",
                                 .expected = "at least 2",
                                 .hint = "or --batch-norm none"});
}

void check_alpha_dropout(const Facts& facts, std::vector<std::string>& warnings) {
  constexpr std::array kNeverNegative = {"relu", "relu6", "logistic", "hard_sigmoid", "softplus"};
  for (const auto& [activation, where] : facts.alpha_on) {
    if (activation == "selu") continue;
    const bool never = std::find(kNeverNegative.begin(), kNeverNegative.end(), activation) != kNeverNegative.end();
    if (never) {
      throw Error(ErrorKind::Usage, {.where = where,
                                     .fact = "alpha dropout does not go with the activation",
                                     .found = activation,
                                     .expected = "selu, whose value far below 0 it puts in the place of what it drops",
                                     .hint = "use the standard dropout with " + activation});
    }
    warnings.push_back(where + ": alpha dropout keeps the mean and variance of selu, not of " + activation);
    return;  // once
  }
}

}  // namespace

void check_regularisation(const ConfigValue& tree, std::vector<std::string>& warnings) {
  const ConfigValue* layers = tree.find("layer");
  const std::vector<Step> steps = layers != nullptr ? long_form(*layers) : std::vector<Step>();
  const Facts facts = layers != nullptr ? facts_of_layers(steps) : facts_of_model(tree);
  if (layers == nullptr) refuse_both_norms(tree);
  refuse_batches_of_one(tree, facts);
  check_alpha_dropout(facts, warnings);
  if (!facts.alpha_on.empty() && (facts.batch_norm || facts.layer_norm)) {
    warnings.push_back(facts.alpha_on[0].second +
                       ": alpha dropout with a normalisation: selu and alpha dropout keep mean and variance by "
                       "themselves; set batch_norm to none");
  }
  if (facts.norm_on_dropout != nullptr) {
    warnings.push_back(facts.norm_on_dropout->where +
                       ": batch_norm reads what a dropout gives, whose variance is another one at prediction; put the "
                       "dropout behind the normalisation");
  }
  const ConfigValue& exact = value_at(tree, "train", "exact_statistics");
  if (exact == ConfigValue(false) && facts.batch_norm && facts.dropout) {
    warnings.push_back((exact.where.empty() ? "train.exact_statistics" : exact.where) +
                       ": exact_statistics = false with dropout: the running averages hold the variance of dropped "
                       "values, which prediction never sees");
  }
}

}  // namespace redbud::cli
