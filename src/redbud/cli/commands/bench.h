#pragma once
#include <string>
#include <vector>

#include "redbud/cli/command.h"
#include "redbud/core/config_value.h"
#include "redbud/graph/model.h"

namespace redbud::cli {

/// What `bench step` and `bench predict` run: a perceptron by numbers, or a model file.
struct BenchNetworkOptions {
  int64_t inputs = 0;
  int64_t outputs = 0;
  std::optional<Path> model;
  std::vector<Override> overrides;
  double seconds = 2.0;
  bool json = false;
};

/// The tree of the options, with batch norm and dropout off unless they are given, and a model of it. Values are drawn.
struct BenchNetwork {
  ConfigValue tree;
  Model model;
  int64_t batch_size = 0;
  int threads = 0;
};
BenchNetwork bench_network(const BenchNetworkOptions& options);

/// Multiply-adds a row of the products, forward.
struct Products {
  int64_t all = 0;
  int64_t of_first_layers = 0;  // those that read an input: their input gradient is not needed
};
Products products_of(const Graph& graph);

/// Times of single calls, in microseconds.
struct Timing {
  double median = 0.0;
  double mean = 0.0;  // beside a busy program calls come in two kinds, and the median tells of one only
  double min = 0.0;
  double max = 0.0;
};
/// Calls `once` for a quarter of `seconds` to warm up, then for `seconds`, at least five times.
Timing time_calls(double seconds, const std::function<void()>& once);

/// What `bench step` and `bench predict` tell of calls over `network`, each with `multiply_adds` to do.
struct BenchResult {
  const char* key;  // "us_per_step"
  Timing timing;
  int64_t multiply_adds = 0;
  double peak_gflops = 0.0;  // of all threads together
  int threads = 1;
  std::optional<double> round_trip_ns = {};  // with several threads, where they are
};
ConfigValue bench_record(const BenchNetwork& network, const BenchResult& result);

/// A command over a network: the options that both have, and the run keys `keys` beside those of the network.
Command bench_network_command(const char* name, const char* summary, int (*run)(BenchNetworkOptions&, Console&),
                              std::vector<std::string> keys, const char* example);

/// Prints a record: as JSON, or a line a key.
void print_bench(const ConfigValue& record, Console& console);

Command bench_step_command();
Command bench_predict_command();
Command bench_csv_command();
Command bench_peak_command();

}  // namespace redbud::cli
