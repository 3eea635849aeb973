// redbud bench peak: what this machine can do at most, the denominator of every other benchmark.
#include "redbud/cli/commands/bench.h"
#include "redbud/kernels/peak.h"
#include "redbud/kernels/target.h"

namespace redbud::cli {
namespace {

struct Options {
  int threads = 0;
  bool json = false;
};

ConfigValue or_null(const std::optional<double>& value) { return value ? ConfigValue(*value) : ConfigValue(); }

int run(Options& options, Console& console) {
  ThreadPool pool(options.threads);
  const kernels::StreamSizes sizes;
  ConfigValue record;
  record.set("fp32_gflops", kernels::probe_fp32_gflops(pool));
  record.set("bf16_gflops", or_null(kernels::probe_bf16_gflops(pool)));
  record.set("int8_gops", or_null(kernels::probe_int8_gops(pool)));
  record.set("l1_gb_s", kernels::probe_read_gb_s(pool, sizes.l1));
  record.set("l2_gb_s", kernels::probe_read_gb_s(pool, sizes.l2));
  record.set("l3_gb_s", kernels::probe_read_gb_s(pool, sizes.l3 / pool.threads()));
  record.set("memory_gb_s", kernels::probe_read_gb_s(pool, sizes.memory / pool.threads()));
  if (pool.threads() > 1) record.set("round_trip_ns", or_null(kernels::probe_round_trip_ns(pool)));
  record.set("threads", pool.threads());
  record.set("instruction_set", kernels::current_target());
  print_bench(record, console);
  return kExitOk;
}

}  // namespace

Command bench_peak_command() {
  return CommandBuilder<Options>("bench peak", "Probe the peaks of this machine: arithmetic, caches, memory", run)
      .option("--threads", &Options::threads, "N", "0 = what the process is granted", from_to(0, 4096))
      .flag("--json", &Options::json, "one JSON object on stdout")
      .example("  redbud bench peak --threads 1\n")
      .build();
}

}  // namespace redbud::cli
