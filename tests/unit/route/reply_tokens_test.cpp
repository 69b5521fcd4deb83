#include "tests/unit/route/lists.hpp"

#include <doctest/doctest.h>

using namespace majlis;

TEST_CASE("tokens are found where a plain reply carries them")
{
    const struct {
        std::string_view header, tokens;
    } table[] = {
        {"Subject: Re: confirm abcdefghijklmnop\n", "0 confirm abcdefghijklmnop"},
        {"Subject: =?utf-8?B?2LHYrzo=?= CONFIRM ABCDEFGHIJKLMNOP\n", "0 confirm abcdefghijklmnop"},
        {"Subject: [confirm-abcdefghijklmnop] Welcome\n", "0 confirm abcdefghijklmnop"},
        {"In-Reply-To: <mod-abcdefghijklmnop@maimc.org>\n", "0 mod abcdefghijklmnop"},
        {"References: <x@y> <rabat+bounce-abcdefghijklmnop@maimc.org>\n", "0 bounce abcdefghijklmnop"},
        {"Subject: confirm abcdefghijklmnop\nIn-Reply-To: <confirm-abcdefghijklmnop@x>\n", "0 confirm abcdefghijklmnop"},
        {"Subject: confirm your attendance\n", ""},
        {"Subject: please confirm\n", ""},
        {"Subject: reconfirm abcdefghijklmnop\n", ""},
        {"Subject: confirm abc01289abcdefgh\n", ""},
        {"", ""},
    };
    for (const auto& row : table) {
        CAPTURE(row.header);
        CHECK(shown(tokens_in_replies(scan_message(row.header))) == row.tokens);
    }
}

TEST_CASE("a header full of tokens gives twenty")
{
    std::string header = "References:";
    for (int i = 0; i < 500; ++i)
        header += "\n <mod-" + std::string(14, 'a') + static_cast<char>('a' + i % 26) + static_cast<char>('a' + i / 26) + "@x>";
    CHECK(tokens_in_replies(scan_message(header + "\n")).size() == 20);
}
