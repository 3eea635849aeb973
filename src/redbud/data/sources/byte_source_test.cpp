#include "redbud/data/sources/byte_source.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <string>
#include <vector>

#include "redbud/core/bytes.h"
#include "redbud/data/read.h"
#include "redbud/testing/core/fault_file_system.h"
#include "redbud/testing/core/memory_file_system.h"
#include "redbud/testing/core/temp_folder.h"
#include "redbud/testing/core/throws_error.h"

namespace redbud {
namespace {

int64_t read_all(ByteSource& source) {
  std::vector<std::byte> part(1000);
  int64_t all = 0;
  while (const int64_t count = source.read(part)) all += count;
  return all;
}

TEST(FileSource, FindsThatAFileChangedItsSize) {
  const TempFolder folder;
  const Path file = folder.write("t.csv", std::string(5000, 'x'));
  FileSource shorter(file);
  std::vector<std::byte> part(1000);
  shorter.read(part);
  std::filesystem::resize_file(file, 3000);
  EXPECT_TRUE(throws_error([&] { read_all(shorter); }, ErrorKind::Data,
                           "t.csv: the file changed while it was read (3,000 bytes), expected 5,000 bytes; try again"));
  FileSource longer(file);
  std::filesystem::resize_file(file, 4000);
  EXPECT_TRUE(throws_error([&] { read_all(longer); }, ErrorKind::Data, "expected 3,000 bytes"));
}

TEST(FileSource, AFailingDiskIsNamedAndASignalIsNot) {
  const TempFolder folder;
  std::string text = "a,b,y\n";
  for (int i = 0; i < 60'000; ++i) text += std::to_string(i % 999) + ",0.5," + std::to_string(i % 2) + "\n";
  const Path file = folder.write("t.csv", text);
  const auto with_fault = [&](Fault fault) {
    FaultFileSystem faulty(real_file_system(), fault);
    const ScopedFileSystem installed(faulty);
    const auto read = [&] { EXPECT_EQ(read_data(file).rows(), 60'000); };
    if (fault.error == EINTR) {
      EXPECT_NO_THROW(read());
      return faulty.was_met();
    }
    try {
      read();
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::Data);
      EXPECT_NE(std::string(error.what()).find("t.csv"), std::string::npos) << error.what();
      EXPECT_TRUE(faulty.was_met());
    }
    return faulty.was_met();
  };
  EXPECT_GT(for_each_operation(FaultMode::Once, EIO, with_fault), 5);
  EXPECT_GT(for_each_operation(FaultMode::Once, EINTR, with_fault), 5);
}

/// Gives a file other text when it is opened for the third time: the format is found out first, then it is read.
class Replacing final : public FileSystem {
 public:
  Replacing(MemoryFileSystem& inner, std::string text) : inner_(inner), text_(std::move(text)) {}
  IoStatus open(const Path& path, OpenMode mode, std::unique_ptr<FileHandle>& file) override {
    if (++opened_ == 3) inner_.put(path, text_);
    return inner_.open(path, mode, file);
  }
  IoStatus rename(const Path& from, const Path& to) override { return inner_.rename(from, to); }
  IoStatus remove(const Path& path) override { return inner_.remove(path); }
  IoStatus make_folder(const Path& path) override { return inner_.make_folder(path); }
  IoStatus sync_folder(const Path& path) override { return inner_.sync_folder(path); }
  IoStatus info(const Path& path, FileInfo& info) override { return inner_.info(path, info); }
  IoStatus list(const Path& folder, std::vector<std::string>& names) override { return inner_.list(folder, names); }
  IoStatus free_bytes(const Path& folder, int64_t& bytes) override { return inner_.free_bytes(folder, bytes); }

 private:
  MemoryFileSystem& inner_;
  std::string text_;
  int opened_ = 0;
};

TEST(FileSource, AFileThatIsReadTwiceMustBeTheSame) {
  std::string text = "x,y\n";  // texts where the first cells let expect numbers: it is read once more
  for (int i = 0; i < 6000; ++i)
    text += (i < 3000 ? std::to_string(10 + i % 80) : "t" + std::to_string(i % 9)) + "," + std::to_string(i % 2) + "\n";
  const auto read = [&](const std::string& second) {
    MemoryFileSystem files;
    files.put("/data/t.csv", text);
    Replacing replacing(files, second);
    const ScopedFileSystem installed(replacing);
    read_data("/data/t.csv");
  };
  EXPECT_NO_THROW(read(text)) << "the same text";
  std::string other = text;
  other[5000] = other[5000] == '1' ? '2' : '1';
  EXPECT_TRUE(throws_error([&] { read(other); }, ErrorKind::Data, "t.csv: the file changed while it was read"));
}

TEST(DataFile, KnowsGzipByItsContent) {
  const TempFolder folder;
  DataFile plain(folder.write("plain.gz", "a,b\n"));
  EXPECT_FALSE(plain.is_packed());
  EXPECT_EQ(read_all(plain), 4);
  EXPECT_EQ(plain.fingerprint(), checksum(as_bytes("a,b\n")));
  DataFile empty(folder.write("empty", ""));
  EXPECT_EQ(read_all(empty), 0);
}

}  // namespace
}  // namespace redbud
