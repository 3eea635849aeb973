#include "redbud/report/advice/evidence.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "redbud/checkpoint/json.h"
#include "redbud/core/bytes.h"
#include "redbud/core/text.h"

namespace redbud {
namespace {

constexpr int64_t kMaxLogBytes = int64_t{1} << 30;

[[noreturn]] void refuse(const std::string& where, std::string fact, std::string expected) {
  throw Error(ErrorKind::Data, {.where = where, .fact = std::move(fact), .expected = std::move(expected)});
}

double number(const ConfigValue& table, const char* key) {
  const ConfigValue* value = table.find(key);
  // JSON has no NaN and no infinity: they stand there as null.
  return value == nullptr || value->is_null() ? std::numeric_limits<double>::quiet_NaN() : value->as_number(key);
}

int64_t integer(const ConfigValue& table, const char* key) {
  const ConfigValue* value = table.find(key);
  return value == nullptr ? 0 : value->as_integer(key);
}

std::string text(const ConfigValue& table, const char* key) {
  const ConfigValue* value = table.find(key);
  return value == nullptr || value->is_null() ? "" : value->as_text(key);
}

std::optional<Scores> scores(const ConfigValue& record, const char* part) {
  const ConfigValue* metrics = record.find(part);
  if (metrics == nullptr || metrics->is_null()) return std::nullopt;
  Scores found{.loss = number(*metrics, "loss"), .quality = {}};
  for (const char* key : {"accuracy", "r2"}) {
    const double value = number(*metrics, key);
    if (!std::isfinite(value)) continue;
    found.quality = value;
    found.is_share = key == std::string_view("accuracy");
  }
  return found;
}

void read_start(const ConfigValue& record, RunEvidence& run) {
  if (const ConfigValue* rows = record.find("rows")) run.train_rows = integer(*rows, "train");
  run.features = integer(record, "features");
  run.outputs = integer(record, "outputs");
  const ConfigValue* layers = record.find("layers");
  if (layers == nullptr) return;
  for (const ConfigValue& layer : layers->as_list("layers")) {
    run.layers.push_back(
        {.layer = text(layer, "layer"),
         .activation = text(layer, "activation"),
         .initializer = text(layer, "initializer"),
         .normalised = layer.find("normalised") != nullptr && layer.find("normalised")->as_bool("normalised")});
  }
}

void read_epoch(const ConfigValue& record, RunEvidence& run) {
  EpochEvidence epoch{.epoch = integer(record, "epoch"),
                      .train_loss = number(record, "train_loss"),
                      .validation = scores(record, "validation").value_or(Scores{}),
                      .learning_rate = number(record, "learning_rate"),
                      .health = {}};
  if (const ConfigValue* health = record.find("health")) {
    for (const ConfigValue& layer : health->as_list("health")) epoch.health.push_back(layer_health_from_config(layer));
  }
  run.epochs.push_back(std::move(epoch));
}

void read_record(const ConfigValue& record, RunEvidence& run) {
  const std::string event = text(record, "event");
  if (event == "start") {
    read_start(record, run);
  } else if (event == "epoch") {
    read_epoch(record, run);
  } else if (event == "diverged") {
    run.divergence = fmt::format("{}: {} ({})", text(record, "where"), text(record, "fact"), text(record, "found"));
  } else if (event == "done") {
    run.stop_reason = text(record, "stop_reason");
    run.best_epoch = integer(record, "best_epoch");
    run.train = scores(record, "train");
    run.validation = scores(record, "validation");
  }
}

}  // namespace

std::string Scores::quality_text() const {
  if (!quality) return "";
  return is_share ? fmt::format("accuracy {:.2f} %", 100.0 * *quality) : fmt::format("R2 {:.4f}", *quality);
}

RunEvidence read_evidence(const Path& log, const Path& folder, ConfigValue tree) {
  const std::vector<std::byte> bytes = read_file(log, {.kind = ErrorKind::Data, .limit_bytes = kMaxLogBytes});
  std::vector<std::string> lines = split(as_text(bytes), '\n');
  lines.pop_back();  // empty, or torn
  RunEvidence run;
  run.folder = folder;
  run.tree = std::move(tree);
  for (size_t i = 0; i < lines.size(); ++i) {
    const std::string where = fmt::format("{}:{}", log.string(), i + 1);
    try {
      const ConfigValue record = parse_json(lines[i], {.where = where, .kind = ErrorKind::Data});
      if (!record.is_table()) refuse(where, "is no record", "an object with an event, as `redbud train` writes it");
      if (i == 0 && text(record, "event") != "start") refuse(where, "is not the log of a run", "a start record first");
      read_record(record, run);
    } catch (const Error& error) {
      if (error.kind() == ErrorKind::Data) throw;
      ErrorText inner = error.text();
      inner.where = where;
      throw Error(ErrorKind::Data, inner);
    }
  }
  if (lines.empty()) refuse(log.string(), "is not the log of a run", "a start record first");
  return run;
}

double best_validation_loss(const RunEvidence& run) {
  double best = std::numeric_limits<double>::infinity();
  for (const EpochEvidence& epoch : run.epochs) {
    if (std::isfinite(epoch.validation.loss)) best = std::min(best, epoch.validation.loss);
  }
  return best;
}

std::optional<LastingIllness> lasting_illness(const RunEvidence& run, IllnessKind kind) {
  LastingIllness found;
  int64_t looked_at = 0;
  for (const EpochEvidence& epoch : run.epochs) {
    if (epoch.health.empty()) continue;
    ++looked_at;
    for (const Illness& illness : find_illnesses(epoch.health, run.layers)) {
      if (illness.kind != kind) continue;
      if (found.epochs++ == 0) found.first_epoch = epoch.epoch;
      found.worst = illness;
    }
  }
  if (found.epochs == 0 || 2 * found.epochs < looked_at) return std::nullopt;
  return found;
}

}  // namespace redbud
