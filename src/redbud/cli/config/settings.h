#pragma once
#include <optional>
#include <string>
#include <vector>

#include "redbud/core/config_value.h"
#include "redbud/core/file.h"
#include "redbud/data/read.h"
#include "redbud/data/recipe.h"
#include "redbud/data/schema.h"
#include "redbud/graph/graph.h"
#include "redbud/layers/mlp.h"
#include "redbud/train/trainer.h"

namespace redbud::cli {

/// A part of the rows: a share below 1 or a count from 1 on, or the rows of a file.
struct Portion {
  double amount = 0.0;
  Path path = {};

  bool is_path() const { return !path.empty(); }
};

/// [data] of a filled tree, in the library's terms.
struct DataSettings {
  Path path;
  ReadOptions read;
  Portion validation;
  std::optional<Portion> test;
  UnseenPolicy unseen = UnseenPolicy::Zeros;
};

/// Throws  Error{Usage} where no data is given
DataSettings data_settings(const ConfigValue& tree);

/// [model] and [train] of a tree without "auto".
MlpConfig mlp_config(const ConfigValue& tree);
TrainConfig train_config(const ConfigValue& tree);

/// The rule of train.optimizer with all that belongs to the update; learning rate 0 where it still is "auto".
OptimizerConfig optimizer_config(const ConfigValue& tree);

/// Makes every [[layer]] by itself, so that a wrong key or value shows before the data is read.
/// Throws  Error{Usage} with its place
void check_layers(const ConfigValue& tree);

std::vector<std::string> disabled_passes(const ConfigValue& tree);

/// The network of a tree for data of this schema: [[layer]] where it is there, else [model].
/// Throws  Error{Usage}: unknown kind or key; a network whose last layer does not give what the data needs
Graph network(const ConfigValue& tree, const Schema& schema);

}  // namespace redbud::cli
