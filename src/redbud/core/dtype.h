#pragma once
#include <cstdint>
#include <string_view>

namespace redbud {

/// The type of a tensor's elements.
enum class DType : uint8_t { F32, F64, BF16, F16, I8, U8, I16, I32, I64, Bool };

/// Bytes an element.
int64_t size_of(DType type);

/// The name that safetensors files use ("F32", "I64", ...).
std::string_view to_string(DType type);

template <class T>
struct DTypeOf;
template <>
struct DTypeOf<float> {
  static constexpr DType value = DType::F32;
};
template <>
struct DTypeOf<double> {
  static constexpr DType value = DType::F64;
};
template <>
struct DTypeOf<int32_t> {
  static constexpr DType value = DType::I32;
};
template <>
struct DTypeOf<int64_t> {
  static constexpr DType value = DType::I64;
};
template <>
struct DTypeOf<uint8_t> {
  static constexpr DType value = DType::U8;
};

template <class T>
inline constexpr DType dtype_of = DTypeOf<T>::value;

}  // namespace redbud
