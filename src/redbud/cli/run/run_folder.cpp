#include "redbud/cli/run/run_folder.h"

#include <fmt/format.h>

#include <algorithm>

#include "redbud/checkpoint/model_file.h"
#include "redbud/cli/config/keys.h"
#include "redbud/cli/config/run_tree.h"
#include "redbud/cli/config/toml.h"
#include "redbud/cli/program.h"
#include "redbud/core/checksum.h"
#include "redbud/core/error.h"

namespace redbud::cli {
namespace {

FileType type_of(const Path& path) {
  FileInfo info;
  const IoStatus status = file_system().info(path, info);
  return status.ok() ? info.type : FileType::Missing;
}

/// "adult" of "data/adult.csv.gz", "mnist" of "data/mnist/".
std::string stem_of(const Path& data) {
  Path path = data.lexically_normal();
  if (!path.has_filename()) path = path.parent_path();
  std::string name = path.filename().string();
  const size_t dot = name.find('.', 1);
  if (dot != std::string::npos) name.resize(dot);
  return name.empty() || name == "." || name == ".." ? "run" : name;
}

std::string reason_comment(const PreparedRun& run, const std::string& key) {
  for (const Decision& decision : run.decisions) {
    if (decision.key == key) return "  # auto: " + decision.why;
  }
  return "";
}

void append_section(std::string& out, const PreparedRun& run, const ConfigValue& tree, std::string_view section) {
  out += fmt::format("\n[{}]\n", section);
  for (const ConfigEntry& entry : tree.find(section)->as_table(section)) {
    if (entry.value.is_null()) continue;  // data.test where there is none
    const std::string key = fmt::format("{}.{}", section, entry.key);
    out += fmt::format("{} = {}{}\n", entry.key, to_toml_value(entry.value), reason_comment(run, key));
  }
}

void append_layers(std::string& out, const ConfigValue& layers) {
  for (const ConfigValue& layer : layers.as_list("layer")) {
    out += "\n[[layer]]\n";
    for (const ConfigEntry& entry : layer.as_table("layer"))
      out += fmt::format("{} = {}\n", entry.key, to_toml_value(entry.value));
  }
}

/// Where a data file lies from the run's folder: found again where both were moved together.
void append_relative(std::string& out, const ConfigValue& tree, const char* key, const Path& folder) {
  const ConfigValue* value = tree.find("data")->find(key);
  if (value == nullptr || !value->is_text() || value->as_text(key).empty()) return;
  const Path relative =
      Path(value->as_text(key)).lexically_relative(std::filesystem::absolute(folder).lexically_normal());
  if (!relative.empty()) out += fmt::format("{}_from_here = {}\n", key, to_toml_value(relative.string()));
}

std::vector<std::string> names_in(const Path& folder) {
  std::vector<std::string> names;
  if (type_of(folder) != FileType::Folder || !file_system().list(folder, names).ok()) names.clear();
  return names;
}

void remove_file(const Path& path) {
  const IoStatus status = file_system().remove(path);
  if (status.ok() || status.code == ENOENT) return;
  throw Error(ErrorKind::Environment, {.where = path.string(), .fact = "can't be removed", .found = describe(status)});
}

}  // namespace

Path model_file_of(const Path& run) { return run / "model.redbud"; }
Path log_file_of(const Path& run) { return run / "log.jsonl"; }
Path config_file_of(const Path& run) { return run / "config.toml"; }
Path rejects_file_of(const Path& run) { return run / "rejects.csv"; }
Path page_file_of(const Path& run) { return run / "report.html"; }
Path tensorboard_folder_of(const Path& run) { return run / "tensorboard"; }

bool holds_run(const Path& folder) {
  return type_of(config_file_of(folder)) != FileType::Missing || type_of(model_file_of(folder)) != FileType::Missing ||
         has_checkpoints(folder);
}

ConfigValue read_config_of(const Path& run) {
  if (type_of(config_file_of(run)) != FileType::Regular) {
    throw Error(ErrorKind::Data, {.where = run.string(),
                                  .fact = "is not the folder of a run",
                                  .expected = "config.toml in it, as `redbud train` writes it"});
  }
  try {
    // Errors in the folder's own files are the data's fault, not the command line's.
    return read_run_tree(config_file_of(run));
  } catch (const Error& error) {
    throw Error(error.kind() == ErrorKind::Usage ? ErrorKind::Data : error.kind(), error.text());
  }
}

void find_moved_files(ConfigValue& tree, const Path& folder) {
  const ConfigValue* own = tree.find("run");
  ConfigValue* data = tree.find("data");
  if (own == nullptr || data == nullptr) return;
  for (const char* key : {"path", "validation", "test"}) {
    ConfigValue* value = data->find(key);
    const ConfigValue* relative = own->find(std::string(key) + "_from_here");
    if (value == nullptr || relative == nullptr || !value->is_text() || !relative->is_text()) continue;
    FileInfo info;
    if (file_system().info(value->as_text(key), info).ok() && info.type != FileType::Missing) continue;
    const Path moved = (folder / relative->as_text(key)).lexically_normal();
    if (file_system().info(moved, info).ok() && info.type != FileType::Missing) value->value = moved.string();
  }
}

Path next_run_folder(const Path& data) {
  const std::string stem = stem_of(data);
  for (int64_t number = 1;; ++number) {
    const Path folder = Path("runs") / fmt::format("{}-{}", stem, number);
    if (type_of(folder) == FileType::Missing) return folder;
  }
}

void require_no_run(const Path& folder) {
  const FileType type = type_of(folder);
  if (type != FileType::Missing && type != FileType::Folder) {
    throw Error(ErrorKind::Environment,
                {.where = folder.string(), .fact = "is not a folder", .hint = "choose another one with --out"});
  }
  if (type == FileType::Missing || !holds_run(folder)) return;
  throw Error(ErrorKind::Environment,
              {.where = folder.string(),
               .fact = "holds a run already",
               .hint = fmt::format(
                   "go on with `redbud resume {}`, replace it with --overwrite, or choose another folder with --out",
                   folder.string())});
}

void clear_run(const Path& folder) {
  for (const std::string& name : names_in(folder / "checkpoints")) {
    if (name != ".lock") remove_file(folder / "checkpoints" / name);
  }
  for (const std::string& name : names_in(tensorboard_folder_of(folder))) {
    if (name.starts_with("events.out.tfevents.")) remove_file(tensorboard_folder_of(folder) / name);
  }
  // The configuration goes last: while it is there, the folder still is a run.
  for (const Path& file : {page_file_of(folder), log_file_of(folder), model_file_of(folder), rejects_file_of(folder),
                           config_file_of(folder)}) {
    remove_file(file);
  }
}

bool has_checkpoints(const Path& folder) {
  std::vector<std::string> names;
  if (!file_system().list(folder / "checkpoints", names).ok()) return false;
  return std::any_of(names.begin(), names.end(), [](const std::string& name) { return name.ends_with(".ckpt"); });
}

std::string config_text(const PreparedRun& run, const Path& folder) {
  std::string out =
      fmt::format("# The configuration of this run, every \"auto\" decided. Made by redbud {}.\n", program_version());
  const ConfigValue tree = with_absolute_paths(run.tree);
  for (const Section& section : sections()) {
    const ConfigValue* layers = run.tree.find("layer");
    if (section.name == "model" && layers != nullptr) {
      append_layers(out, *layers);
    } else {
      append_section(out, run, tree, section.name);
    }
  }
  out += "\n[run]  # what the run notes about itself, for `redbud resume`\n";
  out += fmt::format("version = \"{}\"\n", program_version());
  out += fmt::format("data_fingerprint = \"{}\"\n", to_hex(run.data_fingerprint));
  if (run.validation.fingerprint != 0)
    out += fmt::format("validation_fingerprint = \"{}\"\n", to_hex(run.validation.fingerprint));
  if (run.test && run.test->fingerprint != 0)
    out += fmt::format("test_fingerprint = \"{}\"\n", to_hex(run.test->fingerprint));
  for (const char* key : {"path", "validation", "test"}) append_relative(out, tree, key, folder);
  return out;
}

Path find_model_file(const Path& model) {
  if (type_of(model) != FileType::Folder) return model;
  const Path file = model_file_of(model);
  if (type_of(file) != FileType::Missing) return file;
  throw Error(ErrorKind::Model,
              {.where = model.string(),
               .fact = holds_run(model) ? "the run has no model yet" : "the folder holds no model",
               .expected = "a model file, or the folder of a run",
               .hint = holds_run(model) ? fmt::format("end it with `redbud resume {}`", model.string()) : ""});
}

}  // namespace redbud::cli
