#include "cli/first_config.hpp"

#include <fmt/format.h>

namespace majlis::cli {
namespace {

std::string credentials(const FirstConfig& given, std::string_view section, const std::string& user,
                        const std::string& password_file)
{
    std::string text = fmt::format("username      = {}\n", toml_string(user));
    if (given.provider->oauth2_token_url.empty() || !password_file.empty())
        return text + fmt::format("password_file = {}\n", toml_string(password_file));
    return text + fmt::format("# {}, in [{}.oauth2] below\n", given.provider->advice, section);
}

std::string oauth2(const FirstConfig& given, std::string_view section, const std::string& password_file)
{
    if (given.provider->oauth2_token_url.empty() || !password_file.empty()) return "";
    return fmt::format(
        "\n[{}.oauth2]\nclient_id          = \"\"     # of your registered application\n"
        "refresh_token_file = {}\ntoken_url          = {}\n",
        section, toml_string(given.database.substr(0, given.database.rfind('/') + 1) + "refresh.token"),
        toml_string(given.provider->oauth2_token_url));
}

std::string site(const FirstConfig& given)
{
    return fmt::format(
        "# majlis.toml(5) explains every key; \"majlis check\" says what is wrong, and how to mend it.\n"
        "# Lists and members are not in here: \"majlis list create\" and \"majlis member add\" make them.\n\n"
        "database = {}\n\n[site]\nname     = {}\ndomain   = {}    # for Message-IDs and List-Ids: do not change it later\n"
        "owner    = {}    # who hears about trouble\nlanguage = {}    # fr, ar or en\n",
        toml_string(given.database), toml_string(given.site_name), toml_string(given.domain), toml_string(given.owner),
        toml_string(given.language));
}

std::string inbox(const FirstConfig& given)
{
    return fmt::format("\n[[inbox]]\nurl           = {}\n", toml_string(given.imap_url)) +
           credentials(given, "inbox", given.imap_user, given.imap_password_file) +
           "folders       = [\"INBOX\"]\n"
           "after         = \"move:Majlis/Done\"    # or \"delete\"\n"
           "unknown       = \"leave\"               # mail that is for no list; or \"move:Majlis/Unknown\"\n" +
           oauth2(given, "inbox", given.imap_password_file);
}

std::string relay(const FirstConfig& given)
{
    const Provider& provider = *given.provider;
    const bool fixed = provider.envelope == "fixed";
    return fmt::format("\n[[relay]]\nurl           = {}\n", toml_string(given.smtp_url)) +
           credentials(given, "relay", given.smtp_user, given.smtp_password_file) +
           fmt::format(
               "connections   = {}\npersonal      = {}\nrecipients_per_message = {}\n"
               "limits        = {}    # what {} allows; correct it to your plan\n"
               "envelope      = \"{}\"\nfrom          = \"{}\"{}\n",
               provider.connections, fixed ? "\"auto\"" : "\"always\"", provider.recipients_per_message, provider.limits,
               provider.name == "generic" ? "we guess your provider" : fmt::format("{}", provider.name), provider.envelope,
               provider.from, provider.from == "account" ? "    # the provider allows only our own address in From" : "") +
           oauth2(given, "relay", given.smtp_password_file);
}

std::string authentication(const Provider& provider)
{
    std::string text = "\n[authentication]\n";
    if (provider.trusted_server.empty())
        text +=
            "# The name that your provider writes first into Authentication-Results: until it stands here anybody can write in\n"
            "# a member's name.\n# trusted_servers = [\"mx.example.org\"]\n";
    else
        text += fmt::format("trusted_servers = [{}]\n", toml_string(provider.trusted_server));
    return text + "unproven        = \"accept\"\n";
}

}  // namespace

std::string toml_string(std::string_view text)
{
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') out += '\\';
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F)
            out += fmt::format("\\u{:04X}", static_cast<unsigned>(c));
        else
            out += c;
    }
    return out + '"';
}

std::string first_config_text(const FirstConfig& given)
{
    return site(given) + inbox(given) + relay(given) + authentication(*given.provider);
}

}  // namespace majlis::cli
