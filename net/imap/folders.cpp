#include <algorithm>
#include <array>

#include "core/text/ascii.hpp"
#include "net/imap/session.hpp"

namespace majlis::imap {

asio::awaitable<void> Session::find_name_space()
{
    if (offers("NAMESPACE")) {
        name_space_ = {{}, '\0'};
        std::string command = "NAMESPACE";
        const auto reply = co_await run(std::move(command));
        if (reply.ok() && name_space_.separator != '\0') co_return;
    }
    std::string root;
    const auto found = co_await list(std::move(root));  // an empty pattern asks for the separator alone
    name_space_.separator = found.empty() ? '/' : found.front().separator;
}

asio::awaitable<void> Session::select(std::string name)
{
    mailbox_ = {};
    mailbox_.name = name;
    news_ = false;
    const auto reply = co_await run("SELECT " + quoted_string(name));
    if (!reply.ok()) mailbox_.name.clear();
    require(reply, "the folder " + name);
    if (mailbox_.uidvalidity == 0) throw Refused(endpoint().text() + ": the server does not tell UIDVALIDITY of " + name, {});
    news_ = false;
}

asio::awaitable<void> Session::create(std::string name)
{
    const auto created = queue("CREATE " + quoted_string(name));
    const auto subscribed = queue("SUBSCRIBE " + quoted_string(name));
    const auto reply = co_await finish(created);
    co_await finish(subscribed);  // for people's mail programs: nothing depends on it
    if (reply.ok() || reply.has_code("ALREADYEXISTS")) co_return;
    const auto found = co_await list(name);
    if (found.empty()) require(reply, "creating the folder " + name);
}

asio::awaitable<std::vector<Folder>> Session::list(std::string pattern)
{
    folders_.clear();
    const auto reply = co_await run("LIST \"\" " + quoted_string(pattern));
    require(reply, "LIST");
    co_return std::exchange(folders_, {});
}

asio::awaitable<std::optional<std::string>> Session::special_use(std::string attribute)
{
    folders_.clear();
    const auto reply = co_await run(offers("SPECIAL-USE") ? "LIST (SPECIAL-USE) \"\" \"*\"" : "LIST \"\" \"*\"");
    auto found = std::exchange(folders_, {});
    if (!reply.ok()) {
        std::string all = "*";
        found = co_await list(std::move(all));
    }
    for (const auto& folder : found) {
        const bool match = std::any_of(folder.attributes.begin(), folder.attributes.end(),
                                       [&](const std::string& each) { return text::equal_nocase(each, attribute); });
        if (match) co_return folder.name;
    }
    if (!text::equal_nocase(attribute, "\\Junk")) co_return std::nullopt;
    static constexpr std::array<std::string_view, 4> usual = {"Junk", "Spam", "Bulk Mail", "Junk E-mail"};
    for (const auto name : usual) {
        const std::string candidate = server_name(name, name_space_);
        const auto there = co_await list(candidate);
        if (!there.empty()) co_return there.front().name;
    }
    co_return std::nullopt;
}

}  // namespace majlis::imap
