#pragma once

#include "core/message/message.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

/// Facts that stand in the mail itself; the others come from the database.
namespace majlis {

/// How our own mail of one list is known.
struct LoopSignature {
    std::string_view address_key;  ///< Address::key() of the list
    std::string_view list_id;      ///< RFC 2919, without brackets
    std::function<bool(std::string_view message_id)> our_message_id =
        {};  ///< whether majlis made this Message-ID for a mail of its own
};

constexpr std::size_t max_received = 100;  ///< RFC 5321, 6.3

/// Why this mail has been through this list before: its List-Id, X-Loop or X-BeenThere with its address, a Message-ID of our own,
/// or too many Received fields. Empty where it has not.
std::vector<std::string> loop_marks(const Message& message, const LoopSignature& list);

/// Different addresses in To and Cc.
std::int64_t count_recipients(const Message& message);

/// Address of the first usable mailbox in From, else Sender, else Reply-To; "" where there is none. `list_address_key` is no
/// sender.
std::string usable_sender(const Message& message, std::string_view list_address_key = {});

constexpr std::size_t max_senders = 20;

/// Keys of all addresses in From; where it has no usable one, of usable_sender(). Each once, at most max_senders.
/// `list_address_key` is no sender.
std::vector<std::string> sender_keys(const Message& message, std::string_view list_address_key = {});

}  // namespace majlis
