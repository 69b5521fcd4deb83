#include "core/compose/author.hpp"

#include <algorithm>

#include "core/compose/fields.hpp"
#include "core/text/ascii.hpp"
#include "core/text/printable.hpp"

namespace majlis::compose {
namespace {

constexpr std::size_t max_mailboxes_read = 1000;
constexpr std::size_t max_answers = 50;  // of Reply-To: nobody answers to more

Mailbox bare(std::string_view address)
{
    auto found = parse_mailboxes(address);
    return found.empty() ? Mailbox{} : std::move(found.front());
}

bool usable(const Mailbox& mailbox) { return !mailbox.address.local.empty() && !mailbox.address.domain.empty(); }

bool contains(const std::vector<Mailbox>& list, const Mailbox& one)
{
    const std::string key = one.address.key();
    return std::any_of(list.begin(), list.end(), [&](const Mailbox& other) { return other.address.key() == key; });
}

void add(std::vector<Mailbox>& list, const Mailbox& one)
{
    if (usable(one) && list.size() < max_answers && !contains(list, one)) list.push_back(one);
}

/// Whether it shows an address, or what looks like one: also by the full-width and the small "@".
bool shows_address(std::string_view name)
{
    for (const std::string_view sign : {"@", "\xef\xbc\xa0", "\xef\xb9\xab"}) {
        if (name.find(sign) != std::string_view::npos) return true;
    }
    return false;
}

Mailbox author_of(const std::vector<Mailbox>& from, const CopyOptions& options)
{
    Mailbox author;
    if (from.size() == 1) {
        author = from.front();
    } else if (Mailbox known = bare(options.sender); usable(known)) {
        author = known;
        for (const Mailbox& one : from) {
            if (one.address.key() == known.address.key()) author.name = one.name;
        }
    } else if (!from.empty()) {
        author = from.front();
    }
    if (author.name.empty() || (shows_address(author.name) && !options.sender_name.empty())) author.name = options.sender_name;
    return author;
}

/// A name that shows no address: clients take "bob@bank.example via ..." for a forgery, and rightly.
std::string shown_name(const Mailbox& author)
{
    std::string name = text::printable(author.name, 120);
    if (shows_address(name)) name.clear();
    if (text::trim(name).empty()) name = text::printable(author.address.local, 60);
    if (const std::size_t at = name.find('@'); at != std::string::npos) name.resize(at);
    return name;
}

Mailbox via(const Mailbox& author, const ListFace& face, std::string_view address)
{
    Mailbox out = bare(address);
    std::string title = list_title(face);
    if (shows_address(title)) title = face.name;
    const std::string name = shown_name(author);
    out.name = name.empty() ? title : name + " via " + title;
    return out;
}

}  // namespace

std::vector<Mailbox> mailboxes_of(const std::vector<Field>& fields, std::string_view name)
{
    std::vector<Mailbox> out;
    for (const Field* field : find_fields(fields, name)) {
        for (Mailbox& mailbox : parse_mailboxes(field->body)) {
            if (out.size() >= max_mailboxes_read) return out;
            if (usable(mailbox)) out.push_back(std::move(mailbox));
        }
    }
    return out;
}

Mailbox author_mailbox(const std::vector<Field>& fields, const CopyOptions& options)
{
    return author_of(mailboxes_of(fields, "From"), options);
}

Authorship authorship(const std::vector<Field>& fields, const ListFace& face, const CopyOptions& options)
{
    using ReplyTo = ListFace::ReplyTo;
    const std::vector<Mailbox> from = mailboxes_of(fields, "From");
    const std::vector<Mailbox> asked = mailboxes_of(fields, "Reply-To");
    const Mailbox author = author_of(from, options);
    const Mailbox list = bare(face.address);
    const bool rewrite = face.from != ListFace::From::keep || !options.account_from.empty();

    Authorship out;
    out.rewritten = rewrite;
    if (rewrite) {
        out.from = mailbox_field("From", {via(author, face, options.account_from.empty() ? face.address : options.account_from)});
    } else if (from.empty() && usable(author)) {
        out.from = mailbox_field("From", {author});
    }

    std::vector<Mailbox> answers;
    if (face.reply_to == ReplyTo::list) add(answers, list);
    if (face.reply_to != ReplyTo::author || rewrite) {
        for (const Mailbox& one : asked) add(answers, one);
    }
    const bool reach_author =
        face.reply_to == ReplyTo::author ? rewrite : face.reply_to == ReplyTo::both && (asked.empty() || rewrite);
    if (reach_author) add(answers, author);
    if (face.reply_to == ReplyTo::both) add(answers, list);
    if (!answers.empty()) out.reply_to = mailbox_field("Reply-To", answers);

    const bool lost = rewrite && face.reply_to == ReplyTo::list && usable(author) && !contains(answers, author);
    if (lost && !contains(mailboxes_of(fields, "To"), author) && !contains(mailboxes_of(fields, "Cc"), author))
        out.also_cc = author;
    return out;
}

}  // namespace majlis::compose
