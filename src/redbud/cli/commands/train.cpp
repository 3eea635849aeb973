// redbud train DATA: a new run in a folder of its own.
#include "redbud/cli/commands/commands.h"
#include "redbud/cli/config/run_tree.h"
#include "redbud/cli/config/settings.h"
#include "redbud/cli/run/execute.h"
#include "redbud/cli/run/prepare.h"
#include "redbud/cli/run/run_folder.h"
#include "redbud/core/error.h"

namespace redbud::cli {
namespace {

struct Options {
  std::optional<std::string> data;
  std::optional<Path> config;
  std::vector<Override> overrides;
  std::optional<Path> out;
  bool overwrite = false;
  bool json = false;
};

int run(Options& options, Console& console) {
  if (options.data && Path(*options.data).extension() == ".toml") {
    throw Error(ErrorKind::Usage, {.where = *options.data,
                                   .fact = "is a run file",
                                   .expected = "data",
                                   .hint = "give it to --config: redbud train --config " + *options.data});
  }
  const ConfigValue tree = read_given_tree(options.config, options.data, options.overrides);
  const DataSettings data = data_settings(tree);
  const Path folder = options.out ? *options.out : next_run_folder(data.path);
  if (!options.overwrite) require_no_run(folder);

  std::optional<FolderLock> lock;
  const auto take_folder = [&] {
    make_folders(folder);
    lock.emplace(folder);
    if (!options.overwrite) require_no_run(folder);  // another run may have begun since
  };
  if (data.read.skip_bad_rows) take_folder();  // rejects.csv is written while reading
  PreparedRun prepared = prepare_run(tree, rejects_file_of(folder));
  if (!lock) take_folder();
  if (options.overwrite) clear_run(folder);
  write_text_file(config_file_of(folder), config_text(prepared, folder));
  describe_run(prepared, console);
  return execute_run(std::move(prepared), folder, console);
}

}  // namespace

Command train_command() {
  return CommandBuilder<Options>("train", "Train a network on a table, pictures or arrays: a new run", run)
      .optional_argument("DATA", &Options::data,
                         "CSV[.gz], folder of IDX files, .npy or .npz; or data.path of the run file")
      .option("--config", &Options::config, "RUN.toml", "run file; options of the command line win over it")
      .option("--out", &Options::out, "RUN_DIR", "folder of the run [runs/<data>-<number>]")
      .flag("--overwrite", &Options::overwrite, "replace the run that the folder holds")
      .flag("--json", &Options::json, "one JSON object a line on stdout: start, epochs, done")
      .run_keys(&Options::overrides)
      .example(
          "  redbud train adult.csv --target income --test adult-test.csv --hidden 64,64 --epochs 20 --seed 1 --out "
          "runs/adult\n"
          "  redbud train mnist/ --config ten_layers.toml --set train.epochs=5\n")
      .build();
}

}  // namespace redbud::cli
