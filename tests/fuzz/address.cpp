#include "core/address/address.hpp"
#include "core/text/charset.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>

namespace {
void require(bool holds)
{
    if (!holds) std::abort();
}

bool clean(const std::string& text)
{
    return majlis::text::valid_utf8(text) &&
           std::none_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}
}  // namespace

/// Whatever a field holds, what comes out can stand in a header field and in an SMTP command.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const std::string_view input{reinterpret_cast<const char*>(data), size};
    const auto mailboxes = majlis::parse_mailboxes(input);
    require(mailboxes.size() <= majlis::max_mailboxes);
    for (const majlis::Mailbox& mailbox : mailboxes) {
        require(clean(mailbox.name) && clean(mailbox.address.local) && clean(mailbox.address.domain));
        require(mailbox.address.domain.find_first_of(" <>\"(),;@\\") == std::string::npos);
        require(clean(mailbox.address.key()));
        majlis::parse_mailboxes(majlis::format_mailbox(mailbox));
    }
    if (const auto typed = majlis::parse_address(input)) {
        require(clean(typed->text()) && majlis::parse_address(typed->text()).value() == *typed);
        const auto read = majlis::parse_mailboxes("<" + typed->text() + ">");
        require(read.size() == 1 && read[0].address == *typed);
        require(majlis::parse_address(typed->key()).has_value() == false ||
                majlis::parse_address(typed->key())->key() == typed->key());
    }
    return 0;
}
