#pragma once

#include "core/message/message.hpp"
#include "core/policy/rules.hpp"

#include <string>

/// Mail for the list manager that was sent to the list's readers by mistake.
namespace majlis {

/// A command for majlis, in French, Arabic or English: the Subject is one and nothing else, or a line of the first ten that are
/// not blank in the first text/plain part. A command counts with as many arguments as it takes, so that "help me with this" is
/// none. "Approved: secret" as the first line, or an Approve or Approved field, is one too: other managers take passwords there.
Mistake command_by_mistake(const Message& message);

/// What shows that the mail answers a whole digest, of ours in French, Arabic or English or of another manager: its Subject; a
/// digest's Subject in the header of a mail quoted below; or the rule below the preamble, quoted (RFC 1153). "" where nothing
/// does.
std::string quoted_digest(const Message& message);

}  // namespace majlis
