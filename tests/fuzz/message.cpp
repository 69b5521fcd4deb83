// Any bytes: the scanner's ranges lie in the mail, its tree is sound, and everything that reads it comes to an end.
#include "core/message/message.hpp"
#include "core/message/content_digest.hpp"
#include "core/message/edit.hpp"

#include <cstdint>
#include <cstdlib>

namespace {

void require(bool holds)
{
    if (!holds) std::abort();
}

bool inside(std::string_view view, std::string_view raw)
{
    return view.empty() || (view.data() >= raw.data() && view.data() + view.size() <= raw.data() + raw.size());
}

void check_part(const majlis::Message& message, std::size_t index)
{
    const auto& part = message.parts[index];
    require(inside(part.header, message.raw) && inside(part.gap, message.raw) && inside(part.body, message.raw));
    require(part.parent < static_cast<int>(index) && (part.parent >= 0) == (index > 0));
    std::string_view before = part.header.substr(0, 0);
    for (const auto& field : part.fields) {
        require(inside(field.bytes, part.header) && inside(field.name, field.bytes) && inside(field.body, field.bytes));
        require(field.bytes.data() >= before.data() + before.size());
        before = field.bytes;
        (void)majlis::message_id(field.body);
        (void)majlis::message_ids(field.body);
    }
    if (index > 0) {
        const auto& outer = message.parts[static_cast<std::size_t>(part.parent)];
        require(outer.divided && part.depth == outer.depth + 1 && inside(part.header, outer.body) &&
                inside(part.body, outer.body));
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const std::string raw{reinterpret_cast<const char*>(data), size};
    const auto message = majlis::scan_message(raw);
    require(!message.parts.empty() && message.parts.size() <= majlis::ScanLimits{}.parts);
    for (std::size_t i = 0; i < message.parts.size(); ++i) check_part(message, i);
    (void)majlis::readable_text(message);
    (void)majlis::content_digest(message);

    majlis::Edit edit{raw};
    for (const auto& field : message.root().fields) edit.remove(field.bytes);
    edit.insert_before(message.root().body, "X");
    require(edit.apply().size() <= raw.size() + 1);
    return 0;
}
