#include "redbud/checkpoint/safetensors.h"

#include <gtest/gtest.h>

#include <cstring>

#include "redbud/core/bytes.h"
#include "redbud/testing/core/temp_folder.h"
#include "redbud/testing/core/throws_error.h"

namespace redbud {
namespace {

constexpr SafetensorsLimits foreign() { return {}; }

std::vector<std::byte> bytes_of(std::string_view text) {
  const auto bytes = as_bytes(text);
  return {bytes.begin(), bytes.end()};
}

/// A file with this header and data, without checksums.
std::vector<std::byte> file_of(const std::string& header, std::string_view data = {}) {
  const auto length = static_cast<uint64_t>(header.size());
  std::string text(reinterpret_cast<const char*>(&length), sizeof(length));
  return bytes_of(text + header + std::string(data));
}

struct Sample {
  std::vector<float> a = {1.0F, -2.0F, 3.5F, 0.0F, 5.0F, 6.0F};
  std::vector<int64_t> b = {7, -8};
  std::vector<uint8_t> c = {9, 10, 11};
  std::vector<NamedTensor> tensors = {{"a", DType::F32, {2, 3}, std::as_bytes(std::span(a))},
                                      {"c", DType::U8, {3}, std::as_bytes(std::span(c))},
                                      {"b", DType::I64, {2}, std::as_bytes(std::span(b))},
                                      {"scalar", DType::F32, {}, std::as_bytes(std::span(a).first(1))},
                                      {"empty", DType::F32, {0, 4}, {}}};
  std::map<std::string, std::string> metadata = {{"k", "v \"quoted\"\n"}};
  std::vector<std::byte> file;

