#include "redbud/data/csv_like.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "redbud/core/text.h"
#include "redbud/data/column_types.h"
#include "redbud/data/labels.h"
#include "redbud/data/sample_weights.h"
#include "redbud/data/sources/cell_text.h"
#include "redbud/data/targets.h"

namespace redbud {
namespace {

constexpr int32_t kMissingCode = -1;
constexpr int32_t kUnseenCode = -2;
constexpr size_t kListedClasses = 10;
constexpr int32_t kMostLevelsKept = 100'000;  // between two parts of a file

std::string list_of(const std::vector<std::string>& names) {
  std::string list;
  for (size_t i = 0; i < names.size() && i < kListedClasses; ++i) list += (i > 0 ? ", " : "") + names[i];
  return names.size() > kListedClasses ? list + fmt::format(" and {} more", names.size() - kListedClasses) : list;
}

std::string_view without_full_stop(std::string_view text) {
  text = trim(text);
  if (text.ends_with('.')) text.remove_suffix(1);
  return text;
}

/// The class that a label means, -1 if none: by its text, or as a number that is written otherwise.
int32_t class_of(const LevelTable& classes, std::string_view label) {
  if (const int32_t code = classes.find(label); code >= 0) return code;
  const auto number = parse_number(label);
  return number ? classes.find(format_number(*number + 0.0)) : -1;
}

bool contains(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

CsvLikeReader::CsvLikeReader(const Path& path, const Recipe& recipe, bool with_target, const ReadOptions& options)
    : recipe_(recipe),
      with_target_(with_target),
      skip_bad_rows_(options.skip_bad_rows),
      reader_(path, {.header = options.header, .skip_bad_rows = options.skip_bad_rows}),
      columns_(recipe.schema.columns.size()) {
  if (decide_header(options.header)) {
    match_by_name();
  } else {
    match_by_position();
  }
  prepare();
}

/// Whether columns are matched by name.
bool CsvLikeReader::decide_header(HeaderMode mode) {
  const Schema& schema = recipe_.schema;
  if (mode != HeaderMode::Auto) return mode == HeaderMode::Yes && !schema.positional;
  const std::vector<std::string> first = reader_.sample().empty() ? std::vector<std::string>() : reader_.sample()[0];
  const bool known = std::any_of(schema.columns.begin(), schema.columns.end(),
                                 [&](const Column& column) { return contains(first, column.name); });
  if (known) {
    reader_.set_header(true, "the first line has the names of the model's columns");
    return true;
  }
  if (schema.positional) {
    reader_.set_header(false, "the model was trained on a file without one");
    return false;
  }
  const size_t all = schema.columns.size();
  const bool right_count = first.size() == all || (!with_target_ && first.size() == all - schema.targets.size());
  if (!reader_.dialect().header && right_count) {
    facts_.push_back(fmt::format("no header ({}): columns are matched by position", reader_.dialect().header_reason));
    return false;
  }
  reader_.set_header(true, "the model's columns have names");
  return true;
}

/// Weights count where there are targets, in the loss.
bool CsvLikeReader::is_wanted(int column) const {
  if (is_target(column) || column == recipe_.schema.weight) return with_target_;
  return recipe_.schema.columns[static_cast<size_t>(column)].type != ColumnType::LeftOut;
}

void CsvLikeReader::match_by_name() {
  const Schema& schema = recipe_.schema;
  std::vector<std::string> missing;
  for (int i = 0; i < static_cast<int>(columns_.size()); ++i) {
    const Column& column = schema.columns[static_cast<size_t>(i)];
    if (!is_wanted(i)) continue;
    const auto found = std::find(reader_.names().begin(), reader_.names().end(), column.name);
    if (found == reader_.names().end() && i == schema.weight) {
      facts_.push_back(fmt::format("no column is called {}: every row has the weight 1", quote(column.name)));
    } else if (found == reader_.names().end()) {
      missing.push_back(column.name);
    } else {
      columns_[static_cast<size_t>(i)].in_file = static_cast<int>(found - reader_.names().begin());
    }
  }
  if (missing.empty()) return;
  const std::string close = nearest(missing[0], reader_.names());
  throw Error(
      ErrorKind::Data,
      {.where = reader_.file(),
       .fact = fmt::format("no column is called {}{}", quote(missing[0]),
                           missing.size() > 1 ? fmt::format(", nor {} more that the model needs", missing.size() - 1)
                                              : ", which the model needs"),
       .hint = (close.empty() ? "" : fmt::format("is {} meant? ", quote(close))) + "the columns are " +
               list_of(reader_.names())});
}

void CsvLikeReader::match_by_position() {
  const Schema& schema = recipe_.schema;
  const size_t all = schema.columns.size();
  const size_t inputs = all - schema.targets.size();
  const size_t found = reader_.names().size();
  const bool without_target = found == inputs && !with_target_;
  if (found != all && !without_target) {
    throw Error(ErrorKind::Data,
                {.where = reader_.file(),
                 .fact = fmt::format("{} columns", found),
                 .expected = with_target_ ? fmt::format("{}, as in training", all)
                                          : fmt::format("{}, as in training, or {} without the target", all, inputs)});
  }
  int next = 0;
  for (int i = 0; i < static_cast<int>(all); ++i) {
    if (without_target && is_target(i)) continue;
    const int in_file = next++;
    if (is_wanted(i)) columns_[static_cast<size_t>(i)].in_file = in_file;
  }
}

void CsvLikeReader::prepare() {
  const Schema& schema = recipe_.schema;
  std::vector<CellRole> roles(reader_.names().size(), CellRole::Skip);
  for (size_t i = 0; i < columns_.size(); ++i) {
    const Column& column = schema.columns[i];
    for (const std::string& level : column.levels) columns_[i].levels.code(level);
    if (columns_[i].in_file < 0) continue;
    roles[static_cast<size_t>(columns_[i].in_file)] =
        column.type == ColumnType::Number || static_cast<int>(i) == schema.weight ? CellRole::Number : CellRole::Text;
  }
  table_ = reader_.empty_table(roles);
  for (RawColumn& column : table_.columns) column.fixed = true;
}

std::shared_ptr<Table> CsvLikeReader::read(int64_t max_rows) {
  table_.clear_rows();
  if (reader_.read(table_, max_rows) == 0) return nullptr;
  std::vector<RejectedRow> fresh(reader_.rejects().begin() + static_cast<int64_t>(rejects_taken_),
                                 reader_.rejects().end());
  rejects_taken_ = reader_.rejects().size();
  GoodRows good = good_rows(table_, fresh);
  good_ = std::move(good.rows);
  std::move(good.rejects.begin(), good.rejects.end(), std::back_inserter(rejects_));

  auto table = std::make_shared<Table>();
  table->rows = table_.rows;
  table->lines = table_.lines;  // kept, for the messages of cells that can't be converted
  table->columns.resize(columns_.size());
  for (size_t i = 0; i < columns_.size(); ++i) {
    if (columns_[i].in_file < 0) continue;
    table->columns[i] = convert(table_.columns[static_cast<size_t>(columns_[i].in_file)], static_cast<int>(i));
  }
  for (RawColumn& raw : table_.columns) {
    if (raw.levels && raw.levels->size() > kMostLevelsKept) raw.levels = std::make_unique<LevelTable>();
  }
  return table;
}

std::vector<RejectedRow> CsvLikeReader::take_rejects() {
  for (; rejects_taken_ < reader_.rejects().size(); ++rejects_taken_)
    rejects_.push_back(reader_.rejects()[rejects_taken_]);
  return std::exchange(rejects_, {});
}

TableColumn CsvLikeReader::convert(RawColumn& raw, int column) {
  const Column& type = recipe_.schema.columns[static_cast<size_t>(column)];
  TableColumn cells;
  if (column == recipe_.schema.weight) {
    check_weights(raw, table_, type.name, reader_.file());
    cells.numbers = std::move(raw.numbers);
    return cells;
  }
  if (is_target(column) && recipe_.schema.task == Task::MultiLabel) {
    cells.numbers = labels_like(type, raw, table_, reader_.file());
    return cells;
  }
  if (type.type == ColumnType::Number) {
    refuse_odd_number(raw, table_, type.name, reader_.file());
    cells.numbers = std::move(raw.numbers);
    return cells;
  }
  const std::vector<int32_t> to = is_target(column) ? convert_labels(raw, column) : convert_levels(raw, column);
  cells.codes = std::move(raw.codes);
  recode(cells.codes, to);
  return cells;
}

void CsvLikeReader::refuse_level(const RawColumn& raw, int column, int32_t level, ErrorText text) const {
  const auto row = static_cast<size_t>(std::find(raw.codes.begin(), raw.codes.end(), level) - raw.codes.begin());
  text.where = place(reader_.file(), table_.lines[row], recipe_.schema.columns[static_cast<size_t>(column)].name);
  text.found = quote((*raw.levels)[level]);
  throw Error(ErrorKind::Data, std::move(text));
}

/// The texts of earlier parts of the file stay in `raw.levels`: only those met in this part may be refused.
std::vector<int32_t> CsvLikeReader::convert_levels(const RawColumn& raw, int column) const {
  const Column& type = recipe_.schema.columns[static_cast<size_t>(column)];
  const LevelTable& known = columns_[static_cast<size_t>(column)].levels;
  std::vector<int32_t> to;
  for (int32_t level = 0; level < raw.levels->size(); ++level) {
    const std::string_view text = (*raw.levels)[level];
    int32_t code = known.find(text);
    if (code < 0 && type.type == ColumnType::Boolean) {
      const auto value = parse_boolean(text);
      if (!value)
        refuse_level(raw, column, level,
                     {.fact = "not a value of this column",
                      .expected = fmt::format("{} or {}", type.levels[0], type.levels[1])});
      code = *value ? 1 : 0;
    }
    if (code < 0 && recipe_.unseen == UnseenPolicy::Error) {
      refuse_level(raw, column, level,
                   {.fact = "a category that training never met", .expected = list_of(type.levels)});
    }
    to.push_back(code < 0 ? kUnseenCode : code);
  }
  return to;
}

/// Labels as they stand; or, only where that makes all of them known, without blanks and a full stop at their ends.
std::vector<int32_t> CsvLikeReader::convert_labels(const RawColumn& raw, int column) {
  const LevelTable& classes = columns_[static_cast<size_t>(column)].levels;
  std::vector<int32_t> to;
  int32_t unknown = kMissingCode;
  bool all_trimmed = true;
  for (int32_t level = 0; level < raw.levels->size(); ++level) {
    to.push_back(class_of(classes, (*raw.levels)[level]));
    if (to.back() < 0 && unknown < 0) unknown = level;
    all_trimmed &= to.back() >= 0 || class_of(classes, without_full_stop((*raw.levels)[level])) >= 0;
  }
  if (unknown < 0) return to;
  if (!all_trimmed) {
    const auto is_known = [&](int32_t level) {
      return to[static_cast<size_t>(level)] >= 0 || class_of(classes, without_full_stop((*raw.levels)[level])) >= 0;
    };
    int32_t level = 0;
    while (is_known(level)) ++level;
    refuse_level(raw, column, level,
                 {.fact = "a label that training never met", .expected = list_of(recipe_.schema.classes)});
  }
  for (int32_t level = 0; level < raw.levels->size(); ++level) {
    if (to[static_cast<size_t>(level)] < 0)
      to[static_cast<size_t>(level)] = class_of(classes, without_full_stop((*raw.levels)[level]));
  }
  facts_.push_back(fmt::format("column {}: labels are matched without the full stop at their end ({} is {})",
                               quote(recipe_.schema.target_names[0]), quote((*raw.levels)[unknown]),
                               quote(recipe_.schema.classes[static_cast<size_t>(to[static_cast<size_t>(unknown)])])));
  return to;
}

}  // namespace redbud
