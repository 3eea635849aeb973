// What the bench commands share.
#include "redbud/cli/commands/bench.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <numeric>

#include "redbud/checkpoint/model_file.h"
#include "redbud/cli/commands/commands.h"
#include "redbud/cli/config/settings.h"
#include "redbud/cli/config/toml.h"
#include "redbud/cli/run/run_folder.h"
#include "redbud/core/error.h"
#include "redbud/core/text.h"

namespace redbud::cli {
namespace {

/// Defaults of a benchmark where a run's own would hide what is measured, or need data to decide.
void set_defaults(ConfigValue& tree) {
  for (const char* change :
       {"model.batch_norm=none", "model.dropout=0", "train.batch_size=32", "train.weight_average=0"}) {
    const std::vector<std::string> parts = split(change, '=');
    apply_override(tree, {parts[0], parts[1], "default"});
  }
}

}  // namespace

BenchNetwork bench_network(const BenchNetworkOptions& options) {
  BenchNetwork network;
  ConfigValue given{ConfigValue::Table{}};
  set_defaults(given);
  for (const Override& change : options.overrides) apply_override(given, change);
  network.tree = fill_defaults(given);
  if (value_at(network.tree, "train", "learning_rate").is_text()) {
    network.tree.find("train")->set("learning_rate", resolved(optimizer_config(network.tree)).learning_rate);
  }
  network.batch_size = value_at(network.tree, "train", "batch_size").as_integer("batch_size");
  network.threads = static_cast<int>(value_at(network.tree, "train", "threads").as_integer("threads"));
  if (options.model) {
    network.model = load_model(find_model_file(*options.model));
    return network;
  }
  if (options.inputs < 1 || options.outputs < 1 || value_at(network.tree, "model", "hidden").is_text()) {
    throw Error(ErrorKind::Usage, {.where = "redbud bench",
                                   .fact = "no network is given",
                                   .expected = "--inputs N --outputs N --hidden N,N, or --model FILE"});
  }
  network.model.graph = mlp_graph(mlp_config(network.tree), options.inputs, options.outputs);
  network.model.loss = "softmax_cross_entropy";
  network.model.values = network.model.graph.make_store();
  network.model.values.initialize(1);
  return network;
}

Products products_of(const Graph& graph) {
  Products products;
  for (const Node& node : graph.nodes()) {
    for (int parameter : node.parameters) {
      const Shape& shape = graph.parameter_layout()[parameter].shape;
      if (shape.rank() != 2) continue;
      products.all += shape.elements();
      const bool reads_input =
          std::any_of(node.inputs.begin(), node.inputs.end(), [&](int i) { return !graph.node(i).layer; });
      if (reads_input) products.of_first_layers += shape.elements();
    }
  }
  return products;
}

Timing time_calls(double seconds, const std::function<void()>& once) {
  using Clock = std::chrono::steady_clock;
  const auto since = [](Clock::time_point begin) {
    return std::chrono::duration<double>(Clock::now() - begin).count();
  };
  const Clock::time_point warm_up = Clock::now();
  do {
    once();
  } while (since(warm_up) < seconds / 4);
  std::vector<double> times;
  const Clock::time_point begin = Clock::now();
  while (times.size() < 5 || since(begin) < seconds) {
    const Clock::time_point call = Clock::now();
    once();
    times.push_back(since(call) * 1e6);
  }
  std::sort(times.begin(), times.end());
  const double mean = std::accumulate(times.begin(), times.end(), 0.0) / static_cast<double>(times.size());
  return {.median = times[times.size() / 2], .mean = mean, .min = times.front(), .max = times.back()};
}

ConfigValue bench_record(const BenchNetwork& network, const BenchResult& result) {
  const double bound_us = 2.0 * static_cast<double>(result.multiply_adds) / (result.peak_gflops * 1e3);
  ConfigValue record;
  record.set(result.key, result.timing.median);
  record.set("mean", result.timing.mean);
  record.set("min", result.timing.min);
  record.set("max", result.timing.max);
  record.set("bound_us", bound_us);
  record.set("share_of_bound", bound_us / result.timing.median);
  record.set("peak_gflops", result.peak_gflops);
  record.set("rows_per_s", static_cast<double>(network.batch_size) / result.timing.median * 1e6);
  record.set("batch_size", network.batch_size);
  record.set("threads", result.threads);
  if (result.round_trip_ns) record.set("round_trip_ns", *result.round_trip_ns);
  return record;
}

Command bench_network_command(const char* name, const char* summary, int (*run)(BenchNetworkOptions&, Console&),
                              std::vector<std::string> keys, const char* example) {
  keys.insert(keys.end(), {"model.hidden", "model.activation", "model.initializer", "model.batch_norm", "model.dropout",
                           "model.input_dropout", "train.batch_size", "train.threads", "train.precision"});
  return CommandBuilder<BenchNetworkOptions>(name, summary, run)
      .option("--inputs", &BenchNetworkOptions::inputs, "N", "features of a row", from_to(1, 1 << 24))
      .option("--outputs", &BenchNetworkOptions::outputs, "N", "classes", from_to(1, 1 << 24))
      .option("--model", &BenchNetworkOptions::model, "FILE",
              "a model file instead of --inputs, --outputs and --hidden")
      .option("--seconds", &BenchNetworkOptions::seconds, "S", "how long to measure [2]", above(0))
      .flag("--json", &BenchNetworkOptions::json, "one JSON object on stdout")
      .run_keys(&BenchNetworkOptions::overrides, keys)
      .example(example)
      .build();
}

void print_bench(const ConfigValue& record, Console& console) {
  if (console.json()) return console.print_record(record);
  for (const ConfigEntry& entry : record.as_table("record")) {
    const std::string value = entry.value.is_null() ? "none"
                              : std::holds_alternative<double>(entry.value.value)
                                  ? fmt::format("{:.4g}", entry.value.as_number(entry.key))
                              : entry.value.is_text() ? entry.value.as_text(entry.key)
                                                      : to_toml_value(entry.value);
    console.print(fmt::format("{:<20} {}\n", entry.key, value));
  }
}

std::vector<Command> bench_commands() {
  return {bench_step_command(), bench_predict_command(), bench_csv_command(), bench_peak_command()};
}

}  // namespace redbud::cli
