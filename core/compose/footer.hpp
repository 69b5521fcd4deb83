#pragma once

#include <optional>
#include <string>

#include "core/compose/post_copy.hpp"
#include "core/compose/transfer.hpp"

namespace majlis::compose {

/// What stands at the end of a copy: `note` (UTF-8, of this post), then the list's footer with its placeholders filled; CRLF line
/// ends, and a line end; empty where there is none to add.
std::string footer_text(const ListFace& face, std::string_view note = {});

/// A text/plain body with the footer behind it, in its own charset and transfer encoding.
struct FooteredText {
    std::string body;
    std::string encoding;      ///< the new Content-Transfer-Encoding; empty: as it was
    std::string content_type;  ///< the new body of Content-Type; empty: as it was
};
/// nullopt where the footer cannot stand there: other types, attachments, unknown encodings, a charset that cannot hold it.
std::optional<FooteredText> append_footer(const Part& root, const std::string& footer);

/// Adds the footer as a text part at the end of a multipart/mixed. False where its end is not found.
bool insert_footer(Edit& edit, const Message& message, const std::string& footer);

/// "Content-Type: text/plain ..." with the footer: a body part without the boundary before it; ends with CRLF.
std::string footer_part(const std::string& footer);

/// A boundary that does not occur in `body`; the same for the same body.
std::string boundary_for(std::string_view body);

}  // namespace majlis::compose
