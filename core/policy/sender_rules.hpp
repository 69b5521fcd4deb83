#pragma once

#include "core/policy/rules.hpp"

/// The rules about who sends, one function each; nobody but rules.cpp includes it.
namespace majlis::rules {

/// A rejection is told to the sender. Where he may not be the one who wrote (proven forged, or found in a junk folder) the post
/// is held instead: no notice goes to somebody whose name was abused.
Verdict refuse(const Facts& facts);

std::optional<Verdict> banned(const Facts& facts);
std::optional<Verdict> allowed(const Facts& facts);
std::optional<Verdict> moderated_member(const Facts& facts);
std::optional<Verdict> stranger_discarded(const Facts& facts);
std::optional<Verdict> stranger_rejected(const Facts& facts);
std::optional<Verdict> stranger(const Facts& facts);
std::optional<Verdict> forged(const Facts& facts);
std::optional<Verdict> unproven(const Facts& facts);
std::optional<Verdict> moderated(const Facts& facts);
std::optional<Verdict> moderators_only(const Facts& facts);
std::optional<Verdict> first_posts(const Facts& facts);

Values of_sender(const Facts& facts);
Values of_ban(const Facts& facts);
Values of_permission(const Facts& facts);
Values of_member(const Facts& facts);
Values of_proof(const Facts& facts);
Values of_first_posts(const Facts& facts);

}  // namespace majlis::rules
