#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "redbud/optim/transforms/each_element.h"
#include "redbud/optim/transforms/newton_schulz.h"
#include "redbud/optim/transforms/transforms.h"

namespace redbud {
namespace {

/// A matrix in double: what is plain beats what is fast here.
struct Plain {
  int64_t rows, cols;
  std::vector<double> values;
  double at(int64_t i, int64_t j) const { return values[static_cast<size_t>(i * cols + j)]; }
};

Plain product(const Plain& a, const Plain& b) {
  Plain c{a.rows, b.cols, std::vector<double>(static_cast<size_t>(a.rows * b.cols))};
  for (int64_t i = 0; i < c.rows; ++i) {
    for (int64_t j = 0; j < c.cols; ++j) {
      for (int64_t k = 0; k < a.cols; ++k) c.values[static_cast<size_t>(i * c.cols + j)] += a.at(i, k) * b.at(k, j);
    }
  }
  return c;
}

Plain transposed(const Plain& a) {
  Plain t{a.cols, a.rows, {}};
  for (int64_t j = 0; j < a.cols; ++j) {
    for (int64_t i = 0; i < a.rows; ++i) t.values.push_back(a.at(i, j));
  }
  return t;
}

/// a * x + y, element by element.
Plain sum(double a, const Plain& x, const Plain& y) {
  Plain s = y;
  for (size_t i = 0; i < s.values.size(); ++i) s.values[i] += a * x.values[i];
  return s;
}

Plain scaled(double a, Plain x) {
  for (double& v : x.values) v *= a;
  return x;
}

/// X <- a X + (b S + c S^2) X with S = X X^T, for a matrix that is not taller than wide.
Plain orthogonal(Plain x, double epsilon) {
  double square = 0.0;
  for (double v : x.values) square += v * v;
  x = scaled(1.0 / (std::sqrt(square) + epsilon), std::move(x));
  for (int step = 0; step < newton_schulz::kSteps; ++step) {
    const Plain s = product(x, transposed(x));
    const Plain factor = sum(newton_schulz::kB, s, scaled(newton_schulz::kC, product(s, s)));
    x = sum(newton_schulz::kA, x, product(factor, x));
  }
  return x;
}

class ScaleByMuon final : public GradientTransform {
 public:
  ScaleByMuon(double momentum, const AdamConstants& constants, const MuonGate& gate)
      : momentum_(momentum), adam_(scale_by_adam(constants)), gate_(gate) {}
  std::string describe() const override { return fmt::format("muon({}, others {})", momentum_, adam_->describe()); }
  std::vector<std::string> state_names() const override { return {"muon.m", "muon.v"}; }
  void apply(std::span<float> updates, std::span<const std::span<float>> state,
             const UpdateContext& context) const override {
    std::vector<ParameterRun> others;
    for (const ParameterRun& run : context.runs) {
      if (gate_.passes(run.size, run.outputs)) {
        step(updates, state[0], run, context);
      } else {
        others.push_back(run);
      }
    }
    UpdateContext rest = context;
    rest.runs = others;
    rest.momentum = std::nullopt;
    adam_->apply(updates, state, rest);
  }

 private:
  void step(std::span<float> updates, std::span<float> means, const ParameterRun& run,
            const UpdateContext& context) const {
    const double momentum = context.momentum.value_or(momentum_);
    const auto t = static_cast<double>(context.step);
    Plain ahead{run.size / run.outputs, run.outputs, {}};
    each_element(run, [&](size_t i) {
      const double g = updates[i];
      const double m = momentum * means[i] + (1.0 - momentum) * g;
      means[i] = static_cast<float>(m);
      ahead.values.push_back(momentum * m / (1.0 - std::pow(momentum, t + 1.0)) +
                             (1.0 - momentum) * g / (1.0 - std::pow(momentum, t)));
    });
    const bool tall = ahead.rows > ahead.cols;
    Plain x = orthogonal(tall ? transposed(ahead) : ahead, newton_schulz::kEpsilon);
    if (tall) x = transposed(x);
    const double length = newton_schulz::length(x.rows, x.cols);
    size_t next = 0;
    each_element(run, [&](size_t i) { updates[i] = static_cast<float>(length * x.values[next++]); });
  }

  double momentum_;
  TransformPtr adam_;
  MuonGate gate_;
};

}  // namespace

TransformPtr scale_by_muon(double momentum, const AdamConstants& constants, const MuonGate& gate) {
  return std::make_unique<ScaleByMuon>(momentum, constants, gate);
}

}  // namespace redbud
