#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/context.hpp"
#include "core/store/archive.hpp"

/// What the archive's commands share.
namespace majlis::cli {

/// Colours where standard output is a terminal that has them (no NO_COLOR, no TERM=dumb), else nothing.
class Paint {
public:
    Paint();
    std::string bold(std::string_view text) const { return wrap("1", text); }
    std::string dim(std::string_view text) const { return wrap("2", text); }
    std::string mark(std::string_view text) const { return wrap("1;33", text); }
    std::string author(std::string_view text) const { return wrap("36", text); }

private:
    std::string wrap(std::string_view code, std::string_view text) const;
    bool on_;
};

/// "2026-11-22".
std::string day_text(std::int64_t unix_time);
/// What people call its author.
std::string author_text(const store::ArchivedPost& post);
/// Its subject, or what stands for it.
std::string subject_text(const store::ArchivedPost& post);
/// For programs.
Record archived_record(const store::ArchivedPost& post);

/// The post named by its id or its Message-ID; ends the command where there is none.
store::ArchivedPost find_archived(Context& context, std::string_view name);

/// Unix seconds of "2026", "2026-01" or "2026-01-31"; nullopt where the option was not given.
std::optional<std::int64_t> date_option(Context& context, std::string_view option);

/// The list and, with --below, those below it.
std::vector<std::int64_t> lists_asked(Context& context, const store::List& list);

}  // namespace majlis::cli
