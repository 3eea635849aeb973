#include "redbud/data/sources/csv_dialect.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "redbud/core/bytes.h"
#include "redbud/core/text.h"
#include "redbud/data/sources/byte_source.h"
#include "redbud/data/sources/cell_text.h"
#include "redbud/data/sources/csv_scanner.h"

namespace redbud {
namespace {

constexpr size_t kSampleRecords = 200;
constexpr size_t kSampleCells = 40'000;
constexpr double kNumbersOfANumberColumn = 0.95;
constexpr double kEnoughAgree = 0.5;
constexpr double kNearlyAllAgree = 0.9;

struct Agreement {
  double share = 0;  // of the records that have the commonest number of cells
  size_t cells = 1;
};

/// A separator inside quotes, taken for one, leaves half a pair of them in a cell.
bool cuts_quotes(const std::vector<std::string>& record) {
  return std::any_of(record.begin(), record.end(),
                     [](const std::string& cell) { return std::count(cell.begin(), cell.end(), '"') % 2 != 0; });
}

Agreement agreement(const CsvSample& sample) {
  std::map<size_t, size_t> counts;
  for (const auto& record : sample) {
    if (!cuts_quotes(record)) ++counts[record.size()];
  }
  Agreement best;
  for (const auto& [cells, records] : counts) {
    const double share = static_cast<double>(records) / static_cast<double>(sample.size());
    if (share > best.share) best = {share, cells};
  }
  return best;
}

/// What the cells of a column below the first record say.
struct ColumnHint {
  size_t numbers = 0;
  size_t texts = 0;
  bool repeats_first = false;

  bool is_number() const {
    return numbers > 0 &&
           static_cast<double>(numbers) >= kNumbersOfANumberColumn * static_cast<double>(numbers + texts);
  }
};

ColumnHint hint_of(const CsvSample& sample, size_t column) {
  ColumnHint hint;
  const std::string& first = sample[0][column];
  for (size_t i = 1; i < sample.size(); ++i) {
    if (column >= sample[i].size() || is_missing(sample[i][column])) continue;
    const std::string& cell = sample[i][column];
    ++(parse_number(cell) ? hint.numbers : hint.texts);
    hint.repeats_first |= cell == first;
  }
  return hint;
}

bool counts_from_zero(const std::vector<std::string>& record) {
  for (size_t i = 0; i < record.size(); ++i) {
    if (record[i] != std::to_string(i)) return false;
  }
  return record.size() >= 3;
}

/// For a first record in which no cell is a number.
void guess_from_texts(const CsvSample& sample, CsvDialect& dialect) {
  const auto& first = sample[0];
  for (size_t column = 0; column < first.size(); ++column) {
    if (!is_missing(first[column]) && hint_of(sample, column).repeats_first) {
      dialect.header = false;
      dialect.header_reason = fmt::format("{} of the first line is met again below it", quote(first[column]));
      return;
    }
  }
  std::set<std::string> names;
  for (const std::string& cell : first) {
    if (is_missing(cell)) continue;
    if (!names.insert(cell).second) {
      dialect.header = false;
      dialect.header_reason = fmt::format("the first line has {} twice", quote(cell));
      return;
    }
  }
  dialect.header = !names.empty();
  dialect.header_reason =
      dialect.header ? "the texts of the first line are met nowhere below it" : "the first line has no texts";
}

}  // namespace

std::string separator_name(char separator) {
  if (separator == '\t') return "tab";
  if (separator == kBlanks) return "blanks";
  return fmt::format("'{}'", separator);
}

CsvSample sample_records(std::string_view text, bool complete, char separator) {
  CsvSample sample;
  MemorySource source(as_bytes(text));
  CsvScanner scanner(source, "", separator);
  size_t cells = 0;
  try {
    while (sample.size() < kSampleRecords && (cells < kSampleCells || sample.size() < 2)) {
      const CsvScanner::Found found = scanner.next();
      if (found == CsvScanner::Found::End) break;
      if (!complete && scanner.at_hand().empty() && scanner.at_end_of_file()) break;  // perhaps cut off
      if (found == CsvScanner::Found::BadRecord) continue;
      sample.emplace_back(scanner.cells().begin(), scanner.cells().end());
      cells += sample.back().size();
    }
  } catch (const Error&) {
    // A quote without its end: the reader of the whole file says so if it is none there, either.
  }
  return sample;
}

char guess_separator(std::string_view text, bool complete) {
  char best = ',';
  double best_share = 0;
  for (char candidate :
       {';', '\t', '|', ','}) {  // in this order where several agree: a decimal comma is commoner than a decimal ;
    const CsvSample sample = sample_records(text, complete, candidate);
    const Agreement found = agreement(sample);
    if (found.cells > 1 && found.share > best_share) {
      best = candidate;
      best_share = found.share;
    }
  }
  if (best_share >= kEnoughAgree) return best;
  const Agreement blanks = agreement(sample_records(text, complete, kBlanks));
  return blanks.cells > 1 && blanks.share >= kNearlyAllAgree ? kBlanks : best;
}

void guess_header(const CsvSample& sample, HeaderMode mode, CsvDialect& dialect) {
  if (mode != HeaderMode::Auto || sample.empty()) {
    dialect.header = mode == HeaderMode::Yes;
    dialect.header_reason = "as was said";
    return;
  }
  const auto& first = sample[0];
  if (sample.size() > 1 && counts_from_zero(first)) {
    dialect.header = true;
    dialect.header_reason = "the first line counts the columns from 0";
    return;
  }
  for (size_t column = 0; column < first.size(); ++column) {
    if (!is_missing(first[column]) && !parse_number(first[column]) && hint_of(sample, column).is_number()) {
      dialect.header = true;
      dialect.header_reason = fmt::format("{} stands above numbers", quote(first[column]));
      return;
    }
  }
  for (const std::string& cell : first) {
    if (is_missing(cell) || !parse_number(cell)) continue;
    dialect.header = false;
    dialect.header_reason = fmt::format("the first line holds the number {}", cell);
    return;
  }
  guess_from_texts(sample, dialect);
}

}  // namespace redbud
