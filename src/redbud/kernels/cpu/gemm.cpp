// C = A * B for the shapes of linear layers, in pieces that can run on any thread.
//
// A piece is some rows of C by some panels of its columns. For each block of k and each panel, the panel of B (at most
// 32 KB) is packed into L1 and the tiles of the piece's rows pass over it; C gathers the blocks of k in order.
#include "redbud/kernels/cpu/gemm.h"

#include "redbud/kernels/cpu/activation_rows.h"
#include "redbud/kernels/cpu/targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "redbud/kernels/cpu/gemm.cpp"
#include "hwy/foreach_target.h"
#include "redbud/kernels/cpu/gemm_dot-inl.h"
#include "redbud/kernels/cpu/gemm_pack-inl.h"
#include "redbud/kernels/cpu/gemm_thin-inl.h"
#include "redbud/kernels/cpu/gemm_tile-inl.h"

HWY_BEFORE_NAMESPACE();
namespace redbud::kernels::cpu::HWY_NAMESPACE {
namespace {

// Of a packed panel: two thirds of L1, which is 48 KB on the processors with AVX3 and 32 KB on those with AVX2.
constexpr int64_t kPackedFloats = HWY_TARGET == HWY_AVX3 ? 8192 : 5120;
// How deep a tile may go that reads B's matrix itself, from L2: the deeper, the fewer times C is loaded and stored.
constexpr int64_t kMatrixDepth = 400;
constexpr int64_t kDotMaxRows = 24;
constexpr int64_t kPieceWork = 512 * 1024;  // multiply-adds: 4 us at 256 GFLOP/s, to pay for a thread
constexpr int64_t kThinWork = 512 * 1024;   // elements of B (2 MB) from where on one or few rows pay for threads
// A piece of C that stays in L2 while the blocks of k pass.
constexpr int64_t kPieceRows = 256;
constexpr int64_t kPieceFloats = 96 * 1024;

int64_t ceil_div(int64_t a, int64_t b) { return (a + b - 1) / b; }

// Where part i of n begins when `size` is cut as evenly as can be.
int64_t cut(int64_t size, int64_t n, int64_t i) { return size / n * i + std::min(i, size % n); }

// Into how many pieces work should be cut: enough that two threads share it evenly, and that many threads have some
// where there is much.
int64_t wanted_pieces(const Gemm& g) {
  const int64_t work = g.rows * g.cols * g.depth;
  return std::max(std::clamp<int64_t>(work / kPieceWork, 1, 8), std::min<int64_t>(work / (32 * kPieceWork), 64));
}

// How C is cut, which depends on the shape alone.
struct Grid {
  int64_t vectors = 0;  // across C
  int64_t panels = 0;
  int64_t groups = 0;  // of panels
  int64_t chunks = 0;  // of rows

  explicit Grid(const Gemm& g) {
    vectors = ceil_div(g.cols, kLanes);
    panels = ceil_div(vectors, kMaxVectors);
    chunks = ceil_div(g.rows, kPieceRows);
    groups = std::min(panels, ceil_div(ceil_div(g.rows, chunks) * g.cols, kPieceFloats));
    const bool transposes = g.b.layout == Layout::Columns;  // again for each chunk
    for (const int64_t wanted = wanted_pieces(g); pieces() < wanted;) {
      const bool halves_rows =
          groups < panels ? !transposes && g.rows >= 2 * chunks * 128 : g.rows >= 2 * chunks * (transposes ? 128 : 24);
      if (!halves_rows && groups == panels) break;
      (halves_rows ? chunks : groups) *= 2;
      groups = std::min(groups, panels);
    }
  }
  int64_t pieces() const { return groups * chunks; }
};

// Part of the rows of C, and the k that are summed now.
struct Block {
  int64_t row_begin = 0, row_end = 0;
  int64_t k_begin = 0, k_end = 0;
  bool first = false, last = false;
};

struct Panel {
  int64_t col = 0;
  int64_t vectors = 0;
  int64_t cols = 0;

