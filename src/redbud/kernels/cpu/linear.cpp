#include "redbud/kernels/cpu/linear.h"

#include "redbud/kernels/cpu/gemm.h"

namespace redbud::kernels::cpu {
namespace {

Support supports_type(DType type) { return type == DType::F32 ? Support::yes() : Support::no("type is not f32"); }

Operand operand(const Matrix& matrix, Layout layout) {
  return {static_cast<const float*>(matrix.data), matrix.stride, layout};
}

}  // namespace

Support supports_linear_forward(const LinearForwardProblem& problem) { return supports_type(problem.type); }
Support supports_linear_input_gradient(const LinearInputGradientProblem& problem) {
  return supports_type(problem.type);
}
Support supports_linear_weight_gradient(const LinearWeightGradientProblem& problem) {
  return supports_type(problem.type);
}

// Two halves of the rows are summed apart where that spares two threads more reading of what the other has written,
// half of x and dy, than it costs: half of dw.
int64_t half_sum_bytes(const LinearWeightGradientProblem& p) {
  constexpr int64_t kRows = 128;  // with fewer, the sum of the halves costs one thread too much
  constexpr int64_t kMostWeights = 128 * 1024;
  const int64_t weights = p.inputs * p.outputs;
  const bool pays = p.rows >= kRows && weights <= kMostWeights && p.rows * (p.inputs / 2 + p.outputs) > weights;
  return pays ? (weights + p.outputs) * static_cast<int64_t>(sizeof(float)) : 0;
}

// y = f(b + x * w)
void linear_forward(const LinearForwardProblem& p, const LinearForwardArgs& args, ThreadPool& pool) {
  Gemm g{.rows = p.rows, .cols = p.outputs, .depth = p.inputs};
  g.a = operand(args.x, Layout::Rows);
  g.b = operand(args.w, Layout::Rows);
  g.c = args.y.row<float>(0);
  g.c_stride = args.y.stride;
  g.bias = p.bias ? static_cast<const float*>(args.b) : nullptr;
  g.activation = p.activation;
  run_gemm(g, pool);
}

// dx = (dy * w^T) .* f'(at)
void linear_input_gradient(const LinearInputGradientProblem& p, const LinearInputGradientArgs& args, ThreadPool& pool) {
  Gemm g{.rows = p.rows, .cols = p.inputs, .depth = p.outputs};
  g.a = operand(args.dy, Layout::Rows);
  g.b = operand(args.w, Layout::Columns);
  g.c = args.dx.row<float>(0);
  g.c_stride = args.dx.stride;
  g.activation = p.activation;
  if (!p.activation.is_identity()) {
    g.outputs = args.at.row<float>(0);
    g.outputs_stride = args.at.stride;
  }
  run_gemm(g, pool);
}

// dw (+)= x^T * dy, db (+)= column sums of dy
void linear_weight_gradient(const LinearWeightGradientProblem& p, const LinearWeightGradientArgs& args,
                            ThreadPool& pool) {
  Gemm g{.rows = p.inputs, .cols = p.outputs, .depth = p.rows};
  g.a = operand(args.x, Layout::Columns);
  g.b = operand(args.dy, Layout::Rows);
  g.c = args.dw.row<float>(0);
  g.c_stride = args.dw.stride;
  g.accumulate = p.accumulate;
  g.b_sums = p.bias ? static_cast<float*>(args.db) : nullptr;
  if (half_sum_bytes(p) > 0 && args.scratch != nullptr) {
    g.second_half = static_cast<float*>(args.scratch);
    return run_gemm_by_halves(g, args.part, RowChunks(p.rows).count(), pool);
  }
  RB_ASSERT(args.part.kind == KernelPart::Kind::All);
  run_gemm(g, pool);
}

}  // namespace redbud::kernels::cpu
