#include "redbud/cli/run/advice_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace redbud::cli {
namespace {

/// As a shell reads it back.
std::string shell_word(const std::string& text) {
  constexpr std::string_view kPlain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./=,:+@%";
  if (!text.empty() && text.find_first_not_of(kPlain) == std::string::npos) return text;
  std::string quoted = "'";
  for (const char c : text) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

std::string data_of(const RunEvidence& run) {
  const ConfigValue* data = run.tree.find("data");
  const ConfigValue* path = data == nullptr ? nullptr : data->find("path");
  return path != nullptr && path->is_text() ? path->as_text("path") : "";
}

}  // namespace

Path folder_of(const Advice& advice, const RunEvidence& run) {
  Path folder = run.folder.lexically_normal();
  if (!folder.has_filename()) folder = folder.parent_path();
  return folder.parent_path() / (folder.filename().string() + "-" + advice.rule);
}

std::string command_of(const Advice& advice, const RunEvidence& run) {
  if (advice.changes.empty()) return "";
  std::string command = fmt::format("redbud train {} --config {}", shell_word(data_of(run)),
                                    shell_word((run.folder / "config.toml").string()));
  for (const Change& change : advice.changes) {
    command += " --set " + shell_word(fmt::format("{}={}", change.key, change.value));
  }
  return command + " --out " + shell_word(folder_of(advice, run).string());
}

std::string advice_text(size_t number, const Advice& advice, const RunEvidence& run) {
  std::string text = fmt::format("{}. {}: {}\n", number, advice.illness, advice.says);
  text += fmt::format("   evidence    {}\n", advice.evidence);
  text += fmt::format("   confidence  {} ({})\n", advice.confidence, advice.source);
  const std::string command = command_of(advice, run);
  if (!command.empty()) text += fmt::format("   command     {}\n", command);
  return text;
}

ConfigValue advice_record(const Advice& advice, const RunEvidence& run) {
  ConfigValue changes{ConfigValue::Table{}};
  for (const Change& change : advice.changes) changes.set(change.key, change.value);
  const std::string command = command_of(advice, run);
  ConfigValue record;
  record.set("event", "advice");
  record.set("run", run.folder.string());
  record.set("rule", advice.rule);
  record.set("illness", advice.illness);
  record.set("says", advice.says);
  record.set("evidence", advice.evidence);
  record.set("confidence", advice.confidence);
  record.set("source", advice.source);
  record.set("changes", std::move(changes));
  record.set("command", command.empty() ? ConfigValue() : ConfigValue(command));
  return record;
}

std::optional<Scores> best_scores(const RunEvidence& run) {
  if (run.validation) return run.validation;
  std::optional<Scores> best;
  for (const EpochEvidence& epoch : run.epochs) {
    if (!std::isfinite(epoch.validation.loss)) continue;
    if (!best || epoch.validation.loss < best->loss) best = epoch.validation;
  }
  return best;
}

std::string scores_text(const Scores& scores) {
  std::string text = fmt::format("loss {:.4g}", scores.loss);
  if (scores.quality) text += fmt::format(" ({})", scores.quality_text());
  return text;
}

std::string run_line(const RunEvidence& run) {
  std::string line =
      fmt::format("{}: {} {}", run.folder.string(), run.epochs.size(), run.epochs.size() == 1 ? "epoch" : "epochs");
  if (const auto best = best_scores(run)) line += ", best validation " + scores_text(*best);
  if (!run.divergence.empty()) {
    line += ", diverged";
  } else if (run.stop_reason.empty()) {
    line += ", has not ended";
  }
  return line;
}

}  // namespace redbud::cli
