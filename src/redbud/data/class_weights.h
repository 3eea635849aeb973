#pragma once
#include <initializer_list>
#include <memory>
#include <utility>
#include <vector>

#include "redbud/data/batch.h"
#include "redbud/data/dataset.h"

namespace redbud {

/// What the rows of each class count in the loss: class_weights of a run file.
///
///   {}                          all rows alike
///   ClassWeights::balanced()    all classes alike
///   {1.0, 5.0}                  so much, in the order of the classes
struct ClassWeights {
  ClassWeights() = default;
  ClassWeights(std::initializer_list<double> one_a_class) : ClassWeights(std::vector<double>(one_a_class)) {}
  ClassWeights(std::vector<double> one_a_class) : given(std::move(one_a_class)), rule(Rule::Given) {}
  static ClassWeights balanced();

  std::vector<double> given = {};
  enum class Rule { None, Balanced, Given } rule = Rule::None;
};

/// Throws  Error{Usage}: rows of that task have no class
void require_classes(const ClassWeights& weights, Task task);

/// One weight a class; none where all rows count alike. Balanced as scikit-learn has it: w[c] = rows / (classes * rows
/// of class c), of the classes that occur; 1 for the others.
/// Throws  Error{Usage}: a task without classes; not one weight a class, a weight below 0, all of them 0
std::vector<double> class_weights(const ClassWeights& weights, const Dataset& train);

/// Rows whose weights are multiplied by that of their class; where there are none, the rows as they are.
std::unique_ptr<SampleSource> with_class_weights(std::unique_ptr<SampleSource> rows,
                                                 const std::vector<double>& weights);

}  // namespace redbud
