#include <algorithm>
#include <cstring>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "redbud/data/csv_like.h"
#include "redbud/data/encode.h"
#include "redbud/data/read_arrays.h"
#include "redbud/data/recipe.h"

namespace redbud {
namespace {

constexpr int64_t kRowsAtOnce = 1024;
constexpr int64_t kFloatsAtOnce = 4 << 20;  // 16 MB

}  // namespace

struct RowStream::State {
  State(const Path& path, const Recipe& fitted, const ReadOptions& how)
      : recipe(fitted), options(how), schema(std::make_shared<const Schema>(recipe.schema)), width(schema->features()) {
    if (schema->columns.empty()) {
      all = read_like(path, recipe, false, options, &notes);
      left = all.rows();
      return;
    }
    FileInfo info;
    const bool folder = file_system().info(path, info).ok() && info.type == FileType::Folder;
    if (!folder && format_of(path) != FileFormat::Csv) read_like(path, recipe, false, options);  // says what is wrong
    csv.emplace(path, recipe, false, options);
    notes.facts = csv->facts();
    name = path.string();
    rows_at_once = std::clamp<int64_t>(kFloatsAtOnce / std::max<int64_t>(width, 1), 1, kRowsAtOnce);
  }

  /// Encodes the next part of the file; false at its end.
  bool read_part() {
    while (true) {
      const std::shared_ptr<Table> table = csv->read(rows_at_once);
      if (table == nullptr) return false;
      std::vector<int64_t> rows = csv->good();
      if (recipe.missing == MissingPolicy::Error) {
        apply_missing(rows, {*table, schema->columns, name}, input_columns(*schema), recipe.missing, notes);
      }
      if (rows.empty()) continue;
      part = Dataset(schema, table).select(rows);
      begin = 0;
      left = part.rows();
      return true;
    }
  }

  Recipe recipe;
  ReadOptions options;
  std::shared_ptr<const Schema> schema;
  int64_t width;
  int64_t rows_at_once = 0;
  std::string name;
  std::optional<CsvLikeReader> csv;
  Dataset all;   // arrays
  Dataset part;  // rows of a table
  int64_t begin = 0;
  int64_t left = 0;
  ReadNotes notes;
};

RowStream::RowStream(const Path& path, const Recipe& recipe, const ReadOptions& options)
    : state_(std::make_unique<State>(path, recipe, options)) {}

RowStream::~RowStream() = default;

const ReadNotes& RowStream::notes() const { return state_->notes; }

int64_t RowStream::next(float* x, int64_t stride, int64_t max_rows) {
  State& s = *state_;
  int64_t done = 0;
  while (done < max_rows) {
    if (s.left == 0) {
      if (!s.csv || !s.read_part()) break;
    }
    const int64_t count = std::min(s.left, max_rows - done);
    encode_inputs(s.csv ? s.part : s.all, s.recipe, s.begin, s.begin + count, x + done * stride, stride);
    s.begin += count;
    s.left -= count;
    done += count;
  }
  if (done == 0 && s.csv) report_rejects(s.csv->take_rejects(), s.options, s.notes);
  return done;
}

}  // namespace redbud
