// redbud plan MODEL|CONFIG: shapes, memory, operations and chosen kernels, before step 1.
#include "redbud/plan/plan.h"

#include <fmt/format.h>

#include <algorithm>

#include "redbud/checkpoint/model_file.h"
#include "redbud/cli/commands/commands.h"
#include "redbud/cli/config/run_tree.h"
#include "redbud/cli/config/settings.h"
#include "redbud/cli/run/memory.h"
#include "redbud/cli/run/prepare.h"
#include "redbud/cli/run/rate_plot.h"
#include "redbud/cli/run/run_folder.h"
#include "redbud/core/text.h"
#include "redbud/losses/registry.h"
#include "redbud/train/batch_order.h"

namespace redbud::cli {
namespace {

constexpr int64_t kModelBatch = 32;  // where no run says another size

struct Options {
  std::string source;
  std::optional<std::string> data;
  bool explain = false;
  bool predict = false;
  std::vector<Override> overrides;
  bool json = false;
};

bool is_run_file(const Path& path) { return path.extension() == ".toml"; }

/// The training step, or a prediction, of a model for a batch.
struct Planned {
  Model model;
  int64_t rows = 0;
  MemoryNeeds needs;
  std::vector<std::string> disabled;
  std::vector<std::string> decided;  // what every "auto" became
  std::string rates;                 // drawn
  std::string update;                // the optimizer's chain, and what it decided
};

int64_t batch_of(const Model& model) {
  const ConfigValue* train = model.training.find("train");
  const ConfigValue* size = train == nullptr ? nullptr : train->find("batch_size");
  return size != nullptr && std::holds_alternative<int64_t>(size->value) ? size->as_integer("batch_size") : kModelBatch;
}

Planned from_run_file(const Options& options) {
  PreparedRun run = prepare_run(read_given_tree(Path(options.source), options.data, options.overrides), Path());
  Planned planned;
  planned.rows = run.config.batch_size;
  planned.disabled = disabled_passes(run.tree);
  planned.needs = memory_needs(run, planned.disabled);
  planned.rates = rate_plot(run.config, BatchCut(run.train.source->rows(), run.config.batch_size).steps());
  for (const Decision& decision : run.decisions) planned.decided.push_back(to_text(decision));
  const Optimizer optimizer(run.config.optimizer, run.model.graph.parameter_layout());
  planned.update = "update: " + optimizer.describe() + "\n" + optimizer.explain();
  planned.model = std::move(run.model);
  planned.model.values = planned.model.graph.make_store();
  return planned;
}

Planned from_model(const Options& options) {
  Planned planned;
  planned.model = load_model(find_model_file(options.source));
  planned.rows = batch_of(planned.model);
  ConfigValue tree{ConfigValue::Table{}};
  for (const Override& change : options.overrides) {
    if (change.path != "train.batch_size" && change.path != "train.disable_pass") {
      throw Error(ErrorKind::Usage,
                  {.where = change.where,
                   .fact = "says nothing that a model file leaves open",
                   .hint = "only --batch-size and --disable-pass go with a model file; give a run file instead"});
    }
    apply_override(tree, change);
  }
  tree = fill_defaults(tree);
  planned.disabled = disabled_passes(tree);
  const ConfigValue& size = value_at(tree, "train", "batch_size");
  if (!size.is_text()) planned.rows = size.as_integer("batch_size");
  return planned;
}

ConfigValue step_record(const StepInfo& step) {
  ConfigValue record;
  record.set("layer", step.layer);
  record.set("op", step.op);
  record.set("detail", step.detail);
  record.set("shapes", step.shapes);
  record.set("kernel", step.kernel);
  record.set("multiply_adds", step.multiply_adds);
  record.set("output_bytes", step.output_bytes);
  record.set("arena_offset", step.arena_offset);
  ConfigValue::List refused;
  for (const kernels::Refusal& refusal : step.refused)
    refused.emplace_back(std::string(refusal.kernel) + ": " + refusal.reason);
  record.set("not", std::move(refused));
  return record;
}

ConfigValue plan_record(const Plan& plan, const Planned& planned) {
  ConfigValue::List steps;
  for (const StepInfo& step : plan.steps()) steps.push_back(step_record(step));
  ConfigValue::List passes;
  for (const std::string& pass : plan.passes()) passes.emplace_back(pass);
  ConfigValue record;
  record.set("rows", plan.rows());
  record.set("parameters", planned.model.graph.parameter_count());
  record.set("arena_bytes", plan.arena_bytes());
  if (planned.needs.total() > 0) record.set("peak_bytes", planned.needs.total());
  record.set("passes", std::move(passes));
  record.set("steps", std::move(steps));
  return record;
}

int run(Options& options, Console& console) {
  Planned planned = is_run_file(options.source) ? from_run_file(options) : from_model(options);
  const PlanGoal goal = options.predict ? PlanGoal::Predictions : PlanGoal::Gradients;
  AlignedBuffer gradients(planned.model.values.parameter_memory().bytes());
  const Plan plan(planned.model.graph, loss_from_config(planned.model.loss).get(), planned.model.values, &gradients,
                  {.goal = goal, .rows = planned.rows, .disabled_passes = planned.disabled});
  if (console.json()) {
    console.print_record(plan_record(plan, planned));
    return kExitOk;
  }
  console.print(planned.model.graph.summary() + "\n");
  for (const std::string& line : planned.decided) console.print(line + "\n");
  if (!planned.decided.empty()) console.print("\n");
  console.print(
      fmt::format("{} of {} rows\n", options.predict ? "prediction" : "training step", with_thousands(planned.rows)));
  console.print(explain(plan, options.explain));
  if (!planned.update.empty()) console.print("\n" + planned.update);
  if (planned.needs.total() > 0) console.print("\n" + to_text(planned.needs));
  if (!planned.rates.empty()) console.print("\n" + planned.rates);
  return kExitOk;
}

}  // namespace

Command plan_command() {
  return CommandBuilder<Options>("plan", "Show shapes, memory, operations and chosen kernels before step 1", run)
      .argument("MODEL|CONFIG", &Options::source,
                "model file, folder of a run, or run file (.toml), whose data are read")
      .optional_argument("DATA", &Options::data, "data instead of the run file's data.path")
      .flag("--explain", &Options::explain, "also where each output lies, and why not the other kernels")
      .flag("--predict", &Options::predict, "the plan of a prediction instead of a training step")
      .flag("--json", &Options::json, "one JSON object on stdout")
      .run_keys(&Options::overrides)
      .example("  redbud plan runs/adult --explain --batch-size 128\n")
      .build();
}

}  // namespace redbud::cli
