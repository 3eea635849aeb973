#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "redbud/core/config_value.h"
#include "redbud/data/schema.h"

namespace redbud::cli {

/// What the rules look at.
struct DataFacts {
  int64_t train_rows = 0;
  int64_t features = 0;
  int64_t outputs = 0;
  Task task = Task::Classification;
  bool pixels = false;  // pictures or arrays rather than a table's columns
};

/// What an "auto" became, and why.
struct Decision {
  std::string key;  // "train.batch_size"
  ConfigValue value;
  std::string why;
};

/// "train.batch_size = 64  (auto: 5,000 training rows)"
std::string to_text(const Decision& decision);

/// Decides every "auto" of a filled tree from the data and writes the outcome into the tree.
std::vector<Decision> decide_auto(ConfigValue& tree, const DataFacts& facts);

/// The rules, one each.
int64_t auto_batch_size(const DataFacts& facts, std::string& why);
std::vector<int64_t> auto_hidden(const DataFacts& facts, std::string& why);
double auto_dropout(const DataFacts& facts, const std::vector<int64_t>& hidden, std::string& why);

}  // namespace redbud::cli
