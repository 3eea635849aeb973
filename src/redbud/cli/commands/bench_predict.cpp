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
  print_bench(bench_record(network, {.key = "us_per_call",
                                     .timing = timing,
                                     .multiply_adds = rows * products_of(network.model.graph).all,
                                     .peak_gflops = peak_gflops,
                                     .threads = pool.threads(),
                                     .round_trip_ns = kernels::probe_round_trip_ns(pool)}),
              console);
  return kExitOk;
}

}  // namespace

Command bench_predict_command() {
  return bench_network_command("bench predict", "Time prediction calls on random rows", run, {"train.optimizer"},
                               "  redbud bench predict --inputs 784 --outputs 10 --hidden 300,100 --activation relu "
                               "--batch-size 1 --threads 1\n");
}

}  // namespace redbud::cli
