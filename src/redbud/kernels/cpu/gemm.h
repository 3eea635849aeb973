#pragma once
#include <cstdint>

#include "redbud/core/thread_pool.h"
#include "redbud/kernels/activation.h"

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
  float* second_half = nullptr;  // if given, the sums over the second half of k are made apart, here (rows * cols
                                 // floats, cols more with b_sums), then added: two threads need not read all of A and
                                 // B. C is dense, nothing comes after the sums
};

/// Computes C. Sums run over k in an order that depends on the shape alone, not on the number of threads.
void run_gemm(const Gemm& gemm, ThreadPool& pool);

}  // namespace redbud::kernels::cpu
