#include "core/lists/roster.hpp"

#include "core/lists/roster_readers.hpp"
#include "core/text/ascii.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <fstream>
#include <stdexcept>
#include <system_error>
#include <utility>

namespace majlis {

namespace {

using boost::system::result;
using Reader = result<std::unique_ptr<RosterReader>, text::Problem>;

using FormatName = std::pair<RosterFormat, std::string_view>;
constexpr auto format_names = std::to_array<FormatName>({
    {RosterFormat::automatic, "auto"},
    {RosterFormat::csv, "csv"},
    {RosterFormat::text, "text"},
    {RosterFormat::mailman2, "mailman2"},
    {RosterFormat::mailman3, "mailman3"},
    {RosterFormat::mlmmj, "mlmmj"},
    {RosterFormat::sympa, "sympa"},
    {RosterFormat::google, "google"},
});

/// How the bytes of a file are to be read; one format may come in several shapes.
enum class Shape { csv, lines, pickle, json, stanzas };

/// Rows that were made at once.
class WholeReader : public RosterReader {
public:
    WholeReader(std::vector<RosterRow> rows, RosterFormat as, std::size_t bytes)
        : rows_{std::move(rows)}, format_{as}, bytes_{bytes}
    {
    }

    bool next(RosterRow& row) override
    {
        if (at_ >= rows_.size()) return false;
        row = std::move(rows_[at_++]);
        return true;
    }
    RosterFormat format() const override { return format_; }
    std::size_t bytes_read() const override { return bytes_; }

private:
    std::vector<RosterRow> rows_;
    RosterFormat format_;
    std::size_t bytes_, at_ = 0;
};

std::string_view first_line(std::string_view start)
{
    const std::size_t begin = std::min(start.find_first_not_of("\r\n"), start.size());
    start.remove_prefix(begin);
    return start.substr(0, start.find_first_of("\r\n"));
}

bool is_stanza(std::string_view start)
{
    const std::string_view line = first_line(start);
    const std::size_t email = line.starts_with("email ") ? 0 : start.find("\nemail ");
    const bool word = line.find(' ') != std::string_view::npos &&
                      line.substr(0, line.find(' ')).find_first_of("@,;\"<") == std::string_view::npos;
    return word && email != std::string_view::npos;
}

bool is_google(std::string_view start)
{
    const std::string_view line = first_line(start);
    return line.starts_with("Members for ") || line.starts_with("Group Email [Required]") ||
           line.starts_with("Email address,Nickname,Group status");
}

Shape find_shape(std::string_view start)
{
    const std::string_view trimmed = text::trim(start.substr(0, 100));
    if (start.starts_with("}q") || start.starts_with("(dp") || start.starts_with("(d.") || start.starts_with("\x80\x02"))
        return Shape::pickle;
    if (trimmed.starts_with('{') || trimmed.starts_with('[')) return Shape::json;
    if (is_stanza(start)) return Shape::stanzas;
    if (is_google(start) || roster::names_address_column(first_line(start)) ||
        text::starts_with_nocase(first_line(start), "sep="))
        return Shape::csv;
    return Shape::lines;
}

RosterFormat format_of(Shape shape, std::string_view start)
{
    switch (shape) {
        case Shape::csv:
            return is_google(start) ? RosterFormat::google : RosterFormat::csv;
        case Shape::lines:
            return RosterFormat::text;
        case Shape::pickle:
            return RosterFormat::mailman2;
        case Shape::json:
            return RosterFormat::mailman3;
        case Shape::stanzas:
            return RosterFormat::sympa;
    }
    throw std::logic_error{"a shape of a roster without a format"};
}

std::string read_whole(std::istream& in, std::size_t limit)
{
    std::string bytes;
    std::array<char, 64 * 1024> block;
    while (bytes.size() <= limit && (in.read(block.data(), block.size()), in.gcount() > 0)) {
        bytes.append(block.data(), static_cast<std::size_t>(in.gcount()));
    }
    if (in.bad()) throw std::runtime_error{"the file cannot be read"};
    return bytes;
}

Reader whole_reader(std::string_view bytes, Shape shape, const RosterOptions& options)
{
    if (bytes.size() > options.max_whole)
        return text::Problem{"the file is larger than " + std::to_string(options.max_whole) + " bytes"};
    auto rows = shape == Shape::pickle ? roster::mailman2_rows(bytes, options) : roster::mailman3_rows(bytes);
    const RosterFormat format = shape == Shape::pickle ? RosterFormat::mailman2 : RosterFormat::mailman3;
    return {boost::system::in_place_value, std::make_unique<WholeReader>(std::move(rows), format, bytes.size())};
}

/// The shape that a format has here: Mailman 2 and 3 and Sympa also write plain lines, Mailman 3 a CSV.
Shape shape_for(RosterFormat wanted, Shape found, std::string_view start)
{
    const bool quoted_lines = start.starts_with('"');
    switch (wanted) {
        case RosterFormat::csv:
        case RosterFormat::google:
            return Shape::csv;
        case RosterFormat::text:
            return Shape::lines;
        case RosterFormat::sympa:
            return found == Shape::lines || found == Shape::csv ? Shape::lines : Shape::stanzas;
        case RosterFormat::mailman2:
            return found == Shape::lines || found == Shape::csv ? Shape::lines : Shape::pickle;
        case RosterFormat::mailman3:
            return found == Shape::json || found == Shape::csv ? found : quoted_lines ? Shape::csv : Shape::lines;
        default:
            return found;
    }
}

/// `plain` is the shape of lines that show no other: CSV where the file's name says so.
Reader read_source(roster::Source source, const RosterOptions& options, Shape plain)
{
    if (options.format == RosterFormat::mlmmj) return text::Problem{"mlmmj keeps a list in a folder: give the list's folder"};
    std::istream& in = *source.stream;
    auto input = std::make_unique<roster::Input>(std::move(source), options);
    const std::string_view start = input->lines.peek();
    const Shape found = find_shape(start);
    const Shape shape = shape_for(options.format, found == Shape::lines ? plain : found, start);
    const RosterFormat format = options.format == RosterFormat::automatic ? format_of(shape, start) : options.format;
    if (shape == Shape::csv) return {boost::system::in_place_value, roster::csv_reader(std::move(input), format)};
    if (shape == Shape::lines) return {boost::system::in_place_value, roster::text_reader(std::move(input), format)};
    if (shape == Shape::stanzas) return {boost::system::in_place_value, roster::sympa_reader(std::move(input))};
    std::string bytes{start};  // the first block was taken to look at it
    bytes += read_whole(in, options.max_whole);
    return whole_reader(bytes, shape, options);
}

}  // namespace

std::optional<RosterFormat> roster_format(std::string_view name)
{
    for (const auto& [format, known] : format_names) {
        if (text::equal_nocase(name, known)) return format;
    }
    return {};
}

std::string_view roster_format_name(RosterFormat format)
{
    const auto found =
        std::find_if(format_names.begin(), format_names.end(), [&](const FormatName& f) { return f.first == format; });
    return found == format_names.end() ? std::string_view{} : found->second;
}

Reader open_roster(const std::filesystem::path& path, const RosterOptions& options)
{
    std::error_code error;
    if (std::filesystem::is_directory(path, error)) {
        if (options.format != RosterFormat::mlmmj && options.format != RosterFormat::automatic) {
            return text::Problem{path.string() + " is a folder; only mlmmj keeps its members in one"};
        }
        auto reader = roster::mlmmj_reader(path, options);
        if (!reader)
            return text::Problem{path.string() +
                                 " is no list of mlmmj: it has no folder subscribers.d, digesters.d or nomailsubs.d"};
        return {boost::system::in_place_value, std::move(reader)};
    }
    auto file = std::make_unique<std::ifstream>(path, std::ios::binary);
    if (!*file) return text::Problem{"cannot read " + path.string() + ": " + std::generic_category().message(errno)};
    std::istream* stream = file.get();
    const bool csv = text::equal_nocase(path.extension().string(), ".csv");
    return read_source({std::move(file), stream}, options, csv ? Shape::csv : Shape::lines);
}

Reader read_roster(std::istream& in, const RosterOptions& options) { return read_source({nullptr, &in}, options, Shape::lines); }

}  // namespace majlis
