#include "net/smtp/commands.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <stdexcept>

#include "core/text/ascii.hpp"

namespace majlis::smtp {

namespace {

constexpr std::size_t max_path = 320;   // RFC 5321, 4.5.3.1: 64 + @ + 255
constexpr std::size_t max_envid = 100;  // RFC 3461, 4.4
constexpr std::size_t max_orcpt = 500;  // RFC 3461, 4.2

/// A command is put together here, so that it goes to the output in one piece.
class CommandLine {
public:
    explicit CommandLine(Output& output) : output_(output) {}

    CommandLine& operator<<(std::string_view bytes)
    {
        if (bytes.size() > bytes_.size() - used_) throw std::length_error{"an SMTP command is too long"};
        std::copy(bytes.begin(), bytes.end(), bytes_.begin() + static_cast<std::ptrdiff_t>(used_));
        used_ += bytes.size();
        return *this;
    }
    CommandLine& operator<<(std::uint64_t number)
    {
        char digits[20];
        const auto end = std::to_chars(digits, digits + sizeof digits, number).ptr;
        return *this << std::string_view{digits, static_cast<std::size_t>(end - digits)};
    }
    void end()
    {
        *this << "\r\n";
        output_.add({bytes_.data(), used_});
    }

private:
    static constexpr std::size_t room = max_path + max_envid + max_orcpt + 100;  // the keywords

    Output& output_;
    std::array<char, room> bytes_;  // filled as far as it is used
    std::size_t used_ = 0;
};

/// Whether a path with this byte has to be looked at more closely.
constexpr auto special = [] {
    std::array<bool, 256> found{};
    for (std::size_t byte = 0; byte < found.size(); ++byte) found[byte] = text::is_control(static_cast<char>(byte));
    for (const char c : {' ', '<', '>', '\\', '"'}) found[static_cast<unsigned char>(c)] = true;
    return found;
}();

/// Whether it can stand between < and >: no controls, and spaces or angle brackets only inside quotes.
bool is_path(std::string_view address)
{
    if (address.size() > max_path) return false;
    if (std::none_of(address.begin(), address.end(), [](char c) { return special[static_cast<unsigned char>(c)]; })) return true;
    char quote = 0;
    for (std::size_t i = 0; i < address.size(); ++i) {
        const char c = address[i];
        if (text::is_control(c)) return false;
        if (quote != 0 && c == '\\') {
            if (++i == address.size() || text::is_control(address[i])) return false;
        } else if (c == '"') {
            quote = quote == 0 ? c : '\0';
        } else if (quote == 0 && (c == ' ' || c == '<' || c == '>' || c == '\\')) {
            return false;
        }
    }
    return quote == 0;
}

Reply refusal(int code, const char* status, const char* text) { return {code, status, text}; }

bool ends_a_line(const Transaction& transaction)
{
    for (const std::string_view part : {transaction.tail.plain, std::string_view{transaction.personal}, transaction.head.plain}) {
        if (!part.empty()) return part.ends_with("\r\n");
    }
    return true;
}

bool needs_smtputf8(const Transaction& transaction)
{
    const auto ascii = [](const Recipient& recipient) { return text::is_ascii(std::string_view{recipient.address}); };
    return transaction.smtputf8 || !text::is_ascii(std::string_view{transaction.mail_from}) ||
           !std::all_of(transaction.recipients.begin(), transaction.recipients.end(), ascii);
}

}  // namespace

std::string xtext(std::string_view bytes)
{
    constexpr char hex[] = "0123456789ABCDEF";
    std::string out;
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte > ' ' && byte < 0x7f && c != '+' && c != '=') {
            out += c;
        } else {
            out += '+';
            out += hex[byte >> 4];
            out += hex[byte & 15];
        }
    }
    return out;
}

void add_mail(Output& output, const Transaction& transaction, const Offer& offer)
{
    CommandLine line{output};
    line << "MAIL FROM:<" << transaction.mail_from << ">";
    if (offer.size) line << " SIZE=" << transaction.size();
    if (offer.eight_bit && transaction.eight_bit) line << " BODY=8BITMIME";
    if (offer.smtputf8 && needs_smtputf8(transaction)) line << " SMTPUTF8";
    if (offer.dsn && !transaction.mail_from.empty()) {
        line << " RET=HDRS";
        const auto envid = transaction.envid.empty() ? std::string{} : xtext(transaction.envid);
        if (!envid.empty() && envid.size() <= max_envid) line << " ENVID=" << envid;
    }
    line.end();
}

void add_rcpt(Output& output, const Recipient& recipient, const Transaction& transaction, const Offer& offer)
{
    CommandLine line{output};
    line << "RCPT TO:<" << recipient.address << ">";
    if (offer.dsn && !transaction.mail_from.empty()) {
        line << " NOTIFY=FAILURE";
        const auto orcpt = recipient.orcpt.empty() ? std::string{} : xtext(recipient.orcpt);
        if (!orcpt.empty() && orcpt.size() <= max_orcpt)
            line << (text::is_ascii(std::string_view{recipient.orcpt}) ? " ORCPT=rfc822;" : " ORCPT=utf-8;") << orcpt;
    }
    line.end();
}

void add_chunk(Output& output, const Transaction& transaction)
{
    const bool ended = ends_a_line(transaction);
    CommandLine line{output};
    line << "BDAT " << transaction.size() + (ended ? 0 : 2) << " LAST";
    line.end();
    output.add_shared(transaction.head.plain);
    output.add(transaction.personal);
    output.add_shared(transaction.tail.plain);
    if (!ended) output.add("\r\n");
}

void add_content(Output& output, const Transaction& transaction)
{
    output.add_shared(transaction.head.stuffed);
    output.add(transaction.personal);
    output.add_shared(transaction.tail.stuffed);
    output.add(ends_a_line(transaction) ? ".\r\n" : "\r\n.\r\n");
}

std::optional<Reply> unfit(const Transaction& transaction, const Offer& offer)
{
    if (!is_path(transaction.mail_from)) return refusal(553, "5.1.7", "majlis: the sender is no address that MAIL can hold");
    if (offer.max_size > 0 && transaction.size() > offer.max_size) {
        return refusal(552, "5.3.4", "majlis: the message is larger than the relay's SIZE");
    }
    if (!offer.smtputf8 && (transaction.smtputf8 || !text::is_ascii(std::string_view{transaction.mail_from}))) {
        return refusal(550, "5.6.7", "majlis: the message needs SMTPUTF8, which the relay does not offer");
    }
    if (!offer.eight_bit && transaction.eight_bit) {
        return refusal(554, "5.6.3", "majlis: the message needs 8BITMIME, which the relay does not offer");
    }
    return std::nullopt;
}

std::optional<Reply> unfit(const Recipient& recipient, const Offer& offer)
{
    if (recipient.address.empty() || !is_path(recipient.address)) {
        return refusal(553, "5.1.3", "majlis: this is no address that RCPT can hold");
    }
    if (!offer.smtputf8 && !text::is_ascii(std::string_view{recipient.address})) {
        return refusal(553, "5.6.7", "majlis: the address needs SMTPUTF8, which the relay does not offer");
    }
    return std::nullopt;
}

}  // namespace majlis::smtp
