#include "core/message/message.hpp"

#include <doctest/doctest.h>

using namespace majlis;

TEST_CASE("a Message-ID is read, and mended where it is broken")
{
    const struct {
        std::string_view body, id;
    } table[] = {
        {"<a@b.org>", "a@b.org"},
        {" <A.b@B.org> ", "A.b@B.org"},
        {"<a@b.org> (added by postmaster@x)", "a@b.org"},
        {"a@b.org", "a@b.org"},
        {"[a@b.org]", "a@b.org"},
        {"<[a@b.org]>", "a@b.org"},
        {"<a@[192.0.2.1]>", "a@[192.0.2.1]"},
        {"<a b@c.org>", "ab@c.org"},
        {"<a@b.org", "a@b.org"},
        {"<a@\r\n b.org>", "a@b.org"},
        {"<<a@b.org>>", "a@b.org"},
        {"id <a@b.org>", "a@b.org"},
        {"(comment) a@b.org", "a@b.org"},
        {"<no-at-sign>", "no-at-sign"},
        {"", ""},
        {"<>", ""},
        {" \r\n\t", ""},
    };
    for (const auto& row : table) {
        CAPTURE(row.body);
        CHECK(message_id(row.body) == row.id);
    }
}

TEST_CASE("an id that fits on no line is none") { CHECK(message_id("<" + std::string(2'000, 'x') + "@b.org>").empty()); }

TEST_CASE("References give every id in order")
{
    const std::vector<std::string> three{"a@x", "b@x", "c@x"};
    CHECK(message_ids("<a@x> <b@x>\r\n\t<c@x>") == three);
    CHECK(message_ids("<a@x><b@x>,<c@x>") == three);
    CHECK(message_ids("a@x (a comment) b@x c@x") == three);
    CHECK(message_ids("").empty());
    std::string many;
    for (int i = 0; i < 5'000; ++i) many += "<" + std::to_string(i) + "@x> ";
    CHECK(message_ids(many).size() == 1'000);
}
