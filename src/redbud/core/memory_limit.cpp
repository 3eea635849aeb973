#include "redbud/core/memory_limit.h"

#include <sys/resource.h>
#include <sys/sysinfo.h>

#include <algorithm>

#include "redbud/core/text.h"

namespace redbud {
namespace {

int64_t machine_bytes() {
  struct sysinfo found {};
  if (sysinfo(&found) != 0) return INT64_MAX;
  return static_cast<int64_t>((found.totalram + found.totalswap) * found.mem_unit);
}

int64_t address_space_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_AS, &limit) != 0 || limit.rlim_cur > static_cast<rlim_t>(INT64_MAX)) return INT64_MAX;
  return static_cast<int64_t>(limit.rlim_cur);
}

}  // namespace

int64_t memory_limit_bytes() { return std::min(machine_bytes(), address_space_limit()); }

std::string describe_memory_limit() {
  const int64_t limit = memory_limit_bytes();
  if (limit == address_space_limit()) return "the limit is " + format_bytes(limit) + ", see `ulimit -v`";
  return "the machine has " + format_bytes(limit);
}

}  // namespace redbud
