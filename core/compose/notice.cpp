#include "core/compose/notice.hpp"

#include <mimetic/mimeentity.h>
#include <kainjow/mustache.hpp>

#include <algorithm>
#include <optional>
#include <sstream>
#include <stdexcept>

#include "core/address/address.hpp"
#include "core/compose/fields.hpp"
#include "core/compose/lines.hpp"
#include "core/compose/templates.hpp"
#include "core/compose/transfer.hpp"
#include "core/text/ascii.hpp"
#include "core/text/date.hpp"
#include "core/text/directions.hpp"
#include "core/text/printable.hpp"
#include "core/text/words.hpp"
#include "core/token/token.hpp"

namespace majlis {
namespace {

constexpr std::string_view phrases_file = "phrases";
constexpr std::size_t max_rows = 50;
constexpr std::size_t max_value_bytes = 500;
constexpr std::size_t max_block_lines = 60;

constexpr std::string_view isolate_begin = "\u2068", isolate_end = "\u2069";

/// Whether every isolate that the text opens is closed in it, and none besides.
bool is_balanced(std::string_view text)
{
    std::size_t open = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto mark = text.substr(i, isolate_begin.size());
        if (mark == isolate_begin) ++open;
        if (mark == isolate_end && open-- == 0) return false;
    }
    return open == 0;
}

/// Printable; isolates that a phrase of ours has put around its values stay, as long as they disturb nothing around them.
std::string printable_phrase(std::string_view value)
{
    if (value.size() > max_value_bytes || !is_balanced(value)) return text::printable(value, max_value_bytes);
    std::string out;
    while (!value.empty()) {
        const auto mark = std::min(value.find(isolate_begin), value.find(isolate_end));
        out += text::printable(value.substr(0, mark), max_value_bytes);
        if (mark == std::string_view::npos) break;
        out += value.substr(mark, isolate_begin.size());
        value.remove_prefix(mark + isolate_begin.size());
    }
    return out;
}

/// A value from outside: one printable line. In Arabic text each is isolated (UAX 9), so that addresses and numbers keep their
/// order and cannot disturb what stands around them.
std::string harmless(std::string_view value, std::string_view language)
{
    std::string text = printable_phrase(value);
    if (text.empty() || language != "ar") return text;
    // "NAME <ADDRESS>": behind an Arabic name the brackets of a Latin address would turn round.
    if (const auto bracket = text.rfind(" <"); bracket != std::string::npos && text.ends_with('>'))
        text.insert(bracket + 1, isolate_begin).append(isolate_end);
    return std::string{isolate_begin} + text + std::string{isolate_end};
}

/// Several lines from outside, each made harmless.
std::string harmless_block(std::string_view value, std::string_view language)
{
    std::string out;
    for (std::size_t at = 0, lines = 0; at < value.size() && lines < max_block_lines; ++lines) {
        const auto end = std::min(value.find('\n', at), value.size());
        auto line = value.substr(at, end - at);
        if (line.ends_with('\r')) line.remove_suffix(1);
        if (lines > 0) out += "\r\n";
        out += harmless(line, language);
        at = end + 1;
    }
    return out;
}

kainjow::mustache::data fill(const NoticeValues& values, const NoticeFace& face, std::string_view language)
{
    using kainjow::mustache::data;
    data all;
    for (const auto& [key, value] : values.text) {
        if (!value.empty()) all.set(key, harmless(value, language));
    }
    for (const auto& [key, value] : values.blocks)
        if (!value.empty()) all.set(key, harmless_block(value, language));
    std::size_t more = 0;
    for (const auto& [key, rows] : values.rows) {
        data list{data::type::list};
        for (const auto& row : rows) {
            if (list.list_value().size() >= max_rows) break;
            data one;
            for (const auto& [name, value] : row) one.set(name, harmless(value, language));
            list.push_back(one);
        }
        more += rows.size() - std::min(rows.size(), max_rows);
        all.set(key, list);
    }
    if (more > 0) all.set("more", harmless(std::to_string(more), language));
    all.set("site", harmless(face.site, language));
    return all;
}

/// A section that is left out leaves its empty lines: one between paragraphs is enough.
std::string without_gaps(std::string_view text)
{
    std::string out;
    std::size_t ends = 0;
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (!text.substr(at).starts_with("\r\n")) {
            ends = 0;
            out += text[at];
        } else {
            if (++ends <= 2) out += "\r\n";
            ++at;
        }
    }
    return out;
}

