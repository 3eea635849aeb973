// What is minimised: the loss with its constants, and what rows and classes weigh in it.
#include "redbud/cli/run/objective.h"

#include "redbud/cli/config/run_tree.h"
#include "redbud/core/error.h"
#include "redbud/core/text.h"
#include "redbud/data/class_weights.h"
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

ClassWeights given_class_weights(const ConfigValue& value) {
  if (is_word(value, "none")) return {};
  if (is_word(value, "balanced")) return ClassWeights::balanced();
  std::vector<double> list;
  for (const ConfigValue& weight : value.as_list("class_weights")) list.push_back(weight.as_number("class_weights"));
  return list;
}

/// Calls f with what the tree says; the library knows the key, not its place.
template <class F>
auto with_class_weights_of(const ConfigValue& tree, const F& f) {
  const ConfigValue& value = train_value(tree, "class_weights");
  try {
    return f(given_class_weights(value));
  } catch (const Error& error) {
    ErrorText text = error.text();
    text.where = value.where;
    text.fact = "key train." + text.fact;
    throw Error(error.kind(), text);
  }
}

void check_class_weights(const ConfigValue& tree, Task task) {
  with_class_weights_of(tree, [&](const ClassWeights& weights) { require_classes(weights, task); });
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
  return with_class_weights_of(tree,
                               [&](const ClassWeights& weights) { return redbud::class_weights(weights, train); });
}

}  // namespace redbud::cli
