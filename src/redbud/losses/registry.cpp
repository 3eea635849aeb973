#include "redbud/losses/registry.h"

#include <array>

#include "redbud/core/error.h"
#include "redbud/core/text.h"
#include "redbud/losses/mean_squared_error.h"
#include "redbud/losses/sigmoid_cross_entropy.h"
#include "redbud/losses/softmax_cross_entropy.h"

namespace redbud {
namespace {

const std::array<const Loss*, 3>& losses() {
  static const SoftmaxCrossEntropy softmax_cross_entropy;
  static const SigmoidCrossEntropy sigmoid_cross_entropy;
  static const MeanSquaredError mean_squared_error;
  static const std::array<const Loss*, 3> list = {&softmax_cross_entropy, &sigmoid_cross_entropy, &mean_squared_error};
  return list;
}

}  // namespace

const Loss& find_loss(std::string_view name) {
  for (const Loss* loss : losses()) {
    if (loss->kind() == name) return *loss;
  }
  const std::string near = nearest(name, loss_names());
  throw Error(ErrorKind::Usage, {.fact = "unknown loss",
                                 .found = quote(name),
                                 .expected = "softmax_cross_entropy, sigmoid_cross_entropy or mean_squared_error",
                                 .hint = near.empty() ? "" : "did you mean " + near + "?"});
}

std::vector<std::string> loss_names() {
  std::vector<std::string> names;
  for (const Loss* loss : losses()) names.emplace_back(loss->kind());
  return names;
}

}  // namespace redbud
