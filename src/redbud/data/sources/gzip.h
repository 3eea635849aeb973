#pragma once
#include <cstdint>
#include <memory>
#include <string>

#include "redbud/data/sources/byte_source.h"

namespace redbud {

/// Unpacks gzip (RFC 1952; one member or several) while it is read, in bounded memory; checks each member's CRC and
/// length. Throws  Error{Data} naming the file: damaged, cut off, bytes after its end
class GzipSource final : public ByteSource {
 public:
  GzipSource(ByteSource& packed, std::string name);
  ~GzipSource() override;
  int64_t read(std::span<std::byte> bytes) override;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Unpacks one stream of raw deflate (as in a zip) into exactly `out`.
/// Throws  Error{Data} where the stream is damaged or holds more or less than that
void inflate_raw(std::span<const std::byte> packed, std::span<std::byte> out, const std::string& name);

}  // namespace redbud
