#include "core/address/address.hpp"
#include "core/address/domain.hpp"
#include "core/address/syntax.hpp"
#include "core/text/charset.hpp"

#include <algorithm>
#include <optional>

namespace majlis {

namespace {

constexpr std::size_t max_local = 64, max_domain = 255, max_label = 63;  // RFC 5321, 4.5.3.1; RFC 1035
constexpr std::size_t max_text = 2000;

class Category : public boost::system::error_category {
public:
    const char* name() const noexcept override { return "address"; }
    std::string message(int code) const override
    {
        switch (static_cast<AddressError>(code)) {
            case AddressError::empty:
                return "there is no address";
            case AddressError::no_at:
                return "an address needs an @, as in anne@example.org";
            case AddressError::no_local:
                return "there is nothing before the @";
            case AddressError::no_domain:
                return "there is nothing after the @";
            case AddressError::several:
                return "one address only, without name, spaces or commas";
            case AddressError::bad_local:
                return "the part before the @ holds characters that need quotes, or dots where none may be";
            case AddressError::bad_domain:
                return "the part after the @ is no domain name";
            case AddressError::single_label:
                return "the domain has no dot: write it in full, as in example.org";
            case AddressError::literal:
                return "an IP address cannot be written to: give a domain name";
            case AddressError::local_too_long:
                return "the part before the @ is longer than 64 bytes";
            case AddressError::domain_too_long:
                return "the domain is longer than 255 bytes, or one of its labels than 63";
            case AddressError::control:
                return "there is a control character in it";
            case AddressError::not_utf8:
                return "it is not in UTF-8";
        }
        return "unknown error";
    }
};

struct Split {
    std::string local;
    std::string_view domain;
};

/// `"a b"@c`: the local part without its quotes.
boost::system::result<Split> split_quoted(std::string_view text)
{
    Split split;
    std::size_t i = 1;
    for (; i < text.size() && text[i] != '"'; ++i) {
        if (text[i] == '\\' && i + 1 < text.size()) ++i;
        split.local += text[i];
    }
    if (i >= text.size()) return AddressError::bad_local;
    text.remove_prefix(i + 1);
    if (text.empty()) return AddressError::no_at;
    if (text.front() != '@') return AddressError::bad_local;
    if (split.local.empty()) return AddressError::no_local;
    split.domain = text.substr(1);
    return split;
}

boost::system::result<Split> split_address(std::string_view text)
{
    if (text.front() == '"') return split_quoted(text);
    const std::size_t at = text.find('@');
    if (text.find_first_of(" ,;<>") != std::string_view::npos) return AddressError::several;
    if (at == std::string_view::npos) return AddressError::no_at;
    if (at == 0) return AddressError::no_local;
    if (!address::is_dot_atom(text.substr(0, at))) return AddressError::bad_local;
    return Split{std::string{text.substr(0, at)}, text.substr(at + 1)};
}

std::optional<AddressError> check_label(std::string_view label)
{
    if (label.size() > max_label) return AddressError::domain_too_long;
    const auto fits = [](char c) { return text::is_letter(c) || text::is_digit(c) || c == '-'; };
    const bool good =
        !label.empty() && label.front() != '-' && label.back() != '-' && std::all_of(label.begin(), label.end(), fits);
    if (!good) return AddressError::bad_domain;
    return {};
}

std::optional<AddressError> check_labels(std::string_view rest)
{
    if (rest.size() > max_domain) return AddressError::domain_too_long;
    std::size_t count = 0;
    while (true) {
        const std::string_view label = rest.substr(0, rest.find('.'));
        if (const auto error = check_label(label)) return error;
        ++count;
        if (label.size() == rest.size()) {
            // No top-level domain is a number: 192.0.2.1 is an IP address that lost its brackets.
            if (std::all_of(label.begin(), label.end(), text::is_digit)) return AddressError::literal;
            break;
        }
        rest.remove_prefix(label.size() + 1);
    }
    if (count < 2) return AddressError::single_label;
    return {};
}

std::optional<AddressError> check_domain(std::string_view domain)
{
    if (domain.empty()) return AddressError::no_domain;
    if (domain.front() == '[') return AddressError::literal;
    if (text::is_ascii(domain)) return check_labels(domain);
    const auto labels = address::to_a_labels(domain);
    if (!labels) return AddressError::bad_domain;
    return check_labels(*labels);
}

/// What nearly every address is, without looking at each byte five times: dot-atom, "@", ASCII domain.
bool is_simple(std::string_view text, std::size_t at)
{
    const std::string_view local = text.substr(0, at), domain = text.substr(at + 1);
    return at != std::string_view::npos && at <= max_local && address::is_dot_atom(local) && text::is_ascii(local) &&
           !domain.empty() && domain.back() != '.' && !check_labels(domain);
}

}  // namespace

const boost::system::error_category& address_category()
{
    static const Category category;
    return category;
}

boost::system::error_code make_error_code(AddressError error) { return {static_cast<int>(error), address_category()}; }

boost::system::result<Address> parse_address(std::string_view typed)
{
    std::string_view text = text::trim(typed);
    if (text.starts_with('<') && text.ends_with('>') && text.size() > 1) text = text::trim(text.substr(1, text.size() - 2));
    if (text.empty()) return AddressError::empty;
    if (const std::size_t at = text.find('@'); is_simple(text, at)) {
        return Address{std::string{text.substr(0, at)}, std::string{text.substr(at + 1)}};
    }
    if (std::any_of(text.begin(), text.end(), text::is_control)) return AddressError::control;
    if (text.size() > max_text) return AddressError::local_too_long;
    if (!text::valid_utf8(text)) return AddressError::not_utf8;
    const auto split = split_address(text);
    if (!split) return split.error();
    std::string_view domain = split->domain;
    if (domain.size() > 1 && domain.ends_with('.')) domain.remove_suffix(1);
    if (const auto error = check_domain(domain)) return *error;
    Address address{split->local, std::string{domain}};
    if (address.text().size() - domain.size() - 1 > max_local) return AddressError::local_too_long;
    return address;
}

}  // namespace majlis
