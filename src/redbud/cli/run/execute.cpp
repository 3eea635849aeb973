#include "redbud/cli/run/execute.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <new>
#include <vector>

#include "redbud/checkpoint/model_file.h"
#include "redbud/cli/command.h"
#include "redbud/cli/config/run_tree.h"
#include "redbud/cli/config/settings.h"
#include "redbud/cli/config/toml.h"
#include "redbud/cli/program.h"
#include "redbud/cli/run/memory.h"
#include "redbud/cli/run/progress.h"
#include "redbud/cli/run/result_text.h"
#include "redbud/cli/run/run_folder.h"
#include "redbud/cli/run/run_report.h"
#include "redbud/cli/signals.h"
#include "redbud/core/memory_limit.h"
#include "redbud/core/text.h"
#include "redbud/report/records.h"
#include "redbud/report/run_log.h"
#include "redbud/report/tensorboard/event_log.h"
#include "redbud/train/watched_layers.h"

namespace redbud::cli {
namespace {

std::string rows_line(const PreparedRun& run) {
  std::string line = fmt::format("rows: {} to train, {} to validate ({})", with_thousands(run.train.source->rows()),
                                 with_thousands(run.validation.source->rows()), run.validation.from);
  if (run.test) line += fmt::format(", {} to test ({})", with_thousands(run.test->source->rows()), run.test->from);
  return line;
}

/// What health records are about.
ConfigValue layers_of(const Graph& graph) {
  ConfigValue::List layers;
  for (const WatchedLayer& layer : watched_layers(graph)) {
    ConfigValue entry;
    entry.set("layer", layer.makeup.layer);
    entry.set("activation", layer.makeup.activation);
    entry.set("initializer", layer.makeup.initializer);
    entry.set("normalised", layer.makeup.normalised);
    layers.push_back(std::move(entry));
  }
  return layers;
}

ConfigValue start_record(const PreparedRun& run) {
  ConfigValue rows;
  rows.set("train", run.train.source->rows());
  rows.set("validation", run.validation.source->rows());
  rows.set("test", run.test ? run.test->source->rows() : int64_t{0});
  ConfigValue decided{ConfigValue::Table{}};
  for (const Decision& decision : run.decisions) decided.set(decision.key, decision.value);
  ConfigValue record;
  record.set("event", "start");
  record.set("version", program_version());
  record.set("rows", std::move(rows));
  record.set("features", run.model.recipe.schema.features());
  record.set("outputs", run.model.recipe.schema.outputs());
  record.set("parameters", run.model.graph.parameter_count());
  record.set("decided", std::move(decided));
  record.set("layers", layers_of(run.model.graph));
  ConfigValue::List warnings;
  for (const std::string& warning : run.warnings) warnings.emplace_back(warning);
  record.set("warnings", std::move(warnings));
  return record;
}

/// A run that fails before its first step leaves no run behind, so that the same command can be given again.
class FirstStep final : public Observer {
 public:
  void on_resume(const ResumeReport&) override { seen_ = true; }
  void on_step(const StepReport&) override { seen_ = true; }
  bool seen() const { return seen_; }

