#pragma once

#include <string>
#include <string_view>

namespace majlis::moderation {

/// HTML (UTF-8) without what it quotes: blockquotes, and the containers in which mail programs put an original (gmail_quote,
/// yahoo_quoted, protonmail_quote, Outlook's divRplyFwdMsg and what follows it ...). Each leaves a line "> ", so that what
/// stands behind it is told from it. Linear.
std::string without_html_quotes(std::string_view html);

}  // namespace majlis::moderation
