#pragma once
#include "core/judge/judge.hpp"

namespace majlis {

/// What the rules ask about one mail on one list: from the mail, the database and the configuration. Reads only.
Facts gather_facts(store::Database& db, const ReadMail& mail, const Target& target, const store::List& list,
                   const Settings& settings, store::Junk junk, const JudgeContext& context, std::int64_t arrived_at);

}  // namespace majlis
