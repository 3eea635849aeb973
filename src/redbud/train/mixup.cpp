#include "redbud/train/mixup.h"

#include <algorithm>

#include "redbud/core/error.h"
#include "redbud/core/random_beta.h"
#include "redbud/data/split.h"

namespace redbud {
namespace {

constexpr uint32_t kShareLane = 1;
constexpr int64_t kPieceFloats = 16 * 1024;  // less is not worth waking a thread for

const float* row_of(const BlockView& block, int64_t row) {
  return static_cast<const float*>(block.data) + row * block.stride;
}

void mix_numbers(const float* one, const float* other, float share, int64_t width, float* to) {
  const float rest = 1.0F - share;
  for (int64_t k = 0; k < width; ++k) to[k] = share * one[k] + rest * other[k];
}

int32_t class_of(const BlockView& block, int64_t row) {
  return static_cast<const int32_t*>(block.data)[row * block.stride];
}

}  // namespace

Mixup::Mixup(const BatchType& type, const BatchView& batch, int64_t rows, int64_t outputs)
    : type_(type), mixed_(batch), outputs_(outputs) {
  RB_ASSERT(type.targets.size() == 1 && batch.inputs.size() == type.inputs.size());
  const auto add = [&](const BlockType& block) {
    memory_.emplace_back(rows * block.width() * size_of(block.type));
    return BlockView{memory_.back().data(), block.width()};
  };
  for (const BlockType& block : type.inputs) plain_.inputs.push_back(add(block));
  plain_.targets.push_back(add(type.targets[0]));
  if (type.weighted) {
    weights_.resize(static_cast<size_t>(rows));
    plain_.weights = weights_.data();
  }
  gather_ = Gather(type, plain_, rows);
}

void Mixup::run(const SampleSource& source, std::span<const int64_t> rows, const MixupDraw& draw, ThreadPool& pool) {
  gather_.run(source, rows, pool);
  const auto count = static_cast<int64_t>(rows.size());
  const Permutation partner(count, draw.seed, draw.step, Stream::Augment);
  const RandomKey key{.seed = draw.seed, .stream = Stream::Augment, .lane = kShareLane, .step = draw.step};
  int64_t width = outputs_;
  for (const BlockType& block : type_.inputs) width += block.width();
  const int64_t grain = std::max<int64_t>(1, kPieceFloats / width);
  pool.for_ranges(count, grain, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      mix({.row = i, .partner = partner(i), .share = static_cast<float>(random_beta(key, i, draw.alpha))});
    }
  });
}

void Mixup::mix(const Pair& pair) const {
  const auto [row, partner, share] = pair;
  for (size_t b = 0; b < plain_.inputs.size(); ++b) {
    float* to = static_cast<float*>(mixed_.inputs[b].data) + row * mixed_.inputs[b].stride;
    mix_numbers(row_of(plain_.inputs[b], row), row_of(plain_.inputs[b], partner), share, type_.inputs[b].width(), to);
  }
  const BlockView& target = plain_.targets[0];
  float* to = static_cast<float*>(mixed_.targets[0].data) + row * mixed_.targets[0].stride;
  if (type_.targets[0].type == DType::I32) {
    std::fill_n(to, outputs_, 0.0F);
    to[class_of(target, row)] += share;
    to[class_of(target, partner)] += 1.0F - share;
  } else {
    mix_numbers(row_of(target, row), row_of(target, partner), share, outputs_, to);
  }
  if (mixed_.weights == nullptr) return;
  mix_numbers(weights_.data() + row, weights_.data() + partner, share, 1, mixed_.weights + row);
}

}  // namespace redbud
