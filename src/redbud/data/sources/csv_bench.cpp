#include "redbud/data/sources/csv_bench.h"

#include <array>
#include <chrono>

#include "redbud/data/read.h"
#include "redbud/data/sources/byte_source.h"

namespace redbud {

CsvTiming time_csv_read(const Path& path) {
  FileSource warm(path);
  std::array<std::byte, 64 * 1024> part{};
  while (warm.read(part) > 0) {
  }
  const auto begin = std::chrono::steady_clock::now();
  const Dataset data = read_data(path);
  const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - begin;
  return {.bytes = warm.file_bytes(),
          .seconds = elapsed.count(),
          .rows = data.rows(),
          .columns = static_cast<int64_t>(data.schema().columns.size())};
}

}  // namespace redbud
