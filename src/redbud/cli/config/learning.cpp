#include "redbud/cli/config/learning.h"

#include "redbud/cli/config/run_tree.h"
#include "redbud/cli/config/settings.h"
#include "redbud/core/error.h"
#include "redbud/optim/momentum_schedule.h"

namespace redbud::cli {

void check_learning(const ConfigValue& tree) {
  const ConfigValue& optimizer = value_at(tree, "train", "optimizer");
  const OptimizerConfig config = optimizer_config(tree);
  try {
    static_cast<void>(resolved(config));
    check_momentum(value_at(tree, "train", "schedule"), value_at(tree, "train", "momentum_schedule"), config);
  } catch (const Error& error) {
    ErrorText text = error.text();
    if (text.where.empty()) text.where = optimizer.where;
    throw Error(ErrorKind::Usage, text);
  }
}

}  // namespace redbud::cli
