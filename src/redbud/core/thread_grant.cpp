// granted_threads(): how many threads this process may use.
#include <sched.h>

#include <algorithm>
#include <cstdlib>
#include <optional>
#include <thread>

#include "redbud/core/file.h"
#include "redbud/core/text.h"
#include "redbud/core/thread_pool.h"

namespace redbud {
namespace {

int affinity_cpus() {
  // The kernel refuses a mask that is smaller than its own, whose size only trying tells.
  for (int cpus = CPU_SETSIZE; cpus <= 1 << 20; cpus *= 2) {
    cpu_set_t* mask = CPU_ALLOC(static_cast<size_t>(cpus));
    if (mask == nullptr) break;
    const size_t bytes = CPU_ALLOC_SIZE(static_cast<size_t>(cpus));
    CPU_ZERO_S(bytes, mask);
    const int count = sched_getaffinity(0, bytes, mask) == 0 ? CPU_COUNT_S(bytes, mask) : 0;
    CPU_FREE(mask);
    if (count > 0) return count;
  }
  return std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

/// Of the line "0::/a/b": "a/b", relative to where cgroup v2 is mounted.
Path own_cgroup() {
  const std::string text = read_system_text("/proc/self/cgroup").value_or("");
  for (const std::string& line : split(text, '\n')) {
    if (line.starts_with("0::/")) return Path(line.substr(4)).lexically_normal();
  }
  return {};
}

std::vector<std::string> cpu_max_up_to_root() {
  const Path root = "/sys/fs/cgroup";
  std::vector<std::string> found;
  Path group = own_cgroup();
  if (group.native().starts_with("..")) group.clear();  // outside this namespace: only the root can be seen
  while (true) {
    if (const auto text = read_system_text(root / group / "cpu.max")) found.push_back(*text);
    if (group.empty() || group == ".") return found;
    group = group.parent_path();
  }
}

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

std::optional<int64_t> positive(std::string_view text) {
  const auto value = parse_integer(text);
  return value && *value > 0 ? value : std::nullopt;
}

/// CPUs of a quota, rounded up: half a CPU still is one thread.
std::optional<int64_t> cpus_of_quota(std::string_view cpu_max) {
  const auto parts = split(trim(cpu_max.substr(0, cpu_max.find('\n'))), ' ');
  if (parts.size() != 2) return std::nullopt;
  const auto quota = positive(parts[0]);
  const auto period = positive(parts[1]);
  if (!quota || !period) return std::nullopt;
  return *quota / *period + (*quota % *period != 0 ? 1 : 0);
}

void cut_to(ThreadGrant& grant, std::optional<int64_t> threads, const char* reason) {
  if (!threads || *threads >= grant.threads) return;
  grant = {static_cast<int>(std::max<int64_t>(1, *threads)), reason};
}

}  // namespace

ThreadLimits read_thread_limits() {
  return {.affinity_cpus = affinity_cpus(),
          .cpu_max = cpu_max_up_to_root(),
          .omp_num_threads = environment("OMP_NUM_THREADS"),
          .slurm_cpus_per_task = environment("SLURM_CPUS_PER_TASK")};
}

ThreadGrant granted_threads(const ThreadLimits& limits) {
  ThreadGrant grant{std::max(1, limits.affinity_cpus), "affinity"};
  for (const std::string& cpu_max : limits.cpu_max) cut_to(grant, cpus_of_quota(cpu_max), "cgroup quota");
  cut_to(grant, positive(split(limits.omp_num_threads, ',').front()), "OMP_NUM_THREADS");
  cut_to(grant, positive(limits.slurm_cpus_per_task), "SLURM_CPUS_PER_TASK");
  return grant;
}

ThreadGrant granted_threads() { return granted_threads(read_thread_limits()); }

}  // namespace redbud
