#include "redbud/train/data_fit.h"

#include <fmt/format.h>

#include <algorithm>

#include "redbud/losses/registry.h"

namespace redbud {
namespace {

[[noreturn]] void refuse(const std::string& what, std::string fact, int64_t found, int64_t expected) {
  throw Error(ErrorKind::Data, {.where = what + " data",
                                .fact = std::move(fact),
                                .found = fmt::format("{}", found),
                                .expected = fmt::format("{}", expected)});
}

}  // namespace

void require_fit(const Model& model, const SampleSource& source, const std::string& what) {
  if (source.rows() < 1) throw Error(ErrorKind::Data, {.where = what + " data", .fact = "there are no rows"});
  const BatchType& type = source.type();
  const std::vector<int> inputs = model.graph.inputs();
  if (type.inputs.size() != inputs.size()) {
    refuse(what, "the rows have another number of input blocks than the network",
           static_cast<int64_t>(type.inputs.size()), static_cast<int64_t>(inputs.size()));
  }
  for (size_t i = 0; i < inputs.size(); ++i) {
    const int64_t width = model.graph.node(inputs[i]).signature.output.shape.elements();
    if (type.inputs[i].width() != width) {
      refuse(what, "the rows have another number of features than the network", type.inputs[i].width(), width);
    }
  }
  const auto loss = loss_from_config(model.loss);
  const BlockType target = target_block(*loss, model.graph.output_shape().elements());
  if (type.targets.size() != 1) {
    refuse(what, "the rows do not have one target block", static_cast<int64_t>(type.targets.size()), 1);
  }
  if (type.targets[0].type != target.type || type.targets[0].width() != target.width()) {
    throw Error(ErrorKind::Data,
                {.where = what + " data",
                 .fact = "the targets are not those of the loss " + std::string(loss->kind()),
                 .found = fmt::format("{} {}", to_string(type.targets[0].type), to_string(type.targets[0].shape)),
                 .expected = fmt::format("{} {}", to_string(target.type), to_string(target.shape))});
  }
}

void require_trainable(const Model& model, const SampleSource& train, const TrainConfig& config) {
  if (config.mixup > 0.0 && !loss_from_config(model.loss)->takes_soft_targets()) {
    throw Error(ErrorKind::Usage, {.where = "mixup",
                                   .fact = "the loss takes no targets between two classes",
                                   .found = std::string(loss_from_config(model.loss)->kind()),
                                   .expected = "another loss, or mixup = 0"});
  }
  if (needs_batches(model.graph) && std::min(config.batch_size, train.rows()) < 2) {
    throw Error(ErrorKind::Usage, {.where = config.batch_size < 2 ? "batch_size" : "training data",
                                   .fact = "batch normalisation has no variance in a batch of one row",
                                   .expected = "at least 2 rows a batch",
                                   .hint = "set batch_size to 2 or more, or batch_norm to none"});
  }
}

bool needs_batches(const Graph& graph) {
  return std::any_of(graph.nodes().begin(), graph.nodes().end(),
                     [](const Node& node) { return node.layer && node.layer->kind() == "batch_norm" && !node.frozen; });
}

}  // namespace redbud
