// redbud evaluate MODEL DATA: metrics of a model on labelled rows.
#include "redbud/checkpoint/model_file.h"
#include "redbud/cli/commands/commands.h"
#include "redbud/cli/config/run_tree.h"
#include "redbud/cli/run/run_folder.h"
#include "redbud/data/recipe.h"
#include "redbud/train/metrics.h"

namespace redbud::cli {
namespace {

struct Options {
  Path model;
  Path data;
  int threads = 0;
  bool skip_bad_rows = false;
  std::vector<Override> overrides;  // of data.missing_target
  bool json = false;
};

MissingTargetPolicy missing_target(const std::vector<Override>& overrides) {
  ConfigValue tree{ConfigValue::Table{}};
  for (const Override& change : overrides) apply_override(tree, change);
  tree = fill_defaults(tree);
  return value_at(tree, "data", "missing_target") == ConfigValue("drop") ? MissingTargetPolicy::Drop
                                                                         : MissingTargetPolicy::Error;
}

int run(Options& options, Console& console) {
  const Model model = load_model(find_model_file(options.model));
  ReadOptions read;
  read.skip_bad_rows = options.skip_bad_rows;
  read.missing_target = missing_target(options.overrides);
  ReadNotes notes;
  const Dataset data = read_like(options.data, model.recipe, true, read, &notes);
  for (const std::string& warning : notes.warnings) console.warn(warning);
  ThreadPool pool(options.threads);
  const Metrics metrics = evaluate(model, *encode(data, model.recipe), pool);
  if (console.json()) {
    console.print_record(to_config(metrics));
  } else {
    console.print(to_text(metrics, model.recipe.schema.classes) + "\n");
  }
  return kExitOk;
}

}  // namespace

Command evaluate_command() {
  return CommandBuilder<Options>("evaluate", "Score a model on labelled rows: metrics and confusion matrix", run)
      .argument("MODEL", &Options::model, "model file, or the folder of a run, which stands for its best model")
      .argument("DATA", &Options::data, "rows with their targets, in the form that the model was trained on")
      .option("--threads", &Options::threads, "N", "0 = what the process is granted", from_to(0, 4096))
      .flag("--skip-bad-rows", &Options::skip_bad_rows, "leave out rows that can't be read, and count them")
      .run_keys(&Options::overrides, {"data.missing_target"})
      .flag("--json", &Options::json, "one JSON object on stdout")
      .example("  redbud evaluate runs/adult adult-test.csv\n")
      .build();
}

}  // namespace redbud::cli
