#include "redbud/train/evaluator.h"

#include <algorithm>
#include <numeric>

#include "redbud/losses/registry.h"
#include "redbud/train/data_fit.h"

namespace redbud {
namespace {

constexpr int64_t kChunkRows = 512;  // large enough for fast products, small enough to stay in cache

}  // namespace

Evaluator::Evaluator(const EvaluatorParts& parts)
    : parts_(parts),
      chunk_rows_(std::min(kChunkRows, parts.source.rows())),
      rows_(static_cast<size_t>(chunk_rows_)),
      tally_({.targets = parts.loss->target_kind(),
              .link = parts.loss->link(),
              .outputs = parts.graph.output_shape().elements(),
              .target_scale = parts.recipe.target_scale,
              .rows = parts.source.rows()}) {
  chunks_.push_back(make_chunk(chunk_rows_));
  const int64_t left = parts.source.rows() % chunk_rows_;
  if (left > 0) chunks_.push_back(make_chunk(left));
}

Evaluator::Chunk Evaluator::make_chunk(int64_t rows) {
  PlanOptions options;
  options.goal = PlanGoal::Loss;
  options.rows = rows;
  options.weighted = parts_.source.type().weighted;
  options.kernels = parts_.plan.kernels;
  options.disabled_passes = parts_.plan.disabled_passes;
  options.watched = parts_.watched;
  Plan plan(parts_.graph, parts_.loss.get(), parts_.values, nullptr, options);
  Gather gather(parts_.source.type(), plan.batch(), rows);
  return {std::move(plan), std::move(gather)};
}

void Evaluator::run_chunk(Chunk& chunk, int64_t begin, ThreadPool& pool) {
  const std::span<int64_t> rows(rows_.data(), static_cast<size_t>(chunk.plan.rows()));
  std::iota(rows.begin(), rows.end(), begin);
  chunk.gather.run(parts_.source, rows, pool);
  chunk.plan.run({.pool = pool});
  tally_.add({.rows = chunk.plan.rows(),
              .loss = chunk.plan.loss(),
              .weights = chunk.plan.batch().weights,
              .scores = chunk.plan.output(),
              .target = {chunk.plan.batch().targets[0].data, chunk.plan.batch().targets[0].stride}});
}

std::optional<Metrics> Evaluator::run(ThreadPool& pool, const std::atomic<int>* signal, ActivationTally* activations) {
  tally_.clear();
  for (int64_t begin = 0; begin < parts_.source.rows(); begin += chunk_rows_) {
    if (signal != nullptr && signal->load() != 0) return std::nullopt;
    const bool whole = parts_.source.rows() - begin >= chunk_rows_;
    Chunk& chunk = chunks_[whole ? 0 : 1];
    run_chunk(chunk, begin, pool);
    if (activations != nullptr) activations->add(chunk.plan, pool);
  }
  return tally_.metrics();
}

Metrics evaluate(const Model& model, const SampleSource& data, ThreadPool& pool) {
  require_fit(model, data, "evaluation");
  // A plan for prediction reads its values only; it takes them as it does for training.
  auto& values = const_cast<ParameterStore&>(model.values);
  Evaluator evaluator({.graph = model.graph,
                       .loss = loss_from_config(model.loss),
                       .values = values,
                       .recipe = model.recipe,
                       .source = data});
  return *evaluator.run(pool);
}

}  // namespace redbud
