// read_like: another file of the kind that a recipe was fitted on.
#include <fmt/format.h>

#include <limits>
#include <memory>
#include <utility>

#include "redbud/core/text.h"
#include "redbud/data/csv_like.h"
#include "redbud/data/read_arrays.h"
#include "redbud/data/read_like_arrays.h"
#include "redbud/data/recipe.h"

namespace redbud {
namespace {

Dataset read_csv_like(const Path& path, const Recipe& recipe, bool with_target, const ReadOptions& options,
                      ReadNotes& notes) {
  CsvLikeReader reader(path, recipe, with_target, options);
  std::shared_ptr<Table> table = reader.read(std::numeric_limits<int64_t>::max());
  report_rejects(reader.take_rejects(), options, notes);
  notes.facts.insert(notes.facts.end(), reader.facts().begin(), reader.facts().end());
  if (table == nullptr) {
    throw Error(ErrorKind::Data,
                {.where = path.string(), .fact = "the file holds no rows", .expected = "rows like those of training"});
  }
  reader.read(1);  // to the end of the file, for its fingerprint
  std::vector<int64_t> rows = reader.good();
  const std::string name = path.string();
  const GappyTable gappy{*table, recipe.schema.columns, name};
  if (with_target) apply_missing_target(rows, gappy, recipe.schema.targets, options.missing_target, notes);
  // Without a target every row gets its prediction: those with gaps as if they were filled.
  if (recipe.missing == MissingPolicy::Error || with_target)
    apply_missing(rows, gappy, input_columns(recipe.schema), recipe.missing, notes);
  Dataset data(recipe.schema, std::move(table));
  data.source = name;
  data.fingerprint = reader.fingerprint();
  return data.select(rows);
}

}  // namespace

Dataset read_like(const Path& path, const Recipe& recipe, bool with_target, const ReadOptions& options,
                  ReadNotes* notes) {
  ReadNotes unread;
  ReadNotes& said = notes != nullptr ? *notes : unread;
  if (recipe.schema.columns.empty()) return read_arrays_like(path, recipe, with_target, options, said);
  FileInfo info;
  const bool folder = file_system().info(path, info).ok() && info.type == FileType::Folder;
  if (!folder && format_of(path) != FileFormat::Csv) {
    throw Error(ErrorKind::Data, {.where = path.string(),
                                  .fact = "an array file, but the model was trained on a table",
                                  .expected = "a CSV file"});
  }
  return read_csv_like(path, recipe, with_target, options, said);
}

}  // namespace redbud
