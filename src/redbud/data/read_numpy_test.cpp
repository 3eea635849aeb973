#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <cstring>
#include <string>
#include <vector>

#include "redbud/data/recipe.h"
#include "redbud/testing/core/numpy_bytes.h"
#include "redbud/testing/core/temp_folder.h"
#include "redbud/testing/core/throws_error.h"

namespace redbud {
namespace {

// np.savez(f, x=np.array([[1.5, 2], [3, 4], [5, -6]], dtype='<f4'), y=np.array([0, 1, 1], dtype='<i8')), NumPy 2.4.6
constexpr std::string_view kStored =
    "504b03042d000000000000002100181fb412ffffffffffffffff05001400782e6e70790100100098000000000000009800000000000000"
    "934e554d5059010076007b276465736372273a20273c6634272c2027666f727472616e5f6f72646572273a2046616c73652c2027736861"
    "7065273a2028332c2032292c207d2020202020202020202020202020202020202020202020202020202020202020202020202020202020"
    "20202020202020202020202020202020200a0000c03f0000004000004040000080400000a0400000c0c0504b03042d0000000000000021"
    "0014479d64ffffffffffffffff05001400792e6e70790100100098000000000000009800000000000000934e554d5059010076007b2764"
    "65736372273a20273c6938272c2027666f727472616e5f6f72646572273a2046616c73652c20277368617065273a2028332c292c207d20"
    "20202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020"
    "202020200a000000000000000001000000000000000100000000000000504b01022d032d000000000000002100181fb412980000009800"
    "0000050000000000000000000000800100000000782e6e7079504b01022d032d00000000000000210014479d6498000000980000000500"
    "000000000000000000008001cf000000792e6e7079504b05060000000002000200660000009e0100000000";
// np.savez_compressed(f, labels=np.array([7, 9], dtype='u1'), X=np.arange(8, dtype='u1').reshape(2, 2, 2))
constexpr std::string_view kCompressed =
    "504b03042d0000000800000021006c7ced9effffffffffffffff0a0014006c6162656c732e6e7079010010008200000000000000460000"
    "00000000009bec17ea1b10c9c850c650ad9e925a9c5ca46ea5a05e536aa8aea3a09e965f54529498179f5f94920a12774bcc294e058a17"
    "672416a402f91a463a9a3a0ab50a14002e764e00504b03042d0000000800000021006160fdb5ffffffffffffffff05001400582e6e7079"
    "0100100088000000000000004f000000000000009bec17ea1b10c9c850c650ad9e925a9c5ca46ea5a05e536aa8aea3a09e965f54529498"
    "179f5f94920a12774bcc294e058a17672416a402f91a463a0a20a4a9a350ab401ee062606462666165630700504b01022d032d00000008"
    "00000021006c7ced9e46000000820000000a00000000000000000000008001000000006c6162656c732e6e7079504b01022d032d000000"
    "0800000021006160fdb54f00000088000000050000000000000000000000800182000000582e6e7079504b050600000000020002006b00"
    "0000080100000000";

std::string bytes_of(std::string_view hex) {
  std::string bytes;
  for (size_t i = 0; i < hex.size(); i += 2)
    bytes += static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16));
  return bytes;
}

Dataset read(const std::string& bytes, const ReadOptions& options = {}, ReadNotes* notes = nullptr) {
  const TempFolder folder;
  return read_data(folder.write("t.bin", bytes), options, notes);
}

::testing::AssertionResult refuses(const std::string& bytes, const std::string& message,
                                   const ReadOptions& options = {}) {
  return throws_error([&] { read(bytes, options); }, ErrorKind::Data, message);
}

std::vector<float> inputs(const Dataset& data) {
  const auto values = data.arrays()->inputs.values<float>();
  return {values.begin(), values.end()};
}

TEST(ReadNumpy, StoredArrays) {
  const Dataset data = read(bytes_of(kStored));
  EXPECT_EQ(data.rows(), 3);
  EXPECT_EQ(data.schema().sample_shape, Shape{2});
  EXPECT_EQ(inputs(data), (std::vector<float>{1.5F, 2, 3, 4, 5, -6}));
  EXPECT_EQ(data.schema().classes, (std::vector<std::string>{"0", "1"}));
  EXPECT_EQ(data.arrays()->classes, (std::vector<int32_t>{0, 1, 1}));
}

