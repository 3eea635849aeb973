// redbud bench step: whole training steps (gather of shuffled rows, forward, backward, update) on random data in
// memory.
#include <algorithm>

#include "redbud/cli/commands/bench.h"
#include "redbud/cli/config/settings.h"
#include "redbud/core/rng.h"
#include "redbud/data/read.h"
#include "redbud/kernels/peak.h"
#include "redbud/losses/registry.h"
#include "redbud/train/pool_choice.h"
#include "redbud/train/step.h"
#include "redbud/train/stopwatch.h"
#include "redbud/train/weight_average.h"

namespace redbud::cli {
namespace {

constexpr int64_t kDataBytes = 48 << 20;  // about MNIST: more than caches hold
constexpr int64_t kMinSteps = 8;          // of an epoch

/// Random rows, and classes or numbers, that fit the network.
Dataset random_data(const BenchNetwork& network) {
  const int64_t features = network.model.graph.node(0).signature.output.shape.elements();
  const int64_t outputs = network.model.graph.output_shape().elements();
  const int64_t wanted =
      std::max(kDataBytes / (features * static_cast<int64_t>(sizeof(float))), kMinSteps * network.batch_size);
  const int64_t rows = wanted / network.batch_size * network.batch_size;  // no odd last batch
  std::vector<float> x(static_cast<size_t>(rows * features));
  const RandomKey key{.seed = 1, .stream = Stream::Data};
  for (size_t i = 0; i < x.size(); ++i) x[i] = random_uniform(key, static_cast<int64_t>(i)) - 0.5F;
  const RandomKey targets{.seed = 2, .stream = Stream::Data};
  if (network.model.loss == "mean_squared_error") {
    std::vector<float> y(static_cast<size_t>(rows * outputs));
    for (size_t i = 0; i < y.size(); ++i) y[i] = random_uniform(targets, static_cast<int64_t>(i));
    return from_arrays(x, rows, std::span<const float>(y));
  }
  std::vector<int32_t> y(static_cast<size_t>(rows));
  for (int64_t i = 0; i < rows; ++i) {
    y[static_cast<size_t>(i)] =
        static_cast<int32_t>(random_word(targets, i) % static_cast<uint32_t>(std::max<int64_t>(2, outputs)));
  }
  std::vector<std::string> classes;
  for (int64_t i = 0; i < std::max<int64_t>(2, outputs); ++i) classes.push_back(std::to_string(i));
  return from_arrays(x, rows, std::span<const int32_t>(y), classes);
}

int run(BenchNetworkOptions& options, Console& console) {
  BenchNetwork network = bench_network(options);
  const Dataset data = random_data(network);
  const std::unique_ptr<SampleSource> source = encode(data, fit_recipe(data, MissingPolicy::Error));
  ThreadPool pool(network.threads);
  Optimizer optimizer(optimizer_config(network.tree), network.model.graph.parameter_layout());
  const BatchCut cut(source->rows(), network.batch_size);
  WeightAverage average(weight_average_from_config(value_at(network.tree, "train", "weight_average")),
                        {.steps_per_epoch = cut.steps()}, network.model.values);
  Stepper stepper({.graph = network.model.graph,
                   .loss = loss_from_config(network.model.loss),
                   .values = network.model.values,
                   .optimizer = optimizer,
                   .source = *source},
                  cut, {.disabled_passes = disabled_passes(network.tree)});
  const double peak_gflops = kernels::probe_fp32_gflops(pool);
  PoolChoice choice(pool);  // as in training
  int64_t step = 0;
  const Timing timing = time_calls(options.seconds, [&] {
    const EpochOrder order(cut, source->rows(), 1, step / cut.steps());
    const Stopwatch watch;
    stepper.run(order, step % cut.steps(), {.pool = choice.next(), .seed = 1, .step = static_cast<uint64_t>(step)});
    choice.note(watch.seconds());
    ++step;
    average.follow(network.model.values, step, pool);
  });
  const Products products = products_of(network.model.graph);
  const int64_t multiply_adds = network.batch_size * (3 * products.all - products.of_first_layers);
  print_bench(bench_record(network, {.key = "us_per_step",
                                     .timing = timing,
                                     .multiply_adds = multiply_adds,
                                     .peak_gflops = peak_gflops,
                                     .threads = pool.threads(),
                                     .round_trip_ns = kernels::probe_round_trip_ns(pool)}),
              console);
  return kExitOk;
}

}  // namespace

Command bench_step_command() {
  return bench_network_command("bench step", "Time whole training steps on random data in memory", run,
                               {"train.optimizer", "train.learning_rate", "train.clip_norm", "train.clip_tensor_norm",
                                "train.clip_value", "train.l1", "train.l2", "train.weight_decay", "train.max_norm",
                                "train.weight_average", "train.layer", "train.disable_pass"},
                               "  redbud bench step --inputs 784 --outputs 10 --hidden 300,100 --activation relu "
                               "--batch-size 50 --optimizer sgd "
                               "--threads 1\n");
}

}  // namespace redbud::cli
