#pragma once
#include "redbud/core/thread_pool.h"
#include "redbud/kernels/row_chunks.h"

namespace redbud::kernels::cpu {

/// Runs the part that is asked for, or all three one after the other.
template <class Sums, class Total, class Rest>
void run_parts(const KernelPart& part, int64_t chunks, ThreadPool& pool, const Sums& sums, const Total& total,
               const Rest& rest) {
  switch (part.kind) {
    case KernelPart::Kind::SumsOfChunk:
      return sums(part.chunk);
    case KernelPart::Kind::Total:
      return total();
    case KernelPart::Kind::RestOfChunk:
      return rest(part.chunk);
    case KernelPart::Kind::All:
      pool.for_pieces(chunks, sums);
      total();
      pool.for_pieces(chunks, rest);
  }
}

}  // namespace redbud::kernels::cpu
