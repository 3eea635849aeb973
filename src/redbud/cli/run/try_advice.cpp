#include "redbud/cli/run/try_advice.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "redbud/checkpoint/model_file.h"
#include "redbud/cli/config/run_tree.h"
#include "redbud/cli/run/advice_text.h"
#include "redbud/cli/run/execute.h"
#include "redbud/cli/run/run_folder.h"

namespace redbud::cli {
namespace {

constexpr double kBearable = 1.02;  // times the loss: what zeros may cost

std::optional<double> share_of_zeros(const Path& run) {
  FileInfo info;
  if (!file_system().info(model_file_of(run), info).ok() || info.type == FileType::Missing) return std::nullopt;
  const Model model = load_model(model_file_of(run));
  int64_t zeros = 0;
  int64_t weights = 0;
  for (size_t i = 0; i < model.values.parameters().segments().size(); ++i) {
    if (model.values.parameters().segments()[i].shape.rank() < 2) continue;
    const auto values = model.values.parameter(static_cast<int>(i));
    zeros += std::count(values.begin(), values.end(), 0.0F);
    weights += static_cast<int64_t>(values.size());
  }
  return weights == 0 ? 0.0 : static_cast<double>(zeros) / static_cast<double>(weights);
}

std::string text_of(const std::optional<Scores>& scores) { return scores ? scores_text(*scores) : "none"; }

ConfigValue record_of(const std::optional<Scores>& scores) {
  if (!scores) return {};
  ConfigValue record;
  record.set("loss", scores->loss);
  record.set("quality", scores->quality ? ConfigValue(*scores->quality) : ConfigValue());
  return record;
}

}  // namespace

bool Trial::helped(Want want) const {
  if (!after || !std::isfinite(after->loss)) return false;
  if (want == Want::Sparse && before) {
    return zeros_after.value_or(0.0) > zeros_before.value_or(0.0) && after->loss <= kBearable * before->loss;
  }
  return !before || !std::isfinite(before->loss) || after->loss < before->loss;
}

Trial try_advice(const Advice& advice, const RunEvidence& run, Want want, Console& console) {
  ConfigValue tree = run.tree;
  for (const Change& change : advice.changes) apply_override(tree, {change.key, change.value, "advice"});
  const Path folder = folder_of(advice, run);
  make_folders(folder);
  const FolderLock lock(folder);
  PreparedRun prepared = prepare_run(tree, rejects_file_of(folder));
  clear_run(folder);
  write_text_file(config_file_of(folder), config_text(prepared, folder));
  Trial trial{.before = best_scores(run), .after = {}, .zeros_before = {}, .zeros_after = {}};
  try {
    execute_run(std::move(prepared), folder, console);
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::Diverged) throw;
    trial.diverged = true;
  }
  trial.after = best_scores(evidence_of(read_story(log_file_of(folder)), folder, tree));
  if (want == Want::Sparse) {
    trial.zeros_before = share_of_zeros(run.folder);
    trial.zeros_after = share_of_zeros(folder);
  }
  return trial;
}

std::string trial_text(const Trial& trial, const Advice& advice, const RunEvidence& run, Want want) {
  std::string text = fmt::format("tried in {}: best validation {} before, {} now{}", folder_of(advice, run).string(),
                                 text_of(trial.before), text_of(trial.after), trial.diverged ? " (diverged)" : "");
  if (trial.zeros_before && trial.zeros_after) {
    text += fmt::format("; weights that are 0: {:.1f} % before, {:.1f} % now", 100.0 * *trial.zeros_before,
                        100.0 * *trial.zeros_after);
  }
  return text + (trial.helped(want) ? ": it helped" : ": it did not help");
}

ConfigValue trial_record(const Trial& trial, const Advice& advice, const RunEvidence& run, Want want) {
  ConfigValue record;
  record.set("event", "tried");
  record.set("run", folder_of(advice, run).string());
  record.set("rule", advice.rule);
  record.set("before", record_of(trial.before));
  record.set("after", record_of(trial.after));
  record.set("diverged", trial.diverged);
  record.set("helped", trial.helped(want));
  if (trial.zeros_before) record.set("zeros_before", *trial.zeros_before);
  if (trial.zeros_after) record.set("zeros_after", *trial.zeros_after);
  return record;
}

}  // namespace redbud::cli
