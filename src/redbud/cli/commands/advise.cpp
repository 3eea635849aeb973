// redbud advise RUN...: what to change next, by the evidence that runs left behind.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "redbud/cli/commands/commands.h"
#include "redbud/cli/run/advice_text.h"
#include "redbud/cli/run/fast_advice.h"
#include "redbud/cli/run/run_evidence.h"
#include "redbud/cli/run/try_advice.h"
#include "redbud/core/did_you_mean.h"
#include "redbud/core/error.h"
#include "redbud/core/text.h"

namespace redbud::cli {
namespace {

struct Options {
  std::vector<std::string> runs;
  std::string want;
  bool try_it = false;
  bool json = false;
};

Want parse_want(const std::string& word) {
  struct Entry {
    const char* word;
    Want want;
  };
  constexpr std::array kWants = {Entry{"sparse", Want::Sparse}, Entry{"fast", Want::Fast},
                                 Entry{"accurate", Want::Accurate}};
  if (word.empty()) return Want::Nothing;
  for (const Entry& entry : kWants) {
    if (word == entry.word) return entry.want;
  }
  throw Error(ErrorKind::Usage, {.where = "--want",
                                 .fact = "has a value that is not possible",
                                 .found = quote(word),
                                 .expected = "sparse, fast or accurate",
                                 .hint = did_you_mean(word, {"sparse", "fast", "accurate"})});
}

/// Illnesses come first; what makes a network fast is measured only where it is asked for.
std::vector<Advice> find_advice(const std::vector<RunEvidence>& runs, Want want) {
  std::vector<Advice> found = advise(runs, want);
  if (want != Want::Fast) return found;
  for (size_t i = 0; i < runs.size(); ++i) {
    for (Advice& advice : advise_fast(runs[i])) {
      advice.run = i;
      found.push_back(std::move(advice));
    }
  }
  return found;
}

void print_advice(const std::vector<RunEvidence>& runs, const std::vector<Advice>& found, Console& console) {
  if (console.json()) {
    for (const Advice& advice : found) console.print_record(advice_record(advice, runs[advice.run]));
    return;
  }
  for (const RunEvidence& run : runs) console.print(run_line(run) + "\n");
  if (found.empty()) console.print("nothing ails it: no advice\n");
  for (size_t i = 0; i < found.size(); ++i) {
    console.print("\n" + advice_text(i + 1, found[i], runs[found[i].run]));
  }
}

void try_first(const std::vector<RunEvidence>& runs, const std::vector<Advice>& found, Want want, Console& console) {
  const auto first =
      std::find_if(found.begin(), found.end(), [](const Advice& advice) { return !advice.changes.empty(); });
  if (first == found.end()) return console.note("there is nothing to try");
  const RunEvidence& run = runs[first->run];
  if (!console.json()) console.print("\n");
  console.flush();
  const Trial trial = try_advice(*first, run, want, console);
  if (console.json()) return console.print_record(trial_record(trial, *first, run, want));
  console.print(trial_text(trial, *first, run, want) + "\n");
}

int run(Options& options, Console& console) {
  const Want want = parse_want(options.want);
  std::vector<RunEvidence> runs;
  for (const std::string& folder : options.runs) runs.push_back(read_run_evidence(folder));
  const std::vector<Advice> found = find_advice(runs, want);
  print_advice(runs, found, console);
  if (options.try_it) try_first(runs, found, want, console);
  return kExitOk;
}

}  // namespace

Command advise_command() {
  return CommandBuilder<Options>("advise", "Say what to change next, by the evidence of one or more runs", run)
      .arguments("RUN_DIR", &Options::runs, "folders of runs; ended, stopped or diverged")
      .option("--want", &Options::want, "WISH", "also advise towards one of: sparse, fast, accurate")
      .flag("--try", &Options::try_it, "train with the first advice, beside the run, and say whether it helped")
      .flag("--json", &Options::json, "one JSON object an advice on stdout")
      .example("  redbud advise runs/adult\n  redbud advise runs/adult --want fast\n")
      .build();
}

}  // namespace redbud::cli
