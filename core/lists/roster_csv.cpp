#include "core/lists/roster_readers.hpp"
#include "core/lists/roster_row.hpp"
#include "core/text/ascii.hpp"
#include "core/text/charset.hpp"

#include <algorithm>
#include <array>

namespace majlis::roster {

namespace {

constexpr std::size_t max_cells = 1000;
constexpr std::size_t nowhere = std::string::npos;

constexpr auto address_names = std::to_array<std::string_view>(
    {"address", "email", "e-mail", "mail", "email address", "e-mail address", "mail address", "member email", "primary email",
     "e-mail 1 - value", "adresse", "adresse e-mail", "adresse email", "adresse mail", "courriel",
     "\xd8\xa7\xd9\x84\xd8\xa8\xd8\xb1\xd9\x8a\xd8\xaf"});
constexpr auto name_names =
    std::to_array<std::string_view>({"name", "full name", "display name", "nickname", "gecos", "nom", "nom complet", "real name",
                                     "\xd8\xa7\xd9\x84\xd8\xa7\xd8\xb3\xd9\x85"});
constexpr auto first_names =
    std::to_array<std::string_view>({"first name", "firstname", "given name", "prenom", "pr\xc3\xa9nom"});
constexpr auto last_names =
    std::to_array<std::string_view>({"last name", "lastname", "family name", "surname", "nom de famille"});
constexpr auto mode_names =
    std::to_array<std::string_view>({"mode", "delivery", "delivery mode", "email preference", "reception"});
constexpr auto language_names = std::to_array<std::string_view>({"language", "lang", "langue", "preferred language", "locale"});
constexpr auto status_names = std::to_array<std::string_view>({"email status", "delivery status", "status"});

/// Where each thing stands in a record.
struct Columns {
    std::size_t address = nowhere, name = nowhere, first = nowhere, last = nowhere, mode = nowhere, language = nowhere,
                status = nowhere;
};

/// Splits one record at `separator`, appending to cells[0..]; the cells' memory is used again. True if it ends inside quotes.
class Splitter {
public:
    std::vector<std::string> cells;
    std::size_t count = 0;

    void begin()
    {
        count = 0;
        start_cell();
        quoted_ = false;
    }

    /// One line of a record; true when the record is not complete.
    bool add(std::string_view line, char separator)
    {
        if (quoted_) cells[count - 1] += '\n';
        for (std::size_t i = 0; i < line.size();) {
            std::string& cell = cells[count - 1];
            if (quoted_) {
                const std::size_t end = std::min(line.find('"', i), line.size());
                cell.append(line, i, end - i);
                i = end + 1;
                if (end == line.size()) break;
                if (i < line.size() && line[i] == '"') {
                    cell += '"';
                    ++i;
                } else {
                    quoted_ = false;
                }
            } else if (line[i] == separator) {
                start_cell();
                ++i;
            } else if (line[i] == '"' && text::trim(cell).empty()) {
                cell.clear();
                quoted_ = true;
                ++i;
            } else {
                const std::size_t end = std::min(line.find(separator, i), line.size());
                cell.append(line, i, end - i);
                i = end;
            }
        }
        return quoted_;
    }

    std::string_view cell(std::size_t index) const { return index < count ? std::string_view{cells[index]} : std::string_view{}; }

private:
    void start_cell()
    {
        if (count >= max_cells) {
            cells[count - 1].clear();
            return;
        }
        if (cells.size() <= count) cells.emplace_back();
        cells[count++].clear();
    }