 private:
  bool seen_ = false;
};

/// Lines that say the same of one column after the other become one.
std::vector<std::string> grouped(const std::vector<std::string>& facts) {
  struct Parts {
    std::string name;  // of a line `column "name": rest`
    std::string rest;
  };
  const auto parts = [](const std::string& fact) -> Parts {
    constexpr std::string_view kStart = "column ";
    const size_t end = fact.find("\": ");
    if (!fact.starts_with(kStart) || end == std::string::npos) return {};
    return {fact.substr(kStart.size(), end + 1 - kStart.size()), fact.substr(end + 1)};
  };
  std::vector<std::string> lines;
  for (size_t i = 0; i < facts.size();) {
    const Parts first = parts(facts[i]);
    size_t end = i + 1;
    while (!first.name.empty() && end < facts.size() && parts(facts[end]).rest == first.rest) ++end;
    if (end - i < 4) {
      lines.push_back(facts[i++]);
      continue;
    }
    lines.push_back(
        fmt::format("{} columns from {} to {}{}", end - i, first.name, parts(facts[end - 1]).name, first.rest));
    i = end;
  }
  return lines;
}

/// Trains. Where it diverges without a model to keep, `note_divergence` is told, for there is something to look at;
/// where something else ends it before the first step, the folder is cleared.
TrainResult train_or_clear(PreparedRun& run, const Path& folder, RunOptions options,
                           const std::function<void(const Error&)>& note_divergence) {
  FirstStep first_step;
  options.observers.push_back(&first_step);
  const int64_t needs = rough_memory_needs(run);
  const int64_t batch_size = run.config.batch_size;
  const auto has_begun = [&] { return first_step.seen() || has_checkpoints(folder); };
  try {
    return run_training(std::move(run.model), *run.train.source, *run.validation.source, run.config, options);
  } catch (const std::bad_alloc&) {
    if (!has_begun()) clear_run(folder);
    throw Error(
        ErrorKind::Environment,
        {.fact = "the memory ran out",
         .found = fmt::format("the run needs about {}, {}", format_bytes(needs), describe_memory_limit()),
         .hint = fmt::format("try --batch-size {}, or smaller --hidden layers", std::max<int64_t>(2, batch_size / 2))});
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::Diverged) {
      note_divergence(error);
    } else if (!has_begun()) {
      clear_run(folder);
    }
    throw;
  } catch (...) {
    if (!has_begun()) clear_run(folder);
    throw;
  }
}

[[noreturn]] void fail_diverged(const TrainResult& result, const Path& folder, Console& console) {
  console.flush();
  ErrorText text = result.divergence->text();
  text.hint +=
      fmt::format("; the best weights, of epoch {}, are in {}", result.best_epoch, model_file_of(folder).string());
  throw Error(ErrorKind::Diverged, text);
}

}  // namespace

void describe_run(const PreparedRun& run, Console& console) {
  for (const std::string& warning : run.warnings) console.warn(warning);
  if (console.json()) return;
  for (const std::string& fact : grouped(run.facts)) console.note(fact);
  console.note(rows_line(run));
  console.note("");
  console.note(run.model.graph.summary());
  for (const Decision& decision : run.decisions) console.note(to_text(decision));
}

void print_result(const ConfigValue& done, std::span<const ConfigValue> advice, const Path& folder, Console& console) {
  if (console.json()) return console.print_record(done);
  console.print(result_text(done));
  console.print(fmt::format("model: {}\n", model_file_of(folder).string()));
  console.print(fmt::format("page: {}\n", page_file_of(folder).string()));
  console.flush();
  for (const std::string& line : next_steps(done, advice, folder)) console.note("next: " + line);
}

int execute_run(PreparedRun run, const Path& folder, Console& console) {
  const ConfigValue start = start_record(run);
  Progress progress(console, run.train.source->rows());
  RunLog log(log_file_of(folder), start, [&](const std::string& line) { progress.on_warning(line); });
  if (console.json()) {
    console.print_record(start);
    console.flush();
  }
  const StopSignals stop;
  ThreadPool pool(run.config.threads);
  EventLog events(tensorboard_folder_of(folder), settings_of(run.tree),
                  [&](const std::string& line) { progress.on_warning(line); });
  const bool has_events = value_at(run.tree, "train", "tensorboard").as_bool("tensorboard");
  std::vector<Observer*> observers = {&log, &progress};
  if (has_events) observers.push_back(&events);
  const TrainResult result = train_or_clear(run, folder,
                                            {.folder = folder,
                                             .observers = observers,
                                             .signal = &stop.signal(),
                                             .pool = &pool,
                                             .plan = {.disabled_passes = disabled_passes(run.tree)}},
                                            [&](const Error& error) {
                                              log.finish(diverged_record(error));  // what `redbud advise` reads
                                              write_page_of_run(folder, nullptr, console);
                                            });
  const bool interrupted = result.stop_reason == StopReason::Interrupted;
  save(result.best, model_file_of(folder));
  std::optional<Metrics> test;
  if (run.test && !interrupted) test = evaluate(result.best, *run.test->source, pool);
  if (!interrupted) note_outcomes(run, result.best, pool, log);
  const ConfigValue done = done_record(result, test);
  if (result.divergence) log.note(diverged_record(*result.divergence));
  log.finish(done);
  if (has_events) events.finish(result, test);
  const std::vector<ConfigValue> advice = write_page_of_run(folder, &result.best, console);
  print_result(done, advice, folder, console);
  if (result.divergence) fail_diverged(result, folder, console);
  return interrupted ? 128 + result.signal : kExitOk;
}

}  // namespace redbud::cli
