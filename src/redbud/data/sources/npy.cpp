#include "redbud/data/sources/npy.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <optional>
#include <string_view>
#include <vector>

#include "redbud/core/bytes.h"
#include "redbud/core/error.h"
#include "redbud/core/text.h"
#include "redbud/data/sources/cell_text.h"

namespace redbud {
namespace {

constexpr std::string_view kMagic = "\x93NUMPY";
constexpr int64_t kMaxHeaderBytes = 10'000;

[[noreturn]] void refuse(const std::string& name, int64_t offset, ErrorText text) {
  text.where = fmt::format("{} (byte {})", name, offset);
  throw Error(ErrorKind::Data, std::move(text));
}

/// The header is a Python dictionary with three known keys: {'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }
class HeaderParser {
 public:
  HeaderParser(std::string_view text, int64_t offset, const std::string& name)
      : text_(text), offset_(offset), name_(name) {}

  void parse(NpyArray& array) {
    expect('{');
    bool type = false;
    bool order = false;
    bool shape = false;
    while (!take('}')) {
      const std::string key = string();
      expect(':');
      bool& seen = key == "descr"           ? type
                   : key == "fortran_order" ? order
                   : key == "shape"         ? shape
                                            : fail("an unknown key");
      if (seen) fail("a key that is there twice");
      seen = true;
      if (key == "descr") array.type = parse_type();
      if (key == "fortran_order") array.fortran_order = boolean();
      if (key == "shape") array.shape = parse_shape();
      if (!take(',')) {
        expect('}');
        break;
      }
    }
    skip();
    if (at_ != text_.size()) fail("text after the dictionary");
    if (!type || !order || !shape) fail("no key 'descr', 'fortran_order' or 'shape'");
  }

