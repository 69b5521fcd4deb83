#include "core/filter/rewrite.hpp"

#include "core/compose/lines.hpp"
#include "core/compose/transfer.hpp"
#include "core/message/edit.hpp"
#include "core/text/ascii.hpp"
#include "core/text/codec.hpp"

#include <algorithm>
#include <utility>

namespace majlis::filter_parts {
namespace {

using Kind = Fate::Kind;

constexpr std::string_view mark = "X-Content-Filtered-By: majlis " MAJLIS_VERSION "\r\n";

bool is_content(const Field& field) { return text::starts_with_nocase(field.name, "content-"); }

/// They tell of the bytes that were.
bool is_stale(const Field& field)
{
    return text::equal_nocase(field.name, "content-length") || text::equal_nocase(field.name, "lines") ||
           text::equal_nocase(field.name, "content-md5");
}

/// Fields of a converted part that would still speak of HTML.
bool speaks_of_html(const Field& field)
{
    const auto kind = field.name.substr(8);
    for (const std::string_view name : {"type", "transfer-encoding", "disposition", "md5", "location", "base"})
        if (text::equal_nocase(kind, name)) return true;
    return false;
}

std::string line(const Field& field)
{
    std::string bytes{field.bytes};
    if (!bytes.ends_with('\n') && !bytes.ends_with('\r')) bytes += "\r\n";
    return bytes;
}

/// The field with multipart/mixed in place of what its part is; as it was where it is written oddly.
std::string relabelled(const Field& field, const Part& part)
{
    std::string out = line(field);
    if (!text::equal_nocase(field.name, "content-type")) return out;
    const std::size_t slash = out.find('/');
    const std::size_t begin = slash == std::string::npos ? slash : out.find_first_not_of(" \t", slash + 1);
    if (begin == std::string::npos || !text::equal_nocase(std::string_view{out}.substr(begin, part.subtype.size()), part.subtype))
        return out;
    return out.replace(begin, part.subtype.size(), "mixed");
}

struct Converted {
    std::string fields, body;
};

/// Whether a line may be taken for the delimiter of some multipart around it.
bool may_divide(std::string_view text)
{
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find("\r\n", at), text.size());
        const auto one = text.substr(at, end - at);
        if (one.starts_with("--") && text::trim(one).size() > 2) return true;
        at = end + 2;
    }
    return false;
}

/// text/plain in the smallest encoding that every server takes.
Converted as_text(std::string_view utf8)
{
    std::string body = compose::clean(utf8);
    const std::string_view charset = text::is_ascii(body) ? "us-ascii" : "utf-8";
    compose::Encoded encoded = compose::encode_text(body);
    if (may_divide(encoded.body)) encoded = {text::encode_base64(body), "base64"};
    return {"Content-Type: text/plain; charset=" + std::string{charset} +
                "\r\nContent-Transfer-Encoding: " + std::string{encoded.encoding} + "\r\n",
            std::move(encoded.body)};
}

class Rewriter {
public:
    Rewriter(const Message& message, const Plan& plan) : message_{message}, plan_{plan}, edit_{message.raw} {}

    std::string run()
    {
        const Part& root = message_.root();
        for (const Field& field : root.fields)
            if (is_stale(field)) edit_.remove(field.bytes);
        if (plan_.nothing_left) {
            replace_content(0, {});
            edit_.remove(root.body);
        } else {
            settle_root();
        }
        edit_.insert_after(root.header, std::string{mark} + (root.gap.empty() ? "\r\n" : ""));
        return edit_.apply();
    }

private:
    const Part& part(std::size_t index) const { return message_.parts[index]; }

    std::string_view between(const char* begin, const char* end) const
    {
        return begin < end ? std::string_view{begin, static_cast<std::size_t>(end - begin)} : std::string_view{};
    }
    static const char* end_of(std::string_view view) { return view.data() + view.size(); }
    const char* raw_end() const { return end_of(message_.raw); }

    void cut(const char* begin, const char* end)
    {
        if (begin < end) edit_.remove(between(begin, end));
    }

    /// The fields that describe a part's content give way to others.
    void replace_content(std::size_t index, std::string with)
    {
        bool placed = false;
        for (const Field& field : part(index).fields) {
            if (!is_content(field) || (index == 0 && is_stale(field))) continue;
            edit_.replace(field.bytes, std::exchange(placed, true) ? std::string{} : std::move(with));
        }
        if (!placed && !with.empty()) edit_.insert_after(part(index).header, std::move(with));
    }

