#include "core/classify/notice.hpp"

#include "core/address/address.hpp"
#include "core/message/html_text.hpp"
#include "core/text/ascii.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

namespace majlis::recognise {
namespace {

constexpr std::size_t longest_part = 128 * 1024;  // bytes of an encoded part that are decoded

/// The words of one part; only its beginning is decoded.
std::string words_of(const Part& part)
{
    Part head;
    head.body = part.body.substr(0, longest_part);
    head.charset = part.charset;
    head.encoding = part.encoding;
    auto words = part_text(head);
    if (part.subtype == "html") words = html_to_text(words);
    return words;
}

bool is_words(const Part& part, std::string_view subtype)
{
    return part.type == "text" && part.subtype == subtype && part.disposition != "attachment";
}

/// Phrases that begin a line in front of a copy without a rule around them.
constexpr std::array<std::string_view, 34> copy_phrases{
    "original message follows",
    "original message headers",
    "original message header",
    "original message:",
    "original headers:",
    "the original message follows",
    "your original message follows",
    "message headers follow",
    "message header follows",
    "message text follows",
    "included is a copy",
    "this is a copy of the message",
    "this is a copy of your message",
    "below is a copy of",
    "below this line is",
    "a copy of the message",
    "a copy of your message",
    "a copy of the original message",
    "the following is a copy",
    "here is a copy of",
    "the first lines of the message",
    "headers of the original",
    "the header of the original message",
    "the headers of the original message",
    "en-têtes de messages d'origine",
    "en-têtes du message d'origine",
    "en-têtes de message d'origine",
    "ursprüngliche nachricht",
    "encabezados de mensajes originales",
    "encabezados del mensaje original",
    "intestazioni originali",
    "oorspronkelijke bericht",
    "cabeçalhos de mensagens originais",
    "元のメッセージ",
};

/// Typographic apostrophes become "'", unbreakable spaces spaces; marks without a width go.
std::string plain_marks(std::string_view words)
{
    std::string out;
    out.reserve(words.size());
    for (std::size_t i = 0; i < words.size(); ++i) {
        const auto at = words.substr(i, 3);
        if (at == "\xe2\x80\x99" || at == "\xe2\x80\x98")
            out += '\'', i += 2;
        else if (at.starts_with("\xc2\xa0"))
            out += ' ', ++i;
        else if (at == "\xe2\x80\x8b" || at == "\xe2\x80\x8e" || at == "\xe2\x80\x8f" || at == "\xef\xbb\xbf")
            i += 2;
        else
            out += words[i];
    }
    return out;
}

std::size_t gram(std::string_view words, std::size_t at)
{
    std::uint32_t four = 0;
    for (std::size_t i = 0; i < 4; ++i) four = four << 8 | static_cast<unsigned char>(words[at + i]);
    return four * 2654435761U >> 16;
}

bool is_rule(char c) { return c == '-' || c == '=' || c == '*' || c == '_' || c == '#'; }

}  // namespace

bool begins_copy(std::string_view line)
{
    static constexpr std::array fields{
        "received: ", "return-path: ", "message-id: ", "mime-version: ", "x-original-to: ", "dkim-signature: ", "delivered-to: "};
    for (const auto* field : fields)
        if (text::starts_with_nocase(line, field)) return true;
    const auto words = text::lowered(text::trim(line.substr(0, 200)));
    for (const auto phrase : copy_phrases)
        if (words.starts_with(phrase)) return true;
    if (words.size() < 6 || !is_rule(words[0]) || !is_rule(words[1])) return false;
    return contains_any(words, {"copy", "original", "returned", "unsent", "header", "below this line", "message follows",
                                "text follows", "enclosed", "mensaje original", "message d'origine", "nachricht folgt"});
}

std::string own_words(const Mail& mail)
{
    std::string words;
    const auto gather = [&](auto wanted) {
        for (const Part* part : mail.own_parts) {
            if (part->divided || words.size() >= 2 * Notice::longest || !wanted(*part)) continue;
            if (!words.empty()) words += '\n';
            words += words_of(*part);
        }
    };
    gather([](const Part& part) { return is_words(part, "plain"); });
    if (words.find('@') == std::string::npos) gather([](const Part& part) { return is_words(part, "html"); });
    if (text::trim(words).empty())
        gather([](const Part& part) { return part.type == "text" && part.subtype != "rfc822-headers"; });
    return words;
}

Notice::Notice(const Mail& mail, const OriginalMail& original) : mail_{mail}, original_{original}, words_{own_words(mail)}
{
    words_.resize(std::min(words_.size(), longest));
    words_ = plain_marks(words_);
    std::string_view rest = words_;
    while (!rest.empty() && lines_.size() < most_lines) {
        const auto line = rest.substr(0, rest.find_first_of("\r\n"));
        if (begins_copy(line)) break;
        lines_.push_back(text::trim(line));
        rest.remove_prefix(std::min(line.size(), rest.size()));
        if (rest.starts_with("\r\n"))
            rest.remove_prefix(2);
        else if (!rest.empty())
            rest.remove_prefix(1);
    }
    end_ = words_.size() - rest.size();
    lowered_ = lowered_text(words_);
    for (const auto line : lines_) {
        lower_.push_back(std::string_view{lowered_}.substr(static_cast<std::size_t>(line.data() - words_.data()), line.size()));
        flat_begin_.push_back(flat_.size());
        const auto low = lower_.back();
        if (low.starts_with('>') && !low.starts_with(">>")) continue;  // somebody's quotation
        bool space = true;
        for (const char c : low) {
            if (!text::is_space(c)) flat_ += c;
            if (text::is_space(c) && !space) flat_ += ' ';
            space = text::is_space(c);
        }
        if (!low.empty()) flat_ += ' ';
    }
    for (std::size_t i = 0; i + 4 <= flat_.size(); ++i) grams_.set(gram(flat_, i));
    for (const auto* name :
         {"To", "Cc", "From", "Reply-To", "Return-Path", "Delivered-To", "X-Original-To", "Envelope-To", "Sender"})
        for (const Field* found : find_fields(mail.message.root().fields, name))
            for (const auto& box : parse_mailboxes(found->body)) involved_.insert(text::lowered(box.address.text()));
    for (const auto& address : {original.return_path, original.from})
        if (std::none_of(original.recipients.begin(), original.recipients.end(),
                         [&](const auto& r) { return text::equal_nocase(r, address); }))
            involved_.insert(text::lowered(address));
}

bool Notice::may_say(std::string_view phrase) const
{
    if (phrase.size() < 8) return true;
    return grams_[gram(phrase, 0)] && grams_[gram(phrase, phrase.size() / 2 - 2)] && grams_[gram(phrase, phrase.size() - 4)];
}

std::optional<Notice::Place> Notice::find(std::string_view phrase, std::size_t from) const
{
    if (!may_say(phrase)) return std::nullopt;
    const auto at = flat_.find(phrase, from);
    if (at == std::string::npos) return std::nullopt;
    Place place{0, 0, at + phrase.size()};
    const auto last = place.next - (phrase.ends_with(' ') ? 2 : 1);
    const auto line = std::upper_bound(flat_begin_.begin(), flat_begin_.end(), last) - flat_begin_.begin() - 1;
    place.line = static_cast<std::size_t>(line);
    // Columns of the collapsed line, counted back into the line itself.
    std::size_t left = last + 1 - flat_begin_[place.line];
    const auto low = lower_[place.line];
    for (bool space = true; place.column < low.size() && left > 0; ++place.column) {
        const bool blank = text::is_space(low[place.column]);
        if (!blank || !space) --left;
        space = blank;
    }
    return place;
}

bool Notice::may_fail(std::string_view address) const
{
    const auto key = text::lowered(address);
    for (const auto* service : {"postmaster@", "mailer-daemon@", "abuse@", "helpdesk@", "hostmaster@"})
        if (key.starts_with(service)) return false;
    for (const auto* placeholder : {"NAME@", "USERNAME@", "USER@", "ADDRESS@"})
        if (address.starts_with(placeholder)) return false;
    return !involved_.contains(key);
}

}  // namespace majlis::recognise
