// What to change for the sake of a wish, in a network that is well.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "redbud/optim/optimizer.h"
#include "redbud/report/advice/rule.h"

namespace redbud {
namespace {

using Changes = std::vector<Change>;

bool knows_optimizer(std::string_view name) {
  const std::vector<std::string> names = optimizer_names();
  return std::find(names.begin(), names.end(), name) != names.end();
}

std::string sparse(const AdviceCase& c) {
  if (c.want != Want::Sparse) return "";
  return fmt::format("l1 = {:g}, optimizer {}", c.number("train", "l1"), c.word("train", "optimizer"));
}
std::string sparser_still(const AdviceCase& c) {
  return c.number("train", "l1") > 0.0 && knows_optimizer("ftrl") ? sparse(c) : "";
}
Changes l1(const AdviceCase& c) {
  const double now = c.number("train", "l1");
  return c.set_number("train.l1", now > 0.0 ? 3.0 * now : 1e-4);
}
Changes ftrl(const AdviceCase& c) {
  if (c.word("train", "optimizer") == "ftrl") return {};
  return {{"train.optimizer", "ftrl"}, {"train.learning_rate", "auto"}};
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
                 "use FTRL, which keeps weights at exactly 0", "McMahan et al. 2013", "medium"},
      AdviceRule{"sparse-l1", "weights shall be zero", sparse, l1,
                 "punish the absolute size of the weights", "Tibshirani 1996", "high"},
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
