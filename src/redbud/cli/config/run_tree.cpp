#include "redbud/cli/config/run_tree.h"

#include <algorithm>
#include <filesystem>

#include "redbud/cli/config/keys.h"
#include "redbud/cli/config/toml.h"
#include "redbud/core/bytes.h"
#include "redbud/core/did_you_mean.h"
#include "redbud/core/text.h"

namespace redbud::cli {
namespace {

constexpr int64_t kMaxRunFileBytes = 4 << 20;

std::vector<std::string> section_names() {
  std::vector<std::string> names;
  for (const Section& section : sections()) names.emplace_back(section.name);
  names.emplace_back("layer");
  return names;
}

std::vector<std::string> key_names(std::string_view section) {
  std::vector<std::string> names;
  for (const Key& key : run_keys()) {
    if (key.section == section) names.emplace_back(key.name);
  }
  return names;
}

bool is_section(std::string_view name) {
  return std::any_of(sections().begin(), sections().end(), [&](const Section& s) { return s.name == name; });
}

[[noreturn]] void refuse_section(const std::string& name, const std::string& where) {
  // A key at the top of the file belongs into a section; say which.
  for (const Key& key : run_keys()) {
    if (key.name != name) continue;
    throw Error(ErrorKind::Usage, {.where = where,
                                   .fact = "key " + quote(name) + " stands outside its section",
                                   .expected = "it below [" + std::string(key.section) + "]"});
  }
  throw Error(ErrorKind::Usage, {.where = where,
                                 .fact = "unknown section or key " + quote(name),
                                 .expected = "[data], [model], [[layer]] or [train]",
                                 .hint = did_you_mean(name, section_names())});
}

const Key& require_key(std::string_view section, const std::string& name, const std::string& where) {
  if (const Key* key = find_key(section, name)) return *key;
  std::string hint = did_you_mean(name, key_names(section));
  for (const Key& key : run_keys()) {
    if (key.name == name) hint = "it belongs into [" + std::string(key.section) + "]";
  }
  throw Error(ErrorKind::Usage, {.where = where,
                                 .fact = "unknown key " + quote(name) + " in [" + std::string(section) + "]",
                                 .expected = hint.empty() ? "a key that `redbud help --run-file` lists" : "",
                                 .hint = hint});
}

/// Below a key: its value becomes the table that its plain text stands for.
ConfigValue& as_table_for(const Key& key, ConfigValue& value) {
  if (value.is_null()) value = default_value(key);
  if (!value.is_table()) {
    ConfigValue table;
    table.set(key.kind == KeyKind::Average && value.is_number() ? "decay" : key.name_key, value);
    table.where = value.where;
    value = std::move(table);
  }
  return value;
}

ConfigValue typed_value(std::string_view text, const std::string& where) {
  try {
    return parse_toml_value(text, where);
  } catch (const Error&) {
    ConfigValue plain{std::string(text)};  // `--set model.activation=relu`: quotes may be left out
    plain.where = where;
    return plain;
  }
}

ConfigValue& layer_of(ConfigValue& tree, const std::string& name, const std::string& where) {
  if (ConfigValue* layers = tree.find("layer"); layers != nullptr && layers->is_list()) {
    for (ConfigValue& layer : std::get<ConfigValue::List>(layers->value)) {
      const ConfigValue* own = layer.find("name");
      if (own != nullptr && own->is_text() && own->as_text("name") == name) return layer;
    }
  }
  throw Error(ErrorKind::Usage, {.where = where, .fact = "no [[layer]] has the name " + quote(name)});
}

void check_section(std::string_view section, const ConfigValue& table) {
  for (const ConfigEntry& entry : table.as_table(section)) {
    check_value(require_key(section, entry.key, entry.value.where), entry.value);
  }
}

void check_layers(const ConfigValue& layers) {
  if (!layers.is_list()) {
    throw Error(ErrorKind::Usage,
                {.where = layers.where, .fact = "[layer] is one table", .expected = "[[layer]], once a layer"});
  }
  for (const ConfigValue& layer : layers.as_list("layer")) {
    const ConfigValue* kind = layer.is_table() ? layer.find("kind") : nullptr;
    if (kind == nullptr) {
      throw Error(ErrorKind::Usage,
                  {.where = layer.where, .fact = "a [[layer]] has no kind", .expected = "kind = \"dense\" or another"});
    }
    static_cast<void>(kind->as_text("kind"));
  }
}

/// What train.recipe = "chapter" puts in the place of the defaults.
ConfigValue chapter_value(const Key& key) {
  const std::string path = key.path();
  if (path == "model.activation") return "elu";
  if (path == "model.initializer") return "he_normal";
  if (path == "model.batch_norm") return "before";
  if (path == "model.dropout") return 0.5;
  if (path == "train.optimizer") return "adam";
  if (path == "train.weight_average") return 0.0;
  return default_value(key);
}

/// Whether [model] asks for layer normalisation; batch normalisation is then off unless it is asked for, too.
bool has_layer_norm(const ConfigValue* model) {
  const ConfigValue* norm = model == nullptr ? nullptr : model->find("layer_norm");
  if (norm == nullptr) return false;
  const ConfigValue* place = norm->is_table() ? norm->find("place") : norm;
  return place != nullptr && !(*place == ConfigValue("none"));
}

/// A path as it is meant: from the current folder, or, where nothing is there, from the run file's.
void place_path(ConfigValue* value, const Path& folder) {
  if (value == nullptr || !value->is_text()) return;
  const Path path = value->as_text("path");
  if (path.empty() || path.is_absolute()) return;
  FileInfo here;
  FileInfo there;
  static_cast<void>(file_system().info(path, here));
  static_cast<void>(file_system().info(folder / path, there));
  if (here.type == FileType::Missing && there.type != FileType::Missing) value->value = (folder / path).string();
}

}  // namespace

ConfigValue parse_run_tree(std::string_view text, const std::string& name) {
  ConfigValue tree = parse_toml(text, name);
  check_run_tree(tree);
  return tree;
}

ConfigValue read_run_tree(const Path& path) {
  const std::vector<std::byte> bytes = read_file(path, {.kind = ErrorKind::Usage, .limit_bytes = kMaxRunFileBytes});
  ConfigValue tree = parse_run_tree(as_text(bytes), path.string());
  if (ConfigValue* data = tree.find("data")) {
    for (const char* key : {"path", "validation", "test"}) place_path(data->find(key), path.parent_path());
  }
  return tree;
}

void apply_override(ConfigValue& tree, const Override& change) {
  const std::vector<std::string> parts = split(change.path, '.');
  if (parts.size() >= 3 && parts[0] == "layer") {
    ConfigValue* at = &layer_of(tree, parts[1], change.where);
    for (size_t i = 2; i + 1 < parts.size(); ++i)
      at = &at->set(parts[i], at->find(parts[i]) ? *at->find(parts[i]) : ConfigValue());
    at->set(parts.back(), typed_value(change.text, change.where));
    return;
  }
  if (parts.size() < 2 || !is_section(parts[0])) {
    throw Error(ErrorKind::Usage, {.where = change.where,
                                   .fact = "unknown key " + quote(change.path),
                                   .expected = "section.key, as in train.epochs",
                                   .hint = did_you_mean(parts[0], section_names())});
  }
  const Key& key = require_key(parts[0], parts[1], change.where);
  ConfigValue& section =
      tree.set(parts[0], tree.find(parts[0]) ? *tree.find(parts[0]) : ConfigValue(ConfigValue::Table{}));
  if (parts.size() == 2) {
    check_value(key, section.set(parts[1], parse_value(key, change.text, change.where)));
    return;
  }
  if (key.table_keys.empty() || parts.size() > 3) {
    throw Error(
        ErrorKind::Usage,
        {.where = change.where, .fact = "key " + key.path() + " has no keys below it", .found = quote(change.path)});
  }
  ConfigValue& value = section.set(parts[1], section.find(parts[1]) ? *section.find(parts[1]) : ConfigValue());
  as_table_for(key, value).set(parts[2], typed_value(change.text, change.where));
  check_value(key, value);
}

void check_run_tree(const ConfigValue& tree) {
  for (const ConfigEntry& entry : tree.as_table("run file")) {
    if (entry.key == "run") continue;
    if (entry.key == "layer") {
      check_layers(entry.value);
    } else if (is_section(entry.key)) {
      check_section(entry.key, entry.value);
    } else {
      refuse_section(entry.key, entry.value.where);
    }
  }
  const ConfigValue* model = tree.find("model");
  const ConfigValue* layers = tree.find("layer");
  if (layers != nullptr && model != nullptr && !model->as_table("model").empty()) {
    throw Error(ErrorKind::Usage, {.where = model->as_table("model").front().value.where,
                                   .fact = "both [model] and [[layer]] describe the network",
                                   .expected = "one of them"});
  }
}

namespace {

/// What schedule_free_adamw learns is an average already.
bool learns_an_average(const ConfigValue* train) {
  const ConfigValue* optimizer = train == nullptr ? nullptr : train->find("optimizer");
  const ConfigValue* name = optimizer != nullptr && optimizer->is_table() ? optimizer->find("name") : optimizer;
  return name != nullptr && name->is_text() && name->as_text("optimizer") == "schedule_free_adamw";
}

}  // namespace

ConfigValue fill_defaults(const ConfigValue& given) {
  const ConfigValue* train = given.find("train");
  const ConfigValue* recipe = train == nullptr ? nullptr : train->find("recipe");
  const bool chapter = recipe != nullptr && recipe->is_text() && recipe->as_text("recipe") == "chapter";
  const bool long_form = given.find("layer") != nullptr;
  ConfigValue tree;
  for (const Section& section : sections()) {
    if (long_form && section.name == "model") {
      tree.set("layer", *given.find("layer"));
      continue;
    }
    const ConfigValue* own = given.find(section.name);
    ConfigValue table{ConfigValue::Table{}};
    for (const Key& key : run_keys()) {
      if (key.section != section.name) continue;
      const ConfigValue* value = own == nullptr ? nullptr : own->find(key.name);
      ConfigValue fallback = chapter ? chapter_value(key) : default_value(key);
      if (key.path() == "model.batch_norm" && has_layer_norm(own)) fallback = "none";
      if (key.path() == "train.weight_average" && learns_an_average(train)) fallback = 0.0;
      table.set(key.name, value != nullptr ? *value : fallback);
    }
    tree.set(section.name, std::move(table));
  }
  return tree;
}

ConfigValue read_given_tree(const std::optional<Path>& run_file, const std::optional<std::string>& data,
                            const std::vector<Override>& overrides) {
  ConfigValue tree = run_file ? read_run_tree(*run_file) : ConfigValue(ConfigValue::Table{});
  if (data) apply_override(tree, {"data.path", *data, "DATA"});
  for (const Override& change : overrides) apply_override(tree, change);
  check_run_tree(tree);
  return fill_defaults(tree);
}

ConfigValue with_absolute_paths(ConfigValue tree) {
  for (const char* key : {"path", "validation", "test"}) {
    ConfigValue* value = tree.find("data")->find(key);
    if (value == nullptr || !value->is_text() || value->as_text(key).empty()) continue;
    value->value = std::filesystem::absolute(value->as_text(key)).lexically_normal().string();
  }
  return tree;
}

const ConfigValue& value_at(const ConfigValue& tree, std::string_view section, std::string_view name) {
  const ConfigValue* table = tree.find(section);
  const ConfigValue* value = table == nullptr ? nullptr : table->find(name);
  RB_ASSERT(value != nullptr);
  return *value;
}

}  // namespace redbud::cli
