#include "redbud/losses/choose_loss.h"

#include <array>

#include "redbud/core/error.h"
#include "redbud/losses/registry.h"

namespace redbud {
namespace {

const char* auto_loss(Task task) {
  if (task == Task::Regression) return "mean_squared_error";
  return task == Task::MultiLabel ? "sigmoid_cross_entropy" : "softmax_cross_entropy";
}

const char* text_of(Task task) {
  if (task == Task::Regression) return "regression";
  return task == Task::MultiLabel ? "classification by several labels" : "classification";
}

std::string losses_of(Task task) {
  std::string text;
  for (const std::string& name : loss_names()) {
    if (task_of(loss_from_config(name)->target_kind()) == task) text += (text.empty() ? "" : ", ") + name;
  }
  return text;
}

struct Twin {
  const char* of_classes;
  const char* of_labels;
};
constexpr std::array kTwins = {Twin{"focal", "sigmoid_focal"}, Twin{"hinge", "binary_hinge"}};

ConfigValue renamed(const ConfigValue& config, const char* name) {
  if (!config.is_table()) return name;
  ConfigValue table = config;
  table.set("name", name);
  return table;
}

}  // namespace

Task task_of(TargetKind targets) {
  if (targets == TargetKind::Classes) return Task::Classification;
  return targets == TargetKind::Labels ? Task::MultiLabel : Task::Regression;
}

std::shared_ptr<const Loss> choose_loss(const ConfigValue& wanted, Task task) {
  if (wanted.is_text() && wanted.as_text("loss") == "auto") return loss_from_config(auto_loss(task));
  auto loss = loss_from_config(wanted);
  for (const auto& [of_classes, of_labels] : kTwins) {
    if (task == Task::MultiLabel && loss->kind() == of_classes) loss = loss_from_config(renamed(wanted, of_labels));
  }
  if (task_of(loss->target_kind()) == task) return loss;
  throw Error(ErrorKind::Usage, {.where = wanted.where,
                                 .fact = "the loss " + std::string(loss->kind()) + " does not fit the task",
                                 .found = text_of(task),
                                 .expected = losses_of(task)});
}

TargetScaling target_scaling(const Loss& loss) {
  if (loss.link() == Link::Exp) return TargetScaling::ByMean;
  return loss.target_kind() == TargetKind::Vectors ? TargetScaling::None : TargetScaling::Standardise;
}

}  // namespace redbud
