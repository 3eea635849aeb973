#include "redbud/testing/core/fault_file_system.h"

namespace redbud {

template <class Operation>
IoStatus FaultFileSystem::perform(const char* name, const Path& path, Operation operation) {
  const std::lock_guard lock(mutex_);
  log_.push_back(std::string(name) + " " + path.string());
  const bool is_now = count() == fault_.at;
  const bool is_past = fault_.at > 0 && count() > fault_.at;
  if (fault_.mode == FaultMode::PowerCut && is_now) throw PowerCut();
  const bool is_dead = fault_.mode == FaultMode::PowerCut && is_past;
  if (is_dead || (fault_.mode == FaultMode::Once && is_now) ||
      (fault_.mode == FaultMode::FromThenOn && (is_now || is_past))) {
    log_.back() += " failed";
    return {fault_.error};
  }
  return operation();
}

/// Asked before the write is counted.
bool FaultFileSystem::is_short(int64_t bytes) const {
  return fault_.mode == FaultMode::ShortWrite && count() + 1 == fault_.at && bytes > 1;
}

class FaultFileSystem::Handle final : public FileHandle {
 public:
  Handle(FaultFileSystem& system, Path path, std::unique_ptr<FileHandle> inner)
      : system_(system), path_(std::move(path)), inner_(std::move(inner)) {}

  IoStatus read(std::span<std::byte> bytes, int64_t& done) override {
    done = 0;
    return system_.perform("read", path_, [&] { return inner_->read(bytes, done); });
  }
  IoStatus read_at(int64_t offset, std::span<std::byte> bytes, int64_t& done) override {
    done = 0;
    return system_.perform("read", path_, [&] { return inner_->read_at(offset, bytes, done); });
  }
  IoStatus write(std::span<const std::byte> bytes, int64_t& done) override {
    done = 0;
    const std::lock_guard lock(system_.mutex_);
    if (system_.is_short(static_cast<int64_t>(bytes.size()))) bytes = bytes.first(bytes.size() / 2);
    return system_.perform("write", path_, [&] { return inner_->write(bytes, done); });
  }
  IoStatus sync() override {
    return system_.perform("sync", path_, [&] { return inner_->sync(); });
  }
  IoStatus truncate(int64_t size) override {
    return system_.perform("truncate", path_, [&] { return inner_->truncate(size); });
  }
  IoStatus lock_exclusive() override {
    return system_.perform("lock", path_, [&] { return inner_->lock_exclusive(); });
  }
  IoStatus info(FileInfo& info) override {
    return system_.perform("info", path_, [&] { return inner_->info(info); });
  }
  IoStatus close() override {
    return system_.perform("close", path_, [&] { return inner_->close(); });
  }

 private:
  FaultFileSystem& system_;
  Path path_;
  std::unique_ptr<FileHandle> inner_;
};

IoStatus FaultFileSystem::open(const Path& path, OpenMode mode, std::unique_ptr<FileHandle>& file) {
  return perform("open", path, [&]() -> IoStatus {
    std::unique_ptr<FileHandle> opened;
    const IoStatus status = inner_.open(path, mode, opened);
    if (status.ok()) file = std::make_unique<Handle>(*this, path, std::move(opened));
    return status;
  });
}
IoStatus FaultFileSystem::rename(const Path& from, const Path& to) {
  return perform("rename", to, [&] { return inner_.rename(from, to); });
}
IoStatus FaultFileSystem::remove(const Path& path) {
  return perform("remove", path, [&] { return inner_.remove(path); });
}
IoStatus FaultFileSystem::make_folder(const Path& path) {
  return perform("make_folder", path, [&] { return inner_.make_folder(path); });
}
IoStatus FaultFileSystem::sync_folder(const Path& path) {
  return perform("sync_folder", path, [&] { return inner_.sync_folder(path); });
}
IoStatus FaultFileSystem::info(const Path& path, FileInfo& info) {
  return perform("info", path, [&] { return inner_.info(path, info); });
}
IoStatus FaultFileSystem::list(const Path& folder, std::vector<std::string>& names) {
  return perform("list", folder, [&] { return inner_.list(folder, names); });
}
IoStatus FaultFileSystem::free_bytes(const Path& folder, int64_t& bytes) {
  return perform("free_bytes", folder, [&] { return inner_.free_bytes(folder, bytes); });
}

}  // namespace redbud
