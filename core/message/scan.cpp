#include "core/message/header_scan.hpp"
#include "core/message/message.hpp"

#include "core/text/ascii.hpp"
#include "core/text/parameters.hpp"

#include <algorithm>
#include <cstring>
#include <optional>
#include <utility>

namespace majlis {
namespace {

constexpr std::size_t most_mbox_lines = 10;

void note(std::vector<std::string>& list, std::string_view what)
{
    for (const auto& known : list)
        if (known == what) return;
    list.emplace_back(what);
}

Encoding read_encoding(const Field& field)
{
    const auto value = text::parse_parameters(field.body).value;
    if (value == "base64") return Encoding::base64;
    if (value == "quoted-printable") return Encoding::quoted_printable;
    if (value.empty() || value == "7bit" || value == "8bit" || value == "binary") return Encoding::identity;
    return Encoding::unknown;
}

/// False where the field names no type, so that the default stays.
bool read_type(Part& part, const Field& field)
{
    const auto content = text::parse_parameters(field.body);
    part.charset = content.get("charset");
    part.boundary = content.get("boundary");
    while (!part.boundary.empty() && text::is_space(part.boundary.back())) part.boundary.pop_back();
    if (part.name.empty()) part.name = content.get("name");
    const auto slash = content.value.find('/');
    if (slash == std::string::npos || slash == 0 || slash + 1 == content.value.size()) return false;
    part.type = content.value.substr(0, slash);
    part.subtype = content.value.substr(slash + 1);
    return true;
}

void read_disposition(Part& part, const Field& field)
{
    const auto disposition = text::parse_parameters(field.body);
    part.disposition = disposition.value;
    if (auto name = disposition.get("filename"); !name.empty()) part.name = std::move(name);
}

/// Walks the bytes once. Open parts stand in a stack; a delimiter line closes all above the multipart that it belongs to.
class Scanner : header::Delimiters {
public:
    Scanner(std::string_view raw, const ScanLimits& limits) : limits_{limits} { message_.raw = raw; }

    Message run()
    {
        std::size_t at = start_part(skip_mbox_lines(), -1);
        while (const auto line = next_delimiter(at)) {
            close_above(line->level + 1, line->content_end);
            at = line->line_end;
            if (line->closes)
                close_boundary(line->level);
            else
                at = start_part(at, open_[line->level].part);
        }
        close_above(0, message_.raw.size());
        look_over_root();
        return std::move(message_);
    }

private:
    struct Open {
        int part;
        std::string boundary;  // empty: no delimiter of its own, or closed already
    };
    struct Delimiter {
        std::size_t level, content_end, line_end;
        bool closes;
    };

    /// Mail systems of old left such lines before the header, and others quoted them.
    std::size_t skip_mbox_lines()
    {
        std::size_t at = 0;
        for (std::size_t lines = 0; lines < most_mbox_lines; ++lines) {
            const auto rest = message_.raw.substr(at);
            if (!rest.starts_with("From ") && !rest.starts_with(">From ")) break;
            at = header::read_line(message_.raw, at).next;
        }
        message_.mbox_line = message_.raw.substr(0, at);
        return at;
    }

    /// Opens a part, and the mails attached directly inside it. Returns where to look for the next delimiter.
    std::size_t start_part(std::size_t at, int parent)
    {
        while (true) {
            if (message_.parts.size() >= limits_.parts) {
                note(message_.defects, "more parts than the limit");
                return at;
            }
            const int index = static_cast<int>(message_.parts.size());
            at = read_part(at, parent);
            const Part& part = message_.parts.back();
            open_.push_back({index, {}});
            if (part.depth >= limits_.depth) {
                if (part.is_multipart() || part.is_message()) note(message_.defects, "parts nested deeper than the limit");
                return at;
            }
            if (part.is_multipart()) return open_multipart(at);
            if (!part.is_message() || part.encoding != Encoding::identity) return at;
            parent = index;
        }
    }

    std::size_t open_multipart(std::size_t at)
    {
        const Part& part = message_.parts.back();
        if (part.boundary.empty()) {
            note(message_.oddities, "a multipart declares no boundary");
            return at;
        }
        open_.back().boundary = part.boundary;
        ++live_boundaries_;
        return at;
    }

    std::size_t read_part(std::size_t at, int parent)
    {
        const auto raw = message_.raw;
        Part part;
        part.parent = parent;
        if (parent >= 0) {
            Part& outer = message_.parts[static_cast<std::size_t>(parent)];
            outer.divided = true;
            part.depth = outer.depth + 1;
            if (outer.is("multipart", "digest")) part.type = "message", part.subtype = "rfc822";
        }
        ScanLimits limits = limits_;
        limits.fields = std::min(limits.fields, limits_.total_fields - fields_);
        header::Notes notes;
        const auto block = header::read_block(raw, at, limits, this, part.fields, notes);
        fields_ += part.fields.size();
        part.header = raw.substr(at, block.end - at);
        part.gap = raw.substr(block.end, block.body_begin - block.end);
        part.body = raw.substr(block.body_begin);
        last_body_begin_ = block.body_begin;
        keep(notes);
        describe(part);
        message_.parts.push_back(std::move(part));
        return block.body_begin;
    }

