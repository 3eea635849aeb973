#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "redbud/core/dtype.h"
#include "redbud/core/shape.h"
#include "redbud/core/thread_pool.h"
#include "redbud/kernels/kernel.h"

namespace redbud {

/// A value of a plan by its number: an activation, a parameter, a gradient, a buffer, a mask.
struct Value {
  int id = -1;
  bool exists() const { return id >= 0; }
  friend bool operator==(Value, Value) = default;
};

/// Type and whole shape of a value, the batch included.
struct ValueType {
  DType type = DType::F32;
  Shape shape;

  int64_t rows() const { return shape[0]; }
  /// Elements of one row.
  int64_t width() const { return shape.rank() == 0 ? 1 : shape.elements() / (shape[0] == 0 ? 1 : shape[0]); }
};

/// What changes from step to step; the rest of a step is fixed when the plan is built.
struct StepContext {
  ThreadPool& pool;
  uint64_t seed = 0;
  uint64_t step = 0;
};

/// Some rows of a batch: some chunks of kernels::RowChunks.
struct RowPiece {
  int64_t begin = 0;
  int64_t end = 0;
  int64_t first_chunk = 0;
  int64_t end_chunk = 0;
};

/// What a step does for each chunk of the rows, and what then is done once.
struct RowPhase {
  std::function<void(const StepContext&, const RowPiece&)> rows;
  std::function<void(const StepContext&)> then = {};
};

/// How an op can be cut into chunks of the rows: into one or more phases, each for every chunk, so that a thread can
/// take its rows through several ops before it meets the others. All threads meet between two phases.
struct RowCut {
  int phases = 0;          // 0: it can't be cut
  bool needs_all = false;  // the first phase reads rows of other chunks that the op before has just made
};

/// An operation with its kernel chosen and its pointers in place.
struct BoundStep {
  std::function<void(const StepContext&)> run;
  std::string_view kernel;
  std::vector<kernels::Refusal> refused;
  /// As Op::row_cut() says: together the same as run(), to the same bits. A reference may have none.
  std::vector<RowPhase> phases = {};
};

/// What an op is bound to: the memory and type of everything it reads and writes.
struct Operand {
  ValueType type;
  kernels::Matrix memory;
};
struct BindContext {
  std::span<const Operand> inputs;
  std::span<const Operand> outputs;
  std::span<const Operand> updates;
  kernels::KernelPolicy policy = kernels::KernelPolicy::Fastest;
};

class Differentiator;

/// One operation of a plan. It reads inputs, makes outputs, and may update values that exist already (a parameter's
/// gradient, running statistics). Immutable.
class Op {
 public:
  virtual ~Op() = default;
  virtual std::string_view name() const = 0;
  /// Types of the outputs. Shapes were checked by the layer; a mismatch here is a defect of ours.
  virtual std::vector<ValueType> outputs(std::span<const ValueType> inputs) const = 0;
  /// Emits the ops that compute the gradients of the inputs.
  virtual void differentiate(Differentiator& d) const = 0;
  /// Chooses the kernel and fixes its arguments.
  virtual BoundStep bind(const BindContext& context) const = 0;
  /// The input whose memory output 0 may take over, or -1.
  virtual int in_place_input() const { return -1; }
  /// How the op can run chunk by chunk of the rows (kernels/row_chunks.h).
  virtual RowCut row_cut(std::span<const ValueType> inputs) const {
    static_cast<void>(inputs);
    return {};
  }
  /// Multiply-adds of products, for --explain and the bound.
  virtual int64_t multiply_adds(std::span<const ValueType> inputs) const {
    static_cast<void>(inputs);
    return 0;
  }
  /// Constants worth showing: "elu(1)", "rate 0.5".
  virtual std::string detail() const { return {}; }
};

/// How an op emits its gradient. Implemented by plan/autodiff.
class Differentiator {
 public:
  virtual ~Differentiator() = default;
  virtual Value input(int i) const = 0;
  virtual int inputs() const = 0;
  virtual Value output(int i) const = 0;
  virtual const ValueType& type(Value v) const = 0;
  /// Gradient of output 0; always exists while differentiate() runs, but for a loss.
  virtual Value output_gradient() const = 0;
  /// Whether anything that trains depends on input i.
  virtual bool wants(int i) const = 0;
  virtual std::vector<Value> emit(std::unique_ptr<const Op> op, std::vector<Value> inputs,
                                  std::vector<Value> updates = {}) = 0;
  /// Whether input i is a parameter itself, and not something that was made of one.
  virtual bool is_parameter(int i) const = 0;
  /// Gives the gradient of an activation input; where several uses give one, they are summed.
  virtual void give(int i, Value gradient) = 0;
  /// The memory of a parameter's gradient, and whether an earlier use has written it already (then it must be added
  /// to).
  struct ParameterGradient {
    Value value;
    bool accumulate = false;
  };
  virtual ParameterGradient parameter_gradient(int i) = 0;
};

}  // namespace redbud
