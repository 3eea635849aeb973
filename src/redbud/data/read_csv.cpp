#include "redbud/data/read_csv.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <memory>
#include <set>
#include <utility>

#include "redbud/core/text.h"
#include "redbud/data/column_types.h"
#include "redbud/data/labels.h"
#include "redbud/data/leak.h"
#include "redbud/data/sample_weights.h"
#include "redbud/data/targets.h"

namespace redbud {
namespace {

constexpr int64_t kAllRows = std::numeric_limits<int64_t>::max();

const char* name_of(ColumnType type) {
  switch (type) {
    case ColumnType::Number:
      return "number";
    case ColumnType::Category:
      return "category";
    case ColumnType::Boolean:
      return "boolean";
    case ColumnType::LeftOut:
      break;
  }
  return "left out";
}

/// What the caller asked for, as column numbers of this file.
struct Choice {
  std::vector<int> targets;
  std::vector<bool> ignored;
  int weight = -1;
};

int choose_weight(const CsvTableReader& reader, const ReadOptions& options, const Choice& choice) {
  if (options.sample_weight.empty()) return -1;
  const int column =
      find_column(options.sample_weight, reader.names(), reader.dialect().header, reader.file(), "the sample weight");
  const bool ignored = choice.ignored[static_cast<size_t>(column)];
  if (!ignored && std::find(choice.targets.begin(), choice.targets.end(), column) == choice.targets.end()) {
    return column;
  }
  throw Error(ErrorKind::Data, {.where = reader.file(),
                                .fact = fmt::format("column {} is the sample weight, and {}",
                                                    quote(reader.names()[static_cast<size_t>(column)]),
                                                    ignored ? "to be ignored" : "a target"),
                                .hint = "--sample-weight names another column"});
}

Choice choose_columns(const CsvTableReader& reader, const ReadOptions& options) {
  const auto& names = reader.names();
  const bool header = reader.dialect().header;
  Choice choice{.targets = {}, .ignored = std::vector<bool>(names.size())};
  for (const std::string& name : options.ignore) {
    choice.ignored[static_cast<size_t>(find_column(name, names, header, reader.file(), "to ignore"))] = true;
  }
  for (const std::string& name : options.target) {
    const int column = find_column(name, names, header, reader.file(), "the target");
    if (choice.ignored[static_cast<size_t>(column)]) {
      throw Error(ErrorKind::Data, {.where = reader.file(),
                                    .fact = fmt::format("column {} is the target, and to be ignored",
                                                        quote(names[static_cast<size_t>(column)])),
                                    .hint = "--target names another column"});
    }
    if (std::find(choice.targets.begin(), choice.targets.end(), column) != choice.targets.end()) {
      throw Error(ErrorKind::Data, {.where = reader.file(),
                                    .fact = fmt::format("column {} is named twice as a target",
                                                        quote(names[static_cast<size_t>(column)]))});
    }
    choice.targets.push_back(column);
  }
  choice.weight = choose_weight(reader, options, choice);
  return choice;
}

struct CsvFile {
  std::unique_ptr<CsvTableReader> reader;
  RawTable table;
  uint64_t fingerprint = 0;
};

/// Other roles for columns that turned out otherwise than their first cells let expect; false if there are none.
bool correct_roles(const RawTable& table, const ReadOptions& options, std::vector<CellRole>& roles,
                   std::vector<bool>& corrected) {
  bool any = false;
  for (size_t i = 0; i < roles.size(); ++i) {
    const RawColumn& column = table.columns[i];
    if (corrected[i]) continue;
    CellRole role = roles[i];
    if (column.role == CellRole::Number && column.odd > 0) {
      const auto values = static_cast<double>(table.rows - column.missing);
      if (static_cast<double>(column.odd) > (1 - kNumbersOfANumberColumn) * values) role = CellRole::Text;
    } else if (column.role == CellRole::Text && options.skip_bad_rows &&
               number_shares(column).own >= kNumbersOfANumberColumn) {
      role = CellRole::Number;
    }
    if (role == roles[i]) continue;
    roles[i] = role;
    corrected[i] = true;
    any = true;
  }
  return any;
}

/// Reads all rows; once more where the first cells of a column misled.
CsvFile read_rows(const Path& path, const ReadOptions& options, Choice& choice) {
  const CsvOptions how{.header = options.header, .skip_bad_rows = options.skip_bad_rows};
  CsvFile file;
  std::vector<CellRole> roles;
  std::vector<bool> corrected;
  do {
    file.reader = std::make_unique<CsvTableReader>(path, how);
    if (roles.empty()) {
      choice = choose_columns(*file.reader, options);
      roles = file.reader->guess_roles();
      corrected.resize(roles.size());
      for (size_t i = 0; i < roles.size(); ++i) {
        if (choice.ignored[i]) roles[i] = CellRole::Skip;
      }
    }
    file.table = file.reader->empty_table(roles);
    while (file.reader->read(file.table, kAllRows) > 0) {
    }
    const uint64_t fingerprint = file.reader->fingerprint();
    if (file.fingerprint != 0 && fingerprint != file.fingerprint) {
      throw Error(ErrorKind::Data, {.where = path.string(), .fact = "the file changed while it was read"});
    }
    file.fingerprint = fingerprint;
  } while (correct_roles(file.table, options, roles, corrected));
  return file;
}

void require_rows(const CsvFile& file, const std::vector<int64_t>& rows) {
  if (rows.size() >= 2) return;
  const std::string where = file.reader->file();
  if (file.table.rows == 0) {
    throw Error(ErrorKind::Data,
                {.where = where,
                 .fact = file.reader->dialect().header ? "the file holds a header only" : "the file holds no rows",
                 .expected = "rows below it",
                 .hint = file.reader->dialect().header ? "--header no takes the first line as a row" : ""});
  }
  throw Error(ErrorKind::Data, {.where = where,
                                .fact = rows.empty() ? "no row can be used" : "only one row can be used",
                                .expected = "at least two"});
}

void add_facts(const CsvTableReader& reader, ReadNotes& notes) {
  const CsvDialect& dialect = reader.dialect();
  notes.facts.push_back(fmt::format("separator {} · header: {}, {}", separator_name(dialect.separator),
                                    dialect.header ? "yes" : "no", dialect.header_reason));
  notes.facts.insert(notes.facts.end(), reader.facts().begin(), reader.facts().end());
}

/// Makes the target columns; decides the task.
void make_targets(CsvFile& file, const Choice& choice, const ReadOptions& options, Schema& schema, Table& table) {
  const auto& names = file.reader->names();
  schema.task = options.task;
  if (choice.targets.size() > 1) {
    schema.task = schema.task == Task::Classification ? Task::MultiLabel : Task::Regression;
  }
  for (int target : choice.targets) {
    const auto i = static_cast<size_t>(target);
    RawColumn& raw = file.table.columns[i];
    TypedColumn typed = schema.task == Task::MultiLabel
                            ? type_label(raw, file.table, names[i], file.reader->file())
                            : type_target(raw, file.table, names[i], file.reader->file(), schema);
    schema.columns[i] = std::move(typed.column);
    table.columns[i] = std::move(typed.cells);
    schema.target_names.push_back(names[i]);
    schema.columns[i].reason = schema.task == Task::Classification
                                   ? fmt::format("target, {} classes", schema.classes.size())
                               : schema.task == Task::MultiLabel ? "target, 0 or 1"
                                                                 : "target, numbers";
  }
}

void make_inputs(CsvFile& file, const Choice& choice, Schema& schema, Table& table, ReadNotes& notes) {
  const auto& names = file.reader->names();
  for (size_t i = 0; i < names.size(); ++i) {
    if (schema.is_target(static_cast<int>(i))) continue;
    if (choice.ignored[i]) {
      schema.columns[i] = {
          .name = names[i], .type = ColumnType::LeftOut, .reason = "left out: as was said", .levels = {}};
      continue;
    }
    if (static_cast<int>(i) == choice.weight) {
      check_weights(file.table.columns[i], file.table, names[i], file.reader->file());
      schema.columns[i] = {
          .name = names[i], .type = ColumnType::LeftOut, .reason = "the weight of each row", .levels = {}};
      table.columns[i].numbers = std::move(file.table.columns[i].numbers);
      continue;
    }
    TypedColumn typed = type_input(file.table.columns[i], file.table, names[i], file.reader->file());
    schema.columns[i] = std::move(typed.column);
    table.columns[i] = std::move(typed.cells);
    if (!typed.warning.empty()) notes.warnings.push_back(std::move(typed.warning));
  }
  if (schema.features() == 0) {
    throw Error(ErrorKind::Data,
                {.where = file.reader->file(),
                 .fact = "no column is left to learn from",
                 .found = fmt::format("{} columns, {} of them targets", names.size(), schema.targets.size()),
                 .hint = names.size() == 1 ? "is the separator one of , ; tab | or blanks?" : ""});
  }
}

/// One warning for all classes that are met as seldom as that.
void warn_of_classes(const Schema& schema, const std::vector<int64_t>& counts, int64_t count, const char* text,
                     ReadNotes& notes) {
  constexpr int64_t kNamed = 3;
  std::string names;
  int64_t found = 0;
  for (size_t i = 0; i < counts.size(); ++i) {
    if (counts[i] != count || ++found > kNamed) continue;
    names += (found > 1 ? ", " : "") + quote(schema.classes[i]);
  }
  if (found == 0) return;
  if (found > kNamed) names += fmt::format(" and {} more", found - kNamed);
  notes.warnings.push_back(fmt::format("class{} {}: {}", found > 1 ? "es" : "", names, text));
}

/// After rows were left out: every class must still be there, and more than one.
void check_classes(const Dataset& data, const std::string& file, ReadNotes& notes) {
  const Schema& schema = data.schema();
  if (schema.task != Task::Classification) return;
  std::vector<int64_t> counts(schema.classes.size());
  const auto& codes = data.table()->columns[static_cast<size_t>(schema.targets[0])].codes;
  for (int64_t row : data.selection()) ++counts[static_cast<size_t>(codes[static_cast<size_t>(row)])];
  if (std::count_if(counts.begin(), counts.end(), [](int64_t n) { return n > 0; }) < 2) {
    const auto only = std::find_if(counts.begin(), counts.end(), [](int64_t n) { return n > 0; }) - counts.begin();
    throw Error(ErrorKind::Data, {.where = file,
                                  .fact = fmt::format("target {} has one class only", quote(schema.target_names[0])),
                                  .found = quote(schema.classes[static_cast<size_t>(only)]),
                                  .expected = "at least two"});
  }
  warn_of_classes(schema, counts, 0, "no row of it is left", notes);
  warn_of_classes(schema, counts, 1, "met in one row only, it can't be both learned and validated", notes);
}

}  // namespace

Dataset read_csv(const Path& path, const ReadOptions& options, ReadNotes& notes) {
  Choice choice;
  CsvFile file = read_rows(path, options, choice);
  add_facts(*file.reader, notes);
  GoodRows good = good_rows(file.table, file.reader->rejects());
  report_rejects(std::move(good.rejects), options, notes);
  require_rows(file, good.rows);

  Schema schema;
  auto table = std::make_shared<Table>();
  table->columns.resize(file.reader->names().size());
  schema.columns.resize(file.reader->names().size());
  schema.positional = !file.reader->dialect().header;
  schema.targets = choice.targets;
  schema.weight = choice.weight;
  make_targets(file, choice, options, schema, *table);
  make_inputs(file, choice, schema, *table, notes);
  schema.sample_shape = Shape{schema.features()};
  table->rows = file.table.rows;
  table->lines = std::move(file.table.lines);
  const std::string name = path.string();
  const GappyTable gappy{*table, schema.columns, name};
  apply_missing_target(good.rows, gappy, schema.targets, options.missing_target, notes);
  apply_missing(good.rows, gappy, input_columns(schema), options.missing, notes);
  for (const Column& column : schema.columns) {
    notes.facts.push_back(
        column.type == ColumnType::LeftOut
            ? fmt::format("column {}: {}", quote(column.name), column.reason)
            : fmt::format("column {}: {}, {}{}", quote(column.name), name_of(column.type), column.reason,
                          column.missing > 0 ? fmt::format(", {} missing", with_thousands(column.missing)) : ""));
  }

  Dataset data(std::move(schema), std::move(table));
  data.source = name;
  data.fingerprint = file.fingerprint;
  data = data.select(good.rows);
  check_classes(data, name, notes);
  for (std::string& leak : find_leaks(data)) notes.warnings.push_back(std::move(leak));
  return data;
}

}  // namespace redbud
