#pragma once
#include <string>
#include <vector>

#include "redbud/kernels/kernel_test.h"
#include "redbud/kernels/losses.h"

// What the tests of losses share.
namespace redbud::kernels {

enum class Targets { Classes, Shares, Labels, Numbers, Counts };

struct LossCase {
  std::string name;
  std::span<const LossKernel> kernels;
  Targets targets;
  LossConstants constants = {};
  double score_scale = 3.0;

  /// With one output these are 0 but for rounding, which nothing can be held against.
  int64_t fewest_outputs() const {
    return name == "cosine" || (name.starts_with("softmax") && constants.label_smoothing > 0.0) ? 2 : 1;
  }
  bool has_classes() const { return targets == Targets::Classes; }
  LossProblem problem(LossProblem p) const {
    p.soft = targets != Targets::Classes;
    p.constants = constants;
    return p;
  }
  /// The list's first, which is not the reference.
  const LossKernel& fast() const { return kernels.front(); }
  const LossKernel& reference() const { return kernel_named(kernels, "ref"); }
};

inline std::vector<LossCase> all_losses() {
  using enum Targets;
  const LossConstants smoothed{.label_smoothing = 0.2};
  return {{"softmax cross-entropy", softmax_cross_entropy_kernels(), Classes},
          {"sigmoid cross-entropy", sigmoid_cross_entropy_kernels(), Shares},
          {"mean squared error", mean_squared_error_kernels(), Numbers},
          {"softmax cross-entropy, smoothed", softmax_cross_entropy_kernels(), Classes, smoothed},
          {"softmax cross-entropy of shares", softmax_cross_entropy_kernels(), Shares},
          {"softmax cross-entropy of shares, smoothed", softmax_cross_entropy_kernels(), Shares, smoothed},
          {"sigmoid cross-entropy, smoothed", sigmoid_cross_entropy_kernels(), Shares, smoothed},
          {"focal", focal_kernels(), Classes, {.gamma = 2.0, .alpha = 0.25}},
          {"focal, gamma 1/2", focal_kernels(), Classes, {.gamma = 0.5}},
          {"sigmoid focal", sigmoid_focal_kernels(), Labels, {.gamma = 2.0, .alpha = 0.25}},
          {"sigmoid focal, gamma 1/2", sigmoid_focal_kernels(), Labels, {.gamma = 0.5, .alpha = 0.6}},
          {"hinge", hinge_kernels(), Classes},
          {"binary hinge", binary_hinge_kernels(), Labels},
          {"mae", mean_absolute_error_kernels(), Numbers},
          {"huber", huber_kernels(), Numbers, {.delta = 1.5}},
          {"quantile", quantile_kernels(), Numbers, {.q = 0.9}},
          {"poisson", poisson_kernels(), Counts, {}, 1.0},
          {"cosine", cosine_kernels(), Numbers}};
}

/// All buffers of one loss, with random scores and targets.
template <class T>
struct LossBuffers {
  LossBuffers(const LossCase& loss, int64_t rows, int64_t outputs, int64_t padding = 0)
      : scores(rows, outputs, padding),
        values(rows, outputs, padding),
        weight(1, rows),
        dscores(rows, outputs, padding) {
    scores.fill_normal(1, loss.score_scale);
    values.fill_normal(2);
    for (int64_t n = 0; n < rows; ++n) {
      classes.push_back(static_cast<int32_t>(random_word({.seed = 3}, n) % static_cast<uint32_t>(outputs)));
      weight.at(0, n) = static_cast<T>(n % 4) * T(0.5);
      for (int64_t k = 0; k < outputs; ++k) {
        if (loss.targets == Targets::Shares) values.at(n, k) = static_cast<T>((n + k) % 3) / T(2);
        if (loss.targets == Targets::Labels) values.at(n, k) = static_cast<T>((n + k) % 2);
        if (loss.targets == Targets::Counts) values.at(n, k) = static_cast<T>((n * k) % 5);
      }
      if (loss.name.starts_with("softmax")) make_shares(n, outputs);
    }
    target = loss.has_classes() ? Matrix{classes.data(), 1} : values.matrix();
  }

  LossArgs args() {
    return {.scores = scores.matrix(),
            .target = target,
            .weight = weight.matrix().data,
            .dscores = dscores.matrix(),
            .loss = &value};
  }

  /// So that they sum to 1.
  void make_shares(int64_t n, int64_t outputs) {
    T sum = 0;
    for (int64_t k = 0; k < outputs; ++k) sum += values.at(n, k) = static_cast<T>(1 + (n + k) % 3);
    for (int64_t k = 0; k < outputs; ++k) values.at(n, k) /= sum;
  }

  GuardedMatrix<T> scores, values, weight, dscores;
  std::vector<int32_t> classes;
  Matrix target;
  double value = std::numeric_limits<double>::quiet_NaN();
};

/// The loss of one row by the reference, in double.
inline double run_reference(const LossCase& loss, const std::vector<double>& scores, const std::vector<double>& target,
                            int32_t index, std::vector<double>* gradient = nullptr) {
  const auto outputs = static_cast<int64_t>(scores.size());
  std::vector<double> s = scores, t = target, ds(scores.size());
  double value = 0.0;
  TestPool pool(1);
  loss.reference().run(loss.problem({.type = DType::F64, .rows = 1, .outputs = outputs}),
                       {.scores = {s.data(), outputs},
                        .target = loss.has_classes() ? Matrix{&index, 1} : Matrix{t.data(), outputs},
                        .dscores = {ds.data(), outputs},
                        .loss = &value},
                       pool);
  if (gradient != nullptr) *gradient = ds;
  return value;
}

}  // namespace redbud::kernels
