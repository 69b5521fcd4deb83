#pragma once
#include "core/config/config.hpp"
#include "core/judge/judge.hpp"

namespace majlis {

/// What of a configuration the judging of mail depends on.
JudgeContext judge_context(const Config& config);

}  // namespace majlis
