#include "redbud/optim/muon_update.h"

#include <algorithm>
#include <cmath>

#include "redbud/kernels/linear.h"
#include "redbud/optim/transforms/newton_schulz.h"

namespace redbud {
namespace {

constexpr int64_t kPiece = 16'384;  // floats: enough to be worth a thread's while

int64_t float_bytes(int64_t count) { return count * static_cast<int64_t>(sizeof(float)); }

MuonGate gate_of(const OptimizerConfig& config) { return {config.max_overhead, config.batch_size}; }

kernels::Matrix matrix(AlignedBuffer& buffer, int64_t stride) { return {buffer.as<float>().data(), stride}; }

/// c = a * b;  a (rows, inner), b (inner, cols)
struct Product {
  int64_t rows, inner, cols;
};
void multiply(const Product& p, kernels::Matrix a, kernels::Matrix b, kernels::Matrix c, ThreadPool& pool) {
  const kernels::LinearForwardProblem problem{.rows = p.rows, .inputs = p.inner, .outputs = p.cols, .bias = false};
  const auto* kernel = kernels::choose(kernels::linear_forward_kernels(), problem).kernel;
  kernel->run(problem, {.x = a, .w = b, .y = c, .b = nullptr}, pool);
}

/// s = x x^T of a wide matrix, x^T x of a tall one: the products of a linear layer's gradients.
void multiply_by_itself(int64_t inputs, int64_t outputs, kernels::Matrix x, kernels::Matrix s, ThreadPool& pool) {
  if (inputs <= outputs) {
    const kernels::LinearInputGradientProblem problem{.rows = inputs, .inputs = inputs, .outputs = outputs};
    const auto* kernel = kernels::choose(kernels::linear_input_gradient_kernels(), problem).kernel;
    kernel->run(problem, {.dy = x, .w = x, .at = {}, .dx = s}, pool);
  } else {
    const kernels::LinearWeightGradientProblem problem{
        .rows = inputs, .inputs = outputs, .outputs = outputs, .bias = false};
    const auto* kernel = kernels::choose(kernels::linear_weight_gradient_kernels(), problem).kernel;
    kernel->run(problem, {.x = x, .dy = x, .dw = s, .db = nullptr}, pool);
  }
}

/// fourth = a I + b square + c fourth
void combine(std::span<const float> square, std::span<float> fourth, int64_t side, ThreadPool& pool) {
  const float* const s = square.data();
  float* const f = fourth.data();
  pool.for_ranges(side * side, kPiece, [=](int64_t begin, int64_t end) {
    constexpr auto kB = static_cast<float>(newton_schulz::kB);
    constexpr auto kC = static_cast<float>(newton_schulz::kC);
    for (int64_t i = begin; i < end; ++i) f[i] = kB * s[i] + kC * f[i];
  });
  for (int64_t i = 0; i < side; ++i) f[i * side + i] += static_cast<float>(newton_schulz::kA);
}

}  // namespace

MuonUpdate::MuonUpdate(const OptimizerConfig& resolved, const SegmentLayout& layout)
    : config_(resolved), others_(resolved, layout, [gate = gate_of(resolved)](const ParameterRun& run) {
        return !gate.passes(run.size, run.outputs);
      }) {
  const MuonGate gate = gate_of(resolved);
  int64_t largest = 0;
  int64_t side = 0;
  size_t number = 0;
  for (const ParameterRun& run : parameter_runs(layout, resolved, RunCut::BySegment)) {
    if (gate.passes(run.size, run.outputs)) {
      matrices_.push_back({run, number, run.size / run.outputs, run.outputs});
      largest = std::max(largest, run.size);
      side = std::max(side, std::min(matrices_.back().inputs, run.outputs));
    }
    ++number;
  }
  now_ = AlignedBuffer(float_bytes(largest));
  next_ = AlignedBuffer(float_bytes(largest));
  square_ = AlignedBuffer(float_bytes(side * side));
  fourth_ = AlignedBuffer(float_bytes(side * side));
}

void MuonUpdate::run(const UpdateArgs& args, ThreadPool& pool) {
  UpdateArgs others = args;
  others.momentum = std::nullopt;
  others_.run(others, pool);
  for (const Weights& weights : matrices_) step(weights, args, pool);
}

void MuonUpdate::step(const Weights& weights, const UpdateArgs& args, ThreadPool& pool) {
  average(weights, args, pool);
  make_orthogonal(weights, pool);
  const auto count = static_cast<size_t>(weights.run.size);
  const ParameterSettings& settings = weights.run.settings;
  const double rate = args.learning_rate * settings.rate;
  apply_direction(args.parameters.as<float>().subspan(static_cast<size_t>(weights.run.begin), count),
                  now_.as<float>().first(count),
                  {.keep = 1.0 - rate * settings.weight_decay,
                   .factor = -rate * newton_schulz::length(weights.inputs, weights.outputs),
                   .limit = rate * settings.l1},
                  pool);
}

/// The clipped gradient into its average; where the average will be after the next step, into now_.
void MuonUpdate::average(const Weights& weights, const UpdateArgs& args, ThreadPool& pool) {
  const double momentum = args.momentum.value_or(config_.momentum);
  const auto t = static_cast<double>(args.step);
  const auto scale = static_cast<float>(clip_scale(config_, args.norm, weights.number));
  const float limit =
      config_.clip_value > 0.0 ? static_cast<float>(config_.clip_value) : std::numeric_limits<float>::infinity();
  const auto l2 = static_cast<float>(weights.run.settings.l2);
  const auto share = static_cast<float>(1.0 - momentum);
  const auto of_mean = static_cast<float>(momentum / (1.0 - std::pow(momentum, t + 1.0)));
  const auto of_gradient = static_cast<float>((1.0 - momentum) / (1.0 - std::pow(momentum, t)));
  const float* const w = args.parameters.as<float>().data() + weights.run.begin;
  const float* const gradients = args.gradients.as<float>().data() + weights.run.begin;
  float* const means = args.first->as<float>().data() + weights.run.begin;
  float* const ahead = now_.as<float>().data();
  pool.for_ranges(weights.run.size, kPiece, [=](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const float g = std::max(-limit, std::min(limit, gradients[i] * scale)) + l2 * w[i];
      means[i] += share * (g - means[i]);
      ahead[i] = of_mean * means[i] + of_gradient * g;
    }
  });
}

