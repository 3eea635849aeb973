#include "redbud/data/sources/idx.h"

#include <gtest/gtest.h>

#include <array>
#include <string>

#include "redbud/data/recipe.h"
#include "redbud/testing/core/data_folder.h"
#include "redbud/testing/core/temp_folder.h"
#include "redbud/testing/core/throws_error.h"

namespace redbud {
namespace {

std::string big_endian(uint32_t value) {
  std::string bytes;
  for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(value >> shift & 0xFF);
  return bytes;
}

std::string idx(const std::vector<uint32_t>& extents, const std::string& data) {
  std::string bytes = big_endian(0x0800 + static_cast<uint32_t>(extents.size()));
  for (uint32_t extent : extents) bytes += big_endian(extent);
  return bytes + data;
}

std::string pixels(size_t count) {
  std::string data;
  for (size_t i = 0; i < count; ++i) data += static_cast<char>(i * 51);
  return data;
}

void write_part(const TempFolder& folder, const std::string& part, uint32_t rows, char separator = '-') {
  folder.write(part + "-images" + separator + "idx3-ubyte", idx({rows, 2, 3}, pixels(rows * 6)));
  std::string labels;
  for (uint32_t i = 0; i < rows; ++i) labels += static_cast<char>(i % 3);
  folder.write(part + "-labels" + separator + "idx1-ubyte", idx({rows}, labels));
}

Tensor read(const std::string& bytes, int rank) {
  const TempFolder folder;
  uint64_t fingerprint = 0;
  return read_idx(folder.write("t-idx", bytes), rank, fingerprint);
}

::testing::AssertionResult refuses(const std::string& bytes, int rank, const std::string& message) {
  return throws_error([&] { read(bytes, rank); }, ErrorKind::Data, message);
}

TEST(Idx, ReadsBytes) {
  const Tensor tensor = read(idx({2, 2, 3}, "abcdefghijkl"), 3);
  EXPECT_EQ(tensor.shape(), (Shape{2, 2, 3}));
  EXPECT_EQ(tensor.values<uint8_t>()[11], 'l');
}

TEST(Idx, RefusesBeforeItTakesMemory) {
  EXPECT_TRUE(refuses("", 3, "t-idx (byte 0): the IDX header is cut off"));
  EXPECT_TRUE(refuses(idx({2, 2, 3}, "").substr(0, 9), 3, "t-idx (byte 8): the IDX header is cut off"));
  EXPECT_TRUE(
      refuses(idx({12}, "abcdefghijkl"), 3,
              "t-idx (byte 0): not an IDX file of this kind (0x00000801), expected 0x00000803 (bytes, 3 dimensions)"));
  EXPECT_TRUE(refuses(std::string("\x03\x08\x00\x00", 4) + "xxxxxxxxxxxxxxxx", 3,
                      "an IDX file with its bytes in the wrong order"));
  EXPECT_TRUE(
      refuses(idx({2, 2, 3}, "abcdefghijk"), 3,
              "the dimensions (2, 2, 3) don't go with the file's size (11 bytes after the header), expected 12"));
  EXPECT_TRUE(refuses(idx({2, 2, 3}, "abcdefghijklm"), 3, "(13 bytes after the header), expected 12"));
  EXPECT_TRUE(refuses(idx({0xFFFFFFFF, 0xFFFFFFFF, 0xFFFFFFFF}, "abc"), 3, "expected a product below 2^63"));
  EXPECT_TRUE(refuses(idx({0x80000000, 0x7FFFFFFF, 1}, "abc"), 3, "don't go with the file's size"));
  EXPECT_TRUE(refuses(idx({0, 2, 3}, ""), 3, "t-idx (byte 4): dimension 1 is 0, expected rows"));
}

TEST(Idx, FindsFilesWithDashOrDot) {
  for (const char separator : {'-', '.'}) {
    const TempFolder folder;
    write_part(folder, "train", 6, separator);
    ReadNotes notes;
    const Dataset data = read_data(folder.path(), {}, &notes);
    EXPECT_EQ(data.rows(), 6);
    EXPECT_EQ(data.schema().sample_shape, (Shape{2, 3}));
    EXPECT_EQ(data.schema().classes, (std::vector<std::string>{"0", "1", "2"}));
    EXPECT_EQ(data.schema().features(), 6);
    EXPECT_FALSE(has_idx_test_files(folder.path()));
    write_part(folder, "t10k", 3, separator);
    EXPECT_TRUE(has_idx_test_files(folder.path()));
    EXPECT_EQ(read_idx_test_files(folder.path()).rows(), 3);
  }
}

TEST(Idx, KeepsBytesAndScalesThemInABatch) {
  const TempFolder folder;
  write_part(folder, "train", 3);
  const Dataset data = read_data(folder.path());
  EXPECT_EQ(data.arrays()->inputs.type(), DType::U8);
  const Recipe recipe = fit_recipe(data, MissingPolicy::Mean);
  EXPECT_DOUBLE_EQ(recipe.pixel_scale, 1.0 / 255);
  const auto source = encode(data, recipe);
  EXPECT_EQ(source->type().inputs[0].shape, (Shape{2, 3}));
  std::array<float, 12> x{};
  std::array<int32_t, 2> y{};
  const std::array<int64_t, 2> rows = {2, 0};
  BatchView view;
  view.inputs = {{.data = x.data(), .stride = 6}};
  view.targets = {{.data = y.data(), .stride = 1}};
  source->gather(rows, view);
  for (size_t i = 0; i < 6; ++i) {
    EXPECT_FLOAT_EQ(x[i], static_cast<float>((12 + i) * 51 % 256) / 255);
    EXPECT_FLOAT_EQ(x[6 + i], static_cast<float>(i * 51 % 256) / 255);
  }
  EXPECT_EQ(y, (std::array<int32_t, 2>{2, 0}));
}

TEST(Idx, FoldersThatDoNotFit) {
  const TempFolder folder;
  EXPECT_TRUE(throws_error([&] { read_data(folder.path()); }, ErrorKind::Data,
                           "the folder has no file train-images-idx3-ubyte (nor .gz)"));
  write_part(folder, "train", 4);
  folder.write("train-labels-idx1-ubyte", idx({3}, "abc"));
  EXPECT_TRUE(throws_error([&] { read_data(folder.path()); }, ErrorKind::Data,
                           "not as many labels as images (3), expected 4, as train-images-idx3-ubyte has"));
  std::filesystem::remove(folder / "train-labels-idx1-ubyte");
  EXPECT_TRUE(throws_error([&] { read_data(folder.path()); }, ErrorKind::Data, "no file train-labels-idx1-ubyte"));
}

TEST(Idx, AnotherFolderIsReadByTheRecipe) {
  const TempFolder train;
  write_part(train, "train", 6);
  const Recipe recipe = fit_recipe(read_data(train.path()), MissingPolicy::Mean);
  const TempFolder other;
  write_part(other, "train", 3);
  EXPECT_EQ(read_like(other.path(), recipe, true).rows(), 3);
  write_part(other, "t10k", 2);
  EXPECT_EQ(read_like(other.path(), recipe, true).rows(), 2) << "the test files, where there are some";
  std::filesystem::remove(other / "t10k-labels-idx1-ubyte");
  const Dataset unlabelled = read_like(other.path(), recipe, false);
  EXPECT_FALSE(unlabelled.has_targets());
  RowStream stream(other.path(), recipe);
  std::array<float, 18> x{};
  EXPECT_EQ(stream.next(x.data(), 6, 3), 2);
  EXPECT_FLOAT_EQ(x[1], 51.0F / 255);
  EXPECT_EQ(stream.next(x.data(), 6, 3), 0);

  const TempFolder larger;
  larger.write("train-images-idx3-ubyte", idx({1, 3, 3}, pixels(9)));
  larger.write("train-labels-idx1-ubyte", idx({1}, std::string(1, '\0')));
  EXPECT_TRUE(throws_error([&] { read_like(larger.path(), recipe, true); }, ErrorKind::Data,
                           "rows of another shape than in training ((3, 3)), expected (2, 3)"));
  const TempFolder unknown;
  unknown.write("train-images-idx3-ubyte", idx({1, 2, 3}, pixels(6)));
  unknown.write("train-labels-idx1-ubyte", idx({1}, "\x07"));
  EXPECT_TRUE(throws_error([&] { read_like(unknown.path(), recipe, true); }, ErrorKind::Data,
                           "row 0: a label that training never met (7), expected one of the 3 classes 0 to 2"));
}

TEST(SlowIdx, ReadsMnist) {
  const auto folder = require_data();
  if (!folder) GTEST_SKIP() << kNoData;
  const Dataset train = read_data(*folder / "mnist");
  EXPECT_EQ(train.rows(), 60'000);
  EXPECT_EQ(train.schema().sample_shape, (Shape{28, 28}));
  EXPECT_EQ(train.schema().classes.size(), 10U);
  int64_t sum = 0;
  for (uint8_t pixel : train.arrays()->inputs.values<uint8_t>()) sum += pixel;
  EXPECT_EQ(sum, 1'567'298'545);  // mean 33.3184, as published
  EXPECT_EQ(train.arrays()->classes[0], 5);
  EXPECT_EQ(train.arrays()->classes[59'999], 8);
  EXPECT_EQ(read_idx_test_files(*folder / "mnist").rows(), 10'000);
}

}  // namespace
}  // namespace redbud
