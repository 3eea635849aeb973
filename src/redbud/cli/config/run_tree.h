#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "redbud/core/config_value.h"
#include "redbud/core/file.h"

namespace redbud::cli {

/// What the command line says about a key: `--batch-size 32` is {"train.batch_size", "32", "--batch-size"}.
struct Override {
  std::string path;  // "train.batch_size", "train.optimizer.beta1", "layer.hidden1.units"
  std::string text;
  std::string where;  // for messages
};

/// A run's configuration as a tree: tables "data", "model", "train", a list "layer" where the long form is used, and
/// "run" where it is the config.toml of a run's folder (what a run notes about itself). Keys that nobody gave are
/// absent until fill_defaults.

/// Reads a run file. Relative paths in it are meant from the current folder, or, where nothing is there, from the
/// file's own. Throws  Error{Usage} with line and column: not TOML; unknown section or key (naming the nearest); value
/// out of range
ConfigValue read_run_tree(const Path& path);
ConfigValue parse_run_tree(std::string_view text, const std::string& name);

/// Puts a value of the command line in its place. A plain text that stands for a table ("adam") becomes that table
/// where a key below it is set. Throws  Error{Usage}: unknown key, value out of range
void apply_override(ConfigValue& tree, const Override& change);

/// Checks all keys and values, and that not both [model] and [[layer]] are there.
void check_run_tree(const ConfigValue& tree);

/// The tree with every key of every section, in the order of the table: what was given, else what train.recipe says,
/// else the default.
ConfigValue fill_defaults(const ConfigValue& given);

/// The filled tree of a command line: the run file (if one is given), then DATA, then the options.
ConfigValue read_given_tree(const std::optional<Path>& run_file, const std::optional<std::string>& data,
                            const std::vector<Override>& overrides);

/// The tree as it is saved: its data are found whatever the current folder is then.
ConfigValue with_absolute_paths(ConfigValue tree);

/// The value of "train.epochs" in a filled tree.
const ConfigValue& value_at(const ConfigValue& tree, std::string_view section, std::string_view name);

}  // namespace redbud::cli
