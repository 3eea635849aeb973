// redbud find-lr DATA: the range test of the learning rate.
#include <fmt/format.h>

#include "redbud/cli/commands/commands.h"
#include "redbud/cli/config/settings.h"
#include "redbud/cli/run/execute.h"
#include "redbud/cli/run/prepare.h"
#include "redbud/cli/run/range_plot.h"
#include "redbud/cli/signals.h"
#include "redbud/train/lr_finder.h"

namespace redbud::cli {
namespace {

struct Options {
  std::optional<std::string> data;
  std::optional<Path> config;
  std::vector<Override> overrides;
  double lowest = RangeTest().lowest;
  double highest = RangeTest().highest;
  int64_t steps = RangeTest().steps;
  std::optional<Path> svg;
  bool json = false;
};

ConfigValue record_of(const RangeResult& range) {
  ConfigValue::List points;
  for (const RangePoint& point : range.points) {
    ConfigValue entry;
    entry.set("learning_rate", point.learning_rate);
    entry.set("loss", point.loss);
    entry.set("smoothed", point.smoothed);
    points.push_back(std::move(entry));
  }
  ConfigValue record;
  record.set("learning_rate", range.learning_rate);
  record.set("steepest", range.steepest);
  record.set("lowest_loss_at", range.lowest_loss_at);
  record.set("highest_good", range.highest_good);
  record.set("diverged", range.diverged);
  record.set("points", std::move(points));
  return record;
}

std::string text_of(const RangeResult& range) {
  return range_text(range) +
         fmt::format(
             "learning_rate = {:.2g}  (a quarter of {:.2g}, up to which the loss stays within a tenth of its "
             "lowest; it falls fastest at {:.2g}{})\n",
             range.learning_rate, range.highest_good, range.steepest,
             range.diverged ? fmt::format(", diverges at {:.2g}", range.points.back().learning_rate) : "");
}

int run(Options& options, Console& console) {
  const RangeTest test{.lowest = options.lowest, .highest = options.highest, .steps = options.steps};
  check(test);
  const ConfigValue tree = read_given_tree(options.config, options.data, options.overrides);
  PreparedRun run = prepare_run(tree, Path());
  describe_run(run, console);
  ThreadPool pool(run.config.threads);
  const StopSignals stop;
  RunOptions settings;
  settings.signal = &stop.signal();
  settings.pool = &pool;
  settings.plan.disabled_passes = disabled_passes(run.tree);
  const RangeResult range = find_learning_rate(run.model, *run.train.source, run.config, test, settings);
  if (const int signal = stop.signal().load(); signal != 0) return 128 + signal;
  if (options.svg) write_text_file(*options.svg, range_svg(range));
  if (console.json()) {
    console.print_record(record_of(range));
  } else {
    console.print(text_of(range));
    console.flush();
    console.note(
        fmt::format("next: redbud train with the same arguments and --learning-rate {:.2g}", range.learning_rate));
  }
  return kExitOk;
}

}  // namespace

Command find_lr_command() {
  return CommandBuilder<Options>("find-lr", "Find a learning rate: train some steps while it rises", run)
      .optional_argument("DATA", &Options::data, "as of train")
      .option("--config", &Options::config, "RUN.toml", "run file; options of the command line win over it")
      .option("--lowest", &Options::lowest, "RATE", "the first step's rate [1e-6]", above(0))
      .option("--highest", &Options::highest, "RATE", "the last step's, where the loss bears it [10]", above(0))
      .option("--steps", &Options::steps, "N", "from the lowest to the highest [200]", from_to(10, 1'000'000))
      .option("--svg", &Options::svg, "FILE", "draw it there, too")
      .flag("--json", &Options::json, "one JSON object on stdout")
      .run_keys(&Options::overrides)
      .example("  redbud find-lr adult.csv --target income\n")
      .build();
}

}  // namespace redbud::cli
