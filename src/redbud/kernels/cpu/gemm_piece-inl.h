// A piece of C: some rows by some panels of columns. For each block of k and each panel, the tiles of the rows pass
// over the panel of B; C gathers the blocks of k in order. Included once for every instruction set, so the guard
// toggles.
#if defined(REDBUD_KERNELS_CPU_GEMM_PIECE_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef REDBUD_KERNELS_CPU_GEMM_PIECE_INL_H_
#undef REDBUD_KERNELS_CPU_GEMM_PIECE_INL_H_
#else
#define REDBUD_KERNELS_CPU_GEMM_PIECE_INL_H_
#endif

#include <algorithm>

#include "redbud/kernels/cpu/gemm_dot-inl.h"
#include "redbud/kernels/cpu/gemm_finish-inl.h"
#include "redbud/kernels/cpu/gemm_grid-inl.h"
#include "redbud/kernels/cpu/gemm_pack-inl.h"
#include "redbud/kernels/cpu/gemm_tail-inl.h"
#include "redbud/kernels/cpu/gemm_tile-inl.h"

HWY_BEFORE_NAMESPACE();
namespace redbud::kernels::cpu::HWY_NAMESPACE {
namespace {

alignas(64) thread_local float packed_panel[kPackedFloats];
alignas(64) thread_local float copied_columns[kCopiedDepth * kCopiedStride];
alignas(64) constexpr float kZeros[20 * kLanes] = {};

// Where a block finds its part of A: the element [block.rows.begin, block.k.begin] of it.
struct APart {
  const float* data = nullptr;
  int64_t stride = 0;
};

template <Layout kALayout>
APart part_of_a(const Gemm& g, const Block& block) {
  return kALayout == Layout::Rows ? APart{g.a.data + block.rows.begin * g.a.stride + block.k.begin, g.a.stride}
                                  : APart{g.a.data + block.k.begin * g.a.stride + block.rows.begin, g.a.stride};
}

// The same, of an A in columns, copied to where the columns lie close together.
APart copied_part_of_a(const Gemm& g, const Block& block) {
  const APart a = part_of_a<Layout::Columns>(g, block);
  for (int64_t k = 0; k < block.k.size(); ++k) {
    std::copy_n(a.data + k * a.stride, block.rows.size(), copied_columns + k * kCopiedStride);
  }
  return {copied_columns, kCopiedStride};
}

// What A, C and the start of C are for a tile.
template <Layout kALayout>
Tile tile_at(const Gemm& g, const Block& block, const APart& a, int64_t row, int64_t col) {
  Tile tile;
  tile.a_stride = a.stride;
  tile.a = a.data + (row - block.rows.begin) * (kALayout == Layout::Rows ? a.stride : 1);
  tile.c = g.c + row * g.c_stride + col;
  tile.c_stride = g.c_stride;
  const bool from_c = !block.first || g.accumulate;
  tile.start = from_c ? tile.c : g.bias != nullptr ? g.bias + col : kZeros;
  tile.start_stride = from_c ? g.c_stride : 0;
  tile.depth = block.k.size();
  return tile;
}

// What a panel reads of B for a block of k, as it lies in memory.
struct BPart {
  const float* data = nullptr;
  int64_t stride = 0;
  int64_t rows = 0;
  int64_t floats = 0;  // a row
};

BPart part_of_b(const Gemm& g, const Panel& panel, Range k) {
  if (g.b.layout == Layout::Columns) {
    return {g.b.data + panel.col * g.b.stride + k.begin, g.b.stride, panel.cols, k.size()};
  }
  return {g.b.data + k.begin * g.b.stride + panel.col, g.b.stride, k.size(), panel.cols};
}

// Brings rows towards L2 that the next panel reads: short pieces far apart, which the processor doesn't foresee.
void prefetch(const BPart& b, Range rows) {
  for (int64_t i = rows.begin; i < rows.end; ++i) {
    const float* row = b.data + i * b.stride;
    for (int64_t j = 0; j < b.floats; j += 16) __builtin_prefetch(row + j, 0, 2);
  }
}

template <Layout kALayout>
void run_panel(const Gemm& g, const Block& block, const APart& a, const Panel& panel, const BPart& next, bool packs) {
  const BPart b = part_of_b(g, panel, block.k);
  const auto vectors = static_cast<size_t>(panel.vectors);
  // A tile's stores would still be on their way to L1 when its turn to be finished came at once: one tile later.
  const Range cols{panel.col, panel.col + panel.cols};
  Range unfinished;
  const auto run = [&](TileFunction function, const float* from, Range rows) {
    Tile tile = tile_at<kALayout>(g, block, a, block.rows.begin + rows.begin, panel.col);
    tile.b = from;
    tile.b_stride = b.stride;
    tile.packed = packed_panel;
    tile.last = panel.cols - (panel.vectors - 1) * kLanes;
    function(tile);
    if (block.last) finish(g, unfinished, cols);
    unfinished = {block.rows.begin + rows.begin, block.rows.begin + rows.end};
  };

  int64_t done = 0;
  if (g.b.layout == Layout::Columns) {
    if (block.rows.size() < kTransposingRows || block.k.size() == 0) {
      pack_transposed(b.data, b.stride, block.k.size(), panel.cols, panel.vectors, packed_panel);
    } else {
      done = kTransposingRows;
      run(panel.vectors == 1 ? run_transposing_tile<1> : run_transposing_tile<2>, b.data, {0, done});
    }
  } else if (packs) {
    done = kMaxRows[vectors];
    run(kTiles<kALayout, BSource::MatrixToPacked>[vectors][static_cast<size_t>(done)], b.data, {0, done});
  }
  const TileTable& tiles = packs ? kTiles<kALayout, BSource::Packed> : kTiles<kALayout, BSource::Matrix>;
  const int64_t rest = block.rows.size() - done;
  const int64_t count = ceil_div(rest, kMaxRows[vectors]);
  for (int64_t i = 0; i < count; ++i) {
    const Range rows = part(rest, count, i);
    run(tiles[vectors][static_cast<size_t>(rows.size())], packs ? packed_panel : b.data,
        {done + rows.begin, done + rows.end});
    prefetch(next, part(next.rows, count, i));
  }
  if (block.last) finish(g, unfinished, cols);
}

// Some columns of C by dot products, where A lies in rows and B in columns.
void run_dot(const Gemm& g, Range rows, Range cols) {
  DotTile tile;
  tile.a_stride = g.a.stride;
  tile.c_stride = g.c_stride;
  tile.depth = g.depth;
  const int64_t count = ceil_div(rows.size(), kDotRows);
  for (int64_t col = cols.begin; col < cols.end; col += kDotCols) {
    tile.cols = std::min(kDotCols, cols.end - col);
    for (int64_t n = 0; n < kDotCols; ++n) {
      tile.b[static_cast<size_t>(n)] = g.b.data + (col + std::min(n, tile.cols - 1)) * g.b.stride;
    }
    for (int64_t i = 0; i < count; ++i) {
      const Range now = part(rows.size(), count, i);
      tile.a = g.a.data + (rows.begin + now.begin) * g.a.stride;
      tile.c = g.c + (rows.begin + now.begin) * g.c_stride + col;
      kDotTiles[static_cast<size_t>(now.size())](tile);
    }
  }
}

template <Layout kALayout>
void run_tail_columns(const Gemm& g, Range rows, int64_t tail) {
  const int64_t col = g.cols - tail;
  if (g.b.layout == Layout::Columns) return run_dot(g, rows, {col, g.cols});
#if HWY_TARGET != HWY_SCALAR
  const Block block{.rows = rows, .k = {0, g.depth}, .first = true, .last = true};
  Tile tile = tile_at<kALayout>(g, block, part_of_a<kALayout>(g, block), rows.begin, col);
  tile.b = g.b.data + col;
  tile.b_stride = g.b.stride;
  tile.last = tail;
  if (tail <= 4) {
    run_tail<4>(tile, kALayout, rows.size(), g.accumulate, packed_panel);
  } else {
    run_tail<kMaxTail>(tile, kALayout, rows.size(), g.accumulate, packed_panel);
  }
#endif
}

// The sums of at most kSumVectors vectors of B's columns; several at a time hide the latency of the additions.
constexpr int64_t kSumVectors = 4;

void add_column_sums(const Gemm& g, Range cols) {
  const FloatTag d;
  for (int64_t col = cols.begin; col < cols.end; col += kSumVectors * kLanes) {
    FloatVec sum[kSumVectors];
    int64_t at[kSumVectors];
    hn::Mask<FloatTag> mask[kSumVectors];
#pragma GCC unroll 4
    for (int64_t n = 0; n < kSumVectors; ++n) {
      const int64_t rest = std::max<int64_t>(0, cols.end - col - n * kLanes);
      at[n] = rest > 0 ? col + n * kLanes : col;
      mask[n] = hn::FirstN(d, static_cast<size_t>(rest));
      sum[n] = g.accumulate ? hn::MaskedLoad(mask[n], d, g.b_sums + at[n]) : hn::Zero(d);
    }
    for (int64_t k = 0; k < g.depth; ++k) {
      const float* b = g.b.data + k * g.b.stride;
#pragma GCC unroll 4
      for (int64_t n = 0; n < kSumVectors; ++n) sum[n] = hn::Add(sum[n], hn::MaskedLoad(mask[n], d, b + at[n]));
    }
#pragma GCC unroll 4
    for (int64_t n = 0; n < kSumVectors; ++n) hn::BlendedStore(sum[n], mask[n], d, g.b_sums + at[n]);
  }
}

template <Layout kALayout>
void run_panels(const Gemm& g, const Grid& grid, Range rows, Range panels) {
  const bool packs = g.b.layout == Layout::Columns || should_pack(g, grid);
  const Blocks blocks(g, grid, packs);
  const bool copies = packs && panels.size() > 1 && should_copy_a(g, rows.size(), blocks);
  const bool foresees = packs && g.depth * g.cols > 512 * 1024;  // B (2 MB) does not stay in L2
  for (int64_t i = 0; i < blocks.count; ++i) {
    const Block block{.rows = rows, .k = blocks.k(i), .first = i == 0, .last = i + 1 == blocks.count};
    const APart a = copies ? copied_part_of_a(g, block) : part_of_a<kALayout>(g, block);
    for (int64_t p = panels.begin; p < panels.end; ++p) {
      const bool has_next = foresees && (p + 1 < panels.end || !block.last);
      const BPart next = !has_next            ? BPart{}
                         : p + 1 < panels.end ? part_of_b(g, Panel(g, grid, p + 1), block.k)
                                              : part_of_b(g, Panel(g, grid, panels.begin), blocks.k(i + 1));
      run_panel<kALayout>(g, block, a, Panel(g, grid, p), next, packs);
    }
  }
}

template <Layout kALayout>
void run_piece(const Gemm& g, const Grid& grid, int64_t piece) {
  const int64_t chunk = piece / grid.groups;  // neighbours in time share the rows of A
  const int64_t group = piece % grid.groups;
  const Range rows = part(g.rows, grid.chunks, chunk);
  const Range panels = part(grid.panels, grid.groups, group);
  const bool has_tail = grid.tail > 0 && group + 1 == grid.groups;
  if (panels.size() > 0) run_panels<kALayout>(g, grid, rows, panels);
  if (has_tail) {
    run_tail_columns<kALayout>(g, rows, grid.tail);
    finish(g, rows, {g.cols - grid.tail, g.cols});
  }
  if (g.b_sums != nullptr && chunk == 0) {
    const int64_t begin = panels.size() > 0 ? Panel(g, grid, panels.begin).col : 0;
    add_column_sums(g, {begin, group + 1 == grid.groups ? g.cols : Panel(g, grid, panels.end).col});
  }
}

}  // namespace
}  // namespace redbud::kernels::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // toggled guard
