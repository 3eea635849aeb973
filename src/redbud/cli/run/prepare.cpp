#include "redbud/cli/run/prepare.h"

#include <fmt/format.h>

#include "redbud/cli/config/doubtful_pairs.h"
#include "redbud/cli/config/learning.h"
#include "redbud/cli/config/regularisation.h"
#include "redbud/cli/config/run_tree.h"
#include "redbud/cli/config/settings.h"
#include "redbud/cli/run/objective.h"
#include "redbud/core/text.h"
#include "redbud/data/class_weights.h"
#include "redbud/data/recipe.h"
#include "redbud/data/split.h"
#include "redbud/graph/paired_activation.h"
#include "redbud/layers/activation_config.h"
#include "redbud/layers/initializer_config.h"
#include "redbud/losses/choose_loss.h"
#include "redbud/losses/registry.h"
#include "redbud/optim/parameter_settings.h"

namespace redbud::cli {
namespace {

// Test and validation rows are drawn with different numbers, so that one choice does not shape the other.
constexpr uint64_t kTestSplitSeed = 0x7465737473706c69;

/// The data of a run as rows of files, before they become numbers.
struct Parts {
  Dataset train;
  std::optional<Dataset> validation;  // absent: a file of its own, read once the recipe is known
  std::optional<Dataset> test;
};

std::string from_text(const Portion& portion) {
  if (portion.is_path()) return portion.path.string();
  return portion.amount < 1 ? fmt::format("a share of {}", format_number(portion.amount)) : "a count of rows";
}

void add_notes(PreparedRun& run, const ReadNotes& notes, const Path& path, bool is_first) {
  for (const std::string& fact : notes.facts) run.facts.push_back(is_first ? fact : path.string() + ": " + fact);
  for (const std::string& warning : notes.warnings) run.warnings.push_back(warning);
  run.rows_left_out += notes.rows_left_out;
}

bool has_test_files(const DataSettings& data) {
  FileInfo info;
  return file_system().info(data.path, info).ok() && info.type == FileType::Folder && has_idx_test_files(data.path);
}

Parts read_parts(const DataSettings& data, uint64_t seed, PreparedRun& run) {
  ReadNotes notes;
  Parts parts;
  parts.train = read_data(data.path, data.read, &notes);
  run.data_fingerprint = parts.train.fingerprint;
  add_notes(run, notes, data.path, true);
  if (data.test && !data.test->is_path()) {
    Split cut = split(parts.train, {.validation = data.test->amount, .seed = seed ^ kTestSplitSeed});
    parts.train = std::move(cut.train);
    parts.test = std::move(cut.validation);
  } else if (!data.test && has_test_files(data)) {
    parts.test = read_idx_test_files(data.path, data.read);
  }
  if (!data.validation.is_path()) {
    Split cut = split(parts.train, {.validation = data.validation.amount, .seed = seed});
    parts.train = std::move(cut.train);
    parts.validation = std::move(cut.validation);
  }
  return parts;
}

/// What encoded rows hold: a table's floats; pictures stay as they were read, shared by all parts of one file.
int64_t bytes_of(const Dataset& data, const SampleSource& source, const ArrayData* counted) {
  if (data.arrays() != nullptr) {
    return data.arrays() == counted ? 0 : static_cast<int64_t>(data.arrays()->inputs.bytes().size());
  }
  int64_t a_row = 0;
  for (const BlockType& block : source.type().inputs) a_row += block.width() * size_of(block.type);
  for (const BlockType& block : source.type().targets) a_row += block.width() * size_of(block.type);
  return a_row * source.rows();
}

/// Where the rows stand in their file, so that one can look at them.
void note_places(const Dataset& data, RunRows& rows) {
  rows.are_lines = data.table() != nullptr && !data.table()->lines.empty();
  for (const int64_t row : data.selection()) {
    rows.places.push_back(rows.are_lines ? data.table()->lines[static_cast<size_t>(row)] : row);
  }
}

RunRows encoded(const Dataset& data, const Recipe& recipe, const ArrayData* counted) {
  RunRows rows;
  rows.source = encode(data, recipe);
  rows.bytes = bytes_of(data, *rows.source, counted);
  return rows;
}

RunRows encode_file(const Path& path, const ReadOptions& options, const Recipe& recipe, PreparedRun& run) {
  ReadNotes notes;
  const Dataset data = read_like(path, recipe, true, options, &notes);
  add_notes(run, notes, path, false);
  RunRows rows = encoded(data, recipe, nullptr);
  note_places(data, rows);
  rows.from = path.string();
  rows.fingerprint = data.fingerprint;
  return rows;
}

void encode_parts(Parts& parts, const DataSettings& data, PreparedRun& run) {
  const Recipe& recipe = run.model.recipe;
  run.train = encoded(parts.train, recipe, nullptr);
  run.train.from = data.path.string();
  ReadOptions options = data.read;
  options.rejects.clear();  // the training file's
  if (parts.validation) {
    run.validation = encoded(*parts.validation, recipe, parts.train.arrays());
    run.validation.from = from_text(data.validation);
    note_places(*parts.validation, run.validation);
  } else {
    run.validation = encode_file(data.validation.path, options, recipe, run);
  }
  if (parts.test) {
    run.test = encoded(*parts.test, recipe, parts.train.arrays());
    run.test->from = data.test ? from_text(*data.test) : "the folder's t10k files";
    note_places(*parts.test, *run.test);
    run.test->fingerprint = data.test ? 0 : parts.test->fingerprint;
  } else if (data.test) {
    run.test = encode_file(data.test->path, options, recipe, run);
  }
}

/// Of the rows that are learned and those that choose the best epoch: both have the loss that is minimised.
void weigh_classes(const std::vector<double>& weights, PreparedRun& run) {
  for (RunRows* rows : {&run.train, &run.validation}) {
    rows->source = with_class_weights(std::move(rows->source), weights);
  }
}

/// What an "auto" loss became.
void note_loss(PreparedRun& run) {
  const ConfigValue& given = value_at(run.tree, "train", "loss");
  if (!given.is_text() || given.as_text("loss") != "auto") return;
  const std::string name(loss_from_config(run.model.loss)->kind());
  const Task task = run.model.recipe.schema.task;
  const char* what = task == Task::Regression ? "numbers" : task == Task::MultiLabel ? "labels" : "classes";
  run.tree.find("train")->set("loss", name);
  run.decisions.push_back({"train.loss", name, fmt::format("{} are predicted", what)});
}

/// Which initializers an "auto" stands for. The tree keeps the word, so that another activation gets its own.
void note_initializers(PreparedRun& run) {
  const auto note = [&](const std::string& key, const kernels::Activation& f) {
    run.decisions.push_back({key, to_config(initializer_for(f)), "the pair of " + activation_name(f)});
  };
  if (run.tree.find("layer") == nullptr) {
    const Initializer given = initializer_from_config(value_at(run.tree, "model", "initializer"));
    if (given.name == "auto") note("model.initializer", mlp_config(run.tree).activation);
    return;
  }
  for (const Node& node : run.model.graph.nodes()) {
    if (!node.layer || node.layer->kind() != "dense") continue;
    const ConfigValue config = node.layer->config();
    if (!node.shares.empty() || initializer_from_config(*config.find("initializer")).name != "auto") continue;
    note("layer." + node.name + ".initializer", paired_activation(run.model.graph, node.parameters[0]));
  }
}

/// What a model file says of its training: nothing that does not shape the weights, so that its bytes don't depend on
/// it.
ConfigValue training_of(const ConfigValue& tree) {
  ConfigValue training = with_absolute_paths(tree);
  for (ConfigEntry& section : training.as_table("training")) {
    if (section.key != "train") continue;
    std::erase_if(section.value.as_table("train"), [](const ConfigEntry& entry) {
      return entry.key == "threads" || entry.key == "time_limit_s" || entry.key == "checkpoint_every_s" ||
             entry.key == "health" || entry.key == "tensorboard";
    });
  }
  return training;
}

DataFacts facts_of(const Schema& schema, int64_t train_rows) {
  return {.train_rows = train_rows,
          .features = schema.features(),
          .outputs = schema.outputs(),
          .task = schema.task,
          .pixels = schema.columns.empty()};
}

}  // namespace

PreparedRun prepare_run(const ConfigValue& tree, const Path& rejects) {
  PreparedRun run;
  run.tree = tree;
  DataSettings data = data_settings(tree);
  check_layers(tree);
  check_regularisation(tree, run.warnings);
  check_learning(tree);
  if (data.read.skip_bad_rows) data.read.rejects = rejects;
  const auto seed = static_cast<uint64_t>(value_at(tree, "train", "seed").as_integer("seed"));
  check_objective(tree, data.read);
  Parts parts = read_parts(data, seed, run);
  const auto loss = objective_loss(tree, parts.train.schema());
  run.model.loss = loss->config();
  Recipe& recipe = run.model.recipe;
  recipe = fit_recipe(parts.train, data.read.missing, &run.warnings, target_scaling(*loss));
  recipe.unseen = data.unseen;
  run.decisions = decide_auto(run.tree, facts_of(recipe.schema, parts.train.rows()));
  note_loss(run);
  run.config = train_config(run.tree);
  run.model.graph = network(run.tree, recipe.schema);
  note_initializers(run);
  for (std::string& warning : doubtful_pairs(run.model.graph)) run.warnings.push_back(std::move(warning));
  require_metric(run.model, run.config.monitor);
  run.model.training = training_of(run.tree);
  check_layer_names(run.config.optimizer, run.model.graph.parameter_layout());
  encode_parts(parts, data, run);
  weigh_classes(class_weights(tree, parts.train), run);
  return run;
}

}  // namespace redbud::cli