TEST(ReadNumpy, CompressedBytesArePixels) {
  ReadNotes notes;
  const Dataset data = read(bytes_of(kCompressed), {}, &notes);
  EXPECT_EQ(data.schema().sample_shape, (Shape{2, 2}));
  EXPECT_EQ(data.arrays()->inputs.values<uint8_t>()[7], 7);
  EXPECT_EQ(data.schema().classes, (std::vector<std::string>{"7", "9"}));
  EXPECT_EQ(notes.facts, (std::vector<std::string>{"2 rows of shape (2, 2), 2 classes"}));
  EXPECT_DOUBLE_EQ(fit_recipe(data, MissingPolicy::Mean).pixel_scale, 1.0 / 255);
}

TEST(ReadNumpy, AFlippedBitIsFoundOrMeansNothing) {
  const TempFolder folder;
  const std::string bytes = bytes_of(kStored);
  for (size_t bit = 0; bit < 8 * bytes.size(); bit += 5) {
    std::string flipped = bytes;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << bit % 8));
    try {  // times, versions and attributes of a zip entry say nothing about the arrays
      EXPECT_EQ(inputs(read_data(folder.write("t.npz", flipped))), (std::vector<float>{1.5F, 2, 3, 4, 5, -6}))
          << "bit " << bit;
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::Data);
    }
  }
}

TEST(ReadNumpy, ColumnsOfOneArray) {
  const std::string bytes = npy_bytes("(3, 3)", {1, 2, 0, 3, 4, 1, 5, 6, 1});
  EXPECT_EQ(inputs(read(bytes)), (std::vector<float>{1, 2, 3, 4, 5, 6}));
  const Dataset first = read(bytes, {.target = {"0", "-1"}});
  EXPECT_EQ(first.schema().task, Task::Regression);
  EXPECT_EQ(inputs(first), (std::vector<float>{2, 4, 6}));
  EXPECT_EQ(first.arrays()->numbers.values<float>()[2], 3);
  EXPECT_TRUE(refuses(bytes, "the array has no such column for the target (\"3\"), expected 0 to 2, or -1 for the last",
                      {.target = {"3"}}));
  EXPECT_TRUE(refuses(bytes, "(\"income\")", {.target = {"income"}}));
  EXPECT_TRUE(refuses(npy_bytes("(3,)", {1, 2, 3}),
                      "the array has no columns for inputs and targets ((3)), expected (rows, columns)"));
  EXPECT_TRUE(refuses(npy_bytes("(2, 2)", {1, 2, 3, 4}), "every column is a target", {.target = {"0", "1"}}));
}

TEST(ReadNumpy, ClassesOrNumbers) {
  EXPECT_EQ(read(npy_bytes("(3, 2)", {1, 0, 2, 1.5F, 3, 1})).schema().task, Task::Regression);
  EXPECT_EQ(read(npy_bytes("(3, 2)", {1, 0, 2, 7, 3, 0})).schema().classes, (std::vector<std::string>{"0", "7"}));
  EXPECT_EQ(read(npy_bytes("(3, 2)", {1, 0, 2, 7, 3, 0}), {.task = Task::Regression}).schema().task, Task::Regression);
  EXPECT_EQ(read(npy_bytes("(3, 2)", {1, 0.5F, 2, 7, 3, 0.5F}), {.task = Task::Classification}).schema().classes,
            (std::vector<std::string>{"0.5", "7"}));
  EXPECT_TRUE(refuses(npy_bytes("(2, 2)", {1, 3, 2, 3}), "the targets are one class only (3), expected at least two"));
}

TEST(ReadNumpy, MissingValues) {
  const std::string bytes = npy_bytes("(4, 2)", {1, 0, NAN, 1, 3, NAN, 5, 1});
  EXPECT_TRUE(refuses(bytes, "t.bin, row 2: the target has no value (nan)"));
  EXPECT_TRUE(refuses(bytes, "t.bin, row 1, element 0: a missing value (nan)", {.missing = MissingPolicy::Error}));
  const Dataset data = read(bytes, {.missing_target = MissingTargetPolicy::Drop});
  EXPECT_EQ(data.rows(), 3);
  const Recipe recipe = fit_recipe(data, MissingPolicy::Mean);
  EXPECT_DOUBLE_EQ(recipe.inputs[0].mean, 3);
  float x = 9;
  BatchView view;
  view.inputs = {{.data = &x, .stride = 1}};
  const std::array<int64_t, 1> row = {1};
  encode(data, recipe)->gather(row, view);
  EXPECT_EQ(x, 0) << "the mean's";
  EXPECT_EQ(read(bytes, {.missing = MissingPolicy::Drop, .missing_target = MissingTargetPolicy::Drop}).rows(), 2);
  EXPECT_TRUE(refuses(npy_bytes("(2, 2)", {INFINITY, 0, 1, 1}), "row 0, element 0: not a finite number (inf)"));
}

