#include "core/archive/mbox.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <istream>

#include "core/text/ascii.hpp"
#include "core/text/date.hpp"

namespace majlis::archive {
namespace {

constexpr std::size_t block_bytes = 64 * 1024;

/// Lines ">From ", ">>From " and so on, and "From " itself.
bool is_from_quoted(std::string_view line)
{
    const auto text = line.find_first_not_of('>');
    return text != std::string_view::npos && line.substr(text).starts_with("From ");
}

bool is_empty_line(std::string_view line) { return line == "\n" || line == "\r\n"; }

/// "Name:", as RFC 5322 has it.
bool begins_field(std::string_view text)
{
    const auto colon = text.find(':');
    return colon != std::string_view::npos && colon > 0 &&
           std::ranges::all_of(text.substr(0, colon), [](char c) { return c > ' ' && c < 0x7f; });
}

std::string asctime_utc(std::int64_t unix_time)
{
    using namespace std::chrono;
    static constexpr std::array<const char*, 7> weekdays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static constexpr std::array<const char*, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                        "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const sys_seconds time{seconds{unix_time}};
    const auto day = floor<days>(time);
    const year_month_day date{day};
    const hh_mm_ss clock{time - day};
    std::array<char, 64> text{};
    std::snprintf(text.data(), text.size(), "%s %s %2u %02d:%02d:%02d %d", weekdays.at(weekday{day}.c_encoding()),
                  months.at(static_cast<unsigned>(date.month()) - 1), static_cast<unsigned>(date.day()),
                  static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                  static_cast<int>(clock.seconds().count()), static_cast<int>(date.year()));
    return text.data();
}

}  // namespace

std::string unix_lines(std::string_view raw)
{
    std::string out;
    out.reserve(raw.size() + 1);
    for (std::size_t at = 0; at < raw.size();) {
        const auto end = raw.find('\n', at);
        auto line = raw.substr(at, end == std::string_view::npos ? std::string_view::npos : end - at);
        at = end == std::string_view::npos ? raw.size() : end + 1;
        while (line.ends_with('\r')) line.remove_suffix(1);
        out.append(line) += '\n';
    }
    return out;
}

std::string mbox_entry(std::string_view raw, std::string_view sender, std::int64_t received_at)
{
    std::string out = "From ";
    for (const char c : sender.empty() ? std::string_view{"MAILER-DAEMON"} : sender)
        if (!text::is_space(c) && !text::is_control(c)) out += c;
    out.append(" ").append(asctime_utc(received_at)) += '\n';
    const auto lines = unix_lines(raw);
    out.reserve(out.size() + lines.size() + 64);
    for (std::size_t at = 0; at < lines.size();) {
        const auto end = lines.find('\n', at) + 1;
        const auto line = std::string_view{lines}.substr(at, end - at);
        if (is_from_quoted(line)) out += '>';
        out += line;
        at = end;
    }
    return out += '\n';
}

std::optional<std::int64_t> mbox_line_time(std::string_view line)
{
    if (!line.starts_with("From ")) return std::nullopt;
    static constexpr std::array<std::string_view, 7> weekdays{" Sun ", " Mon ", " Tue ", " Wed ", " Thu ", " Fri ", " Sat "};
    line = line.substr(0, 400);
    std::size_t at = std::string_view::npos;
    for (const auto day : weekdays)
        if (const auto found = line.rfind(day); found != std::string_view::npos && (at == std::string_view::npos || found > at))
            at = found;
    if (at == std::string_view::npos) return std::nullopt;
    return text::parse_date(text::trim(line.substr(at)));
}

MboxReader::MboxReader(std::istream& in, std::size_t max_bytes, std::uint64_t position)
    : in_{in}, max_bytes_{max_bytes}, line_begin_{position}, next_begin_{position}
{
}

/// What follows line_, at least the next `enough` bytes of it where there are so many.
std::string_view MboxReader::ahead()
{
    constexpr std::size_t enough = 200;
    if (block_.size() - at_ < enough) {
        block_.erase(0, at_);
        at_ = 0;
        const auto had = block_.size();
        block_.resize(had + block_bytes);
        in_.read(block_.data() + had, static_cast<std::streamsize>(block_bytes));
        block_.resize(had + static_cast<std::size_t>(in_.gcount()));
    }
    return std::string_view{block_}.substr(at_);
}

/// Some programs, and whoever joins files, leave no empty line between two mails. Then the sender must be an address and a field
/// must follow: a patch in the text of a mail has the same line with a hash.
bool MboxReader::begins_mail()
{
    if (!starts_ || !mbox_line_time(line_)) return false;
    if (after_empty_) return true;
    const auto sender = std::string_view{line_}.substr(5, line_.find(' ', 5) - 5);
    return sender.find('@') != std::string_view::npos && begins_field(ahead());
}

/// The next line, or the next piece of a long one, into line_; false at the end.
bool MboxReader::read_line()
{
    after_empty_ = starts_ ? line_.empty() || is_empty_line(line_) : false;
    line_.clear();
    line_begin_ = next_begin_;
    starts_ = ended_line_;
    for (;;) {
        if (at_ == block_.size()) {
            block_.resize(block_bytes);
            in_.read(block_.data(), static_cast<std::streamsize>(block_.size()));
            block_.resize(static_cast<std::size_t>(in_.gcount()));
            at_ = 0;
            if (block_.empty()) break;
        }
        const auto end = block_.find('\n', at_);
        const auto stop = end == std::string::npos ? block_.size() : end + 1;
        line_.append(block_, at_, stop - at_);
        at_ = stop;
        if (end != std::string::npos || line_.size() >= block_bytes) break;
    }
    next_begin_ += line_.size();
    ended_line_ = line_.ends_with('\n');
    return !line_.empty();
}

void MboxReader::take_line(MboxMail& mail, bool& too_large)
{
    too_large = too_large || mail.raw.size() + line_.size() > max_bytes_;
    if (too_large) {
        mail.raw.clear();
        return;
    }
    mail.raw.append(line_, starts_ && line_.front() == '>' && is_from_quoted(line_) ? 1 : 0);
}

std::optional<MboxMail> MboxReader::next()
{
    if (!have_)
        while ((have_ = read_line()) && is_empty_line(line_)) {
        }
    if (!have_) return std::nullopt;
    MboxMail mail;
    mail.position = line_begin_;
    const auto time = mbox_line_time(line_);
    mail.received_at = time.value_or(0);
    bool too_large = false;
    while ((have_ = read_line())) {
        if (begins_mail()) break;
        if (time) take_line(mail, too_large);
    }
    mail.end = have_ ? line_begin_ : next_begin_;
    if (!time)
        mail.problem = "no line such as \"From anna@example.org Thu Jan  1 10:00:00 2015\" begins it: this is no mbox";
    else if (too_large)
        mail.problem = "larger than " + std::to_string(max_bytes_) + " bytes";
    // The empty line before the next "From " belongs to the mbox.
    if (mail.raw.ends_with("\r\n\r\n"))
        mail.raw.resize(mail.raw.size() - 2);
    else if (mail.raw.ends_with("\n\n") || mail.raw == "\n")
        mail.raw.pop_back();
    return mail;
}

}  // namespace majlis::archive
