// redbud predict MODEL DATA: a line a row on stdout, in bounded memory however long the data are.
#include <algorithm>
#include <optional>

#include "redbud/checkpoint/model_file.h"
#include "redbud/cli/commands/commands.h"
#include "redbud/cli/prediction_writer.h"
#include "redbud/cli/run/run_folder.h"
#include "redbud/data/recipe.h"
#include "redbud/predict/dropout_sampler.h"
#include "redbud/predict/predictor.h"

namespace redbud::cli {
namespace {

constexpr int64_t kPieceRows = 256;   // what one thread predicts at a time
constexpr int64_t kChunkPieces = 16;  // what is held in memory: 4,096 rows

struct Options {
  Path model;
  Path data;
  int threads = 0;
  bool skip_bad_rows = false;
  bool json = false;
  int dropout_samples = 0;  // 0 = off
  int64_t seed = 42;
};

/// Rows in, probabilities or standardised numbers out, with a context for each piece of a chunk.
class ChunkPredictor {
 public:
  ChunkPredictor(const Model& model, int threads) : predictor_(model), pool_(threads) {
    for (int64_t i = 0; i < kChunkPieces; ++i) contexts_.emplace_back(predictor_, kPieceRows);
  }

  void predict(std::span<const float> x, int64_t rows, std::span<float> y) {
    const int64_t features = predictor_.features();
    const int64_t outputs = predictor_.outputs();
    pool_.for_pieces((rows + kPieceRows - 1) / kPieceRows, [&](int64_t piece) {
      const int64_t begin = piece * kPieceRows;
      const int64_t count = std::min(kPieceRows, rows - begin);
      predictor_.predict(x.subspan(static_cast<size_t>(begin * features), static_cast<size_t>(count * features)), count,
                         y.subspan(static_cast<size_t>(begin * outputs), static_cast<size_t>(count * outputs)),
                         contexts_[static_cast<size_t>(piece)]);
    });
  }

 private:
  Predictor predictor_;
  ThreadPool pool_;
  std::vector<Predictor::Context> contexts_;
};

/// Calls predict(x, number of the first row, y, deviation) for every chunk of rows, and writes it.
template <class Predict>
void predict_rows(RowStream& rows, PredictionWriter& writer, const Schema& schema, const Console& console, bool sampled,
                  Predict&& predict) {
  constexpr int64_t kRows = kChunkPieces * kPieceRows;
  const int64_t features = schema.features();
  const auto outputs = static_cast<size_t>(schema.outputs());
  std::vector<float> x(static_cast<size_t>(kRows * features));
  std::vector<float> y(static_cast<size_t>(kRows) * outputs);
  std::vector<float> deviation(sampled ? y.size() : 0);
  int64_t first = 0;
  int64_t count = rows.next(x.data(), features, kRows);
  writer.write_header();
  while (count > 0 && !console.is_closed()) {
    const std::span<const float> chunk(x.data(), static_cast<size_t>(count * features));
    const auto size = static_cast<size_t>(count) * outputs;
    predict(chunk, first, std::span(y).first(size), std::span(deviation).first(sampled ? size : 0));
    for (size_t at = 0; at < size; at += outputs) {
      writer.write_row({.outputs = std::span(y).subspan(at, outputs),
                        .deviation = std::span(deviation).subspan(sampled ? at : 0, sampled ? outputs : 0)});
    }
    first += count;
    count = rows.next(x.data(), features, kRows);
  }
}

int run(Options& options, Console& console) {
  const Model model = load_model(find_model_file(options.model));
  ReadOptions read;
  read.skip_bad_rows = options.skip_bad_rows;
  const bool sampled = options.dropout_samples > 0;
  std::optional<DropoutSampler> sampler;
  if (sampled)
    sampler.emplace(model, DropoutSamplerConfig{options.dropout_samples, static_cast<uint64_t>(options.seed)});
  RowStream rows(options.data, model.recipe, read);
  PredictionWriter writer(model, console, sampled);
  const Schema& schema = model.recipe.schema;
  if (sampled) {
    ThreadPool pool(options.threads);
    predict_rows(rows, writer, schema, console, true, [&](auto x, int64_t first, auto y, auto deviation) {
      sampler->predict({.x = x, .first = first, .mean = y, .deviation = deviation}, pool);
    });
  } else {
    ChunkPredictor predictor(model, options.threads);
    predict_rows(rows, writer, schema, console, false, [&](auto x, int64_t, auto y, auto) {
      predictor.predict(x, static_cast<int64_t>(x.size()) / schema.features(), y);
    });
  }
  for (const std::string& warning : rows.notes().warnings) console.warn(warning);
  return kExitOk;
}

}  // namespace

Command predict_command() {
  return CommandBuilder<Options>(
             "predict", "Predict rows: CSV (or one JSON object a line) on stdout, in the order of the rows", run)
      .argument("MODEL", &Options::model, "model file, or the folder of a run, which stands for its best model")
      .argument("DATA", &Options::data, "rows in the form that the model was trained on; targets are not needed")
      .option("--threads", &Options::threads, "N", "0 = what the process is granted", from_to(0, 4096))
      .option("--dropout-samples", &Options::dropout_samples, "K",
              "leave dropout on, predict K times, and give mean and spread: the columns prediction_std (for classes, "
              "of the "
              "predicted one's p) and, for classes, prediction_entropy (nats)",
              from_to(2, (1 << 24) - 1))
      .option("--seed", &Options::seed, "N", "of what --dropout-samples drops; the same seed gives the same lines",
              at_least(0))
      .flag("--skip-bad-rows", &Options::skip_bad_rows, "leave out rows that can't be read")
      .flag("--json", &Options::json, "one JSON object a row instead of CSV")
      .example("  redbud predict runs/adult new.csv > predictions.csv\n")
      .build();
}

}  // namespace redbud::cli
