#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/moderation/answer.hpp"

namespace majlis::moderation {

struct CommandWord {
    Answer::Wish wish = Answer::Wish::unclear;
    std::string rest;  ///< of the line, as written
};
/// The first word of a line as written, in English, French or Arabic, whatever stands around it ("*Reject:*"). nullopt: none of
/// ours.
std::optional<CommandWord> command_word(std::string_view line);

/// Of a line in plain_form(): whether it begins with a word that does something other than approve.
bool begins_with_command(std::string_view plain_line);

}  // namespace majlis::moderation
