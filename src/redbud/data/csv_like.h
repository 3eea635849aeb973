#pragma once
#include <memory>
#include <string>
#include <vector>

#include "redbud/data/read_csv.h"
#include "redbud/data/recipe.h"
#include "redbud/data/sources/csv_table.h"
#include "redbud/data/sources/level_table.h"

namespace redbud {

/// Reads a CSV file whose columns a recipe knows: finds them by name or position, and makes their cells what the schema
/// says.
class CsvLikeReader {
 public:
  /// Throws  Error{Data} naming a column that is missing
  CsvLikeReader(const Path& path, const Recipe& recipe, bool with_target, const ReadOptions& options);

  /// The next rows, at most `max_rows` of the file's, without those that can't be read; null at the end of the file.
  /// Throws  Error{Data} with line and column: a cell of the wrong type, a missing cell where the recipe refuses them
  std::shared_ptr<Table> read(int64_t max_rows);

  /// Of the rows last read: those that are to be used.
  const std::vector<int64_t>& good() const { return good_; }
  std::vector<RejectedRow> take_rejects();
  const std::vector<std::string>& facts() const { return facts_; }
  uint64_t fingerprint() const { return reader_.fingerprint(); }

 private:
  struct KnownColumn {
    int in_file = -1;
    LevelTable levels;
  };

  bool decide_header(HeaderMode mode);
  void match(bool by_name);
  void match_by_name();
  void match_by_position();
  void prepare();
  TableColumn convert(RawColumn& raw, int column);
  std::vector<int32_t> convert_levels(const RawColumn& raw, int column) const;
  std::vector<int32_t> convert_labels(const RawColumn& raw, int column);
  [[noreturn]] void refuse_level(const RawColumn& raw, int column, int32_t level, ErrorText text) const;
  bool is_target(int column) const { return recipe_.schema.is_target(column); }
  bool is_wanted(int column) const;

  const Recipe& recipe_;
  bool with_target_;
  bool skip_bad_rows_;
  CsvTableReader reader_;
  std::vector<KnownColumn> columns_;  // as in the schema
  RawTable table_;
  std::vector<int64_t> good_;
  std::vector<RejectedRow> rejects_;
  size_t rejects_taken_ = 0;
  std::vector<std::string> facts_;
};

}  // namespace redbud
