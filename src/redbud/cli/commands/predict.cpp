// redbud predict MODEL DATA: a line a row on stdout, in bounded memory however long the data are.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "redbud/checkpoint/json.h"
#include "redbud/checkpoint/model_file.h"
#include "redbud/cli/commands/commands.h"
#include "redbud/cli/csv_writer.h"
#include "redbud/cli/run/run_folder.h"
#include "redbud/core/text.h"
#include "redbud/data/recipe.h"
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

/// Outputs to lines of text.
class PredictionWriter {
 public:
  PredictionWriter(const Recipe& recipe, Console& console)
      : recipe_(recipe), schema_(recipe.schema), console_(console) {
    for (const std::string& name : schema_.classes) class_fields_.push_back(csv_field(name));
  }

  void write_header() {
    if (console_.json()) return;
    std::string line;
    if (schema_.task == Task::Classification) {
      line = "prediction";
      for (const std::string& name : schema_.classes) line += "," + csv_field("p_" + name);
    } else if (schema_.target_names.size() < 2) {
      line = "prediction";
    } else {
      for (const std::string& name : schema_.target_names) line += (line.empty() ? "" : ",") + csv_field(name);
    }
    console_.print(line + "\n");
  }

  void write_row(std::span<const float> outputs) {
    if (console_.json()) return console_.print_record(to_record(outputs));
    std::string line;
    if (schema_.task == Task::Classification) {
      line = class_fields_[best(outputs)];
      for (float p : outputs) line += "," + format_number(p);
    } else {
      for (size_t i = 0; i < outputs.size(); ++i) line += (i == 0 ? "" : ",") + format_number(number(outputs, i));
    }
    console_.print(line + "\n");
  }

 private:
  static size_t best(std::span<const float> p) {
    return static_cast<size_t>(std::max_element(p.begin(), p.end()) - p.begin());
  }

  /// In the target's own units.
  float number(std::span<const float> outputs, size_t i) const {
    return static_cast<float>(recipe_.target_mean[i] + recipe_.target_scale[i] * static_cast<double>(outputs[i]));
  }

  /// The number that the CSV has, not the float's longer neighbour in double.
  static double shortest(float value) { return *parse_number(format_number(value)); }

  ConfigValue to_record(std::span<const float> outputs) const {
    ConfigValue record;
    if (schema_.task == Task::Classification) {
      record.set("prediction", schema_.classes[best(outputs)]);
      ConfigValue shares{ConfigValue::Table{}};
      for (size_t i = 0; i < outputs.size(); ++i) shares.set(schema_.classes[i], shortest(outputs[i]));
      record.set("p", std::move(shares));
    } else if (outputs.size() == 1) {
      record.set("prediction", shortest(number(outputs, 0)));
    } else {
      for (size_t i = 0; i < outputs.size(); ++i) record.set(schema_.target_names[i], shortest(number(outputs, i)));
    }
    return record;
  }

  const Recipe& recipe_;
  const Schema& schema_;
  Console& console_;
  std::vector<std::string> class_fields_;
};

int run(Options& options, Console& console) {
  const Model model = load_model(find_model_file(options.model));
  ReadOptions read;
  read.skip_bad_rows = options.skip_bad_rows;
  RowStream rows(options.data, model.recipe, read);
  ChunkPredictor predictor(model, options.threads);
  PredictionWriter writer(model.recipe, console);
  const int64_t features = model.recipe.schema.features();
  const auto outputs = static_cast<size_t>(model.recipe.schema.outputs());
  std::vector<float> x(static_cast<size_t>(kChunkPieces * kPieceRows * features));
  std::vector<float> y(static_cast<size_t>(kChunkPieces * kPieceRows) * outputs);
  int64_t count = rows.next(x.data(), features, kChunkPieces * kPieceRows);
  writer.write_header();
  while (count > 0 && !console.is_closed()) {
    predictor.predict(x, count, y);
    for (size_t i = 0; i < static_cast<size_t>(count); ++i)
      writer.write_row(std::span(y).subspan(i * outputs, outputs));
    count = rows.next(x.data(), features, kChunkPieces * kPieceRows);
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
      .flag("--skip-bad-rows", &Options::skip_bad_rows, "leave out rows that can't be read")
      .flag("--json", &Options::json, "one JSON object a row instead of CSV")
      .example("  redbud predict runs/adult new.csv > predictions.csv\n")
      .build();
}

}  // namespace redbud::cli
