#include "tests/unit/route/lists.hpp"

#include <doctest/doctest.h>

using namespace majlis;

namespace {
std::string routed(std::string_view header, const SubjectTags& tags = {})
{
    return shown(route(scan_message(header), find_test_list, tags));
}
}  // namespace

TEST_CASE("a mail goes to whom it was delivered and whom it names")
{
    const struct {
        std::string_view header, targets;
    } table[] = {
        {"To: rabat@maimc.org\n", "1 post"},
        {"To: Rabat <RABAT@Maimc.ORG>\n", "1 post"},
        {"Apparently-To: rabat@maimc.org\nFrom: a@b.org\n", "1 post"},
        {"To: a@b.org\nCc: x, maroc@maimc.org, rabat@maimc.org\n", "2 post; 1 post"},
        {"Delivered-To: rabat@maimc.org\nTo: undisclosed-recipients:;\n", "1 post"},
        {"Delivered-To: rabat@maimc.org\nTo: maroc@maimc.org, rabat@maimc.org\n", "1 post; 2 post"},
        {"X-Original-To: rabat@maimc.org\nDelivered-To: listes@maimc.org\nReceived: x\nFrom: a@b.org\n", "1 post"},
        {"Envelope-to: rabat@maimc.org\nFrom: a@b.org\n", "1 post"},
        {"Original-Recipient: rfc822;rabat@maimc.org\nFrom: a@b.org\n", "1 post"},
        {"Resent-To: rabat@maimc.org\nTo: a@b.org\n", "1 post"},
        {"To: a@b.org\nBcc: rabat@maimc.org\n", ""},
        {"Delivered-To: me@maimc.org\nTo: a@b.org\n", ""},
        {"", ""},
    };
    for (const auto& row : table) {
        CAPTURE(row.header);
        CHECK(routed(row.header) == row.targets);
    }
}

TEST_CASE("a Delivered-To among the sender's own fields is not believed")
{
    CHECK(routed("Received: x\nFrom: a@b.org\nDelivered-To: rabat@maimc.org\nTo: c@d.org\n").empty());
    CHECK(routed("Received: x\nSubject: y\nX-Original-To: rabat@maimc.org\nTo: maroc@maimc.org\n") == "2 post");
}

TEST_CASE("a bounce, confirmation or moderation address is all that a mail is for")
{
    CHECK(routed("X-Original-To: rabat+bounce-abcdefghijklmnop@maimc.org\nTo: maroc@maimc.org\n") == "1 bounce abcdefghijklmnop");
    CHECK(routed("To: rabat+confirm-abcdefghijklmnop@maimc.org\nCc: maroc@maimc.org\n") == "1 confirm abcdefghijklmnop");
    CHECK(routed("To: maroc@maimc.org\nCc: rabat+mod-abcdefghijklmnop@maimc.org\n") == "1 mod abcdefghijklmnop");
}

TEST_CASE("a token address that is none of ours takes no mail away from a list that it names")
{
    const auto routed_by = [](std::string_view header) {
        const auto ours = [](const Target& target) { return target.token == "abcdefghijklmnop"; };
        return shown(route(scan_message(header), find_test_list, {}, {}, ours));
    };
    CHECK(routed_by("To: rabat@maimc.org\nCc: rabat+mod-abcdefghijklmnop@maimc.org\n") == "1 mod abcdefghijklmnop");
    for (const char* strange : {"mod-aaaaaaaaaaaaaaaa", "confirm-aaaaaaaaaaaaaaaa", "bounce-aaaaaaaaaaaaaaaa", "bounce"}) {
        const auto address = "rabat+" + std::string{strange} + "@maimc.org";
        CAPTURE(address);
        CHECK(routed_by("To: rabat@maimc.org\nCc: " + address + "\n") == "1 post");
        CHECK(routed_by("To: rabat@maimc.org\nCc: x@y.org, " + address + "\nIn-Reply-To: <a@b>\n") == "1 post");
        CHECK(routed_by("To: " + address + "\n") != "1 post");
        CHECK(routed_by("Delivered-To: rabat@maimc.org\nTo: " + address + "\n") != "1 post");
    }
    CHECK(routed_by("Delivered-To: rabat+bounce-aaaaaaaaaaaaaaaa@maimc.org\nTo: rabat@maimc.org\n") == "1 post");
    CHECK(routed_by("Delivered-To: rabat+bounce@maimc.org\nTo: rabat@maimc.org\n") == "1 bounce");
}

TEST_CASE("where the provider drops the sub-address, a command is no post")
{
    CHECK(routed("Delivered-To: rabat@maimc.org\nTo: rabat+help@maimc.org\n") == "1 help");
    CHECK(routed("Delivered-To: rabat@maimc.org\nTo: rabat@maimc.org, rabat+owner@maimc.org\n") == "1 post; 1 owner");
}

