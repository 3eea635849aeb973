#include "redbud/data/sources/gzip.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include <string>
#include <vector>

#include "redbud/core/bytes.h"
#include "redbud/core/checksum.h"
#include "redbud/data/read.h"
#include "redbud/testing/core/temp_folder.h"
#include "redbud/testing/core/throws_error.h"

namespace redbud {
namespace {

/// By zlib's own one-call functions: window 31 for gzip, -15 for raw deflate.
std::string pack(std::string_view text, int window) {
  z_stream stream{};
  deflateInit2(&stream, 6, Z_DEFLATED, window, 8, Z_DEFAULT_STRATEGY);
  std::string packed(deflateBound(&stream, text.size()) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  deflate(&stream, Z_FINISH);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return packed;
}

std::string unpack(const std::string& packed, size_t at_once = 1000) {
  MemorySource source(as_bytes(packed));
  GzipSource gzip(source, "t.gz");
  std::string text;
  std::vector<std::byte> part(at_once);
  while (const int64_t count = gzip.read(part)) text += as_text(std::span(part).first(static_cast<size_t>(count)));
  return text;
}

std::string long_text() {
  std::string text;
  for (int i = 0; i < 100'000; ++i) text += std::to_string(i * 7919 % 10007) + ",";
  return text;
}

TEST(Gzip, UnpacksInParts) {
  const std::string text = long_text();
  for (const size_t at_once : {1U, 777U, 10'000'000U}) EXPECT_EQ(unpack(pack(text, 31), at_once), text) << at_once;
  EXPECT_EQ(unpack(pack("", 31)), "");
}

TEST(Gzip, UnpacksSeveralMembers) { EXPECT_EQ(unpack(pack("one,", 31) + pack("", 31) + pack("two", 31)), "one,two"); }

TEST(Gzip, NamesWhatIsWrong) {
  const std::string packed = pack(long_text(), 31);
  for (const size_t length : {size_t{2}, size_t{11}, packed.size() / 2, packed.size() - 1}) {
    EXPECT_TRUE(
        throws_error([&] { unpack(packed.substr(0, length)); }, ErrorKind::Data, "t.gz: the gzip data are cut off"))
        << length;
  }
  EXPECT_TRUE(
      throws_error([&] { unpack(packed + "more"); }, ErrorKind::Data, "t.gz: bytes follow the end of the gzip data"));
  std::string flipped = packed;
  flipped[packed.size() - 6] = static_cast<char>(flipped[packed.size() - 6] ^ 1);  // in the CRC
  EXPECT_TRUE(throws_error([&] { unpack(flipped); }, ErrorKind::Data,
                           "t.gz: the gzip data are damaged (incorrect data check)"));
}

TEST(Gzip, AFlippedBitIsFoundOrMeansNothing) {
  const std::string text = "a,b,y\n1,2,0\n3,4,1\n";
  const std::string packed = pack(text, 31);
  for (size_t bit = 8 * 10; bit < 8 * packed.size(); ++bit) {  // behind the header, whose time and system mean nothing
    std::string flipped = packed;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << bit % 8));
    try {  // the bits that fill up the last byte of deflate mean nothing
      EXPECT_EQ(unpack(flipped), text) << "bit " << bit;
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::Data);
    }
  }
}

TEST(Gzip, ACsvFileMayBePacked) {
  const TempFolder folder;
  const std::string packed = pack("a,y\n1,0\n2,1\n", 31);
  const Dataset data = read_data(folder.write("t.csv.gz", packed));
  EXPECT_EQ(data.table()->columns[0].numbers, (NumberVector{1, 2}));
  EXPECT_EQ(data.fingerprint, checksum(as_bytes(packed))) << "of the file as it lies on the disk";
  EXPECT_EQ(read_data(folder.write("named_wrongly.csv", packed)).rows(), 2);
  EXPECT_TRUE(throws_error([&] { read_data(folder.write("cut.csv.gz", packed.substr(0, packed.size() - 3))); },
                           ErrorKind::Data, "cut.csv.gz: the gzip data are cut off"));
}

TEST(InflateRaw, UnpacksExactlyWhatIsDeclared) {
  const std::string text = long_text();
  const std::string packed = pack(text, -15);
  const auto inflate = [&](const std::string& bytes, size_t size) {
    std::vector<std::byte> out(size);
    inflate_raw(as_bytes(bytes), out, "t.npz");
    return std::string(as_text(out));
  };
  EXPECT_EQ(inflate(packed, text.size()), text);
  EXPECT_TRUE(throws_error([&] { inflate(packed, text.size() - 1); }, ErrorKind::Data,
                           "t.npz: holds more bytes than it declares"));
  EXPECT_TRUE(throws_error([&] { inflate(packed, text.size() + 1); }, ErrorKind::Data,
                           "t.npz: holds fewer bytes than it declares"));
  EXPECT_TRUE(throws_error([&] { inflate(packed.substr(0, 100), text.size()); }, ErrorKind::Data,
                           "t.npz: the deflated data are damaged or cut off"));
  EXPECT_TRUE(throws_error([&] { inflate(packed + "x", text.size()); }, ErrorKind::Data,
                           "t.npz: bytes follow the end of the deflated data"));
}

}  // namespace
}  // namespace redbud
