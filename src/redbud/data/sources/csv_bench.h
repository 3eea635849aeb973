#pragma once
#include <cstdint>

#include "redbud/core/file.h"

namespace redbud {

/// How long reading a CSV file took, and what there was to read.
struct CsvTiming {
  int64_t bytes = 0;
  double seconds = 0.0;
  int64_t rows = 0;
  int64_t columns = 0;
};

/// Times read_data on a file that has been read once before, so that it comes from the page cache; on the calling
/// thread.
CsvTiming time_csv_read(const Path& path);

}  // namespace redbud
