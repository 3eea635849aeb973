#include "redbud/train/pool_choice.h"

#include <gtest/gtest.h>

namespace redbud {
namespace {

/// Steps that take as long as is said, on a pool of three threads or on one; gives how many ran on all.
struct Steps {
  double on_one = 0.0;
  double on_all = 0.0;

  int run(PoolChoice& choice, int count) const {
    int all = 0;
    for (int i = 0; i < count; ++i) {
      const bool is_all = choice.next().threads() > 1;
      all += is_all ? 1 : 0;
      choice.note(is_all ? on_all : on_one);
    }
    return all;
  }
};

TEST(PoolChoice, TakesTheFasterOfBoth) {
  ThreadPool pool(3, {.threads = 3, .reason = "test"});
  PoolChoice choice(pool);
  EXPECT_GT((Steps{.on_one = 0.0002, .on_all = 0.0001}).run(choice, 2000), 1990);
  PoolChoice other(pool);
  EXPECT_LT((Steps{.on_one = 0.0001, .on_all = 0.0002}).run(other, 2000), 10);
}

TEST(PoolChoice, FollowsWhenThingsChange) {
  ThreadPool pool(3, {.threads = 3, .reason = "test"});
  PoolChoice choice(pool);
  const Steps threads_help{.on_one = 0.0002, .on_all = 0.0001};
  const Steps threads_hurt{.on_one = 0.0002, .on_all = 0.0004};
  threads_help.run(choice, 10'000);
  threads_hurt.run(choice, 10'000);  // until the next trial
  EXPECT_LT(threads_hurt.run(choice, 10'000), 50);
  threads_help.run(choice, 10'000);
  EXPECT_GT(threads_help.run(choice, 10'000), 9900);
}

TEST(PoolChoice, OneSlowStepDecidesNothing) {
  ThreadPool pool(2, {.threads = 2, .reason = "test"});
  PoolChoice choice(pool);
  int step = 0;
  int all = 0;
  for (int i = 0; i < 5000; ++i) {
    const bool is_all = choice.next().threads() > 1;
    all += is_all ? 1 : 0;
    choice.note(++step % 2 == 0 ? 0.01 : is_all ? 0.0001 : 0.0002);  // every other step is disturbed
  }
  EXPECT_GT(all, 4800);  // three steps of a hundred are trials on one
}

TEST(PoolChoice, LongStepsRunOnAllThreadsWithoutATrial) {
  ThreadPool pool(2, {.threads = 2, .reason = "test"});
  PoolChoice choice(pool);
  EXPECT_EQ((Steps{.on_one = 0.02, .on_all = 0.01}).run(choice, 500), 500);
}

TEST(PoolChoice, OneThreadIsNoChoice) {
  ThreadPool pool(1);
  PoolChoice choice(pool);
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(&choice.next(), &pool) << "the caller's own, or as good as it";
    choice.note(0.1);
  }
}

}  // namespace
}  // namespace redbud
