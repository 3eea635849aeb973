#include "redbud/data/sources/zip.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include <string>
#include <vector>

#include "redbud/core/bytes.h"
#include "redbud/testing/core/throws_error.h"

namespace redbud {
namespace {

std::string little_endian(uint64_t value, int bytes) {
  std::string text;
  for (int i = 0; i < bytes; ++i) text += i < 8 ? static_cast<char>(value >> 8 * i & 0xFF) : char{0};
  return text;
}

/// What an entry's headers say, where it is not what is so.
struct Entry {
  std::string name = "x.npy";
  std::string packed = "12345";
  std::string text = "12345";
  uint16_t method = 0;
  uint16_t flags = 0;
  uint32_t crc_change = 0;
  uint32_t declared = 0;        // instead of text.size()
  std::string local_name = "";  // instead of name
  std::string extra = "";       // of both headers
  uint32_t size_field = 0;      // of both headers, instead of the sizes
  uint32_t local_offset = 0;    // instead of where it is
};

std::string zip(const std::vector<Entry>& entries, uint16_t count_change = 0) {
  std::string archive;
  std::string directory;
  for (const Entry& e : entries) {
    const auto crc = static_cast<uint32_t>(
                         crc32(0, reinterpret_cast<const Bytef*>(e.text.data()), static_cast<uInt>(e.text.size()))) ^
                     e.crc_change;
    const uint64_t packed = e.size_field != 0 ? e.size_field : e.packed.size();
    const uint64_t bytes = e.size_field != 0 ? e.size_field : e.declared != 0 ? e.declared : e.text.size();
    const std::string common = little_endian(20, 2) + little_endian(e.flags, 2) + little_endian(e.method, 2) +
                               little_endian(0, 4) + little_endian(crc, 4) + little_endian(packed, 4) +
                               little_endian(bytes, 4);
    const std::string local_name = e.local_name.empty() ? e.name : e.local_name;
    const uint64_t offset = e.local_offset != 0 ? e.local_offset : archive.size();
    archive += "PK\3\4" + common + little_endian(local_name.size(), 2) + little_endian(e.extra.size(), 2) + local_name +
               e.extra + e.packed;
    directory += "PK\1\2" + little_endian(20, 2) + common + little_endian(e.name.size(), 2) +
                 little_endian(e.extra.size(), 2) + little_endian(0, 2 + 2 + 2 + 4) + little_endian(offset, 4) +
                 e.name + e.extra;
  }
  const uint64_t count = entries.size() + count_change;
  return archive + directory + "PK\5\6" + little_endian(0, 4) + little_endian(count, 2) + little_endian(count, 2) +
         little_endian(directory.size(), 4) + little_endian(archive.size(), 4) + little_endian(0, 2);
}

std::string deflated(const std::string& text) {
  z_stream stream{};
  deflateInit2(&stream, 9, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY);
  std::string packed(deflateBound(&stream, text.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  deflate(&stream, Z_FINISH);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return packed;
}

std::string read_first(const std::string& archive) {
  const std::vector<ZipEntry> entries = list_zip(as_bytes(archive), "t.npz");
  return std::string(as_text(read_zip_entry(as_bytes(archive), entries.at(0), "t.npz")));
}

::testing::AssertionResult refuses(const std::string& archive, const std::string& message) {
  return throws_error([&] { read_first(archive); }, ErrorKind::Data, message);
}

TEST(Zip, ReadsStoredAndDeflatedEntries) {
  EXPECT_EQ(read_first(zip({{}})), "12345");
  const std::string text(100'000, 'a');
  EXPECT_EQ(read_first(zip({{.packed = deflated(text), .text = text, .method = 8}})), text);
  EXPECT_EQ(list_zip(as_bytes(zip({{}, {.name = "y.npy"}})), "t.npz").size(), 2U);
  EXPECT_TRUE(list_zip(as_bytes(zip({})), "t.npz").empty());
}

TEST(Zip, ReadsSizesOfZip64) {
  const std::string extra = little_endian(1, 2) + little_endian(16, 2) + little_endian(5, 8) + little_endian(5, 8);
  EXPECT_EQ(read_first(zip({{.extra = extra, .size_field = 0xFFFFFFFF}})), "12345");
  EXPECT_TRUE(refuses(zip({{.size_field = 0xFFFFFFFF}}), "a zip64 size is missing"));
  const std::string lie =
      little_endian(1, 2) + little_endian(16, 2) + little_endian(uint64_t{1} << 62, 8) + little_endian(5, 8);
  EXPECT_TRUE(refuses(zip({{.extra = lie, .size_field = 0xFFFFFFFF}}), "a zip64 size that is not true"));
}

TEST(Zip, VerifiesTheChecksum) {
  EXPECT_TRUE(
      refuses(zip({{.crc_change = 1}}), "t.npz, entry \"x.npy\": the checksum is wrong (cbf53a1c), expected cbf53a1d"));
  EXPECT_TRUE(refuses(zip({{.packed = "12346"}}), "the checksum is wrong"));
}

TEST(Zip, RefusesNamesThatLeadOut) {
  for (const char* name : {"../x.npy", "a/../../x.npy", "/x.npy", "\\x.npy", "C:x.npy", "a\\..\\x.npy", ".."}) {
    EXPECT_TRUE(refuses(zip({{.name = name}}), "an entry of the zip archive has a name that leads out of it")) << name;
  }
  EXPECT_TRUE(refuses(zip({{}, {}}), "two entries of the zip archive have one name (\"x.npy\")"));
}

TEST(Zip, RefusesWhatItDoesNotRead) {
  EXPECT_TRUE(refuses(zip({{.flags = 1}}), "entry \"x.npy\" is encrypted"));
  EXPECT_TRUE(refuses(zip({{.method = 12}}), "entry \"x.npy\" is packed by a method that is not read (12)"));
}

TEST(Zip, RefusesHeadersThatDiffer) {
  EXPECT_TRUE(refuses(zip({{.local_name = "y.npy"}}),
                      "t.npz (byte 0): the header of entry \"x.npy\" differs from the directory"));
  std::string archive = zip({{}});
  archive[8] = 8;  // the method in the local header
  EXPECT_TRUE(refuses(archive, "differs from the directory"));
  archive = zip({{}});
  archive[18] = 4;  // its packed size
  EXPECT_TRUE(refuses(archive, "differs from the directory"));
  EXPECT_TRUE(refuses(zip({{.local_offset = 7}}), "entry \"x.npy\" has no header here"));
}

TEST(Zip, RefusesSizesThatAreNotTrue) {
  EXPECT_TRUE(refuses(zip({{.declared = 6}}), "entry \"x.npy\" is stored, but its sizes differ (5 and 6)"));
  EXPECT_TRUE(refuses(zip({{.packed = deflated("12345"), .method = 8, .declared = 1'000'000}}),
                      "declares more bytes than it can hold (1,000,000 in 7)"));
  EXPECT_TRUE(
      refuses(zip({{.packed = deflated("12345"), .method = 8, .declared = 6}}), "holds fewer bytes than it declares"));
  EXPECT_TRUE(
      refuses(zip({{.packed = deflated("12345"), .method = 8, .declared = 4}}), "holds more bytes than it declares"));
}

TEST(Zip, RefusesEntriesThatLieOverEachOther) {
  // Two names for one run of bytes, as bombs are made: the second entry's header stands within the first one's data.
  const std::string inner = zip({{.name = "y.npy"}});
  const std::string body = inner.substr(0, 30 + 5 + 5);
  EXPECT_TRUE(
      refuses(zip({{.packed = body, .text = body}, {.name = "y.npy", .local_offset = 35}}), "lie over each other"));
}

TEST(Zip, RefusesDamagedArchives) {
  const std::string archive = zip({{}, {.name = "y.npy"}});
  for (size_t size = 0; size < archive.size(); ++size) {
    EXPECT_TRUE(throws_error([&] { read_first(archive.substr(0, size)); }, ErrorKind::Data, "t.npz (byte ")) << size;
  }
  EXPECT_TRUE(refuses(archive + "x", "no zip archive: its end is missing"));
  EXPECT_TRUE(refuses(zip({{}}, 1), "the directory of the zip archive is damaged"));
  std::string split = archive;
  split[archive.size() - 18] = 1;
  EXPECT_TRUE(refuses(split, "a zip archive over several files"));
}

}  // namespace
}  // namespace redbud
