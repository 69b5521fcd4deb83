#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/address/address.hpp"
#include "core/compose/post_copy.hpp"

namespace majlis::compose {

/// Who wrote, and who is to be answered: the fields that replace the author's own. nullopt: the author's stays as it is.
struct Authorship {
    std::optional<std::string> from;      ///< whole field
    std::optional<std::string> reply_to;  ///< whole field
    std::optional<Mailbox> also_cc;       ///< the author, where From and Reply-To no longer lead to him
    bool rewritten = false;               ///< From is the list's, or the relay's account
};

/// The one author: of From, where it names one; else who intake knows that posted; else the first of several. An empty name, or
/// one that shows an address, is replaced by the recorded one.
Mailbox author_mailbox(const std::vector<Field>& fields, const CopyOptions& options);

/// From and Reply-To under the list's policy, `options.account_from` and `From::rewrite` (or wrap).
Authorship authorship(const std::vector<Field>& fields, const ListFace& face, const CopyOptions& options);

/// Mailboxes with an address, of every field of this name; at most 1,000.
std::vector<Mailbox> mailboxes_of(const std::vector<Field>& fields, std::string_view name);

}  // namespace majlis::compose
