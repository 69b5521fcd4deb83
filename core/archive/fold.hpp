#pragma once
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

/// Words as the index keeps them and as queries ask for them, so that accents, the ways to
/// write a hamza and vowel marks make no difference, and 3lach stays one word.
namespace majlis::archive {

/// Raised whenever the same text gives other words than before: what was indexed under another number is read again.
constexpr int words_version = 1;

constexpr std::size_t longest_word = 60;  ///< bytes, folded; what is longer is cut

/// Folded words in their order: lower case, without accents, tashkeel and tatweel; hamza forms, alef, ya and ta marbuta made one;
/// the Arabic article taken off; digits as ASCII, and left within words (Darija's 3, 7, 9). Everything else separates. Linear;
/// invalid UTF-8 separates.
std::vector<std::string> fold_words(std::string_view utf8);

/// The same, joined by single spaces; stops after `max_bytes`.
std::string fold_text(std::string_view utf8, std::size_t max_bytes);

/// A word within a text: its folded form and the bytes that it was read from.
struct FoundWord {
    std::string folded;
    std::size_t begin = 0, end = 0;
};
/// The next word at or after `from`; folded is "" at the end.
FoundWord next_word(std::string_view utf8, std::size_t from);

}  // namespace majlis::archive
