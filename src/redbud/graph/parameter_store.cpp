#include "redbud/graph/parameter_store.h"

#include <algorithm>
#include <cstring>

#include "redbud/core/bytes.h"
#include "redbud/core/error.h"

namespace redbud {
namespace {

constexpr int64_t kAlign = 16;  // elements: 64 bytes of f32

AlignedBuffer copy_of(const AlignedBuffer& source) {
  AlignedBuffer copy(source.bytes());
  if (source.bytes() > 0) std::memcpy(copy.data(), source.data(), static_cast<size_t>(source.bytes()));
  return copy;
}

template <class To, class From>
void convert(AlignedBuffer& to, const AlignedBuffer& from) {
  const auto source = from.as<From>();
  std::transform(source.begin(), source.end(), to.as<To>().begin(), [](From v) { return static_cast<To>(v); });
}

}  // namespace

int SegmentLayout::add(Segment segment) {
  if (const auto there = find(segment.name)) {
    if (!((*this)[*there].shape == segment.shape)) {
      throw Error(ErrorKind::Model, {.where = segment.name,
                                     .fact = "a shared parameter is wanted in two shapes",
                                     .found = to_string(segment.shape),
                                     .expected = to_string((*this)[*there].shape)});
    }
    return *there;
  }
  segment.size = segment.shape.elements();
  segment.offset = size_;
  const auto end = checked_add(size_, segment.size);
  const auto padded = end ? checked_add(*end, kAlign - 1) : std::nullopt;
  if (!padded)
    throw Error(ErrorKind::Model,
                {.where = segment.name, .fact = "the network has more parameters than can be counted"});
  size_ = *padded / kAlign * kAlign;
  segments_.push_back(std::move(segment));
  return static_cast<int>(segments_.size()) - 1;
}

std::optional<int> SegmentLayout::find(std::string_view name) const {
  for (size_t i = 0; i < segments_.size(); ++i) {
    if (segments_[i].name == name) return static_cast<int>(i);
  }
  return std::nullopt;
}

int64_t SegmentLayout::elements() const {
  int64_t sum = 0;
  for (const Segment& s : segments_) sum += s.size;
  return sum;
}

ParameterStore::ParameterStore(SegmentLayout parameters, SegmentLayout buffers, DType type)
    : parameter_layout_(std::move(parameters)),
      buffer_layout_(std::move(buffers)),
      type_(type),
      parameters_(parameter_layout_.size() * size_of(type)),
      buffers_(buffer_layout_.size() * size_of(type)) {}

ParameterStore::ParameterStore(const ParameterStore& other)
    : parameter_layout_(other.parameter_layout_),
      buffer_layout_(other.buffer_layout_),
      type_(other.type_),
      parameters_(copy_of(other.parameters_)),
      buffers_(copy_of(other.buffers_)) {}

ParameterStore& ParameterStore::operator=(const ParameterStore& other) {
  if (this != &other) *this = ParameterStore(other);
  return *this;
}

void ParameterStore::initialize(uint64_t seed) {
  for (size_t i = 0; i < parameter_layout_.segments().size(); ++i) {
    const Segment& s = parameter_layout_.segments()[i];
    redbud::initialize(parameter(static_cast<int>(i)), s.initializer, s.fans, seed, s.name);
  }
  for (size_t i = 0; i < buffer_layout_.segments().size(); ++i) {
    const auto values = buffer(static_cast<int>(i));
    std::fill(values.begin(), values.end(), buffer_layout_.segments()[i].initial);
  }
}

ParameterStore ParameterStore::converted(DType type) const {
  ParameterStore copy(parameter_layout_, buffer_layout_, type);
  RB_ASSERT((type == DType::F32 || type == DType::F64) && (type_ == DType::F32 || type_ == DType::F64));
  if (type == type_) return *this;
  if (type == DType::F64) {
    convert<double, float>(copy.parameters_, parameters_);
    convert<double, float>(copy.buffers_, buffers_);
  } else {
    convert<float, double>(copy.parameters_, parameters_);
    convert<float, double>(copy.buffers_, buffers_);
  }
  return copy;
}

}  // namespace redbud
