#include "redbud/testing/core/memory_file_system.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <random>
#include <set>

#include "redbud/core/bytes.h"
#include "redbud/testing/core/allocations.h"

namespace redbud {
namespace {

std::string key_of(const Path& folder) {
  std::string key = folder.lexically_normal().string();
  while (key.size() > 1 && key.back() == '/') key.pop_back();
  return key.empty() ? "." : key;
}

std::string parent_of(const Path& path) { return key_of(path.lexically_normal().parent_path()); }
std::string name_of(const Path& path) { return path.lexically_normal().filename().string(); }

}  // namespace

class MemoryFileSystem::Handle final : public FileHandle {
 public:
  Handle(MemoryFileSystem& system, std::shared_ptr<File> file, OpenMode mode)
      : system_(system), file_(std::move(file)), mode_(mode) {}
  ~Handle() override { close(); }
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;

  IoStatus read(std::span<std::byte> bytes, int64_t& done) override {
    const IoStatus status = read_at(position_, bytes, done);
    position_ += done;
    return status;
  }
  IoStatus read_at(int64_t offset, std::span<std::byte> bytes, int64_t& done) override {
    const auto size = static_cast<int64_t>(file_->bytes.size());
    done = std::clamp<int64_t>(size - offset, 0, static_cast<int64_t>(bytes.size()));
    if (done > 0) std::memcpy(bytes.data(), file_->bytes.data() + offset, static_cast<size_t>(done));
    return {};
  }
  IoStatus write(std::span<const std::byte> bytes, int64_t& done) override {
    const SparedAllocations spared;
    done = 0;
    if (mode_ == OpenMode::Read) return {EBADF};
    if (mode_ == OpenMode::Append) position_ = static_cast<int64_t>(file_->bytes.size());
    const IoStatus status = system_.append(*file_, position_, bytes, done);
    position_ += done;
    return status;
  }
  IoStatus sync() override {
    const SparedAllocations spared;
    file_->safe_bytes = file_->bytes;
    file_->unsafe.clear();
    return {};
  }
  IoStatus truncate(int64_t size) override {
    const SparedAllocations spared;
    if (mode_ == OpenMode::Read) return {EINVAL};
    file_->unsafe.push_back({.offset = size, .truncates = true});
    file_->bytes.resize(static_cast<size_t>(size));
    return {};
  }
  IoStatus lock_exclusive() override {
    if (file_->locked && !holds_lock_) return {EWOULDBLOCK};
    file_->locked = holds_lock_ = true;
    return {};
  }
  IoStatus info(FileInfo& info) override {
    info = {.type = FileType::Regular,
            .size = static_cast<int64_t>(file_->bytes.size()),
            .modified_ns = file_->modified_ns,
            .inode = file_->inode};
    return {};
  }
  IoStatus close() override {
    if (holds_lock_) file_->locked = false;
    holds_lock_ = false;
    return {};
  }

