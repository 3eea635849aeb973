#include "redbud/plan/compile.h"

#include <algorithm>

#include "redbud/core/did_you_mean.h"
#include "redbud/core/text.h"
#include "redbud/plan/autodiff.h"
#include "redbud/plan/passes/pass.h"

namespace redbud {
namespace {

void require_known(const std::vector<std::string>& disabled) {
  const auto known = pass_names();
  for (const std::string& name : disabled) {
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    std::string expected = "one of";
    for (const std::string& pass : known) expected += (expected == "one of" ? " " : ", ") + pass;
    throw Error(
        ErrorKind::Usage,
        {.fact = "unknown pass", .found = quote(name), .expected = expected, .hint = did_you_mean(name, known)});
  }
}

void run_passes(Lowered& lowered, Pass::When when, const std::vector<std::string>& disabled,
                std::vector<std::string>& ran) {
  for (const Pass& pass : passes()) {
    if (pass.when != when || std::find(disabled.begin(), disabled.end(), pass.name) != disabled.end()) continue;
    if (pass.run(lowered)) ran.emplace_back(pass.name);
#ifndef NDEBUG
    verify(lowered.list);
#endif
  }
}

}  // namespace

Lowered compile(const Graph& graph, const Loss* loss, const PlanOptions& options, std::vector<std::string>& ran) {
  require_known(options.disabled_passes);
  Lowered lowered = lower(graph, loss, options);
  run_passes(lowered, Pass::When::BeforeAutodiff, options.disabled_passes, ran);
  if (options.goal == PlanGoal::Gradients) differentiate(lowered, graph.parameter_layout());
  run_passes(lowered, Pass::When::AfterAutodiff, options.disabled_passes, ran);
  verify(lowered.list);
  for (size_t v = 0; v < lowered.list.values.size(); ++v) {
    PlanValue& value = lowered.list.values[v];
    if (value.storage == Storage::Arena && is_result(lowered, {static_cast<int>(v)})) value.storage = Storage::Slot;
  }
  return lowered;
}

std::vector<std::string> pass_names() {
  std::vector<std::string> names;
  for (const Pass& pass : passes()) names.emplace_back(pass.name);
  return names;
}

}  // namespace redbud
