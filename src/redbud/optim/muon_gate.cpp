#include "redbud/optim/muon_gate.h"

#include <fmt/format.h>

#include <algorithm>

namespace redbud {
namespace {

constexpr double kSteps = 5.0;

}  // namespace

double MuonGate::overhead(int64_t inputs, int64_t outputs) const {
  if (batch_size_ == 0) return 0.0;
  return kSteps * static_cast<double>(std::min(inputs, outputs)) / static_cast<double>(batch_size_);
}

bool MuonGate::passes(int64_t size, int64_t outputs) const {
  return outputs > 0 && overhead(size / outputs, outputs) <= max_overhead_;
}

std::string MuonGate::explain(const SegmentLayout& layout) const {
  std::string text;
  for (const Segment& s : layout.segments()) {
    if (!s.trainable || s.shape.rank() != 2) continue;
    const int64_t inputs = s.shape[0];
    const int64_t outputs = s.shape[1];
    text += fmt::format("muon: {} ({} x {}) {}, as it costs {:.2g} times its layer\n", s.name, inputs, outputs,
                        passes(s.size, outputs) ? "by muon" : "by adamw", overhead(inputs, outputs));
  }
  return text + fmt::format("muon: all other parameters by adamw; max_overhead = {}\n", max_overhead_);
}

}  // namespace redbud
