#include <array>

#include "redbud/plan/passes/pass.h"

namespace redbud {

std::span<const Pass> passes() {
  using enum Pass::When;
  static constexpr std::array kPasses = {
      Pass{"fuse_linear_activation", "a product applies the activation that follows it while its tile is in cache",
           BeforeAutodiff, fuse_linear_activation},
      Pass{"fuse_norm_activation", "batch norm applies the activation that follows it in the same sweep",
           BeforeAutodiff, fuse_norm_activation},
      Pass{"fuse_norm_dropout", "batch norm applies the dropout that follows it in the same sweep", BeforeAutodiff,
           fuse_norm_dropout},
      Pass{"store_slopes", "an activation whose derivative needs its input stores the derivative beside its value",
           BeforeAutodiff, store_slopes},
      Pass{"fuse_activation_gradient",
           "an input gradient is multiplied by the derivative of the activation below while it is in cache",
           AfterAutodiff, fuse_activation_gradient},
      Pass{"drop_unused", "ops whose outputs nobody reads are left out", AfterAutodiff, drop_unused},
  };
  return kPasses;
}

}  // namespace redbud
