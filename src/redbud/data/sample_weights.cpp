#include "redbud/data/sample_weights.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "redbud/core/error.h"
#include "redbud/core/text.h"
#include "redbud/data/column_types.h"

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

}  // namespace

void check_weights(const RawColumn& raw, const RawTable& table, const std::string& name, const std::string& file) {
  const auto refuse = [&](size_t row, const std::string& fact, const std::string& found) {
    throw Error(ErrorKind::Data, {.where = place(file, table.lines[row], name),
                                  .fact = fact,
                                  .found = found,
                                  .expected = "a number of at least 0, as sample_weight has one a row"});
  };
  if (raw.role == CellRole::Text) {
    const auto is_text = [&](int32_t code) { return code >= 0 && !parse_number((*raw.levels)[code]); };
    const auto row = static_cast<size_t>(std::find_if(raw.codes.begin(), raw.codes.end(), is_text) - raw.codes.begin());
    RB_ASSERT(row < raw.codes.size());
    refuse(row, "a weight that is not a number", quote((*raw.levels)[raw.codes[row]]));
  }
  refuse_odd_number(raw, table, name, file);
  for (size_t row = 0; row < raw.numbers.size(); ++row) {
    const double weight = raw.numbers[row];
    if (std::isnan(weight)) refuse(row, "a row without a weight", "");
    if (weight < 0.0) refuse(row, "a negative weight", format_number(weight));
  }
  if (std::any_of(raw.numbers.begin(), raw.numbers.end(), [](double weight) { return weight > 0.0; })) return;
  throw Error(ErrorKind::Data, {.where = file,
                                .fact = "column " + quote(name) + ": every row has the weight 0",
                                .expected = "weights above 0, as sample_weight has them"});
}

std::vector<double> balanced_class_weights(const Dataset& train) {
  const Schema& schema = train.schema();
  RB_ASSERT(schema.task == Task::Classification);
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

std::unique_ptr<SampleSource> with_class_weights(std::unique_ptr<SampleSource> rows,
                                                 const std::vector<double>& weights) {
  return std::make_unique<ClassWeighted>(std::move(rows), weights);
}

}  // namespace redbud
