#include "redbud/data/encode.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <utility>

#include "redbud/core/error.h"
#include "redbud/data/scale_columns.h"
#include "redbud/data/scale_row.h"

namespace redbud {
namespace {

/// At most `limit` from 0, if it isn't 0: one cell that lies 40 deviations away would speak louder than its column.
float standardised(double value, const ColumnEncoding& column, double limit) {
  const double z = ((std::isnan(value) ? column.mean : value) - column.mean) * column.scale;
  return static_cast<float>(limit > 0.0 ? std::clamp(z, -limit, limit) : z);
}

std::span<const double> numbers_of(const Dataset& data, const ColumnEncoding& column) {
  return data.table()->columns[static_cast<size_t>(column.column)].numbers;
}

/// Some columns of numbers that lie side by side as features.
void encode_numbers(const Dataset& data, std::span<const ColumnEncoding> columns, double limit,
                    std::span<const int64_t> rows, float* x, int64_t stride) {
  std::array<ScaledColumn, kScaledTogether> scaled;
  for (size_t k = 0; k < kScaledTogether; ++k) {
    scaled[k] = {numbers_of(data, columns[k]).data(), columns[k].mean, columns[k].scale};
  }
  scale_columns(scaled, limit, rows, x, stride);
}

void encode_number(const Dataset& data, const ColumnEncoding& column, double limit, std::span<const int64_t> rows,
                   float* x, int64_t stride) {
  const double* const numbers = numbers_of(data, column).data();
  for (const int64_t row : rows) {
    *x = standardised(numbers[row], column, limit);
    x += stride;
  }
}

/// One feature, 0 or 1; for a category one a level, of which one is 1 (none where training never met the level).
void encode_levels(const Dataset& data, const ColumnEncoding& column, bool boolean, int64_t begin, int64_t end,
                   float* x, int64_t stride) {
  const auto& codes = data.table()->columns[static_cast<size_t>(column.column)].codes;
  const auto rows = data.selection();
  const size_t width = boolean ? 1 : column.seen.size();
  for (int64_t i = begin; i < end; ++i) {
    float* const out = x + (i - begin) * stride;
    int32_t code = codes[static_cast<size_t>(rows[static_cast<size_t>(i)])];
    if (code == -1) code = column.mode;
    if (boolean) {
      *out = code == 1 ? 1.0F : 0.0F;
      continue;
    }
    std::memset(out, 0, width * sizeof(float));
    if (code >= 0 && column.seen[static_cast<size_t>(code)] != 0) out[code] = 1.0F;
  }
}

void encode_rows(const Dataset& data, const Recipe& recipe, int64_t begin, int64_t end, float* x, int64_t stride) {
  const auto type_of = [&](const ColumnEncoding& column) -> const Column& {
    return recipe.schema.columns[static_cast<size_t>(column.column)];
  };
  const auto is_number = [&](const ColumnEncoding& column) { return type_of(column).type == ColumnType::Number; };
  const auto rows = data.selection().subspan(static_cast<size_t>(begin), static_cast<size_t>(end - begin));
  std::span<const ColumnEncoding> left(recipe.inputs);
  while (!left.empty()) {
    size_t taken = 1;
    if (left.size() >= kScaledTogether && std::all_of(left.begin(), left.begin() + kScaledTogether, is_number)) {
      encode_numbers(data, left, recipe.number_limit, rows, x, stride);
      taken = kScaledTogether;
    } else if (is_number(left[0])) {
      encode_number(data, left[0], recipe.number_limit, rows, x, stride);
    } else {
      encode_levels(data, left[0], type_of(left[0]).type == ColumnType::Boolean, begin, end, x, stride);
    }
    for (const ColumnEncoding& column : left.first(taken)) x += type_of(column).features();
    left = left.subspan(taken);
  }
}

/// Columns lie one after the other, features side by side: few rows at a time, so that what is written stays near.
void encode_table(const Dataset& data, const Recipe& recipe, int64_t begin, int64_t end, float* x, int64_t stride) {
  constexpr int64_t kNearFloats = 64 * 1024;
  const int64_t rows = std::max<int64_t>(16, kNearFloats / std::max<int64_t>(1, stride));
  for (int64_t at = begin; at < end; at += rows) {
    encode_rows(data, recipe, at, std::min(end, at + rows), x + (at - begin) * stride, stride);
  }
}

/// How the rows of arrays become features: one pair of mean and scale for all, or one a feature.
class ArrayScaler {
 public:
  explicit ArrayScaler(const Recipe& recipe)
      : of_all_{static_cast<float>(recipe.pixel_mean), static_cast<float>(recipe.pixel_scale)} {
    for (const ColumnEncoding& column : recipe.inputs) {
      means_.push_back(static_cast<float>(column.mean));
      scales_.push_back(static_cast<float>(column.scale));
    }
  }

