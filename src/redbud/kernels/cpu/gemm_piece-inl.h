// How C is cut into pieces, and how a piece is computed. A piece is some rows of C by some panels of its columns. For
// each block of k and each panel, the tiles of the piece's rows pass over the panel of B; C gathers the blocks of k in
// order. Included once for every instruction set, so the guard toggles.
#if defined(REDBUD_KERNELS_CPU_GEMM_PIECE_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef REDBUD_KERNELS_CPU_GEMM_PIECE_INL_H_
#undef REDBUD_KERNELS_CPU_GEMM_PIECE_INL_H_
#else
#define REDBUD_KERNELS_CPU_GEMM_PIECE_INL_H_
#endif

#include <algorithm>

#include "redbud/kernels/cpu/gemm_dot-inl.h"
#include "redbud/kernels/cpu/gemm_finish-inl.h"
#include "redbud/kernels/cpu/gemm_pack-inl.h"
#include "redbud/kernels/cpu/gemm_tail-inl.h"
#include "redbud/kernels/cpu/gemm_tile-inl.h"

HWY_BEFORE_NAMESPACE();
namespace redbud::kernels::cpu::HWY_NAMESPACE {
namespace {

// Of a packed panel: two thirds of L1, which is 48 KB on the processors with AVX3 and 32 KB on those with AVX2.
constexpr int64_t kPackedFloats = HWY_TARGET == HWY_AVX3 ? 8192 : 5120;
// How deep a tile may go that reads B's matrix itself, from L2: the deeper, the fewer times C is loaded and stored.
constexpr int64_t kMatrixDepth = 400;
// A piece of C that stays in L2 while the blocks of k pass.
constexpr int64_t kPieceRows = 256;
constexpr int64_t kPieceFloats = 96 * 1024;
constexpr int64_t kPieceWork = 512 * 1024;  // multiply-adds: 4 us at 256 GFLOP/s, to pay for a thread

alignas(64) thread_local float packed_panel[kPackedFloats];
alignas(64) constexpr float kZeros[20 * kLanes] = {};

int64_t ceil_div(int64_t a, int64_t b) { return (a + b - 1) / b; }

// Where part i of n begins when `size` is cut as evenly as can be.
int64_t cut(int64_t size, int64_t n, int64_t i) { return size / n * i + std::min(i, size % n); }

Range part(int64_t size, int64_t n, int64_t i) { return {cut(size, n, i), cut(size, n, i + 1)}; }

// Into how many pieces work should be cut: enough that two threads share it evenly, and that many threads have some
// where there is much.
int64_t wanted_pieces(const Gemm& g) {
  const int64_t work = g.rows * g.cols * g.depth;
  return std::max(std::clamp<int64_t>(work / kPieceWork, 1, 8), std::min<int64_t>(work / (32 * kPieceWork), 64));
}

// The columns that are left to the kernels of gemm_tail-inl.h.
int64_t tail_columns(const Gemm& g) {
  const int64_t tail = g.cols % kLanes;
  if (tail > kMaxTail) return 0;
  const bool fits = g.b.layout == Layout::Columns
                        ? g.bias == nullptr && !g.accumulate
                        : g.a.layout == Layout::Columns || g.depth * kMaxTail <= kPackedFloats - kLanes;
  return fits ? tail : 0;
}

// How C is cut, which depends on the shape alone.
struct Grid {
  int64_t tail = 0;
  int64_t vectors = 0;  // across C without its tail
  int64_t panels = 0;
  int64_t groups = 0;  // of panels
  int64_t chunks = 0;  // of rows

  explicit Grid(const Gemm& g)
      : tail(tail_columns(g)),
        vectors(ceil_div(g.cols - tail, kLanes)),
        panels(ceil_div(vectors, g.b.layout == Layout::Columns ? 2 : kMaxVectors)) {
    const int64_t most_groups = std::max<int64_t>(1, panels);
    chunks = ceil_div(g.rows, kPieceRows);
    groups = std::min(most_groups, ceil_div(ceil_div(g.rows, chunks) * g.cols, kPieceFloats));
    const bool transposes = g.b.layout == Layout::Columns;  // again for each chunk
    for (const int64_t wanted = wanted_pieces(g); pieces() < wanted;) {
      const bool halves_rows = groups < most_groups ? !transposes && g.rows >= 2 * chunks * 128
                                                    : g.rows >= 2 * chunks * (transposes ? 128 : 24);
      if (!halves_rows && groups == most_groups) break;
      (halves_rows ? chunks : groups) *= 2;
      groups = std::min(groups, most_groups);
    }
  }
  int64_t pieces() const { return groups * chunks; }
};

// A part of the rows of C, and the k that are summed now.
struct Block {
  Range rows, k;
  bool first = false;
  bool last = false;
};

struct Panel {
  int64_t col = 0;
  int64_t vectors = 0;
  int64_t cols = 0;

