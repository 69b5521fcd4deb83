// Any mail, composed for lists that ask little and much of it: what leaves can be sent as it is, and holds no secret field.
#include "core/compose/lines.hpp"
#include "core/compose/post_copy.hpp"
#include "core/text/ascii.hpp"

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

using namespace majlis;

void require(bool truth)
{
    if (!truth) std::abort();
}

ListFace list(unsigned choice)
{
    ListFace face;
    face.name = "rabat";
    face.title = "Majlis de Rabat \u0645\u062c\u0644\u0633";
    face.address = (choice & 1U) != 0 ? "rabat@maimc.org" : "me+rabat@gmail.com";
    face.list_id = "rabat.maimc.org";
    if ((choice & 2U) != 0) face.subject_tag = "[rabat]";
    if ((choice & 4U) != 0) face.footer = "-- \ncaf\u00e9 {address}";
    face.reply_to = static_cast<ListFace::ReplyTo>(choice / 8 % 3);
    face.from = static_cast<ListFace::From>(choice / 24 % 4);
    return face;
}

void check(const PostCopy& copy)
{
    const std::string whole = copy.head + copy.tail;
    require(compose::clean_lines(whole));
    require(compose::longest_line(whole) <= compose::max_line);
    require(copy.tail.starts_with("\r\n"));
    require(copy.head.find("\r\n\r\n") == std::string::npos);
    require(copy.eight_bit == !text::is_ascii(whole));
    const std::string stuffed = dot_stuff(whole);
    require(stuffed.find("\r\n.\r\n") == std::string::npos);
    for (const char* name : {"Approved", "Bcc", "Delivered-To", "Return-Receipt-To"})
        require(!find_field(scan_header(copy.head), name));
    require(!copy.from_why.empty() && copy.from_why.find_first_of("\r\n") == std::string::npos);
    require(copy.policy_wanted.empty() || copy.from == PostCopy::From::kept);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    if (size < 1) return 0;
    const unsigned choice = data[0];
    const std::string_view raw{reinterpret_cast<const char*>(data) + 1, size - 1};
    const Message message = scan_message(raw);
    const ListFace face = list(choice);
    CopyOptions options;
    options.sender = "amina@example.org";
    if (choice % 5 == 0) options.account_from = "box@gmail.com";
    if (choice % 3 != 0) options.author_policy = static_cast<dmarc::Policy>(choice % 4);
    options.own_servers = {"mx.example.org"};
    check(compose_copy(message, face, options));
    options.transport = CopyOptions::Transport::seven_bit;
    options.audience = CopyOptions::Audience::shared;
    const PostCopy narrow = compose_copy(message, face, options);
    check(narrow);
    require(text::is_ascii(narrow.tail));
    require(narrow.needs_smtputf8 || text::is_ascii(narrow.head));

    if (!compose::clean_lines(raw) || face.from == ListFace::From::wrap || !face.footer.empty()) return 0;
    if (compose::longest_line(message.root().body) > compose::max_line) return 0;
    const PostCopy plain = compose_copy(message, face, {});
    require(plain.tail == "\r\n" + std::string{message.root().body} || message.root().body.empty());
    return 0;
}
