#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "redbud/data/read.h"

namespace redbud {

/// How a CSV file is written, and why it is taken so.
struct CsvDialect {
  char separator = ',';
  bool header = false;
  std::string header_reason = {};
};

/// The first records of a file, cut into cells.
using CsvSample = std::vector<std::vector<std::string>>;

/// "','", "tab", "blanks"
std::string separator_name(char separator);

/// Cuts the beginning of a file into records; `complete` = it is the whole file, so the last record is not cut off.
CsvSample sample_records(std::string_view text, bool complete, char separator);

/// The separator by which most of the first records have the same number of cells: one of ; tab | , or runs of blanks.
char guess_separator(std::string_view text, bool complete);

/// Whether the first record names the columns; sets header and header_reason.
void guess_header(const CsvSample& sample, HeaderMode mode, CsvDialect& dialect);

}  // namespace redbud
