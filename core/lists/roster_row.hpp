#pragma once

#include "core/lists/roster.hpp"

#include <string>
#include <string_view>

/// What every format does with the cells it has found.
namespace majlis::roster {

void clear(RosterRow& row, std::size_t line);

/// A row that only says what is wrong with its line.
void fail(RosterRow& row, std::size_t line, std::string problem);

/// Checks the address and makes its key, or sets the problem.
void set_address(RosterRow& row, std::string_view address);

/// UTF-8, one line, one space between words, at most 500 bytes.
void set_name(RosterRow& row, std::string_view name, std::string_view charset);

/// each, daily, weekly or none from the words that list managers use; an unknown one is a problem.
void set_mode(RosterRow& row, std::string_view mode);

/// fr, ar, en from "fr", "fr-FR", "fr_CA.UTF-8", "French"...; any other is left out.
void set_language(RosterRow& row, std::string_view language);

}  // namespace majlis::roster
