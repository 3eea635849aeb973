#include "redbud/report/outcome.h"

#include <memory>

#include "redbud/core/error.h"
#include "redbud/losses/registry.h"
#include "redbud/report/outcome_parts.h"
#include "redbud/report/predictions.h"
#include "redbud/report/row_picture.h"

namespace redbud {
namespace {

/// Nothing where rows have no picture of this kind: several inputs or blocks of targets.
std::unique_ptr<OutcomePart> part_for(const Model& model, const BatchType& type, WorstRows& worst) {
  if (type.inputs.size() != 1 || type.targets.size() != 1) return nullptr;
  const Schema& schema = model.recipe.schema;
  const auto loss = loss_from_config(model.loss);
  const bool is_index = type.targets[0].type == DType::I32;
  if (is_index != (loss->target_kind() == TargetKind::Classes)) return nullptr;
  switch (loss->target_kind()) {
    case TargetKind::Classes:
      return make_class_outcome(schema.classes, loss->link() == Link::Softmax, worst);
    case TargetKind::Labels:
      return make_label_outcome(schema.target_names, loss->link() == Link::Logistic, worst);
    case TargetKind::Numbers:
      return make_number_outcome(model.recipe, worst);
    case TargetKind::Vectors:
      return make_vector_outcome(schema.target_names, worst);
  }
  return nullptr;
}

}  // namespace

ConfigValue outcome_record(const Model& model, const OutcomeRows& rows, ThreadPool& pool) {
  RB_ASSERT(rows.places.empty() || static_cast<int64_t>(rows.places.size()) == rows.source.rows());
  WorstRows worst;
  const std::unique_ptr<OutcomePart> part = part_for(model, rows.source.type(), worst);
  if (!part) return {};
  part->expect(rows.source.rows());
  for_each_prediction(model, rows.source, pool, [&](const PredictedRows& predicted) { part->add(predicted); });
  ConfigValue record;
  record.set("event", "outcome");
  record.set("part", rows.part);
  record.set("rows", rows.source.rows());
  part->write(record);
  ConfigValue::List list;
  for (const WorstRows::Entry& entry : worst.sorted()) {
    const int64_t place = rows.places.empty() ? entry.row : rows.places[static_cast<size_t>(entry.row)];
    ConfigValue line;
    line.set(rows.are_lines ? "line" : "row", place);
    part->describe(entry, line);
    line.set("loss", entry.loss);
    if (ConfigValue picture = row_picture(model.recipe, rows.source, entry.row); !picture.is_null())
      line.set("picture", std::move(picture));
    list.push_back(std::move(line));
  }
  record.set("worst", std::move(list));
  return record;
}

}  // namespace redbud
