#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace redbud {

/// Whether a cell says that it has no value: "", ?, NA, N/A, nan, null (any case, blanks at the ends don't count).
bool is_missing(std::string_view cell);

/// Whether a cell is a number in another grammar than ours: a decimal comma or separators of thousands, hexadecimal,
/// digits that are not ASCII.
bool is_foreign_number(std::string_view cell);

/// Whether a cell is a date, a time or both: 2024-12-31, 31.12.2024, 12/31/24, 2024-12-31T23:59:59.5Z, 23:59.
bool is_date(std::string_view cell);

/// true, yes, y, t, on: true; false, no, n, f, off: false (any case).
std::optional<bool> parse_boolean(std::string_view cell);

/// Whether the number fits a float: finite, and no larger than a float can be.
bool fits_float(double value);

/// Whether two texts are false and true of the same pair of words (no/yes, f/t, ...), in this order.
bool is_boolean_pair(std::string_view no, std::string_view yes);

/// Sorts by number if all texts are integers, else by their bytes.
void sort_levels(std::vector<std::string>& levels);

}  // namespace redbud
