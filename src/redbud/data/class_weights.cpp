#include "redbud/data/class_weights.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "redbud/core/error.h"
#include "redbud/core/text.h"

namespace redbud {
namespace {

class ClassWeighted final : public SampleSource {
 public:
  ClassWeighted(std::unique_ptr<SampleSource> rows, const std::vector<double>& weights)
      : rows_(std::move(rows)), type_(rows_->type()) {
    RB_ASSERT(type_.targets.size() == 1 && type_.targets[0].type == DType::I32);
    type_.weighted = true;
    for (const double weight : weights) weights_.push_back(static_cast<float>(weight));
  }

  const BatchType& type() const override { return type_; }
  int64_t rows() const override { return rows_->rows(); }
  void gather(std::span<const int64_t> rows, const BatchView& batch) const override {
    rows_->gather(rows, batch);
    if (batch.weights == nullptr) return;
    const BlockView& target = batch.targets[0];
    for (size_t i = 0; i < rows.size(); ++i) {
      const int32_t row_class = static_cast<const int32_t*>(target.data)[static_cast<int64_t>(i) * target.stride];
      batch.weights[i] *= weights_[static_cast<size_t>(row_class)];
    }
  }

 private:
  std::unique_ptr<SampleSource> rows_;
  BatchType type_;
  std::vector<float> weights_;
};

std::vector<double> balanced_weights(const Dataset& train) {
  const Schema& schema = train.schema();
  const auto& codes = train.arrays() != nullptr ? train.arrays()->classes
                                                : train.table()->columns[static_cast<size_t>(schema.targets[0])].codes;
  std::vector<int64_t> counts(schema.classes.size());
  for (const int64_t row : train.selection()) ++counts[static_cast<size_t>(codes[static_cast<size_t>(row)])];
  const auto occurring = std::count_if(counts.begin(), counts.end(), [](int64_t n) { return n > 0; });
  std::vector<double> weights;
  for (const int64_t count : counts) {
    const double fair = static_cast<double>(train.rows()) / static_cast<double>(occurring);
    weights.push_back(count > 0 ? fair / static_cast<double>(count) : 1.0);
  }
  return weights;
}

[[noreturn]] void refuse(const std::string& fact, const std::string& found, const std::string& expected) {
  throw Error(ErrorKind::Usage, {.fact = "class_weights " + fact, .found = found, .expected = expected});
}

std::vector<double> given_weights(const std::vector<double>& given, const std::vector<std::string>& classes) {
  const std::string count = fmt::format("{} weights", given.size());
  if (given.size() != classes.size()) {
    refuse("does not have one weight a class", count,
           fmt::format("{}, for {}", classes.size(), fmt::join(classes, ", ")));
  }
  for (const double weight : given) {
    if (!(weight >= 0.0 && std::isfinite(weight)))
      refuse("is out of range", format_number(weight), "finite numbers of at least 0");
  }
  if (std::all_of(given.begin(), given.end(), [](double w) { return w == 0.0; })) {
    refuse("is 0 for every class", count, "one above 0");
  }
  return given;
}

}  // namespace

ClassWeights ClassWeights::balanced() {
  ClassWeights weights;
  weights.rule = Rule::Balanced;
  return weights;
}

void require_classes(const ClassWeights& weights, Task task) {
  if (weights.rule == ClassWeights::Rule::None || task == Task::Classification) return;
  refuse("does not go with the task", task == Task::Regression ? "regression" : "several labels", "classes, one a row");
}

std::vector<double> class_weights(const ClassWeights& weights, const Dataset& train) {
  require_classes(weights, train.schema().task);
  switch (weights.rule) {
    case ClassWeights::Rule::None:
      return {};
    case ClassWeights::Rule::Balanced:
      return balanced_weights(train);
    case ClassWeights::Rule::Given:
      break;
  }
  return given_weights(weights.given, train.schema().classes);
}

std::unique_ptr<SampleSource> with_class_weights(std::unique_ptr<SampleSource> rows,
                                                 const std::vector<double>& weights) {
  if (weights.empty()) return rows;
  return std::make_unique<ClassWeighted>(std::move(rows), weights);
}

}  // namespace redbud
