#include "redbud/report/advice/advice.h"

#include <algorithm>

#include "redbud/report/advice/rule.h"

namespace redbud {
namespace {

Advice advice_of(const AdviceRule& rule, std::string evidence, std::vector<Change> changes, size_t run) {
  return {.rule = std::string(rule.name),
          .illness = std::string(rule.illness),
          .says = std::string(rule.says),
          .evidence = std::move(evidence),
          .source = std::string(rule.source),
          .confidence = std::string(rule.confidence),
          .changes = std::move(changes),
          .run = run};
}

bool same_changes(const Advice& a, const Advice& b) {
  return std::equal(a.changes.begin(), a.changes.end(), b.changes.begin(), b.changes.end(),
                    [](const Change& x, const Change& y) { return x.key == y.key && x.value == y.value; });
}

void add_group(std::span<const AdviceRule> rules, const AdviceCase& c, size_t run, std::vector<Advice>& found) {
  for (const AdviceRule& rule : rules) {
    std::string evidence = rule.evidence(c);
    if (evidence.empty()) continue;
    std::vector<Change> changes = rule.changes(c);
    if (changes.empty() && !rule.by_hand) continue;
    Advice advice = advice_of(rule, std::move(evidence), std::move(changes), run);
    const bool is_said = std::any_of(found.begin(), found.end(), [&](const Advice& said) {
      return said.run == run && !advice.changes.empty() && same_changes(said, advice);
    });
    if (!is_said) found.push_back(std::move(advice));
  }
}

}  // namespace

std::vector<Advice> advise(std::span<const RunEvidence> runs, Want want) {
  std::vector<AdviceCase> cases;
  for (const RunEvidence& run : runs) cases.push_back({.run = run, .runs = runs, .want = want});
  std::vector<Advice> found;
  for (size_t i = 0; i < cases.size(); ++i) add_group(comparison_rules(), cases[i], i, found);
  for (size_t i = 0; i < cases.size(); ++i) {
    const AdviceCase& c = cases[i];
    const size_t before = found.size();
    add_group(illness_rules(), c, i, found);
    // How well it fits says little where a network can't learn, and is beside the point where size or speed are wanted.
    const bool fits_matter = want == Want::Nothing || want == Want::Accurate;
    if (fits_matter && found.size() == before) add_group(fit_rules(), c, i, found);
    add_group(wish_rules(), c, i, found);
  }
  return found;
}

}  // namespace redbud
