#include "redbud/train/health_probe.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "redbud/kernels/optimizer_step.h"

namespace redbud {
namespace {

constexpr int64_t kGrain = 32 * 1024;  // elements a piece
// A feature whose variance is below this is constant: epsilon alone decides what becomes of it. Above the other bound
// f32 has no digits left for the normalised value.
constexpr double kLeastVariance = 1e-10;
constexpr double kGreatestStatistic = 1e8;

double squared_norm(const float* values, int64_t size, ThreadPool& pool) {
  const kernels::SquaredNormProblem problem{.size = size};
  double sum = 0.0;
  bool finite = true;
  kernels::choose(kernels::squared_norm_kernels(), problem)
      .kernel->run(problem, {.g = values, .sum = &sum, .finite = &finite}, pool);
  return finite ? sum : std::numeric_limits<double>::quiet_NaN();
}

std::vector<ActivationTally::Unit> tallied(const Graph& graph, const std::vector<WatchedLayer>& layers) {
  std::vector<ActivationTally::Unit> units;
  for (const WatchedLayer& layer : layers) {
    units.push_back({.width = graph.node(layer.watched).signature.output.shape.elements(),
                     .range = activation_range(layer.makeup.activation)});
  }
  return units;
}

/// The last step whose batch is not much smaller than the others.
int64_t last_full_step(const BatchCut& cut) {
  const bool is_full = 2 * cut.last_rows() >= cut.rows(0);
  return std::max<int64_t>(0, cut.steps() - (is_full ? 1 : 2));
}

}  // namespace

HealthProbe::HealthProbe(const Graph& graph, const ParameterStore& values, const BatchCut& cut)
    : graph_(graph),
      values_(values),
      layers_(watched_layers(graph)),
      step_(last_full_step(cut)),
      activations_(tallied(graph, layers_)),
      kept_(values.parameter_memory().bytes()),
      figures_(layers_.size()) {
  for (const WatchedLayer& layer : layers_) makeup_.push_back(layer.makeup);
}

void HealthProbe::before_step() { kept_.copy_from(values_.parameter_memory()); }

void HealthProbe::after_step(const AlignedBuffer& gradients, ThreadPool& pool) {
  const float* const w = values_.parameter_memory().as<float>().data();
  const float* const g = gradients.as<float>().data();
  float* const u = kept_.as<float>().data();
  for (size_t i = 0; i < layers_.size(); ++i) {
    const Segment& weight = values_.parameters()[layers_[i].weight];
    const int64_t at = weight.offset;
    pool.for_ranges(weight.size, kGrain, [&](int64_t begin, int64_t end) {
      for (int64_t k = at + begin; k < at + end; ++k) u[k] = w[k] - u[k];
    });
    figures_[i] = {.gradient = squared_norm(g + at, weight.size, pool),
                   .weight = squared_norm(w + at, weight.size, pool),
                   .update = squared_norm(u + at, weight.size, pool)};
  }
  has_figures_ = true;
}

std::optional<double> HealthProbe::norm_out_of_range(const WatchedLayer& layer) const {
  int64_t features = 0;
  int64_t out = 0;
  for (int norm : layer.norms) {
    const std::vector<int>& buffers = graph_.node(norm).buffers;  // running_mean, running_var, steps
    const auto mean = values_.buffer(buffers[0]);
    const auto var = values_.buffer(buffers[1]);
    features += static_cast<int64_t>(var.size());
    for (size_t k = 0; k < var.size(); ++k) {
      const double v = var[k];
      const bool usable = v >= kLeastVariance && v <= kGreatestStatistic && std::abs(mean[k]) <= kGreatestStatistic;
      out += usable ? 0 : 1;
    }
  }
  if (features == 0) return std::nullopt;
  return static_cast<double>(out) / static_cast<double>(features);
}

LayerHealth HealthProbe::health_of(size_t i) const {
  LayerHealth health;
  health.layer = layers_[i].makeup.layer;
  const ActivationTally::Summary activation = activations_.summary(i);
  if (std::isfinite(activation.norm)) health.activation_norm = activation.norm;  // rows may hold infinities
  health.dead = activation.dead;
  health.saturated = activation.saturated;
  health.norm_out_of_range = norm_out_of_range(layers_[i]);
  if (!has_figures_) return health;
  const auto elements = static_cast<double>(values_.parameters()[layers_[i].weight].size);
  const StepFigures& step = figures_[i];
  health.gradient_norm = std::sqrt(step.gradient / elements);
  health.weight_norm = std::sqrt(step.weight / elements);
  if (step.weight > 0.0) health.update_ratio = std::sqrt(step.update / step.weight);
  return health;
}

std::vector<LayerHealth> HealthProbe::take() {
  std::vector<LayerHealth> all;
  for (size_t i = 0; i < layers_.size(); ++i) all.push_back(health_of(i));
  has_figures_ = false;
  return all;
}

}  // namespace redbud
