#include "redbud/train/gather.h"

#include <algorithm>

#include "redbud/core/error.h"

namespace redbud {
namespace {

constexpr int64_t kPieceBytes = 64 * 1024;  // less is not worth waking a thread for

int64_t row_bytes(const std::vector<BlockType>& blocks) {
  int64_t bytes = 0;
  for (const BlockType& block : blocks) bytes += block.width() * size_of(block.type);
  return bytes;
}

std::vector<BlockView> rows_from(const std::vector<BlockType>& types, const std::vector<BlockView>& views,
                                 int64_t begin) {
  RB_ASSERT(types.size() == views.size());
  std::vector<BlockView> moved;
  for (size_t i = 0; i < views.size(); ++i) {
    auto* data = static_cast<std::byte*>(views[i].data) + begin * views[i].stride * size_of(types[i].type);
    moved.push_back({data, views[i].stride});
  }
  return moved;
}

}  // namespace

Gather::Gather(const BatchType& type, const BatchView& batch, int64_t rows) {
  const int64_t bytes = std::max<int64_t>(1, row_bytes(type.inputs) + row_bytes(type.targets));
  const int64_t grain = std::max<int64_t>(1, kPieceBytes / bytes);
  for (int64_t begin = 0; begin < rows; begin += grain) {
    Piece piece{
        .begin = static_cast<size_t>(begin), .rows = static_cast<size_t>(std::min(grain, rows - begin)), .view = {}};
    piece.view.inputs = rows_from(type.inputs, batch.inputs, begin);
    piece.view.targets = rows_from(type.targets, batch.targets, begin);
    piece.view.weights = batch.weights == nullptr ? nullptr : batch.weights + begin;
    pieces_.push_back(std::move(piece));
  }
}

void Gather::run(const SampleSource& source, std::span<const int64_t> rows, ThreadPool& pool) const {
  pool.for_pieces(static_cast<int64_t>(pieces_.size()), [&](int64_t i) {
    const Piece& piece = pieces_[static_cast<size_t>(i)];
    source.gather(rows.subspan(piece.begin, piece.rows), piece.view);
  });
}

}  // namespace redbud
