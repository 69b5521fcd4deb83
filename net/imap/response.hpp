#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

/// IMAP4rev1 (RFC 3501) as the server speaks it: one response, cut and understood. No I/O here.
namespace majlis::imap {

/// What a server may ask of our memory. Beyond it the connection is given up, or a literal is read and thrown away.
struct Limits {
    std::size_t line = 8U << 20U;         ///< bytes of one response without its literals (a SEARCH may be long)
    std::size_t numbers = 1'000'000;      ///< that one SEARCH finds, in as many responses as it likes
    std::size_t literal = 1U << 20U;      ///< bytes of a literal that is kept; longer ones are drained
    std::uint64_t drained = 1ULL << 31U;  ///< bytes of a literal that is drained; longer ones end the connection
    std::size_t response = 4U << 20U;     ///< bytes of all literals kept in one response
    std::size_t literals = 100;           ///< of one response
    std::size_t nesting = 50;             ///< of parentheses
    std::size_t words = 2000;             ///< of a CAPABILITY, or flags of a message
};

/// The server does not speak IMAP, or more of it than we can bear. The connection can not be used any more.
class ProtocolError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

inline constexpr const char* too_many_found = "the IMAP server found more messages than majlis can bear";

struct Literal {
    std::string bytes;       ///< empty when it was drained
    std::uint64_t size = 0;  ///< as announced
    bool drained = false;
};

/// One response with its literals taken out: each is a NUL byte in `text`.
struct RawResponse {
    std::string text;  ///< without its line end
    std::vector<Literal> literals;
};

enum class Status { none, ok, no, bad, bye, preauth };

/// One BODY[...] of a FETCH.
struct Section {
    std::string name;  ///< between the brackets, upper case: "", "HEADER"
    std::uint64_t offset = 0;
    bool partial = false;    ///< an offset was given
    bool drained = false;    ///< too large to be kept: `size` alone is known
    std::uint64_t size = 0;  ///< bytes
    std::string bytes;
};

struct FetchItem {
    std::uint32_t sequence = 0;
    std::uint32_t uid = 0;  ///< 0: not told
    std::optional<std::uint64_t> size;
    std::optional<std::int64_t> internal_date;  ///< Unix time
    std::vector<std::string> flags;
    std::vector<Section> sections;

    Section* section(const std::string& name);
};

struct Folder {
    std::vector<std::string> attributes;  ///< "\\HasNoChildren", "\\Junk"
    char separator = '\0';                ///< NUL: a flat name space
    std::string name;                     ///< as the server has it: modified UTF-7
};

struct Response {
    enum class Kind { tagged, status, continuation, exists, expunge, fetch, capability, search, list, name_space, other };
    Kind kind = Kind::other;
    std::string tag;                     ///< tagged
    Status status = Status::none;        ///< tagged, status
    std::string code;                    ///< what stands in [...] before the text: "UIDVALIDITY 7", "TRYCREATE"
    std::string text;                    ///< for people: not yet safe to print
    std::uint32_t number = 0;            ///< exists, expunge
    FetchItem fetch;                     ///< fetch
    std::vector<std::string> words;      ///< capability, as sent
    std::vector<std::uint32_t> numbers;  ///< search
    Folder folder;                       ///< list; name_space: prefix and separator of the first personal one
};

/// Understands one response. What it can not read is Kind::other, never an error: the stream is still in step.
Response parse_response(RawResponse raw, const Limits& limits = {});

/// "17-Jul-1996 02:44:25 -0700" as Unix time.
std::optional<std::int64_t> parse_internal_date(std::string_view text);

}  // namespace majlis::imap