TEST(ReadNumpy, LikeInTraining) {
  const Recipe recipe = fit_recipe(read(npy_bytes("(3, 3)", {1, 2, 0, 3, 4, 1, 5, 6, 1})), MissingPolicy::Mean);
  const TempFolder folder;
  const Path both = folder.write("both.npy", npy_bytes("(2, 3)", {7, 8, 1, 9, 10, 0}));
  EXPECT_EQ(read_like(both, recipe, true).arrays()->classes, (std::vector<int32_t>{1, 0}));
  EXPECT_FALSE(read_like(both, recipe, false).has_targets());
  const Path alone = folder.write("alone.npy", npy_bytes("(2, 2)", {7, 8, 9, 10}));
  EXPECT_EQ(inputs(read_like(alone, recipe, false)), (std::vector<float>{7, 8, 9, 10}));
  EXPECT_TRUE(
      throws_error([&] { read_like(alone, recipe, true); }, ErrorKind::Data,
                   "alone.npy: rows of another width than in training (2 columns), expected 3: 2 inputs and 1 target"));
  const Path unknown = folder.write("unknown.npy", npy_bytes("(2, 3)", {7, 8, 1, 9, 10, 2}));
  EXPECT_TRUE(throws_error([&] { read_like(unknown, recipe, true); }, ErrorKind::Data,
                           "row 1: a label that training never met (2), expected one of the 2 classes 0 to 1"));
  const Path csv = folder.write("t.csv", "a,b\n1,2\n");
  EXPECT_TRUE(throws_error([&] { read_like(csv, recipe, false); }, ErrorKind::Data,
                           "t.csv: a text file, but the model was trained on arrays"));
  RowStream stream(alone, recipe);
  std::array<float, 4> x{};
  EXPECT_EQ(stream.next(x.data(), 2, 2), 2);
  EXPECT_FLOAT_EQ(x[0], static_cast<float>((7 - 3) / std::sqrt(8.0 / 3)));
}

const ReadOptions kFirstAndLast{.target = {"-1", "0"}, .task = Task::Regression};

TEST(ReadNumpy, TargetsStandWhereTheyStoodInTraining) {
  const Dataset data = read(npy_bytes("(3, 4)", {1, 2, 3, 4, 5, 6, 7, 8, 9, 8, 7, 6}), kFirstAndLast);
  EXPECT_EQ(data.schema().array_targets, (std::vector<int>{3, 0}));
  const Recipe recipe = fit_recipe(data, MissingPolicy::Mean);
  const TempFolder folder;
  const auto refuses = [&](const char* shape, std::vector<float> values, bool with_target, const char* text) {
    const Path file = folder.write("t.npy", npy_bytes(shape, values));
    return throws_error([&] { read_like(file, recipe, with_target); }, ErrorKind::Data, text);
  };
  const Path file = folder.write("both.npy", npy_bytes("(1, 4)", {10, 20, 30, 40}));
  const Dataset both = read_like(file, recipe, true);
  EXPECT_EQ(inputs(both), (std::vector<float>{20, 30}));
  EXPECT_EQ(both.arrays()->numbers.values<float>()[0], 40);
  EXPECT_EQ(both.arrays()->numbers.values<float>()[1], 10);
  EXPECT_EQ(inputs(read_like(file, recipe, false)), (std::vector<float>{20, 30}));
  const Path zip =
      folder.write("t.npz", npz_bytes({{"x", npy_bytes("(1, 2)", {20, 30})}, {"y", npy_bytes("(1, 2)", {40, 10})}}));
  EXPECT_EQ(read_like(zip, recipe, true).arrays()->numbers.values<float>()[1], 10);
  EXPECT_TRUE(refuses("(1, 3)", {1, 2, 3}, true, "(3 columns), expected 4: 2 inputs and 2 targets"));
  EXPECT_TRUE(refuses("(1, 3)", {1, 2, 3}, false, "2 inputs and 2 targets, or the inputs alone"));
  EXPECT_TRUE(refuses("(1, 2)", {1, 2}, true, "(2 columns), expected 4"));
}

