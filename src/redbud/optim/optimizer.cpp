#include "redbud/optim/optimizer.h"

#include <fmt/format.h>

#include <cmath>
#include <cstring>
#include <utility>

#include "redbud/optim/gradient_norm.h"
#include "redbud/optim/learning_rules.h"
#include "redbud/optim/lookahead.h"
#include "redbud/optim/max_norm.h"
#include "redbud/optim/recipes.h"
#include "redbud/optim/schedule_free.h"
#include "redbud/optim/update.h"

namespace redbud {

struct Optimizer::Impl {
  OptimizerConfig config;
  Path path;
  TransformChain chain;
  int64_t elements = 0;
  std::vector<ParameterRun> segments;  // one a trainable segment
  GradientNorm norm;
  std::unique_ptr<Update> fused;  // null where the path is the chain
  MaxNorm max_norm;
  Lookahead lookahead;
  ScheduleFreeSum schedule_free;
  bool averages;      // schedule-free
  std::string notes;  // what explain() tells
  std::vector<std::string> state_names;
  std::vector<AlignedBuffer> state;
  AlignedBuffer updates;  // the chain's scratch
  int64_t steps = 0;

  Impl(const OptimizerConfig& c, const SegmentLayout& layout, Path p);
  void run_chain(AlignedBuffer& parameters, const AlignedBuffer& gradients, const UpdateContext& context);
  void run_fused(AlignedBuffer& parameters, const AlignedBuffer& gradients, const GradientNorm::Result& norm,
                 const UpdateContext& context, ThreadPool& pool);
};

namespace {

/// Names are checked before anything is made of them.
OptimizerConfig checked(const OptimizerConfig& config, const SegmentLayout& layout) {
  check_layer_names(config, layout);
  return resolved(config);
}

std::string notes_on(const OptimizerConfig& config, const SegmentLayout& layout) {
  if (learning_rule(config.name).way != LearningRule::Way::Orthogonal) return {};
  return MuonGate(config.max_overhead, config.batch_size).explain(layout);
}

}  // namespace

Optimizer::Impl::Impl(const OptimizerConfig& c, const SegmentLayout& layout, Path p)
    : config(checked(c, layout)),
      path(p),
      chain(make_chain(config)),
      elements(layout.size()),
      segments(parameter_runs(layout, config, RunCut::BySegment)),
      norm(layout, config.clip_tensor_norm),
      fused(path == Path::Fused ? make_update(config, layout) : nullptr),
      max_norm(config, layout),
      lookahead(config, layout),
      averages(learning_rule(config.name).way == LearningRule::Way::Average),
      notes(notes_on(config, layout)) {
  for (const auto& transform : chain) {
    for (std::string& name : transform->state_names()) {
      state_names.push_back(std::move(name));
      state.emplace_back(elements * static_cast<int64_t>(sizeof(float)));
    }
  }
  if (path == Path::Chain) updates = AlignedBuffer(elements * static_cast<int64_t>(sizeof(float)));
}

void Optimizer::Impl::run_chain(AlignedBuffer& parameters, const AlignedBuffer& gradients,
                                const UpdateContext& context) {
  const auto u = updates.as<float>();
  const auto w = parameters.as<float>();
  const auto g = gradients.as<float>();
  for (const ParameterRun& run : segments) {
    const auto begin = static_cast<size_t>(run.begin);
    std::memcpy(&u[begin], &g[begin], static_cast<size_t>(run.size) * sizeof(float));
  }
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

void Optimizer::Impl::run_fused(AlignedBuffer& parameters, const AlignedBuffer& gradients,
                                const GradientNorm::Result& measured, const UpdateContext& context, ThreadPool& pool) {
  fused->run({.parameters = parameters,
              .gradients = gradients,
              .first = state.empty() ? nullptr : &state.front(),
              .second = state.empty() ? nullptr : &state[state.size() > 1 ? 1 : 0],
              .third = state.size() > 2 ? &state[2] : nullptr,
              .norm = measured,
              .learning_rate = context.learning_rate,
              .momentum = context.momentum,
              .share = context.share,
              .step = context.step},
             pool);
}

Optimizer::Optimizer(const OptimizerConfig& config, const SegmentLayout& layout, Path path)
    : impl_(std::make_unique<Impl>(config, layout, path)) {}
Optimizer::~Optimizer() = default;
Optimizer::Optimizer(Optimizer&&) noexcept = default;
Optimizer& Optimizer::operator=(Optimizer&&) noexcept = default;

UpdateReport Optimizer::update(AlignedBuffer& parameters, const AlignedBuffer& gradients, const UpdateRates& rates,
                               ThreadPool& pool) {
  Impl& o = *impl_;
  const int64_t bytes = o.elements * static_cast<int64_t>(sizeof(float));
  RB_ASSERT(parameters.bytes() == bytes && gradients.bytes() == bytes);
  const GradientNorm::Result norm = o.norm.measure(gradients, pool);
  UpdateReport report{.gradient_norm = norm.global, .finite = norm.finite};
  if (!norm.finite) return report;
  if (o.steps == 0) o.lookahead.begin(parameters);
  ++o.steps;
  const double learning_rate = o.config.learning_rate * rates.learning_rate_factor;
  const UpdateContext context{.parameters = parameters.as<float>(),
                              .runs = o.segments,
                              .step = o.steps,
                              .learning_rate = learning_rate,
                              .momentum = rates.momentum,
                              .share = o.averages ? o.schedule_free.share(learning_rate) : 1.0};
  if (o.path == Path::Chain) {
    o.run_chain(parameters, gradients, context);
  } else {
    o.run_fused(parameters, gradients, norm, context, pool);
  }
  o.max_norm.apply(parameters, pool);
  o.lookahead.follow(parameters, o.steps, pool);
  return report;
}

bool Optimizer::learns_elsewhere() const { return impl_->averages || impl_->lookahead.is_on(); }

void Optimizer::write_learned(const AlignedBuffer& parameters, AlignedBuffer& learned, ThreadPool& pool) const {
  const Impl& o = *impl_;
  learned.copy_from(o.lookahead.is_on() && o.steps > 0 ? o.lookahead.slow() : parameters);
  if (o.averages && o.steps > 0) write_schedule_free(o.segments, o.config.beta1, o.state.front(), learned, pool);
}

std::vector<Optimizer::StateArray> Optimizer::state() {
  std::vector<StateArray> arrays;
  for (size_t i = 0; i < impl_->state.size(); ++i) arrays.push_back({impl_->state_names[i], &impl_->state[i]});
  if (impl_->lookahead.is_on()) arrays.push_back({"lookahead.slow", &impl_->lookahead.slow()});
  return arrays;
}

std::vector<Optimizer::StateNumber> Optimizer::numbers() {
  if (!impl_->averages) return {};
  return {{"schedule_free.greatest_rate", &impl_->schedule_free.greatest_rate},
          {"schedule_free.sum", &impl_->schedule_free.sum}};
}

int64_t Optimizer::scratch_bytes() const {
  return impl_->updates.bytes() + (impl_->fused ? impl_->fused->scratch_bytes() : 0);
}

int64_t Optimizer::steps() const { return impl_->steps; }
void Optimizer::set_steps(int64_t steps) { impl_->steps = steps; }
const OptimizerConfig& Optimizer::config() const { return impl_->config; }

std::string Optimizer::describe() const {
  std::string text;
  for (const auto& transform : impl_->chain) text += (text.empty() ? "" : " -> ") + transform->describe();
  using Way = LearningRule::Way;
  const Way way = learning_rule(impl_->config.name).way;
  if (way == Way::Own || way == Way::Average) text += fmt::format(" at lr {}", impl_->config.learning_rate);
  if (impl_->config.max_norm > 0.0) text += fmt::format(" -> max_norm {}", impl_->config.max_norm);
  if (impl_->lookahead.is_on()) {
    text += fmt::format(" -> lookahead(every {}, rate {})", impl_->config.lookahead, impl_->config.lookahead_rate);
  }
  if (impl_->path == Path::Chain) return text + ", unfused";
  return text + (way == Way::TrustRatio || way == Way::Orthogonal ? ", tensor by tensor" : ", one fused kernel");
}

std::string Optimizer::explain() const { return impl_->notes; }

}  // namespace redbud
