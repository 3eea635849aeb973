// The lists of implementations, best first.
#include "redbud/kernels/losses.h"

#include <array>

#include "redbud/kernels/cpu/pointwise_kernels.h"
#include "redbud/kernels/ref/pointwise_kernels.h"

namespace redbud::kernels {

std::span<const LossKernel> softmax_cross_entropy_kernels() {
  static const std::array list = {cpu::softmax_cross_entropy, ref::softmax_cross_entropy};
  return list;
}

std::span<const LossKernel> focal_kernels() {
  static const std::array list = {cpu::focal, ref::focal};
  return list;
}

std::span<const LossKernel> hinge_kernels() {
  static const std::array list = {cpu::hinge, ref::hinge};
  return list;
}

std::span<const LossKernel> sigmoid_cross_entropy_kernels() {
  static const std::array list = {cpu::sigmoid_cross_entropy, ref::sigmoid_cross_entropy};
  return list;
}

std::span<const LossKernel> sigmoid_focal_kernels() {
  static const std::array list = {cpu::sigmoid_focal, ref::sigmoid_focal};
  return list;
}

std::span<const LossKernel> binary_hinge_kernels() {
  static const std::array list = {cpu::binary_hinge, ref::binary_hinge};
  return list;
}

std::span<const LossKernel> mean_squared_error_kernels() {
  static const std::array list = {cpu::mean_squared_error, ref::mean_squared_error};
  return list;
}

std::span<const LossKernel> mean_absolute_error_kernels() {
  static const std::array list = {cpu::mean_absolute_error, ref::mean_absolute_error};
  return list;
}

std::span<const LossKernel> huber_kernels() {
  static const std::array list = {cpu::huber, ref::huber};
  return list;
}

std::span<const LossKernel> quantile_kernels() {
  static const std::array list = {cpu::quantile, ref::quantile};
  return list;
}

std::span<const LossKernel> poisson_kernels() {
  static const std::array list = {cpu::poisson, ref::poisson};
  return list;
}

std::span<const LossKernel> cosine_kernels() {
  static const std::array list = {cpu::cosine, ref::cosine};
  return list;
}

}  // namespace redbud::kernels
