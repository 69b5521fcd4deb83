#include "cli/provider.hpp"

#include <array>

#include "cli/dns.hpp"

namespace majlis::cli {
namespace {

constexpr std::string_view gmail_advice = "make an app password (https://myaccount.google.com/apppasswords): your own is refused";
constexpr std::string_view oauth_advice =
    "this provider refuses passwords: OPERATIONS.md, \"Where the provider takes no password\", is the way to client_id and "
    "refresh_token_file";
constexpr std::string_view app_password = "make an app password for majlis in the settings of your account";
constexpr std::string_view microsoft_token = "https://login.microsoftonline.com/common/oauth2/v2.0/token";

constexpr std::array table{
    Provider{"gmail", "gmail.com googlemail.com", "", "imaps://imap.gmail.com", "smtps://smtp.gmail.com",
             R"(["60 recipients/minute", "500 recipients/day"])", 100, 2, "account", "fixed", "mx.google.com", "", gmail_advice},
    Provider{"google-workspace", "", "google.com googlemail.com", "imaps://imap.gmail.com", "smtps://smtp.gmail.com",
             R"(["100 recipients/minute", "2000 recipients/day"])", 100, 2, "account", "fixed", "mx.google.com", "",
             gmail_advice},
    Provider{"outlook", "outlook.com hotmail.com live.com outlook.fr hotmail.fr msn.com", "", "imaps://outlook.office365.com",
             "smtp://smtp-mail.outlook.com:587", R"(["30 messages/minute", "300 recipients/day"])", 100, 2, "account", "fixed",
             "", microsoft_token, oauth_advice},
    Provider{"office365", "", "mail.protection.outlook.com", "imaps://outlook.office365.com", "smtp://smtp.office365.com:587",
             R"(["30 messages/minute", "10000 recipients/day"])", 100, 2, "account", "fixed", "", microsoft_token, oauth_advice},
    Provider{"fastmail", "fastmail.com fastmail.fm", "messagingengine.com", "imaps://imap.fastmail.com",
             "smtps://smtp.fastmail.com", R"(["60 recipients/minute", "2000 recipients/day"])", 100, 2, "any", "verp", "", "",
             app_password},
    Provider{"ovh", "", "mail.ovh.net ovh.net", "imaps://ssl0.ovh.net", "smtps://ssl0.ovh.net", R"(["200 recipients/hour"])", 50,
             2, "any", "fixed", "", "", "200 mails an hour and account: for more, add relays"},
    Provider{"infomaniak", "ik.me etik.com", "infomaniak.ch infomaniak.com", "imaps://mail.infomaniak.com",
             "smtps://mail.infomaniak.com", R"(["60 recipients/minute", "500 recipients/day"])", 99, 2, "account", "fixed", "",
             "", "paid plans allow 1440 recipients a day: raise limits in the file"},
    Provider{"zoho", "zoho.com zohomail.com", "zoho.com zoho.eu zoho.in", "imaps://imap.zoho.com", "smtps://smtp.zoho.com",
             R"(["50 recipients/hour"])", 100, 2, "account", "fixed", "", "",
             "accounts in Europe use imap.zoho.eu and smtp.zoho.eu; limits grow with your reputation"},
    Provider{"yahoo", "yahoo.com yahoo.fr yahoo.co.uk ymail.com", "yahoodns.net", "imaps://imap.mail.yahoo.com",
             "smtps://smtp.mail.yahoo.com", R"(["60 recipients/minute", "500 recipients/day"])", 100, 2, "account", "fixed", "",
             "", app_password},
    Provider{"icloud", "icloud.com me.com mac.com", "mail.icloud.com", "imaps://imap.mail.me.com", "smtp://smtp.mail.me.com:587",
             R"(["60 recipients/minute", "1000 recipients/day"])", 100, 2, "account", "fixed", "", "", app_password},
    Provider{"gandi", "", "mail.gandi.net", "imaps://mail.gandi.net", "smtps://mail.gandi.net",
             R"(["60 recipients/minute", "1000 recipients/day"])", 100, 2, "any", "fixed", "", "", ""},
    Provider{"generic", "", "", "imaps://imap.{domain}", "smtp://smtp.{domain}:587",
             R"(["60 recipients/minute", "1000 recipients/day"])", 100, 4, "any", "verp", "", "",
             "ask your provider for its hosts and limits, and correct the file"},
};

/// Walks the words of a table's cell.
template <class Fits>
bool any_word(std::string_view words, const Fits& fits)
{
    for (std::size_t at = 0; at < words.size();) {
        const std::size_t end = std::min(words.find(' ', at), words.size());
        if (fits(words.substr(at, end - at))) return true;
        at = end + 1;
    }
    return false;
}

bool is_below(std::string_view host, std::string_view domain)
{
    return host == domain ||
           (host.size() > domain.size() && host.ends_with(domain) && host[host.size() - domain.size() - 1] == '.');
}

std::string lower(std::string_view text)
{
    std::string out{text};
    for (char& c : out)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    if (out.ends_with('.')) out.pop_back();
    return out;
}

}  // namespace

std::span<const Provider> providers() { return table; }

const Provider* find_provider(std::string_view name)
{
    for (const Provider& provider : table)
        if (provider.name == name) return &provider;
    return nullptr;
}

const Provider* provider_of_domain(std::string_view domain)
{
    const std::string wanted = lower(domain);
    for (const Provider& provider : table)
        if (any_word(provider.domains, [&](std::string_view word) { return word == wanted; })) return &provider;
    return nullptr;
}

const Provider* provider_of_exchange(std::string_view host)
{
    const std::string wanted = lower(host);
    for (const Provider& provider : table)
        if (any_word(provider.exchanges, [&](std::string_view word) { return is_below(wanted, word); })) return &provider;
    return nullptr;
}

const Provider* look_up_provider(const std::string& domain)
{
    for (const std::string& host : mail_exchanges(domain, "").hosts)
        if (const Provider* provider = provider_of_exchange(host)) return provider;
    return nullptr;
}

}  // namespace majlis::cli
