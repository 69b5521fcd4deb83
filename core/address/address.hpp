#pragma once

#include <boost/system/result.hpp>

#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

/// Mail addresses: strict where somebody types one, generous where mail brings one (RFC 5321, 5322, 6531).
namespace majlis {

/// One address without quotes, comments or folding. No control character is ever in it.
struct Address {
    std::string local;   ///< unquoted, case as given
    std::string domain;  ///< as given; "[192.0.2.1]" for a literal; empty where mail had a bare name

    /// "local@domain", the local part quoted where RFC 5321 asks for it; just the local part without a domain.
    std::string text() const;
    /// What two spellings of one address share: lower case, the domain as lower-case A-label, a non-ASCII local part too,
    /// letter by letter and in NFC.
    std::string key() const;
    /// text() with the domain as A-label: ASCII, for envelopes and header fields, unless the local part is not.
    std::string wire() const;
    /// Whether text() is ASCII. Where only the domain is not, wire() still is.
    bool ascii() const;

    friend bool operator==(const Address&, const Address&) = default;
};

enum class AddressError {
    empty = 1,
    no_at,
    no_local,
    no_domain,
    several,
    bad_local,
    bad_domain,
    single_label,
    literal,
    local_too_long,
    domain_too_long,
    control,
    not_utf8,
};
const boost::system::error_category& address_category();
boost::system::error_code make_error_code(AddressError error);

/// What a person types or a roster holds: one address and nothing else, perhaps in angle brackets. RFC 5321 limits (64/255), a
/// domain with a dot, no literal. The error's message() says what is wrong.
boost::system::result<Address> parse_address(std::string_view text);

/// A domain in its lower-case A-label form; what IDNA refuses is only put in lower case.
std::string domain_key(std::string_view domain);

struct Mailbox {
    std::string name;  ///< decoded, UTF-8, no control characters
    Address address;
};

constexpr std::size_t max_mailboxes = 10'000;

/// Every mailbox of a From, To, Cc... body as found in the wild: groups, nested comments, quotes, encoded names, routes, missing
/// brackets, semicolons between. A name without an address is kept as a Mailbox whose address has no domain (empty local too
/// where nothing like an address stood there). Never fails; linear; at most max_mailboxes.
std::vector<Mailbox> parse_mailboxes(std::string_view field_body);

/// `Name <local@domain>` for a header field: safe, one line, ASCII unless the address itself is not.
std::string format_mailbox(const Mailbox& mailbox);

}  // namespace majlis

template <>
struct boost::system::is_error_code_enum<majlis::AddressError> : std::true_type {
};