    /// The content fields that a part is to have.
    std::string content_fields(std::size_t index, const std::string& converted) const
    {
        std::string out = converted;
        for (const Field& field : part(index).fields) {
            if (!is_content(field) || is_stale(field)) continue;
            if (plan_.of(index).kind == Kind::relabel)
                out += relabelled(field, part(index));
            else if (converted.empty() || !speaks_of_html(field))
                out += line(field);
        }
        return out;
    }

    void settle_root()
    {
        std::size_t last = 0;
        while (plan_.of(last).kind == Kind::collapse) last = plan_.left(last).front();
        const Part& root = part(0);
        const Part& heir = part(last);
        const bool converts = plan_.of(last).kind == Kind::convert;
        Converted text = converts ? as_text(plan_.of(last).text) : Converted{};
        if (last != 0) {
            cut(root.body.data(), heir.body.data());
            cut(end_of(heir.body), raw_end());
            if (!converts && !heir.body.ends_with('\n')) edit_.insert_after(heir.body, "\r\n");
        }
        if (last != 0 || converts)
            replace_content(0, content_fields(last, text.fields));
        else if (plan_.of(0).kind == Kind::relabel)
            relabel(0);
        if (converts)
            edit_.replace(heir.body, std::move(text.body));
        else
            settle_inside(last);
    }

    void settle_inside(std::size_t index)
    {
        const Fate& fate = plan_.of(index);
        if (!fate.changed || fate.opaque) return;
        for (std::size_t nth = 0; nth < fate.children.size(); ++nth) {
            const Fate& child = plan_.of(fate.children[nth]);
            if (child.kind == Kind::remove)
                drop(index, nth);
            else if (child.changed)
                settle(fate.children[nth]);
        }
    }

    /// A part that stays where it is.
    void settle(std::size_t index)
    {
        const Fate& fate = plan_.of(index);
        if (fate.kind == Kind::collapse) {
            const std::size_t heir = plan_.left(index).front();
            cut(part(index).header.data(), part(heir).header.data());
            cut(end_of(part(heir).body), end_of(part(index).body));
            return settle(heir);
        }
        if (fate.kind == Kind::convert) return convert(index);
        if (fate.kind == Kind::relabel) relabel(index);
        settle_inside(index);
    }

    void convert(std::size_t index)
    {
        const Part& own = part(index);
        Converted text = as_text(plan_.of(index).text);
        // The line end before the boundary is the boundary's.
        text.body.resize(text.body.ends_with("\r\n") ? text.body.size() - 2 : text.body.size());
        replace_content(index, content_fields(index, text.fields));
        if (own.gap.empty()) text.body.insert(0, "\r\n");
        edit_.replace(own.body, std::move(text.body));
    }

    void relabel(std::size_t index)
    {
        if (const Field* type = find_field(part(index).fields, "Content-Type"))
            edit_.replace(type->bytes, relabelled(*type, part(index)));
    }

    /// Removes a part with the delimiter line before it, up to the next delimiter line. Of an attached mail: all of it.
    void drop(std::size_t outer, std::size_t nth)
    {
        const auto& children = plan_.of(outer).children;
        const Part& own = part(children[nth]);
        const std::string_view around = part(outer).body;
        const char* end = end_of(own.body);
        if (nth + 1 < children.size())
            end = delimiter_before(part(children[nth + 1]), own);
        else if (end < end_of(around))
            end = past_line_end(end, end_of(around));
        cut(line_before(own.header.data(), around.data()), end);
    }

    const char* delimiter_before(const Part& next, const Part& previous) const
    {
        return line_before(next.header.data(), end_of(previous.body));
    }

    /// Begin of the line that ends at `at`, not before `from`.
    static const char* line_before(const char* at, const char* from)
    {
        const auto ends_line = [](char c) { return c == '\n' || c == '\r'; };
        while (at > from && ends_line(at[-1])) --at;
        while (at > from && !ends_line(at[-1])) --at;
        return at;
    }

    static const char* past_line_end(const char* at, const char* end)
    {
        while (at < end && *at == '\r') ++at;
        return at < end && *at == '\n' ? at + 1 : at;
    }

    const Message& message_;
    const Plan& plan_;
    Edit edit_;
};

}  // namespace

std::string rewrite(const Message& message, const Plan& plan) { return Rewriter{message, plan}.run(); }

}  // namespace majlis::filter_parts
