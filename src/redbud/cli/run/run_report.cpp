#include "redbud/cli/run/run_report.h"

#include <fmt/format.h>

#include <new>
#include <span>

#include "redbud/checkpoint/model_file.h"
#include "redbud/cli/config/run_tree.h"
#include "redbud/cli/config/toml.h"
#include "redbud/cli/run/advice_text.h"
#include "redbud/cli/run/run_evidence.h"
#include "redbud/cli/run/run_folder.h"
#include "redbud/core/bytes.h"
#include "redbud/core/memory_limit.h"
#include "redbud/report/advice/advice.h"
#include "redbud/report/outcome.h"
#include "redbud/report/page/run_page.h"

namespace redbud::cli {
namespace {

constexpr size_t kCells = 48;  // of a histogram of weights

bool is_file(const Path& path) {
  FileInfo info;
  return file_system().info(path, info).ok() && info.type == FileType::Regular;
}

std::vector<WeightHistogram> weights_of(const Path& folder, const Model* model) {
  if (model != nullptr) return weight_histograms(*model, kCells);
  if (!is_file(model_file_of(folder))) return {};  // a run that goes on, or whose first epoch failed
  try {
    return weight_histograms(load_model(model_file_of(folder)), kCells);
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::Model && error.kind() != ErrorKind::Verification) throw;
    throw Error(ErrorKind::Data, error.text());
  }
}

/// What `redbud advise` says of the run alone.
std::vector<ConfigValue> advice_of(const RunEvidence& run) {
  std::vector<ConfigValue> records;
  for (const Advice& advice : advise(std::span(&run, 1))) records.push_back(advice_record(advice, run));
  return records;
}

void note_outcome(const char* part, const RunRows& rows, const Model& model, ThreadPool& pool, RunLog& log) {
  ConfigValue record = outcome_record(
      model, {.part = part, .source = *rows.source, .places = rows.places, .are_lines = rows.are_lines}, pool);
  if (!record.is_null()) record.set("from", rows.from);
  log.note(record);
}

}  // namespace

std::vector<Setting> settings_of(const ConfigValue& tree) {
  std::vector<Setting> settings;
  for (const ConfigEntry& section : tree.as_table("run")) {
    if (section.key == "run") continue;
    const ConfigValue::List one = {section.value};
    const bool is_list = section.value.is_list();
    size_t number = 0;
    for (const ConfigValue& table : is_list ? section.value.as_list(section.key) : one) {
      const std::string name = is_list ? fmt::format("{} {}", section.key, ++number) : section.key;
      if (!table.is_table()) continue;
      for (const ConfigEntry& entry : table.as_table(name)) {
        if (!entry.value.is_null()) settings.push_back({name + "." + entry.key, to_toml_value(entry.value)});
      }
    }
  }
  return settings;
}

RunStory story_of(const Path& folder, const Model* model) {
  const ConfigValue tree = read_config_of(folder);
  RunStory story = read_story(log_file_of(folder));
  story.name = folder.lexically_normal().string();
  if (story.name.size() > 1 && story.name.ends_with('/')) story.name.pop_back();
  const std::vector<std::byte> config = read_file(config_file_of(folder));
  story.config_text = as_text(config);
  story.settings = settings_of(tree);
  story.advice = advice_of(evidence_of(story, folder, fill_defaults(tree)));
  story.weights = weights_of(folder, model);
  return story;
}

void note_outcomes(const PreparedRun& run, const Model& model, ThreadPool& pool, RunLog& log) {
  if (run.test) note_outcome("test", *run.test, model, pool, log);
  note_outcome("validation", run.validation, model, pool, log);
}

std::vector<ConfigValue> advice_of(const Path& folder) { return advice_of(read_run_evidence(folder)); }

std::vector<ConfigValue> write_page_of_run(const Path& folder, const Model* model, Console& console) {
  const auto warn = [&](ErrorText text) {
    text.hint = fmt::format("the run counts without its page; `redbud report {}` makes it", folder.string());
    console.warn(to_line(text));
  };
  std::vector<ConfigValue> advice;
  try {
    const RunStory story = story_of(folder, model);
    advice = story.advice;
    write_text_file(page_file_of(folder), run_page(story));
  } catch (const Error& error) {
    warn(error.text());
  } catch (const std::bad_alloc&) {
    warn({.fact = "the memory ran out while the page was made", .found = describe_memory_limit()});
  }
  return advice;
}

}  // namespace redbud::cli