  void row(const Tensor& inputs, int64_t row, int64_t width, float* x) const {
    if (inputs.type() == DType::U8) {
      scale(inputs.values<uint8_t>().data() + row * width, width, x);
    } else {
      scale(inputs.values<float>().data() + row * width, width, x);
    }
  }

 private:
  template <class T>
  void scale(const T* from, int64_t width, float* x) const {
    if (means_.empty()) {
      scale_row(from, width, of_all_, x);
    } else {
      scale_row(from, width, ScaleOfEach{means_.data(), scales_.data()}, x);
    }
  }

  ScaleOfAll of_all_;
  std::vector<float> means_;
  std::vector<float> scales_;
};

/// The targets of all rows, as a network is trained on them.
struct EncodedTargets {
  std::vector<int32_t> classes;
  std::vector<float> numbers;
  int64_t width = 0;

  EncodedTargets(const Dataset& data, const Recipe& recipe) {
    if (!data.has_targets()) return;
    const Schema& schema = recipe.schema;
    const auto rows = data.selection();
    width = schema.task == Task::Classification ? 1 : schema.outputs();
    if (schema.task == Task::Classification) {
      const auto& codes = data.arrays() != nullptr
                              ? data.arrays()->classes
                              : data.table()->columns[static_cast<size_t>(schema.targets[0])].codes;
      for (int64_t row : rows) classes.push_back(codes[static_cast<size_t>(row)]);
      return;
    }
    numbers.resize(rows.size() * static_cast<size_t>(width));
    for (size_t t = 0; t < static_cast<size_t>(width); ++t) {
      float* to = numbers.data() + t;
      const auto put = [&](double value) {
        *to = static_cast<float>((value - recipe.target_mean[t]) / recipe.target_scale[t]);
        to += width;
      };
      if (data.arrays() != nullptr) {
        const float* const from = data.arrays()->numbers.values<float>().data() + t;
        for (const int64_t row : rows) put(from[row * width]);
      } else {
        const double* const from = data.table()->columns[static_cast<size_t>(schema.targets[t])].numbers.data();
        for (const int64_t row : rows) put(from[row]);
      }
    }
  }

  void gather(std::span<const int64_t> rows, const BatchView& batch) const {
    if (width == 0 || batch.targets.empty()) return;
    const BlockView& block = batch.targets[0];
    for (size_t i = 0; i < rows.size(); ++i) {
      const auto from = static_cast<size_t>(rows[i] * width);
      const int64_t to = static_cast<int64_t>(i) * block.stride;
      if (!classes.empty()) {
        static_cast<int32_t*>(block.data)[to] = classes[from];
      } else {
        std::memcpy(static_cast<float*>(block.data) + to, numbers.data() + from,
                    static_cast<size_t>(width) * sizeof(float));
      }
    }
  }
};

/// The weight of each row; empty where there is none.
std::vector<float> weights_of(const Dataset& data) {
  std::vector<float> weights;
  const int column = data.schema().weight;
  if (data.table() == nullptr || column < 0) return weights;
  const NumberVector& numbers = data.table()->columns[static_cast<size_t>(column)].numbers;
  if (numbers.empty()) return weights;
  for (const int64_t row : data.selection()) weights.push_back(static_cast<float>(numbers[static_cast<size_t>(row)]));
  return weights;
}

class EncodedSource : public SampleSource {
 public:
  EncodedSource(const Dataset& data, const Recipe& recipe)
      : rows_(data.rows()), targets_(data, recipe), weights_(weights_of(data)) {
    type_.weighted = !weights_.empty();
    const bool classes = recipe.schema.task == Task::Classification;
    type_.inputs = {{.name = "x", .type = DType::F32, .shape = recipe.schema.sample_shape}};
    if (data.has_targets()) {
      type_.targets = {{.name = "y", .type = classes ? DType::I32 : DType::F32, .shape = Shape{targets_.width}}};
    }
  }

