// What is minimised: the loss with its constants, and what rows and classes weigh in it.
#include "redbud/cli/run/objective.h"

#include <fmt/format.h>

#include <algorithm>

#include "redbud/cli/config/run_tree.h"
#include "redbud/core/error.h"
#include "redbud/core/text.h"
#include "redbud/data/sample_weights.h"
#include "redbud/losses/choose_loss.h"
#include "redbud/losses/registry.h"

namespace redbud::cli {
namespace {

bool is_word(const ConfigValue& value, std::string_view word) { return value.is_text() && value.as_text("") == word; }

const ConfigValue& train_value(const ConfigValue& tree, std::string_view key) { return value_at(tree, "train", key); }

[[noreturn]] void refuse(const ConfigValue& value, const std::string& fact, const std::string& found,
                         const std::string& expected) {
  throw Error(ErrorKind::Usage, {.where = value.where, .fact = fact, .found = found, .expected = expected});
}

/// The loss with the smoothing of train.label_smoothing.
std::shared_ptr<const Loss> smoothed(const ConfigValue& tree, std::shared_ptr<const Loss> loss) {
  const ConfigValue& smoothing = train_value(tree, "label_smoothing");
  if (smoothing.as_number("label_smoothing") == 0.0) return loss;
  if (loss->kind() != "softmax_cross_entropy" && loss->kind() != "sigmoid_cross_entropy") {
    refuse(smoothing, "key train.label_smoothing does not go with the loss", std::string(loss->kind()),
           "softmax_cross_entropy or sigmoid_cross_entropy");
  }
  ConfigValue table;
  table.set("name", loss->kind());
  table.set("label_smoothing", smoothing);
  return loss_from_config(table);
}

void check_mixup(const ConfigValue& tree, const Loss& loss) {
  const ConfigValue& mixup = train_value(tree, "mixup");
  if (mixup.as_number("mixup") == 0.0 || loss.takes_soft_targets()) return;
  refuse(mixup, "key train.mixup does not go with the loss", std::string(loss.kind()),
         "a loss that takes targets between two classes; not focal or hinge");
}

void check_class_weights(const ConfigValue& tree, Task task) {
  const ConfigValue& weights = train_value(tree, "class_weights");
  if (is_word(weights, "none") || task == Task::Classification) return;
  refuse(weights, "key train.class_weights does not go with the task",
         task == Task::Regression ? "regression" : "several labels", "classes, one a row");
}

}  // namespace

void check_objective(const ConfigValue& tree, ReadOptions& read) {
  const ConfigValue& wanted = train_value(tree, "loss");
  const bool several = read.target.size() > 1;
  if (!is_word(wanted, "auto") && read.task == Task::Auto) {
    const TargetKind kind = loss_from_config(wanted)->target_kind();
    read.task = task_of(kind) == Task::Regression ? Task::Regression : Task::Classification;
  }
  if (read.task == Task::Auto && !several) return;
  const bool classes = read.task == Task::Classification;
  const Task task = !classes ? Task::Regression : several ? Task::MultiLabel : Task::Classification;
  if (classes && !several && !is_word(wanted, "auto")) {
    // Arrays may yet turn out to have several labels a row.
    if (task_of(loss_from_config(wanted)->target_kind()) == Task::MultiLabel) return;
  }
  check_mixup(tree, *smoothed(tree, choose_loss(wanted, task)));
  check_class_weights(tree, task);
}

std::shared_ptr<const Loss> objective_loss(const ConfigValue& tree, const Schema& schema) {
  const ConfigValue& wanted = train_value(tree, "loss");
  auto loss = smoothed(tree, choose_loss(wanted, schema.task));
  check_mixup(tree, *loss);
  check_class_weights(tree, schema.task);
  if (loss->target_kind() == TargetKind::Vectors && schema.outputs() < 2) {
    refuse(wanted, "the loss cosine compares vectors", "1 target", "a list of at least two targets");
  }
  return loss;
}

std::vector<double> class_weights(const ConfigValue& tree, const Dataset& train) {
  const ConfigValue& given = train_value(tree, "class_weights");
  if (is_word(given, "none")) return {};
  if (is_word(given, "balanced")) return balanced_class_weights(train);
  const ConfigValue::List& list = given.as_list("class_weights");
  const auto& classes = train.schema().classes;
  if (list.size() != classes.size()) {
    refuse(given, "key train.class_weights does not have one weight a class", fmt::format("{} weights", list.size()),
           fmt::format("{}, for {}", classes.size(), fmt::join(classes, ", ")));
  }
  std::vector<double> weights;
  for (const ConfigValue& weight : list) weights.push_back(weight.as_number("class_weights"));
  if (std::all_of(weights.begin(), weights.end(), [](double w) { return w == 0.0; })) {
    refuse(given, "key train.class_weights is 0 for every class", fmt::format("{} weights", list.size()),
           "one above 0");
  }
  return weights;
}

}  // namespace redbud::cli
