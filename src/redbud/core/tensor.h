#pragma once
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <span>
#include <utility>

#include "redbud/core/dtype.h"
#include "redbud/core/error.h"
#include "redbud/core/shape.h"

namespace redbud {

namespace detail {

struct FreeBuffer {
  size_t mapped_bytes = 0;  // 0: it is of the heap
  void operator()(std::byte* memory) const;
};

}  // namespace detail

/// Zeroed memory whose start is aligned to 64 bytes (to 2 MB, and offered to huge pages, from 4 MB on).
/// Throws  Error{Environment} with the bytes asked for if there is none, or if the machine could never hold them.
class AlignedBuffer {
 public:
  AlignedBuffer() = default;
  explicit AlignedBuffer(int64_t bytes);
  AlignedBuffer(AlignedBuffer&& other) noexcept
      : data_(std::move(other.data_)), bytes_(std::exchange(other.bytes_, 0)) {}
  AlignedBuffer& operator=(AlignedBuffer&& other) noexcept {
    data_ = std::move(other.data_);
    bytes_ = std::exchange(other.bytes_, 0);
    return *this;
  }

  std::byte* data() { return data_.get(); }
  const std::byte* data() const { return data_.get(); }
  int64_t bytes() const { return bytes_; }
  /// Takes the bytes of a buffer of the same size.
  void copy_from(const AlignedBuffer& other);
  template <class T>
  std::span<T> as() {
    return {reinterpret_cast<T*>(data_.get()), static_cast<size_t>(bytes_) / sizeof(T)};
  }
  template <class T>
  std::span<const T> as() const {
    return {reinterpret_cast<const T*>(data_.get()), static_cast<size_t>(bytes_) / sizeof(T)};
  }

 private:
  std::unique_ptr<std::byte, detail::FreeBuffer> data_;
  int64_t bytes_ = 0;
};

/// A matrix that lies elsewhere: rows of `cols` elements, `stride` elements from row to row.
template <class T>
struct MatrixView {
  T* data = nullptr;
  int64_t rows = 0;
  int64_t cols = 0;
  int64_t stride = 0;

  T* row(int64_t i) const { return data + i * stride; }
  T& operator()(int64_t i, int64_t j) const { return data[i * stride + j]; }
};

/// Elements times their size. Throws Error{Environment} where it overflows.
int64_t tensor_bytes(DType type, const Shape& shape);

/// An owned array of any type, row-major and dense.
class Tensor {
 public:
  Tensor() = default;
  Tensor(DType type, Shape shape) : type_(type), shape_(shape), memory_(tensor_bytes(type, shape)) {}

  DType type() const { return type_; }
  const Shape& shape() const { return shape_; }
  int64_t elements() const { return shape_.elements(); }
  template <class T>
  std::span<T> values() {
    RB_ASSERT(dtype_of<T> == type_);
    return memory_.as<T>().first(static_cast<size_t>(elements()));
  }
  template <class T>
  std::span<const T> values() const {
    RB_ASSERT(dtype_of<T> == type_);
    return memory_.as<T>().first(static_cast<size_t>(elements()));
  }
  std::span<std::byte> bytes() { return {memory_.data(), static_cast<size_t>(memory_.bytes())}; }
  std::span<const std::byte> bytes() const { return {memory_.data(), static_cast<size_t>(memory_.bytes())}; }

 private:
  DType type_ = DType::F32;
  Shape shape_;
  AlignedBuffer memory_;
};

}  // namespace redbud