    void describe(Part& part)
    {
        bool type = false, encoding = false, disposition = false;
        for (const Field& field : part.fields) {
            if (!text::starts_with_nocase(field.name, "content-")) continue;
            const auto kind = field.name.substr(8);
            if (text::equal_nocase(kind, "type") && !std::exchange(type, true)) {
                if (!read_type(part, field)) note(message_.oddities, "a Content-Type names no type");
            } else if (text::equal_nocase(kind, "transfer-encoding") && !std::exchange(encoding, true)) {
                part.encoding = read_encoding(field);
            } else if (text::equal_nocase(kind, "disposition") && !std::exchange(disposition, true)) {
                read_disposition(part, field);
            }
        }
    }

    void keep(const header::Notes& notes)
    {
        if (notes.stray_line) note(message_.oddities, "a line in a header is no field");
        if (notes.bare_cr) note(message_.oddities, "a line in a header ends with a bare CR");
        if (notes.no_separator) note(message_.oddities, "no empty line between header and body");
        if (notes.field_too_long) note(message_.defects, "a header field longer than the limit");
        if (notes.too_large) note(message_.defects, "a header larger than the limit");
    }

    /// The next line that is a delimiter of an open multipart, at or behind `at`. Only lines that begin with "--" are looked at.
    std::optional<Delimiter> next_delimiter(std::size_t at) const
    {
        const auto raw = message_.raw;
        while (live_boundaries_ > 0 && at < raw.size()) {
            const void* hyphen = std::memchr(raw.data() + at, '-', raw.size() - at);
            if (hyphen == nullptr) break;
            at = static_cast<std::size_t>(static_cast<const char*>(hyphen) - raw.data());
            const bool starts_line = at == 0 || raw[at - 1] == '\n' || raw[at - 1] == '\r';
            if (!starts_line || at + 1 >= raw.size() || raw[at + 1] != '-') {
                ++at;
                continue;
            }
            const auto line = header::read_line(raw, at);
            if (auto found = match(raw.substr(at, line.text_end - at))) {
                found->content_end = before_line(at);
                found->line_end = line.next;
                return found;
            }
            at = line.next;
        }
        return std::nullopt;
    }

    bool ends_part(std::string_view line) const override { return live_boundaries_ > 0 && match(line).has_value(); }

    /// Exact, with trailing white space allowed (RFC 2046, 5.1.1); the innermost multipart first.
    std::optional<Delimiter> match(std::string_view line) const
    {
        line.remove_prefix(2);
        while (!line.empty() && (line.back() == ' ' || line.back() == '\t')) line.remove_suffix(1);
        for (std::size_t level = open_.size(); level-- > 0;) {
            const std::string& boundary = open_[level].boundary;
            if (boundary.empty() || line.size() < boundary.size() || line.size() > boundary.size() + 2) continue;
            if (!line.starts_with(boundary)) continue;
            const auto tail = line.substr(boundary.size());
            if (tail.empty() || tail == "--") return Delimiter{level, 0, 0, !tail.empty()};
        }
        return std::nullopt;
    }

    /// The line end before a delimiter belongs to the delimiter, unless it ends a header.
    std::size_t before_line(std::size_t at) const
    {
        const auto raw = message_.raw;
        if (at > 0 && raw[at - 1] == '\n') --at;
        if (at > 0 && raw[at - 1] == '\r') --at;
        return std::max(at, last_body_begin_);
    }

    void close_boundary(std::size_t level)
    {
        open_[level].boundary.clear();
        --live_boundaries_;
    }

    void close_above(std::size_t level, std::size_t content_end)
    {
        while (open_.size() > level) {
            Part& part = message_.parts[static_cast<std::size_t>(open_.back().part)];
            const auto begin = static_cast<std::size_t>(part.body.data() - message_.raw.data());
            part.body = message_.raw.substr(begin, content_end - begin);
            if (!open_.back().boundary.empty()) {
                --live_boundaries_;
                note(message_.oddities, "a multipart has no closing boundary");
            }
            if (part.is_multipart() && !part.divided && !part.boundary.empty())
                note(message_.oddities, "a boundary is declared but never used");
            open_.pop_back();
        }
    }

    void look_over_root()
    {
        const auto& fields = message_.root().fields;
        if (fields.empty()) note(message_.defects, "no header");
        if (find_fields(fields, "From").size() > 1) note(message_.defects, "more than one From field");
        if (message_.raw.find('\0') != std::string_view::npos) note(message_.oddities, "NUL bytes");
    }

    Message message_;
    ScanLimits limits_;
    std::vector<Open> open_;
    std::size_t live_boundaries_ = 0;
    std::size_t fields_ = 0;
    std::size_t last_body_begin_ = 0;
};

}  // namespace

Message scan_message(std::string_view raw, const ScanLimits& limits) { return Scanner{raw, limits}.run(); }

}  // namespace majlis