/// A command of the shell ("majlis ..." in an isolate of the template) can be copied: no marks around its arguments.
std::string with_plain_commands(std::string_view line)
{
    constexpr std::string_view command = "\u2068majlis ";
    std::string out;
    for (auto at = line.find(command); at != std::string_view::npos; at = line.find(command)) {
        std::size_t end = at + isolate_begin.size();
        for (std::size_t open = 1; end < line.size() && open > 0; ++end) {
            const auto mark = line.substr(end, isolate_begin.size());
            if (mark == isolate_begin) ++open;
            if (mark == isolate_end && --open == 0) break;
        }
        out.append(line.substr(0, at + isolate_begin.size()));
        out += text::without_directions(line.substr(at + isolate_begin.size(), end - at - isolate_begin.size()));
        line.remove_prefix(std::min(end, line.size()));
    }
    return out.append(line);
}

/// Each line with Arabic in it; what has none (an address, a command to be copied) is nothing but itself.
std::string right_to_left(std::string_view text)
{
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
        const auto end = std::min(text.find("\r\n", at), text.size());
        const auto line = text.substr(at, end - at);
        const bool arabic = line.find_first_of("\xd8\xd9\xda\xdb") != std::string_view::npos;  // lead bytes of U+0600 to U+06FF
        out += arabic ? right_to_left_line(with_plain_commands(line)) : text::without_directions(line);
        out.append(text.substr(end, 2));
        at = end + 2;
    }
    return out;
}

NoticeText render(std::string_view name, std::string_view language, const NoticeValues& values, const NoticeFace& face)
{
    kainjow::mustache::mustache engine{compose::load_template(name, language, {face.templates, face.list})};
    engine.set_custom_escape([](const std::string& value) { return value; });  // plain text: nothing to escape, all is harmless
    std::string text = engine.is_valid() ? engine.render(fill(values, face, language)) : std::string{};
    if (!engine.is_valid()) {
        throw std::runtime_error{"template " + text::printable(name) + ": " + text::printable(engine.error_message())};
    }
    text = without_gaps(compose::clean(text));
    const std::size_t end = text.find("\r\n");
    if (end == std::string::npos) throw std::runtime_error{"template " + text::printable(name) + ": its text is missing"};
    NoticeText out;
    out.subject = text.substr(0, end);
    out.text = text.substr(std::min(text.find_first_not_of("\r\n", end), text.size()));
    while (out.text.ends_with("\r\n\r\n")) out.text.resize(out.text.size() - 2);
    return out;
}

std::string mailbox(std::string_view name, std::string_view address)
{
    auto found = parse_mailboxes(address);
    Mailbox one = found.empty() ? Mailbox{} : compose::wire(std::move(found.front()));
    one.name = text::printable(name, 120);
    return format_mailbox(one);
}

/// One header line's worth of what must be no more than that.
std::string one_line(std::string_view value) { return text::printable(value, 900); }

void add(mimetic::MimeEntity& mail, const std::string& name, const std::string& value)
{
    mimetic::Field field;
    field.name(name);
    field.value(value);
    mail.header().push_back(field);
}

/// Fields are folded by us: mimetic's own folding cuts encoded-words and puts tabs where spaces were.
std::string written(mimetic::MimeEntity& mail)
{
    std::ostringstream out;
    for (const mimetic::Field& field : mail.header()) {
        field.write(out, 0);
        out << "\r\n";
    }
    out << "\r\n" << mail.body();
    return compose::clean(out.str());
}

/// The text alone, or the text and the mail that it is about.
void add_body(mimetic::MimeEntity& mail, const std::string& text, std::string_view language, std::string_view original)
{
    compose::Encoded body = compose::encode_text(text);
    add(mail, "MIME-Version", "1.0");
    if (original.empty()) {
        add(mail, "Content-Type", "text/plain; charset=utf-8");
        add(mail, "Content-Language", one_line(language));
        add(mail, "Content-Transfer-Encoding", std::string{body.encoding});
        mail.body().assign(std::move(body.body));
        return;
    }
    const std::string boundary = "=_" + token::random_token();
    const auto shown = compose::cut_long_lines(compose::clean(original), compose::Where::body);
    const bool eight_bit = std::ranges::any_of(shown, [](char c) { return static_cast<unsigned char>(c) > 127; });
    add(mail, "Content-Type", "multipart/mixed; boundary=\"" + boundary + "\"");
    add(mail, "Content-Language", one_line(language));
    std::string parts = "--" + boundary + "\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: " +
                        std::string{body.encoding} + "\r\n\r\n" + body.body;
    // RFC 2046, 5.2.1: a message/rfc822 is never encoded itself.
    parts += "\r\n--" + boundary + "\r\nContent-Type: message/rfc822\r\nContent-Disposition: inline\r\n" +
             (eight_bit ? "Content-Transfer-Encoding: 8bit\r\n" : "") + "\r\n" + shown + "\r\n--" + boundary + "--\r\n";
    mail.body().assign(std::move(parts));
}

