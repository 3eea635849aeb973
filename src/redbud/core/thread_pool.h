#pragma once
#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <type_traits>
#include <vector>

namespace redbud {

/// How many threads this process may use, and which limit said so.
struct ThreadGrant {
  int threads = 1;
  std::string reason;  // "affinity", "cgroup quota", "OMP_NUM_THREADS", "SLURM_CPUS_PER_TASK"
};

/// What may limit a process, as the system says it.
struct ThreadLimits {
  int affinity_cpus = 1;                  // CPUs of the affinity mask
  std::vector<std::string> cpu_max = {};  // cgroup v2 `cpu.max` of every level up to the root: "<quota>|max <period>"
  std::string omp_num_threads = {};       // the variables' texts; empty where they are not set
  std::string slurm_cpus_per_task = {};
};

ThreadLimits read_thread_limits();

/// The smallest of: CPUs of the affinity mask, the cgroup v2 quota (rounded up, every level up to the root),
/// OMP_NUM_THREADS (the first of its list), SLURM_CPUS_PER_TASK; never below 1. A text that is no positive number
/// limits nothing.
ThreadGrant granted_threads(const ThreadLimits& limits);
ThreadGrant granted_threads();

/// [0, size) cut into ranges of at most `grain` elements: an even number of them, so that two threads share them
/// evenly, as long as one another but for the last, and in whole multiples of 16 elements (a cache line of floats)
/// where the grain is one.
struct Ranges {
  Ranges(int64_t all, int64_t grain) : size(all) {
    const int64_t needed = (all + grain - 1) / grain;
    const int64_t even = needed > 1 ? needed + needed % 2 : 1;
    const int64_t unit = grain % 16 == 0 ? 16 : 1;
    length = std::max<int64_t>(1, ((all + even - 1) / even + unit - 1) / unit * unit);
    count = (all + length - 1) / length;
  }
  int64_t begin(int64_t i) const { return i * length; }
  int64_t end(int64_t i) const { return std::min(size, (i + 1) * length); }

  int64_t size = 0;
  int64_t length = 1;
  int64_t count = 0;
};

/// Runs pieces of work on a fixed set of threads (the caller's among them).
///
/// The borders of pieces depend on the problem alone, never on the number of threads, so results don't either.
/// Threads wait by spinning briefly and then sleep; they are started by the first call that needs them. A nested call,
/// of this or another pool, runs its pieces on the calling thread. Each thread begins with the same share of the pieces
/// in every call (so a piece mostly meets the same cache), then takes from the others' shares. Threads  for_pieces may
/// be called by one thread at a time.
class ThreadPool {
 public:
  /// 0 = what the process is granted; more than granted is cut to the grant.
  explicit ThreadPool(int threads = 0);
  /// The same under a grant of the caller's own, as tests need that ask for more threads than the machine has.
  ThreadPool(int threads, const ThreadGrant& grant);
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  int threads() const { return threads_; }

  /// Calls f(piece) once for every piece in [0, pieces), in any order and on any thread; returns when all have ended.
  /// f must not throw: from a parallel call the program would end.
  template <class F>
  void for_pieces(int64_t pieces, F&& f) {
    if (pieces <= 1 || threads_ == 1) {
      for (int64_t piece = 0; piece < pieces; ++piece) f(piece);
      return;
    }
    using Callable = std::remove_reference_t<F>;
    run(pieces, const_cast<void*>(static_cast<const void*>(&f)),
        [](void* context, int64_t piece) { (*static_cast<Callable*>(context))(piece); });
  }

  /// Calls f(begin, end) for each of Ranges(size, grain).
  template <class F>
  void for_ranges(int64_t size, int64_t grain, F&& f) {
    const Ranges ranges(size, grain);
    for_pieces(ranges.count, [&](int64_t i) { f(ranges.begin(i), ranges.end(i)); });
  }

 private:
  using Call = void (*)(void*, int64_t);
  void run(int64_t pieces, void* context, Call call);

  struct Team;
  int threads_ = 1;
  std::unique_ptr<Team> team_;
};

}  // namespace redbud
