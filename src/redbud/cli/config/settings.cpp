#include "redbud/cli/config/settings.h"

#include "redbud/cli/config/keys.h"
#include "redbud/cli/config/run_tree.h"
#include "redbud/core/text.h"
#include "redbud/layers/initializer_config.h"
#include "redbud/layers/registry.h"

namespace redbud::cli {
namespace {

const std::string& text_at(const ConfigValue& tree, std::string_view section, std::string_view name) {
  return value_at(tree, section, name).as_text(name);
}

double number_at(const ConfigValue& tree, std::string_view section, std::string_view name) {
  return value_at(tree, section, name).as_number(name);
}

int64_t integer_at(const ConfigValue& tree, std::string_view section, std::string_view name) {
  return value_at(tree, section, name).as_integer(name);
}

std::string column_text(const ConfigValue& value) {
  return value.is_text() ? value.as_text("target") : std::to_string(value.as_integer("target"));
}

std::vector<std::string> columns(const ConfigValue& value) {
  if (!value.is_list()) return {column_text(value)};
  std::vector<std::string> names;
  for (const ConfigValue& entry : value.as_list("target")) names.push_back(column_text(entry));
  return names;
}

Portion portion(const ConfigValue& value) {
  if (value.is_text()) return {.path = value.as_text("portion")};
  return {.amount = value.as_number("portion")};
}

template <class T>
T choose(const std::string& word, std::initializer_list<std::pair<const char*, T>> choices) {
  for (const auto& [name, choice] : choices) {
    if (word == name) return choice;
  }
  RB_ASSERT(word.empty() && "check_value let a word through");
  return {};
}

ReadOptions read_options(const ConfigValue& tree) {
  ReadOptions read;
  read.target = columns(value_at(tree, "data", "target"));
  read.task =
      choose<Task>(text_at(tree, "data", "task"),
                   {{"auto", Task::Auto}, {"classification", Task::Classification}, {"regression", Task::Regression}});
  read.header = choose<HeaderMode>(text_at(tree, "data", "header"),
                                   {{"auto", HeaderMode::Auto}, {"yes", HeaderMode::Yes}, {"no", HeaderMode::No}});
  read.missing = choose<MissingPolicy>(
      text_at(tree, "data", "missing"),
      {{"error", MissingPolicy::Error}, {"mean", MissingPolicy::Mean}, {"drop", MissingPolicy::Drop}});
  read.missing_target =
      choose<MissingTargetPolicy>(text_at(tree, "data", "missing_target"),
                                  {{"error", MissingTargetPolicy::Error}, {"drop", MissingTargetPolicy::Drop}});
  for (const ConfigValue& name : value_at(tree, "data", "ignore").as_list("ignore"))
    read.ignore.push_back(name.as_text("ignore"));
  read.sample_weight = text_at(tree, "data", "sample_weight");
  read.skip_bad_rows = value_at(tree, "data", "skip_bad_rows").as_bool("skip_bad_rows");
  return read;
}

StatisticsRule statistics_rule(const ConfigValue& value) {
  if (value.is_text()) return StatisticsRule::Auto;
  return value.as_bool("exact_statistics") ? StatisticsRule::Always : StatisticsRule::Never;
}

/// Of a norm's key; `fallback` where its table does not say.
NormPlace norm_place(const ConfigValue& value, NormPlace fallback) {
  const ConfigValue* place = value.is_table() ? value.find("place") : &value;
  if (place == nullptr) return fallback;
  return choose<NormPlace>(place->as_text("place"),
                           {{"before", NormPlace::Before}, {"after", NormPlace::After}, {"none", NormPlace::None}});
}

void set_layer_norm(const ConfigValue& value, MlpConfig& config) {
  config.layer_norm = norm_place(value, NormPlace::Before);
  if (!value.is_table()) return;
  LayerNormConfig& norm = config.layer_norm_config;
  if (const ConfigValue* epsilon = value.find("epsilon")) norm.epsilon = epsilon->as_number("epsilon");
  if (const ConfigValue* scale = value.find("scale")) norm.scale = scale->as_bool("scale");
  if (const ConfigValue* center = value.find("center")) norm.center = center->as_bool("center");
}

void set_dropout(const ConfigValue& value, MlpConfig& config) {
  if (!value.is_table()) {
    config.dropout = value.as_number("dropout");
    return;
  }
  if (const ConfigValue* rate = value.find("rate")) config.dropout = rate->as_number("rate");
  if (const ConfigValue* kind = value.find("kind")) {
    config.dropout_kind = choose<DropoutKind>(
        kind->as_text("kind"),
        {{"standard", DropoutKind::Standard}, {"alpha", DropoutKind::Alpha}, {"gaussian", DropoutKind::Gaussian}});
  }
}

void set_batch_norm(const ConfigValue& value, MlpConfig& config) {
  config.batch_norm = norm_place(value, config.batch_norm);
  if (!value.is_table()) return;
  if (const ConfigValue* momentum = value.find("momentum")) config.momentum = momentum->as_number("momentum");
  if (const ConfigValue* epsilon = value.find("epsilon")) config.epsilon = epsilon->as_number("epsilon");
  if (const ConfigValue* scale = value.find("scale")) config.scale = scale->as_bool("scale");
  if (const ConfigValue* center = value.find("center")) config.center = center->as_bool("center");
  if (const ConfigValue* output = value.find("output")) config.batch_norm_on_output = output->as_bool("output");
}

std::string what_is_needed(const Schema& schema) {
  const std::string count = std::to_string(schema.outputs());
  if (schema.task == Task::Classification) return count + " outputs, one a class";
  if (schema.task == Task::MultiLabel) return count + " outputs, one a label";
  return count + (schema.outputs() == 1 ? " output, the target" : " outputs, one a target");
}

/// One [[layer]] of a run file.
struct LayerParts {
  std::string name;
  std::string kind;
  Graph::LayerOptions options;
  ConfigValue config{ConfigValue::Table{}};
};

LayerParts layer_parts(const ConfigValue& layer, size_t number) {
  LayerParts parts;
  parts.kind = layer.find("kind")->as_text("kind");
  parts.name = parts.kind + std::to_string(number);
  for (const ConfigEntry& entry : layer.as_table("layer")) {
    if (entry.key == "name") {
      parts.name = entry.value.as_text("name");
    } else if (entry.key == "inputs") {
      for (const ConfigValue& input : entry.value.as_list("inputs"))
        parts.options.inputs.push_back(input.as_text("inputs"));
    } else if (entry.key == "shares") {
      parts.options.shares = entry.value.as_text("shares");
    } else if (entry.key != "kind") {
      parts.config.set(entry.key, entry.value);
    }
  }
  return parts;
}

/// What the layer itself says is kept; the place in the file comes first.
template <class F>
void with_place_of(const ConfigValue& layer, F&& make) {
  try {
    make();
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::Usage && error.kind() != ErrorKind::Model) throw;
    ErrorText text = error.text();
    if (!layer.where.empty() && text.where.find(layer.where.substr(0, layer.where.find(':'))) == std::string::npos) {
      text.where = text.where.empty() ? layer.where : layer.where + ": " + text.where;
    }
    throw Error(ErrorKind::Usage, text);
  }
}

void add_layer(Graph& graph, const ConfigValue& layer, size_t number) {
  const LayerParts parts = layer_parts(layer, number);
  with_place_of(layer, [&] { graph.add(parts.name, make_layer(parts.kind, parts.config), parts.options); });
}

Graph long_form(const ConfigValue& layers, const Schema& schema) {
  Graph graph;
  graph.add_input("x", Shape{schema.features()});
  size_t number = 0;
  for (const ConfigValue& layer : layers.as_list("layer")) add_layer(graph, layer, ++number);
  const Shape& output = graph.output_shape();
  if (output.elements() != schema.outputs()) {
    throw Error(ErrorKind::Usage,
                {.where = layers.as_list("layer").back().where,
                 .fact = "the last layer " + quote(graph.nodes().back().name) + " gives " +
                         std::to_string(output.elements()) + (output.elements() == 1 ? " output" : " outputs"),
                 .expected = what_is_needed(schema)});
  }
  return graph;
}

}  // namespace

