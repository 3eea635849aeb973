#include "redbud/core/thread_pool.h"

#include <pthread.h>
#include <signal.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <exception>
#include <thread>

#include "redbud/core/error.h"

namespace redbud {
namespace {

constexpr auto kSpin = std::chrono::microseconds(20);  // a sleeper costs about as much to wake
constexpr size_t kCacheLine = 64;

thread_local bool inside_a_piece = false;

void pause_briefly() {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

/// Spins, then sleeps, until `word` differs from `old`; gives its new value.
uint32_t wait_for_change(const std::atomic<uint32_t>& word, uint32_t old) {
  const auto deadline = std::chrono::steady_clock::now() + kSpin;
  do {
    for (int i = 0; i < 32; ++i) {
      const uint32_t value = word.load(std::memory_order_acquire);
      if (value != old) return value;
      pause_briefly();
    }
  } while (std::chrono::steady_clock::now() < deadline);
  word.wait(old, std::memory_order_acquire);
  return word.load(std::memory_order_acquire);
}

/// Signals are for the thread that set the program up: a pool's thread never runs a handler.
class BlockedSignals {
 public:
  BlockedSignals() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &previous_);
  }
  ~BlockedSignals() { pthread_sigmask(SIG_SETMASK, &previous_, nullptr); }
  BlockedSignals(const BlockedSignals&) = delete;
  BlockedSignals& operator=(const BlockedSignals&) = delete;

 private:
  sigset_t previous_;
};

}  // namespace

// How a call works. The caller writes the job, then gives each thread a share of its pieces (Share::range: [begin, end)
// in one word) and rings the thread's bell. A thread takes pieces from the front of its own share, then from the back
// of the others', each by one compare-and-swap. A share with a piece in it belongs to a job that has not ended, so
// whoever takes a piece may read the job, and a thread that wakes too late finds empty shares and touches nothing.
// `pending_` counts the pieces that have not ended.
struct ThreadPool::Team {
  explicit Team(int threads) : shares(static_cast<size_t>(threads)) {
    const BlockedSignals blocked;
    workers.reserve(shares.size() - 1);
    try {
      for (size_t id = 1; id < shares.size(); ++id) workers.emplace_back([this, id] { serve(id); });
    } catch (const std::exception&) {
      // No more threads to be had, or no memory for one: the call works with those there are, whose results are the
      // same.
    }
    active = workers.size() + 1;
  }

  ~Team() {
    stopping.store(true, std::memory_order_relaxed);
    for (size_t id = 1; id < active; ++id) ring(id);
    for (std::thread& worker : workers) worker.join();
  }

  void run(int64_t pieces, void* context, Call call) noexcept;

  struct alignas(kCacheLine) Share {
    std::atomic<uint64_t> range{0};  // begin in the upper half, end in the lower; empty where they are equal
    std::atomic<uint32_t> bell{0};
  };

  void serve(size_t id) noexcept;
  void ring(size_t id) {
    // Ordered before notify's look for sleepers, as their wait is ordered after announcing themselves.
    shares[id].bell.fetch_add(1, std::memory_order_seq_cst);
    shares[id].bell.notify_one();
  }
  static int64_t take(Share& share, bool from_front);
  uint32_t work(size_t id) noexcept;

  std::vector<Share> shares;  // [0] is the caller's
  std::vector<std::thread> workers;
  size_t active = 1;
  std::atomic<bool> stopping{false};
  std::atomic<bool> busy{false};
  void* job_context = nullptr;
  Call job_call = nullptr;
  alignas(kCacheLine) std::atomic<uint32_t> pending{0};
};

/// A piece of the share, or -1.
int64_t ThreadPool::Team::take(Share& share, bool from_front) {
  uint64_t range = share.range.load(std::memory_order_relaxed);
  while (true) {
    const uint64_t begin = range >> 32;
    const uint64_t end = range & 0xFFFFFFFF;
    if (begin >= end) return -1;
    const uint64_t rest = from_front ? (begin + 1) << 32 | end : begin << 32 | (end - 1);
    // Acquire: the job that the caller wrote before it filled the share.
    if (share.range.compare_exchange_weak(range, rest, std::memory_order_acquire, std::memory_order_relaxed)) {
      return static_cast<int64_t>(from_front ? begin : end - 1);
    }
  }
}

/// Runs pieces until none is left; gives how many it ran.
uint32_t ThreadPool::Team::work(size_t id) noexcept {
  uint32_t ran = 0;
  for (size_t step = 0; step < active; ++step) {
    const size_t owner = (id + step) % active;
    for (int64_t piece = take(shares[owner], step == 0); piece >= 0; piece = take(shares[owner], step == 0)) {
      job_call(job_context, piece);
      ++ran;
    }
  }
  return ran;
}

void ThreadPool::Team::serve(size_t id) noexcept {
  inside_a_piece = true;
  uint32_t heard = 0;
  while (true) {
    heard = wait_for_change(shares[id].bell, heard);
    if (stopping.load(std::memory_order_relaxed)) return;
    const uint32_t ran = work(id);
    // Release: what the pieces wrote. seq_cst: see ring().
    if (ran > 0 && pending.fetch_sub(ran, std::memory_order_seq_cst) == ran) pending.notify_one();
  }
}

void ThreadPool::Team::run(int64_t pieces, void* context, Call call) noexcept {
  job_context = context;
  job_call = call;
  pending.store(static_cast<uint32_t>(pieces), std::memory_order_relaxed);
  const auto sharers = static_cast<int64_t>(std::min(active, static_cast<size_t>(pieces)));
  for (int64_t id = sharers - 1; id >= 0; --id) {
    const auto begin = static_cast<uint64_t>(pieces * id / sharers);
    const auto end = static_cast<uint64_t>(pieces * (id + 1) / sharers);
    shares[static_cast<size_t>(id)].range.store(begin << 32 | end, std::memory_order_release);
    if (id > 0) ring(static_cast<size_t>(id));
  }
  const uint32_t ran = work(0);
  uint32_t left = pending.fetch_sub(ran, std::memory_order_acquire) - ran;
  while (left != 0) left = wait_for_change(pending, left);
}

ThreadPool::ThreadPool(int threads) : ThreadPool(threads, granted_threads()) {}

ThreadPool::ThreadPool(int threads, const ThreadGrant& grant)
    : threads_(std::max(1, threads <= 0 ? grant.threads : std::min(threads, grant.threads))) {}

ThreadPool::~ThreadPool() = default;

void ThreadPool::run(int64_t pieces, void* context, Call call) {
  if (inside_a_piece) {
    for (int64_t piece = 0; piece < pieces; ++piece) call(context, piece);
    return;
  }
  RB_ASSERT(pieces <= INT32_MAX);
  if (!team_) team_ = std::make_unique<Team>(threads_);
  RB_ASSERT(!team_->busy.exchange(true, std::memory_order_acquire));  // one caller at a time
  inside_a_piece = true;
  team_->run(pieces, context, call);
  inside_a_piece = false;
  team_->busy.store(false, std::memory_order_release);
}

}  // namespace redbud
