#include "core/filter/plan.hpp"

#include "core/message/html_text.hpp"
#include "core/text/ascii.hpp"

#include <algorithm>
#include <utility>

namespace majlis::filter_parts {
namespace {

using Kind = Fate::Kind;
using Why = RemovedPart::Why;

constexpr std::size_t most_html_bytes = std::size_t{8} << 20;  ///< of one part that is turned into text; a larger one is removed

/// The scanner gave up somewhere: what is there is not known part by part.
bool beyond_limits(const Message& message)
{
    const ScanLimits limits;
    std::size_t fields = 0;
    for (const Part& part : message.parts) {
        fields += part.fields.size();
        if (part.depth >= limits.depth && (part.is_multipart() || part.is_message())) return true;
        if (part.fields.size() >= limits.fields || part.header.size() >= limits.header_bytes) return true;
        const auto cut = [&](const Field& field) {
            return field.body.size() >= limits.field_bytes && text::starts_with_nocase(field.name, "content-");
        };
        if (std::ranges::any_of(part.fields, cut)) return true;
    }
    return message.parts.size() >= limits.parts || fields >= limits.total_fields;
}

bool is_blank(const Part& part) { return text::trim(part.body).empty(); }

class Planner {
public:
    Planner(const Message& message, const FilterSettings& settings) : message_{message}, settings_{settings}
    {
        plan_.fates.resize(message.parts.size());
        roles_.resize(message.parts.size(), Role::attachment);
    }

    Plan make()
    {
        if (beyond_limits(message_)) return nothing_known();
        describe();
        if (settings_.attachments.mode != Attachments::Mode::all) ask_attachments();
        if (settings_.html != Html::keep) ask_html();
        settle();
        plan_.nothing_left = fate(0).kind == Kind::remove || (fate(0).changed && only_blank_text());
        std::ranges::sort(found_, {}, [](const auto& one) { return one.first; });
        for (auto& [index, part] : found_) plan_.removed.push_back(std::move(part));
        return std::move(plan_);
    }

private:
    const Part& part(std::size_t index) const { return message_.parts[index]; }
    Fate& fate(std::size_t index) { return plan_.fates[index]; }
    std::size_t parent(std::size_t index) const { return static_cast<std::size_t>(part(index).parent); }

    Plan nothing_known()
    {
        note(0, Why::unreadable, {});
        fate(0).kind = Kind::remove;
        fate(0).changed = true;
        plan_.nothing_left = true;
        plan_.removed.push_back(std::move(found_.front().second));
        return std::move(plan_);
    }

    void describe()
    {
        for (std::size_t i = 0; i < message_.parts.size(); ++i) {
            const Part& one = part(i);
            bool signs = false;
            if (i > 0) {
                Fate& outer = fate(parent(i));
                signs = part(parent(i)).is("multipart", "signed") && !outer.children.empty();
                outer.children.push_back(i);
                fate(i).opaque = outer.opaque;
                fate(i).in_attachment = outer.in_attachment || part(parent(i)).is_message();
            }
            roles_[i] = signs ? Role::signature : role_of(one);
            if (one.is("multipart", "encrypted") && one.divided) fate(i).opaque = true, roles_[i] = Role::attachment;
        }
    }

    static Role role_of(const Part& one)
    {
        if (one.divided && one.is_multipart()) return Role::container;
        const bool reads = one.is("text", "plain") || is_html(one) || one.is_multipart();
        return reads && !one.divided && one.disposition != "attachment" && one.name.empty() ? Role::text : Role::attachment;
    }

    /// Whether something that encloses it goes, so that nobody need look at it; or can be looked into by nobody.
    bool is_settled(std::size_t index)
    {
        if (index == 0) return false;
        const Fate& outer = fate(parent(index));
        return outer.kind == Kind::remove || outer.opaque;
    }

    void note(std::size_t index, Why why, std::string entry)
    {
        const Part& one = part(index);
        RemovedPart removed;
        removed.type = one.type + "/" + one.subtype;
        removed.name = one.name;
        // Lines of 76 characters stand for 57 bytes.
        const std::size_t size = one.encoding == Encoding::base64 ? one.body.size() * 57 / 78 : one.body.size();
        removed.size = static_cast<std::int64_t>(size);
        removed.why = why;
        removed.entry = std::move(entry);
        removed.missed = why != Why::signature;
        found_.emplace_back(index, std::move(removed));
    }

    void remove(std::size_t index, Why why, std::string entry)
    {
        note(index, why, std::move(entry));
        fate(index).kind = Kind::remove;
    }

    void ask_attachments()
    {
        for (std::size_t i = 0; i < message_.parts.size(); ++i) {
            if (is_settled(i)) {
                fate(i).kind = fate(parent(i)).kind == Kind::remove ? Kind::remove : Kind::keep;
                continue;
            }
            if (auto against = objection(part(i), roles_[i], settings_.attachments))
                remove(i, against->why, std::move(against->entry));
        }
    }

    void ask_html()
    {
        find_texts();
        for (std::size_t i = 0; i < message_.parts.size(); ++i) {
            const Part& one = part(i);
            if (fate(i).kind == Kind::remove || is_settled(i) || !is_html(one) || one.divided) continue;
            if (one.disposition == "attachment" || roles_[i] == Role::signature) continue;
            if (text_covers_[i] != 0) {
                remove(i, Why::html, {});
                found_.back().second.missed = false;
            } else if (settings_.html == Html::remove || one.is("text", "x-amp-html") || one.body.size() > most_html_bytes) {
                remove(i, Why::html, {});
            } else {
                convert(i);
            }
        }
    }

