#include "core/lists/roster_readers.hpp"
#include "core/lists/roster_row.hpp"
#include "core/text/ascii.hpp"

namespace majlis::roster {

namespace {

/// Stanzas of `key value` lines, a blank line after each.
class SympaReader : public RosterReader {
public:
    explicit SympaReader(std::unique_ptr<Input> input) : input_{std::move(input)} {}

    bool next(RosterRow& row) override
    {
        Line line;
        bool any = false;
        std::string email, gecos, reception;
        bool suspended = false, too_long = false;
        while (input_->lines.next(line)) {
            const std::string_view s = text::trim(line.text);
            if (s.empty() && !any) continue;
            if (s.empty()) break;
            if (!any) clear(row, line.number);
            any = true;
            too_long = too_long || line.too_long;
            const std::size_t space = std::min(s.find(' '), s.size());
            const std::string_view key = s.substr(0, space), value = text::trim(s.substr(space));
            if (key == "email")
                email = value;
            else if (key == "gecos")
                gecos = value;
            else if (key == "reception")
                reception = value;
            else if (key == "suspend")
                suspended = value != "0";
        }
        if (!any) return false;
        if (too_long) {
            fail(row, row.line, "the line is longer than " + std::to_string(input_->options.max_line) + " bytes");
            return true;
        }
        set_address(row, email);
        if (email.empty()) row.problem = "a stanza without an 'email' line";
        set_name(row, gecos, input_->options.charset);
        set_mode(row, reception);
        if (suspended) row.mode = "none";
        return true;
    }

    RosterFormat format() const override { return RosterFormat::sympa; }
    std::size_t bytes_read() const override { return input_->lines.bytes_read(); }

private:
    std::unique_ptr<Input> input_;
};

}  // namespace

std::unique_ptr<RosterReader> sympa_reader(std::unique_ptr<Input> input)
{
    return std::make_unique<SympaReader>(std::move(input));
}

}  // namespace majlis::roster