  Sample() {
    SafetensorsImage image;
    build_safetensors(image, metadata, tensors);
    for (const auto part : image.parts) file.insert(file.end(), part.begin(), part.end());
    EXPECT_EQ(image.bytes, static_cast<int64_t>(file.size()));
  }
};

TEST(Safetensors, ReadsWhatItWrote) {
  const Sample sample;
  const TempFolder folder;
  write_safetensors(folder / "f.safetensors", sample.metadata, sample.tensors);
  const auto bytes = bytes_of(text_of(folder / "f.safetensors"));
  EXPECT_EQ(bytes, sample.file);
  const SafetensorsFile file =
      parse_safetensors(bytes, {.where = "f", .kind = ErrorKind::Model, .checksums = Checksums::Required});
  EXPECT_EQ(file.metadata.at("k"), "v \"quoted\"\n");
  EXPECT_EQ(file.tensors.size(), 5u);
  for (const NamedTensor& tensor : sample.tensors) {
    const NamedTensor* found = file.find(tensor.name);
    ASSERT_NE(found, nullptr) << tensor.name;
    EXPECT_EQ(found->type, tensor.type);
    EXPECT_EQ(found->shape, tensor.shape);
    EXPECT_TRUE(std::equal(found->bytes.begin(), found->bytes.end(), tensor.bytes.begin(), tensor.bytes.end()));
  }
  EXPECT_EQ(file.find("nobody"), nullptr);
}

TEST(Safetensors, LaysTensorsOutAlignedWithoutGaps) {
  const Sample sample;
  uint64_t length = 0;
  std::memcpy(&length, sample.file.data(), sizeof(length));
  EXPECT_EQ(length % 8, 0u);
  const SafetensorsFile file = parse_safetensors(sample.file, foreign());
  const std::byte* next = file.storage.data() + 8 + length;
  for (const NamedTensor& tensor : file.tensors) {
    EXPECT_EQ(tensor.bytes.data(), next) << tensor.name;
    EXPECT_EQ((tensor.bytes.data() - file.storage.data()) % size_of(tensor.type), 0) << tensor.name;
    next += tensor.bytes.size();
  }
  EXPECT_EQ(file.tensors.front().name, "b");  // the widest type
}

struct Hostile {
  const char* name;
  std::vector<std::byte> file;
  const char* text;
};

std::vector<Hostile> hostile_files() {
  const std::string a4 = R"("a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]})";
  const auto tensor = [](const std::string& body) { return file_of("{\"a\":{" + body + "}}", "12345678"); };
  return {
      {"empty", {}, "the file is too short to be a safetensors file (0 bytes), expected at least 8"},
      {"7 bytes", bytes_of("1234567"), "too short"},
      {"huge header", bytes_of("\xff\xff\xff\xff\xff\xff\xff\x7f{}"),
       "the length of the header, at byte 0, is out of range"},
      {"header beyond the end", bytes_of(std::string("\x10\0\0\0\0\0\0\0{}", 10)),
       "the file ends inside its header (at byte 10 of 24)"},
      {"no header", file_of(""), "does not begin with {"},
      {"blank first", file_of(" {}"), "does not begin with {"},
      {"a list", file_of("[]"), "does not begin with {"},
      {"not JSON", file_of("{\"a\":}"), "header: is not valid JSON at byte 5"},
      {"deep", file_of("{\"a\":" + std::string(100'000, '[')), "nested deeper"},
      {"twice", file_of("{" + a4 + "," + a4 + "}", "1234"), "the key \"a\" stands twice"},
      {"metadata twice", file_of(R"({"__metadata__":{"k":"1","k":"2"}})"), "the key \"k\" stands twice"},
      {"metadata of numbers", file_of(R"({"__metadata__":{"k":1}})"),
       "__metadata__ holds something else than text (k)"},
      {"metadata list", file_of(R"({"__metadata__":[]})"), "__metadata__ is not a JSON object"},
      {"tensor is text", file_of(R"({"a":"x"})"), "tensor \"a\": is not a JSON object"},
      {"no dtype", tensor(R"("shape":[1],"data_offsets":[0,4])"), "tensor \"a\": has no dtype"},
      {"dtype", tensor(R"("dtype":"F31","shape":[1],"data_offsets":[0,4])"), "has an unknown dtype (\"F31\")"},
      {"key", tensor(R"("dtype":"F32","shape":[1],"data_offsets":[0,4],"x":1)"), "has an unknown key (\"x\")"},
      {"no shape", tensor(R"("dtype":"F32","data_offsets":[0,4])"), "has no shape"},
      {"negative", tensor(R"("dtype":"F32","shape":[-1],"data_offsets":[0,4])"), "has no shape"},
      {"fraction", tensor(R"("dtype":"F32","shape":[1.0],"data_offsets":[0,4])"), "has no shape"},
      {"rank", tensor(R"("dtype":"F32","shape":[1,1,1,1,1,1,1,1,1],"data_offsets":[0,4])"),
       "has too many dimensions (9), expected at most 8"},
      {"overflow", tensor(R"("dtype":"F32","shape":[1099511627776,1099511627776],"data_offsets":[0,4])"),
       "don't agree (4 bytes), expected a size that can be counted"},
      {"wraps to 4", tensor(R"("dtype":"F32","shape":[4611686018427387905],"data_offsets":[0,4])"),
       "expected a size that can be counted"},
      {"zero times huge", tensor(R"("dtype":"F32","shape":[4611686018427387905,4,0],"data_offsets":[0,0])"),
       "expected a size that can be counted"},
      {"offsets", tensor(R"("dtype":"F32","shape":[1],"data_offsets":[4,0])"), "has no data_offsets"},
      {"one offset", tensor(R"("dtype":"F32","shape":[1],"data_offsets":[4])"), "has no data_offsets"},
      {"beyond", tensor(R"("dtype":"F32","shape":[3],"data_offsets":[0,12])"),
       "the file ends inside its data (at byte 8 of 12)"},
      {"wrong size", tensor(R"("dtype":"F32","shape":[3],"data_offsets":[0,8])"), "don't agree (8 bytes), expected 12"},
      {"gap", tensor(R"("dtype":"F32","shape":[1],"data_offsets":[4,8])"),
       "leaves a gap before it (begins at 4), expected 0"},
      {"trailing", tensor(R"("dtype":"F32","shape":[1],"data_offsets":[0,4])"),
       "there are bytes after the last tensor (4), expected none"},
      {"overlap",
       file_of(
           R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[2,6]}})",
           "123456"),
       "tensor \"b\": overlaps the tensor before it"},
      {"same place", file_of("{" + a4 + R"(,"b":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})", "1234"),
       "overlaps"},
  };
}

