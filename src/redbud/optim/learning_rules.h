#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "redbud/kernels/optimizer_step.h"
#include "redbud/optim/optimizer.h"
#include "redbud/optim/transforms/transforms.h"

namespace redbud {

/// What is known of a rule by its name: the one row that a new rule adds.
struct LearningRule {
  std::string_view name;
  kernels::OptimizerStepProblem::Rule kernel;    // the fused update
  TransformPtr (*make)(const OptimizerConfig&);  // the same as a link of a chain; null: the gradient as it is
  double learning_rate;                          // where none is given
  std::vector<std::string_view> keys = {};       // its constants
  double epsilon = 1e-8;
  double beta2 = 0.999;
  double momentum = 0.9;
  enum class Way {
    Elements,    // one kernel over flat arrays
    TrustRatio,  // a step's length by the tensor's (lamb_update.h)
    Orthogonal,  // matrices are made orthogonal (muon_update.h)
    Average,     // the same kernel; what is learned is an average (average_weights.h)
    Own          // the same kernel, which does l1 and l2 in its own way
  } way = Way::Elements;
};

const std::vector<LearningRule>& learning_rules();

/// Throws  Error{Usage} with the names there are
const LearningRule& learning_rule(std::string_view name, const std::string& where = {});

}  // namespace redbud