/// "confirm-TOKEN" in front, where a reply's References bring it back.
std::string new_message_id(const NoticeFace& face)
{
    const std::string token = face.token.empty() ? "" : one_line(face.token) + ".";
    return token + token::random_token() + ".majlis@" + one_line(domain_key(face.domain));
}

}  // namespace

std::string right_to_left_line(std::string_view line) { return std::string{"\u200f\u2067"}.append(line).append("\u2069"); }

NoticeText render_notice_text(std::string_view name, std::string_view language, const NoticeValues& values,
                              const NoticeFace& face)
{
    return render(name, language, values, face);
}

Notice render_notice(std::string_view name, std::string_view language, const NoticeValues& values, const NoticeFace& face)
{
    const NoticeText rendered = render(name, language, values, face);
    Notice notice;
    notice.subject = rendered.subject;
    notice.message_id = new_message_id(face);

    mimetic::MimeEntity mail;
    add(mail, "From", mailbox(face.from_name, face.from_address));
    if (!face.reply_to.empty()) add(mail, "Reply-To", mailbox({}, face.reply_to));
    add(mail, "To", mailbox({}, face.to));
    add(mail, "Subject", text::encode_words(rendered.subject, 9));
    add(mail, "Date", text::format_date(face.now));
    add(mail, "Message-ID", "<" + notice.message_id + ">");
    if (!face.in_reply_to.empty()) {
        add(mail, "In-Reply-To", "<" + one_line(face.in_reply_to) + ">");
        add(mail, "References", "<" + one_line(face.in_reply_to) + ">");
    }
    add(mail, "Auto-Submitted", face.in_reply_to.empty() ? "auto-generated" : "auto-replied");  // RFC 3834, 5.1
    add(mail, "X-Auto-Response-Suppress", "All");
    if (!face.list_id.empty()) {
        const std::string title = text::encode_phrase(text::printable(face.list_title, 100));
        add(mail, "List-Id", (title.empty() ? "" : title + " ") + "<" + one_line(face.list_id) + ">");
    }
    add_body(mail, language == "ar" ? right_to_left(rendered.text) : rendered.text, language,
             std::string_view{face.original}.substr(0, face.original_bytes));
    notice.bytes = written(mail);
    return notice;
}

namespace {

/// The text behind "KEY: ", or nothing.
std::optional<std::string> phrase_line(std::string_view file, std::string_view key)
{
    for (std::size_t at = 0; at < file.size();) {
        const auto end = std::min(file.find('\n', at), file.size());
        const auto line = file.substr(at, end - at);
        if (line.size() > key.size() + 2 && line.starts_with(key) && line.substr(key.size()).starts_with(": "))
            return std::string{text::trim(line.substr(key.size() + 2))};
        at = end + 1;
    }
    return std::nullopt;
}

}  // namespace

std::string render_phrase(std::string_view key, std::string_view language, const std::map<std::string, std::string>& values,
                          const std::filesystem::path& templates)
{
    auto line = phrase_line(compose::load_template(phrases_file, language, {templates, {}}), key);
    if (!line) line = phrase_line(compose::load_template(phrases_file, "en", {}), key);
    if (!line) throw std::invalid_argument{"no phrase is called " + text::printable(key)};
    kainjow::mustache::mustache engine{*line};
    engine.set_custom_escape([](const std::string& value) { return value; });
    kainjow::mustache::data all;
    for (const auto& [name, value] : values)
        if (!value.empty()) all.set(name, harmless(value, language));
    if (!engine.is_valid())
        throw std::runtime_error{"phrase " + text::printable(key) + ": " + text::printable(engine.error_message())};
    return engine.render(all);
}

std::vector<std::string> phrase_keys()
{
    std::vector<std::string> keys;
    std::istringstream file{compose::load_template(phrases_file, "en", {})};
    for (std::string line; std::getline(file, line);)
        if (const auto end = line.find(": "); end != std::string::npos && !line.starts_with('#'))
            keys.push_back(line.substr(0, end));
    return keys;
}

std::vector<std::string> notice_names()
{
    std::vector<std::string> names;
    for (const compose::Template& one : compose::built_in_templates()) {
        if (one.language == "en" && one.name != phrases_file) names.emplace_back(one.name);
    }
    return names;
}

}  // namespace majlis
