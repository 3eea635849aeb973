// Networks that learn, but too slowly, too much by heart, or too little.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "redbud/core/text.h"
#include "redbud/report/advice/rule.h"

namespace redbud {
namespace {

using Changes = std::vector<Change>;

constexpr double kGapOfLoss = 1.5;      // validation loss over training loss of the best weights
constexpr double kGapOfQuality = 0.04;  // accuracy or R2 of training above that of validation
constexpr double kRise = 1.3;           // last validation loss over the best
constexpr double kStillFalling = 0.1;   // of the validation loss in the last quarter of the epochs
constexpr double kCreeping = 0.02;      // the same, where the rate is far below the optimizer's own
constexpr double kFarBelow = 3.0;       // the optimizer's own rate over the run's
constexpr int64_t kFewUnits = 8;        // a hidden layer so narrow holds everything up
constexpr int64_t kFewRows = 1000;

/// What is compared needs an end, and figures.
bool is_measured(const AdviceCase& c) {
  const RunEvidence& run = c.run;
  return run.train && run.validation && !run.epochs.empty() && std::isfinite(run.train->loss) &&
         std::isfinite(run.validation->loss);
}

double gap_of_quality(const RunEvidence& run) {
  if (!run.train->quality || !run.validation->quality) return 0.0;
  return *run.train->quality - *run.validation->quality;
}

/// Whether the rate falls to its end with the last epoch, and the loss with it.
bool ends_by_schedule(const AdviceCase& c) {
  const std::string schedule = c.word("train", "schedule");
  return schedule == "cosine" || schedule == "one_cycle" || schedule == "polynomial";
}

/// Validation was still getting better when the epochs ended.
std::string still_falling(const AdviceCase& c, double share) {
  if (!is_measured(c) || c.run.stop_reason != "epochs" || ends_by_schedule(c)) return "";
  const auto& epochs = c.run.epochs;
  if (c.run.best_epoch + 1 < epochs.back().epoch) return "";
  const size_t quarter = epochs.size() - 1 - std::max<size_t>(1, epochs.size() / 4);
  if (epochs.size() < 2) return "";
  const double before = epochs[quarter].validation.loss;
  const double after = epochs.back().validation.loss;
  if (!(before > 0.0) || !(after < (1.0 - share) * before)) return "";
  return fmt::format("validation loss still fell from {:.4g} in epoch {} to {:.4g} in epoch {}, the last", before,
                     epochs[quarter].epoch, after, epochs.back().epoch);
}

std::string unfinished(const AdviceCase& c) { return still_falling(c, kStillFalling); }

/// The best weights do far better on rows that they were trained on, or validation got far worse after them.
std::string overfits(const AdviceCase& c) {
  if (!is_measured(c) || !unfinished(c).empty()) return "";
  const RunEvidence& run = c.run;
  const double gap = gap_of_quality(run);
  const double last = run.epochs.back().validation.loss;
  const double best = best_validation_loss(run);
  const bool is_apart = run.validation->loss > kGapOfLoss * run.train->loss && gap > kGapOfQuality;
  const bool rises = last > kRise * best && run.epochs.back().train_loss < best;
  if (!is_apart && !rises) return "";
  std::string text = fmt::format("best epoch {}: loss {:.4g} in training, {:.4g} in validation", run.best_epoch,
                                 run.train->loss, run.validation->loss);
  if (run.train->quality && run.validation->quality) {
    text += fmt::format(" ({} and {})", run.train->quality_text(), run.validation->quality_text());
  }
  if (rises) text += fmt::format("; validation loss {:.4g} in epoch {}", last, run.epochs.back().epoch);
  return text;
}

std::string overfits_without_patience(const AdviceCase& c) {
  if (c.number("train", "patience") > 0.0 || c.run.epochs.empty()) return "";
  return c.run.epochs.back().epoch >= 2 * c.run.best_epoch ? overfits(c) : "";
}

std::string overfits_few_rows(const AdviceCase& c) {
  const std::string seen = c.run.train_rows < kFewRows ? overfits(c) : "";
  return seen.empty() ? "" : fmt::format("{}; {} training rows", seen, with_thousands(c.run.train_rows));
}

std::string slow(const AdviceCase& c) {
  if (!is_measured(c) || kFarBelow * c.learning_rate() > c.own_learning_rate()) return "";
  const auto& epochs = c.run.epochs;
  const std::string seen = still_falling(c, kCreeping);
  const double first = epochs.front().validation.loss;
  const bool is_flat = c.run.stop_reason == "epochs" && epochs.back().validation.loss > 0.7 * first &&
                       c.run.best_epoch + 1 >= epochs.back().epoch;
  if (seen.empty() && !is_flat) return "";
  return fmt::format("{}; the rate {:g} is {:.3g} of the {:g} of {}",
                     seen.empty() ? fmt::format("validation loss {:.4g} in epoch {}, {:.4g} in the first",
                                                epochs.back().validation.loss, epochs.back().epoch, first)
                                  : seen,
                     c.learning_rate(), c.learning_rate() / c.own_learning_rate(), c.own_learning_rate(),
                     c.word("train", "optimizer"));
}

/// Training rows are learned no better than validation rows: there is room for more.
bool is_level(const AdviceCase& c) {
  return is_measured(c) && c.run.validation->loss < kGapOfLoss * c.run.train->loss &&
         gap_of_quality(c.run) < kGapOfQuality;
}

std::string level_text(const AdviceCase& c) {
  return fmt::format("loss {:.4g} in training, {:.4g} in validation", c.run.train->loss, c.run.validation->loss);
}

struct Penalty {
  const char* name;
  double strong;
};
constexpr std::array kPenalties = {Penalty{"l1", 1e-3}, Penalty{"l2", 1e-2}, Penalty{"weight_decay", 0.1}};

std::string held_by_penalty(const AdviceCase& c) {
  if (!is_level(c)) return "";
  std::string held;
  for (const Penalty& p : kPenalties) {
    const double value = c.number("train", p.name);
    if (value >= p.strong) held += fmt::format("{}{} = {:g}", held.empty() ? "" : ", ", p.name, value);
  }
  return held.empty() ? "" : level_text(c) + "; " + held;
}

Changes without_penalty(const AdviceCase& c) {
  Changes changes;
  for (const Penalty& p : kPenalties) {
    if (c.number("train", p.name) >= p.strong) changes.push_back({std::string("train.") + p.name, "0"});
  }
  return changes;
}

std::string held_by_dropout(const AdviceCase& c) {
  if (!is_level(c)) return "";
  const double rate = c.number("model", "dropout");
  const double of_inputs = c.number("model", "input_dropout");
  const double most = c.hidden().size() > 2 ? 0.5 : 0.6;
  if (rate < most && of_inputs < 0.5) return "";
  return fmt::format("{}; dropout {:g}, of inputs {:g}", level_text(c), rate, of_inputs);
}

Changes less_dropout(const AdviceCase& c) {
  Changes changes = c.set_number("model.dropout", std::min(0.1, c.number("model", "dropout")));
  for (Change& change : c.set_number("model.input_dropout", 0.0)) changes.push_back(std::move(change));
  return changes;
}

std::string held_by_width(const AdviceCase& c) {
  if (!is_level(c)) return "";
  const std::vector<int64_t> hidden = c.hidden();
  if (hidden.empty()) return "";
  const int64_t least = *std::min_element(hidden.begin(), hidden.end());
  if (least > kFewUnits) return "";
  return fmt::format("{}; the narrowest hidden layer has {} units for {} features and {} outputs", level_text(c), least,
                     c.run.features, c.run.outputs);
}

Changes wider(const AdviceCase& c) {
  const std::vector<int64_t> hidden = c.hidden();
  if (hidden.empty()) return {};
  std::string units;
  for (int64_t n : hidden) units += fmt::format("{}{}", units.empty() ? "" : ",", std::max<int64_t>(64, n));
  return {{"model.hidden", units}};
}

Changes longer(const AdviceCase& c) {
  return {{"train.epochs", fmt::format("{}", static_cast<int64_t>(3.0 * c.number("train", "epochs")))}};
}
Changes own_rate(const AdviceCase& c) { return c.set_learning_rate(c.own_learning_rate()); }
Changes batch_norm(const AdviceCase& c) { return c.set_batch_norm(); }
Changes more_dropout(const AdviceCase& c) {
  const double rate = c.number("model", "dropout");
  return rate >= 0.5 ? Changes{} : c.set_number("model.dropout", rate < 0.15 ? 0.3 : 0.5);
}
Changes patience(const AdviceCase& c) { return c.set_number("train.patience", 10.0); }
Changes max_norm(const AdviceCase& c) {
  return c.number("train", "max_norm") > 0.0 ? Changes{} : c.set_number("train.max_norm", 3.0);
}
Changes weight_decay(const AdviceCase& c) {
  return c.number("train", "l2") > 0.0 ? Changes{} : c.set_number("train.l2", 1e-3);
}
Changes by_hand(const AdviceCase&) { return {}; }

constexpr std::string_view kDropout = "Srivastava et al. 2014";
constexpr std::string_view kStopping = "Prechelt 1998";

}  // namespace

// clang-format off
std::span<const AdviceRule> fit_rules() {
  static const std::array rules = {
      AdviceRule{"slow-rate", "learns slowly", slow, own_rate,
                 "raise the rate to the optimizer's own", "Bengio 2012, section 3.1.1", "high"},
      AdviceRule{"slow-norm", "learns slowly", slow, batch_norm,
                 "normalise each layer's inputs; then a higher rate is borne, too", "Ioffe, Szegedy 2015", "medium"},

      AdviceRule{"underfit-penalty", "underfits", held_by_penalty, without_penalty,
                 "take the strong penalty off the weights", "Goodfellow et al. 2016, section 11.4.1", "high"},
      AdviceRule{"underfit-dropout", "underfits", held_by_dropout, less_dropout,
                 "drop fewer units", kDropout, "high"},
      AdviceRule{"underfit-width", "underfits", held_by_width, wider,
                 "make the hidden layers wider", "Goodfellow et al. 2016, section 11.4.1", "high"},
      AdviceRule{"underfit-longer", "underfits", unfinished, longer,
                 "train longer", "Goodfellow et al. 2016, section 11.4.1", "medium"},

      AdviceRule{"overfit-dropout", "overfits", overfits, more_dropout,
                 "drop more units", kDropout, "high"},
      AdviceRule{"overfit-patience", "overfits", overfits_without_patience, patience,
                 "stop early: the epochs after the best cost time and give nothing", kStopping, "medium"},
      AdviceRule{"overfit-max-norm", "overfits", overfits, max_norm,
                 "bound each unit's incoming weights", kDropout, "medium"},
      AdviceRule{"overfit-l2", "overfits", overfits, weight_decay,
                 "pull the weights towards 0", "Krogh, Hertz 1992", "medium"},
      AdviceRule{"overfit-rows", "overfits", overfits_few_rows, by_hand,
                 "get more rows, make some by augmentation, or reuse layers that were trained on more",
                 "Goodfellow et al. 2016, section 7.4; Yosinski et al. 2014", "medium", true},
  };
  return rules;
}
// clang-format on

}  // namespace redbud
