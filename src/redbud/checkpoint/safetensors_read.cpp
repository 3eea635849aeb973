// parse_safetensors, check_safetensors: from bytes that may be anything.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "redbud/checkpoint/header_checksum.h"
#include "redbud/checkpoint/json.h"
#include "redbud/checkpoint/safetensors.h"
#include "redbud/core/bytes.h"
#include "redbud/core/checksum.h"
#include "redbud/core/text.h"

namespace redbud {
namespace {

constexpr int64_t kLengthBytes = 8;
constexpr int64_t kLongestHeader = 100'000'000;  // the limit of the format

struct Parser {
  const SafetensorsLimits& limits;
  SafetensorsFile file;

  [[noreturn]] void refuse(std::string fact, std::string found = {}, std::string expected = {}) const {
    throw Error(
        limits.kind,
        {.where = limits.where, .fact = std::move(fact), .found = std::move(found), .expected = std::move(expected)});
  }
  [[noreturn]] void refuse_tensor(const std::string& name, std::string fact, std::string found = {},
                                  std::string expected = {}) const {
    throw Error(limits.kind, {.where = limits.where + ": tensor " + quote(name),
                              .fact = std::move(fact),
                              .found = std::move(found),
                              .expected = std::move(expected)});
  }

  int64_t header_end() const;
  void check_header(std::span<const std::byte> head) const;
  void read_metadata(const ConfigValue& entry);
  void read_tensor(const ConfigEntry& entry, std::span<const std::byte> data);
  void check_layout(std::span<const std::byte> data);
  void parse();
};

int64_t Parser::header_end() const {
  ByteReader reader(file.storage);
  const auto total = static_cast<int64_t>(file.storage.size());
  const auto length = reader.little_endian<uint64_t>();
  if (!length) refuse("the file is too short to be a safetensors file", with_thousands(total) + " bytes", "at least 8");
  if (*length > static_cast<uint64_t>(kLongestHeader)) {
    refuse("the length of the header, at byte 0, is out of range", fmt::format("{}", *length),
           "at most " + with_thousands(kLongestHeader));
  }
  const auto end = kLengthBytes + static_cast<int64_t>(*length);
  if (end > total) {
    refuse("the file ends inside its header", fmt::format("at byte {} of {}", total, end));
  }
  return end;
}

void Parser::check_header(std::span<const std::byte> head) const {
  const auto right = header_checksum_is_right(head);
  if (!right && limits.checksums == Checksums::WhereGiven) return;
  if (right && *right) return;
  if (!right && as_text(head).find("\"redbud.") == std::string_view::npos) refuse("is not a file that redbud wrote");
  throw Error(ErrorKind::Verification, {.where = limits.where + ": header",
                                        .fact = right ? "the checksum differs" : "there is no checksum",
                                        .hint = "the file is damaged, or was not written by redbud; use a copy"});
}

void Parser::read_metadata(const ConfigValue& entry) {
  if (!entry.is_table()) refuse("__metadata__ is not a JSON object");
  for (const ConfigEntry& item : std::get<ConfigValue::Table>(entry.value)) {
    if (!item.value.is_text()) refuse("__metadata__ holds something else than text", item.key);
    file.metadata.emplace(item.key, std::get<std::string>(item.value.value));
  }
}

std::optional<DType> type_of_name(std::string_view name) {
  constexpr std::array kTypes = {DType::F32, DType::F64, DType::BF16, DType::F16, DType::I8,
                                 DType::U8,  DType::I16, DType::I32,  DType::I64, DType::Bool};
  for (DType type : kTypes) {
    if (to_string(type) == name) return type;
  }
  return std::nullopt;
}

/// Whole numbers of at least 0, or nothing.
std::optional<std::vector<int64_t>> sizes_of(const ConfigValue* list) {
  if (list == nullptr || !list->is_list()) return std::nullopt;
  std::vector<int64_t> sizes;
  for (const ConfigValue& item : std::get<ConfigValue::List>(list->value)) {
    const auto* size = std::get_if<int64_t>(&item.value);
    if (size == nullptr || *size < 0) return std::nullopt;
    sizes.push_back(*size);
  }
  return sizes;
}

std::optional<int64_t> bytes_of(DType type, std::span<const int64_t> shape) {
  std::optional<int64_t> bytes = size_of(type);
  for (int64_t extent : shape) {
    bytes = checked_mul(*bytes, extent);
    if (!bytes) return std::nullopt;
  }
  return bytes;
}

void Parser::read_tensor(const ConfigEntry& entry, std::span<const std::byte> data) {
  const std::string& name = entry.key;
  if (!entry.value.is_table()) refuse_tensor(name, "is not a JSON object");
  for (const ConfigEntry& item : std::get<ConfigValue::Table>(entry.value.value)) {
    if (item.key != "dtype" && item.key != "shape" && item.key != "data_offsets") {
      refuse_tensor(name, "has an unknown key", quote(item.key));
    }
  }
  const ConfigValue* dtype = entry.value.find("dtype");
  if (dtype == nullptr || !dtype->is_text()) refuse_tensor(name, "has no dtype");
  const auto type = type_of_name(std::get<std::string>(dtype->value));
  if (!type) refuse_tensor(name, "has an unknown dtype", quote(std::get<std::string>(dtype->value)));
  const auto shape = sizes_of(entry.value.find("shape"));
  if (!shape) refuse_tensor(name, "has no shape of whole numbers of at least 0");
  if (shape->size() > static_cast<size_t>(Shape::kMaxRank)) {
    refuse_tensor(name, "has too many dimensions", fmt::format("{}", shape->size()),
                  fmt::format("at most {}", Shape::kMaxRank));
  }
  const auto offsets = sizes_of(entry.value.find("data_offsets"));
  if (!offsets || offsets->size() != 2 || (*offsets)[0] > (*offsets)[1]) {
    refuse_tensor(name, "has no data_offsets [begin, end] with begin <= end");
  }
  const int64_t begin = (*offsets)[0];
  const int64_t end = (*offsets)[1];
  if (end > static_cast<int64_t>(data.size())) {
    refuse_tensor(name, "the file ends inside its data", fmt::format("at byte {} of {}", data.size(), end));
  }
  const auto bytes = bytes_of(*type, *shape);
  if (!bytes || *bytes != end - begin) {
    refuse_tensor(name, "its shape and its bytes don't agree", fmt::format("{} bytes", end - begin),
                  bytes ? fmt::format("{}", *bytes) : "a size that can be counted");
  }
  const auto view = data.subspan(static_cast<size_t>(begin), static_cast<size_t>(end - begin));
  file.tensors.push_back({name, *type, Shape(*shape), view});
}

/// Offsets one after the other: no gap, no overlap, nothing after the last.
void Parser::check_layout(std::span<const std::byte> data) {
  std::stable_sort(file.tensors.begin(), file.tensors.end(), [](const NamedTensor& a, const NamedTensor& b) {
    return a.bytes.data() != b.bytes.data() ? a.bytes.data() < b.bytes.data() : a.bytes.size() < b.bytes.size();
  });
  int64_t next = 0;
  for (const NamedTensor& tensor : file.tensors) {
    const int64_t begin = tensor.bytes.data() - data.data();
    if (begin != next) {
      refuse_tensor(tensor.name, begin < next ? "overlaps the tensor before it" : "leaves a gap before it",
                    fmt::format("begins at {}", begin), fmt::format("{}", next));
    }
    next += static_cast<int64_t>(tensor.bytes.size());
  }
  if (next != static_cast<int64_t>(data.size())) {
    refuse("there are bytes after the last tensor", fmt::format("{}", static_cast<int64_t>(data.size()) - next),
           "none");
  }
}

void Parser::parse() {
  const auto end = static_cast<size_t>(header_end());
  const auto all = std::span<const std::byte>(file.storage);
  check_header(all.first(end));
  const std::string_view json = as_text(all.subspan(kLengthBytes, end - kLengthBytes));
  if (json.empty() || json.front() != '{') refuse("the header, at byte 8, does not begin with {");
  const ConfigValue header = parse_json(json, {.where = limits.where + ": header", .kind = limits.kind, .depth = 8});
  for (const ConfigEntry& entry : std::get<ConfigValue::Table>(header.value)) {
    if (entry.key == "__metadata__") {
      read_metadata(entry.value);
    } else {
      read_tensor(entry, all.subspan(end));
    }
  }
  check_layout(all.subspan(end));
  for (size_t i = 0; i < file.tensors.size(); ++i) file.by_name.emplace(file.tensors[i].name, i);
}

/// The checksums that the file gives, by tensor; nothing where it gives none.
std::optional<std::map<std::string, std::string>> given_checksums(const SafetensorsFile& file,
                                                                  const SafetensorsLimits& limits) {
  const auto text = file.metadata.find(std::string(kTensorChecksums));
  if (text == file.metadata.end()) return std::nullopt;
  const std::string where = limits.where + ": " + std::string(kTensorChecksums);
  const ConfigValue table = parse_json(text->second, {.where = where, .kind = limits.kind, .depth = 1});
  std::map<std::string, std::string> sums;
  if (!table.is_table()) return sums;
  for (const ConfigEntry& entry : std::get<ConfigValue::Table>(table.value)) {
    if (entry.value.is_text()) sums.emplace(entry.key, std::get<std::string>(entry.value.value));
  }
  return sums;
}

std::vector<ErrorText> find_damage(const SafetensorsFile& file, const SafetensorsLimits& limits) {
  std::vector<ErrorText> damaged;
  const auto sums = given_checksums(file, limits);
  if (!sums && limits.checksums == Checksums::WhereGiven) return damaged;
  for (const NamedTensor& tensor : file.tensors) {
    const std::string where = limits.where + ": tensor " + quote(tensor.name);
    const auto sum = sums ? sums->find(tensor.name) : std::map<std::string, std::string>::const_iterator();
    if (!sums || sum == sums->end()) {
      damaged.push_back({.where = where, .fact = "there is no checksum"});
    } else if (sum->second != to_hex(checksum(tensor.bytes))) {
      damaged.push_back({.where = where, .fact = "the checksum differs", .hint = "the file is damaged; use a copy"});
    }
  }
  return damaged;
}

}  // namespace

const NamedTensor* SafetensorsFile::find(std::string_view name) const {
  const auto at = by_name.find(name);
  return at == by_name.end() ? nullptr : &tensors[at->second];
}

CheckedSafetensors check_safetensors(std::vector<std::byte> bytes, const SafetensorsLimits& limits) {
  Parser parser{.limits = limits, .file = {}};
  parser.file.storage = std::move(bytes);
  parser.parse();
  std::vector<ErrorText> damaged = find_damage(parser.file, limits);
  return {std::move(parser.file), std::move(damaged)};
}

SafetensorsFile parse_safetensors(std::vector<std::byte> bytes, const SafetensorsLimits& limits) {
  CheckedSafetensors checked = check_safetensors(std::move(bytes), limits);
  if (!checked.damaged.empty()) throw Error(ErrorKind::Verification, checked.damaged.front());
  return std::move(checked.file);
}

}  // namespace redbud