 private:
  [[noreturn]] bool& fail(const char* fact) const {
    refuse(name_, offset_ + static_cast<int64_t>(at_), {.fact = fmt::format("the NPY header has {}", fact)});
  }
  void skip() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\t')) ++at_;
  }
  bool take(char c) {
    skip();
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  void expect(char c) {
    if (!take(c)) fail("a form that is not known");
  }
  std::string string() {
    const char mark = take('\'') ? '\'' : '"';
    if (mark == '"') expect('"');
    const size_t end = text_.find(mark, at_);
    if (end == std::string_view::npos) fail("a text without its end");
    std::string value(text_.substr(at_, end - at_));
    at_ = end + 1;
    return value;
  }
  bool boolean() {
    skip();
    for (const std::string_view word : {"True", "False"}) {
      if (!text_.substr(at_).starts_with(word)) continue;
      at_ += word.size();
      return word == "True";
    }
    fail("a value that is neither True nor False");
  }

  NpyType parse_type() {
    skip();
    if (at_ < text_.size() && text_[at_] == '[') fail("a structured type: an array of plain numbers is needed");
    const size_t begin = at_;
    const std::string text = string();
    const char order = text.empty() ? ' ' : text[0];
    const std::string code = text.empty() ? "" : text.substr(1);
    if (text.find('O') != std::string::npos) {
      refuse(name_, offset_ + static_cast<int64_t>(begin),
             {.fact = "the array holds Python objects (a pickle), which are not read",
              .found = quote(text),
              .expected = "an array of numbers"});
    }
    constexpr std::array<std::string_view, 11> kCodes = {"f4", "f8", "f2", "i1", "i2", "i4",
                                                         "i8", "u1", "u2", "u4", "b1"};
    const bool known = (order == '<' || order == '>' || order == '|' || order == '=') &&
                       std::find(kCodes.begin(), kCodes.end(), code) != kCodes.end();
    if (!known) {
      refuse(name_, offset_ + static_cast<int64_t>(begin),
             {.fact = "an element type that is not read",
              .found = quote(text),
              .expected = "f2 f4 f8 i1 i2 i4 i8 u1 u2 u4 or b1"});
    }
    return {.kind = code[0], .bytes = code[1] - '0', .big_endian = order == '>'};
  }

  Shape parse_shape() {
    expect('(');
    std::vector<int64_t> extents;
    while (!take(')')) {
      skip();
      size_t end = at_;
      while (end < text_.size() && text_[end] >= '0' && text_[end] <= '9') ++end;
      const auto extent = parse_integer(text_.substr(at_, end - at_));
      if (!extent) fail("a dimension that is not a whole number from 0 to 2^63");
      at_ = end;
      extents.push_back(*extent);
      if (!take(',')) {
        expect(')');
        break;
      }
    }
    if (extents.empty()) fail("no dimensions: rows are needed");
    if (extents.size() > static_cast<size_t>(Shape::kMaxRank)) fail("more dimensions than are read");
    return Shape(extents);
  }

  std::string_view text_;
  size_t at_ = 0;
  int64_t offset_;
  const std::string& name_;
};

std::string_view take_header(ByteReader& reader, const std::string& name) {
  const auto magic = reader.take(static_cast<int64_t>(kMagic.size()));
  if (!magic || as_text(*magic) != kMagic) refuse(name, 0, {.fact = "not an NPY file"});
  const auto major = reader.little_endian<uint8_t>();
  const auto minor = reader.little_endian<uint8_t>();
  if (!major || !minor || *major < 1 || *major > 3) {
    refuse(name, 6,
           {.fact = "an NPY version that is not read",
            .found = major ? std::to_string(*major) : "",
            .expected = "1, 2 or 3"});
  }
  std::optional<int64_t> bytes;
  if (*major == 1) {
    if (const auto size = reader.little_endian<uint16_t>()) bytes = *size;
  } else if (const auto size = reader.little_endian<uint32_t>()) {
    bytes = *size;
  }
  if (!bytes) refuse(name, 8, {.fact = "the NPY header is cut off"});
  if (*bytes > kMaxHeaderBytes) {
    refuse(name, 8,
           {.fact = "the NPY header is too long",
            .found = with_thousands(*bytes) + " bytes",
            .expected = "at most " + with_thousands(kMaxHeaderBytes)});
  }
  const auto header = reader.take(*bytes);
  if (!header) refuse(name, 8, {.fact = "the NPY header is cut off"});
  return as_text(*header);
}

template <class T>
T load(const std::byte* from, bool swap) {
  std::array<std::byte, sizeof(T)> bytes;
  std::memcpy(bytes.data(), from, sizeof(T));
  if (swap) std::reverse(bytes.begin(), bytes.end());
  T value;
  std::memcpy(&value, bytes.data(), sizeof(T));
  return value;
}

double half_to_double(uint16_t half) {
  const int exponent = half >> 10 & 31;
  const int fraction = half & 1023;
  const double magnitude = exponent == 31  ? (fraction != 0 ? NAN : INFINITY)
                           : exponent == 0 ? std::ldexp(fraction, -24)
                                           : std::ldexp(1024 + fraction, exponent - 25);
  return half >> 15 != 0 ? -magnitude : magnitude;
}

double element(const NpyType& type, const std::byte* at) {
  const bool swap = type.big_endian;
  switch (type.kind) {
    case 'f':
      if (type.bytes == 2) return half_to_double(load<uint16_t>(at, swap));
      return type.bytes == 4 ? static_cast<double>(load<float>(at, swap)) : load<double>(at, swap);
    case 'i':
      if (type.bytes == 1) return load<int8_t>(at, swap);
      if (type.bytes == 2) return load<int16_t>(at, swap);
      return type.bytes == 4 ? load<int32_t>(at, swap) : static_cast<double>(load<int64_t>(at, swap));
    case 'u':
      if (type.bytes == 1) return load<uint8_t>(at, swap);
      return type.bytes == 2 ? load<uint16_t>(at, swap) : load<uint32_t>(at, swap);
    default:
      return load<uint8_t>(at, swap) != 0 ? 1 : 0;
  }
}

/// Calls f(i, where element i in row-major order is stored), in that order.
template <class F>
void for_elements(const NpyArray& array, F f) {
  const int64_t count = array.shape.elements();
  const std::byte* const data = array.data.data();
  if (!array.fortran_order) {
    for (int64_t i = 0; i < count; ++i) f(i, data + i * array.type.bytes);
    return;
  }
  const int rank = array.shape.rank();
  std::array<int64_t, Shape::kMaxRank> index{};
  std::array<int64_t, Shape::kMaxRank> stride{};
  int64_t step = array.type.bytes;
  for (int axis = 0; axis < rank; ++axis) {
    stride[static_cast<size_t>(axis)] = step;
    step *= array.shape[axis];
  }
  int64_t offset = 0;
  for (int64_t i = 0; i < count; ++i) {
    f(i, data + offset);
    for (int axis = rank - 1; axis >= 0; --axis) {
      const auto a = static_cast<size_t>(axis);
      offset += stride[a];
      if (++index[a] < array.shape[axis]) break;
      offset -= stride[a] * array.shape[axis];
      index[a] = 0;
    }
  }
}

}  // namespace

NpyArray parse_npy(std::span<const std::byte> bytes, const std::string& name) {
  ByteReader reader(bytes);
  const std::string_view header = take_header(reader, name);
  NpyArray array;
  HeaderParser(header, reader.offset() - static_cast<int64_t>(header.size()), name).parse(array);
  std::optional<int64_t> needed = array.type.bytes;
  for (int64_t extent : array.shape) {
    if (needed) needed = checked_mul(*needed, extent);
  }
  if (!needed || *needed != reader.remaining()) {
    refuse(name, reader.offset(),
           {.fact = fmt::format("the dimensions {} don't go with the file's size", to_string(array.shape)),
            .found = with_thousands(reader.remaining()) + " bytes of data",
            .expected = needed ? with_thousands(*needed) : "a product below 2^63"});
  }
  if (*needed == 0)
    refuse(name, reader.offset(), {.fact = "the array is empty", .found = to_string(array.shape), .expected = "rows"});
  array.data = *reader.take(*needed);
  return array;
}

Tensor to_floats(const NpyArray& array, const std::string& name) {
  Tensor tensor(DType::F32, array.shape);
  const auto values = tensor.values<float>();
  const int64_t width = array.shape.elements() / array.shape[0];
  for_elements(array, [&](int64_t i, const std::byte* at) {
    const double value = element(array.type, at);
    if (!std::isnan(value) && !fits_float(value)) {
      throw Error(ErrorKind::Data,
                  {.where = fmt::format("{}, row {}, element {}", name, i / width, i % width),
                   .fact = std::isinf(value) ? "not a finite number" : "larger than a 32-bit float can be",
                   .found = format_number(value)});
    }
    values[static_cast<size_t>(i)] = static_cast<float>(value);
  });
  return tensor;
}

Tensor to_u8(const NpyArray& array) {
  RB_ASSERT(array.is_bytes());
  Tensor tensor(DType::U8, array.shape);
  const auto values = tensor.values<uint8_t>();
  for_elements(array,
               [&](int64_t i, const std::byte* at) { values[static_cast<size_t>(i)] = static_cast<uint8_t>(*at); });
  return tensor;
}

}  // namespace redbud
