#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace majlis::html {

enum class Direction { unknown, left_to_right, right_to_left };

/// Lines of text out of blocks: collapses white space, quotes with "> ", indents lists, keeps paragraphs apart.
class Lines {
public:
    /// A byte of text; white space collapses, unless inside keep_spaces.
    void put(char c);
    void put(std::string_view text)
    {
        for (const char c : text) put(c);
    }
    /// Ends the line; `gap`: an empty line is to stand before the next one.
    enum class Gap { none, line };
    void end_line(Gap gap = Gap::none);
    /// What follows is another cell of the same row.
    void next_cell();

    void open_quote() { ++quotes_; }
    void close_quote() { quotes_ -= quotes_ > 0 ? 1 : 0; }
    /// A list whose items are numbered or, with `unnumbered`, have a hyphen.
    enum class Items { unnumbered, numbered };
    void open_list(Items items);
    void close_list();
    void open_item();

    void keep_spaces(int change) { spaces_ = spaces_ + change < 0 ? 0 : spaces_ + change; }
    void set_direction(Direction direction) { direction_ = direction; }
    bool in_list() const { return !lists_.empty(); }

    std::string finish();

private:
    struct List {
        Items items;
        std::size_t count = 0;
    };
    std::string prefix(std::size_t quotes) const;
    void write_line();

    std::string out_, line_, marker_;
    std::vector<List> lists_;
    std::size_t deeper_lists_ = 0;  // beyond the limit: counted only
    std::size_t quotes_ = 0, quotes_before_ = 0;
    int spaces_ = 0;
    bool gap_ = false, space_ = false, cell_ = false;
    Direction direction_ = Direction::unknown;
};

}  // namespace majlis::html
