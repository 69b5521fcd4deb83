#include "core/reports/report.hpp"

#include <algorithm>
#include <array>

#include "core/message/html_text.hpp"
#include "core/reports/markdown.hpp"
#include "core/reports/names.hpp"
#include "core/text/ascii.hpp"
#include "core/text/date.hpp"
#include "core/text/printable.hpp"
#include "core/text/words.hpp"
#include "core/text/zone.hpp"

namespace majlis::reports {
namespace {

constexpr std::size_t most_files = 100;
constexpr std::int64_t day = 86400;
constexpr std::array<std::string_view, 14> reply_words{"re",  "aw",  "sv",  "vs",  "antw", "tr", "fw",
                                                       "fwd", "rép", "réf", "odp", "ynt",  "رد", "إعادة"};

struct Opening {
    std::string_view rest;
    std::vector<std::string_view> tags;
    bool reply = false;
};

/// Takes "Re: [rabat] RE : [CR] " off the front of a Subject.
Opening opening_of(std::string_view subject)
{
    Opening found;
    for (int n = 0; n < 20; ++n) {
        subject = text::trim(subject);
        if (subject.starts_with('[')) {
            const auto end = subject.find(']');
            if (end == std::string_view::npos) break;
            found.tags.push_back(subject.substr(0, end + 1));
            subject.remove_prefix(end + 1);
            continue;
        }
        const auto colon = subject.find(':');
        if (colon == std::string_view::npos || colon > 16) break;
        const auto word = text::lowered(text::trim(subject.substr(0, colon)));
        if (std::ranges::find(reply_words, word) == reply_words.end()) break;
        found.reply = true;
        subject.remove_prefix(colon + 1);
    }
    found.rest = subject;
    return found;
}

std::string_view word(std::string_view language, std::string_view key)
{
    struct Line {
        std::string_view key, fr, ar, en;
    };
    static constexpr std::array<Line, 5> words{{
        {"section", "Section", "الفرع", "Section"},
        {"date", "Date", "التاريخ", "Date"},
        {"author", "Auteur", "الكاتب", "Author"},
        {"files", "Pièces jointes", "المرفقات", "Attachments"},
        {"untitled", "Compte rendu", "تقرير", "Report"},
    }};
    for (const auto& line : words)
        if (line.key == key) return language == "fr" ? line.fr : language == "ar" ? line.ar : line.en;
    return key;
}

bool is_attached(const Part& part, const Part* text)
{
    if (part.is_multipart() || &part == text) return false;
    return !part.name.empty() || part.disposition == "attachment" || part.type != "text" || part.is_message();
}

/// Comes with the letter whatever it says: the picture of a signature, what signs the mail.
bool is_decoration(const Part& part)
{
    static constexpr std::array<std::string_view, 4> signatures{"pgp-signature", "pgp-keys", "pkcs7-signature",
                                                                "x-pkcs7-signature"};
    if (part.type == "application" && std::ranges::find(signatures, part.subtype) != signatures.end()) return true;
    return part.type == "image" && part.disposition != "attachment" && find_field(part.fields, "Content-ID") != nullptr;
}

/// What a leaf is called where its author gave it no name.
std::string plain_name(const Part& part, std::size_t n)
{
    const std::string ending = part.is_message()            ? "eml"
                               : part.subtype == "plain"    ? "txt"
                               : part.subtype == "calendar" ? "ics"
                                                            : part.subtype;
    return file_name("file-" + std::to_string(n) + "." + ending, "file-" + std::to_string(n));
}

std::vector<File> attached_files(const Message& message)
{
    std::vector<File> files;
    std::vector<std::string> taken{"readme.md"};
    const Part* text = first_text(message);
    for (std::size_t n = 0; n < message.parts.size() && files.size() < most_files; ++n) {
        const Part& part = message.parts[n];
        if (!is_attached(part, text)) continue;
        const auto fallback = plain_name(part, files.size() + 1);
        files.push_back({unique_name(file_name(part.name, fallback), taken), part_content(part)});
        // What an attached mail holds belongs to it.
        if (part.is_message())
            while (n + 1 < message.parts.size() && message.parts[n + 1].depth > part.depth) ++n;
    }
    return files;
}

std::int64_t written_at(const Message& message, std::int64_t received_at)
{
    const Field* field = find_field(message.root().fields, "Date");
    const auto date = field ? text::parse_date(field->body) : std::nullopt;
    // A clock that is wrong by more than a day ahead or a month back says nothing.
    if (!date || *date > received_at + day || *date < received_at - 31 * day) return received_at;
    return *date;
}

std::string author_of(const Message& message, const std::string& fallback)
{
    const auto from = field_text(message.root().fields, "From");
    const auto bracket = from.find('<');
    std::string name = bracket == std::string::npos ? "" : std::string{text::trim(from.substr(0, bracket))};
    if (name.size() > 1 && name.front() == '"' && name.back() == '"') name = name.substr(1, name.size() - 2);
    if (name.empty() || name.find('@') != std::string::npos) name = fallback;
    return text::printable(name, 100);
}

}  // namespace

Mark report_mark(std::string_view subject, std::string_view tag)
{
    if (tag.empty()) return Mark::none;
    const auto opening = opening_of(subject);
    const auto wanted = text::lowered(tag);
    const bool tagged = std::ranges::any_of(opening.tags, [&](std::string_view one) { return text::lowered(one) == wanted; });
    if (!tagged) return Mark::none;
    return opening.reply ? Mark::reply : Mark::report;
}

bool is_reply(std::string_view subject) { return opening_of(subject).reply; }

bool replaces(const Message& reply, std::size_t report_text_bytes)
{
    const Part* text = first_text(reply);
    for (const Part& part : reply.parts)
        if (is_attached(part, text) && !is_decoration(part)) return true;
    const auto own = own_text(readable_text(reply), Quotes::drop);
    return 2 * text::trim(own).size() >= report_text_bytes;
}

Report make_report(const Message& message, const Place& place, Version version)
{
    Report report;
    report.written_at = written_at(message, place.received_at);
    const auto local = text::local_time(report.written_at, place.zone);
    report.date = text::iso_date(local);
    report.author = author_of(message, place.author_fallback);
    const auto subject = field_text(message.root().fields, "Subject");
    report.title = text::printable(text::trim(opening_of(subject).rest), 200);
    if (report.title.empty()) report.title = word(place.language, "untitled");
    const auto year = report.date.substr(0, report.date.find('-', 1));
    report.folder = file_name(place.section, "section") + "/" + year + "/" + report.date + "-" + slug(report.title);

    auto files = attached_files(message);
    const auto text = own_text(readable_text(message), version == Version::correction ? Quotes::drop : Quotes::keep);
    report.text_bytes = text::trim(text).size();
    const auto line = [&](std::string_view key, std::string_view value) {
        return value.empty() ? "" : "- **" + std::string{word(place.language, key)} + "**: " + escaped(value) + "\n";
    };
    std::string page = "# " + escaped(report.title) + "\n\n" + line("section", place.section) + line("date", report.date) +
                       line("author", report.author) + "\n" + markdown_body(text);
    if (!files.empty()) {
        page += "\n## " + std::string{word(place.language, "files")} + "\n\n";
        for (const auto& file : files) page += "- " + link(file.path, file.path) + "\n";
    }
    report.files.push_back({"README.md", std::move(page)});
    for (auto& file : files) report.files.push_back(std::move(file));
    return report;
}

}  // namespace majlis::reports
