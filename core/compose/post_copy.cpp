#include "core/compose/post_copy.hpp"

#include <algorithm>
#include <optional>

#include "core/compose/author.hpp"
#include "core/compose/build.hpp"
#include "core/compose/fields.hpp"
#include "core/compose/footer.hpp"
#include "core/compose/lines.hpp"
#include "core/compose/transfer.hpp"
#include "core/text/ascii.hpp"
#include "core/text/words.hpp"
#include "core/token/token.hpp"
#include "core/trust/authentication_results.hpp"

namespace majlis {
namespace {

using namespace compose;

/// They ask each member's program for a receipt, hold a password, or tell where the mail came through: they never pass.
constexpr std::string_view never_pass[] = {"return-receipt-to",
                                           "disposition-notification-to",
                                           "disposition-notification-options",
                                           "x-confirm-reading-to",
                                           "x-pmrqc",
                                           "generate-delivery-report",
                                           "read-receipt-to",
                                           "approved",
                                           "approve",
                                           "x-approved",
                                           "x-approve",
                                           "urgent",
                                           "bcc",
                                           "resent-bcc",
                                           "return-path",
                                           "delivered-to",
                                           "x-original-to",
                                           "envelope-to",
                                           "x-envelope-to",
                                           "x-delivered-to",
                                           "x-rcpt-to",
                                           "apparently-to",
                                           "errors-to"};

/// What an outer mail takes over from the one that it wraps.
constexpr std::string_view copied_outside[] = {"date", "subject", "to", "cc", "in-reply-to", "references"};

template <std::size_t Count>
bool is_one_of(const std::string& name, const std::string_view (&names)[Count])
{
    return std::find(std::begin(names), std::end(names), name) != std::end(names);
}

bool is_list_field(const std::string& name) { return name.starts_with("list-") || name == "archived-at"; }
bool is_content_field(const std::string& name) { return name.starts_with("content-") && name != "content-length"; }

std::string whole(const Field& field)
{
    std::string bytes{field.bytes};
    if (!bytes.ends_with("\r\n")) bytes += "\r\n";
    return longest_line(bytes) > max_line ? cut_long_lines(bytes, Where::header) : bytes;
}

/// The body that leaves, and what the header must say of it.
struct Body {
    std::string text;
    std::string type;      ///< new body of Content-Type; empty: as it was
    std::string encoding;  ///< new Content-Transfer-Encoding; empty: as it was
    bool moved = false;    ///< the Content-* fields went into the first part
    bool changed() const { return moved || !type.empty() || !encoding.empty(); }
};

/// The root's content as the first part of a new multipart/mixed, its bytes unchanged, and the footer as the second.
Body wrap_with_footer(const std::string& content_fields, const std::string& text, const std::string& footer)
{
    const std::string boundary = boundary_for(text);
    Body body;
    body.moved = true;
    body.type = "multipart/mixed; boundary=\"" + boundary + '"';
    body.encoding = text::is_ascii(text) && text::is_ascii(content_fields) ? "7bit" : "8bit";
    body.text = "--" + boundary + "\r\n" + content_fields + "\r\n" + text + "\r\n--" + boundary + "\r\n" + footer_part(footer) +
                "--" + boundary + "--\r\n";
    return body;
}

std::string content_fields(const std::vector<Field>& fields)
{
    std::string out;
    for (const Field& field : fields) {
        if (is_content_field(text::lowered(field.name))) out += whole(field);
    }
    return out;
}

/// The author's body with over-long lines recoded, and nothing else.
Body own_body(const Message& message, const Edit& edit)
{
    const Part& root = message.root();
    const bool container = root.divided || root.is_multipart();
    Body body;
    if (auto recoded = container ? std::nullopt : recode(root, Pass::eight_bit)) {
        body.text = std::move(recoded->body);
        body.encoding = recoded->encoding;
    } else {
        body.text = edit.empty() ? std::string{root.body} : edit.apply();
    }
    if (longest_line(body.text) > max_line) body.text = cut_long_lines(body.text, Where::body);
    return body;
}

Body body_with_footer(const Message& message, const std::vector<Field>& fields, const std::string& footer)
{
    Edit edit{message.root().body};
    recode_parts(edit, message, Pass::eight_bit);
    if (footer.empty() || insert_footer(edit, message, footer)) return own_body(message, edit);
    if (auto footered = append_footer(message.root(), footer)) {
        return {std::move(footered->body), std::move(footered->content_type), std::move(footered->encoding), false};
    }
    const Body own = own_body(message, edit);
    std::string content = content_fields(fields);
    if (!own.encoding.empty()) {
        content.clear();
        for (const Field& field : fields) {
            const std::string name = text::lowered(field.name);
            if (is_content_field(name) && name != "content-transfer-encoding") content += whole(field);
        }
        content += field("Content-Transfer-Encoding", own.encoding);
    }
    return wrap_with_footer(content, own.text, footer);
}

/// The header that leaves, built in the order of the one that came.
class Head {
public:
    Head(const std::vector<Field>& fields, const ListFace& face, const CopyOptions& options)
        : fields_{fields}, face_{face}, options_{options}
    {
    }

