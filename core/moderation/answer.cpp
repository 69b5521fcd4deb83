#include "core/moderation/answer.hpp"

#include <array>

#include "core/moderation/command_words.hpp"
#include "core/moderation/lines.hpp"
#include "core/moderation/own_words.hpp"
#include "core/text/ascii.hpp"

namespace majlis::moderation {
namespace {

using Wish = Answer::Wish;
constexpr std::size_t longest_reason = 1'000;  // bytes

struct Word {
    std::string_view word;  // in plain_form()
    Wish wish;
};
/// Imperatives and infinitives, as people write them. The short ones of daily speech ("ok", "oui") are none: they stand in
/// mails that mean something else.
constexpr std::array<Word, 44> words{{
    {"reject", Wish::reject},     {"refuse", Wish::reject},    {"deny", Wish::reject},     {"rejeter", Wish::reject},
    {"rejette", Wish::reject},    {"refuser", Wish::reject},   {"رفض", Wish::reject},      {"ارفض", Wish::reject},
    {"مرفوض", Wish::reject},      {"مرفوضه", Wish::reject},    {"discard", Wish::discard}, {"delete", Wish::discard},
    {"supprimer", Wish::discard}, {"supprime", Wish::discard}, {"jeter", Wish::discard},   {"ignorer", Wish::discard},
    {"effacer", Wish::discard},   {"حذف", Wish::discard},      {"احذف", Wish::discard},    {"تجاهل", Wish::discard},
    {"ban", Wish::ban},           {"block", Wish::ban},        {"bannir", Wish::ban},      {"bloquer", Wish::ban},
    {"حظر", Wish::ban},           {"احظر", Wish::ban},         {"allow", Wish::allow},     {"autoriser", Wish::allow},
    {"autorise", Wish::allow},    {"permettre", Wish::allow},  {"سماح", Wish::allow},      {"اسمح", Wish::allow},
    {"السماح", Wish::allow},      {"approve", Wish::approve},  {"accept", Wish::approve},  {"approuver", Wish::approve},
    {"approuve", Wish::approve},  {"accepter", Wish::approve}, {"accepte", Wish::approve}, {"موافق", Wish::approve},
    {"موافقه", Wish::approve},    {"اوافق", Wish::approve},    {"قبول", Wish::approve},    {"اقبل", Wish::approve},
}};

bool ends_word(std::string_view rest)
{
    if (rest.empty()) return true;
    const auto c = static_cast<unsigned char>(rest.front());
    if (c < 0x80) return !text::is_letter(rest.front()) && !text::is_digit(rest.front()) && c != '\'' && c != '_' && c != '@';
    for (const auto* mark : {"\u060c", "\u061b", "\u061f", "\u00bb", "\u2026", "\u201d", "\u2026", "\u00a0", "\u06d4"})
        if (rest.starts_with(mark)) return true;
    return false;
}

/// What people and programs put before a word: stars, quotes, bullets, dots.
std::string_view without_ornaments(std::string_view line)
{
    for (bool more = true; more && !line.empty();) {
        more = false;
        for (const std::string_view mark :
             {" ", "*", "_", "-", "#", "\"", "'", "(", "[", ".", ":", "!", "/", "\u00ab", "\u201c", "\u2018", "\u2022", "\u00a0"})
            if (line.starts_with(mark)) {
                line.remove_prefix(mark.size());
                more = true;
            }
    }
    return line;
}

const Word* find_word(std::string_view plain)
{
    for (const auto& word : words)
        if (plain.starts_with(word.word) && ends_word(plain.substr(word.word.size()))) return &word;
    return nullptr;
}

/// Behind the first word of a line as written. Its letters may differ from those of the plain form, never its spaces.
std::string_view behind_first_word(std::string_view line)
{
    std::size_t at = 0;
    while (at < line.size() && !text::is_space(line[at]) &&
           std::string_view{":,;.!*_)]\"/"}.find(line[at]) == std::string_view::npos && line[at] != '-')
        ++at;
    line.remove_prefix(at);
    return without_ornaments(line.starts_with("\u060c") ? line.substr(2) : line);
}

std::string cut(std::string_view text)
{
    std::size_t end = std::min(text.size(), longest_reason);
    while (end > 0 && end < text.size() && (static_cast<unsigned char>(text[end]) & 0xc0U) == 0x80U) --end;
    return std::string{text::trim(text.substr(0, end))};
}

Answer unclear(std::string doubt) { return {.wish = Wish::unclear, .reason = {}, .doubt = std::move(doubt)}; }

Answer of_words(const OwnWords& own)
{
    if (own.text.empty()) {
        if (!own.doubt.empty()) return unclear(own.doubt);
        return {.wish = Wish::approve, .reason = {}, .doubt = {}};
    }
    const auto end = std::min(own.text.find('\n'), own.text.size());
    const auto word = command_word(std::string_view{own.text}.substr(0, end));
    if (!word) return {};
    // Approving is what cannot be taken back: only where nothing else is said.
    if (word->wish == Wish::approve && (!word->rest.empty() || !own.doubt.empty())) return unclear(own.doubt);
    std::string reason;
    if (word->wish == Wish::reject) {
        const auto more = text::trim(std::string_view{own.text}.substr(end));
        reason = cut(word->rest + (word->rest.empty() || more.empty() ? "" : "\n") + std::string{more});
    }
    return {.wish = word->wish, .reason = std::move(reason), .doubt = {}};
}

std::string value(const Message& mail, std::string_view name)
{
    const Field* found = find_field(mail.root().fields, name);
    return found == nullptr ? std::string{} : text::lowered(text::trim(found->body));
}

}  // namespace

std::optional<CommandWord> command_word(std::string_view line)
{
    const std::string shown = visible(line);
    const auto from = without_ornaments(shown);
    const auto plain = plain_form(from);
    const Word* word = find_word(plain);
    if (word == nullptr) return std::nullopt;
    return CommandWord{word->wish, std::string{behind_first_word(from)}};
}

bool begins_with_command(std::string_view plain_line)
{
    const Word* word = find_word(without_ornaments(plain_line));
    return word != nullptr && word->wish != Wish::approve;
}

Answer read_answer(const Message& reply) { return of_words(own_words(reply)); }

Answer read_answer_text(std::string_view text) { return of_words(own_words_of_text(text)); }

std::string why_automatic(const Message& mail, const Classification& classification)
{
    switch (classification.kind) {
        case Kind::autoreply:
        case Kind::bounce:
        case Kind::feedback:
        case Kind::other:
            return classification.reason.empty() ? std::string{kind_name(classification.kind)} : classification.reason;
        case Kind::post:
        case Kind::command:
            break;
    }
    const auto submitted = value(mail, "Auto-Submitted");
    if (!submitted.empty() && submitted != "no" && !submitted.starts_with("no;") && !submitted.starts_with("no "))
        return "Auto-Submitted";
    const auto precedence = value(mail, "Precedence");
    for (const auto* kind : {"bulk", "junk", "list", "auto_reply"})
        if (precedence == kind) return "Precedence: " + precedence;
    if (value(mail, "Return-Path") == "<>") return "an empty Return-Path";
    for (const auto* name :
         {"List-Id", "X-Loop", "X-Autoreply", "X-Autorespond", "X-Failed-Recipients", "X-Auto-Response-Suppress",
          "X-MS-Exchange-Generated-Message-Source", "X-Autogenerated", "X-Mail-Autoreply"})
        if (!value(mail, name).empty()) return name;
    const auto type = mail.root().type + "/" + mail.root().subtype;
    if (type == "multipart/report" || type == "text/calendar") return type;
    return {};
}

}  // namespace majlis::moderation
