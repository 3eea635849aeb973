#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "redbud/data/dataset.h"
#include "redbud/data/sources/csv_table.h"

namespace redbud {

/// The columns that are no use to learn from are left out by these bounds.
inline constexpr int64_t kMaxLevels = 1000;  // more distinct texts than this can't be learned one by one,
inline constexpr int64_t kFewLevels = 20;    // nor can more than this where they are met less than twice on average
inline constexpr int64_t kRowsOfIdentifier = 10;         // fewer rows than this count up, or differ, by chance
inline constexpr double kNumbersOfANumberColumn = 0.95;  // from this share on, a cell that is no number is a mistake

/// How often each of a column's texts occurs.
std::vector<int64_t> level_counts(const RawColumn& column);

/// Shares of a text column's cells that are numbers in our grammar, and in others'.
struct NumberShares {
  double own = 0.0;
  double foreign = 0.0;
};
NumberShares number_shares(const RawColumn& column);

/// A column with its type and the reason, and its cells as the type keeps them.
struct TypedColumn {
  Column column = {};
  TableColumn cells = {};
  std::string warning = {};  // of a column that is constant or empty
};

/// Decides what an input column is; takes the cells out of `raw`.
/// Throws  Error{Data} with line and column: the odd cell of a column of numbers, a number that a float can't hold
TypedColumn type_input(RawColumn& raw, const RawTable& table, const std::string& name, const std::string& file);

/// The odd cells that type_input refuses; a target has them, too.
void refuse_odd_number(const RawColumn& raw, const RawTable& table, const std::string& name, const std::string& file);

/// The levels sorted, and each old code's new one.
std::vector<int32_t> sorted_levels(const LevelTable& met, std::vector<std::string>& levels);

/// Codes by a map of levels; missing (-1) stays.
void recode(std::vector<int32_t>& codes, const std::vector<int32_t>& to);

}  // namespace redbud
