#pragma once

#include <string>
#include <string_view>

namespace majlis::commands {

/// What spellings of one word share: lower case, no accents, vowel marks, hamzas, stretching or invisible marks, ASCII digits and
/// quotes, single spaces; Arabic ta marbuta as ha and alef maksura as ya.
std::string folded(std::string_view utf8);

}  // namespace majlis::commands
