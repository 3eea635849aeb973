#include "redbud/predict/predictor.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <optional>
#include <vector>

#include "redbud/kernels/elementwise.h"
#include "redbud/kernels/losses.h"
#include "redbud/losses/registry.h"
#include "redbud/plan/memory_plan.h"
#include "redbud/plan/plan.h"
#include "redbud/predict/chain.h"
#include "redbud/predict/fold_batch_norm.h"

namespace redbud {
namespace {

/// Rows that go through all layers before the next ones do, so that what lies between two layers stays in cache.
constexpr int64_t kChunkRows = 128;

}  // namespace

struct Predictor::Impl {
  Model model;  // folded
  std::optional<std::vector<ChainLayer>> chain;
  AlignedBuffer packed;  // the chain's weights
  Link link;
  int64_t features = 0;
  int64_t outputs = 0;

  explicit Impl(const Model& original)
      : model(fold_batch_norm(original)), chain(chain_of(model)), link(loss_from_config(model.loss)->link()) {
    if (chain) packed = pack_weights(*chain);
    features = model.graph.node(model.graph.inputs()[0]).signature.output.shape.elements();
    outputs = model.graph.output_shape().elements();
    if (model.graph.inputs().size() != 1) {
      throw Error(ErrorKind::Model, {.fact = "the network has several inputs",
                                     .found = std::to_string(model.graph.inputs().size()),
                                     .expected = "one",
                                     .hint = "run a Plan for such a network"});
    }
  }

  int64_t widest_hidden() const {
    int64_t widest = 1;
    for (const ChainLayer& layer : *chain) widest = std::max(widest, layer.problem.outputs);
    return padded_row(widest, sizeof(float));
  }
};

struct Predictor::Context::Impl {
  ThreadPool pool{1};
  int64_t max_rows = 0;
  AlignedBuffer hidden[2];  // chain: what lies between two layers
  int64_t hidden_stride = 0;
  std::vector<Plan> plans;  // other networks: for 1, 2, 4, ... rows

  void run_chain(const Predictor::Impl& p, const float* x, int64_t rows, float* y) {
    kernels::Matrix input{const_cast<float*>(x), p.features};
    for (size_t i = 0; i < p.chain->size(); ++i) {
      const ChainLayer& layer = (*p.chain)[i];
      kernels::LinearForwardProblem problem = layer.problem;
      kernels::LinearForwardArgs args = layer.args;
      problem.rows = rows;
      args.x = input;
      const bool last = i + 1 == p.chain->size();
      args.y = last ? kernels::Matrix{y, p.outputs} : kernels::Matrix{hidden[i % 2].data(), hidden_stride};
      layer.kernel->run(problem, args, pool);
      input = args.y;
    }
    finish(p, rows, y);
  }

  /// Scores to predictions, in place.
  void finish(const Predictor::Impl& p, int64_t rows, float* y) {
    const kernels::Matrix scores{y, p.outputs};
    if (p.link == Link::Softmax) {
      const kernels::SoftmaxProblem problem{.rows = rows, .features = p.outputs};
      kernels::softmax_forward_kernels().front().run(problem, {scores, scores}, pool);
    } else if (p.link == Link::Logistic) {
      const kernels::ActivationForwardProblem problem{
          .rows = rows, .features = p.outputs, .activation = {.kind = kernels::ActivationKind::Logistic}};
      kernels::activation_forward_kernels().front().run(problem, {scores, scores}, pool);
    } else if (p.link == Link::Exp) {
      const kernels::ExpProblem problem{.rows = rows, .features = p.outputs};
      kernels::exp_kernels().front().run(problem, {scores, scores}, pool);
    }
  }

  /// The largest plan that `rows` fill; gives how many rows it took.
  int64_t run_plan(const Predictor::Impl& p, const float* x, int64_t rows, float* y) {
    const auto at = static_cast<size_t>(std::bit_width(static_cast<uint64_t>(rows)) - 1);
    Plan& plan = plans[std::min(at, plans.size() - 1)];
    const BlockView& input = plan.batch().inputs[0];
    for (int64_t n = 0; n < plan.rows(); ++n) {
      std::memcpy(static_cast<float*>(input.data) + n * input.stride, x + n * p.features,
                  sizeof(float) * static_cast<size_t>(p.features));
    }
    plan.run({pool, 0, 0});
    const kernels::Matrix output = plan.output();
    for (int64_t n = 0; n < plan.rows(); ++n) {
      std::memcpy(y + n * p.outputs, output.row<float>(n), sizeof(float) * static_cast<size_t>(p.outputs));
    }
    return plan.rows();
  }
};

Predictor::Predictor(const Model& model) : impl_(std::make_unique<Impl>(model)) {}
Predictor::~Predictor() = default;
Predictor::Predictor(Predictor&&) noexcept = default;

Predictor::Context::Context(const Predictor& predictor, int64_t max_rows) : impl_(std::make_unique<Impl>()) {
  const Predictor::Impl& p = *predictor.impl_;
  const int64_t chunk = std::min(max_rows, kChunkRows);
  impl_->max_rows = max_rows;
  if (p.chain) {
    impl_->hidden_stride = p.widest_hidden();
    for (AlignedBuffer& buffer : impl_->hidden)
      buffer = AlignedBuffer(chunk * impl_->hidden_stride * int64_t{sizeof(float)});
    return;
  }
  auto& values = const_cast<ParameterStore&>(p.model.values);  // a plan for prediction only reads them
  for (int64_t rows = 1; rows <= chunk; rows *= 2) {
    const PlanOptions options{.goal = PlanGoal::Predictions, .rows = rows, .disabled_passes = {}};
    impl_->plans.emplace_back(p.model.graph, loss_from_config(p.model.loss).get(), values, nullptr, options);
  }
}

Predictor::Context::~Context() = default;
Predictor::Context::Context(Context&&) noexcept = default;

int64_t Predictor::features() const { return impl_->features; }
int64_t Predictor::outputs() const { return impl_->outputs; }

void Predictor::predict(std::span<const float> x, int64_t rows, std::span<float> y, Context& context) const {
  Context::Impl& c = *context.impl_;
  RB_ASSERT(rows <= c.max_rows && static_cast<int64_t>(x.size()) >= rows * impl_->features &&
            static_cast<int64_t>(y.size()) >= rows * impl_->outputs);
  for (int64_t done = 0; done < rows;) {
    const float* from = x.data() + done * impl_->features;
    float* to = y.data() + done * impl_->outputs;
    if (impl_->chain) {
      const int64_t chunk = std::min(rows - done, kChunkRows);
      c.run_chain(*impl_, from, chunk, to);
      done += chunk;
    } else {
      done += c.run_plan(*impl_, from, rows - done, to);
    }
  }
}

}  // namespace redbud
