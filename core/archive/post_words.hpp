#pragma once
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "core/message/message.hpp"

/// What the archive takes out of a mail.
namespace majlis::archive {

constexpr std::size_t indexed_bytes = 256 * 1024;    ///< of folded text in one column
constexpr std::size_t read_bytes = 4 * 1024 * 1024;  ///< of a mail that is looked through for words; files behind are not counted

/// Folded words, a column each.
struct PostWords {
    std::string subject, author, files, body, quoted;
    std::size_t attachments = 0;
};
PostWords post_words(const Message& message);

/// Text as somebody wrote it, and what he quotes: lines that begin with '>', and all below "-----Original Message-----".
struct SplitText {
    std::string own, quoted;
};
SplitText split_quotes(std::string_view text);

/// The Message-IDs above a mail, the oldest first: of References, else of In-Reply-To. At most 11: the first and the last ten.
std::vector<std::string> references_of(const Message& message);

/// The parts with a file name, and attached mails.
std::vector<const Part*> attachments_of(const Message& message);

}  // namespace majlis::archive
