#pragma once
#include <boost/system/result.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "core/judge/judge.hpp"
#include "core/text/problem.hpp"

namespace majlis::cli {

/// A mail of a file that is imported, or why there is none.
struct OldMail {
    std::string raw;
    std::int64_t received_at = 0;
    std::uint64_t end = 0;  ///< how far the file, or the folder, is read behind it
    std::string place;      ///< "list.mbox, byte 4711" or the file's name, for complaints
    std::string problem;
};

/// The mails of an mbox or a folder, one after the other.
class OldMails {
public:
    virtual ~OldMails() = default;
    virtual std::optional<OldMail> next() = 0;
    /// Of the same kind as OldMail::end; 0: unknown.
    virtual std::uint64_t total() const = 0;
    virtual std::string source() const = 0;
    /// What tells this source from another of the same name.
    virtual std::string head() const = 0;
    virtual bool resumable() const = 0;
    /// False where it cannot: then it reads from the start.
    virtual bool resume(std::uint64_t position) = 0;
};

/// "-": an mbox on standard input.
boost::system::result<std::unique_ptr<OldMails>, text::Problem> open_old_mails(const std::string& path);

/// The same reading as for a mail that arrives, so that it has the same identity; an author written "anna at example.org" is
/// known too. A problem for what is no mail.
boost::system::result<std::unique_ptr<ReadMail>, text::Problem> read_old_mail(std::string raw, std::string_view site_domain);

}  // namespace majlis::cli
