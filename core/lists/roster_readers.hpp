#pragma once

#include "core/lists/roster.hpp"
#include "core/lists/roster_lines.hpp"

#include <istream>
#include <memory>
#include <string>
#include <vector>

/// The readers of single formats, each in its own file.
namespace majlis::roster {

/// A stream that a reader may own.
struct Source {
    std::unique_ptr<std::istream> owned;
    std::istream* stream = nullptr;
};

/// What a reader of lines keeps: the source must live as long as its lines.
struct Input {
    Input(Source from, const RosterOptions& with) : source{std::move(from)}, options{with}, lines{*source.stream, with.max_line}
    {
    }
    Source source;
    RosterOptions options;
    Lines lines;
};

std::unique_ptr<RosterReader> csv_reader(std::unique_ptr<Input> input, RosterFormat as);
std::unique_ptr<RosterReader> text_reader(std::unique_ptr<Input> input, RosterFormat as);
std::unique_ptr<RosterReader> sympa_reader(std::unique_ptr<Input> input);
std::unique_ptr<RosterReader> mlmmj_reader(const std::filesystem::path& folder, const RosterOptions& options);

/// Readers of formats that are read whole make all rows at once.
std::vector<RosterRow> mailman2_rows(std::string_view pickle, const RosterOptions& options);
std::vector<RosterRow> mailman3_rows(std::string_view json);

/// Whether a first line names a column of addresses.
bool names_address_column(std::string_view line);

}  // namespace majlis::roster
