#include "redbud/kernels/target.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "redbud/kernels/cpu/targets.h"
//
#include <hwy/highway.h>

#include "redbud/core/error.h"

namespace redbud::kernels {
namespace {

// What the processor has among what was built, whatever was forced before.
int64_t supported_mask() {
  static const int64_t mask = hwy::SupportedTargets() & HWY_TARGETS;
  return mask;
}

int64_t lowest_bit(int64_t mask) { return mask & -mask; }  // lower is better

}  // namespace

std::string_view current_target() {
  const int64_t all = supported_mask();  // before anything is forced
  const int64_t now = hwy::SupportedTargets() & HWY_TARGETS;
  return hwy::TargetName(lowest_bit(now != 0 ? now : all));
}

std::vector<std::string> supported_targets() {
  std::vector<std::string> names;
  for (int64_t rest = supported_mask(); rest != 0; rest &= rest - 1)
    names.emplace_back(hwy::TargetName(lowest_bit(rest)));
  return names;
}

void force_target(std::string_view name) {
  const int64_t all = supported_mask();
  int64_t wanted = name.empty() ? all : 0;
  for (int64_t rest = all; rest != 0; rest &= rest - 1) {
    if (name == hwy::TargetName(lowest_bit(rest))) wanted = lowest_bit(rest);
  }
  if (wanted == 0) {
    throw Error(ErrorKind::Usage, {.where = "instruction set",
                                   .fact = "this processor or this build has no such target",
                                   .found = std::string(name),
                                   .expected = fmt::format("one of {}", fmt::join(supported_targets(), ", "))});
  }
  hwy::SetSupportedTargetsForTest(name.empty() ? 0 : wanted);
  hwy::GetChosenTarget().Update(wanted);
}

}  // namespace redbud::kernels
