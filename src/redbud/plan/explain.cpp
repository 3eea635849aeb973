#include <fmt/format.h>

#include "redbud/core/text.h"
#include "redbud/plan/plan.h"

namespace redbud {

std::string explain(const Plan& plan, bool verbose) {
  std::string text = fmt::format("{:<4} {:<16} {:<38} {:<44} {:>12} {:>10}  {}\n", "step", "layer", "operation",
                                 "shapes", "mult-adds", "output", "kernel");
  int64_t number = 0;
  int64_t multiply_adds = 0;
  for (const StepInfo& step : plan.steps()) {
    const std::string operation = step.op + (step.detail.empty() ? "" : " [" + step.detail + "]");
    text += fmt::format("{:<4} {:<16} {:<38} {:<44} {:>12} {:>10}  {}\n", ++number, step.layer, operation, step.shapes,
                        step.multiply_adds > 0 ? with_thousands(step.multiply_adds) : "-",
                        format_bytes(step.output_bytes), step.kernel);
    if (verbose) {
      if (step.arena_offset >= 0)
        text += fmt::format("     at byte {} of the arena\n", with_thousands(step.arena_offset));
      for (const auto& refusal : step.refused) text += fmt::format("     not {}: {}\n", refusal.kernel, refusal.reason);
    }
    multiply_adds += step.multiply_adds;
  }
  text += fmt::format("{} steps, {} multiply-adds, arena {}\n", plan.steps().size(), with_thousands(multiply_adds),
                      format_bytes(plan.arena_bytes()));
  std::string passes;
  for (const std::string& pass : plan.passes()) passes += (passes.empty() ? "" : ", ") + pass;
  return text + "passes: " + (passes.empty() ? "none" : passes) + "\n";
}

}  // namespace redbud
