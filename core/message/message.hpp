#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

/// One mail read by byte ranges (RFC 5322, 2045, 2046): one pass, no recursion, no copies. Every view points into the raw mail.
namespace majlis {

/// Beyond these the rest is kept as plain bytes of what encloses it, and a defect says so.
struct ScanLimits {
    std::size_t depth = 100;                ///< of parts within parts; the message itself is 0
    std::size_t parts = 10'000;             ///< in one mail
    std::size_t field_bytes = 64 * 1024;    ///< of one field; its body is cut there, its bytes are not
    std::size_t header_bytes = 256 * 1024;  ///< of one header block; fields behind are not listed
    std::size_t fields = 2'000;             ///< in one header block
    std::size_t total_fields = 50'000;      ///< in all header blocks together
};

struct Field {
    std::string_view name;   ///< without the colon; empty for a line in a header that is no field
    std::string_view body;   ///< raw, still folded, without leading space and final line end
    std::string_view bytes;  ///< whole, with its line end
};

enum class Encoding { identity, quoted_printable, base64, unknown };

struct Part {
    std::string_view header;  ///< field lines, without the empty line that ends them
    std::string_view gap;     ///< the empty line between header and body; empty where it is missing
    std::string_view body;    ///< without the line end that belongs to the boundary behind it
    std::vector<Field> fields;
    int parent = -1;  ///< index in Message::parts; -1 for the message itself
    unsigned depth = 0;
    std::string type = "text", subtype = "plain";  ///< lower case, with the defaults of RFC 2045 and of multipart/digest
    std::string charset;                           ///< as written; empty where none is declared
    std::string name;                              ///< file name, UTF-8; empty where there is none
    std::string boundary;                          ///< of a multipart, raw
    std::string disposition;                       ///< lower case: "attachment", "inline" or what was written
    Encoding encoding = Encoding::identity;
    bool divided = false;  ///< parts of its own follow it in Message::parts

    bool is(std::string_view type_name, std::string_view subtype_name) const
    {
        return type == type_name && subtype == subtype_name;
    }
    bool is_multipart() const { return type == "multipart"; }
    /// An attached mail: message/rfc822 or message/global.
    bool is_message() const { return type == "message" && (subtype == "rfc822" || subtype == "global"); }
};

struct Message {
    std::string_view raw;
    std::string_view mbox_line;         ///< a first line "From ..." as mbox files have it; part of no header
    std::vector<Part> parts;            ///< in the order of the bytes; [0] is the message itself and always there
    std::vector<std::string> defects;   ///< what a moderator should see first: limits passed, no header, two From fields
    std::vector<std::string> oddities;  ///< harmless, each kind once: missing boundaries, bare CR, lines that are no field

    const Part& root() const { return parts.front(); }
};

/// Reads a whole mail, or its header alone. Never throws for content. `raw` must outlive the result.
Message scan_message(std::string_view raw, const ScanLimits& limits = {});

/// The fields of a header block, up to its empty line or the end.
std::vector<Field> scan_header(std::string_view raw_header, const ScanLimits& limits = {});

/// The first field of this name, in any case, or nullptr.
const Field* find_field(const std::vector<Field>& fields, std::string_view name);
std::vector<const Field*> find_fields(const std::vector<Field>& fields, std::string_view name);
/// The first field of this name unfolded and decoded (RFC 2047), spaces trimmed; "" where there is none.
std::string field_text(const std::vector<Field>& fields, std::string_view name);

/// Decoded bytes of a leaf; an unknown encoding is left as it is.
std::string part_content(const Part& part);
/// Decoded to UTF-8; format=flowed and HTML are left as they are. Line ends stay as they came.
std::string part_text(const Part& part);

/// What a person would read first: the first text/plain that is neither empty nor an attachment, else the first text/html, else any other text;
/// attached mails are not searched. nullptr where there is no text.
const Part* first_text(const Message& message);
/// Text of first_text() as plain text, HTML turned into it; "" where there is none.
std::string readable_text(const Message& message);

/// "<a@b>" -> "a@b"; repairs broken ones ("[a@b]", no brackets, spaces, comments); "" where nothing is left. One line, no
/// controls.
std::string message_id(std::string_view field_body);
/// Every id of References or In-Reply-To, in order; at most 1,000.
std::vector<std::string> message_ids(std::string_view field_body);

}  // namespace majlis
