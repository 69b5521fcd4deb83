#include "core/address/address.hpp"

#include "core/address/domain.hpp"
#include "core/address/syntax.hpp"
#include "core/text/words.hpp"

namespace majlis {

namespace {

std::string write_local(std::string_view local)
{
    if (address::is_dot_atom(local)) return std::string{local};
    std::string out = "\"";
    for (const char c : local) {
        if (c == '"' || c == '\\') out += '\\';
        out += c;
    }
    return out += '"';
}

std::string write(std::string_view local, std::string_view domain)
{
    if (domain.empty()) return local.empty() ? std::string{} : write_local(local);
    std::string out;
    out.reserve(local.size() + domain.size() + 3);
    if (address::is_dot_atom(local))
        out = local;
    else
        out = write_local(local);
    out += '@';
    return out += domain;
}

}  // namespace

std::string Address::text() const { return write(local, domain); }

std::string Address::key() const
{
    if (!ascii()) return write(address::folded(local), domain_key(domain));
    std::string out = write(local, domain.ends_with('.') ? std::string_view{domain}.substr(0, domain.size() - 1) : domain);
    for (char& c : out) c = text::lower(c);
    return out;
}

std::string Address::wire() const { return text::is_ascii(domain) ? text() : write(local, domain_key(domain)); }

bool Address::ascii() const { return text::is_ascii(local) && text::is_ascii(domain); }

std::string format_mailbox(const Mailbox& mailbox)
{
    const std::string address = mailbox.address.wire();
    std::string phrase = text::encode_phrase(mailbox.name);
    if (phrase.empty()) return address;
    if (address.empty()) return phrase;
    // A long name has its last line nearly full: the address gets one of its own.
    phrase += phrase.size() + address.size() > 66 ? "\r\n <" : " <";
    return phrase + address + '>';
}

}  // namespace majlis
