#include "core/lists/roster_readers.hpp"
#include "core/lists/roster_row.hpp"
#include "core/text/ascii.hpp"

#include <algorithm>

namespace majlis::roster {

namespace {

struct Entry {
    std::string name, address;
};

/// The position behind a quoted-string that begins at `at`, or behind the quote alone where it has no end.
std::size_t skip_quotes(std::string_view s, std::size_t at)
{
    for (std::size_t i = at + 1; i < s.size(); ++i) {
        if (s[i] == '\\')
            ++i;
        else if (s[i] == '"')
            return i + 1;
    }
    return s.size();
}

/// `"Dan, Jr."` as a whole loses its quotes; `H "Hal" Hart` keeps them.
std::string plain_name(std::string_view name)
{
    name = text::trim(name);
    if (name.size() < 2 || name.front() != '"' || skip_quotes(name, 0) != name.size() || name.back() != '"')
        return std::string{name};
    std::string out;
    for (std::size_t i = 1; i + 1 < name.size(); ++i) {
        if (name[i] == '\\' && i + 2 < name.size()) ++i;
        out += name[i];
    }
    return out;
}

/// `Name <address>`, `address (Name)`, `Name address` or `address`.
Entry read_entry(std::string_view s)
{
    s = text::trim(s);
    const std::size_t open = s.rfind('<');
    if (open != std::string_view::npos) {
        const std::size_t close = std::min(s.find('>', open), s.size());
        return {plain_name(s.substr(0, open)), std::string{text::trim(s.substr(open + 1, close - open - 1))}};
    }
    const std::size_t comment = s.front() == '"' ? s.find('(', skip_quotes(s, 0)) : s.find('(');
    if (comment != std::string_view::npos && s.ends_with(')') && s.find('@') < comment) {
        return {std::string{text::trim(s.substr(comment + 1, s.size() - comment - 2))},
                std::string{text::trim(s.substr(0, comment))}};
    }
    const std::size_t space = s.front() == '"' ? std::string_view::npos : s.find_last_of(" \t");
    if (space != std::string_view::npos && s.find('@') > space)
        return {plain_name(s.substr(0, space)), std::string{s.substr(space + 1)}};
    return {{}, std::string{s}};
}

/// Splits a line where several people stand on it. A comma before the address of a piece belongs to a name: `Farid, Jr. <f@x>`.
void split_line(std::string_view line, std::vector<Entry>& out)
{
    std::size_t begin = 0;
    bool has_at = false;
    bool quotes_end = true;
    for (std::size_t i = 0; i < line.size(); ++i) {
        const char c = line[i];
        if (c == '"' && quotes_end) {
            const std::size_t end = skip_quotes(line, i);
            quotes_end = end < line.size() || line.ends_with('"');
            if (quotes_end) i = end - 1;
        } else if (c == '@') {
            has_at = true;
        } else if ((c == ',' || c == ';') && has_at) {
            out.push_back(read_entry(line.substr(begin, i - begin)));
            begin = i + 1;
            has_at = false;
        }
    }
    if (!text::trim(line.substr(begin)).empty()) out.push_back(read_entry(line.substr(begin)));
}

/// A whole line in quotes as CSV writes them: `"""e space""@example.org"`.
std::string without_csv_quotes(std::string_view line)
{
    std::string out;
    for (std::size_t i = 1; i + 1 < line.size(); ++i) {
        out += line[i];
        if (line[i] == '"' && line[i + 1] == '"') ++i;
    }
    return out;
}

class TextReader : public RosterReader {
public:
    TextReader(std::unique_ptr<Input> input, RosterFormat as) : input_{std::move(input)}, format_{as} {}

    bool next(RosterRow& row) override
    {
        while (at_ >= entries_.size()) {
            Line line;
            if (!input_->lines.next(line)) return false;
            if (line.too_long) {
                fail(row, line.number, "the line is longer than " + std::to_string(input_->options.max_line) + " bytes");
                return true;
            }
            read_line(line);
        }
        const Entry& entry = entries_[at_++];
        clear(row, number_);
        set_address(row, entry.address);
        set_name(row, entry.name, input_->options.charset);
        return true;
    }

    RosterFormat format() const override { return format_; }
    std::size_t bytes_read() const override { return input_->lines.bytes_read(); }

private:
    void read_line(const Line& line)
    {
        const std::string_view s = text::trim(line.text);
        entries_.clear();
        at_ = 0;
        number_ = line.number;
        if (s.empty() || s.front() == '#') return;
        const std::size_t tab = s.find('\t');
        if (tab != std::string_view::npos && s.substr(0, tab).find('@') != std::string_view::npos &&
            s.find('<') == std::string_view::npos) {
            entries_.push_back({std::string{text::trim(s.substr(tab))}, std::string{s.substr(0, tab)}});
        } else if (s.starts_with("\"\"\"") && s.ends_with('"')) {
            entries_.push_back({{}, without_csv_quotes(s)});
        } else {
            split_line(s, entries_);
        }
    }

    std::unique_ptr<Input> input_;
    RosterFormat format_;
    std::vector<Entry> entries_;
    std::size_t at_ = 0, number_ = 0;
};

}  // namespace

std::unique_ptr<RosterReader> text_reader(std::unique_ptr<Input> input, RosterFormat as)
{
    return std::make_unique<TextReader>(std::move(input), as);
}

}  // namespace majlis::roster
