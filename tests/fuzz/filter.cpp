// Any mail, filtered by several lists: nothing that is denied is left, a second pass finds nothing more, and HTML comes to an
// end.
#include "core/filter/filter.hpp"
#include "core/compose/post_copy.hpp"
#include "core/message/html_text.hpp"
#include "core/text/charset.hpp"

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

using namespace majlis;

void require(bool holds)
{
    if (!holds) std::abort();
}

FilterSettings list(unsigned choice)
{
    FilterSettings settings;
    settings.attachments.mode = static_cast<Attachments::Mode>(choice % 3);
    settings.attachments.types = {"image/*", ".exe", "text/calendar", "message/rfc822"};
    settings.html = static_cast<Html>(choice / 3 % 3);
    return settings;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    if (size < 1) return 0;
    const std::string_view raw{reinterpret_cast<const char*>(data) + 1, size - 1};
    const auto settings = list(data[0]);
    const Message message = scan_message(raw);
    const Filtered once = filter(message, settings);
    require(once.size_after == static_cast<std::int64_t>(once.bytes.size()));
    require(once.changed || (once.bytes == raw && !once.nothing_left));

    const Filtered twice = filter(scan_message(once.bytes), settings);
    require(!once.changed || once.nothing_left || !twice.changed);

    // As it leaves it is what was judged: composing opens no part.
    if (once.changed) {
        CopyOptions options;
        options.transport = CopyOptions::Transport::seven_bit;
        const PostCopy copy = compose_copy(scan_message(once.bytes), ListFace{}, options);
        const std::string sent = copy.head + copy.tail;
        if (!once.nothing_left) require(!filter(scan_message(sent), settings).changed);
    }

    const std::string text = html_to_text(raw, HtmlLinks::show);
    require(text.size() <= 64 * size + 64);
    require(!text::valid_utf8(raw) || text::valid_utf8(text));
    return 0;
}
