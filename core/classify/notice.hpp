#pragma once

#include "core/classify/recognisers.hpp"

#include <bitset>
#include <cstddef>
#include <set>
#include <string>
#include <string_view>
#include <vector>

/// The words of a failure notice, prepared for the dialects.
namespace majlis::recognise {

/// An address in a line, and where it stands there.
struct Spot {
    std::string address;
    std::size_t begin = 0, end = 0;  // of the address in the line, brackets not counted
};

/// Addresses of a line from left to right, at most `most`; a domain needs a dot unless the address stands in angle brackets.
std::vector<Spot> addresses_in(std::string_view line, std::size_t most = 20);

class Notice {
public:
    static constexpr std::size_t longest = 32 * 1024;  // bytes of own words that are read
    static constexpr std::size_t most_lines = 2'000;

    Notice(const Mail& mail, const OriginalMail& original);
    Notice(const Notice&) = delete;
    Notice& operator=(const Notice&) = delete;

    const Mail& mail() const { return mail_; }
    const OriginalMail& original() const { return original_; }

    /// Lines up to the copy of the returned mail, trimmed, and the same in lower case.
    const std::vector<std::string_view>& lines() const { return lines_; }
    const std::vector<std::string_view>& lower() const { return lower_; }
    /// The same as one text.
    std::string_view all() const { return std::string_view{words_}.substr(0, end_); }
    /// All of it in lower case, each run of white space one space: phrases may be folded anywhere.
    std::string_view flat() const { return flat_; }
    bool says(std::string_view phrase) const { return may_say(phrase) && flat_.find(phrase) != std::string::npos; }

    /// Where a phrase (lower case, single spaces) ends: its last line, and the place in that (trimmed) line behind it.
    struct Place {
        std::size_t line = 0, column = 0;
        std::size_t next = 0;  // where to search on
    };
    std::optional<Place> find(std::string_view phrase, std::size_t from = 0) const;

    /// Whether a recipient may have this address: not the one that the notice was sent to, nor a postmaster's.
    bool may_fail(std::string_view address) const;
    /// From now on whoever the notice was sent to may be a recipient too: for tests to oneself.
    void forgive_involved() { involved_.clear(); }

private:
    bool may_say(std::string_view phrase) const;

    const Mail& mail_;
    const OriginalMail& original_;
    std::string words_, lowered_, flat_;
    std::size_t end_ = 0;  // of the notice's own words
    std::vector<std::string_view> lines_, lower_;
    std::vector<std::size_t> flat_begin_;  // of each line
    std::set<std::string> involved_;
    std::bitset<64 * 1024> grams_;  // which four bytes stand together anywhere: most phrases need not be searched
};

/// The readable words of a mail's own text parts, UTF-8, at most Notice::longest; HTML only where plain text names nobody.
std::string own_words(const Mail& mail);

/// A field or a rule ("--- Original message ---") that begins the copy of the returned mail.
bool begins_copy(std::string_view line);

}  // namespace majlis::recognise
