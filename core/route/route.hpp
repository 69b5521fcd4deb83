#pragma once

#include "core/message/message.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Which lists a mail is for, and what it asks of them. Addresses are compared by Address::key().
namespace majlis {

enum class Command { post, subscribe, subscribe_digest, unsubscribe, confirm, help, request, owner, moderate, bounce, report };
std::string_view command_name(Command command);

struct Target {
    std::int64_t list_id = 0;
    Command command = Command::post;
    std::string token;    ///< lower case; of confirm, moderate, bounce and unsubscribe
    bool by_tag = false;  ///< found by a tag in the Subject: the mail names the list there, not in To or Cc
    friend bool operator==(const Target&, const Target&) = default;
};

/// The list whose own address has this key.
using FindList = std::function<std::optional<std::int64_t>(std::string_view address_key)>;

/// For mailboxes with one address only: the list of this (lower-case) name, asked with the tag of "[rabat] ..." in the Subject if
/// nothing else matched. `own_address` tells the addresses of our mailboxes; without it (or without a match) no tag is read.
struct SubjectTags {
    std::function<std::optional<std::int64_t>(std::string_view list_name)> find;
    std::function<bool(std::string_view address_key)> own_address;
};

/// The list of a confirm or moderate token (Target::command, Target::token) that we sent and that was not used yet.
using FindToken = std::function<std::optional<std::int64_t>(const Target& token)>;

/// Whether we ever sent the token of this bounce, confirm or moderate address, used or not; false where it has none.
using IsOurs = std::function<bool(const Target& token)>;

/// Every list that the mail was delivered to (fields that the provider adds) or names in To, Cc, Resent-To and Resent-Cc; each
/// (list, command) once, in that order. A mail delivered to a bounce, confirm or moderation address is that alone; so is one
/// whose Subject, In-Reply-To or References hold a token that `find_token` knows, for providers that drop sub-addresses. A token
/// address that `is_ours` does not know counts only where the mail is for nothing else: who puts one into Cc must not take the
/// answers of everybody away from the list.
std::vector<Target> route(const Message& message, const FindList& find, const SubjectTags& tags = {},
                          const FindToken& find_token = {}, const IsOurs& is_ours = {});

/// One address: exact list, else the longest list before "+command" or "-command".
std::optional<Target> route_address(std::string_view address_key, const FindList& find);

/// Whether this list's address stands in To, Cc, Resent-To or Resent-Cc.
bool names_list(const Message& message, std::string_view list_address_key);

/// Tokens of ours ("confirm-TOKEN", "mod-TOKEN", "bounce-TOKEN", also after '+') in Subject, In-Reply-To and References, for
/// providers that drop sub-addresses; list_id is 0. Subject first; at most 20.
std::vector<Target> tokens_in_replies(const Message& message);

}  // namespace majlis
