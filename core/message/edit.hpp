#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace majlis {

/// Changes to a mail by splicing: what no edit names keeps its bytes. Edits may be added in any order.
class Edit {
public:
    /// `raw` must outlive the edit.
    explicit Edit(std::string_view raw);

    /// `range` is a view into `raw`; replacing by "" removes it. Throws std::out_of_range for a view from elsewhere and
    /// std::logic_error where it overlaps an earlier replacement.
    void replace(std::string_view range, std::string with);
    void remove(std::string_view range) { replace(range, {}); }
    /// Several insertions at one place appear in the order in which they were added.
    void insert_before(std::string_view range, std::string text);
    void insert_after(std::string_view range, std::string text);

    bool empty() const { return splices_.empty(); }
    std::string apply() const;
    /// The same for a piece of the mail alone, e.g. its header: edits outside `range` are ignored.
    std::string apply(std::string_view range) const;

private:
    struct Splice {
        std::size_t begin, end, order;
        std::string text;
    };
    std::size_t offset(std::string_view range) const;
    void add(std::size_t begin, std::size_t end, std::string text);

    std::string_view raw_;
    std::vector<Splice> splices_;  // sorted by begin, insertions before replacements, then by order of arrival
    std::size_t arrivals_ = 0;
};

}  // namespace majlis
