// build_safetensors, write_safetensors.
#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cstring>

#include "redbud/checkpoint/header_checksum.h"
#include "redbud/checkpoint/json.h"
#include "redbud/checkpoint/safetensors.h"
#include "redbud/core/bytes.h"
#include "redbud/core/checksum.h"
#include "redbud/core/tensor.h"

namespace redbud {
namespace {

static_assert(std::endian::native == std::endian::little, "tensors are written as they lie in memory");

/// Widest elements first, so that each tensor starts aligned though there are no gaps.
std::vector<const NamedTensor*> in_file_order(std::span<const NamedTensor> tensors) {
  std::vector<const NamedTensor*> order;
  for (const NamedTensor& tensor : tensors) order.push_back(&tensor);
  std::stable_sort(order.begin(), order.end(),
                   [](const auto* a, const auto* b) { return size_of(a->type) > size_of(b->type); });
  return order;
}

ConfigValue tensor_entry(const NamedTensor& tensor, int64_t begin) {
  ConfigValue::List shape;
  for (int64_t extent : tensor.shape) shape.emplace_back(extent);
  ConfigValue entry;
  entry.set("dtype", to_string(tensor.type));
  entry.set("shape", std::move(shape));
  entry.set("data_offsets", ConfigValue::List{begin, begin + static_cast<int64_t>(tensor.bytes.size())});
  return entry;
}

std::string header_json(const std::map<std::string, std::string>& metadata,
                        const std::vector<const NamedTensor*>& tensors) {
  ConfigValue::Table checksums;
  ConfigValue::Table entries;
  int64_t offset = 0;
  for (const NamedTensor* tensor : tensors) {
    RB_ASSERT(tensor_bytes(tensor->type, tensor->shape) == static_cast<int64_t>(tensor->bytes.size()));
    checksums.push_back({tensor->name, to_hex(checksum(tensor->bytes))});
    entries.push_back({tensor->name, tensor_entry(*tensor, offset)});
    offset += static_cast<int64_t>(tensor->bytes.size());
  }
  ConfigValue::Table described;
  for (const auto& [key, value] : metadata) described.push_back({key, value});
  described.push_back({std::string(kTensorChecksums), to_json(ConfigValue(std::move(checksums)))});
  described.push_back({std::string(kHeaderChecksum), std::string(kNoChecksum)});
  entries.insert(entries.begin(), {"__metadata__", std::move(described)});
  return to_json(ConfigValue(std::move(entries)));
}

}  // namespace

void build_safetensors(SafetensorsImage& image, const std::map<std::string, std::string>& metadata,
                       std::span<const NamedTensor> tensors) {
  const auto order = in_file_order(tensors);
  std::string header = header_json(metadata, order);
  header.resize((header.size() + 7) / 8 * 8, ' ');
  const auto length = static_cast<uint64_t>(header.size());
  image.head.assign(reinterpret_cast<const char*>(&length), sizeof(length));
  image.head += header;
  set_header_checksum(image.head);
  image.parts = {as_bytes(std::string_view(image.head))};
  image.bytes = static_cast<int64_t>(image.head.size());
  for (const NamedTensor* tensor : order) {
    image.parts.push_back(tensor->bytes);
    image.bytes += static_cast<int64_t>(tensor->bytes.size());
  }
}

void write_safetensors(const Path& path, const std::map<std::string, std::string>& metadata,
                       std::span<const NamedTensor> tensors) {
  SafetensorsImage image;
  build_safetensors(image, metadata, tensors);
  write_file(path, image.parts);
}

}  // namespace redbud