  Panel(const Gemm& g, const Grid& grid, int64_t index) {
    const Range range = part(grid.vectors, grid.panels, index);
    vectors = range.size();
    col = range.begin * kLanes;
    cols = std::min(range.end * kLanes, g.cols) - col;
  }
};

// Whether to copy the panels of a B that lies in rows. That costs a store a vector, and a store as much as two
// multiply-adds. It pays where many tiles read the panel, or where its rows lie so that they push each other out of L1
// and L2.
bool should_pack(const Gemm& g, const Grid& grid) {
  const int64_t rows = ceil_div(g.rows, grid.chunks);
  const bool crowds_few_sets = g.b.stride % 1024 == 0 && g.depth > 64;  // at least 48 rows: more than one tile
  return rows >= 192 || (rows >= 48 && crowds_few_sets);
}

// What A, C and the start of C are for a tile.
template <Layout kALayout>
Tile tile_at(const Gemm& g, const Block& block, int64_t row, int64_t col) {
  Tile tile;
  tile.a_stride = g.a.stride;
  tile.a = kALayout == Layout::Rows ? g.a.data + row * g.a.stride + block.k.begin
                                    : g.a.data + block.k.begin * g.a.stride + row;
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
void run_panel(const Gemm& g, const Block& block, const Panel& panel, const BPart& next, bool packs) {
  const BPart b = part_of_b(g, panel, block.k);
  const auto vectors = static_cast<size_t>(panel.vectors);
  // A tile's stores would still be on their way to L1 when its turn to be finished came at once: one tile later.
  const Range cols{panel.col, panel.col + panel.cols};
  Range unfinished;
  const auto run = [&](TileFunction function, const float* from, Range rows) {
    Tile tile = tile_at<kALayout>(g, block, block.rows.begin + rows.begin, panel.col);
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
  Tile tile = tile_at<kALayout>(g, {.rows = rows, .k = {0, g.depth}, .first = true, .last = true}, rows.begin, col);
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
    unroll<kSumVectors>([&](auto n) HWY_ATTR {
      const int64_t rest = std::max<int64_t>(0, cols.end - col - n * kLanes);
      at[n] = rest > 0 ? col + n * kLanes : col;
      mask[n] = hn::FirstN(d, static_cast<size_t>(rest));
      sum[n] = g.accumulate ? hn::MaskedLoad(mask[n], d, g.b_sums + at[n]) : hn::Zero(d);
    });
    for (int64_t k = 0; k < g.depth; ++k) {
      const float* b = g.b.data + k * g.b.stride;
      unroll<kSumVectors>([&](auto n) HWY_ATTR { sum[n] = hn::Add(sum[n], hn::MaskedLoad(mask[n], d, b + at[n])); });
    }
    unroll<kSumVectors>([&](auto n) HWY_ATTR { hn::BlendedStore(sum[n], mask[n], d, g.b_sums + at[n]); });
  }
}

template <Layout kALayout>
void run_panels(const Gemm& g, const Grid& grid, Range rows, Range panels) {
  const bool packs = g.b.layout == Layout::Columns || should_pack(g, grid);
  const int64_t widest = ceil_div(grid.vectors, grid.panels) * kLanes;
  const int64_t max_depth = packs ? kPackedFloats / widest / kLanes * kLanes : kMatrixDepth;
  const int64_t blocks = std::max<int64_t>(1, ceil_div(g.depth, max_depth));
  const int64_t depth = ceil_div(ceil_div(g.depth, blocks), kLanes) * kLanes;
  const auto k_of = [&](int64_t i) { return Range{std::min(g.depth, i * depth), std::min(g.depth, (i + 1) * depth)}; };
  const bool foresees = packs && g.depth * g.cols > 512 * 1024;  // B (2 MB) does not stay in L2
  for (int64_t i = 0; i < blocks; ++i) {
    const Block block{.rows = rows,
                      .k = {std::min(g.depth, i * depth), std::min(g.depth, (i + 1) * depth)},
                      .first = i == 0,
                      .last = i + 1 == blocks};
    for (int64_t p = panels.begin; p < panels.end; ++p) {
      const bool has_next = foresees && (p + 1 < panels.end || i + 1 < blocks);
      const BPart next = !has_next            ? BPart{}
                         : p + 1 < panels.end ? part_of_b(g, Panel(g, grid, p + 1), block.k)
                                              : part_of_b(g, Panel(g, grid, panels.begin), k_of(i + 1));
      run_panel<kALayout>(g, block, Panel(g, grid, p), next, packs);
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
