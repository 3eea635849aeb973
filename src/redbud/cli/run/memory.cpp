#include "redbud/cli/run/memory.h"

#include <fmt/format.h>

#include <algorithm>

#include "redbud/core/text.h"
#include "redbud/losses/registry.h"
#include "redbud/plan/plan.h"
#include "redbud/train/batch_order.h"
#include "redbud/train/watched_layers.h"

namespace redbud::cli {
namespace {

constexpr int64_t kProgramBytes = 11'000'000;  // measured: resident memory of a run without data
constexpr int64_t kEvaluationRows = 512;       // rows of a batch where the whole set is scored

int64_t arena_of(const Model& model, ParameterStore& values, AlignedBuffer* gradients, const PlanOptions& options) {
  return Plan(model.graph, loss_from_config(model.loss).get(), values, gradients, options).arena_bytes();
}

bool has_batch_norm(const Graph& graph) {
  const auto& nodes = graph.nodes();
  return std::any_of(nodes.begin(), nodes.end(),
                     [](const Node& n) { return n.layer && n.layer->kind() == "batch_norm"; });
}

}  // namespace

int64_t rough_memory_needs(const PreparedRun& run) {
  constexpr int64_t kArraysOfParameters = 6;  // values, best, gradients, their average, two of the optimizer
  constexpr int64_t kArraysOfOutputs = 3;     // what a layer gives, its gradient, what it keeps
  int64_t outputs = 0;
  for (const Node& node : run.model.graph.nodes()) outputs += node.signature.output.shape.elements();
  const auto a_float = static_cast<int64_t>(sizeof(float));
  return kProgramBytes + run.train.bytes + run.validation.bytes + (run.test ? run.test->bytes : 0) +
         kArraysOfParameters * a_float * run.model.graph.parameter_count() +
         kArraysOfOutputs * a_float * outputs * (run.config.batch_size + kEvaluationRows);
}

MemoryNeeds memory_needs(const PreparedRun& run, const std::vector<std::string>& disabled_passes) {
  ParameterStore values = run.model.graph.make_store();
  AlignedBuffer gradients(values.parameter_memory().bytes());
  const int64_t store = values.parameter_memory().bytes() + values.buffer_memory().bytes();
  Optimizer optimizer(run.config.optimizer, values.parameters());
  const auto arrays = static_cast<int64_t>(optimizer.state().size()) + (optimizer.learns_elsewhere() ? 1 : 0);
  MemoryNeeds needs;
  needs.program = kProgramBytes;
  needs.data = run.train.bytes + run.validation.bytes + (run.test ? run.test->bytes : 0);
  const int64_t average = run.config.weight_average.kind != WeightAverageConfig::Kind::None ? 1 : 0;
  const int64_t probe = run.config.health ? 1 : 0;  // the weights before a step
  needs.parameters = 2 * store + (1 + arrays + average + probe) * gradients.bytes() + optimizer.scratch_bytes();
  // While the training rows are scored at the end, all other plans still are there.
  const auto arena = [&](PlanGoal goal, int64_t rows, bool watched = false) {
    if (rows == 0) return int64_t{0};
    AlignedBuffer* const g = goal == PlanGoal::Gradients ? &gradients : nullptr;
    PlanOptions options{.goal = goal, .rows = rows, .disabled_passes = disabled_passes};
    if (watched) options.watched = watched_nodes(run.model.graph);
    return arena_of(run.model, values, g, options);
  };
  const auto scoring = [&](int64_t rows, bool watched) {
    const int64_t chunk = std::min(kEvaluationRows, rows);
    return arena(PlanGoal::Loss, chunk, watched) + arena(PlanGoal::Loss, rows % chunk, watched);
  };
  const int64_t train_rows = run.train.source->rows();
  const BatchCut cut(train_rows, run.config.batch_size);
  const auto training = [&](PlanGoal goal) {
    return arena(goal, cut.rows(0)) + (cut.last_rows() != cut.rows(0) ? arena(goal, cut.last_rows()) : 0);
  };
  needs.arenas = training(PlanGoal::Gradients) + scoring(run.validation.source->rows(), run.config.health) +
                 scoring(train_rows, false);
  if (has_batch_norm(run.model.graph)) needs.arenas += training(PlanGoal::Statistics);
  needs.checkpoint = store;
  return needs;
}

std::string to_text(const MemoryNeeds& needs) {
  const auto line = [](const char* what, int64_t bytes) {
    return fmt::format("  {:<12}{:>10}\n", what, format_bytes(bytes));
  };
  return "memory at the peak\n" + line("data", needs.data) + line("parameters", needs.parameters) +
         line("arenas", needs.arenas) + line("checkpoint", needs.checkpoint) + line("program", needs.program) +
         line("total", needs.total());
}

}  // namespace redbud::cli