    std::string build(const Body& body, const Authorship& authors)
    {
        const std::string subject = subject_field();
        if (!subject.empty()) replace("subject", subject);
        if (authors.from) replace("from", *authors.from);
        rewritten_ = authors.rewritten;
        if (authors.reply_to) replace("reply-to", *authors.reply_to);
        if (authors.also_cc) replace("cc", cc_with(*authors.also_cc));
        replace("sender", options_.account_from.empty() ? mailbox_field("Sender", sender()) : std::string{});
        describe(body);
        std::string passed = pass();
        return passed + missing();  // in this order: what passed is not missing
    }

    /// For the mail inside a wrapping one: what must not pass is taken out, nothing is added.
    std::string build_inner(const Body& body)
    {
        describe(body);
        inner_ = true;
        std::string passed = pass();
        return passed + missing();
    }

private:
    struct Replacement {
        std::string name, field;
        bool done = false;
    };

    void replace(std::string name, std::string with) { replacements_.push_back({std::move(name), std::move(with)}); }

    void describe(const Body& body)
    {
        changed_ = body.changed();
        moved_ = body.moved;
        if (!body.type.empty()) replace("content-type", field("Content-Type", body.type));
        if (!body.encoding.empty()) replace("content-transfer-encoding", field("Content-Transfer-Encoding", body.encoding));
        if (body.changed() && !find_field(fields_, "MIME-Version")) replace("mime-version", field("MIME-Version", "1.0"));
    }

    std::string pass()
    {
        std::string out;
        for (const Field& field : fields_) {
            const std::string name = text::lowered(field.name);
            if (name.empty() || dropped(name, field.body)) continue;
            const auto found =
                std::find_if(replacements_.begin(), replacements_.end(), [&](const auto& r) { return r.name == name; });
            if (found == replacements_.end()) {
                if (!(moved_ && is_content_field(name))) out += whole(field);
            } else if (!found->done) {
                out += found->field;
                found->done = true;
            }
        }
        return out;
    }

    bool dropped(const std::string& name, std::string_view body) const
    {
        if (is_one_of(name, never_pass)) return true;
        if (name == "authentication-results" && claims_server(body, options_.own_servers)) return true;
        if (name == "autocrypt" && rewritten_) return true;  // its key is the author's, whose address no longer stands in From
        if (changed_ && (name == "content-length" || name == "lines")) return true;
        return !inner_ && is_list_field(name);
    }

    std::string missing()
    {
        std::string out;
        for (const Replacement& replacement : replacements_) {
            if (!replacement.done) out += replacement.field;
        }
        if (inner_) return out;
        if (!options_.message_id.empty() && !find_field(fields_, "Message-ID"))
            out += field("Message-ID", "<" + options_.message_id + ">");
        if (!find_field(fields_, "Precedence")) out += field("Precedence", "list");
        out += field("X-Loop", own_address(face_.address).address.text());
        return out + list_fields(face_, options_);
    }

    std::string subject_field() const
    {
        if (text::trim(face_.subject_tag).empty()) return {};
        const Field* subject = find_field(fields_, "Subject");
        return field("Subject", tag_subject(subject ? subject->body : std::string_view{}, face_.subject_tag, face_.language));
    }

