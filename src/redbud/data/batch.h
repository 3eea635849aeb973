#pragma once
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "redbud/core/dtype.h"
#include "redbud/core/shape.h"

namespace redbud {

/// What one block of a batch looks like: "x", "y", "weight", ...
struct BlockType {
  std::string name = {};
  DType type = DType::F32;  // inputs and numbers F32, class indices I32
  Shape shape = {};         // of one row: (784), (1)

  int64_t width() const { return shape.elements(); }
};

/// Memory that a block of a batch is written to: `rows` rows of `width` elements, `stride` elements apart. Owned by a
/// plan or a BatchBuffer.
struct BlockView {
  void* data = nullptr;
  int64_t stride = 0;
};

/// Named, aligned blocks: one or more of inputs, none or more of targets, and where they exist sample weights; with the
/// indices of its rows.
struct BatchType {
  std::vector<BlockType> inputs = {};
  std::vector<BlockType> targets = {};
  bool weighted = false;
};
struct BatchView {
  std::vector<BlockView> inputs = {};
  std::vector<BlockView> targets = {};
  float* weights = nullptr;
};

/// Rows as numbers, ready for a network. Decorators wrap one and give another.
/// Threads  gather may be called from several threads at once.
class SampleSource {
 public:
  virtual ~SampleSource() = default;
  virtual const BatchType& type() const = 0;
  virtual int64_t rows() const = 0;
  /// Writes the given rows, in this order, to the batch's blocks. Doesn't allocate.
  virtual void gather(std::span<const int64_t> rows, const BatchView& batch) const = 0;
};

}  // namespace redbud
