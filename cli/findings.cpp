#include "cli/findings.hpp"

#include <fmt/format.h>

#include <ostream>

#include "core/text/printable.hpp"

namespace majlis::cli {
namespace {

constexpr std::size_t longest_message = 1'000;  // bytes; it may hold what a server said

std::string_view word(Grade grade) { return grade == Grade::ok ? "ok" : grade == Grade::warning ? "warning" : "error"; }

}  // namespace

void Findings::add(Grade grade, const std::string& about, const std::string& message)
{
    if (grade == Grade::warning) ++warnings_;
    if (grade == Grade::error) ++errors_;
    const std::string safe = text::printable(message, longest_message);
    if (format_ == Format::json)
        all_.emplace_back(Record{{"grade", word(grade)}, {"about", about}, {"message", safe}});
    else
        out_ << fmt::format("{:<9}{}: {}\n", word(grade), text::printable(about, longest_message), safe) << std::flush;
}

bool Findings::finish()
{
    if (format_ == Format::text) {
        out_ << counted(static_cast<std::int64_t>(errors_), "error") << ", "
             << counted(static_cast<std::int64_t>(warnings_), "warning") << '\n';
        return errors_ == 0;
    }
    Table table{out_, Format::json, ""};
    for (const Value& finding : all_) table.add(std::get<Record>(finding.as));
    table.finish();
    return errors_ == 0;
}

}  // namespace majlis::cli
