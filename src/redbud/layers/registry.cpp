#include "redbud/layers/registry.h"

#include "redbud/core/did_you_mean.h"
#include "redbud/core/error.h"
#include "redbud/core/text.h"
#include "redbud/layers/activation.h"
#include "redbud/layers/alpha_dropout.h"
#include "redbud/layers/batch_norm.h"
#include "redbud/layers/combine.h"
#include "redbud/layers/dense.h"
#include "redbud/layers/dropout.h"
#include "redbud/layers/gaussian_dropout.h"
#include "redbud/layers/gaussian_noise.h"
#include "redbud/layers/layer_norm.h"
#include "redbud/layers/log_softmax.h"
#include "redbud/layers/softmax.h"

namespace redbud {
namespace {

std::vector<LayerEntry>& entries() {
  static std::vector<LayerEntry> list = {
      dense_entry(),          batch_norm_entry(),    layer_norm_entry(),
      dropout_entry(),        alpha_dropout_entry(), gaussian_dropout_entry(),
      gaussian_noise_entry(), activation_entry(),    softmax_entry(),
      log_softmax_entry(),    add_entry(),           concat_entry(),
  };
  return list;
}

[[noreturn]] void refuse(const std::string& where, const std::string& fact, std::string_view found,
                         const std::vector<std::string>& known) {
  std::string expected = "one of";
  for (const std::string& name : known) expected += (expected == "one of" ? " " : ", ") + name;
  throw Error(ErrorKind::Usage, {.where = where,
                                 .fact = fact,
                                 .found = quote(found),
                                 .expected = known.empty() ? "no keys" : expected,
                                 .hint = did_you_mean(found, known)});
}

void require_known_keys(const LayerEntry& entry, const ConfigValue& config) {
  if (config.is_null()) return;
  std::vector<std::string> known;
  for (const LayerKey& key : entry.keys) known.push_back(key.name);
  for (const ConfigEntry& key : config.as_table(entry.kind)) {
    bool is_known = false;
    for (const std::string& name : known) is_known = is_known || name == key.key;
    if (!is_known) refuse(key.value.where, "unknown key of a " + std::string(entry.kind) + " layer", key.key, known);
  }
}

}  // namespace

const std::vector<LayerEntry>& layer_registry() { return entries(); }

void register_layer(LayerEntry entry) {
  for (const LayerEntry& there : entries()) {
    if (there.kind == entry.kind)
      throw Error(ErrorKind::Usage, {.fact = "the kind of layer is taken", .found = std::string(entry.kind)});
  }
  entries().push_back(std::move(entry));
}

std::shared_ptr<const Layer> make_layer(std::string_view kind, const ConfigValue& config) {
  std::vector<std::string> kinds;
  for (const LayerEntry& entry : entries()) {
    if (entry.kind == kind) {
      require_known_keys(entry, config);
      return entry.make(config);
    }
    kinds.emplace_back(entry.kind);
  }
  refuse(config.where, "unknown kind of layer", kind, kinds);
}

}  // namespace redbud
