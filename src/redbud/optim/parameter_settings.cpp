#include "redbud/optim/parameter_settings.h"

#include "redbud/core/error.h"
#include "redbud/core/text.h"

namespace redbud {
namespace {

std::string_view layer_of(std::string_view parameter) { return parameter.substr(0, parameter.rfind('.')); }

/// Where nothing matches after a *, that * takes one character more; an earlier one never needs to.
bool matches(std::string_view pattern, std::string_view text) {
  size_t p = 0;
  size_t t = 0;
  size_t star = std::string_view::npos;
  size_t taken = 0;  // of the text, up to what the star took
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      taken = t;
    } else if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == text[t])) {
      ++p;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++taken;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', p) == std::string_view::npos;
}

/// Calls f(layer) for each [[train.layer]] that means the segment, in their order: a later one wins.
template <class F>
void each_meant(const OptimizerConfig& config, const Segment& segment, F&& f) {
  for (const LayerSettings& layer : config.layers) {
    if (names_parameter(layer.name, segment.name)) f(layer);
  }
}

}  // namespace

bool names_parameter(std::string_view pattern, std::string_view parameter) {
  return matches(pattern, parameter) || matches(pattern, layer_of(parameter));
}

ParameterSettings settings_of(const OptimizerConfig& config, const Segment& segment) {
  ParameterSettings settings{.l1 = config.l1, .l2 = config.l2, .weight_decay = config.weight_decay};
  double decay_factor = 1.0;
  each_meant(config, segment, [&](const LayerSettings& layer) {
    settings.rate = layer.learning_rate_factor.value_or(settings.rate);
    decay_factor = layer.decay_factor.value_or(decay_factor);
    settings.l1 = layer.l1.value_or(settings.l1);
    settings.l2 = layer.l2.value_or(settings.l2);
    settings.weight_decay = layer.weight_decay.value_or(settings.weight_decay);
  });
  if (!segment.decayed) decay_factor = 0.0;
  settings.l1 *= decay_factor;
  settings.l2 *= decay_factor;
  settings.weight_decay *= decay_factor;
  return settings;
}

double max_norm_of(const OptimizerConfig& config, const Segment& segment) {
  double limit = config.max_norm;
  each_meant(config, segment, [&](const LayerSettings& layer) { limit = layer.max_norm.value_or(limit); });
  return limit;
}

void check_layer_names(const OptimizerConfig& config, const SegmentLayout& layout) {
  for (const LayerSettings& layer : config.layers) {
    std::vector<std::string> known;
    bool found = false;
    for (const Segment& segment : layout.segments()) {
      found = found || names_parameter(layer.name, segment.name);
      known.push_back(segment.name);
      if (const std::string name(layer_of(segment.name)); known.size() < 2 || known[known.size() - 2] != name) {
        known.insert(known.end() - 1, name);
      }
    }
    if (found) continue;
    const std::string near = nearest(layer.name, known);
    throw Error(ErrorKind::Usage,
                {.where = layer.where,
                 .fact = "train.layer names no parameter",
                 .found = quote(layer.name),
                 .expected = "the name of a layer or parameter, * for any characters",
                 .hint = near.empty() ? "`redbud inspect` lists them" : "did you mean " + near + "?"});
  }
}

}  // namespace redbud
