// How a CSV file is opened: its dialect, its columns' names, and what their first cells let expect.
#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "redbud/core/bytes.h"
#include "redbud/core/text.h"
#include "redbud/data/sources/cell_text.h"
#include "redbud/data/sources/csv_table.h"

namespace redbud {
namespace {

constexpr int64_t kSampleBytes = 200 * 1024;

bool has_two_lines(std::string_view text) {
  const size_t first = text.find_first_of("\r\n");
  return first != std::string_view::npos && text.find_first_of("\r\n", first + 2) != std::string_view::npos;
}

}  // namespace

CsvTableReader::CsvTableReader(const Path& path, const CsvOptions& options)
    : options_(options), file_(std::make_unique<DataFile>(path)), scanner_(*file_, path.string()) {
  start();
}

CsvTableReader::CsvTableReader(std::string_view text, std::string name, const CsvOptions& options)
    : options_(options), source_(std::make_unique<MemorySource>(as_bytes(text))), scanner_(*source_, std::move(name)) {
  start();
}

void CsvTableReader::start() {
  std::string_view text = scanner_.peek(kSampleBytes);
  if (!has_two_lines(text)) text = scanner_.peek(CsvScanner::kMaxCellBytes);
  const bool complete = scanner_.at_end_of_file() && text.size() == scanner_.at_hand().size();
  dialect_.separator = guess_separator(text, complete);
  scanner_.set_separator(dialect_.separator);
  sample_ = sample_records(text, complete, dialect_.separator);
  if (sample_.size() > 1) {
    size_t bytes = 0;
    for (const auto& record : sample_) {
      for (const auto& cell : record) bytes += cell.size() + 1;
    }
    bytes_a_row_ = static_cast<double>(bytes) / static_cast<double>(sample_.size());
  }
  guess_header(sample_, options_.header, dialect_);
  name_columns();
}

void CsvTableReader::set_header(bool header, std::string reason) {
  RB_ASSERT(!header_taken_);
  dialect_.header = header;
  dialect_.header_reason = std::move(reason);
  name_columns();
}

void CsvTableReader::name_columns() {
  CsvScanner::Found found = scanner_.next();
  while (found == CsvScanner::Found::BadRecord) {
    reject(scanner_.fault());
    found = scanner_.next();
  }
  if (found == CsvScanner::Found::End) {
    throw Error(ErrorKind::Data, {.where = file(), .fact = "the file holds no rows", .expected = "a table"});
  }
  const auto cells = scanner_.cells();
  if (static_cast<int64_t>(cells.size()) > CsvScanner::kMaxColumns) {
    throw Error(ErrorKind::Data, {.where = place(file(), scanner_.line()),
                                  .fact = "too many columns",
                                  .found = with_thousands(static_cast<int64_t>(cells.size())),
                                  .expected = "at most " + with_thousands(CsvScanner::kMaxColumns)});
  }
  names_.clear();
  facts_.clear();
  std::set<std::string> taken;
  for (size_t i = 0; i < cells.size(); ++i) {
    std::string name = dialect_.header ? std::string(trim(cells[i])) : "";
    if (name.empty()) {
      name = fmt::format("x{}", i);
      if (dialect_.header)
        facts_.push_back(fmt::format("column {} has no name in the header: it is called {}", i + 1, name));
    }
    if (!taken.insert(name).second) {
      throw Error(ErrorKind::Data, {.where = place(file(), scanner_.line()),
                                    .fact = fmt::format("two columns are called {}", quote(name)),
                                    .expected = "a name of its own for every column"});
    }
    names_.push_back(std::move(name));
  }
  scanner_.unread();
}

std::vector<CellRole> CsvTableReader::guess_roles() const {
  std::vector<CellRole> roles(names_.size(), CellRole::Number);
  for (size_t i = dialect_.header ? 1 : 0; i < sample_.size(); ++i) {
    for (size_t column = 0; column < std::min(roles.size(), sample_[i].size()); ++column) {
      const std::string& cell = sample_[i][column];
      if (!is_missing(cell) && !parse_number(cell)) roles[column] = CellRole::Text;
    }
  }
  return roles;
}

RawTable CsvTableReader::empty_table(const std::vector<CellRole>& roles) const {
  RB_ASSERT(roles.size() == names_.size());
  RawTable table;
  table.columns.resize(roles.size());
  for (size_t i = 0; i < roles.size(); ++i) {
    table.columns[i].role = roles[i];
    if (roles[i] == CellRole::Text) table.columns[i].levels = std::make_unique<LevelTable>();
  }
  return table;
}

}  // namespace redbud
