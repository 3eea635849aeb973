#include "redbud/checkpoint/tensor_list.h"

#include <cstring>

#include "redbud/core/text.h"

namespace redbud {

void append_segments(std::vector<NamedTensor>& tensors, const SegmentLayout& layout, const AlignedBuffer& memory,
                     const std::string& prefix) {
  const auto values = memory.as<float>();
  for (const Segment& s : layout.segments()) {
    const auto part = values.subspan(static_cast<size_t>(s.offset), static_cast<size_t>(s.size));
    tensors.push_back({prefix + s.name, DType::F32, s.shape, std::as_bytes(part)});
  }
}

void check_segments(const TensorSource& source, const SegmentLayout& layout, const std::string& prefix) {
  for (const Segment& s : layout.segments()) {
    const NamedTensor* tensor = source.file.find(prefix + s.name);
    const std::string where = source.where + ": tensor " + quote(prefix + s.name);
    if (tensor == nullptr) throw Error(source.kind, {.where = where, .fact = "is missing"});
    if (tensor->type == DType::F32 && tensor->shape == s.shape) continue;
    throw Error(source.kind, {.where = where,
                              .fact = "has another type or shape than the network",
                              .found = std::string(to_string(tensor->type)) + " " + to_string(tensor->shape),
                              .expected = "F32 " + to_string(s.shape)});
  }
}

void copy_segments(const TensorSource& source, const SegmentLayout& layout, AlignedBuffer& memory,
                   const std::string& prefix) {
  const auto values = memory.as<float>();
  for (const Segment& s : layout.segments()) {
    const NamedTensor* tensor = source.file.find(prefix + s.name);
    RB_ASSERT(tensor != nullptr && tensor->bytes.size() == static_cast<size_t>(s.size) * sizeof(float));
    if (s.size > 0) std::memcpy(&values[static_cast<size_t>(s.offset)], tensor->bytes.data(), tensor->bytes.size());
  }
}

}  // namespace redbud
