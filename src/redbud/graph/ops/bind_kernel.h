#pragma once
#include <cstddef>
#include <functional>
#include <span>

#include "redbud/graph/op.h"
#include "redbud/kernels/kernel.h"
#include "redbud/kernels/row_chunks.h"

namespace redbud {

/// Chooses the first kernel of the list that supports the problem and fixes its arguments.
template <class Problem, class Args>
BoundStep bind_kernel(std::span<const kernels::Kernel<Problem, Args>> list, const Problem& problem, const Args& args,
                      kernels::KernelPolicy policy) {
  auto choice = kernels::choose(list, problem, policy);
  const auto run = choice.kernel->run;
  return {.run = [=](const StepContext& c) { run(problem, args, c.pool); },
          .kernel = choice.kernel->name,
          .refused = std::move(choice.refused)};
}

/// A matrix from row `begin` on.
inline kernels::Matrix rows_from(const kernels::Matrix& matrix, DType type, int64_t begin) {
  if (matrix.data == nullptr) return matrix;
  return {static_cast<std::byte*>(matrix.data) + begin * matrix.stride * size_of(type), matrix.stride};
}

/// The same for a kernel that makes each row of its own, and so can run for some of them: move_to(args, begin) moves
/// the arguments to row `begin`.
template <class Problem, class Args, class MoveTo>
BoundStep bind_row_kernel(std::span<const kernels::Kernel<Problem, Args>> list, const Problem& problem,
                          const Args& args, kernels::KernelPolicy policy, const MoveTo& move_to) {
  BoundStep step = bind_kernel(list, problem, args, policy);
  const auto run = kernels::choose(list, problem, policy).kernel->run;
  step.phases.push_back({.rows = [=](const StepContext& c, const RowPiece& rows) {
    Problem some = problem;
    some.rows = rows.end - rows.begin;
    Args at = args;
    move_to(at, rows.begin);
    run(some, at, c.pool);
  }});
  return step;
}

/// Moves those matrices of the arguments whose rows are the batch's.
template <class... M>
auto moving(DType type, M... matrices) {
  return [=](auto& args, int64_t begin) { ((args.*matrices = rows_from(args.*matrices, type, begin)), ...); };
}

/// The same for a kernel that consists of parts (kernels::KernelPart). `also` is done once, between them.
template <class Problem, class Args>
BoundStep bind_part_kernel(
    std::span<const kernels::Kernel<Problem, Args>> list, const Problem& problem, const Args& args,
    kernels::KernelPolicy policy, const std::function<void()>& also = [] {}) {
  using Kind = kernels::KernelPart::Kind;
  BoundStep step = bind_kernel(list, problem, args, policy);
  const auto part = [=, run = kernels::choose(list, problem, policy).kernel->run](Kind kind) {
    return [=](const StepContext& c, const RowPiece& rows) {
      Args some = args;
      for (int64_t i = rows.first_chunk; i < rows.end_chunk; ++i) {
        some.part = {kind, i};
        run(problem, some, c.pool);
      }
    };
  };
  const auto total = [also, run = part(Kind::Total)](const StepContext& c) {
    run(c, {.end_chunk = 1});
    also();
  };
  if (step.kernel != "ref") {
    step.phases = {{.rows = part(Kind::SumsOfChunk), .then = total}, {.rows = part(Kind::RestOfChunk)}};
  }
  step.run = [also, run = std::move(step.run)](const StepContext& c) {
    run(c);
    also();
  };
  return step;
}

}  // namespace redbud
