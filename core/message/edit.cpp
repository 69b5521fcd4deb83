#include "core/message/edit.hpp"

#include <algorithm>
#include <functional>
#include <stdexcept>

namespace majlis {

Edit::Edit(std::string_view raw) : raw_{raw} {}

std::size_t Edit::offset(std::string_view range) const
{
    const std::less<const char*> before;
    const char* const end = raw_.data() + raw_.size();
    if (before(range.data(), raw_.data()) || before(end, range.data() + range.size()))
        throw std::out_of_range{"an edit of bytes outside the mail"};
    return static_cast<std::size_t>(range.data() - raw_.data());
}

void Edit::replace(std::string_view range, std::string with)
{
    const std::size_t begin = offset(range);
    add(begin, begin + range.size(), std::move(with));
}

void Edit::insert_before(std::string_view range, std::string text)
{
    const std::size_t at = offset(range);
    add(at, at, std::move(text));
}

void Edit::insert_after(std::string_view range, std::string text)
{
    const std::size_t at = offset(range) + range.size();
    add(at, at, std::move(text));
}

void Edit::add(std::size_t begin, std::size_t end, std::string text)
{
    const Splice splice{begin, end, arrivals_++, std::move(text)};
    const auto earlier = [](const Splice& a, const Splice& b) {
        if (a.begin != b.begin) return a.begin < b.begin;
        const bool a_inserts = a.begin == a.end, b_inserts = b.begin == b.end;
        return a_inserts != b_inserts ? a_inserts : a.order < b.order;
    };
    const auto at = std::upper_bound(splices_.begin(), splices_.end(), splice, earlier);
    // Splices never overlap, so only the neighbours can reach into this one.
    const bool before = at != splices_.begin() && std::prev(at)->end > begin;
    const bool behind = at != splices_.end() && at->begin < end;
    if (before || behind) throw std::logic_error{"two edits of the same bytes"};
    splices_.insert(at, splice);
}

std::string Edit::apply() const { return apply(raw_); }

std::string Edit::apply(std::string_view range) const
{
    const std::size_t first = offset(range), last = first + range.size();
    std::string out;
    out.reserve(range.size() + 1024);
    std::size_t at = first;
    for (const Splice& splice : splices_) {
        if (splice.begin < first || splice.end > last) continue;
        out.append(raw_.substr(at, splice.begin - at)).append(splice.text);
        at = splice.end;
    }
    return out.append(raw_.substr(at, last - at));
}

}  // namespace majlis
