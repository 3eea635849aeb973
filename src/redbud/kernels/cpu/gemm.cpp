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

// A thread that begins with the first pieces meets the first half of k in every product, another the second.
void run_halves(const Gemm& g, ThreadPool& pool) {
  const int64_t first_depth = g.depth / 2;
  Gemm halves[] = {g, g};
  halves[0].depth = first_depth;
  halves[1].depth -= first_depth;
  halves[1].a.data += first_depth * g.a.stride;
  halves[1].b.data += first_depth * g.b.stride;
  halves[1].c = g.second_half;
  halves[1].accumulate = false;
  const int64_t size = g.rows * g.cols;
  if (g.b_sums != nullptr) halves[1].b_sums = g.second_half + size;
  const Grid grid(halves[0]);
  pool.for_pieces(2 * grid.pieces(), [&](int64_t piece) {
    run_piece<Layout::Columns>(halves[piece / grid.pieces()], grid, piece % grid.pieces());
  });
  constexpr int64_t kAddedFloats = 4 * 1024;
  const int64_t ranges = std::min<int64_t>(64, 2 * ceil_div(size, 2 * kAddedFloats));
  pool.for_pieces(ranges, [&](int64_t i) { add_range(g.c, g.second_half, part(size, ranges, i)); });
  if (g.b_sums != nullptr) add_range(g.b_sums, g.second_half + size, {0, g.cols});
}

void run(const Gemm& g, ThreadPool& pool) {
  if (g.second_half != nullptr) return run_halves(g, pool);
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
namespace redbud::kernels::cpu {

HWY_EXPORT(run);

void run_gemm(const Gemm& gemm, ThreadPool& pool) {
  RB_ASSERT(gemm.a.layout == Layout::Rows || gemm.b.layout == Layout::Rows);
  RB_ASSERT(gemm.b_sums == nullptr || gemm.b.layout == Layout::Rows);
  RB_ASSERT(gemm.second_half == nullptr || (gemm.a.layout == Layout::Columns && gemm.c_stride == gemm.cols));
  if (gemm.rows > 0 && gemm.cols > 0) HWY_DYNAMIC_DISPATCH(run)(gemm, pool);
}

}  // namespace redbud::kernels::cpu
#endif  // HWY_ONCE
