#include "core/compose/fields.hpp"

#include <algorithm>
#include <stdexcept>

#include "core/text/ascii.hpp"
#include "core/text/printable.hpp"
#include "core/text/words.hpp"

namespace majlis::compose {

Mailbox wire(Mailbox mailbox)
{
    if (text::is_ascii(mailbox.address.local) && !text::is_ascii(mailbox.address.domain)) {
        mailbox.address.domain = domain_key(mailbox.address.domain);
    }
    return mailbox;
}

std::vector<Field> all_fields(std::string_view header)
{
    ScanLimits none;
    none.field_bytes = none.header_bytes = none.fields = none.total_fields = header.size() + 1;
    return scan_header(header, none);
}

std::string field(std::string_view name, std::string_view body)
{
    std::string out{name};
    out += ": ";
    for (std::size_t i = 0; i < body.size(); ++i) {
        const bool fold = body.substr(i).starts_with("\r\n ") || body.substr(i).starts_with("\r\n\t");
        if (fold) {
            out += "\r\n";
            ++i;
        } else {
            out += body[i] == '\r' || body[i] == '\n' || body[i] == '\0' ? ' ' : body[i];
        }
    }
    return out + "\r\n";
}

std::string mailbox_field(std::string_view name, const std::vector<Mailbox>& mailboxes)
{
    std::string body;
    for (const Mailbox& mailbox : mailboxes) body += (body.empty() ? "" : ",\r\n ") + format_mailbox(wire(mailbox));
    return field(name, body);
}

std::string list_title(const ListFace& face)
{
    std::string_view title = text::trim(face.title);
    title = text::trim(title.substr(0, std::min(title.find_first_of("\r\n"), title.size())));
    return text::printable(title.empty() ? std::string_view{face.name} : title, 100);
}

std::string percent_encode(std::string_view text, std::string_view also_plain)
{
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string out;
    for (const char c : text) {
        const bool plain = text::is_letter(c) || text::is_digit(c) ||
                           std::string_view{"-._~"}.find(c) != std::string_view::npos ||
                           also_plain.find(c) != std::string_view::npos;
        if (plain) {
            out += c;
            continue;
        }
        const auto byte = static_cast<unsigned char>(c);
        out += {'%', digits[byte >> 4U], digits[byte & 15U]};
    }
    return out;
}

std::string_view safe_url(std::string_view url)
{
    const bool web = text::starts_with_nocase(url, "https://") || text::starts_with_nocase(url, "http://");
    const auto plain = [](char c) { return c > ' ' && c < 0x7f && c != '<' && c != '>' && c != '"'; };
    return web && url.size() <= 900 && std::all_of(url.begin(), url.end(), plain) ? url : std::string_view{};
}

namespace {

std::string url_field(std::string_view name, std::string_view url) { return field(name, "<" + std::string{url} + ">"); }

std::string mailto_field(std::string_view name, const ListFace& face, std::string_view command)
{
    return url_field(name, mailto_url(command.empty() ? face.address : command_address(face.address, command)));
}

std::string list_id_field(const ListFace& face)
{
    const std::string title = text::encode_phrase(list_title(face));
    std::string id;
    for (const char c : face.list_id) {
        if (c > ' ' && c < 0x7f && c != '<' && c != '>') id += c;
    }
    return field("List-Id", title + " <" + id + ">");
}

}  // namespace

std::string list_fields(const ListFace& face, const CopyOptions& options)
{
    const bool open = face.posting == ListFace::Posting::allowed;
    std::string out = list_id_field(face);
    out += open ? mailto_field("List-Post", face, {}) : field("List-Post", "NO");
    out += mailto_field("List-Help", face, "help");
    out += mailto_field("List-Subscribe", face, "subscribe");
    if (options.audience == CopyOptions::Audience::shared) out += mailto_field("List-Unsubscribe", face, "unsubscribe");
    out += mailto_field("List-Owner", face, "owner");
    if (const auto archive = safe_url(face.archive_url); !archive.empty()) {
        out += url_field("List-Archive", archive);
        if (const auto permanent = safe_url(options.archived_at); !permanent.empty()) out += url_field("Archived-At", permanent);
    }
    return out;
}

}  // namespace majlis::compose

namespace majlis {

std::string command_address(std::string_view list_address, std::string_view command)
{
    const std::size_t at = std::min(list_address.rfind('@'), list_address.size());
    const std::string_view local = list_address.substr(0, at);
    const char delimiter = local.find('+') == std::string_view::npos ? '+' : '-';
    return std::string{local} + delimiter + std::string{command} + std::string{list_address.substr(at)};
}

std::string mailto_url(std::string_view address, std::string_view subject)
{
    const std::size_t at = std::min(address.rfind('@'), address.size());
    const std::string domain = at < address.size() ? domain_key(address.substr(at + 1)) : std::string{};
    // RFC 6068 allows "+" and most sub-delims as they are; programs that read "+" as a space are wrong, and known.
    std::string url = "mailto:" + compose::percent_encode(address.substr(0, at), "+!$'*");
    if (at < address.size()) url += '@' + compose::percent_encode(domain, "[]:");
    if (!subject.empty()) url += "?subject=" + compose::percent_encode(subject, "");
    return url;
}

AroundToken around_token(const std::string& text)
{
    const auto at = text.find(token_stand_in);
    if (at == std::string::npos) throw std::out_of_range{"a text without its token"};
    return {text.substr(0, at), text.substr(at + token_stand_in.size())};
}

std::string personal_fields(const ListFace& face, std::string_view unsubscribe_token)
{
    const std::string command = "unsubscribe-" + std::string{unsubscribe_token};
    return compose::mailto_field("List-Unsubscribe", face, command);
}

}  // namespace majlis