/// now_, by Newton-Schulz steps, with next_ in turn.
void MuonUpdate::make_orthogonal(const Weights& weights, ThreadPool& pool) {
  const auto count = static_cast<size_t>(weights.run.size);
  const int64_t side = std::min(weights.inputs, weights.outputs);
  const auto sides = static_cast<size_t>(side * side);
  const kernels::SquaredNormProblem problem{.type = DType::F32, .size = weights.run.size};
  double sum = 0.0;
  bool finite = true;
  kernels::choose(kernels::squared_norm_kernels(), problem)
      .kernel->run(problem, {.g = now_.data(), .sum = &sum, .finite = &finite}, pool);
  const double scale = 1.0 / (std::sqrt(sum) + newton_schulz::kEpsilon);
  apply_direction(now_.as<float>().first(count), now_.as<float>().first(count), {.keep = 0.0, .factor = scale}, pool);
  for (int step = 0; step < newton_schulz::kSteps; ++step) {
    const kernels::Matrix x = matrix(now_, weights.outputs);
    multiply_by_itself(weights.inputs, weights.outputs, x, matrix(square_, side), pool);
    multiply({side, side, side}, matrix(square_, side), matrix(square_, side), matrix(fourth_, side), pool);
    combine(square_.as<float>().first(sides), fourth_.as<float>().first(sides), side, pool);
    if (weights.inputs <= weights.outputs) {
      multiply({side, side, weights.outputs}, matrix(fourth_, side), x, matrix(next_, weights.outputs), pool);
    } else {
      multiply({weights.inputs, side, side}, x, matrix(fourth_, side), matrix(next_, weights.outputs), pool);
    }
    std::swap(now_, next_);
  }
}

}  // namespace redbud
