// redbud bench csv FILE: from the text of a file to typed columns, and on to the floats of a network.
#include "redbud/cli/commands/bench.h"
#include "redbud/data/read.h"
#include "redbud/data/recipe.h"

namespace redbud::cli {
namespace {

struct Options {
  Path file;
  double seconds = 2.0;
  int threads = 0;
  bool json = false;
};

int run(Options& options, Console& console) {
  FileInfo info;
  static_cast<void>(file_system().info(options.file, info));
  const Timing table = time_calls(options.seconds, [&] { static_cast<void>(read_data(options.file)); });
  const Timing floats = time_calls(options.seconds, [&] {
    const Dataset data = read_data(options.file);
    static_cast<void>(encode(data, fit_recipe(data, MissingPolicy::Mean)));
  });
  const auto gb_per_s = [&](double us) { return static_cast<double>(info.size) / us / 1e3; };
  ConfigValue record;
  record.set("gb_per_s", gb_per_s(table.median));
  record.set("min", gb_per_s(table.max));
  record.set("max", gb_per_s(table.min));
  record.set("encoded_gb_per_s", gb_per_s(floats.median));
  record.set("us_per_file", table.median);
  record.set("bytes", info.size);
  print_bench(record, console);
  return kExitOk;
}

}  // namespace

Command bench_csv_command() {
  return CommandBuilder<Options>("bench csv", "Time the reading of a CSV file", run)
      .argument("FILE", &Options::file, "CSV[.gz]")
      .option("--seconds", &Options::seconds, "S", "how long to measure [2]", above(0))
      .option("--threads", &Options::threads, "N", "reading takes one", from_to(0, 4096))
      .flag("--json", &Options::json, "one JSON object on stdout")
      .example("  redbud bench csv adult.csv\n")
      .build();
}

}  // namespace redbud::cli
