#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "redbud/core/file.h"
#include "redbud/testing/core/temp_folder.h"

namespace redbud {
namespace {

/// The pid of a process that has ended, and been waited for.
pid_t dead_pid() {
  const pid_t child = fork();
  if (child == 0) _exit(0);
  waitpid(child, nullptr, 0);
  return child;
}

TEST(RemoveStaleTemporaries, RemovesOnlyWhatIsOursAndDead) {
  const TempFolder folder;
  const std::string dead = std::to_string(dead_pid());
  const std::string living = std::to_string(getppid());
  const std::vector<std::string> stale = {"model.redbud." + dead + "-0.tmp", "step-12.ckpt." + dead + "-17.tmp"};
  const std::vector<std::string> others = {"model.redbud",
                                           "model.redbud." + living + "-0.tmp",  // its process is alive
                                           "1-0.tmp",
                                           "." + dead + "-0.tmp",
                                           "x.1-0.tmp",  // init lives
                                           "x." + dead + ".tmp",
                                           "x." + dead + "-.tmp",
                                           "x.-" + dead + "-1.tmp",
                                           "x." + dead + "-1a.tmp",
                                           "x." + dead + "-1.tmp.gz",
                                           "x." + dead + "-1",
                                           "x.99999999999999999999-1.tmp",
                                           "x.0-1.tmp",
                                           "notes.tmp"};
  for (const auto& name : stale) folder.write(name, "x");
  for (const auto& name : others) folder.write(name, "x");
  const Path subfolder = folder / ("sub." + dead + "-0.tmp");
  std::filesystem::create_directory(subfolder);
  EXPECT_EQ(remove_stale_temporaries(folder.path()), stale);
  for (const auto& name : stale) EXPECT_FALSE(std::filesystem::exists(folder / name)) << name;
  for (const auto& name : others) EXPECT_TRUE(std::filesystem::exists(folder / name)) << name;
  EXPECT_TRUE(std::filesystem::exists(subfolder));
}

TEST(RemoveStaleTemporaries, KnowsItsOwnPidOfAnEarlierLife) {
  // A container gives every run the same pid: numbers that this process has not reached yet are a dead one's.
  const TempFolder folder;
  const std::string own = "x." + std::to_string(getpid()) + "-";
  folder.write(own + "999999.tmp", "x");
  write_text_file(folder / "y", "z");  // at least number 0 has been reached
  folder.write(own + "0.tmp", "x");
  EXPECT_EQ(remove_stale_temporaries(folder.path()), std::vector<std::string>{own + "999999.tmp"});
}

TEST(RemoveStaleTemporaries, IsSilentWhereThereIsNoFolder) {
  EXPECT_TRUE(remove_stale_temporaries("/nowhere/at/all").empty());
}

}  // namespace
}  // namespace redbud
