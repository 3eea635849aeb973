#include "redbud/kernels/batch_norm.h"

#include <array>
#include <cmath>

#include "redbud/kernels/cpu/chunk_sums.h"
#include "redbud/kernels/cpu/pointwise_kernels.h"
#include "redbud/kernels/ref/pointwise_kernels.h"

namespace redbud::kernels {

std::span<const Kernel<BatchNormForwardProblem, BatchNormForwardArgs>> batch_norm_forward_kernels() {
  static const std::array list = {cpu::batch_norm_forward, ref::batch_norm_forward};
  return list;
}

std::span<const Kernel<BatchNormBackwardProblem, BatchNormBackwardArgs>> batch_norm_backward_kernels() {
  static const std::array list = {cpu::batch_norm_backward, ref::batch_norm_backward};
  return list;
}

std::span<const Kernel<BatchNormInferenceProblem, BatchNormInferenceArgs>> batch_norm_inference_kernels() {
  static const std::array list = {cpu::batch_norm_inference, ref::batch_norm_inference};
  return list;
}

int64_t batch_norm_scratch_bytes(int64_t rows, int64_t features) { return cpu::ChunkedSums::bytes(rows, features); }

double batch_norm_correction(double steps, double momentum) {
  if (steps < 0.0) return 1.0;
  return steps > 0.0 ? 1.0 / (1.0 - std::pow(momentum, steps)) : 0.0;
}

BatchNormAffine batch_norm_affine(double running_mean, double running_var, double correction, double epsilon,
                                  double gamma, double beta) {
  const double mean = correction * running_mean;
  const double var = correction > 0.0 ? correction * running_var : 1.0;
  const double slope = gamma / std::sqrt(var + epsilon);
  return {slope, beta - mean * slope};
}

}  // namespace redbud::kernels
