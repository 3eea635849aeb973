#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "redbud/core/shape.h"
#include "redbud/core/tensor.h"
#include "redbud/graph/initializer.h"

namespace redbud {

/// A named stretch of a flat buffer.
struct Segment {
  std::string name;  // "hidden1.weight"
  Shape shape;
  int64_t offset = 0;  // in elements; a multiple of 16
  int64_t size = 0;
  bool decayed = false;
  bool trainable = true;
  Initializer initializer;
  Fans fans;
  float initial = 0.0F;  // of buffers
};

/// Where each named tensor lies in a flat buffer. Segments start aligned to 64 bytes (f32); the gaps are zero and stay
/// zero.
class SegmentLayout {
 public:
  /// Appends; a name that is there already must have the same shape and is shared.
  int add(Segment segment);
  const std::vector<Segment>& segments() const { return segments_; }
  std::vector<Segment>& segments() { return segments_; }
  const Segment& operator[](int i) const { return segments_[static_cast<size_t>(i)]; }
  std::optional<int> find(std::string_view name) const;
  /// Elements of the whole buffer, gaps included.
  int64_t size() const { return size_; }
  /// Elements of all segments, without the gaps.
  int64_t elements() const;

 private:
  std::vector<Segment> segments_;
  int64_t size_ = 0;
};

/// All parameters in one aligned buffer, all buffers (running statistics) in another. F32, or F64 for gradient checks.
class ParameterStore {
 public:
  ParameterStore() = default;
  ParameterStore(SegmentLayout parameters, SegmentLayout buffers, DType type = DType::F32);
  ParameterStore(const ParameterStore& other);
  ParameterStore& operator=(const ParameterStore& other);
  ParameterStore(ParameterStore&&) = default;
  ParameterStore& operator=(ParameterStore&&) = default;

  DType type() const { return type_; }
  const SegmentLayout& parameters() const { return parameter_layout_; }
  const SegmentLayout& buffers() const { return buffer_layout_; }
  SegmentLayout& parameters() { return parameter_layout_; }

  /// The whole flat buffers.
  AlignedBuffer& parameter_memory() { return parameters_; }
  const AlignedBuffer& parameter_memory() const { return parameters_; }
  AlignedBuffer& buffer_memory() { return buffers_; }
  const AlignedBuffer& buffer_memory() const { return buffers_; }

  /// One segment's values (F32 stores).
  std::span<float> parameter(int i) { return slice(parameters_, parameter_layout_[i]); }
  std::span<const float> parameter(int i) const { return const_cast<ParameterStore*>(this)->parameter(i); }
  std::span<float> buffer(int i) { return slice(buffers_, buffer_layout_[i]); }
  std::span<const float> buffer(int i) const { return const_cast<ParameterStore*>(this)->buffer(i); }

  /// Draws all parameters and resets all buffers.
  void initialize(uint64_t seed);
  /// A copy in another type (F32 to F64 for gradient checks, and back).
  ParameterStore converted(DType type) const;

 private:
  static std::span<float> slice(AlignedBuffer& memory, const Segment& s) {
    return memory.as<float>().subspan(static_cast<size_t>(s.offset), static_cast<size_t>(s.size));
  }

  SegmentLayout parameter_layout_;
  SegmentLayout buffer_layout_;
  DType type_ = DType::F32;
  AlignedBuffer parameters_;
  AlignedBuffer buffers_;
};

}  // namespace redbud
