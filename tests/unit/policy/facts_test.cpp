#include "core/policy/facts.hpp"

#include <doctest/doctest.h>

using namespace majlis;

namespace {
std::size_t marks(std::string_view header)
{
    return loop_marks(scan_message(header),
                      {.address_key = "rabat@maimc.org",
                       .list_id = "rabat.maimc.org",
                       .our_message_id = [](std::string_view id) { return id.ends_with(".majlis@maimc.org"); }})
        .size();
}
}  // namespace

TEST_CASE("a mail that has been through this list bears its mark")
{
    const struct {
        std::string_view header;
        std::size_t marks;
    } table[] = {
        {"List-Id: Rabat <rabat.maimc.org>\n", 1},
        {"LIST-ID: <Rabat.Maimc.org>\n", 1},
        {"List-Id: rabat.maimc.org\n", 1},
        {"List-Id: <maroc.maimc.org>\n", 0},
        {"List-Id: Copies of rabat.maimc.org <other.example.org>\n", 0},
        {"X-Loop: rabat@maimc.org\n", 1},
        {"X-BeenThere: RABAT@maimc.org\n", 1},
        {"X-Loop: maroc@maimc.org\n", 0},
        {"X-Loop: scomp\n", 0},
        {"Message-ID: <abc.majlis@maimc.org>\n", 1},
        {"Message-ID: <abc@maimc.org>\n", 0},
        {"In-Reply-To: <abc.majlis@maimc.org>\nTo: rabat@maimc.org\n", 0},
        {"Delivered-To: rabat@maimc.org\n", 0},
    };
    for (const auto& row : table) {
        CAPTURE(row.header);
        CHECK(marks(row.header) == row.marks);
    }
}

TEST_CASE("a hundred Received fields are a loop, ninety-nine are a long way")
{
    std::string header;
    for (int i = 0; i < 99; ++i) header += "Received: from x by y\n";
    CHECK(marks(header) == 0);
    CHECK(marks(header + "Received: from x by y\n") == 1);
}

TEST_CASE("recipients are counted once each, over To and Cc")
{
    CHECK(count_recipients(scan_message("To: a@b.org, A@B.org\nCc: c@d.org, junk\nBcc: e@f.org\n")) == 2);
    CHECK(count_recipients(scan_message("To: undisclosed-recipients:;\n")) == 0);
    CHECK(count_recipients(scan_message("")) == 0);
}

TEST_CASE("the sender is the first usable address of From, Sender and Reply-To")
{
    const struct {
        std::string_view header, sender;
    } table[] = {
        {"From: Ann <ann@example.org>\nSender: s@example.org\n", "ann@example.org"},
        {"From: nobody\nSender: s@example.org\n", "s@example.org"},
        {"From: <>\nReply-To: r@example.org\n", "r@example.org"},
        {"From: rabat@maimc.org\nSender: s@example.org\n", "s@example.org"},
        {"Reply-To: rabat@maimc.org\n", ""},
        {"From: no at sign\n", ""},
        {"", ""},
    };
    for (const auto& row : table) {
        CAPTURE(row.header);
        CHECK(usable_sender(scan_message(row.header), "rabat@maimc.org") == row.sender);
    }
}
