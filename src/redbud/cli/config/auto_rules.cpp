// What "auto" becomes. Each rule is a small table; the number of a row is a default that experiments on real data
// chose.
#include "redbud/cli/config/auto_rules.h"

#include <fmt/format.h>
#include <algorithm>
#include <array>
#include <cmath>

#include "redbud/cli/config/run_tree.h"
#include "redbud/cli/config/settings.h"
#include "redbud/cli/config/toml.h"
#include "redbud/core/text.h"

namespace redbud::cli {
namespace {

struct BatchRule {
  int64_t below_rows;
  int64_t batch_size;
};
// Small data: more steps an epoch are worth more than steady gradients. Large data: fewer, better fed steps cost less
// time.
constexpr std::array kBatchRules = {
    BatchRule{2'000, 32},
    BatchRule{20'000, 64},
    BatchRule{INT64_MAX, 128},
};

struct WidthRule {
  bool pixels;
  int64_t below_rows;
  int64_t units;
};
// Three hidden layers throughout: where numbers are predicted (california-housing, diamonds) they are 4 % better than
// two, where classes are, no worse (docs/defaults.md). Pixels carry less each than columns of a table, and need wider
// layers.
constexpr size_t kHiddenLayers = 3;
constexpr std::array kWidthRules = {
    WidthRule{true, 5'000, 128}, WidthRule{true, 20'000, 256},  WidthRule{true, INT64_MAX, 512},
    WidthRule{false, 2'000, 64}, WidthRule{false, 20'000, 128}, WidthRule{false, INT64_MAX, 256},
};
constexpr int64_t kPixelLikeFeatures = 256;  // so many columns of a table are treated as pixels

// Narrow layers can't spare units, and deep networks add up what each layer drops.
constexpr double kMaxDropout = 0.5;
constexpr int64_t kManyRows = 5'000;
constexpr int64_t kNarrowUnits = 32;
constexpr int64_t kShallowLayers = 2;

bool is_auto(const ConfigValue& value) { return value.is_text() && value.as_text("auto") == "auto"; }

/// A table that does not say is as good as one that says "auto".
bool is_auto_rate(const ConfigValue& dropout) {
  if (!dropout.is_table()) return is_auto(dropout);
  const ConfigValue* rate = dropout.find("rate");
  return rate == nullptr || is_auto(*rate);
}

ConfigValue with_rate(ConfigValue dropout, double rate) {
  if (!dropout.is_table()) return rate;
  dropout.set("rate", rate);
  return dropout;
}

ConfigValue to_list(const std::vector<int64_t>& numbers) {
  ConfigValue::List list;
  for (int64_t number : numbers) list.emplace_back(number);
  return list;
}

int64_t parameters_of(const DataFacts& facts, const std::vector<int64_t>& hidden) {
  int64_t parameters = 0;
  int64_t inputs = facts.features;
  for (int64_t units : hidden) {
    parameters += (inputs + 1) * units;
    inputs = units;
  }
  return parameters + (inputs + 1) * facts.outputs;
}

std::vector<int64_t> hidden_of(const ConfigValue& value) {
  std::vector<int64_t> hidden;
  for (const ConfigValue& units : value.as_list("hidden")) hidden.push_back(units.as_integer("hidden"));
  return hidden;
}

}  // namespace

int64_t auto_batch_size(const DataFacts& facts, std::string& why) {
  for (const BatchRule& rule : kBatchRules) {
    if (facts.train_rows >= rule.below_rows) continue;
    why = with_thousands(facts.train_rows) + " training rows";
    return rule.batch_size;
  }
  return kBatchRules.back().batch_size;
}

std::vector<int64_t> auto_hidden(const DataFacts& facts, std::string& why) {
  const bool pixels = facts.pixels || facts.features >= kPixelLikeFeatures;
  for (const WidthRule& rule : kWidthRules) {
    if (rule.pixels != pixels || facts.train_rows >= rule.below_rows) continue;
    why = fmt::format("{} training rows of {} {}", with_thousands(facts.train_rows), with_thousands(facts.features),
                      facts.pixels ? "values" : "features");
    return std::vector<int64_t>(kHiddenLayers, rule.units);
  }
  return {};
}

double auto_dropout(const DataFacts& facts, const std::vector<int64_t>& hidden, std::string& why) {
  if (hidden.empty()) {
    why = "no hidden layer";
    return 0.0;
  }
  // Dropout costs numbers 2 to 5 % (docs/defaults.md).
  if (facts.task == Task::Regression && facts.train_rows >= kManyRows) {
    why = "numbers are predicted, from " + with_thousands(facts.train_rows) + " training rows";
    return 0.0;
  }
  const int64_t width = *std::min_element(hidden.begin(), hidden.end());
  const double a_row =
      static_cast<double>(parameters_of(facts, hidden)) / static_cast<double>(std::max<int64_t>(1, facts.train_rows));
  why = fmt::format("{:.1f} parameters a training row, {} hidden layers", a_row, hidden.size());
  if (width < kNarrowUnits) {
    why += ", the narrowest with only " + std::to_string(width) + " units";
    return 0.0;
  }
  const auto layers = static_cast<double>(hidden.size());
  const double most = layers <= kShallowLayers ? kMaxDropout : std::min(kMaxDropout, 1.0 / layers);
  const double wanted = a_row <= 1.0 ? 0.0 : 0.1 * std::log2(a_row);
  return std::round(std::min(wanted, most) * 20.0) / 20.0;  // in steps of 0.05
}

std::string to_text(const Decision& decision) {
  return fmt::format("{} = {}  (auto: {})", decision.key, to_toml_value(decision.value), decision.why);
}

std::vector<Decision> decide_auto(ConfigValue& tree, const DataFacts& facts) {
  std::vector<Decision> decisions;
  const auto decide = [&](const char* section, const char* key, ConfigValue value, std::string why) {
    tree.find(section)->set(key, value);
    decisions.push_back({std::string(section) + "." + key, std::move(value), std::move(why)});
  };
  std::string why;
  if (tree.find("model") != nullptr) {
    if (is_auto(value_at(tree, "model", "hidden"))) {
      ConfigValue hidden = to_list(auto_hidden(facts, why));
      decide("model", "hidden", std::move(hidden), why);
    }
    const ConfigValue& dropout = value_at(tree, "model", "dropout");
    if (is_auto_rate(dropout)) {
      const double rate = auto_dropout(facts, hidden_of(value_at(tree, "model", "hidden")), why);
      decide("model", "dropout", with_rate(dropout, rate), why);
    }
  }
  if (is_auto(value_at(tree, "train", "batch_size"))) {
    const int64_t rows = auto_batch_size(facts, why);
    decide("train", "batch_size", rows, why);
  }
  if (is_auto(value_at(tree, "train", "learning_rate"))) {
    const OptimizerConfig optimizer = resolved(optimizer_config(tree));
    decide("train", "learning_rate", optimizer.learning_rate, "the default of " + optimizer.name);
  }
  if (is_auto(value_at(tree, "train", "precision"))) decide("train", "precision", "fp32", "the only one as yet");
  return decisions;
}

}  // namespace redbud::cli
