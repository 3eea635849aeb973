#include "redbud/report/page/markup.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "redbud/core/text.h"

namespace redbud::page {

std::string escaped(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        if (static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t') {
          out += "\xEF\xBF\xBD";
        } else {
          out += c;
        }
    }
  }
  return out;
}

std::string cut(std::string_view text, size_t characters) {
  size_t seen = 0;
  size_t keep = 0;  // bytes of the first characters - 1
  for (size_t i = 0; i < text.size(); ++i) {
    if ((static_cast<unsigned char>(text[i]) & 0xC0U) == 0x80U) continue;
    if (seen + 1 == characters) keep = i;
    ++seen;
  }
  if (seen <= characters) return std::string(text);
  return std::string(text.substr(0, keep)) + "\xE2\x80\xA6";
}

size_t characters_in(std::string_view text) {
  return static_cast<size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

std::string number_text(double value) {
  if (std::isnan(value)) return "\xE2\x80\x93";
  if (value < 0.0) return "\xE2\x88\x92" + number_text(-value);  // a minus, as wide as a digit
  if (std::isinf(value)) return "\xE2\x88\x9E";
  const double size = std::abs(value);
  if (value == std::round(value) && size < 1e15) {
    if (size < 1e6) return with_thousands(static_cast<int64_t>(value));
  } else if (size >= 1000 && size < 1e6) {
    return with_thousands(static_cast<int64_t>(std::round(value)));
  }
  if (size >= 1e6 && size < 1e9) return fmt::format("{:.3g}\xC2\xA0M", value / 1e6);
  if (size != 0.0 && (size < 1e-3 || size >= 1e9)) return fmt::format("{:.3g}", value);
  return fmt::format("{:.4g}", value);
}

std::string percent_text(double share) {
  return std::isnan(share) ? number_text(share) : fmt::format("{:.2f}\xC2\xA0%", 100.0 * share);
}

std::string px(double value) {
  const int64_t tenths = std::llround(value * 10.0);  // a page has tens of thousands of them
  std::string text = fmt::format_int(std::abs(tenths) / 10).str();
  if (tenths % 10 != 0) {
    text += '.';
    text += static_cast<char>('0' + std::abs(tenths % 10));
  }
  return tenths < 0 ? "-" + text : text;
}

std::string to_html(const Figure& figure) {
  const std::string note = figure.note.empty() ? "" : fmt::format(" <small>{}</small>", escaped(figure.note));
  return fmt::format("<figure id=\"{}\"><figcaption>{}{}</figcaption>{}</figure>\n", escaped(figure.id),
                     escaped(figure.title), note, figure.content);
}

std::string section(std::string_view id, std::string_view title, const std::string& lead, const std::string& content) {
  if (content.empty()) return "";
  const std::string text = lead.empty() ? "" : fmt::format("<p class=\"lead\">{}</p>\n", escaped(lead));
  return fmt::format("<section id=\"{}\">\n<h2>{}</h2>\n{}{}</section>\n", escaped(id), escaped(title), text, content);
}

std::string to_html(const HtmlTable& table) {
  std::string out = fmt::format("<div class=\"scroll\"><table class=\"{}\"><thead><tr>", escaped(table.css_class));
  for (const std::string& cell : table.head) out += "<th scope=\"col\">" + cell + "</th>";
  out += "</tr></thead><tbody>\n";
  for (const auto& row : table.rows) {
    out += "<tr>";
    for (size_t i = 0; i < row.size(); ++i) {
      out += i == 0 ? "<th scope=\"row\">" + row[i] + "</th>" : "<td>" + row[i] + "</td>";
    }
    out += "</tr>\n";
  }
  return out + "</tbody></table></div>\n";
}

}  // namespace redbud::page
