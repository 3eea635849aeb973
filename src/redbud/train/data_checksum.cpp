#include "redbud/train/data_checksum.h"

#include <algorithm>
#include <numeric>

#include "redbud/core/bytes.h"
#include "redbud/core/checksum.h"
#include "redbud/core/tensor.h"
#include "redbud/train/gather.h"

namespace redbud {
namespace {

constexpr int64_t kChunkBytes = 1 << 20;

/// Memory for some rows of every block, dense.
struct ChunkMemory {
  std::vector<AlignedBuffer> blocks;
  AlignedBuffer weights;
  BatchView view;

  ChunkMemory(const BatchType& type, int64_t rows) {
    for (const BlockType& block : type.inputs) view.inputs.push_back(add(block, rows));
    for (const BlockType& block : type.targets) view.targets.push_back(add(block, rows));
    if (!type.weighted) return;
    weights = AlignedBuffer(rows * static_cast<int64_t>(sizeof(float)));
    view.weights = weights.as<float>().data();
  }
  BlockView add(const BlockType& block, int64_t rows) {
    blocks.emplace_back(rows * block.width() * size_of(block.type));
    return {blocks.back().data(), block.width()};
  }
};

int64_t row_bytes(const BatchType& type) {
  int64_t bytes = 1;
  for (const BlockType& block : type.inputs) bytes += block.width() * size_of(block.type);
  for (const BlockType& block : type.targets) bytes += block.width() * size_of(block.type);
  return bytes;
}

void add_rows(Checksum& sum, const SampleSource& source, ThreadPool& pool) {
  const int64_t chunk =
      std::clamp<int64_t>(kChunkBytes / row_bytes(source.type()), 1, std::max<int64_t>(1, source.rows()));
  ChunkMemory memory(source.type(), chunk);
  std::vector<int64_t> rows(static_cast<size_t>(chunk));
  const int64_t count = source.rows();
  sum.update(as_bytes(std::span<const int64_t>(&count, 1)));
  for (int64_t begin = 0; begin < count; begin += chunk) {
    const int64_t n = std::min(chunk, count - begin);
    const std::span<int64_t> some(rows.data(), static_cast<size_t>(n));
    std::iota(some.begin(), some.end(), begin);
    Gather(source.type(), memory.view, n).run(source, some, pool);
    for (const AlignedBuffer& block : memory.blocks) {
      sum.update({block.data(), static_cast<size_t>(block.bytes() / chunk * n)});
    }
    sum.update({memory.weights.data(), static_cast<size_t>(memory.weights.bytes() / chunk * n)});
  }
}

}  // namespace

uint64_t data_checksum(std::initializer_list<const SampleSource*> sources, ThreadPool& pool) {
  Checksum sum;
  for (const SampleSource* source : sources) add_rows(sum, *source, pool);
  return sum.value();
}

}  // namespace redbud
