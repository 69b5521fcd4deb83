#pragma once

#include <string>

#include "core/digest/outline.hpp"

/// One post as its reader sees it: its header, its text, and what he may do with it.
namespace majlis::digest {

/// Words of our own that come with each post, in the reader's language.
struct Words {
    std::string files, get, answer_list, answer_author, no_text, cut, left_out;
};
Words words_of(const Issue& issue);

/// Header of an attached mail (RFC 5322): ASCII, folded, complete lines. Reply-To by the policy of its list.
std::string mail_fields(const Post& post, const Section& section);

/// Header in a text (RFC 1153): the fields that it keeps, in its order, decoded.
std::string text_fields(const Post& post);

/// Where it stands in the issue; its text; its attachments; links to get the whole and to answer it. CRLF line ends.
std::string post_body(const Thread& thread, std::size_t index, const Issue& issue, const Words& words);

/// RFC 6068: a new mail that answers the post, on the list, or its author's where only moderators write to the list; "" where
/// there is nobody to answer.
std::string answer_url(const Post& post, const Section& section);

/// RFC 6068: a mail to LIST+request@ that asks for the whole post; "" for a post without a Message-ID.
std::string get_url(const Post& post, const Section& section);

}  // namespace majlis::digest
