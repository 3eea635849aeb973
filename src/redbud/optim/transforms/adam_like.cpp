#include "redbud/optim/transforms/adam_like.h"

#include <fmt/format.h>

namespace redbud {

std::string AdamLike::describe() const { return fmt::format("{}(beta1 {}, beta2 {})", name_, c_.beta1, c_.beta2); }

}  // namespace redbud