    std::string cc_with(const Mailbox& author) const
    {
        const Field* cc = find_field(fields_, "Cc");
        const std::string own = format_mailbox(wire(author));
        if (!cc || text::trim(cc->body).empty()) return field("Cc", own);
        return field("Cc", std::string{text::trim(cc->body)} + ",\r\n " + own);
    }

    static Mailbox own_address(std::string_view address)
    {
        auto found = parse_mailboxes(address);
        return found.empty() ? Mailbox{} : wire(std::move(found.front()));
    }
    std::vector<Mailbox> sender() const { return {own_address(command_address(face_.address, "bounce"))}; }

    const std::vector<Field>& fields_;
    const ListFace& face_;
    const CopyOptions& options_;
    std::vector<Replacement> replacements_;
    bool changed_ = false, moved_ = false, inner_ = false, rewritten_ = false;
};

bool needs_smtputf8(std::string_view head)
{
    if (text::is_ascii(head)) return false;
    for (const Field& field : all_fields(head)) {
        if (!text::is_ascii(field.bytes) && is_address_field(field.name) && seven_bit_field(field).needs_smtputf8) return true;
    }
    return false;
}

PostCopy finish(std::string head, const std::string& body)
{
    PostCopy copy;
    copy.head = longest_line(head) > max_line ? cut_long_lines(head, Where::header) : std::move(head);
    copy.tail.reserve(body.size() + 4);
    copy.tail = "\r\n";
    copy.tail += body;
    if (!copy.tail.ends_with("\r\n")) copy.tail += "\r\n";
    copy.needs_smtputf8 = needs_smtputf8(copy.head);
    copy.eight_bit = !text::is_ascii(copy.head) || !text::is_ascii(copy.tail);
    return copy;
}

/// One Message-ID for all copies of one wrapped post on one list.
std::string wrapped_id(const ListFace& face, std::string_view inner)
{
    token::Sha256 digest;
    digest.update(face.list_id);
    digest.update(inner);
    const token::Digest bytes = digest.finish();
    const std::size_t at = face.address.rfind('@');
    const std::string domain =
        at == std::string::npos ? std::string{"localhost"} : domain_key(std::string_view{face.address}.substr(at + 1));
    return token::base32({reinterpret_cast<const char*>(bytes.data()), 15}) + "@" + domain;
}

/// From::wrap: the post inside a mail of the list's own.
PostCopy compose_wrapped(const std::vector<Field>& fields, const Message& message, const ListFace& face,
                         const CopyOptions& options)
{
    const Body own = body_with_footer(message, fields, {});
    const std::string inner = Head{fields, face, options}.build_inner(own) + "\r\n" + own.text;
    std::vector<Field> outer;
    for (const Field& field : fields) {
        if (is_one_of(text::lowered(field.name), copied_outside)) outer.push_back(field);
    }
    Body body;
    body.type = "message/rfc822";
    body.encoding = text::is_ascii(inner) ? "7bit" : "8bit";
    body.text = inner;
    if (const std::string footer = footer_text(face, options.note); !footer.empty()) {
        const std::string content = field("Content-Type", body.type) + field("Content-Transfer-Encoding", body.encoding);
        body = wrap_with_footer(content, inner, footer);
    }
    const std::string id = field("Message-ID", "<" + wrapped_id(face, inner) + ">");
    for (const Field& field : all_fields(id)) outer.push_back(field);
    return finish(Head{outer, face, options}.build(body, authorship(fields, face, options)), body.text);
}

}  // namespace

namespace compose {

PostCopy build_copy(const Message& message, const ListFace& face, const CopyOptions& options)
{
    const std::vector<Field> fields = all_fields(message.root().header);
    PostCopy copy;
    if (face.from == ListFace::From::wrap) {
        copy = compose_wrapped(fields, message, face, options);
    } else {
        const Body body = body_with_footer(message, fields, footer_text(face, options.note));
        copy = finish(Head{fields, face, options}.build(body, authorship(fields, face, options)), body.text);
    }
    const bool recode_all = options.transport == CopyOptions::Transport::seven_bit && copy.eight_bit;
    return recode_all ? to_seven_bit(copy) : copy;
}

}  // namespace compose
}  // namespace majlis
