#pragma once

#include "core/text/problem.hpp"

#include <boost/system/result.hpp>

#include <cstddef>
#include <filesystem>
#include <istream>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

/// Reads the membership files of other list managers, and our own CSV, a row at a time.
namespace majlis {

enum class RosterFormat { automatic, csv, text, mailman2, mailman3, mlmmj, sympa, google };

/// "auto", "csv"...; nothing for an unknown name.
std::optional<RosterFormat> roster_format(std::string_view name);
std::string_view roster_format_name(RosterFormat format);

/// One person of the file, or one line that could not be read.
struct RosterRow {
    std::size_t line = 0;  ///< where it begins, from 1; 0 in formats without lines
    std::string address;   ///< Address::text(); as found where there is a problem
    std::string key;       ///< Address::key(); "" where there is a problem
    std::string name;      ///< UTF-8, one line
    std::string mode;      ///< each, daily, weekly, none; "" where the file does not say
    std::string language;  ///< fr, ar, en; "" where the file does not say or names another
    std::string problem;   ///< what is wrong and how to mend it; "" when all is well
};

struct RosterOptions {
    RosterFormat format = RosterFormat::automatic;
    std::string charset{};                      ///< of text files; "" = UTF-8, else guessed line by line
    std::size_t max_line = 64 * 1024;           ///< bytes of a line, or of a CSV record
    std::size_t max_whole = 256 * 1024 * 1024;  ///< bytes of a file that is read whole: pickle, JSON
};

/// Yields the rows in the order of the file. A row with a problem does not end the reading; a file that cannot be this format
/// at all yields one such row and ends. The same address twice in one file is two rows, but for mlmmj and Mailman 2, whose files
/// say so.
class RosterReader {
public:
    virtual ~RosterReader() = default;
    RosterReader() = default;
    RosterReader(const RosterReader&) = delete;
    RosterReader& operator=(const RosterReader&) = delete;

    /// Fills `row`, reusing its memory; false at the end. Throws std::runtime_error if the file cannot be read.
    virtual bool next(RosterRow& row) = 0;
    /// What the file was taken for, after automatic detection.
    virtual RosterFormat format() const = 0;
    /// Bytes read so far, for a progress bar.
    virtual std::size_t bytes_read() const = 0;
};

/// Opens a file, or for mlmmj (and mlmmj alone) a list's folder.
boost::system::result<std::unique_ptr<RosterReader>, text::Problem> open_roster(const std::filesystem::path& path,
                                                                                const RosterOptions& options = {});

/// Reads from a stream ("-"), which must outlive the reader. mlmmj needs a folder and is refused.
boost::system::result<std::unique_ptr<RosterReader>, text::Problem> read_roster(std::istream& in,
                                                                                const RosterOptions& options = {});

}  // namespace majlis
