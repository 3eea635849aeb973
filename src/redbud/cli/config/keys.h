#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "redbud/cli/config/range.h"
#include "redbud/core/config_value.h"

namespace redbud::cli {

/// What a key of a run file may hold.
enum class KeyKind {
  Text,      // "adult.csv"
  Boolean,   // true
  Integer,   // 20
  Number,    // 0.001
  Integers,  // [300, 100]
  Numbers,   // [0.5, 2]
  Texts,     // ["age", "sex"]
  Columns,   // "income", -1, or a list of these
  Portion,   // 0.2 (a share), 500 (a count), "test.csv" (a path)
  Choice,    // one of `words`
  Average,   // 0.999, "swa", or a table: { kind = "swa", start = 0.75 }
  Tables,    // [[train.layer]]: tables
  Named,     // "momentum", or a table of its constants: { name = "momentum", momentum = 0.9 }
  Rate,      // 0.3, or a table: { rate = 0.1, kind = "alpha" }
};

/// A key of a run file: the one row from which parsing, command-line option, --help and docs/run_file.md come.
struct Key {
  std::string_view section;
  std::string_view name;
  KeyKind kind = KeyKind::Text;
  std::string_view default_text = {};  // as a run file has it; "" = none
  std::string_view value_name = {};    // in --help: "N", "NAME"
  std::string_view meaning;
  std::string_view example = {};  // as a run file has it; "" = the default
  Range range = {};
  std::vector<std::string_view> words = {};        // texts that may stand instead of a value; all values of a Choice
  std::string_view name_key = {};                  // Named, Rate: the key that a plain value stands for
  std::vector<std::string> table_keys = {};        // Named, Rate: all keys of its table
  std::vector<std::string_view> later_words = {};  // words that are known, but not supported yet
  bool later = false;                              // only the default is supported yet

  /// "train.epochs"
  std::string path() const;
  /// "--batch-size"
  std::string option() const;
};

struct Section {
  std::string_view name;
  std::string_view meaning;
};

/// [data], [model], [train].
const std::vector<Section>& sections();

/// All keys, section by section.
const std::vector<Key>& run_keys();

/// The key of a section, or null.
const Key* find_key(std::string_view section, std::string_view name);

/// The default as a value; null where there is none.
ConfigValue default_value(const Key& key);

/// Checks type and range; `where` and the value's text go into the message.
/// Throws  Error{Usage} naming key, value and what it may be
void check_value(const Key& key, const ConfigValue& value);

/// The value that typed text means: "64,64" for a list, "0.2" or "test.csv" for a portion; what starts with { or [ is
/// TOML. Throws  Error{Usage}
ConfigValue parse_value(const Key& key, std::string_view text, const std::string& where);

}  // namespace redbud::cli