DataSettings data_settings(const ConfigValue& tree) {
  DataSettings settings;
  const ConfigValue& path = value_at(tree, "data", "path");
  if (path.is_null() || path.as_text("data.path").empty()) {
    throw Error(ErrorKind::Usage, {.fact = "no data is given",
                                   .expected = "the argument DATA, or path = \"...\" in [data] of the run file"});
  }
  settings.path = path.as_text("data.path");
  settings.read = read_options(tree);
  settings.validation = portion(value_at(tree, "data", "validation"));
  const ConfigValue& test = value_at(tree, "data", "test");
  if (!test.is_null()) settings.test = portion(test);
  settings.unseen = choose<UnseenPolicy>(text_at(tree, "data", "unseen"),
                                         {{"zeros", UnseenPolicy::Zeros}, {"error", UnseenPolicy::Error}});
  return settings;
}

MlpConfig mlp_config(const ConfigValue& tree) {
  MlpConfig config;
  config.hidden.clear();
  for (const ConfigValue& units : value_at(tree, "model", "hidden").as_list("hidden")) {
    config.hidden.push_back(units.as_integer("hidden"));
  }
  config.activation = activation_from_config(value_at(tree, "model", "activation"));
  config.initializer = initializer_from_config(value_at(tree, "model", "initializer"));
  set_batch_norm(value_at(tree, "model", "batch_norm"), config);
  set_layer_norm(value_at(tree, "model", "layer_norm"), config);
  config.weight_standardization = value_at(tree, "model", "weight_standardization").as_bool("weight_standardization");
  set_dropout(value_at(tree, "model", "dropout"), config);
  config.input_dropout = number_at(tree, "model", "input_dropout");
  config.input_noise = number_at(tree, "model", "input_noise");
  return config;
}

