// redbud resume RUN_DIR: go on with a run that was stopped or killed, to the same bits as if it never had been.
#include <fmt/format.h>

#include "redbud/cli/commands/commands.h"
#include "redbud/cli/config/run_tree.h"
#include "redbud/cli/run/execute.h"
#include "redbud/cli/run/run_folder.h"
#include "redbud/cli/run/run_report.h"
#include "redbud/core/checksum.h"
#include "redbud/core/error.h"
#include "redbud/report/run_log.h"

namespace redbud::cli {
namespace {

struct Options {
  Path run;
  std::optional<int> threads;
  std::optional<double> time_limit_s;
  bool json = false;
};

void require_fingerprint(const ConfigValue& tree, const char* key, uint64_t now, const std::string& file) {
  const ConfigValue* own = tree.find("run");
  const ConfigValue* saved = own == nullptr ? nullptr : own->find(key);
  if (saved == nullptr || !saved->is_text() || saved->as_text(key) == to_hex(now)) return;
  throw Error(ErrorKind::Data, {.where = file,
                                .fact = "is not the file that the run began with",
                                .found = "checksum " + to_hex(now),
                                .expected = saved->as_text(key),
                                .hint = "put the old file back, or start a new run"});
}

/// The record of a run that has nothing left to do, or null.
ConfigValue finished(const Path& folder, const Options& options) {
  FileInfo info;
  if (!file_system().info(model_file_of(folder), info).ok() || info.type != FileType::Regular) return {};
  const ConfigValue done = read_done_record(log_file_of(folder));
  const ConfigValue* reason = done.find("stop_reason");
  if (reason == nullptr || !reason->is_text()) return {};
  const std::string& word = reason->as_text("stop_reason");
  if (word == "interrupted" || word == "diverged" || (word == "time_limit" && options.time_limit_s)) return {};
  return done;
}

int run(Options& options, Console& console) {
  const Path& folder = options.run;
  ConfigValue tree = read_config_of(folder);
  const FolderLock lock(folder);
  tree = read_config_of(folder);  // it may have been replaced before the lock was held
  remove_stale_temporaries(folder);
  const ConfigValue own = tree;
  if (const ConfigValue done = finished(folder, options); !done.is_null()) {
    if (!console.json()) console.note("the run has ended already; this is its result");
    print_result(done, advice_of(folder), folder, console);
    return kExitOk;
  }
  find_moved_files(tree, folder);
  PreparedRun prepared = prepare_run(fill_defaults(tree), Path());
  require_fingerprint(own, "data_fingerprint", prepared.data_fingerprint, prepared.train.from);
  require_fingerprint(own, "validation_fingerprint", prepared.validation.fingerprint, prepared.validation.from);
  if (prepared.test) require_fingerprint(own, "test_fingerprint", prepared.test->fingerprint, prepared.test->from);
  if (options.threads) prepared.config.threads = *options.threads;
  if (options.time_limit_s) prepared.config.time_limit_s = *options.time_limit_s;
  if (!has_checkpoints(folder)) {
    const std::string line = folder.string() + ": no checkpoint was written yet; starting at step 0";
    console.json() ? console.warn(line) : console.note(line);
  }
  return execute_run(std::move(prepared), folder, console);
}

}  // namespace

Command resume_command() {
  return CommandBuilder<Options>("resume", "Go on with a run that was stopped or killed", run)
      .argument("RUN_DIR", &Options::run, "folder of the run")
      .option("--threads", &Options::threads, "N",
              "0 = what the process is granted; the result is the same for any number", from_to(0, 4096))
      .option("--time-limit-s", &Options::time_limit_s, "S",
              "another limit for all parts of the run together; 0 = none", at_least(0))
      .flag("--json", &Options::json, "one JSON object a line on stdout")
      .example("  redbud resume runs/adult --threads 2\n")
      .build();
}

}  // namespace redbud::cli
