#include "redbud/optim/optimizer.h"

#include <fmt/format.h>

#include <cmath>
#include <cstring>
#include <utility>

#include "redbud/optim/fused_update.h"
#include "redbud/optim/gradient_norm.h"
#include "redbud/optim/max_norm.h"
#include "redbud/optim/recipes.h"

namespace redbud {

struct Optimizer::Impl {
  OptimizerConfig config;
  Path path;
  TransformChain chain;
  int64_t elements = 0;
  std::vector<ParameterRun> segments;  // one a trainable segment
  GradientNorm norm;
  FusedUpdate fused;
  MaxNorm max_norm;
  std::vector<std::string> state_names;
  std::vector<AlignedBuffer> state;
  AlignedBuffer updates;  // the chain's scratch
  int64_t steps = 0;

  Impl(const OptimizerConfig& c, const SegmentLayout& layout, Path p);
  void run_chain(AlignedBuffer& parameters, const AlignedBuffer& gradients, double learning_rate);
};

Optimizer::Impl::Impl(const OptimizerConfig& c, const SegmentLayout& layout, Path p)
    : config(resolved(c)),
      path(p),
      chain(make_chain(config)),
      elements(layout.size()),
      segments(parameter_runs(layout, {.by_decay = true, .by_segment = true})),
      norm(layout, config.clip_tensor_norm),
      fused(config, layout),
      max_norm(config.max_norm, layout) {
  for (const auto& transform : chain) {
    for (std::string& name : transform->state_names()) {
      state_names.push_back(std::move(name));
      state.emplace_back(elements * static_cast<int64_t>(sizeof(float)));
    }
  }
  if (path == Path::Chain) updates = AlignedBuffer(elements * static_cast<int64_t>(sizeof(float)));
}

void Optimizer::Impl::run_chain(AlignedBuffer& parameters, const AlignedBuffer& gradients, double learning_rate) {
  const auto u = updates.as<float>();
  const auto w = parameters.as<float>();
  const auto g = gradients.as<float>();
  for (const ParameterRun& run : segments) {
    const auto begin = static_cast<size_t>(run.begin);
    std::memcpy(&u[begin], &g[begin], static_cast<size_t>(run.size) * sizeof(float));
  }
  const UpdateContext context{.parameters = w, .runs = segments, .step = steps, .learning_rate = learning_rate};
  std::vector<std::span<float>> arrays;
  for (AlignedBuffer& array : state) arrays.push_back(array.as<float>());
  size_t next = 0;
  for (const auto& transform : chain) {
    const size_t count = transform->state_names().size();
    transform->apply(u, std::span(arrays).subspan(next, count), context);
    next += count;
  }
  for (const ParameterRun& run : segments) {
    for (int64_t i = run.begin; i < run.begin + run.size; ++i) w[static_cast<size_t>(i)] += u[static_cast<size_t>(i)];
  }
}

Optimizer::Optimizer(const OptimizerConfig& config, const SegmentLayout& layout, Path path)
    : impl_(std::make_unique<Impl>(config, layout, path)) {}
Optimizer::~Optimizer() = default;
Optimizer::Optimizer(Optimizer&&) noexcept = default;
Optimizer& Optimizer::operator=(Optimizer&&) noexcept = default;

UpdateReport Optimizer::update(AlignedBuffer& parameters, const AlignedBuffer& gradients, double learning_rate_factor,
                               ThreadPool& pool) {
  Impl& o = *impl_;
  const int64_t bytes = o.elements * static_cast<int64_t>(sizeof(float));
  RB_ASSERT(parameters.bytes() == bytes && gradients.bytes() == bytes);
  const GradientNorm::Result norm = o.norm.measure(gradients, pool);
  UpdateReport report{.gradient_norm = norm.global, .finite = norm.finite};
  if (!norm.finite) return report;
  ++o.steps;
  const double learning_rate = o.config.learning_rate * learning_rate_factor;
  if (o.path == Path::Chain) {
    o.run_chain(parameters, gradients, learning_rate);
  } else {
    o.fused.run({.parameters = parameters,
                 .gradients = gradients,
                 .first = o.state.empty() ? nullptr : &o.state.front(),
                 .second = o.state.empty() ? nullptr : &o.state[o.state.size() > 1 ? 1 : 0],
                 .third = o.state.size() > 2 ? &o.state[2] : nullptr,
                 .norm = norm,
                 .learning_rate = learning_rate,
                 .step = o.steps},
                pool);
  }
  o.max_norm.apply(parameters, pool);
  return report;
}

std::vector<Optimizer::StateArray> Optimizer::state() {
  std::vector<StateArray> arrays;
  for (size_t i = 0; i < impl_->state.size(); ++i) arrays.push_back({impl_->state_names[i], &impl_->state[i]});
  return arrays;
}

int64_t Optimizer::steps() const { return impl_->steps; }
void Optimizer::set_steps(int64_t steps) { impl_->steps = steps; }
const OptimizerConfig& Optimizer::config() const { return impl_->config; }

std::string Optimizer::describe() const {
  std::string text;
  for (const auto& transform : impl_->chain) text += (text.empty() ? "" : " -> ") + transform->describe();
  text += fmt::format(" {}", impl_->config.learning_rate);
  if (impl_->config.max_norm > 0.0) text += fmt::format(" -> max_norm {}", impl_->config.max_norm);
  return text + (impl_->path == Path::Fused ? ", one fused kernel" : ", unfused");
}

}  // namespace redbud
