#pragma once
#include <string>
#include <vector>

#include "redbud/checkpoint/safetensors.h"
#include "redbud/graph/parameter_store.h"

// A parameter store as the tensors of a file. Not for other rooms.
namespace redbud {

/// Views of all segments of a flat buffer, named prefix + name of the segment.
void append_segments(std::vector<NamedTensor>& tensors, const SegmentLayout& layout, const AlignedBuffer& memory,
                     const std::string& prefix);

/// Where what is read comes from, for messages.
struct TensorSource {
  const SafetensorsFile& file;
  std::string where;
  ErrorKind kind = ErrorKind::Model;
};

/// Checks that the file has every segment under prefix + name, as F32 and in its shape. Throws  Error{source.kind}
void check_segments(const TensorSource& source, const SegmentLayout& layout, const std::string& prefix);

/// Copies what check_segments has checked; the gaps stay as they are.
void copy_segments(const TensorSource& source, const SegmentLayout& layout, AlignedBuffer& memory,
                   const std::string& prefix);

}  // namespace redbud
