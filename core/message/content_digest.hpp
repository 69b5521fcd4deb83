#pragma once

#include "core/message/message.hpp"
#include "core/token/sha256.hpp"

#include <string>

namespace majlis {

/// What makes two mails one post: SHA-256 over From, Subject, Date and the decoded content of every part. Line ends, trailing
/// white space, refolding, another transfer encoding and fields that servers add do not change it.
token::Digest content_digest(const Message& message);

/// The Message-ID of a mail, or one made of its digest ("<hex>@<domain>") where it has none: the same bytes give the same id.
std::string message_id_or_digest(const Message& message, std::string_view domain);

}  // namespace majlis
