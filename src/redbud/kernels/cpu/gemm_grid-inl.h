// How C is cut into pieces, panels and blocks of k.
// Included once for every instruction set, so the guard toggles.
#if defined(REDBUD_KERNELS_CPU_GEMM_GRID_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef REDBUD_KERNELS_CPU_GEMM_GRID_INL_H_
#undef REDBUD_KERNELS_CPU_GEMM_GRID_INL_H_
#else
#define REDBUD_KERNELS_CPU_GEMM_GRID_INL_H_
#endif

#include <algorithm>

#include "redbud/kernels/cpu/gemm_tail-inl.h"
#include "redbud/kernels/cpu/gemm_tile-inl.h"
#include "redbud/kernels/cpu/processor.h"
#include "redbud/kernels/cpu/range.h"

HWY_BEFORE_NAMESPACE();
namespace redbud::kernels::cpu::HWY_NAMESPACE {
namespace {

// Of a packed panel: two thirds of L1, which is 48 KB on the processors with AVX3 and 32 KB on those with AVX2.
constexpr int64_t kPackedFloats = HWY_TARGET == HWY_AVX3 ? 8192 : 5120;
// How deep a tile may go that reads B's matrix itself, from L2: the deeper, the fewer times C is loaded and stored.
constexpr int64_t kMatrixDepth = 400;
// A piece of C that stays in L2 while the blocks of k pass.
constexpr int64_t kPieceRows = 256;
// From how many rows on it pays to copy the panels of B: measured on Zen 5, and on a Xeon, where 50 x 784 x 300 is 1.08
// and 128 x 300 x 300 1.2 times as fast as with 192.
constexpr int64_t kPackedRows = 192;
constexpr int64_t kPackedRowsOfSlowL2 = 24;
// Room for A's columns of a block, whose lines are spread over the sets of L1.
constexpr int64_t kCopiedDepth = HWY_TARGET == HWY_AVX3 ? 128 : 1;  // each thread of the program pays for it
constexpr int64_t kCopiedStride = kPieceRows + 16;
constexpr int64_t kPieceFloats = 96 * 1024;
constexpr int64_t kPieceWork = 512 * 1024;   // multiply-adds: 4 us at 256 GFLOP/s, to pay for a thread
constexpr int64_t kHalvedWork = 256 * 1024;  // of all that two threads share
constexpr int64_t kNarrow = 160;
constexpr int64_t kKeptRows = 96;

// Into how many pieces work should be cut: enough that two threads share it evenly, and that many threads have some
// where there is much.
int64_t wanted_pieces(const Gemm& g) {
  const int64_t work = g.rows * g.cols * g.depth;
  const int64_t least = work >= kHalvedWork ? 2 : 1;
  return std::max(std::clamp<int64_t>(work / kPieceWork, least, 8), std::min<int64_t>(work / (32 * kPieceWork), 64));
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
    // A thread should meet the rows again that it has just computed, unless reading more of B costs it more than that.
    const bool keeps_rows = g.a.layout == Layout::Rows && g.cols <= kNarrow && g.rows >= std::max(g.cols, kKeptRows);
    for (const int64_t wanted = wanted_pieces(g); pieces() < wanted;) {
      bool halves_rows = g.rows >= 2 * chunks * (transposes ? 128 : 24);
      if (groups < most_groups) halves_rows = !transposes && g.rows >= 2 * chunks * 128;
      if (keeps_rows && chunks == 1) halves_rows = true;
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
// and L2. The sums are the same: C goes through memory between two blocks of k without being rounded.
bool should_pack(const Gemm& g, const Grid& grid) {
  const int64_t rows = ceil_div(g.rows, grid.chunks);
  const bool crowds_few_sets = g.b.stride % 1024 == 0 && g.depth > 64;  // at least 48 rows: more than one tile
  const bool is_slow = HWY_TARGET == HWY_AVX3 && reads_l2_slowly();
  return rows >= (is_slow ? kPackedRowsOfSlowL2 : kPackedRows) || (rows >= 48 && crowds_few_sets);
}

// The blocks of k that are summed one after the other.
struct Blocks {
  int64_t count = 0;
  int64_t all = 0;
  int64_t depth = 0;

  Blocks(const Gemm& g, const Grid& grid, bool packs) : all(g.depth) {
    const int64_t widest = ceil_div(grid.vectors, grid.panels) * kLanes;
    const int64_t most = packs ? kPackedFloats / widest / kLanes * kLanes : kMatrixDepth;
    count = std::max<int64_t>(1, ceil_div(all, most));
    depth = ceil_div(ceil_div(all, count), kLanes) * kLanes;
  }
  Range k(int64_t i) const { return {std::min(all, i * depth), std::min(all, (i + 1) * depth)}; }
};

// Whether to copy A's part of a block before its tiles. That pays where A's columns push each other out of L1: measured
// on a Xeon (48 KB of L1, 12 ways), weight gradients of 256 rows x 2048 x 2048 are 1.10 to 1.16 times as fast; with
// columns 512 or 784 floats apart nothing changed.
bool should_copy_a(const Gemm& g, int64_t rows, const Blocks& blocks) {
  return g.a.layout == Layout::Columns && g.a.stride % 1024 == 0 && blocks.depth <= kCopiedDepth && rows <= kPieceRows;
}

}  // namespace
}  // namespace redbud::kernels::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // toggled guard
