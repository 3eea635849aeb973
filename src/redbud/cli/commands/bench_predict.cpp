// redbud bench predict: calls of the predictor on random rows.
#include <algorithm>

#include "redbud/cli/commands/bench.h"
#include "redbud/core/rng.h"
#include "redbud/kernels/peak.h"
#include "redbud/predict/predictor.h"

namespace redbud::cli {
namespace {

int run(BenchNetworkOptions& options, Console& console) {
  const BenchNetwork network = bench_network(options);
  const Predictor predictor(network.model);
  ThreadPool pool(network.threads);
  const int64_t rows = network.batch_size;
  // A call is cut into as many pieces as there are threads, each with a context of its own.
  const int64_t piece_rows = (rows + pool.threads() - 1) / pool.threads();
  const int64_t pieces = (rows + piece_rows - 1) / piece_rows;
  std::vector<Predictor::Context> contexts;
  for (int64_t i = 0; i < pieces; ++i) contexts.emplace_back(predictor, piece_rows);
  std::vector<float> x(static_cast<size_t>(rows * predictor.features()));
  const RandomKey key{.seed = 1, .stream = Stream::Data};
  for (size_t i = 0; i < x.size(); ++i) x[i] = random_uniform(key, static_cast<int64_t>(i)) - 0.5F;
  std::vector<float> y(static_cast<size_t>(rows * predictor.outputs()));
  const double peak_gflops = kernels::probe_fp32_gflops(pool);
  const auto predict_piece = [&](int64_t piece) {
    const int64_t begin = piece * piece_rows;
    const int64_t count = std::min(piece_rows, rows - begin);
    const auto part = [&](auto& values, int64_t width) {
      return std::span(values).subspan(static_cast<size_t>(begin * width), static_cast<size_t>(count * width));
    };
    predictor.predict(part(x, predictor.features()), count, part(y, predictor.outputs()),
                      contexts[static_cast<size_t>(piece)]);
  };
  const Timing timing = time_calls(options.seconds, [&] { pool.for_pieces(pieces, predict_piece); });
  const double bound_us = 2.0 * static_cast<double>(rows * products_of(network.model.graph).all) / (peak_gflops * 1e3);
  ConfigValue record;
  record.set("us_per_call", timing.median);
  record.set("min", timing.min);
  record.set("max", timing.max);
  record.set("bound_us", bound_us);
  record.set("share_of_bound", bound_us / timing.median);
  record.set("peak_gflops", peak_gflops);
  record.set("rows_per_s", static_cast<double>(rows) / timing.median * 1e6);
  record.set("batch_size", rows);
  record.set("threads", pool.threads());
  print_bench(record, console);
  return kExitOk;
}

}  // namespace

Command bench_predict_command() {
  return CommandBuilder<BenchNetworkOptions>("bench predict", "Time prediction calls on random rows", run)
      .option("--inputs", &BenchNetworkOptions::inputs, "N", "features of a row", from_to(1, 1 << 24))
      .option("--outputs", &BenchNetworkOptions::outputs, "N", "classes", from_to(1, 1 << 24))
      .option("--model", &BenchNetworkOptions::model, "FILE",
              "a model file instead of --inputs, --outputs and --hidden")
      .option("--seconds", &BenchNetworkOptions::seconds, "S", "how long to measure [2]", above(0))
      .flag("--json", &BenchNetworkOptions::json, "one JSON object on stdout")
      .run_keys(&BenchNetworkOptions::overrides,
                {"model.hidden", "model.activation", "model.initializer", "model.batch_norm", "model.dropout",
                 "model.input_dropout", "train.optimizer", "train.batch_size", "train.threads", "train.precision"})
      .example(
          "  redbud bench predict --inputs 784 --outputs 10 --hidden 300,100 --activation relu --batch-size 1 "
          "--threads 1\n")
      .build();
}

}  // namespace redbud::cli
