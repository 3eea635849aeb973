// What to change for the sake of a wish, in a network that is well.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "redbud/optim/optimizer.h"
#include "redbud/report/advice/rule.h"

namespace redbud {
namespace {

using Changes = std::vector<Change>;

constexpr double kShrinkage = 0.15;  // of the order of most weights: He's deviation for 100 inputs is 0.14

bool knows_optimizer(std::string_view name) {
  const std::vector<std::string> names = optimizer_names();
  return std::find(names.begin(), names.end(), name) != names.end();
}

std::string sparse(const AdviceCase& c) {
  if (c.want != Want::Sparse) return "";
  return fmt::format("l1 = {:g}, optimizer {}", c.number("train", "l1"), c.word("train", "optimizer"));
}
std::string sparser_still(const AdviceCase& c) { return c.number("train", "l1") > 0.0 ? sparse(c) : ""; }
/// An average of weights is hardly ever exactly 0.
Changes with_weights_alone(Changes changes, const AdviceCase& c) {
  for (Change& change : c.set_number("train.weight_average", 0.0)) changes.push_back(std::move(change));
  return changes;
}

/// Each step takes rate * l1 off a weight, so l1 = kShrinkage / (rate * steps) takes kShrinkage off in the whole run.
Changes l1(const AdviceCase& c) {
  const double now = c.number("train", "l1");
  const double batches = static_cast<double>(c.run.train_rows) / std::max(1.0, c.number("train", "batch_size"));
  const double steps = std::max(1.0, batches * static_cast<double>(c.run.epochs.size()));
  const double first = kShrinkage / (c.learning_rate() * steps);
  return with_weights_alone({{"train.l1", fmt::format("{:.1g}", now > 0.0 ? 3.0 * now : first)}}, c);
}
Changes ftrl(const AdviceCase& c) {
  if (c.word("train", "optimizer") == "ftrl" || !knows_optimizer("ftrl")) return {};
  return with_weights_alone({{"train.optimizer", "ftrl"}, {"train.learning_rate", "auto"}, {"train.l1", "1"}}, c);
}

std::string accurate(const AdviceCase& c) {
  if (c.want != Want::Accurate || !c.run.validation) return "";
  return fmt::format("validation loss {:.4g} in epoch {}", c.run.validation->loss, c.run.best_epoch);
}
Changes average(const AdviceCase& c) {
  return c.number("train", "weight_average") > 0.0 ? Changes{} : c.set_number("train.weight_average", 0.999);
}
Changes cosine(const AdviceCase& c) {
  if (c.word("train", "schedule") != "none") return {};
  return {{"train.schedule", "cosine"}, {"train.patience", "0"}};
}
Changes twice_as_wide(const AdviceCase& c) {
  std::string units;
  for (int64_t n : c.hidden()) units += fmt::format("{}{}", units.empty() ? "" : ",", 2 * n);
  return units.empty() ? Changes{} : Changes{{"model.hidden", units}};
}

}  // namespace

// clang-format off
std::span<const AdviceRule> wish_rules() {
  static const std::array rules = {
      AdviceRule{"sparse-ftrl", "weights shall be zero", sparser_still, ftrl,
                 "l1 is on: use FTRL, which keeps weights at exactly 0", "McMahan et al. 2013", "medium"},
      AdviceRule{"sparse-l1", "weights shall be zero", sparse, l1,
                 "take a little off each weight's magnitude in every step", "Tibshirani 1996; Parikh, Boyd 2014", "high"},
      AdviceRule{"sparse-ftrl-too", "weights shall be zero", sparse, ftrl,
                 "or use FTRL, which keeps weights at exactly 0", "McMahan et al. 2013", "medium"},
      AdviceRule{"accurate-average", "shall be more accurate", accurate, average,
                 "judge an average of the weights beside them", "Polyak, Juditsky 1992; Izmailov et al. 2018", "high"},
      AdviceRule{"accurate-cosine", "shall be more accurate", accurate, cosine,
                 "let the rate fall to 0 over all epochs", "Loshchilov, Hutter 2017", "medium"},
      AdviceRule{"accurate-wider", "shall be more accurate", accurate, twice_as_wide,
                 "make the hidden layers twice as wide", "Goodfellow et al. 2016, section 11.4.1", "low"},
  };
  return rules;
}
// clang-format on

}  // namespace redbud