TEST_CASE("a tag in the Subject names the section where the mailbox has one address only")
{
    const SubjectTags tags{[](std::string_view name) { return find_test_list(std::string{name} + "@maimc.org"); },
                           [](std::string_view key) { return key == "me@gmail.com"; }};
    const struct {
        std::string_view header, targets;
    } table[] = {
        {"To: me@gmail.com\nSubject: [rabat] minutes\n", "1 post"},
        {"To: me@gmail.com\nSubject: Re: TR : [Rabat] minutes\n", "1 post"},
        {"To: me@gmail.com\nSubject: =?utf-8?B?2LHYrzo=?= [rabat][ maroc ] minutes\n", "1 post; 2 post"},
        {"Delivered-To: me@gmail.com\nTo: x@y.org\nSubject: [rabat] minutes\n", "1 post"},
        {"To: me@gmail.com\nSubject: about [rabat]\n", ""},
        {"To: me@gmail.com\nSubject: [fes] minutes\n", ""},
        {"To: me@gmail.com\nSubject: [rabat\n", ""},
        {"To: other@gmail.com\nSubject: [rabat] minutes\n", ""},
        {"To: me@gmail.com, maroc@maimc.org\nSubject: [rabat] minutes\n", "2 post"},
    };
    for (const auto& row : table) {
        CAPTURE(row.header);
        CHECK(routed(row.header, tags) == row.targets);
    }
    CHECK(route(scan_message("To: me@gmail.com\nSubject: [rabat] x\n"), find_test_list, tags).front().by_tag);
    CHECK(routed("To: me@gmail.com\nSubject: [rabat] minutes\n").empty());
}

TEST_CASE("a list is named where its own address stands in To, Cc or their Resent forms")
{
    CHECK(names_list(scan_message("Cc: a@b.org, Rabat@maimc.org\n"), "rabat@maimc.org"));
    CHECK(names_list(scan_message("Resent-To: rabat@maimc.org\n"), "rabat@maimc.org"));
    CHECK_FALSE(names_list(scan_message("Delivered-To: rabat@maimc.org\nTo: x@y.org\n"), "rabat@maimc.org"));
}

TEST_CASE("ten thousand recipients cost a bounded number of questions")
{
    std::string header = "To: ";
    for (int i = 0; i < 9'000; ++i) header += "u" + std::to_string(i) + "-help@x.org,\n ";
    int asked = 0;
    (void)route(scan_message(header + "\n"), [&asked](std::string_view) -> std::optional<std::int64_t> {
        ++asked;
        return std::nullopt;
    });
    CHECK(asked <= 5'000);
}

TEST_CASE("a reply that lost its address is known by a token that we sent")
{
    const auto find = [](std::string_view key) -> std::optional<std::int64_t> {
        return key == "rabat@maimc.org" ? std::optional<std::int64_t>{1} : std::nullopt;
    };
    const auto token = [](const Target& target) -> std::optional<std::int64_t> {
        if (target.token != "abcdefghijklmnopqrstuvwxyz") return std::nullopt;
        return target.command == Command::confirm ? std::optional<std::int64_t>{7} : std::nullopt;
    };
    const auto targets = [&](const std::string& header) { return route(scan_message(header + "\r\n"), find, {}, token); };
    const std::vector<Target> confirm{{7, Command::confirm, "abcdefghijklmnopqrstuvwxyz"}};
    const std::string id = "<confirm-abcdefghijklmnopqrstuvwxyz.x.majlis@maimc.org>";
    CHECK(targets("To: rabat@maimc.org\r\nIn-Reply-To: " + id + "\r\n") == confirm);
    CHECK(targets("To: listes@maimc.org\r\nReferences: <a@b> " + id + "\r\n") == confirm);
    CHECK(targets("To: rabat@maimc.org\r\nSubject: Re: confirm ABCDEFGHIJKLMNOPQRSTUVWXYZ\r\n") == confirm);
    // Another's token, one that was used, or one that does something else: a post.
    const std::vector<Target> post{{1, Command::post, {}}};
    CHECK(targets("To: rabat@maimc.org\r\nSubject: confirm bbcdefghijklmnopqrstuvwxyz\r\n") == post);
    CHECK(targets("To: rabat@maimc.org\r\nSubject: mod abcdefghijklmnopqrstuvwxyz\r\n") == post);
    // The address comes first.
    CHECK(targets("To: rabat+help@maimc.org\r\n").front().command == Command::help);
    CHECK(targets("To: rabat+mod-bbcdefghijklmnopqrstuvwxyz@maimc.org\r\nIn-Reply-To: " + id + "\r\n").front().command ==
          Command::moderate);
}
