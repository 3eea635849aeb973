#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "redbud/cli/config/auto_rules.h"
#include "redbud/core/config_value.h"
#include "redbud/core/file.h"
#include "redbud/data/batch.h"
#include "redbud/data/read.h"
#include "redbud/graph/model.h"
#include "redbud/train/trainer.h"

namespace redbud::cli {

/// Rows of a run, encoded, and where they came from.
struct RunRows {
  std::unique_ptr<SampleSource> source;
  std::string from;                  // "adult-test.csv", "a share of 0.2"
  uint64_t fingerprint = 0;          // of a file of its own; 0 = part of the training file
  int64_t bytes = 0;                 // that it holds in memory
  std::vector<int64_t> places = {};  // of each row in its file; not of training rows
  bool are_lines = false;            // counted as an editor does; else rows, from 0
};

/// All that a run needs before its first step: the data read, parted and encoded, every "auto" decided, the network
/// laid out.
struct PreparedRun {
  ConfigValue tree;  // filled, without "auto"
  std::vector<Decision> decisions;
  std::vector<std::string> facts;  // what was read and guessed
  std::vector<std::string> warnings;
  int64_t rows_left_out = 0;
  uint64_t data_fingerprint = 0;
  RunRows train, validation;
  std::optional<RunRows> test;
  Model model;  // values not yet drawn
  TrainConfig config;
};

/// Prepares the run of a filled tree. Rows that can't be read go to `rejects` (data.skip_bad_rows; "" = nowhere).
/// Throws  Error{Usage, Data}
PreparedRun prepare_run(const ConfigValue& tree, const Path& rejects);

}  // namespace redbud::cli
