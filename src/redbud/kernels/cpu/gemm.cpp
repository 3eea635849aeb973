// C = A * B for the shapes of linear layers, in pieces that can run on any thread.
#include "redbud/kernels/cpu/gemm.h"

#include "redbud/kernels/cpu/targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "redbud/kernels/cpu/gemm.cpp"
#include "hwy/foreach_target.h"
#include "redbud/kernels/cpu/gemm_piece-inl.h"
#include "redbud/kernels/cpu/gemm_thin-inl.h"

HWY_BEFORE_NAMESPACE();
namespace redbud::kernels::cpu::HWY_NAMESPACE {
namespace {

// One to four rows: bound by reading B.
constexpr int64_t kThinWork = 512 * 1024;  // elements of B (2 MB) from where on that pays for threads

bool is_thin(const Gemm& g) {
  return g.rows <= kThinRows && g.a.layout == Layout::Rows && g.b.layout == Layout::Rows && g.b_sums == nullptr;
}

void run_thin_panel(const Gemm& g, Range vectors) {
  const int64_t col = vectors.begin * kLanes;
  const int64_t cols = std::min(vectors.size() * kLanes, g.cols - col);
  const Block block{.rows = {0, g.rows}, .k = {0, g.depth}, .first = true, .last = true};
  Tile tile = tile_at<Layout::Rows>(g, block, part_of_a<Layout::Rows>(g, block), 0, col);
  tile.b = g.b.data + col;
  tile.b_stride = g.b.stride;
  tile.last = cols - (vectors.size() - 1) * kLanes;
  kThin[static_cast<size_t>(g.rows)][static_cast<size_t>(vectors.size())](tile);
  finish(g, {0, g.rows}, {col, col + cols});
}

void run_thin_panels(const Gemm& g, ThreadPool& pool) {
  const int64_t vectors = ceil_div(g.cols, kLanes);
  const int64_t panels = ceil_div(vectors, kThinVectors[static_cast<size_t>(g.rows)]);
  if (g.depth * g.cols >= kThinWork) {
    pool.for_pieces(panels, [&](int64_t i) { run_thin_panel(g, part(vectors, panels, i)); });
  } else {
    for (int64_t i = 0; i < panels; ++i) run_thin_panel(g, part(vectors, panels, i));
  }
}

// Few rows don't pay for transposing B: dot products instead. The columns of B that a tile reads (kDotCols) must stay
// in L1.
constexpr int64_t kDotMaxRows = 12;
constexpr int64_t kDotMaxDepth = 768;

bool is_dot(const Gemm& g) {
  return HWY_TARGET != HWY_SCALAR && g.a.layout == Layout::Rows && g.b.layout == Layout::Columns && g.bias == nullptr &&
         !g.accumulate && g.rows <= kDotMaxRows && g.depth >= 3 * kLanes && g.depth <= kDotMaxDepth;
}

void run_strips(const Gemm& g, ThreadPool& pool) {
  const int64_t groups = ceil_div(g.cols, kDotCols);
  const int64_t strips = std::min(groups, std::max(wanted_pieces(g), ceil_div(groups, 8)));
  pool.for_pieces(strips, [&](int64_t i) {
    const Range mine = part(groups, strips, i);
    const Range cols{mine.begin * kDotCols, std::min(g.cols, mine.end * kDotCols)};
    run_dot(g, {0, g.rows}, cols);
    finish(g, {0, g.rows}, cols);
  });
}

// to[i] += from[i]
void add_range(float* to, const float* from, Range range) {
  const FloatTag d;
  int64_t i = range.begin;
  for (; i + kLanes <= range.end; i += kLanes) {
    hn::StoreU(hn::Add(hn::LoadU(d, to + i), hn::LoadU(d, from + i)), d, to + i);
  }
  for (; i < range.end; ++i) to[i] += from[i];
}

// Piece i of n of the sums over both halves of k: some rows of C over one of them.
void sum_half(const Gemm& g, int64_t n, int64_t i) {
  const int64_t of_half = n / 2;
  const Range rows = part(g.rows, of_half, i % of_half);
  if (rows.size() == 0) return;
  const Range k = i < of_half ? Range{0, g.depth / 2} : Range{g.depth / 2, g.depth};
  Gemm some = g;
  some.rows = rows.size();
  some.depth = k.size();
  some.a.data += k.begin * g.a.stride + rows.begin;
  some.b.data += k.begin * g.b.stride;
  if (i < of_half) {
    some.c += rows.begin * g.c_stride;
  } else {
    some.c = g.second_half + rows.begin * g.cols;
    some.accumulate = false;
    if (g.b_sums != nullptr) some.b_sums = g.second_half + g.rows * g.cols;
  }
  if (rows.begin > 0) some.b_sums = nullptr;
  const Grid grid(some);
  for (int64_t piece = 0; piece < grid.pieces(); ++piece) run_piece<Layout::Columns>(some, grid, piece);
}

// Piece i of n of adding the sums over the second half to those over the first.
void add_half(const Gemm& g, int64_t n, int64_t i) {
  const int64_t size = g.rows * g.cols;
  add_range(g.c, g.second_half, part(size, n, i));
  if (i == 0 && g.b_sums != nullptr) add_range(g.b_sums, g.second_half + size, {0, g.cols});
}

void run(const Gemm& g, ThreadPool& pool) {
  if (is_thin(g)) return run_thin_panels(g, pool);
  if (is_dot(g)) return run_strips(g, pool);
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
#include "redbud/kernels/cpu/run_parts.h"

namespace redbud::kernels::cpu {

constexpr int64_t kHalvesPieceWork = 1024 * 1024;  // multiply-adds

HWY_EXPORT(run);
HWY_EXPORT(sum_half);
HWY_EXPORT(add_half);

void run_gemm(const Gemm& gemm, ThreadPool& pool) {
  RB_ASSERT(gemm.a.layout == Layout::Rows || gemm.b.layout == Layout::Rows);
  RB_ASSERT(gemm.b_sums == nullptr || gemm.b.layout == Layout::Rows);
  RB_ASSERT(gemm.second_half == nullptr);
  if (gemm.rows > 0 && gemm.cols > 0) HWY_DYNAMIC_DISPATCH(run)(gemm, pool);
}

void run_gemm_by_halves(const Gemm& gemm, const KernelPart& part, int64_t pieces, ThreadPool& pool) {
  RB_ASSERT(gemm.second_half != nullptr && gemm.a.layout == Layout::Columns && gemm.c_stride == gemm.cols);
  RB_ASSERT(pieces % 2 == 0 && gemm.depth >= 2);
  const auto sum = HWY_DYNAMIC_DISPATCH(sum_half);
  const auto add = HWY_DYNAMIC_DISPATCH(add_half);
  // Where there is too little work, some of the pieces have none.
  int64_t filled = pieces;
  while (filled > 2 && gemm.rows * gemm.cols * gemm.depth < filled * kHalvesPieceWork) filled /= 2;
  const auto sum_some = [&](int64_t i) {
    if (i % (pieces / filled) == 0) sum(gemm, filled, i * filled / pieces);
  };
  run_parts(
      part, pieces, pool, sum_some, [] {}, [&](int64_t i) { add(gemm, pieces, i); });
}

}  // namespace redbud::kernels::cpu
#endif  // HWY_ONCE