    void convert(std::size_t index)
    {
        fate(index).text = html_to_text(part_text(part(index)), HtmlLinks::show);
        fate(index).kind = Kind::convert;
        fate(index).changed = true;
    }

    /// Marks what stands behind a text of the same multipart/alternative, at any depth below it, attached mails apart.
    void find_texts()
    {
        text_covers_.assign(message_.parts.size(), 0);
        std::vector<char> has_text(message_.parts.size(), 0);
        for (std::size_t i = message_.parts.size(); i-- > 1;) {
            const Part& one = part(i);
            if (fate(i).kind == Kind::remove || fate(i).opaque || one.is_message()) continue;
            const bool text = one.is("text", "plain") && roles_[i] == Role::text && !is_blank(one);
            if (text || has_text[i] != 0) has_text[parent(i)] = has_text[i] = 1;
        }
        for (std::size_t i = 1; i < message_.parts.size(); ++i) {
            const std::size_t outer = parent(i);
            if (!part(outer).is_message()) text_covers_[i] = text_covers_[outer];
            if (!part(outer).is("multipart", "alternative") || has_text[i] != 0) continue;
            const auto& siblings = fate(outer).children;
            if (std::ranges::any_of(siblings, [&](std::size_t s) { return has_text[s] != 0; })) text_covers_[i] = 1;
        }
    }

    /// From the leaves up: what became of the parts decides about what holds them.
    void settle()
    {
        std::vector<char> lost_text(message_.parts.size(), 0), has_text(message_.parts.size(), 0);
        for (std::size_t i = message_.parts.size(); i-- > 0;) {
            if (fate(i).kind == Kind::keep && part(i).divided && !fate(i).opaque) settle_container(i, lost_text, has_text);
            const bool gone = fate(i).kind == Kind::remove;
            if (gone) fate(i).changed = true;
            if (!part(i).divided && part(i).type == "text" && roles_[i] == Role::text) (gone ? lost_text : has_text)[i] = 1;
            if (is_html(part(i)) && gone) lost_text[i] = 1;
            if (i == 0) break;
            const std::size_t outer = parent(i);
            if (fate(i).changed) fate(outer).changed = true;
            if (lost_text[i] != 0) lost_text[outer] = 1;
            if (has_text[i] != 0 && !gone) has_text[outer] = 1;
        }
    }

    void settle_container(std::size_t index, const std::vector<char>& lost_text, const std::vector<char>& has_text)
    {
        Fate& own = fate(index);
        if (!own.changed) return;
        if (part(index).is("multipart", "signed")) drop_signatures(index);
        const auto left = plan_.left(index);
        if (left.empty()) {
            own.kind = Kind::remove;
            return;
        }
        const bool other = left.size() < own.children.size() || fate(left.front()).kind == Kind::convert;
        if (left.size() == 1 && other && part(index).is_multipart() && may_collapse(index)) {
            own.kind = Kind::collapse;
            return;
        }
        if (left.size() < 2) return;
        const auto bereft = [&](std::size_t child) { return lost_text[child] != 0 && has_text[child] == 0; };
        if (part(index).is("multipart", "alternative") && std::ranges::any_of(left, bereft)) own.kind = Kind::relabel;
        const std::size_t first = own.children.front();
        if (part(index).is("multipart", "related") && (fate(first).kind == Kind::remove || fate(first).kind == Kind::convert))
            own.kind = Kind::relabel;
    }

    /// In a digest a part without a type is a mail; the same bytes elsewhere would be text.
    bool may_collapse(std::size_t index) const
    {
        return !part(index).is("multipart", "digest") && (index == 0 || !part(parent(index)).is("multipart", "digest"));
    }

    void drop_signatures(std::size_t index)
    {
        const auto& children = fate(index).children;
        if (!fate(children.front()).changed) return;
        for (std::size_t i = 1; i < children.size(); ++i)
            if (fate(children[i]).kind != Kind::remove) remove(children[i], Why::signature, {});
    }

    /// Nothing but text without a word is left.
    bool only_blank_text()
    {
        for (std::size_t i = 0; i < message_.parts.size(); ++i) {
            const Part& one = part(i);
            if (fate(i).kind == Kind::remove || (i > 0 && removed_above(i))) continue;
            if (fate(i).kind == Kind::convert) {
                if (!text::trim(fate(i).text).empty()) return false;
            } else if (fate(i).opaque || (!one.divided && (roles_[i] != Role::text || !is_blank(one)))) {
                return false;
            }
        }
        return true;
    }

    /// A part whose container went without having been named: it goes too.
    bool removed_above(std::size_t index)
    {
        if (fate(parent(index)).kind != Kind::remove) return false;
        fate(index).kind = Kind::remove;
        return true;
    }

    const Message& message_;
    const FilterSettings& settings_;
    Plan plan_;
    std::vector<Role> roles_;
    std::vector<char> text_covers_;
    std::vector<std::pair<std::size_t, RemovedPart>> found_;  // by index of the part
};

}  // namespace

std::vector<std::size_t> Plan::left(std::size_t part) const
{
    std::vector<std::size_t> out;
    for (const std::size_t child : fates[part].children)
        if (fates[child].kind != Fate::Kind::remove) out.push_back(child);
    return out;
}

Plan make_plan(const Message& message, const FilterSettings& settings) { return Planner{message, settings}.make(); }

}  // namespace majlis::filter_parts
