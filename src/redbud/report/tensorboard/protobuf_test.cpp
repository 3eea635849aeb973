#include "redbud/report/tensorboard/protobuf.h"

#include <gtest/gtest.h>

#include <bit>
#include <string>
#include <vector>

namespace redbud {
namespace {

using std::string_literals::operator""s;

TEST(Protobuf, IsEncodedAsItsGuideSays) {
  // Examples of protobuf.dev/programming-guides/encoding: test1 {a: 150}, test2 {b: "testing"}, test3 {c {a: 150}}.
  EXPECT_EQ(ProtoWriter().integer(1, 150).bytes(), "\x08\x96\x01"s);
  EXPECT_EQ(ProtoWriter().text(2, "testing").bytes(), "\x12\x07testing"s);
  EXPECT_EQ(ProtoWriter().message(3, ProtoWriter().integer(1, 150)).bytes(), "\x1a\x03\x08\x96\x01"s);
  EXPECT_EQ(ProtoWriter().integer(1, -2).bytes(), "\x08\xfe\xff\xff\xff\xff\xff\xff\xff\xff\x01"s);
  EXPECT_EQ(ProtoWriter().number(1, 1.0).bytes(), "\x09\0\0\0\0\0\0\xf0\x3f"s);
  EXPECT_EQ(ProtoWriter().number(2, 1.0F).bytes(), "\x15\0\0\x80\x3f"s);
  EXPECT_EQ(ProtoWriter().numbers(6, std::vector<double>{1.0}).bytes(), "\x32\x08\0\0\0\0\0\0\xf0\x3f"s);
  EXPECT_EQ(ProtoWriter().integer(16, 0).bytes(), "\x80\x01\0"s);
}

TEST(Protobuf, ReadsWhatItWrites) {
  ProtoWriter writer;
  writer.integer(2, 300).number(1, 0.25).text(3, "x").number(4, 0.5F).integer(2, 7);
  ProtoReader reader(writer.bytes());
  EXPECT_EQ(reader.next()->value, 300U);
  EXPECT_EQ(std::bit_cast<double>(reader.next()->value), 0.25);
  EXPECT_EQ(reader.next()->bytes, "x");
  EXPECT_EQ(std::bit_cast<float>(static_cast<uint32_t>(reader.next()->value)), 0.5F);
  EXPECT_EQ(reader.next()->number, 2U);
  EXPECT_FALSE(reader.next());
  EXPECT_EQ(find_field(writer.bytes(), 2)->value, 300U) << "the first";
  EXPECT_FALSE(find_field(writer.bytes(), 9));
}

TEST(Protobuf, ATornMessageEnds) {
  const std::string whole = ProtoWriter().text(1, "abc").integer(2, 1000).number(3, 1.0).bytes();
  for (size_t size = 0; size < whole.size(); ++size) {
    ProtoReader reader(std::string_view(whole).substr(0, size));
    size_t fields = 0;
    while (reader.next()) ++fields;
    EXPECT_EQ(fields, (size >= 5 ? 1U : 0U) + (size >= 8 ? 1U : 0U)) << size;
  }
  EXPECT_FALSE(ProtoReader("\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01").next()) << "a size beyond the end";
  EXPECT_FALSE(ProtoReader("\x0b").next()) << "a group";
}

}  // namespace
}  // namespace redbud
