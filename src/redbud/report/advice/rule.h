#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "redbud/report/advice/advice.h"

namespace redbud {

/// What a rule looks at: one run, the others beside it, what is wanted.
struct AdviceCase {
  const RunEvidence& run;
  std::span<const RunEvidence> runs;
  Want want = Want::Nothing;
  std::vector<LastingIllness> illnesses = lasting_illnesses(run);

  // settings.cpp: what the run was made with
  double number(std::string_view section, std::string_view name) const;
  std::string word(std::string_view section, std::string_view name) const;  // of a text, or of a table's name
  bool is_long_form() const;                                                // [[layer]] instead of [model]
  double learning_rate() const;
  double own_learning_rate() const;  // of the run's optimizer
  std::vector<int64_t> hidden() const;
  std::string activation() const;  // of the hidden layers; "" where they differ
  bool has_batch_norm() const;
  bool has_naive_initializer() const;  // of any hidden layer: not made for depth
  bool has_bounded_activation() const;

  // settings.cpp: changes; empty where the run has them already, or where they can't be said as keys
  std::vector<Change> set_activation(const char* name) const;  // with its own initializer
  std::vector<Change> set_own_initializer() const;
  std::vector<Change> set_batch_norm() const;
  std::vector<Change> set_learning_rate(double rate) const;
  std::vector<Change> set_number(const char* key, double value) const;
};

/// One rule: what must be seen, what to change, who says so.
struct AdviceRule {
  std::string_view name;
  std::string_view illness;
  std::string (*evidence)(const AdviceCase&);  // "" = the rule does not apply
  std::vector<Change> (*changes)(const AdviceCase&);
  std::string_view says;
  std::string_view source;
  std::string_view confidence;
  bool by_hand = false;  // worth saying without a command
};

// The table of rules, group by group, in each the most urgent first.
std::span<const AdviceRule> comparison_rules();  // what several runs say together
std::span<const AdviceRule> illness_rules();     // networks that can't learn
std::span<const AdviceRule> fit_rules();         // networks that can; looked at only where no illness was found
std::span<const AdviceRule> wish_rules();

}  // namespace redbud
