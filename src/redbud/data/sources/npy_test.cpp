#include "redbud/data/sources/npy.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "redbud/core/bytes.h"
#include "redbud/testing/core/throws_error.h"

namespace redbud {
namespace {

using std::string_literals::operator""s;

std::string npy(const std::string& header, const std::string& data, char version = 1) {
  std::string bytes =
      "\x93NUMPY"s + version + '\0' + static_cast<char>(header.size() & 0xFF) + static_cast<char>(header.size() >> 8);
  if (version > 1) bytes += "\0\0"s;
  return bytes + header + data;
}

std::string header(const std::string& type, const std::string& shape, bool fortran = false) {
  return "{'descr': '" + type + "', 'fortran_order': " + (fortran ? "True" : "False") + ", 'shape': " + shape +
         ", }   \n";
}

std::vector<float> floats(const std::string& bytes) {
  const Tensor tensor = to_floats(parse_npy(as_bytes(bytes), "t.npy"), "t.npy");
  const auto values = tensor.values<float>();
  return {values.begin(), values.end()};
}

::testing::AssertionResult refuses(const std::string& bytes, const std::string& message) {
  return throws_error([&] { floats(bytes); }, ErrorKind::Data, message);
}

TEST(Npy, ReadsEveryTypeInBothOrders) {
  using Floats = std::vector<float>;
  EXPECT_EQ(floats(npy(header("<f4", "(2,)"), "\x00\x00\xC0\x3F\x00\x00\x00\xC0"s)), (Floats{1.5F, -2}));
  EXPECT_EQ(floats(npy(header(">f4", "(2,)"), "\x3F\xC0\x00\x00\xC0\x00\x00\x00"s)), (Floats{1.5F, -2}));
  EXPECT_EQ(floats(npy(header(">f8", "(1,)"), "\x3F\xF8\0\0\0\0\0\0"s)), (Floats{1.5F}));
  EXPECT_EQ(floats(npy(header("<f2", "(3,)"), "\x00\x3E\x01\x00\x00\xC0"s)), (Floats{1.5F, 0x1p-24F, -2}));
  EXPECT_EQ(floats(npy(header("|i1", "(2,)"), "\x7F\x80"s)), (Floats{127, -128}));
  EXPECT_EQ(floats(npy(header("|u1", "(2,)"), "\x7F\x80"s)), (Floats{127, 128}));
  EXPECT_EQ(floats(npy(header("<i2", "(2,)"), "\x01\x00\xFE\xFF"s)), (Floats{1, -2}));
  EXPECT_EQ(floats(npy(header(">u2", "(1,)"), "\x01\x02"s)), (Floats{258}));
  EXPECT_EQ(floats(npy(header("<i4", "(1,)"), "\xFE\xFF\xFF\xFF"s)), (Floats{-2}));
  EXPECT_EQ(floats(npy(header("<u4", "(1,)"), "\xFF\xFF\xFF\xFF"s)), (Floats{0x1p32F}));
  EXPECT_EQ(floats(npy(header(">i8", "(1,)"), "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFE"s)), (Floats{-2}));
  EXPECT_EQ(floats(npy(header("|b1", "(2,)"), "\x01\x00"s)), (Floats{1, 0}));
}

TEST(Npy, ReadsEveryVersionAndOrder) {
  EXPECT_EQ(floats(npy(header("|u1", "(2, 3)"), "\1\2\3\4\5\6", 2)), (std::vector<float>{1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(floats(npy(header("|u1", "(2, 3)", true), "\1\2\3\4\5\6", 3)), (std::vector<float>{1, 3, 5, 2, 4, 6}));
  // np.arange(24).reshape(2, 3, 4) in Fortran order
  std::string fortran;
  for (int k = 0; k < 4; ++k) {
    for (int j = 0; j < 3; ++j) {
      for (int i = 0; i < 2; ++i) fortran += static_cast<char>(i * 12 + j * 4 + k);
    }
  }
  const std::vector<float> values = floats(npy(header("|u1", "(2, 3, 4)", true), fortran));
  for (size_t i = 0; i < 24; ++i) EXPECT_EQ(values[i], static_cast<float>(i));
  EXPECT_EQ(floats(npy("{\"shape\":(2,),\"descr\":\"|u1\",\"fortran_order\":False}", "\1\2")),
            (std::vector<float>{1, 2}));
}

TEST(Npy, RefusesPicklesAndOtherTypes) {
  EXPECT_TRUE(refuses(npy(header("|O", "(1,)"), "\x80\x04."),
                      "t.npy (byte 20): the array holds Python objects (a pickle), which are not read (\"|O\")"));
  EXPECT_TRUE(
      refuses(npy(header("<c8", "(1,)"), "12345678"), "an element type that is not read (\"<c8\"), expected f2 f4 f8"));
  EXPECT_TRUE(refuses(npy(header("<U3", "(1,)"), "12345678"), "an element type that is not read"));
  EXPECT_TRUE(refuses(npy("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,)}", "1234"),
                      "the NPY header has a structured type"));
}

TEST(Npy, RefusesSizesThatAreNotTrue) {
  EXPECT_TRUE(refuses(npy(header("<f4", "(3,)"), "12345678"),
                      "the dimensions (3) don't go with the file's size (8 bytes of data), expected 12"));
  EXPECT_TRUE(refuses(npy(header("|u1", "(7,)"), "12345678"), "(8 bytes of data), expected 7"));
  EXPECT_TRUE(refuses(npy(header("|u1", "(4294967296, 4294967296, 4)"), "12345678"), "expected a product below 2^63"));
  EXPECT_TRUE(refuses(npy(header("|u1", "(99999999999999999999,)"), "1"), "a dimension that is not a whole number"));
  EXPECT_TRUE(refuses(npy(header("|u1", "(-1,)"), "1"), "a dimension that is not a whole number"));
  EXPECT_TRUE(refuses(npy(header("|u1", "(0, 3)"), ""), "the array is empty ((0, 3)), expected rows"));
  EXPECT_TRUE(refuses(npy(header("|u1", "()"), "1"), "no dimensions: rows are needed"));
  EXPECT_TRUE(refuses(npy(header("|u1", "(1,1,1,1,1,1,1,1,1)"), "1"), "more dimensions than are read"));
}

TEST(Npy, RefusesBrokenHeaders) {
  const std::string good = npy(header("|u1", "(2,)"), "12");
  EXPECT_TRUE(refuses("", "t.npy (byte 0): not an NPY file"));
  EXPECT_TRUE(refuses("\x93NUMPX\1\0"s, "not an NPY file"));
  EXPECT_TRUE(refuses("\x93NUMPY\4\0"s, "an NPY version that is not read (4), expected 1, 2 or 3"));
  for (size_t size = 8; size < 60; ++size)
    EXPECT_TRUE(refuses(good.substr(0, size), "the NPY header is cut off")) << size;
  EXPECT_TRUE(refuses("\x93NUMPY\2\0\xFF\xFF\xFF\xFF"s,
                      "the NPY header is too long (4,294,967,295 bytes), expected at most 10,000"));
  EXPECT_TRUE(refuses(npy(header("|u1", "(2,)") + std::string(10'000, ' '), "12"), "the NPY header is too long"));
  EXPECT_TRUE(refuses(npy("{'descr': '|u1', 'shape': (2,)}", "12"), "no key 'descr', 'fortran_order' or 'shape'"));
  EXPECT_TRUE(refuses(npy("{'descr': '|u1', 'descr': '|u1'}", "12"), "a key that is there twice"));
  EXPECT_TRUE(refuses(npy("{'code': '|u1'}", "12"), "an unknown key"));
  EXPECT_TRUE(refuses(npy("{'fortran_order': maybe}", "12"), "neither True nor False"));
  EXPECT_TRUE(refuses(npy("__import__('os')", "12"), "a form that is not known"));
  EXPECT_TRUE(refuses(npy("{'descr", "12"), "a text without its end"));
  EXPECT_TRUE(refuses(npy(header("|u1", "(2,)") + "x", "12"), "text after the dictionary"));
}

TEST(Npy, NumbersThatNoFloatHolds) {
  EXPECT_TRUE(refuses(npy(header("<f8", "(2, 1)"), "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x7F"s),
                      "t.npy, row 1, element 0: larger than a 32-bit float can be (5.486124068793689e+303)"));
  EXPECT_TRUE(
      refuses(npy(header("<f4", "(1,)"), "\x00\x00\x80\x7F"s), "t.npy, row 0, element 0: not a finite number (inf)"));
  EXPECT_TRUE(std::isnan(floats(npy(header("<f4", "(1,)"), "\x00\x00\xC0\x7F"s))[0])) << "missing";
}

}  // namespace
}  // namespace redbud
