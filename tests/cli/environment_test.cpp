// The machine says no: full and failing disks, permissions, limits, other runs, planted links. Rows 5 to 10, 16, 18
// and 22 of what must be survived.
#include <fmt/format.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <fstream>

#include "redbud/core/text.h"
#include "support/cli_test_support.h"
#include "support/reference_run.h"

namespace redbud {
namespace {

/// The words that make a system call fail: its k-th call, or all from the k-th on ("3+").
std::vector<std::string> inject(const std::string& call, const std::string& error, const std::string& when) {
  return {"strace",
          "-f",
          "-qq",
          "-o",
          "/dev/null",
          "-e",
          "trace=" + call,
          "-e",
          fmt::format("inject={}:error={}:when={}", call, error, when)};
}

void expect_survives(const std::string& call, const std::string& error, const std::string& when) {
  const TempFolder folder;
  const Outcome outcome = run_redbud(reference_training(folder), {.before = inject(call, error, when)});
  const std::string what = fmt::format("{} {} {}", call, error, when) + "\n" + outcome.err;
  EXPECT_EQ(outcome.signal, 0) << what;
  EXPECT_TRUE(outcome.exit_code == 0 || outcome.exit_code == 6) << what << outcome.exit_code;
  const bool stderr_works = call != "write" || when.find('+') == std::string::npos;
  if (outcome.exit_code == 6 && stderr_works) {
    EXPECT_NE(outcome.err.find("redbud: error: "), std::string::npos) << what;
  }
  expect_can_end(folder, what);
}

TEST(SlowEnvironment, EveryFailedCallOfARunIsSurvived) {
  if (!has_program("strace")) GTEST_SKIP();
  for (int k = 1; k <= 24; ++k) {
    expect_survives("fsync", "EIO", std::to_string(k));
    expect_survives("rename", "EIO", std::to_string(k));
  }
  for (int k = 1; k <= 40; ++k) expect_survives("write", "ENOSPC", std::to_string(k));
  for (int k : {1, 5, 12, 20, 30}) expect_survives("write", "ENOSPC", std::to_string(k) + "+");
  for (int k : {3, 9, 15}) expect_survives("write", "EDQUOT", std::to_string(k));
  for (int k : {1, 7, 16, 23}) expect_survives("fsync", "EIO", std::to_string(k) + "+");
}

TEST(SlowEnvironment, InterruptedCallsAreRepeated) {
  if (!has_program("strace")) GTEST_SKIP();
  const TempFolder folder;
  const Outcome outcome = run_redbud(reference_training(folder), {.before = inject("write", "EINTR", "2+3")});
  EXPECT_TRUE(succeeds(outcome));
  EXPECT_TRUE(weights_of(folder / "run/model.redbud") == reference_weights());
}

TEST(SlowEnvironment, AKillAtEveryCallOfASaveLosesNothing) {
  if (!has_program("strace")) GTEST_SKIP();
  for (const std::string& call :
       {std::string("fsync"), std::string("rename"), std::string("write"), std::string("unlink")}) {
    for (int k = 1; k <= 40; ++k) {
      const TempFolder folder;
      const std::vector<std::string> kill = {"strace",
                                             "-f",
                                             "-qq",
                                             "-o",
                                             "/dev/null",
                                             "-e",
                                             "trace=" + call,
                                             "-e",
                                             fmt::format("inject={}:signal=KILL:when={}", call, k)};
      const Outcome outcome = run_redbud(reference_training(folder), {.before = kill});
      if (outcome.exit_code == 0) break;  // there was no k-th call
      expect_can_end(folder, fmt::format("killed at {} number {}", call, k));
    }
  }
}

/// A command whose mounts no one else sees. A user's own name space is not to be had in a chroot; root needs none
/// there.
std::vector<std::string> with_own_mounts(const std::vector<std::string>& command) {
  const bool everywhere = std::system("unshare -rm true 2>/dev/null") == 0;
  std::vector<std::string> words = {"unshare"};
  if (everywhere) {
    words.emplace_back("-rm");
  } else {
    words.insert(words.end(), {"-m", "--propagation", "unchanged"});
  }
  words.insert(words.end(), command.begin(), command.end());
  return words;
}

TEST(Environment, NoRoomForCheckpointsIsSaidBeforeTheFirstStep) {
  if (!has_program("unshare")) GTEST_SKIP();
  const TempFolder folder;
  std::filesystem::create_directory(folder / "disk");
  const std::string script = "mount -t tmpfs -o size=64k tmpfs \"$0\" && exec \"$@\"";
  const Outcome outcome = run_redbud(
      {"train", digits().string(), "--out", (folder / "disk/run").string(), "--epochs", "1", "--hidden", "64,64"},
      {.before = with_own_mounts({"sh", "-c", script, (folder / "disk").string()})});
  EXPECT_EQ(outcome.exit_code, 6) << outcome.err;
  EXPECT_NE(outcome.err.find("needs 2 x "), std::string::npos) << outcome.err;
  EXPECT_NE(outcome.err.find(" free in "), std::string::npos) << outcome.err;
  EXPECT_EQ(outcome.err.find("epoch 1/"), std::string::npos) << outcome.err;
}

TEST(Environment, ADiskThatFillsUpIsWarnedOfAndTheRunGoesOnFromItsCheckpoint) {
  if (!has_program("unshare")) GTEST_SKIP();
  const TempFolder folder;
  std::filesystem::create_directory(folder / "disk");
  // Fills the disk once a checkpoint is there, then asks the run to stop, whose last save fails; makes room again, and
  // resumes.
  const std::string script =
      "mount -t tmpfs -o size=3m tmpfs \"$0\" || exit 99\n"
      "\"$@\" & run=$!\n"
      "while [ -z \"$(ls \"$0\"/run/checkpoints/*.ckpt 2>/dev/null)\" ]; do sleep 0.02; done\n"
      "dd if=/dev/zero of=\"$0\"/fill bs=4k 2>/dev/null; dd if=/dev/zero of=\"$0\"/fill2 bs=64 2>/dev/null\n"
      "sleep 0.3; kill -TERM $run; wait $run; echo \"stopped with $?\"\n"
      "rm \"$0\"/fill \"$0\"/fill2; \"$1\" check \"$0\"/run; echo \"checked with $?\"\n"
      "\"$1\" resume \"$0\"/run --time-limit-s 0.001; echo \"resumed with $?\"\n";
  const Outcome outcome = run_redbud({"train", digits().string(), "--out", (folder / "disk/run").string(), "--epochs",
                                      "100000", "--patience", "0", "--hidden", "64,64", "--checkpoint-every-s", "0.05"},
                                     {.before = with_own_mounts({"sh", "-c", script, (folder / "disk").string()})});
  EXPECT_NE(outcome.out.find("stopped with 6\n"), std::string::npos) << outcome.out << outcome.err;
  EXPECT_NE(outcome.out.find("checked with 0\n"), std::string::npos) << outcome.out << outcome.err;
  EXPECT_NE(outcome.out.find("resumed with 0\n"), std::string::npos) << outcome.out << outcome.err;
  EXPECT_NE(outcome.err.find("redbud: warning: "), std::string::npos) << outcome.err;
  EXPECT_NE(outcome.err.find("No space left on device"), std::string::npos) << outcome.err;
}

TEST(Environment, AFileSizeLimitIsAnErrorNotADeath) {
  const TempFolder folder;
  const Outcome outcome =
      run_redbud(small_training(folder), {.before = {"bash", "-c", "ulimit -f 4; exec \"$@\"", "bash"}});
  EXPECT_EQ(outcome.signal, 0);
  EXPECT_EQ(outcome.exit_code, 6) << outcome.err;
  EXPECT_NE(outcome.err.find("redbud: error: "), std::string::npos) << outcome.err;
  expect_can_end(folder, "file size limit");
}

TEST(Environment, FoldersThatCannotBeWrittenAreRefusedAtTheStart) {
  ASSERT_TRUE(has_program("setpriv"));
  const TempFolder folder;
  const Path data = folder.write("table.csv", small_table());
  EXPECT_TRUE(fails(run_redbud({"train", data.string(), "--out", (data / "run").string()}), 6, {"table.csv"}));
  EXPECT_TRUE(fails(run_redbud({"train", data.string(), "--out", data.string()}), 6, {"table.csv", "is not a folder"}));
  EXPECT_TRUE(fails(run_redbud({"train", data.string(), "--out", "/proc/run"}), 6, {"/proc/run"}));
  std::filesystem::create_directory(folder / "closed");
  std::filesystem::permissions(folder.path(), std::filesystem::perms(0755));
  std::filesystem::permissions(folder / "closed", std::filesystem::perms(0555));
  std::vector<std::string> before;
  if (geteuid() == 0) before = {"setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"};
  for (const Path& out : {folder / "closed", folder / "closed/run"}) {
    const Outcome outcome =
        run_redbud({"train", data.string(), "--out", out.string(), "--epochs", "1"}, {.before = before});
    EXPECT_EQ(outcome.exit_code, 6) << outcome.err;
    EXPECT_NE(outcome.err.find("ermission"), std::string::npos) << outcome.err;
  }
}

TEST(Environment, AFolderDeletedWhileTrainingEndsWithSix) {
  const TempFolder folder;
  Process process({"train", digits().string(), "--out", (folder / "run").string(), "--epochs", "100000", "--patience",
                   "0", "--checkpoint-every-s", "0.05", "--hidden", "32"});
  ASSERT_TRUE(process.wait_for_error_text("epoch 5/"));
  std::filesystem::remove_all(folder / "run");
  process.gather_for(0.5);
  EXPECT_FALSE(process.has_ended());  // warned, and training goes on
  process.send(SIGTERM);
  const Outcome outcome = process.finish();
  EXPECT_EQ(outcome.exit_code, 6) << outcome.err;
  EXPECT_NE(outcome.err.find("redbud: warning: "), std::string::npos) << outcome.err;
}

TEST(Environment, StdoutThatCannotBeWrittenDoesNotLoseTheTraining) {
  for (const bool full : {true, false}) {
    const TempFolder folder;
    Outcome outcome;
    if (full) {
      outcome = run_redbud(small_training(folder), {.out = "/dev/full"});
      EXPECT_EQ(outcome.exit_code, 6) << outcome.err;
    } else {
      Process process(small_training(folder, {"--json"}));
      process.close_out();
      outcome = process.finish();
      EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
      EXPECT_EQ(outcome.signal, 0);
    }
    EXPECT_TRUE(succeeds(run_redbud({"resume", (folder / "run").string()})));
    EXPECT_TRUE(weights_of(folder / "run/model.redbud") == reference_weights());
  }
}

TEST(Environment, ASecondRunInTheSameFolderIsRefused) {
  const TempFolder folder;
  const std::string run = (folder / "run").string();
  const std::vector<std::string> words = {"train",    digits().string(), "--out",      run,
                                          "--epochs", "100000",          "--patience", "0"};
  Process first(words);
  ASSERT_TRUE(first.wait_for_error_text("epoch 1/"));
  EXPECT_TRUE(fails(run_redbud(words), 6, {run, "holds a run already", "redbud resume " + run, "--overwrite"}));
  EXPECT_TRUE(fails(run_redbud({"resume", run}), 6, {run, fmt::format("process {} on host", first.pid())}));
  std::vector<std::string> overwrite = words;
  overwrite.emplace_back("--overwrite");
  EXPECT_TRUE(fails(run_redbud(overwrite), 6, {fmt::format("process {} on host", first.pid())}));
  first.send(SIGTERM);
  EXPECT_EQ(first.finish().exit_code, 128 + SIGTERM);
}

TEST(Environment, OverwriteReplacesTheRunAndLeavesOtherFiles) {
  const TempFolder folder;
  ASSERT_TRUE(succeeds(run_redbud(small_training(folder))));
  std::ofstream(folder / "run/notes.txt") << "mine";
  ASSERT_TRUE(succeeds(run_redbud(small_training(folder, {"--overwrite", "--seed", "2"}))));
  EXPECT_EQ(text_of(folder / "run/notes.txt"), "mine");
  EXPECT_NE(text_of(folder / "run/config.toml").find("seed = 2"), std::string::npos);
}

TEST(Environment, PlantedLinksAreNeverWrittenThrough) {
  for (const char* name : {"config.toml", "log.jsonl", "model.redbud", ".lock"}) {
    const TempFolder folder;
    const Path precious = folder.write("precious", "precious\n");
    std::filesystem::create_directory(folder / "run");
    std::filesystem::create_symlink(precious, folder / "run" / name);
    const Outcome outcome = run_redbud(small_training(folder, {"--overwrite"}));
    EXPECT_TRUE(outcome.exit_code == 0 || outcome.exit_code == 6) << name << outcome.err;
    EXPECT_EQ(text_of(precious), "precious\n") << name;
  }
}

TEST(Environment, DivergenceNamesItsStepAndKeepsTheRest) {
  const TempFolder folder;
  const Outcome outcome =
      run_redbud(small_training(folder, {"--learning-rate", "1e30", "--optimizer", "sgd", "--batch-norm", "none"}));
  EXPECT_EQ(outcome.exit_code, 5) << outcome.err;
  EXPECT_EQ(outcome.out, "");
  const std::string error = outcome.error_lines().back();
  for (const char* part : {"redbud: error: ", "step ", "learning rate 1e+30", "try "}) {
    EXPECT_NE(error.find(part), std::string::npos) << part << " is not in " << error;
  }
}

TEST(Environment, DivergenceKeepsTheBestModel) {
  const TempFolder folder;
  // A decay of 210 at the rate 0.01 multiplies each weight by -1.1 a step: learning first, infinite after 900 steps.
  const std::vector<std::string> words = {"train",           digits().string(),
                                          "--out",           (folder / "run").string(),
                                          "--optimizer",     "sgd",
                                          "--learning-rate", "0.01",
                                          "--weight-decay",  "210",
                                          "--batch-norm",    "none",
                                          "--hidden",        "16",
                                          "--patience",      "0",
                                          "--json"};
  const Outcome outcome = run_redbud(words);
  EXPECT_EQ(outcome.exit_code, 5) << outcome.err;
  const ConfigValue done = last_record(outcome);
  EXPECT_EQ(done.find("stop_reason")->as_text(""), "diverged");
  EXPECT_NE(outcome.error_lines().back().find("model.redbud"), std::string::npos) << outcome.err;
  EXPECT_TRUE(succeeds(run_redbud({"evaluate", (folder / "run").string(), digits().string()})));
  // To go on gives the same end, not a finished run.
  const Outcome again = run_redbud({"resume", (folder / "run").string(), "--json"});
  EXPECT_EQ(again.exit_code, 5) << again.err;
  const ConfigValue done_again = last_record(again);
  EXPECT_EQ(done_again.find("best_epoch")->as_integer(""), done.find("best_epoch")->as_integer(""));
}

}  // namespace
}  // namespace redbud
