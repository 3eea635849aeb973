#pragma once
#include <cstdint>
#include <optional>
#include <string>

#include "redbud/core/config_value.h"

namespace redbud {

/// What must be the same for a run to go on with the same bits.
struct Fingerprint {
  ConfigValue config = {};   // network, training
  uint64_t data = 0;         // checksum of the encoded rows, in order
  std::string target = {};   // the instruction set; another one is allowed, but then the bits differ
  std::string version = {};  // of the program; the same holds. "": not known
};

/// The first place where two configurations differ: "train.learning_rate", with both values as JSON ("nothing" where
/// one has none).
struct ConfigDifference {
  std::string key;
  std::string left;
  std::string right;
};
std::optional<ConfigDifference> first_difference(const ConfigValue& left, const ConfigValue& right);

/// The instruction set or the version of the program, where they are others than then: "" if they are not.
std::string other_bits(const Fingerprint& saved, const Fingerprint& now);

/// Throws  Error{Data} naming what differs, and where: in the configuration or in the data
void require_same_run(const Fingerprint& saved, const Fingerprint& now, const std::string& where);

}  // namespace redbud
