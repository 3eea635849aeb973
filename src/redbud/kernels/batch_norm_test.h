#pragma once
#include <string_view>
#include <vector>

#include "redbud/core/tensor.h"
#include "redbud/kernels/batch_norm.h"
#include "redbud/kernels/dropout.h"
#include "redbud/kernels/kernel_test.h"

// What the tests of batch normalisation share.
namespace redbud::kernels {

inline const Activation kElu{.kind = ActivationKind::Elu, .alpha = 1.0};

/// All buffers of one batch normalisation, forward and backward.
template <class T>
struct BatchNormBuffers {
  BatchNormBuffers(int64_t rows, int64_t features, int64_t padding = 0)
      : z(rows, features, padding),
        y(rows, features, padding),
        dy(rows, features, padding),
        dz(rows, features, padding),
        gamma(1, features),
        beta(1, features),
        mean(1, features),
        inv(1, features),
        running_mean(1, features),
        running_var(1, features),
        dgamma(1, features),
        dbeta(1, features),
        mask(static_cast<size_t>(rows * dropout_blocks(features))),
        scratch(batch_norm_scratch_bytes(rows, features)) {
    z.fill_normal(1, 2.0, 0.5);
    dy.fill_normal(2);
    gamma.fill_normal(3, 0.3, 1.0);
    beta.fill_normal(4, 0.5);
    running_mean.fill_normal(5);
    running_var.fill(T(1.5));
    TestPool pool(1);
    const DropoutMaskProblem problem{.rows = rows, .features = features, .threshold = dropout_threshold(0.4)};
    dropout_mask_kernels().back().run(problem, {.key = {.seed = 9}, .mask = mask.data()}, pool);
  }

  BatchNormForwardArgs forward() {
    return {.z = z.matrix(),
            .y = y.matrix(),
            .gamma = gamma.matrix().data,
            .beta = beta.matrix().data,
            .mean = mean.matrix().data,
            .inv = inv.matrix().data,
            .running_mean = running_mean.matrix().data,
            .running_var = running_var.matrix().data,
            .mask = mask.data(),
            .scratch = scratch.data()};
  }
  BatchNormBackwardArgs backward() {
    return {.dy = dy.matrix(),
            .z = z.matrix(),
            .y = y.matrix(),
            .dz = dz.matrix(),
            .gamma = gamma.matrix().data,
            .mean = mean.matrix().data,
            .inv = inv.matrix().data,
            .mask = mask.data(),
            .dgamma = dgamma.matrix().data,
            .dbeta = dbeta.matrix().data,
            .scratch = scratch.data()};
  }
  bool guards_are_intact() {
    for (GuardedMatrix<T>* m : {&y, &dz, &mean, &inv, &running_mean, &running_var, &dgamma, &dbeta}) {
      if (!m->guards_are_intact()) return false;
    }
    return true;
  }
  std::vector<std::vector<T>> outputs() {
    return {y.values(),           mean.values(), inv.values(),    running_mean.values(),
            running_var.values(), dz.values(),   dgamma.values(), dbeta.values()};
  }

  GuardedMatrix<T> z, y, dy, dz, gamma, beta, mean, inv, running_mean, running_var, dgamma, dbeta;
  std::vector<uint8_t> mask;
  AlignedBuffer scratch;
};

struct BatchNormCase {
  int64_t rows;
  int64_t features;
  Activation activation = kElu;
  bool dropout = true;
};

inline BatchNormForwardProblem forward_problem(DType type, const BatchNormCase& s) {
  return {.type = type,
          .rows = s.rows,
          .features = s.features,
          .activation = s.activation,
          .dropout = s.dropout,
          .dropout_scale = s.dropout ? dropout_scale(dropout_threshold(0.4)) : 1.0};
}

inline BatchNormBackwardProblem backward_problem(DType type, const BatchNormCase& s, bool accumulate = false) {
  return {.type = type,
          .rows = s.rows,
          .features = s.features,
          .activation = s.activation,
          .dropout = s.dropout,
          .dropout_scale = s.dropout ? dropout_scale(dropout_threshold(0.4)) : 1.0,
          .accumulate = accumulate};
}

template <class T>
void run_both(std::string_view name, const BatchNormCase& s, BatchNormBuffers<T>& b, bool accumulate = false,
              int threads = 1) {
  TestPool pool(threads);
  kernel_named(batch_norm_forward_kernels(), name).run(forward_problem(dtype_of<T>, s), b.forward(), pool);
  kernel_named(batch_norm_backward_kernels(), name)
      .run(backward_problem(dtype_of<T>, s, accumulate), b.backward(), pool);
}

}  // namespace redbud::kernels
