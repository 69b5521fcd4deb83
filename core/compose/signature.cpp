#include "core/compose/signature.hpp"

#include <algorithm>
#include <unordered_map>

#include "core/text/ascii.hpp"
#include "core/text/printable.hpp"

namespace majlis::compose {
namespace {

constexpr std::size_t max_signatures = 10;
constexpr std::size_t max_names = 500;  // in h= of one signature

/// Fields by lower-case name, in the order of the mail.
using ByName = std::unordered_map<std::string, std::vector<const Field*>>;

ByName by_name(const std::vector<Field>& fields)
{
    ByName out;
    for (const Field& field : fields) out[text::lowered(field.name)].push_back(&field);
    return out;
}

std::string without_space(std::string_view value)
{
    std::string out;
    for (const char c : value) {
        if (!text::is_space(c)) out += text::lower(c);
    }
    return out;
}

/// The value of a tag of a DKIM-Signature, in lower case and without white space; "" where there is none.
std::string tag(std::string_view body, std::string_view name)
{
    while (!body.empty()) {
        const std::string_view one = body.substr(0, body.find(';'));
        body.remove_prefix(std::min(one.size() + 1, body.size()));
        const std::size_t equals = one.find('=');
        if (equals != std::string_view::npos && without_space(one.substr(0, equals)) == name)
            return without_space(one.substr(equals + 1));
    }
    return {};
}

std::vector<std::string> names_in(std::string_view list)
{
    std::vector<std::string> out;
    while (!list.empty() && out.size() < max_names) {
        const std::string_view one = list.substr(0, list.find(':'));
        list.remove_prefix(std::min(one.size() + 1, list.size()));
        if (!one.empty()) out.emplace_back(one);
    }
    return out;
}

/// The field that the `nth` naming of a name in h= stands for, counted from 0; nullptr where there is none so far up.
const Field* covered(const ByName& fields, const std::string& name, std::size_t nth)
{
    const auto found = fields.find(name);
    if (found == fields.end() || nth >= found->second.size()) return nullptr;
    return found->second[found->second.size() - 1 - nth];
}

std::string_view without_end(std::string_view text)
{
    while (text.ends_with('\n') || text.ends_with('\r')) text.remove_suffix(1);
    return text;
}

bool same(const Field* before, const Field* after)
{
    if (!before || !after) return before == after;
    return without_end(before->bytes) == without_end(after->bytes);
}

/// What of the signed fields is no longer what was signed; "" where all is.
std::string changed_field(const std::vector<std::string>& names, const ByName& before, const ByName& after)
{
    std::unordered_map<std::string, std::size_t> seen;
    for (const std::string& name : names) {
        const std::size_t nth = seen[name]++;
        const Field* was = covered(before, name, nth);
        const Field* is = covered(after, name, nth);
        if (!same(was, is)) return text::printable(was ? was->name : is->name, 60);
    }
    return {};
}

bool still_there(const Field& signature, const ByName& after)
{
    const auto found = after.find("dkim-signature");
    if (found == after.end()) return false;
    return std::ranges::any_of(found->second, [&](const Field* field) { return same(&signature, field); });
}

}  // namespace

Standing author_signature(const Signed& before, const Signed& after, std::string_view author_domain,
                          const PublicSuffixes& suffixes)
{
    Standing standing;
    const ByName old_fields = by_name(before.fields), new_fields = by_name(after.fields);
    const bool same_body = without_end(before.body) == without_end(after.body);
    std::size_t looked_at = 0;
    for (const Field* field : find_fields(before.fields, "DKIM-Signature")) {
        if (++looked_at > max_signatures) break;
        const std::vector<std::string> names = names_in(tag(field->body, "h"));
        const bool covers_from = std::ranges::find(names, "from") != names.end();
        if (!covers_from || !suffixes.same_organisation(tag(field->body, "d"), author_domain)) continue;
        standing.kind = Standing::Kind::broken;
        standing.changed = same_body ? changed_field(names, old_fields, new_fields) : "the body";
        if (standing.changed.empty() && !still_there(*field, new_fields)) standing.changed = "DKIM-Signature";
        if (standing.changed.empty()) return {Standing::Kind::stands, {}};
    }
    return standing;
}

}  // namespace majlis::compose
