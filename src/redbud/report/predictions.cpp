#include "redbud/report/predictions.h"

#include <algorithm>
#include <numeric>
#include <vector>

#include "redbud/predict/predictor.h"

namespace redbud {
namespace {

constexpr int64_t kPieceRows = 256;  // what one thread predicts at a time
constexpr int64_t kPieces = 8;       // that are held in memory

/// Memory for a chunk of rows and what is predicted of them.
class Chunk {
 public:
  Chunk(const Predictor& predictor, const SampleSource& source)
      : predictor_(predictor),
        source_(source),
        features_(predictor.features()),
        outputs_(predictor.outputs()),
        target_(source.type().targets.at(0)),
        rows_(kPieces * kPieceRows),
        x_(rows_.size() * static_cast<size_t>(features_)),
        y_(rows_.size() * static_cast<size_t>(outputs_)),
        classes_(target_.type == DType::I32 ? rows_.size() : 0),
        numbers_(target_.type == DType::I32 ? 0 : rows_.size() * static_cast<size_t>(target_.width())),
        weights_(source.type().weighted ? rows_.size() : 0) {
    for (int64_t i = 0; i < kPieces; ++i) contexts_.emplace_back(predictor_, kPieceRows);
  }

  PredictedRows predict(int64_t first, ThreadPool& pool) {
    const int64_t count = std::min(static_cast<int64_t>(rows_.size()), source_.rows() - first);
    std::iota(rows_.begin(), rows_.end(), first);
    pool.for_pieces((count + kPieceRows - 1) / kPieceRows, [&](int64_t piece) {
      const int64_t begin = piece * kPieceRows;
      run_piece(begin, std::min(kPieceRows, count - begin), contexts_[static_cast<size_t>(piece)]);
    });
    const auto rows = static_cast<size_t>(count);
    const bool has_classes = target_.type == DType::I32;
    PredictedRows predicted{.first = first, .rows = count};
    predicted.outputs = std::span(y_).first(rows * static_cast<size_t>(outputs_));
    if (has_classes) predicted.classes = std::span(classes_).first(rows);
    if (!has_classes) predicted.numbers = std::span(numbers_).first(rows * static_cast<size_t>(target_.width()));
    return predicted;
  }

 private:
  void run_piece(int64_t begin, int64_t count, Predictor::Context& context) {
    float* const x = x_.data() + begin * features_;
    void* const target = target_.type == DType::I32 ? static_cast<void*>(classes_.data() + begin)
                                                    : static_cast<void*>(numbers_.data() + begin * target_.width());
    const BatchView batch{.inputs = {{x, features_}},
                          .targets = {{target, target_.width()}},
                          .weights = weights_.empty() ? nullptr : weights_.data() + begin};
    source_.gather(std::span(rows_).subspan(static_cast<size_t>(begin), static_cast<size_t>(count)), batch);
    predictor_.predict({x, static_cast<size_t>(count * features_)}, count,
                       {y_.data() + begin * outputs_, static_cast<size_t>(count * outputs_)}, context);
  }

  const Predictor& predictor_;
  const SampleSource& source_;
  int64_t features_, outputs_;
  BlockType target_;
  std::vector<int64_t> rows_;
  std::vector<float> x_, y_;
  std::vector<int32_t> classes_;
  std::vector<float> numbers_, weights_;
  std::vector<Predictor::Context> contexts_;
};

}  // namespace

void for_each_prediction(const Model& model, const SampleSource& source, ThreadPool& pool,
                         const std::function<void(const PredictedRows&)>& f) {
  const Predictor predictor(model);
  Chunk chunk(predictor, source);
  for (int64_t first = 0; first < source.rows();) {
    const PredictedRows predicted = chunk.predict(first, pool);
    f(predicted);
    first += predicted.rows;
  }
}

}  // namespace redbud