TEST(Safetensors, RefusesHostileFiles) {
  for (const Hostile& hostile : hostile_files()) {
    EXPECT_TRUE(throws_error([&] { parse_safetensors(hostile.file, foreign()); }, ErrorKind::Model, hostile.text))
        << hostile.name;
  }
}

TEST(Safetensors, ReadsFilesOfOtherProgramsThatHaveNoChecksums) {
  const auto bytes = file_of(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}   )", "1234");
  EXPECT_EQ(parse_safetensors(bytes, foreign()).tensors.size(), 1u);
  EXPECT_EQ(parse_safetensors(file_of("{}"), foreign()).tensors.size(), 0u);
  EXPECT_TRUE(throws_error([&] { parse_safetensors(bytes, {.where = "f", .checksums = Checksums::Required}); },
                           ErrorKind::Model, "f: is not a file that redbud wrote"));
}

TEST(Safetensors, FindsEveryFlippedBit) {
  const Sample sample;
  const SafetensorsLimits limits{.where = "f", .kind = ErrorKind::Verification, .checksums = Checksums::Required};
  const SafetensorsFile good = parse_safetensors(sample.file, limits);
  for (size_t bit = 0; bit < sample.file.size() * 8; ++bit) {
    std::vector<std::byte> bytes = sample.file;
    bytes[bit / 8] ^= std::byte{1} << (bit % 8);
    std::string expected = "f";  // somewhere in the header
    for (const NamedTensor& tensor : good.tensors) {
      const auto begin = static_cast<size_t>(tensor.bytes.data() - good.storage.data());
      if (bit / 8 >= begin && bit / 8 < begin + tensor.bytes.size()) {
        expected = "f: tensor \"" + tensor.name + "\": the checksum differs";
      }
    }
    EXPECT_TRUE(throws_error([&] { parse_safetensors(bytes, limits); }, ErrorKind::Verification, expected)) << bit;
  }
}

TEST(Safetensors, FindsEveryTruncation) {
  const Sample sample;
  for (size_t size = 0; size < sample.file.size(); ++size) {
    const std::vector<std::byte> bytes(sample.file.begin(), sample.file.begin() + static_cast<std::ptrdiff_t>(size));
    EXPECT_THROW(parse_safetensors(bytes, foreign()), Error) << size;
  }
  std::vector<std::byte> longer = sample.file;
  longer.push_back(std::byte{0});
  EXPECT_TRUE(
      throws_error([&] { parse_safetensors(longer, foreign()); }, ErrorKind::Model, "bytes after the last tensor"));
}

TEST(Safetensors, ListsAllDamagedTensors) {
  Sample sample;
  const SafetensorsFile good = parse_safetensors(sample.file, foreign());
  for (const char* name : {"a", "b"}) {
    sample.file[static_cast<size_t>(good.find(name)->bytes.data() - good.storage.data())] ^= std::byte{4};
  }
  const CheckedSafetensors checked = check_safetensors(sample.file, {.where = "f"});
  ASSERT_EQ(checked.damaged.size(), 2u);
  EXPECT_EQ(checked.damaged[0].where, "f: tensor \"b\"");
  EXPECT_EQ(checked.damaged[1].where, "f: tensor \"a\"");
}

TEST(Safetensors, ATensorWithoutItsChecksumIsDamaged) {
  const std::string header =
      R"({"__metadata__":{"redbud.checksums":"{}"},"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})";
  EXPECT_TRUE(throws_error([&] { parse_safetensors(file_of(header, "1234"), {.where = "f"}); }, ErrorKind::Verification,
                           "f: tensor \"a\": there is no checksum"));
}

}  // namespace
}  // namespace redbud
