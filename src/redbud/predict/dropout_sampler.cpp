#include "redbud/predict/dropout_sampler.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "redbud/core/error.h"
#include "redbud/losses/registry.h"
#include "redbud/plan/plan.h"

namespace redbud {
namespace {

/// Samples of one piece of rows are steps of their own; no data have so many pieces that two meet.
constexpr int kSampleBits = 24;

bool is_sampled(const Node& node) { return node.layer && node.layer->is_random() && !node.frozen; }

}  // namespace

struct DropoutSampler::Impl {
  /// What one piece needs: plans for whole pieces and for the last, shorter one; sums.
  struct Piece {
    std::optional<Plan> whole;
    std::optional<Plan> rest;
    ThreadPool one{1};
    std::vector<double> mean, squares;
  };

  Model model;
  DropoutSamplerConfig config;
  int64_t features = 0;
  int64_t outputs = 0;
  std::deque<Piece> pieces;  // of which none is ever moved

  Plan& plan_for(Piece& piece, int64_t rows) {
    std::optional<Plan>& plan = rows == kPieceRows ? piece.whole : piece.rest;
    if (!plan || plan->rows() != rows) {
      const PlanOptions options{.goal = PlanGoal::Samples, .rows = rows, .disabled_passes = {}};
      plan.emplace(model.graph, loss_from_config(model.loss).get(), model.values, nullptr, options);
    }
    return *plan;
  }

  void fill(const Plan& plan, std::span<const float> x) const {
    const BlockView& input = plan.batch().inputs[0];
    const auto width = static_cast<size_t>(features);
    for (int64_t n = 0; n < plan.rows(); ++n) {
      std::memcpy(static_cast<float*>(input.data) + n * input.stride, x.data() + static_cast<size_t>(n) * width,
                  sizeof(float) * width);
    }
  }

  /// Welford's sums, so that a spread that is small beside its mean keeps its digits.
  void add(Piece& piece, const Plan& plan, int64_t sample) const {
    const auto weight = 1.0 / static_cast<double>(sample + 1);
    for (int64_t n = 0; n < plan.rows(); ++n) {
      const float* y = plan.output().row<float>(n);
      for (int64_t k = 0; k < outputs; ++k) {
        const auto i = static_cast<size_t>(n * outputs + k);
        const double off = static_cast<double>(y[k]) - piece.mean[i];
        piece.mean[i] += weight * off;
        piece.squares[i] += off * (static_cast<double>(y[k]) - piece.mean[i]);
      }
    }
  }

  void run(Piece& piece, uint64_t number, std::span<const float> x, std::span<float> mean, std::span<float> deviation) {
    const int64_t rows = static_cast<int64_t>(x.size()) / features;
    Plan& plan = plan_for(piece, rows);
    piece.mean.assign(mean.size(), 0.0);
    piece.squares.assign(mean.size(), 0.0);
    fill(plan, x);
    for (int64_t sample = 0; sample < config.samples; ++sample) {
      plan.run({piece.one, config.seed, number << kSampleBits | static_cast<uint64_t>(sample)});
      add(piece, plan, sample);
    }
    const double fewer = static_cast<double>(config.samples - 1);
    for (size_t i = 0; i < mean.size(); ++i) {
      mean[i] = static_cast<float>(piece.mean[i]);
      deviation[i] = static_cast<float>(std::sqrt(piece.squares[i] / fewer));
    }
  }
};

DropoutSampler::DropoutSampler(const Model& model, const DropoutSamplerConfig& config)
    : impl_(std::make_unique<Impl>()) {
  const auto& nodes = model.graph.nodes();
  if (std::none_of(nodes.begin(), nodes.end(), is_sampled)) {
    throw Error(ErrorKind::Usage, {.fact = "the network drops nothing, so all samples would be the same",
                                   .expected = "a network with dropout",
                                   .hint = "train one with --dropout 0.1"});
  }
  if (config.samples < 2 || config.samples >= int64_t{1} << kSampleBits) {
    throw Error(ErrorKind::Usage, {.fact = "the number of samples is out of range",
                                   .found = std::to_string(config.samples),
                                   .expected = "at least 2, and below 2^24"});
  }
  impl_->model = model;
  impl_->config = config;
  impl_->features = model.graph.node(model.graph.inputs()[0]).signature.output.shape.elements();
  impl_->outputs = model.graph.output_shape().elements();
}

DropoutSampler::~DropoutSampler() = default;
DropoutSampler::DropoutSampler(DropoutSampler&&) noexcept = default;

int64_t DropoutSampler::features() const { return impl_->features; }
int64_t DropoutSampler::outputs() const { return impl_->outputs; }

void DropoutSampler::predict(const Rows& rows, ThreadPool& pool) {
  Impl& p = *impl_;
  RB_ASSERT(rows.first % kPieceRows == 0);
  const int64_t count = static_cast<int64_t>(rows.x.size()) / p.features;
  const int64_t pieces = (count + kPieceRows - 1) / kPieceRows;
  while (static_cast<int64_t>(p.pieces.size()) < pieces) p.pieces.emplace_back();
  for (int64_t piece = 0; piece < pieces; ++piece) {  // what may throw comes before what must not
    p.plan_for(p.pieces[static_cast<size_t>(piece)], std::min(kPieceRows, count - piece * kPieceRows));
  }
  pool.for_pieces(pieces, [&](int64_t piece) {
    const int64_t begin = piece * kPieceRows;
    const int64_t size = std::min(kPieceRows, count - begin);
    const auto part = [&](auto all, int64_t width) {
      return all.subspan(static_cast<size_t>(begin * width), static_cast<size_t>(size * width));
    };
    p.run(p.pieces[static_cast<size_t>(piece)], static_cast<uint64_t>((rows.first + begin) / kPieceRows),
          part(rows.x, p.features), part(rows.mean, p.outputs), part(rows.deviation, p.outputs));
  });
}

}  // namespace redbud
