#pragma once
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "redbud/core/file.h"

namespace redbud {

/// A file system in memory that knows what a power cut would leave of it.
///
/// It keeps no promise that POSIX does not make: what was written is safe only after sync() of the file, and a file's
/// name (created, renamed or removed) only after sync_folder() of its folder. Folders themselves are safe as soon as
/// they are made. Its memory is not the program's: no FailingAllocation strikes here.
class MemoryFileSystem final : public FileSystem {
 public:
  MemoryFileSystem();

  IoStatus open(const Path& path, OpenMode mode, std::unique_ptr<FileHandle>& file) override;
  IoStatus rename(const Path& from, const Path& to) override;
  IoStatus remove(const Path& path) override;
  IoStatus make_folder(const Path& path) override;
  IoStatus sync_folder(const Path& path) override;
  IoStatus info(const Path& path, FileInfo& info) override;
  IoStatus list(const Path& folder, std::vector<std::string>& names) override;
  IoStatus free_bytes(const Path& folder, int64_t& bytes) override;

  /// How much more may be written; a write that does not fit is cut short, the next one fails with ENOSPC.
  void set_free_bytes(int64_t bytes) { free_bytes_ = bytes; }

  /// A file with this content, safely on disk, in folders that are made as needed.
  void put(const Path& path, std::string_view text);
  /// Its content, or "" if there is none.
  std::string text_of(const Path& path) const;
  bool has(const Path& path) const;

  /// Leaves of all that was not synced only what the seed says: each write is there, lost, torn, or zeros of its
  /// length; each new, changed or removed name is there or not; in any order. Files that are open stay usable, but
  /// belong to the past.
  void lose_power(uint64_t seed);

 private:
  struct Write {
    int64_t offset = 0;
    std::string bytes = {};
    bool truncates = false;  // to `offset`
  };
  struct File {
    std::string bytes;
    std::string safe_bytes;
    std::vector<Write> unsafe;  // since the last sync
    uint64_t inode = 0;
    int64_t modified_ns = 0;
    bool locked = false;
  };
  using Names = std::map<std::string, std::shared_ptr<File>>;
  struct NameChange {
    std::vector<std::string> removed = {};
    Names added = {};
  };
  struct Folder {
    Names names;
    Names safe_names;
    std::vector<NameChange> unsafe;
  };
  class Handle;

  Folder* folder_of(const Path& path);
  const std::shared_ptr<File>* find(const Path& path) const;
  void change(Folder& folder, NameChange change);
  IoStatus append(File& file, int64_t offset, std::span<const std::byte> bytes, int64_t& done);
  static void apply(const Write& write, std::string& bytes);
  static void apply(const NameChange& change, Names& names);

  std::map<std::string, Folder> folders_;
  int64_t free_bytes_ = int64_t{1} << 40;
  uint64_t next_inode_ = 1;
  int64_t clock_ns_ = 0;  // one tick an operation: times that are the same in every run
};

}  // namespace redbud
