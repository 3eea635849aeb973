// redbud check FILE|FOLDER: validate without using; every fault a line.
#include <fmt/format.h>

#include <algorithm>

#include "redbud/checkpoint/model_file.h"
#include "redbud/checkpoint/train_state.h"
#include "redbud/cli/commands/commands.h"
#include "redbud/cli/run/run_folder.h"
#include "redbud/core/error.h"
#include "redbud/core/text.h"
#include "redbud/data/read.h"

namespace redbud::cli {
namespace {

struct Options {
  Path path;
  bool json = false;
};

/// What is wrong, and the exit code that the first fault asks for.
struct Faults {
  std::vector<std::string> lines;
  int code = kExitOk;

  void add(std::string line, ErrorKind kind) {
    lines.push_back(std::move(line));
    if (code == kExitOk) code = exit_code(kind);
  }
};

void check_data(const Path& path, Faults& faults, Console& console) {
  ReadNotes notes;
  ReadOptions options;
  options.skip_bad_rows = true;  // so that the reader goes on to the next
  try {
    const Dataset data = read_data(path, options, &notes);
    for (const std::string& line : notes.rejects) faults.add(path.string() + ": " + line, ErrorKind::Data);
    console.note(fmt::format("{}: {} rows, {} columns", path.string(), with_thousands(data.rows()),
                             std::max<size_t>(1, data.schema().columns.size())));
    for (const std::string& warning : notes.warnings) console.warn(warning);
  } catch (const Error& error) {
    faults.add(error.what(), error.kind());
  }
}

void check_model(const Path& path, Faults& faults) {
  for (const std::string& line : check_model_file(path)) faults.add(line, ErrorKind::Model);
  if (faults.lines.empty()) return;
  try {
    static_cast<void>(load_model(path));
  } catch (const Error& error) {
    faults.code = exit_code(error.kind());  // a checksum that differs is another matter than a foreign file
  }
}

void check_run(const Path& folder, Faults& faults) {
  try {
    static_cast<void>(read_run_tree(config_file_of(folder)));
  } catch (const Error& error) {
    faults.add(error.what(), ErrorKind::Data);
  }
  FileInfo info;
  if (file_system().info(model_file_of(folder), info).ok() && info.type != FileType::Missing) {
    Faults model;
    check_model(model_file_of(folder), model);
    for (const std::string& line : model.lines) faults.lines.push_back(line);
    if (faults.code == kExitOk) faults.code = model.code;
  }
  std::vector<std::string> names;
  if (!file_system().list(folder / "checkpoints", names).ok()) return;
  for (const std::string& name : names) {
    if (!name.ends_with(".ckpt")) continue;
    const Path path = folder / "checkpoints" / name;
    try {
      static_cast<void>(parse_checkpoint(read_file(path, {.kind = ErrorKind::Verification}), path.string()));
    } catch (const Error& error) {
      faults.add(error.what(), error.kind());
    }
  }
}

bool is_safetensors(const Path& path) {
  std::unique_ptr<FileHandle> file = open_for_reading(path);
  std::array<std::byte, 9> head{};
  int64_t done = 0;
  if (!file->read_at(0, head, done).ok()) return false;
  if (path.extension() == ".redbud" || path.extension() == ".safetensors" || path.extension() == ".ckpt") return true;
  return done == 9 && head[8] == std::byte{'{'} && head[7] == std::byte{0};
}

void check_path(const Path& path, Faults& faults, Console& console) {
  FileInfo info;
  const IoStatus status = file_system().info(path, info);
  if (status.ok() && info.type == FileType::Folder && holds_run(path)) return check_run(path, faults);
  if (!status.ok() || info.type != FileType::Regular) return check_data(path, faults, console);
  try {
    if (is_safetensors(path)) return check_model(path, faults);
  } catch (const Error& error) {
    return faults.add(error.what(), error.kind());
  }
  check_data(path, faults, console);
}

int run(Options& options, Console& console) {
  Faults faults;
  check_path(options.path, faults, console);
  if (console.json()) {
    ConfigValue::List lines;
    for (const std::string& line : faults.lines) lines.emplace_back(line);
    ConfigValue record;
    record.set("file", options.path.string());
    record.set("ok", faults.lines.empty());
    record.set("faults", std::move(lines));
    console.print_record(record);
    return faults.code;
  }
  for (const std::string& line : faults.lines) console.print(line + "\n");
  if (faults.lines.empty()) console.print(options.path.string() + ": good\n");
  return faults.code;
}

}  // namespace

Command check_command() {
  return CommandBuilder<Options>("check", "Validate a model, a run or data without using it, and list every fault", run)
      .argument("FILE", &Options::path, "model file, checkpoint, folder of a run, CSV[.gz], IDX folder, .npy or .npz")
      .flag("--json", &Options::json, "one JSON object on stdout")
      .example("  redbud check runs/adult\n")
      .build();
}

}  // namespace redbud::cli