OptimizerConfig optimizer_config(const ConfigValue& tree) {
  OptimizerConfig config = optimizer_from_config(value_at(tree, "train", "optimizer"));
  const ConfigValue& rate = value_at(tree, "train", "learning_rate");
  config.learning_rate = rate.is_text() ? 0.0 : rate.as_number("learning_rate");
  config.clip_norm = number_at(tree, "train", "clip_norm");
  config.clip_tensor_norm = number_at(tree, "train", "clip_tensor_norm");
  config.clip_value = number_at(tree, "train", "clip_value");
  config.l1 = number_at(tree, "train", "l1");
  config.l2 = number_at(tree, "train", "l2");
  config.weight_decay = number_at(tree, "train", "weight_decay");
  config.max_norm = number_at(tree, "train", "max_norm");
  config.layers = layers_from_config(value_at(tree, "train", "layer"));
  const ConfigValue& batch_size = value_at(tree, "train", "batch_size");
  if (!batch_size.is_text()) config.batch_size = batch_size.as_integer("batch_size");
  return config;
}

TrainConfig train_config(const ConfigValue& tree) {
  TrainConfig config;
  config.optimizer = optimizer_config(tree);
  config.schedule = value_at(tree, "train", "schedule");
  config.momentum_schedule = value_at(tree, "train", "momentum_schedule");
  config.batch_size = integer_at(tree, "train", "batch_size");
  config.epochs = integer_at(tree, "train", "epochs");
  config.patience = integer_at(tree, "train", "patience");
  config.min_change = number_at(tree, "train", "min_change");
  config.monitor = monitor_from_name(text_at(tree, "train", "monitor"));
  config.exact_statistics = statistics_rule(value_at(tree, "train", "exact_statistics"));
  config.mixup = number_at(tree, "train", "mixup");
  config.weight_average = weight_average_from_config(value_at(tree, "train", "weight_average"));
  config.seed = static_cast<uint64_t>(integer_at(tree, "train", "seed"));
  config.threads = static_cast<int>(integer_at(tree, "train", "threads"));
  config.time_limit_s = number_at(tree, "train", "time_limit_s");
  config.checkpoint_every_s = number_at(tree, "train", "checkpoint_every_s");
  config.health = value_at(tree, "train", "health").as_bool("health");
  return config;
}

void check_layers(const ConfigValue& tree) {
  const ConfigValue* layers = tree.find("layer");
  if (layers == nullptr) return;
  size_t number = 0;
  for (const ConfigValue& layer : layers->as_list("layer")) {
    const LayerParts parts = layer_parts(layer, ++number);
    with_place_of(layer, [&] { static_cast<void>(make_layer(parts.kind, parts.config)); });
  }
}

std::vector<std::string> disabled_passes(const ConfigValue& tree) {
  std::vector<std::string> passes;
  for (const ConfigValue& name : value_at(tree, "train", "disable_pass").as_list("disable_pass")) {
    passes.push_back(name.as_text("disable_pass"));
  }
  return passes;
}

Graph network(const ConfigValue& tree, const Schema& schema) {
  if (const ConfigValue* layers = tree.find("layer")) return long_form(*layers, schema);
  return mlp_graph(mlp_config(tree), schema.features(), schema.outputs());
}

}  // namespace redbud::cli
