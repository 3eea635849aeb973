#include "redbud/cli/config/learning.h"

#include "redbud/cli/config/run_tree.h"
#include "redbud/cli/config/settings.h"
#include "redbud/core/error.h"
#include "redbud/optim/schedule.h"

namespace redbud::cli {

void check_learning(const ConfigValue& tree) {
  const ConfigValue& optimizer = value_at(tree, "train", "optimizer");
  const ConfigValue& schedule = value_at(tree, "train", "schedule");
  const OptimizerConfig config = optimizer_config(tree);
  try {
    static_cast<void>(resolved(config));
  } catch (const Error& error) {
    ErrorText text = error.text();
    if (text.where.empty()) text.where = optimizer.where;
    throw Error(ErrorKind::Usage, text);
  }
  if (schedule_from_config(schedule)->momentum({}) && !has_momentum(config)) {
    throw Error(ErrorKind::Usage, {.where = schedule.where,
                                   .fact = "key train.schedule changes a momentum, and the optimizer has none",
                                   .found = config.name,
                                   .expected = "an optimizer with momentum or beta1"});
  }
}

}  // namespace redbud::cli