  Panel(const Gemm& g, const Grid& grid, int64_t index) {
    const int64_t begin = cut(grid.vectors, grid.panels, index);
    vectors = cut(grid.vectors, grid.panels, index + 1) - begin;
    col = begin * kLanes;
    cols = std::min(vectors * kLanes, g.cols - col);
  }
};

alignas(64) thread_local float packed_panel[kPackedFloats];
alignas(64) constexpr float kZeros[20 * kLanes] = {};

// What comes after the sums, for a part of C that is still in a near cache.
void write_back(const Gemm& g, int64_t row, int64_t rows, int64_t col, int64_t cols) {
  const ActivationRun activate = activation_run();
  const ActivationGradientRun differentiate = activation_gradient_run();
  for (int64_t m = row; m < row + rows; ++m) {
    float* c = g.c + m * g.c_stride + col;
    if (g.outputs != nullptr) {
      differentiate(g.activation, g.outputs + m * g.outputs_stride + col, c, cols);
    } else {
      activate(g.activation, c, cols);
    }
  }
}

// Whether to copy the panels of a B that lies in rows. That costs a store a vector, and a store as much as two
// multiply-adds. It pays where many tiles read the panel, or where its rows lie so that they push each other out of L1
// and L2.
bool should_pack(const Gemm& g, const Grid& grid) {
  const int64_t rows = ceil_div(g.rows, grid.chunks);
  const bool crowds_few_sets = g.b.stride % 1024 == 0 && g.depth > 64;
  return rows >= 192 || (rows >= 48 && crowds_few_sets);
}

template <Layout kALayout>
void run_panel(const Gemm& g, const Block& block, const Panel& panel, bool packs_b) {
  const int64_t depth = block.k_end - block.k_begin;
  const bool transposed = g.b.layout == Layout::Columns;
  const float* b = transposed ? g.b.data + panel.col * g.b.stride + block.k_begin
                              : g.b.data + block.k_begin * g.b.stride + panel.col;
  if (transposed) pack_transposed(b, g.b.stride, depth, panel.cols, panel.vectors, packed_panel);

  Tile tile;
  tile.a_stride = g.a.stride;
  tile.b_stride = g.b.stride;
  tile.packed = packed_panel;
  tile.c_stride = g.c_stride;
  tile.depth = depth;
  tile.last = panel.cols - (panel.vectors - 1) * kLanes;

  const auto vectors = static_cast<size_t>(panel.vectors);
  const int64_t max_rows = kMaxRows[vectors];
  const int64_t rows = block.row_end - block.row_begin;
  const int64_t tiles = ceil_div(rows, max_rows);
  const bool packs = !transposed && packs_b;
  const int64_t first_rows = packs ? max_rows : 0;  // the rest is cut evenly
  const bool finish = block.last && !g.activation.is_identity();
  int64_t row = block.row_begin;
  for (int64_t i = 0; i < tiles; ++i) {
    const bool packing = packs && i == 0;
    const int64_t end = block.row_begin + (packing ? max_rows
                                           : packs ? first_rows + cut(rows - first_rows, tiles - 1, i)
                                                   : cut(rows, tiles, i + 1));
    tile.a = kALayout == Layout::Rows ? g.a.data + row * g.a.stride + block.k_begin
                                      : g.a.data + block.k_begin * g.a.stride + row;
    tile.c = g.c + row * g.c_stride + panel.col;
    const bool from_c = !block.first || g.accumulate;
    tile.start = from_c ? tile.c : g.bias != nullptr ? g.bias + panel.col : kZeros;
    tile.start_stride = from_c ? g.c_stride : 0;
    const bool from_matrix = !transposed && (packing || !packs);
    tile.b = from_matrix ? b : packed_panel;
    const TileTable& table = packing       ? kTiles<kALayout, BSource::MatrixToPacked>
                             : from_matrix ? kTiles<kALayout, BSource::Matrix>
                                           : kTiles<kALayout, BSource::Packed>;
    table[vectors][static_cast<size_t>(end - row)](tile);
    if (finish) write_back(g, row, end - row, panel.col, panel.cols);
    row = end;
  }
}

void add_column_sums(const Gemm& g, int64_t col, int64_t cols) {
  const FloatTag d;
  for (int64_t n = col; n < col + cols; n += kLanes) {
    const auto mask = hn::FirstN(d, static_cast<size_t>(std::min(kLanes, col + cols - n)));
    FloatVec sum = g.accumulate ? hn::MaskedLoad(mask, d, g.b_sums + n) : hn::Zero(d);
    for (int64_t k = 0; k < g.depth; ++k) sum = hn::Add(sum, hn::MaskedLoad(mask, d, g.b.data + k * g.b.stride + n));
    hn::BlendedStore(sum, mask, d, g.b_sums + n);
  }
}

template <Layout kALayout>
void run_piece(const Gemm& g, const Grid& grid, int64_t piece) {
  const int64_t chunk = piece / grid.groups;  // neighbours in time share the rows of A
  const int64_t group = piece % grid.groups;
  const int64_t panel_begin = cut(grid.panels, grid.groups, group);
  const int64_t panel_end = cut(grid.panels, grid.groups, group + 1);
  const int64_t widest = ceil_div(grid.vectors, grid.panels) * kLanes;
  const bool packs = g.b.layout == Layout::Columns || should_pack(g, grid);
  const int64_t max_depth = packs ? kPackedFloats / widest / kLanes * kLanes : kMatrixDepth;
  const int64_t blocks = std::max<int64_t>(1, ceil_div(g.depth, max_depth));
  const int64_t depth = ceil_div(ceil_div(g.depth, blocks), kLanes) * kLanes;
  for (int64_t i = 0; i < blocks; ++i) {
    Block block;
    block.row_begin = cut(g.rows, grid.chunks, chunk);
    block.row_end = cut(g.rows, grid.chunks, chunk + 1);
    block.k_begin = std::min(g.depth, i * depth);
    block.k_end = std::min(g.depth, block.k_begin + depth);
    block.first = i == 0;
    block.last = i + 1 == blocks;
    for (int64_t p = panel_begin; p < panel_end; ++p) run_panel<kALayout>(g, block, Panel(g, grid, p), packs);
  }
  if (g.b_sums != nullptr && chunk == 0) {
    const Panel first(g, grid, panel_begin);
    const Panel last(g, grid, panel_end - 1);
    add_column_sums(g, first.col, last.col + last.cols - first.col);
  }
}

// Whether to take dot products along k instead of transposing B: few rows don't pay for that, and the columns of B that
// a tile reads (of kDotCols) must stay in L1.
bool should_dot(const Gemm& g) {
  return HWY_TARGET != HWY_SCALAR && g.b.layout == Layout::Columns && g.bias == nullptr && !g.accumulate &&
         g.rows <= kDotMaxRows && g.depth >= 3 * kLanes && g.depth <= 768;
}

// A strip of C: all rows of some groups of kDotCols columns.
void run_strip(const Gemm& g, int64_t col_begin, int64_t col_end) {
  DotTile tile;
  tile.a_stride = g.a.stride;
  tile.c_stride = g.c_stride;
  tile.depth = g.depth;
  const int64_t tiles = ceil_div(g.rows, kDotRows);
  for (int64_t col = col_begin; col < col_end; col += kDotCols) {
    tile.cols = std::min(kDotCols, col_end - col);
    for (int64_t n = 0; n < kDotCols; ++n) {
      tile.b[static_cast<size_t>(n)] = g.b.data + (col + std::min(n, tile.cols - 1)) * g.b.stride;
    }
    for (int64_t i = 0; i < tiles; ++i) {
      const int64_t row = cut(g.rows, tiles, i);
      tile.a = g.a.data + row * g.a.stride;
      tile.c = g.c + row * g.c_stride + col;
      kDotTiles[static_cast<size_t>(cut(g.rows, tiles, i + 1) - row)](tile);
    }
  }
  if (!g.activation.is_identity()) write_back(g, 0, g.rows, col_begin, col_end - col_begin);
}

void run_strips(const Gemm& g, ThreadPool& pool) {
  const int64_t groups = ceil_div(g.cols, kDotCols);
  const int64_t strips = std::min(groups, std::max(wanted_pieces(g), ceil_div(groups, 8)));
  pool.for_pieces(strips, [&](int64_t i) {
    run_strip(g, cut(groups, strips, i) * kDotCols, std::min(g.cols, cut(groups, strips, i + 1) * kDotCols));
  });
}

bool is_thin(const Gemm& g) {
  return g.rows <= kThinRows && g.a.layout == Layout::Rows && g.b.layout == Layout::Rows && g.b_sums == nullptr;
}

void run_thin_panels(const Gemm& g, ThreadPool& pool) {
  const auto rows = static_cast<size_t>(g.rows);
  const int64_t vectors = ceil_div(g.cols, kLanes);
  const int64_t panels = ceil_div(vectors, kThinVectors[rows]);
  const auto run_panel = [&](int64_t i) {
    const int64_t begin = cut(vectors, panels, i);
    const int64_t width = cut(vectors, panels, i + 1) - begin;
    const int64_t col = begin * kLanes;
    const int64_t cols = std::min(width * kLanes, g.cols - col);
    Tile tile;
    tile.a = g.a.data;
    tile.a_stride = g.a.stride;
    tile.b = g.b.data + col;
    tile.b_stride = g.b.stride;
    tile.c = g.c + col;
    tile.c_stride = g.c_stride;
    tile.start = g.accumulate ? tile.c : g.bias != nullptr ? g.bias + col : kZeros;
    tile.start_stride = g.accumulate ? g.c_stride : 0;
    tile.depth = g.depth;
    tile.last = cols - (width - 1) * kLanes;
    kThin[rows][static_cast<size_t>(width)](tile);
    if (!g.activation.is_identity()) write_back(g, 0, g.rows, col, cols);
  };
  if (g.depth * g.cols >= kThinWork) {
    pool.for_pieces(panels, run_panel);
  } else {
    for (int64_t i = 0; i < panels; ++i) run_panel(i);
  }
}

void run_pieces(const Gemm& g, ThreadPool& pool) {
  if (is_thin(g)) return run_thin_panels(g, pool);
  if (should_dot(g)) return run_strips(g, pool);
  const Grid grid(g);
  if (g.a.layout == Layout::Rows) {
    pool.for_pieces(grid.pieces(), [&](int64_t piece) { run_piece<Layout::Rows>(g, grid, piece); });
  } else {
    pool.for_pieces(grid.pieces(), [&](int64_t piece) { run_piece<Layout::Columns>(g, grid, piece); });
  }
}

}  // namespace
}  // namespace redbud::kernels::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace redbud::kernels::cpu {

HWY_EXPORT(run_pieces);

void run_gemm(const Gemm& gemm, ThreadPool& pool) {
  RB_ASSERT(gemm.a.layout == Layout::Rows || gemm.b.layout == Layout::Rows);
  RB_ASSERT(gemm.b_sums == nullptr || gemm.b.layout == Layout::Rows);
  if (gemm.rows > 0 && gemm.cols > 0) HWY_DYNAMIC_DISPATCH(run_pieces)(gemm, pool);
}

}  // namespace redbud::kernels::cpu
#endif  // HWY_ONCE
