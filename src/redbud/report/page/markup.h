#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace redbud::page {

/// Text from data as it may stand in HTML, in an attribute, too: & < > " ' are escaped, control characters become
/// U+FFFD.
std::string escaped(std::string_view text);

/// Cut to so many characters, the last one an ellipsis; not escaped.
std::string cut(std::string_view text, size_t characters);

size_t characters_in(std::string_view text);

/// A number for people: four digits that count, "1,234", "1.5 M", "0.0312", "4.2e-05"; "–" where there is none.
std::string number_text(double value);
/// A share: "98.12 %".
std::string percent_text(double share);
/// Coordinates in an SVG: at most one digit after the point.
std::string px(double value);

/// <figure id="..."> with a title and, in grey, a note. All texts but `content` are escaped here.
struct Figure {
  std::string id = {};
  std::string title = {};
  std::string note = {};
  std::string content = {};
};
std::string to_html(const Figure& figure);

/// <section id="..."> with a heading; nothing where the content is empty.
std::string section(std::string_view id, std::string_view title, const std::string& lead, const std::string& content);

/// A table whose first column names its rows. Cells are HTML.
struct HtmlTable {
  std::vector<std::string> head = {};
  std::vector<std::vector<std::string>> rows = {};
  std::string css_class = {};
};
std::string to_html(const HtmlTable& table);

}  // namespace redbud::page
