#pragma once
#include <cstdint>

#include "redbud/core/thread_pool.h"
#include "redbud/kernels/activation.h"
#include "redbud/kernels/row_chunks.h"

namespace redbud::kernels::cpu {

/// How a matrix lies in memory: element [i,j] at data[i * stride + j] (Rows) or data[j * stride + i] (Columns).
enum class Layout { Rows, Columns };

/// A matrix that is only read.
struct Operand {
  const float* data = nullptr;
  int64_t stride = 0;
  Layout layout = Layout::Rows;
};

/// The product that all three operations of a linear layer are, with what comes before and after the sums.
///
///   C[m,n] = f(start + sum_k A[m,k] * B[k,n])      start: bias[n], or C[m,n] if `accumulate`, or 0
///
/// C's rows lie dense or with any stride; nothing is written beyond their ends. A and B may not overlap C.
/// At most one of A and B lies in columns.
struct Gemm {
  int64_t rows = 0;
  int64_t cols = 0;
  int64_t depth = 0;
  Operand a = {};
  Operand b = {};
  float* c = nullptr;
  int64_t c_stride = 0;
  const float* bias = nullptr;
  bool accumulate = false;
  Activation activation = {};      // f
  const float* outputs = nullptr;  // instead of f: C *= f'(outputs), laid out like C but for its stride; of f, or what
                                   // goes into f where f' is computed from that
  int64_t outputs_stride = 0;
  float* b_sums = nullptr;       // also b_sums[n] (+)= sum_k B[k,n]; only where B lies in rows
  float* second_half = nullptr;  // for run_gemm_by_halves(): rows * cols floats, and cols more with b_sums
};

/// Computes C. Sums run over k in an order that depends on the shape alone, not on the number of threads.
void run_gemm(const Gemm& gemm, ThreadPool& pool);

/// The same for an A in columns and a dense C, with nothing after the sums, which are made of two halves of k apart and
/// then added, each in an even number of pieces: a thread that runs the first half of the pieces reads only half of A
/// and B.
void run_gemm_by_halves(const Gemm& gemm, const KernelPart& part, int64_t pieces, ThreadPool& pool);

}  // namespace redbud::kernels::cpu
