// A moderator's reply: whatever it holds, reading it ends, and taking off quotes never adds words.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "core/moderation/answer.hpp"
#include "core/moderation/html_quotes.hpp"
#include "core/moderation/own_words.hpp"

using namespace majlis;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const std::string_view raw{reinterpret_cast<const char*>(data), size};
    const auto message = scan_message(raw);
    const auto answer = moderation::read_answer(message);
    if (answer.reason.size() > 1'000) std::abort();
    const auto own = moderation::own_words_of_text(raw);
    if (own.text.size() > raw.size() * 3 + 3) std::abort();
    if (own.text.empty() && own.doubt.empty() && moderation::read_answer_text(raw).wish != moderation::Answer::Wish::approve)
        std::abort();
    static_cast<void>(moderation::without_html_quotes(raw));
    static_cast<void>(moderation::why_automatic(message, classify(message)));
    return 0;
}
