#include "redbud/core/thread_pool.h"

#include <gtest/gtest.h>
#include <pthread.h>
#include <signal.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <mutex>
#include <new>
#include <numeric>
#include <set>
#include <thread>
#include <vector>

#include "redbud/testing/core/allocations.h"
#include "redbud/testing/core/throws_error.h"

namespace redbud {
namespace {

ThreadGrant grant_of(int threads) { return {.threads = threads, .reason = "test"}; }

int threads_of_process() {
  int count = 0;
  for ([[maybe_unused]] const auto& task : std::filesystem::directory_iterator("/proc/self/task")) ++count;
  return count;
}

class ThreadPoolOf : public testing::TestWithParam<int> {};
INSTANTIATE_TEST_SUITE_P(Threads, ThreadPoolOf, testing::Values(1, 2, 3, 7));

TEST_P(ThreadPoolOf, RunsEveryPieceOnce) {
  ThreadPool pool(GetParam(), grant_of(GetParam()));
  EXPECT_EQ(pool.threads(), GetParam());
  for (const int64_t pieces : {0, 1, 2, 3, 6, 7, 8, 100, 10007}) {
    std::vector<int> runs(static_cast<size_t>(pieces));  // not atomic: TSan sees whether two threads share a piece
    pool.for_pieces(pieces, [&](int64_t piece) { ++runs[static_cast<size_t>(piece)]; });
    EXPECT_EQ(std::count(runs.begin(), runs.end(), 1), pieces);
  }
  pool.for_pieces(-5, [](int64_t) { FAIL(); });
}

TEST_P(ThreadPoolOf, SurvivesManyShortCalls) {
  ThreadPool pool(GetParam(), grant_of(GetParam()));
  std::vector<int64_t> sums(8);
  for (int64_t call = 0; call < 20000; ++call) {
    const int64_t pieces = 1 + call % 8;
    pool.for_pieces(pieces, [&](int64_t piece) { sums[static_cast<size_t>(piece)] += call; });
  }
  // Piece p runs in every call with call % 8 >= p.
  for (int64_t piece = 0; piece < 8; ++piece) {
    int64_t expected = 0;
    for (int64_t call = 0; call < 20000; ++call) expected += call % 8 >= piece ? call : 0;
    EXPECT_EQ(sums[static_cast<size_t>(piece)], expected) << piece;
  }
}

TEST_P(ThreadPoolOf, WithoutMemoryForThreadsTheOthersDoTheWork) {
  if (!allocations_are_counted()) GTEST_SKIP() << "ThreadSanitizer has its own operator new";
  bool met = true;
  for (int64_t k = 1; met; ++k) {
    ThreadPool pool(GetParam(), grant_of(GetParam()));
    std::vector<int> runs(100);
    const auto run = [&] { pool.for_pieces(100, [&](int64_t piece) { ++runs[static_cast<size_t>(piece)]; }); };
    const FailingAllocation failing(k);
    try {
      run();
    } catch (const std::bad_alloc&) {
      run();  // not even the team had found memory: nothing was begun
    }
    met = failing.was_met();
    EXPECT_EQ(std::count(runs.begin(), runs.end(), 1), 100) << k;
  }
}

TEST_P(ThreadPoolOf, WakesSleepers) {
  ThreadPool pool(GetParam(), grant_of(GetParam()));
  std::vector<int> runs(16);
  for (int call = 0; call < 20; ++call) {
    pool.for_pieces(16, [&](int64_t piece) { ++runs[static_cast<size_t>(piece)]; });
    std::this_thread::sleep_for(std::chrono::milliseconds(1));  // all threads sleep by now
  }
  EXPECT_EQ(runs, std::vector<int>(16, 20));
}

TEST_P(ThreadPoolOf, CallerWaitsForSlowPieces) {
  ThreadPool pool(GetParam(), grant_of(GetParam()));
  for (int call = 0; call < 5; ++call) {
    std::vector<int> done(8);
    pool.for_pieces(8, [&](int64_t piece) {
      std::this_thread::sleep_for(std::chrono::microseconds(piece % 2 == 0 ? 0 : 700));
      done[static_cast<size_t>(piece)] = 1;
    });
    EXPECT_EQ(done, std::vector<int>(8, 1));
  }
}

TEST_P(ThreadPoolOf, NestedCallsRunOnTheirThread) {
  ThreadPool pool(GetParam(), grant_of(GetParam()));
  ThreadPool other(GetParam(), grant_of(GetParam()));
  std::vector<std::vector<int>> runs(5, std::vector<int>(6));
  pool.for_pieces(5, [&](int64_t outer) {
    const auto self = std::this_thread::get_id();
    const auto nested = [&](int64_t inner) {
      EXPECT_TRUE(GetParam() == 1 || std::this_thread::get_id() == self);
      ++runs[static_cast<size_t>(outer)][static_cast<size_t>(inner)];
    };
    pool.for_pieces(6, nested);
    if (GetParam() > 1) other.for_pieces(6, nested);
  });
  for (const auto& row : runs) EXPECT_EQ(row, std::vector<int>(6, GetParam() > 1 ? 2 : 1));
}

TEST_P(ThreadPoolOf, RangesCoverAllWithBordersThatIgnoreThreads) {
  ThreadPool pool(GetParam(), grant_of(GetParam()));
  using Borders = std::set<std::pair<int64_t, int64_t>>;
  const auto ranges = [&](int64_t size, int64_t grain) {
    std::mutex mutex;
    Borders borders;
    pool.for_ranges(size, grain, [&](int64_t begin, int64_t end) {
      const std::lock_guard lock(mutex);
      borders.insert({begin, end});
    });
    return borders;
  };
  EXPECT_EQ(ranges(0, 1000), (Borders{}));
  EXPECT_EQ(ranges(1, 1000), (Borders{{0, 1}}));
  EXPECT_EQ(ranges(1000, 1000), (Borders{{0, 1000}}));
  EXPECT_EQ(ranges(1001, 1000), (Borders{{0, 501}, {501, 1001}}));
  EXPECT_EQ(ranges(2100, 1000), (Borders{{0, 525}, {525, 1050}, {1050, 1575}, {1575, 2100}}));
  EXPECT_EQ(ranges(1001, 992), (Borders{{0, 512}, {512, 1001}}));  // a grain of whole cache lines of floats
  EXPECT_EQ(ranges(3, 1), (Borders{{0, 1}, {1, 2}, {2, 3}}));
}

TEST(Ranges, CoverAllWithoutARangeLongerThanTheGrain) {
  for (int64_t grain = 1; grain <= 70; ++grain) {
    for (int64_t size = 0; size <= 500; ++size) {
      const Ranges ranges(size, grain);
      ASSERT_EQ(ranges.count, size == 0 ? 0 : (size + ranges.length - 1) / ranges.length);
      int64_t at = 0;
      for (int64_t i = 0; i < ranges.count; ++i) {
        ASSERT_EQ(ranges.begin(i), at) << size << " by " << grain;
        ASSERT_GT(ranges.end(i), at) << size << " by " << grain;
        ASSERT_LE(ranges.end(i) - at, grain) << size << " by " << grain;
        at = ranges.end(i);
      }
      ASSERT_EQ(at, size);
    }
  }
}

TEST_P(ThreadPoolOf, UsesNoMoreThreadsThanItHas) {
  ThreadPool pool(GetParam(), grant_of(GetParam()));
  std::mutex mutex;
  std::set<std::thread::id> ids;
  for (int call = 0; call < 50; ++call) {
    pool.for_pieces(64, [&](int64_t) {
      const std::lock_guard lock(mutex);
      ids.insert(std::this_thread::get_id());
    });
  }
  EXPECT_LE(static_cast<int>(ids.size()), GetParam());
}

TEST(ThreadPool, WorksInParallel) {
  ThreadPool pool(3, grant_of(3));
  std::atomic<int> met{0};
  pool.for_pieces(3, [&](int64_t) {  // ends only if three threads are inside at once
    ++met;
    while (met < 3) std::this_thread::yield();
  });
  EXPECT_EQ(met, 3);
}

TEST(ThreadPool, StartsThreadsAtTheFirstParallelCall) {
  std::thread([] {}).join();  // with the first thread ThreadSanitizer starts one of its own
  const int before = threads_of_process();
  {
    ThreadPool pool(3, grant_of(3));
    pool.for_pieces(1, [](int64_t) {});
    EXPECT_EQ(threads_of_process(), before);
    pool.for_pieces(2, [](int64_t) {});
    EXPECT_EQ(threads_of_process(), before + 2);
  }
  EXPECT_EQ(threads_of_process(), before);
}

TEST(ThreadPool, IsCutToTheGrant) {
  EXPECT_EQ(ThreadPool(9, grant_of(2)).threads(), 2);
  EXPECT_EQ(ThreadPool(1, grant_of(2)).threads(), 1);
  EXPECT_EQ(ThreadPool(0, grant_of(4)).threads(), 4);
  EXPECT_EQ(ThreadPool(-1, grant_of(4)).threads(), 4);
  EXPECT_EQ(ThreadPool(3, grant_of(0)).threads(), 1);
  EXPECT_LE(ThreadPool(1 << 20).threads(), granted_threads().threads);
}

TEST(ThreadPool, AllocatesNothingPerCall) {
  if (!allocations_are_counted()) GTEST_SKIP() << "ThreadSanitizer has its own operator new";
  ThreadPool pool(3, grant_of(3));
  std::vector<int64_t> sums(64);
  pool.for_pieces(64, [&](int64_t piece) { ++sums[static_cast<size_t>(piece)]; });
  const int64_t before = allocations();
  for (int call = 0; call < 100; ++call) {
    pool.for_pieces(64, [&](int64_t piece) { ++sums[static_cast<size_t>(piece)]; });
    pool.for_ranges(64, 5, [&](int64_t begin, int64_t end) { sums[static_cast<size_t>(begin)] += end; });
  }
  EXPECT_EQ(allocations(), before);
}

TEST(ThreadPool, ItsThreadsHandleNoSignals) {
  ThreadPool pool(2, grant_of(2));
  const auto caller = std::this_thread::get_id();
  std::atomic<int> met{0};
  std::atomic<bool> blocked{false};
  pool.for_pieces(2, [&](int64_t) {
    ++met;
    while (met < 2) std::this_thread::yield();
    if (std::this_thread::get_id() == caller) return;
    sigset_t mask;
    pthread_sigmask(SIG_SETMASK, nullptr, &mask);
    blocked = sigismember(&mask, SIGINT) == 1 && sigismember(&mask, SIGTERM) == 1;
  });
  EXPECT_TRUE(blocked);
  sigset_t mask;
  pthread_sigmask(SIG_SETMASK, nullptr, &mask);
  EXPECT_EQ(sigismember(&mask, SIGINT), 0) << "the caller's own mask must come back";
}

TEST(ThreadPool, NoticesTwoCallersAtOnce) {
  ThreadPool pool(2, grant_of(2));
  pool.for_pieces(2, [](int64_t) {});
  std::atomic<bool> inside{false};
  std::atomic<bool> checked{false};
  std::thread first([&] {
    pool.for_pieces(2, [&](int64_t) {
      inside = true;
      while (!checked) std::this_thread::yield();
    });
  });
  while (!inside) std::this_thread::yield();
  EXPECT_TRUE(throws_error([&] { pool.for_pieces(2, [](int64_t) {}); }, ErrorKind::Internal, "core/thread_pool.cpp"));
  checked = true;
  first.join();
  std::atomic<int> runs{0};
  pool.for_pieces(2, [&](int64_t) { ++runs; });
  EXPECT_EQ(runs, 2) << "the pool works on after the refusal";
}

TEST(ThreadPool, WritesAreSeenByTheCallerAndTheNextCall) {
  ThreadPool pool(7, grant_of(7));
  std::vector<int64_t> from(1000, 1);
  std::vector<int64_t> to(1000);
  for (int64_t round = 1; round <= 50; ++round) {
    // Reads what other threads wrote in the round before.
    pool.for_ranges(1000, 37, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) to[static_cast<size_t>(i)] = from[static_cast<size_t>(999 - i)] + 1;
    });
    from.swap(to);
    ASSERT_EQ(std::accumulate(from.begin(), from.end(), int64_t{0}), 1000 * (round + 1));
  }
}

}  // namespace
}  // namespace redbud