 private:
  MemoryFileSystem& system_;
  std::shared_ptr<File> file_;
  OpenMode mode_;
  int64_t position_ = 0;
  bool holds_lock_ = false;
};

MemoryFileSystem::MemoryFileSystem() { folders_ = {{"/", {}}, {".", {}}}; }

MemoryFileSystem::Folder* MemoryFileSystem::folder_of(const Path& path) {
  const auto found = folders_.find(parent_of(path));
  return found == folders_.end() ? nullptr : &found->second;
}

const std::shared_ptr<MemoryFileSystem::File>* MemoryFileSystem::find(const Path& path) const {
  const auto folder = folders_.find(parent_of(path));
  if (folder == folders_.end()) return nullptr;
  const auto file = folder->second.names.find(name_of(path));
  return file == folder->second.names.end() ? nullptr : &file->second;
}

void MemoryFileSystem::apply(const NameChange& change, Names& names) {
  for (const std::string& name : change.removed) names.erase(name);
  for (const auto& [name, file] : change.added) names[name] = file;
}

void MemoryFileSystem::apply(const Write& write, std::string& bytes) {
  const auto offset = static_cast<size_t>(write.offset);
  if (write.truncates) {
    bytes.resize(offset);
    return;
  }
  if (bytes.size() < offset + write.bytes.size()) bytes.resize(offset + write.bytes.size());
  bytes.replace(offset, write.bytes.size(), write.bytes);
}

void MemoryFileSystem::change(Folder& folder, NameChange change) {
  apply(change, folder.names);
  folder.unsafe.push_back(std::move(change));
}

IoStatus MemoryFileSystem::append(File& file, int64_t offset, std::span<const std::byte> bytes, int64_t& done) {
  done = std::min(static_cast<int64_t>(bytes.size()), free_bytes_);
  if (done == 0 && !bytes.empty()) return {ENOSPC};
  const Write write{.offset = offset, .bytes = std::string(as_text(bytes.first(static_cast<size_t>(done))))};
  apply(write, file.bytes);
  file.unsafe.push_back(write);
  file.modified_ns = ++clock_ns_;
  free_bytes_ -= done;
  return {};
}

IoStatus MemoryFileSystem::open(const Path& path, OpenMode mode, std::unique_ptr<FileHandle>& file) {
  const SparedAllocations spared;
  Folder* folder = folder_of(path);
  if (folder == nullptr) return {ENOENT};
  if (folders_.contains(key_of(path))) return {EISDIR};
  const std::shared_ptr<File>* found = find(path);
  if (found != nullptr && mode == OpenMode::CreateNew) return {EEXIST};
  if (found == nullptr && mode == OpenMode::Read) return {ENOENT};
  std::shared_ptr<File> opened = found == nullptr ? std::make_shared<File>() : *found;
  if (found == nullptr) {
    opened->inode = next_inode_++;
    opened->modified_ns = ++clock_ns_;
    change(*folder, {.added = {{name_of(path), opened}}});
  }
  file = std::make_unique<Handle>(*this, std::move(opened), mode);
  return {};
}

IoStatus MemoryFileSystem::rename(const Path& from, const Path& to) {
  const SparedAllocations spared;
  const std::shared_ptr<File>* found = find(from);
  Folder* target = folder_of(to);
  if (found == nullptr || target == nullptr) return {ENOENT};
  const std::shared_ptr<File> file = *found;
  Folder* source = folder_of(from);
  if (source == target) {  // one change: after a power cut, both or neither
    change(*target, {.removed = {name_of(from)}, .added = {{name_of(to), file}}});
  } else {
    change(*target, {.added = {{name_of(to), file}}});
    change(*source, {.removed = {name_of(from)}});
  }
  return {};
}

IoStatus MemoryFileSystem::remove(const Path& path) {
  const SparedAllocations spared;
  if (const auto folder = folders_.find(key_of(path)); folder != folders_.end()) {
    if (!folder->second.names.empty()) return {ENOTEMPTY};
    folders_.erase(folder);
    return {};
  }
  const std::shared_ptr<File>* found = find(path);
  if (found == nullptr) return {ENOENT};
  free_bytes_ += static_cast<int64_t>((*found)->bytes.size());
  change(*folder_of(path), {.removed = {name_of(path)}});
  return {};
}

IoStatus MemoryFileSystem::make_folder(const Path& path) {
  const SparedAllocations spared;
  if (folders_.contains(key_of(path)) || find(path) != nullptr) return {EEXIST};
  if (folder_of(path) == nullptr) return {ENOENT};
  folders_[key_of(path)];
  return {};
}

IoStatus MemoryFileSystem::sync_folder(const Path& path) {
  const SparedAllocations spared;
  const auto folder = folders_.find(key_of(path));
  if (folder == folders_.end()) return {ENOENT};
  folder->second.safe_names = folder->second.names;
  folder->second.unsafe.clear();
  return {};
}

IoStatus MemoryFileSystem::info(const Path& path, FileInfo& info) {
  const SparedAllocations spared;
  info = {};
  if (folders_.contains(key_of(path))) {
    info.type = FileType::Folder;
  } else if (const auto* found = find(path)) {
    return Handle(*this, *found, OpenMode::Read).info(info);
  }
  return {};
}

IoStatus MemoryFileSystem::list(const Path& folder, std::vector<std::string>& names) {
  const SparedAllocations spared;
  const auto found = folders_.find(key_of(folder));
  if (found == folders_.end()) return {ENOENT};
  std::set<std::string> sorted;
  for (const auto& [name, file] : found->second.names) sorted.insert(name);
  for (const auto& [key, other] : folders_) {
    if (key != found->first && parent_of(key) == found->first) sorted.insert(name_of(key));
  }
  names.assign(sorted.begin(), sorted.end());
  return {};
}

IoStatus MemoryFileSystem::free_bytes(const Path&, int64_t& bytes) {
  bytes = free_bytes_;
  return {};
}

void MemoryFileSystem::put(const Path& path, std::string_view text) {
  for (Path folder = path.parent_path(); folder.has_relative_path(); folder = folder.parent_path()) {
    folders_[key_of(folder)];
  }
  auto file = std::make_shared<File>();
  file->bytes = file->safe_bytes = text;
  file->inode = next_inode_++;
  file->modified_ns = ++clock_ns_;
  Folder& folder = *folder_of(path);
  folder.names[name_of(path)] = folder.safe_names[name_of(path)] = file;
}

std::string MemoryFileSystem::text_of(const Path& path) const {
  const auto* found = find(path);
  return found == nullptr ? "" : (*found)->bytes;
}

bool MemoryFileSystem::has(const Path& path) const { return find(path) != nullptr; }

void MemoryFileSystem::lose_power(uint64_t seed) {
  std::mt19937_64 random(seed);
  // With seed 0 all is lost, with seed 1 nothing: the two ends are always among the first seeds that a test tries.
  const auto pick = [&](uint64_t choices) { return seed == 0 ? 0 : seed == 1 ? 1 : random() % choices; };
  std::set<File*> seen;
  for (auto& [path, folder] : folders_) {
    for (const auto& names : {folder.names, folder.safe_names}) {
      for (const auto& [name, file] : names) {
        if (!seen.insert(file.get()).second) continue;
        file->locked = false;
        file->bytes = file->safe_bytes;
        for (Write write : file->unsafe) {
          const uint64_t fate = pick(4);
          if (fate == 0) continue;
          if (fate == 2 && !write.truncates) write.bytes.resize(random() % (write.bytes.size() + 1));
          if (fate == 3 && !write.truncates) write.bytes.assign(write.bytes.size(), '\0');
          apply(write, file->bytes);
        }
        file->safe_bytes = file->bytes;
        file->unsafe.clear();
      }
    }
    for (const NameChange& change : folder.unsafe) {
      if (pick(2) == 1) apply(change, folder.safe_names);
    }
    folder.names = folder.safe_names;
    folder.unsafe.clear();
  }
}

}  // namespace redbud