TEST(ReadNumpy, ModelsOfOtherFilesTakeTheLastColumnsAsTargets) {
  const Recipe recipe =
      fit_recipe(read(npz_bytes({{"x", npy_bytes("(2, 1)", {1, 3})}, {"y", npy_bytes("(2, 2)", {0.5F, 1, 2.5F, 0})}})),
                 MissingPolicy::Mean);
  EXPECT_TRUE(recipe.schema.array_targets.empty());
  const TempFolder folder;
  const Dataset data = read_like(folder.write("t.npy", npy_bytes("(1, 3)", {7, 8, 9})), recipe, true);
  EXPECT_EQ(inputs(data), (std::vector<float>{7}));
  EXPECT_EQ(data.arrays()->numbers.values<float>()[0], 8);
}

TEST(ReadNumpy, SeveralLabels) {
  const auto file = [](std::vector<float> y) {
    return npz_bytes({{"x", npy_bytes("(3, 1)", {1, 3, 2})}, {"labels", npy_bytes("(3, 2)", y)}});
  };
  const ReadOptions classes{.task = Task::Classification};
  const Dataset data = read(file({0, 1, 1, 1, 0, 0}), classes);
  EXPECT_EQ(data.schema().task, Task::MultiLabel);
  EXPECT_EQ(data.schema().target_names, (std::vector<std::string>{"y0", "y1"}));
  EXPECT_TRUE(refuses(file({0, 1, 1, 2, 0, 0}), "t.bin, row 1, target 1: not a label (2), expected 0 or 1", classes));
  const Recipe recipe = fit_recipe(data, MissingPolicy::Mean);
  const TempFolder folder;
  const Path odd = folder.write("odd.npz", file({0, 1, 1, 1, 0.5F, 0}));
  EXPECT_TRUE(throws_error([&] { read_like(odd, recipe, true); }, ErrorKind::Data,
                           "odd.npz, row 2, target 0: not a label (0.5)"));
  EXPECT_EQ(read_like(odd, recipe, false).rows(), 3) << "predictions look at no target";
}

TEST(ReadNumpy, AnNpzHasNoColumnsToChooseTargetsFrom) {
  const std::string bytes = npz_bytes({{"x", npy_bytes("(2, 1)", {1, 3})}, {"y", npy_bytes("(2, 2)", {1, 2, 3, 4})}});
  EXPECT_EQ(read(bytes, {.target = {"y"}}).schema().outputs(), 2);
  EXPECT_TRUE(refuses(bytes, "an .npz has no columns to choose targets from (0, 1), expected no target, or \"y\"",
                      {.target = {"0", "1"}}));
}

TEST(ReadNumpy, AModelOfATableTakesNoArrays) {
  const TempFolder folder;
  const Recipe recipe = fit_recipe(read_data(folder.write("t.csv", "a,y\n1,0\n2,1\n")), MissingPolicy::Mean);
  const Path file = folder.write("t.npy", npy_bytes("(2, 1)", {7, 8}));
  EXPECT_TRUE(throws_error([&] { read_like(file, recipe, false); }, ErrorKind::Data,
                           "t.npy: an array file, but the model was trained on a table"));
  EXPECT_TRUE(throws_error([&] { RowStream(file, recipe); }, ErrorKind::Data, "an array file"));
}

TEST(ReadNumpy, NumbersForAModelOfBytesMayBeScaledAlready) {
  const Recipe recipe = fit_recipe(read(bytes_of(kCompressed)), MissingPolicy::Mean);
  const TempFolder folder;
  ReadNotes notes;
  read_like(folder.write("t.npy", npy_bytes("(1, 2, 2)", {0, 0.5F, 1, 0.25F})), recipe, false, {}, &notes);
  ASSERT_EQ(notes.warnings.size(), 1U);
  EXPECT_NE(notes.warnings[0].find("are they scaled already?"), std::string::npos);
}

}  // namespace
}  // namespace redbud