  const BatchType& type() const override { return type_; }
  int64_t rows() const override { return rows_; }
  void gather(std::span<const int64_t> rows, const BatchView& batch) const override {
    const BlockView& x = batch.inputs[0];
    constexpr size_t kAhead = 4;  // rows lie in no order: the next ones are under way while one is copied
    for (size_t i = 0; i < std::min(kAhead, rows.size()); ++i) prefetch_row(rows[i]);
    for (size_t i = 0; i < rows.size(); ++i) {
      RB_ASSERT(rows[i] >= 0 && rows[i] < rows_);
      if (i + kAhead < rows.size()) prefetch_row(rows[i + kAhead]);
      gather_row(rows[i], static_cast<float*>(x.data) + static_cast<int64_t>(i) * x.stride);
    }
    targets_.gather(rows, batch);
    if (batch.weights != nullptr) gather_weights(rows, batch.weights);
  }

 private:
  void gather_weights(std::span<const int64_t> rows, float* to) const {
    for (size_t i = 0; i < rows.size(); ++i) to[i] = weights_.empty() ? 1.0F : weights_[static_cast<size_t>(rows[i])];
  }
  virtual void gather_row(int64_t row, float* x) const = 0;
  virtual std::span<const std::byte> bytes_of_row(int64_t row) const = 0;
  void prefetch_row(int64_t row) const {
    constexpr size_t kCacheLine = 64;
    const auto bytes = bytes_of_row(row);
    for (size_t i = 0; i < bytes.size(); i += kCacheLine) __builtin_prefetch(bytes.data() + i);
  }

  BatchType type_;
  int64_t rows_;
  EncodedTargets targets_;
  std::vector<float> weights_;
};

/// A table, encoded once.
class TableSource final : public EncodedSource {
 public:
  TableSource(const Dataset& data, const Recipe& recipe)
      : EncodedSource(data, recipe), width_(recipe.schema.features()), x_(DType::F32, Shape{data.rows(), width_}) {
    encode_table(data, recipe, 0, data.rows(), x_.values<float>().data(), width_);
  }

 private:
  void gather_row(int64_t row, float* x) const override {
    std::memcpy(x, x_.values<float>().data() + row * width_, static_cast<size_t>(width_) * sizeof(float));
  }
  std::span<const std::byte> bytes_of_row(int64_t row) const override {
    return std::as_bytes(x_.values<float>().subspan(static_cast<size_t>(row * width_), static_cast<size_t>(width_)));
  }

  int64_t width_;
  Tensor x_;
};

/// Pictures and arrays, kept as they are and scaled while they are gathered.
class ArraySource final : public EncodedSource {
 public:
  ArraySource(Dataset data, const Recipe& recipe)
      : EncodedSource(data, recipe), width_(recipe.schema.features()), data_(std::move(data)), scaler_(recipe) {}

 private:
  void gather_row(int64_t row, float* x) const override {
    scaler_.row(data_.arrays()->inputs, data_.selection()[static_cast<size_t>(row)], width_, x);
  }
  std::span<const std::byte> bytes_of_row(int64_t row) const override {
    const Tensor& inputs = data_.arrays()->inputs;
    const auto bytes = static_cast<size_t>(width_ * size_of(inputs.type()));
    return inputs.bytes().subspan(static_cast<size_t>(data_.selection()[static_cast<size_t>(row)]) * bytes, bytes);
  }

  int64_t width_;
  Dataset data_;
  ArrayScaler scaler_;
};

}  // namespace

void encode_inputs(const Dataset& data, const Recipe& recipe, int64_t begin, int64_t end, float* x, int64_t stride) {
  if (data.table() != nullptr) {
    encode_table(data, recipe, begin, end, x, stride);
    return;
  }
  const ArrayScaler scaler(recipe);
  const int64_t width = recipe.schema.features();
  for (int64_t i = begin; i < end; ++i) {
    scaler.row(data.arrays()->inputs, data.selection()[static_cast<size_t>(i)], width, x + (i - begin) * stride);
  }
}

std::unique_ptr<SampleSource> encode(const Dataset& data, const Recipe& recipe) {
  if (data.table() != nullptr) return std::make_unique<TableSource>(data, recipe);
  return std::make_unique<ArraySource>(data, recipe);
}

}  // namespace redbud
