#include "core/filter/attachment.hpp"

#include "core/filter/extensions.hpp"
#include "core/filter/tnef.hpp"
#include "core/text/ascii.hpp"
#include "core/text/parameters.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace majlis::filter_parts {
namespace {

using Why = RemovedPart::Why;

constexpr std::size_t most_content_fields = 20;  ///< in one part: who writes more wants to be read in two ways
constexpr std::string_view octets = "application/octet-stream";

/// Length of a character that nobody sees, at the start of `rest`: joiners, marks, bidi controls, hard spaces. 0 for another one.
/// They only change how a name looks, or are dropped from its end.
std::size_t invisible(std::string_view rest)
{
    constexpr std::array<std::string_view, 14> characters{
        "\xe2\x80\x8b", "\xe2\x80\x8c", "\xe2\x80\x8d", "\xe2\x80\x8e", "\xe2\x80\x8f", "\xe2\x80\xaa", "\xe2\x80\xab",
        "\xe2\x80\xac", "\xe2\x80\xad", "\xe2\x80\xae", "\xef\xbb\xbf", "\xc2\xa0",     "\xe2\x81\xa0", "\xc2\xad"};
    if (text::is_ascii(rest.front())) return 0;
    const auto at = std::ranges::find_if(characters, [&](auto one) { return rest.starts_with(one); });
    return at == characters.end() ? 0 : at->size();
}

/// Lower case, without what does not count at the end of a file name.
std::string normal_name(std::string_view name)
{
    std::string out;
    while (!name.empty()) {
        const std::size_t unseen = invisible(name);
        if (unseen == 0) out += text::lower(name.front());
        name.remove_prefix(std::max<std::size_t>(unseen, 1));
    }
    while (!out.empty() && (text::is_space(out.back()) || out.back() == '.' || out.back() == '"')) out.pop_back();
    return out;
}

/// All that the header of a part says of its type and its name.
struct Claims {
    std::vector<std::string> types;  // the default where none is declared
    std::vector<std::string> names;  // normalised
    bool too_many = false;
};

void read_claims(Claims& claims, const Field& field)
{
    const auto value = text::parse_parameters(field.body);
    const bool type = text::equal_nocase(field.name, "content-type");
    if (type && value.value.find('/') != std::string::npos) claims.types.push_back(value.value);
    for (const auto& parameter : value.parameters)
        if (parameter.name == "name" || parameter.name == "filename") claims.names.push_back(normal_name(parameter.value));
}

Claims claims_of(const Part& part)
{
    Claims claims;
    std::size_t fields = 0;
    for (const Field& field : part.fields) {
        if (!text::equal_nocase(field.name, "content-type") && !text::equal_nocase(field.name, "content-disposition")) continue;
        claims.too_many = ++fields > most_content_fields;
        if (claims.too_many) break;
        read_claims(claims, field);
    }
    if (claims.types.empty()) claims.types.push_back(part.type + "/" + part.subtype);
    const auto named_winmail = [](const std::string& name) { return name == "winmail.dat"; };
    if (part.is("application", "ms-tnef") || std::ranges::any_of(claims.names, named_winmail))
        for (const auto& name : tnef_names(part_content(part))) claims.names.push_back(normal_name(name));
    return claims;
}

bool is_extension(std::string_view entry) { return entry.starts_with('.'); }

bool fits_type(std::string_view entry, std::string_view type)
{
    if (is_extension(entry)) return false;
    if (entry.ends_with("/*")) return type.starts_with(entry.substr(0, entry.size() - 1));
    return entry == type;
}

/// The entry that names this type, or "".
std::string_view entry_for_type(const std::vector<std::string>& entries, std::string_view type)
{
    const auto at = std::ranges::find_if(entries, [&](const auto& entry) { return fits_type(entry, type); });
    return at == entries.end() ? std::string_view{} : std::string_view{*at};
}

std::string_view entry_for_name(const std::vector<std::string>& entries, std::string_view name)
{
    const auto at =
        std::ranges::find_if(entries, [&](const auto& entry) { return is_extension(entry) && name.ends_with(entry); });
    return at == entries.end() ? std::string_view{} : std::string_view{*at};
}

std::optional<Objection> denied(const Claims& claims, const std::vector<std::string>& entries)
{
    for (const auto& type : claims.types)
        if (const auto entry = entry_for_type(entries, type); !entry.empty()) return Objection{Why::type, std::string{entry}};
    for (const auto& name : claims.names) {
        if (const auto entry = entry_for_name(entries, name); !entry.empty()) return Objection{Why::name, std::string{entry}};
        const auto entry = entry_for_type(entries, type_of_name(name));
        if (!entry.empty()) return Objection{Why::type, std::string{entry}};
    }
    return std::nullopt;
}

/// Something must speak for it, and no name against it. Octets say nothing, so a name may speak for them.
std::optional<Objection> not_allowed(const Claims& claims, const std::vector<std::string>& entries)
{
    const bool vague = std::ranges::all_of(claims.types, [](const auto& type) { return type == octets; });
    bool welcome = std::ranges::all_of(claims.types, [&](const auto& type) { return !entry_for_type(entries, type).empty(); });
    for (const auto& name : claims.names) {
        const auto stands_for = type_of_name(name);
        if (!entry_for_name(entries, name).empty())
            welcome = true;
        else if (!stands_for.empty() && entry_for_type(entries, stands_for).empty())
            return Objection{Why::name, {}};
        else if (!stands_for.empty() && vague)
            welcome = true;
    }
    return welcome ? std::nullopt : std::optional{Objection{Why::type, {}}};
}

/// A container or an attached mail in a transfer encoding, which RFC 2045, 6.4 forbids and some programs decode all the same.
bool is_hidden(const Part& part)
{
    return !part.divided && part.encoding != Encoding::identity && (part.is_multipart() || part.is_message());
}

}  // namespace

std::optional<Objection> objection(const Part& part, Role role, const Attachments& attachments)
{
    if (is_hidden(part)) return Objection{Why::unreadable, {}};
    const Claims claims = claims_of(part);
    if (claims.too_many) return Objection{Why::unreadable, {}};
    if (attachments.mode == Attachments::Mode::deny) return denied(claims, attachments.types);
    return role == Role::attachment ? not_allowed(claims, attachments.types) : std::nullopt;
}

bool is_html(const Part& part)
{
    return part.is("text", "html") || part.is("text", "x-amp-html") || part.is("application", "xhtml+xml");
}

}  // namespace majlis::filter_parts
