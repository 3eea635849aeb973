#include <gtest/gtest.h>
#include <sched.h>

#include <cstdlib>
#include <ostream>

#include "redbud/core/thread_pool.h"
#include "redbud/testing/core/memory_file_system.h"

namespace redbud {
namespace {

struct Expected {
  ThreadLimits limits;
  int threads;
  const char* reason;
};

/// For the names of the tests: else they would hold addresses.
void PrintTo(const Expected& expected, std::ostream* stream) {
  *stream << expected.threads << " by " << expected.reason;
}

class GrantedThreads : public testing::TestWithParam<Expected> {};

TEST_P(GrantedThreads, IsTheSmallestLimit) {
  const ThreadGrant grant = granted_threads(GetParam().limits);
  EXPECT_EQ(grant.threads, GetParam().threads);
  EXPECT_EQ(grant.reason, GetParam().reason);
}

ThreadLimits limits(int cpus, std::vector<std::string> cpu_max, std::string omp = "", std::string slurm = "") {
  return {.affinity_cpus = cpus,
          .cpu_max = std::move(cpu_max),
          .omp_num_threads = std::move(omp),
          .slurm_cpus_per_task = std::move(slurm)};
}

INSTANTIATE_TEST_SUITE_P(
    Table, GrantedThreads,
    testing::Values(Expected{limits(8, {}), 8, "affinity"}, Expected{limits(0, {}), 1, "affinity"},
                    Expected{limits(8, {"max 100000\n"}), 8, "affinity"},
                    Expected{limits(8, {"200000 100000\n"}), 2, "cgroup quota"},
                    Expected{limits(8, {"150000 100000"}), 2, "cgroup quota"},  // rounded up
                    Expected{limits(8, {"1000 100000"}), 1, "cgroup quota"},
                    Expected{limits(8, {"800000 100000"}), 8, "affinity"},
                    Expected{limits(8, {"max 100000", "300000 100000", "500000 100000"}), 3, "cgroup quota"},
                    Expected{limits(8, {"garbage", "", "1 2 3", "-1 100000", "5 0"}), 8, "affinity"},
                    Expected{limits(8, {}, "4"), 4, "OMP_NUM_THREADS"},
                    Expected{limits(8, {}, "4,2,1"), 4, "OMP_NUM_THREADS"},  // the first is the outermost level
                    Expected{limits(8, {}, " 3 "), 3, "OMP_NUM_THREADS"},
                    Expected{limits(8, {}, "16"), 8, "affinity"},  // never more than there are
                    Expected{limits(8, {}, "0"), 8, "affinity"}, Expected{limits(8, {}, "-2"), 8, "affinity"},
                    Expected{limits(8, {}, "many"), 8, "affinity"}, Expected{limits(8, {}, ","), 8, "affinity"},
                    Expected{limits(8, {}, "99999999999999999999"), 8, "affinity"},
                    Expected{limits(8, {}, "", "5"), 5, "SLURM_CPUS_PER_TASK"},
                    Expected{limits(8, {"600000 100000"}, "4", "2"), 2, "SLURM_CPUS_PER_TASK"},
                    Expected{limits(8, {"100000 100000"}, "4", "2"), 1, "cgroup quota"}));

TEST(ThreadLimits, AffinityIsTheMaskOfTheCaller) {
  cpu_set_t before;
  ASSERT_EQ(sched_getaffinity(0, sizeof before, &before), 0);
  EXPECT_EQ(read_thread_limits().affinity_cpus, CPU_COUNT(&before));
  cpu_set_t one;
  CPU_ZERO(&one);
  for (size_t cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
    if (CPU_ISSET(cpu, &before)) {
      CPU_SET(cpu, &one);
      break;
    }
  }
  ASSERT_EQ(sched_setaffinity(0, sizeof one, &one), 0);
  const int cpus = read_thread_limits().affinity_cpus;
  ASSERT_EQ(sched_setaffinity(0, sizeof before, &before), 0);
  EXPECT_EQ(cpus, 1);
}

TEST(ThreadLimits, EnvironmentIsRead) {
  setenv("SLURM_CPUS_PER_TASK", "3", 1);
  EXPECT_EQ(read_thread_limits().slurm_cpus_per_task, "3");
  unsetenv("SLURM_CPUS_PER_TASK");
  EXPECT_EQ(read_thread_limits().slurm_cpus_per_task, "");
}

TEST(ThreadLimits, EveryLevelOfTheCgroupIsRead) {
  MemoryFileSystem system;
  system.put("/proc/self/cgroup", "1:name=systemd:/old\n0::/slice/unit/task\n");
  system.put("/sys/fs/cgroup/slice/unit/task/cpu.max", "max 100000\n");
  system.put("/sys/fs/cgroup/slice/cpu.max", "250000 100000\n");
  system.put("/sys/fs/cgroup/cpu.max", "900000 100000\n");
  system.put("/sys/fs/cgroup/other/cpu.max", "100000 100000\n");
  const ScopedFileSystem installed(system);
  EXPECT_EQ(read_thread_limits().cpu_max,
            (std::vector<std::string>{"max 100000\n", "250000 100000\n", "900000 100000\n"}));
}

TEST(ThreadLimits, RootAndForeignCgroups) {
  for (const char* line : {"0::/\n", "0::/../../elsewhere\n", "12:cpu:/v1/only\n", ""}) {
    MemoryFileSystem system;
    system.put("/proc/self/cgroup", line);
    system.put("/sys/fs/cgroup/cpu.max", "900000 100000\n");
    const ScopedFileSystem installed(system);
    EXPECT_EQ(read_thread_limits().cpu_max, std::vector<std::string>{"900000 100000\n"}) << line;
  }
  MemoryFileSystem none;
  const ScopedFileSystem installed(none);
  EXPECT_TRUE(read_thread_limits().cpu_max.empty());
}

}  // namespace
}  // namespace redbud
