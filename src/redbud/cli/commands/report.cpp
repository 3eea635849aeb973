// redbud report RUN...: the page of a run again, or runs side by side.
#include <fmt/format.h>

#include "redbud/cli/commands/commands.h"
#include "redbud/cli/run/run_folder.h"
#include "redbud/cli/run/run_report.h"
#include "redbud/core/error.h"
#include "redbud/report/page/run_page.h"

namespace redbud::cli {
namespace {

struct Options {
  std::vector<std::string> runs;
  std::optional<Path> out;
  bool json = false;
};

int run(Options& options, Console& console) {
  std::vector<RunStory> stories;
  for (const std::string& folder : options.runs) stories.push_back(story_of(folder));
  const bool alone = stories.size() == 1;
  const Path page = options.out ? *options.out : alone ? page_file_of(options.runs[0]) : Path("comparison.html");
  write_text_file(page, alone ? run_page(stories[0]) : comparison_page(stories));
  if (!console.json()) {
    console.print(fmt::format("page: {}\n", page.string()));
    return kExitOk;
  }
  ConfigValue record;
  record.set("page", page.string());
  record.set("runs", static_cast<int64_t>(stories.size()));
  console.print_record(record);
  return kExitOk;
}

}  // namespace

Command report_command() {
  return CommandBuilder<Options>("report", "Make a run's page again, or one that lays runs side by side", run)
      .arguments("RUN", &Options::runs, "folders of runs")
      .option("--out", &Options::out, "FILE", "where the page goes [RUN/report.html; of several runs comparison.html]")
      .flag("--json", &Options::json, "one JSON object on stdout")
      .example("  redbud report runs/adult\n  redbud report runs/adult-1 runs/adult-2 --out both.html\n")
      .build();
}

}  // namespace redbud::cli
