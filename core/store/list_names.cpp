#include "core/store/list_names.hpp"

#include <algorithm>
#include <array>

#include "core/text/ascii.hpp"
#include "core/text/printable.hpp"
#include "core/token/token.hpp"

namespace majlis::store {
namespace {

constexpr std::size_t max_name = 64;
constexpr std::size_t max_local = 64;  // RFC 5321, 4.5.3.1.1
static_assert(longest_command >= 1 + 7 + token::max_bounce_token);

constexpr std::array<std::string_view, 12> commands{"subscribe", "subscribe-digest", "unsubscribe", "confirm",
                                                    "help",      "request",          "owner",       "mod",
                                                    "moderate",  "bounce",           "report",      "post"};
constexpr std::array<std::string_view, 4> with_token{"confirm-", "mod-", "bounce-", "unsubscribe-"};

bool is_command(std::string_view word)
{
    return std::ranges::find(commands, word) != commands.end() ||
           std::ranges::any_of(with_token, [&](std::string_view prefix) { return word.starts_with(prefix); });
}

bool is_word(char c) { return (c >= 'a' && c <= 'z') || text::is_digit(c); }

}  // namespace

Answer<std::string> check_list_name(std::string_view name)
{
    const auto shown = [&] { return "the name '" + text::printable(name, 80) + "' "; };
    const auto lower = text::lowered(name);
    if (lower.empty()) return text::Problem{"a list needs a name, such as rabat"};
    if (lower.size() > max_name) return text::Problem{shown() + "is longer than 64 characters; take a shorter one"};
    char before = '-';
    for (const char c : lower) {
        const bool joint = c == '-' || c == '_' || c == '.';
        if (!is_word(c) && !joint)
            return text::Problem{shown() + "may hold only letters a to z, digits, '-', '_' and '.'; 'title' may hold any text"};
        if (joint && !is_word(before)) return text::Problem{shown() + "may not begin with a sign or hold two in a row"};
        before = c;
    }
    if (!is_word(before)) return text::Problem{shown() + "may not end with a sign"};
    return {boost::system::in_place_value, lower};
}

AddressKey split_key(std::string_view key)
{
    const auto at = key.rfind('@');
    if (at == std::string_view::npos) return {key, {}};
    return {key.substr(0, at), key.substr(at + 1)};
}

std::vector<std::string> possible_lists(std::string_view address_key)
{
    const auto [local, domain] = split_key(address_key);
    std::vector<std::string> lists;
    for (std::size_t i = 1; i < local.size(); ++i) {
        const auto base = local.substr(0, i);
        const bool delimiter = local[i] == '-' || (local[i] == '+' && base.find('+') == std::string_view::npos);
        if (delimiter && is_command(local.substr(i + 1))) lists.push_back(std::string{base} + "@" + std::string{domain});
    }
    return lists;
}

bool is_command_form(std::string_view address_key, std::string_view list_key)
{
    const auto lists = possible_lists(address_key);
    return std::ranges::find(lists, list_key) != lists.end();
}

Answer<void> check_list_address(std::string_view address_key)
{
    const auto local = split_key(address_key).local;
    if (local.size() + longest_command <= max_local) return {};
    return text::Problem{
        "the address " + text::printable(address_key) + " is too long for a list: before the @ it may have at most " +
        std::to_string(max_local - longest_command) + " characters, so that its bounce addresses fit into the 64 of SMTP"};
}

}  // namespace majlis::store
