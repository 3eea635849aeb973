#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "redbud/core/shape.h"
#include "redbud/core/tensor.h"

namespace redbud {

/// How the elements of a .npy array are stored.
struct NpyType {
  char kind = 'f';    // f float, i signed, u unsigned, b boolean
  int64_t bytes = 4;  // an element
  bool big_endian = false;
};

/// An array in the bytes of a .npy file, checked against their number but not copied.
struct NpyArray {
  NpyType type = {};
  Shape shape = {};
  bool fortran_order = false;
  std::span<const std::byte> data = {};

  bool is_bytes() const { return type.kind == 'u' && type.bytes == 1; }
  bool is_integer() const { return type.kind != 'f'; }
};

/// Reads the header of a .npy file (versions 1.0, 2.0, 3.0; NumPy's NEP 1).
/// Throws  Error{Data} with the byte: not such a file, object elements (pickles are not read), a header of more than 10
/// kB, dimensions
///         that the bytes don't bear out
NpyArray parse_npy(std::span<const std::byte> bytes, const std::string& name);

/// The elements in row-major order, whatever their type and order.
/// Throws  Error{Data} with the element's index: a number larger than a float can be
Tensor to_floats(const NpyArray& array, const std::string& name);
Tensor to_u8(const NpyArray& array);

}  // namespace redbud
