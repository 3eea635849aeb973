// Histograms of the weights that were kept.
#include <fmt/format.h>

#include "redbud/report/page/histogram_chart.h"
#include "redbud/report/page/markup.h"
#include "redbud/report/page/sections.h"

namespace redbud::page {
namespace {

constexpr size_t kMostTensors = 24;

std::string note_of(const Histogram& h) {
  std::string note = fmt::format("mean {}, deviation {}", number_text(h.mean()), number_text(h.deviation()));
  if (h.zeros > 0) {
    note += fmt::format(", {} zero", percent_text(static_cast<double>(h.zeros) / static_cast<double>(h.values)));
  }
  if (h.not_finite > 0) note += fmt::format(", {} not finite", number_text(static_cast<double>(h.not_finite)));
  return note;
}

}  // namespace

std::string weights_section(const RunStory& story) {
  std::string figures;
  for (size_t i = 0; i < story.weights.size() && i < kMostTensors; ++i) {
    const auto& [name, h] = story.weights[i];
    figures += to_html(HistogramChart{.id = fmt::format("weights-{}", i + 1),
                                      .title = name,
                                      .note = note_of(h),
                                      .x_label = "weight",
                                      .low = h.low,
                                      .high = h.high,
                                      .width = 310.0,
                                      .counts = h.counts});
  }
  if (figures.empty()) return "";
  std::string lead = "The weights in the model file, layer by layer.";
  if (story.weights.size() > kMostTensors)
    lead += fmt::format(" The first {} of {} are shown.", kMostTensors, story.weights.size());
  return section("weights", "Weights", lead, "<div class=\"figures small\">\n" + figures + "</div>\n");
}

}  // namespace redbud::page
