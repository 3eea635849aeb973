#include "redbud/report/advice/evidence.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "redbud/report/record_fields.h"

namespace redbud {
namespace {

std::optional<Scores> scores(const ConfigValue& record, const char* part) {
  const ConfigValue* metrics = record.find(part);
  if (metrics == nullptr || metrics->is_null()) return std::nullopt;
  Scores found{.loss = number_in(*metrics, "loss"), .quality = {}};
  for (const char* key : {"accuracy", "r2"}) {
    const double value = number_in(*metrics, key);
    if (!std::isfinite(value)) continue;
    found.quality = value;
    found.is_share = key == std::string_view("accuracy");
  }
  return found;
}

std::vector<LayerMakeup> layers_of(const ConfigValue& start) {
  std::vector<LayerMakeup> layers;
  for (const ConfigValue& layer : list_in(start, "layers")) {
    layers.push_back({.layer = text_in(layer, "layer"),
                      .activation = text_in(layer, "activation"),
                      .initializer = text_in(layer, "initializer"),
                      .normalised = flag_in(layer, "normalised")});
  }
  return layers;
}

EpochEvidence epoch_of(const ConfigValue& record, const Path& log) {
  EpochEvidence epoch{.epoch = integer_in(record, "epoch"),
                      .train_loss = number_in(record, "train_loss"),
                      .validation = scores(record, "validation").value_or(Scores{}),
                      .learning_rate = number_in(record, "learning_rate"),
                      .health = {}};
  try {
    for (const ConfigValue& layer : list_in(record, "health")) epoch.health.push_back(layer_health_from_config(layer));
  } catch (const Error& error) {
    ErrorText text = error.text();
    text.where = fmt::format("{}, epoch {}", log.string(), epoch.epoch);
    throw Error(ErrorKind::Data, text);
  }
  return epoch;
}

}  // namespace

std::string Scores::quality_text() const {
  if (!quality) return "";
  return is_share ? fmt::format("accuracy {:.2f} %", 100.0 * *quality) : fmt::format("R2 {:.4f}", *quality);
}

RunEvidence evidence_of(const RunStory& story, const Path& folder, ConfigValue tree) {
  RunEvidence run;
  run.folder = folder;
  run.tree = std::move(tree);
  run.train_rows = integer_in(table_in(story.start, "rows"), "train");
  run.features = integer_in(story.start, "features");
  run.outputs = integer_in(story.start, "outputs");
  run.layers = layers_of(story.start);
  run.epochs.reserve(story.epochs.size());
  for (const ConfigValue& record : story.epochs) run.epochs.push_back(epoch_of(record, story.log));
  if (const ConfigValue& record = story.diverged; !record.is_null()) {
    run.divergence =
        fmt::format("{}: {} ({})", text_in(record, "where"), text_in(record, "fact"), text_in(record, "found"));
  }
  if (story.done.is_null()) return run;
  run.stop_reason = text_in(story.done, "stop_reason");
  run.best_epoch = integer_in(story.done, "best_epoch");
  run.train = scores(story.done, "train");
  run.validation = scores(story.done, "validation");
  return run;
}

double best_validation_loss(const RunEvidence& run) {
  double best = std::numeric_limits<double>::infinity();
  for (const EpochEvidence& epoch : run.epochs) {
    if (std::isfinite(epoch.validation.loss)) best = std::min(best, epoch.validation.loss);
  }
  return best;
}

std::vector<LastingIllness> lasting_illnesses(const RunEvidence& run) {
  std::map<IllnessKind, LastingIllness> seen;
  int64_t looked_at = 0;
  for (const EpochEvidence& epoch : run.epochs) {
    if (epoch.health.empty()) continue;
    ++looked_at;
    for (Illness& illness : find_illnesses(epoch.health, run.layers)) {
      LastingIllness& lasting = seen[illness.kind];
      if (lasting.epochs++ == 0) lasting.first_epoch = epoch.epoch;
      lasting.worst = std::move(illness);
    }
  }
  std::vector<LastingIllness> found;
  for (auto& [kind, lasting] : seen) {
    if (2 * lasting.epochs >= looked_at) found.push_back(std::move(lasting));
  }
  return found;
}

}  // namespace redbud