    bool quoted_ = false;
};

/// "E-Mail_Address [Required]" -> "e-mail address".
std::string heading(std::string_view cell)
{
    std::string out = text::lowered(text::trim(cell));
    std::replace(out.begin(), out.end(), '_', ' ');
    if (const std::size_t bracket = out.find(" ["); bracket != std::string::npos) out.resize(bracket);
    return out;
}

template <std::size_t size>
bool is_one_of(const std::array<std::string_view, size>& names, std::string_view name)
{
    return std::find(names.begin(), names.end(), name) != names.end();
}

Columns read_heading(const Splitter& record)
{
    Columns columns;
    for (std::size_t i = 0; i < record.count; ++i) {
        const std::string name = heading(record.cell(i));
        const auto note = [&](std::size_t& column, const auto& names) {
            if (column == nowhere && is_one_of(names, name)) column = i;
        };
        note(columns.address, address_names);
        note(columns.name, name_names);
        note(columns.first, first_names);
        note(columns.last, last_names);
        note(columns.mode, mode_names);
        note(columns.language, language_names);
        note(columns.status, status_names);
    }
    if (columns.first != nowhere && columns.name != nowhere && columns.last == nowhere &&
        heading(record.cell(columns.name)) == "nom") {
        columns.last = columns.name;  // "nom, prenom"
        columns.name = nowhere;
    }
    return columns;
}

char find_separator(std::string_view line)
{
    char best = ',';
    std::size_t most = 0;
    for (const char separator : {',', ';', '\t'}) {
        bool quoted = false;
        std::size_t count = 0;
        for (const char c : line.substr(0, 10'000)) {
            if (c == '"')
                quoted = !quoted;
            else if (c == separator && !quoted)
                ++count;
        }
        if (count > most) {
            most = count;
            best = separator;
        }
    }
    return best;
}

/// What an export says of people to whom nothing is to be sent.
bool is_off(std::string_view status)
{
    constexpr auto words =
        std::to_array<std::string_view>({"bouncing", "bounced", "disabled", "blocklisted", "blacklisted", "unsubscribed",
                                         "by_user", "by_bounces", "by_moderator", "suspended", "inactive"});
    return is_one_of(words, text::lowered(text::trim(status)));
}

class CsvReader : public RosterReader {
public:
    CsvReader(std::unique_ptr<Input> input, RosterFormat as) : input_{std::move(input)}, format_{as} {}

    bool next(RosterRow& row) override
    {
        if (!started_) {
            started_ = true;
            if (!start(row)) return true;
        }
        while (!ended_) {
            if (!pending_ && !read_record(row)) return false;
            pending_ = false;
            if (!row.problem.empty()) return true;
            if (blank()) continue;
            fill(row);
            return true;
        }
        return false;
    }

    RosterFormat format() const override { return format_; }
    std::size_t bytes_read() const override { return input_->lines.bytes_read(); }

private:
    /// Finds the heading, or what the columns are without one. False with a row that says why there is none.
    bool start(RosterRow& row)
    {
        constexpr int title_lines = 3;  // Google puts a title before its heading
        std::string_view first = input_->lines.peek();
        first = first.substr(0, first.find_first_of("\r\n"));
        if (text::starts_with_nocase(first, "sep=") && first.size() == 5) {
            separator_ = first[4];
            Line line;
            input_->lines.next(line);
        } else {
            separator_ = find_separator(first);
        }
        for (int i = 0; i < title_lines;) {
            if (!read_record(row)) return true;
            if (!row.problem.empty()) return false;
            if (blank()) continue;
            if (++i == 1 && format_ == RosterFormat::google && record_.count == 1) {
                first = input_->lines.peek();
                separator_ = find_separator(first.substr(0, first.find_first_of("\r\n")));
            }
            columns_ = read_heading(record_);
            if (columns_.address != nowhere) return true;
            if (guess_columns()) {
                pending_ = true;
                return true;
            }
            if (format_ != RosterFormat::google) break;
        }
        ended_ = true;
        fail(row, row.line,
             "no column is named 'address' or 'email', and the first line holds no address: give the file a heading such as "
             "address,name,mode,language");
        return false;
    }

    /// No heading: the columns are those of our own export, as far as they go.
    bool guess_columns()
    {
        for (std::size_t i = 0; i < record_.count; ++i) {
            if (record_.cell(i).find('@') == std::string_view::npos) continue;
            columns_ = {};
            columns_.address = i;
            columns_.name = i == 0 ? 1 : 0;
            if (i == 0) {
                columns_.mode = 2;
                columns_.language = 3;
            }
            return true;
        }
        return false;
    }

    bool blank() const { return record_.count == 1 && text::trim(record_.cell(0)).empty(); }

    /// The next record into record_; a broken one is a row with a problem. False at the end.
    bool read_record(RosterRow& row)
    {
        Line line;
        if (!input_->lines.next(line)) return false;
        clear(row, line.number);
        record_.begin();
        if (line.too_long) {
            row.problem = "the line is longer than " + std::to_string(input_->options.max_line) + " bytes";
            return true;
        }
        if (!record_.add(line.text, separator_)) return true;
        std::vector<std::string> taken;
        std::size_t bytes = line.text.size();
        while (bytes <= input_->options.max_line && input_->lines.next(line)) {
            taken.emplace_back(line.text);
            bytes += line.text.size() + 1;
            if (line.too_long) break;
            if (!record_.add(line.text, separator_)) return true;
        }
        // Take the lines behind it as they are: one forgotten quote costs one row.
        input_->lines.give_back(std::move(taken), row.line + 1);
        row.problem = "a quote (\") is opened and never closed";
        return true;
    }

    void fill(RosterRow& row)
    {
        const std::string_view charset = input_->options.charset;
        set_address(row, record_.cell(columns_.address));
        if (columns_.name != nowhere) set_name(row, record_.cell(columns_.name), charset);
        if (row.name.empty() && (columns_.first != nowhere || columns_.last != nowhere)) {
            std::string name{record_.cell(columns_.first)};
            name.append(" ").append(record_.cell(columns_.last));
            set_name(row, name, charset);
        }
        if (columns_.mode != nowhere) set_mode(row, record_.cell(columns_.mode));
        if (columns_.language != nowhere) set_language(row, record_.cell(columns_.language));
        if (columns_.status != nowhere && is_off(record_.cell(columns_.status))) row.mode = "none";
    }

    std::unique_ptr<Input> input_;
    RosterFormat format_;
    Splitter record_;
    Columns columns_;
    char separator_ = ',';
    bool started_ = false, ended_ = false;
    bool pending_ = false;  ///< record_ is the first row, read while looking for a heading
};

}  // namespace

std::unique_ptr<RosterReader> csv_reader(std::unique_ptr<Input> input, RosterFormat as)
{
    return std::make_unique<CsvReader>(std::move(input), as);
}

bool names_address_column(std::string_view line)
{
    Splitter record;
    record.begin();
    record.add(line.substr(0, 10'000), find_separator(line));
    return read_heading(record).address != nowhere;
}

}  // namespace majlis::roster
