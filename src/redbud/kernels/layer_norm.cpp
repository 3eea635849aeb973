#include "redbud/kernels/layer_norm.h"

#include <array>

#include "redbud/kernels/cpu/layer_norm.h"
#include "redbud/kernels/ref/layer_norm.h"

namespace redbud::kernels {

std::span<const Kernel<LayerNormProblem, LayerNormForwardArgs>> layer_norm_forward_kernels() {
  static const std::array list = {cpu::layer_norm_forward, ref::layer_norm_forward};
  return list;
}

std::span<const Kernel<LayerNormProblem, LayerNormBackwardArgs>> layer_norm_backward_kernels() {
  static const std::array list = {cpu::layer_norm_backward, ref::layer_norm_backward};
  return list;
}

}  // namespace redbud::kernels
