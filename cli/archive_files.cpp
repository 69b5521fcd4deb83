#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <system_error>
#include <thread>

#include "cli/archive_text.hpp"
#include "cli/old_mails.hpp"
#include "cli/terminal.hpp"
#include "cli/verbs.hpp"
#include "core/archive/mail_folder.hpp"
#include "core/archive/mbox.hpp"
#include "core/store/archive_import.hpp"
#include "core/store/content.hpp"
#include "core/store/journal.hpp"
#include "core/store/private_file.hpp"
#include "core/text/printable.hpp"

namespace majlis::cli {
namespace {

namespace fs = std::filesystem;
using Took = store::ArchiveImport::Took;

constexpr std::size_t problems_shown = 20;
constexpr std::size_t batch_mails = 200;
constexpr auto batch_time = std::chrono::milliseconds{100};  // of reading; writing takes less, and others write between
constexpr int tidy_pages = 500;

struct Report {
    std::int64_t read = 0, added = 0, listed = 0, known = 0, redacted = 0, broken = 0;
    std::vector<std::pair<std::string, std::string>> problems;  // the first of them: place, reason
};

/// It holds something, and no mail. Such a file was no mbox: the next run says so again, it does not go on behind it.
bool nothing_read(const Report& report) { return report.broken > 0 && report.broken == report.read; }

/// One run of `archive import`.
class ImportRun {
public:
    ImportRun(Context& context, const store::List& list, OldMails& mails)
        : context_{context},
          db_{context.database()},
          list_{list},
          mails_{mails},
          import_{db_, list.id, mails.source(), mails.head()},
          bar_{"importing", mails.total()}
    {
        if (context.args().has("--again") || import_.position() == 0) return;
        if (mails.resume(static_cast<std::uint64_t>(import_.position()))) resumed_ = true;
    }

    Report run()
    {
        begun_ = std::chrono::steady_clock::now();
        while (auto mail = mails_.next()) {
            ++report_.read;
            end_ = mail->end;
            if (mail->problem.empty())
                prepare(std::move(*mail));
            else
                complain(mail->place, mail->problem);
            if (waiting_.size() >= batch_mails || std::chrono::steady_clock::now() - begun_ >= batch_time) write();
        }
        write();
        bar_.clear();
        return std::move(report_);
    }

    bool resumed() const { return resumed_; }

private:
    void prepare(OldMail mail)
    {
        auto read = read_old_mail(std::move(mail.raw), context_.config().site.domain);
        if (!read) return complain(mail.place, read.error().message);
        const auto& whole = **read;
        if (store::archive_knows(db_, list_.id, whole.identity)) {
            ++report_.known;
            return;
        }
        if (context_.dry_run()) {
            ++report_.added;
            return;
        }
        waiting_.emplace_back(whole.message, whole.identity, whole.sender_name, whole.subject, mail.received_at, packer_);
    }

    /// A transaction of its own: what it holds need not be read again.
    void write()
    {
        if (!context_.dry_run()) {
            const auto now = context_.by().at;
            store::Transaction transaction{db_};
            for (const auto& mail : waiting_) count(import_.take(mail, now));
            if (mails_.resumable() && !nothing_read(report_)) import_.note(static_cast<std::int64_t>(end_), now);
            transaction.commit();
        }
        waiting_.clear();
        bar_.at(end_);
        std::this_thread::sleep_for(std::chrono::milliseconds{1});  // a daemon that waits to write has its turn
        begun_ = std::chrono::steady_clock::now();
    }

    void count(Took took)
    {
        switch (took) {
            case Took::added:
                ++report_.added;
                break;
            case Took::listed:
                ++report_.listed;
                break;
            case Took::known:
                ++report_.known;
                break;
            case Took::redacted:
                ++report_.redacted;
                break;
        }
    }

    void complain(const std::string& place, const std::string& problem)
    {
        if (static_cast<std::size_t>(++report_.broken) > problems_shown) return;
        report_.problems.emplace_back(place, problem);
        bar_.clear();
        std::cerr << "majlis: " << text::printable(place, 1'000) << ": " << text::printable(problem) << '\n';
    }

    Context& context_;
    store::Database& db_;
    const store::List& list_;
    OldMails& mails_;
    store::ArchiveImport import_;
    store::Packer packer_;
    Progress bar_;
    std::vector<store::OldMail> waiting_;
    std::chrono::steady_clock::time_point begun_;
    std::uint64_t end_ = 0;
    Report report_;
    bool resumed_ = false;
};

std::string summary(const Report& report, const store::List& list, bool resumed)
{
    auto text = fmt::format("{} added to the archive of {}", report.added + report.listed, list.name);
    if (report.known > 0) text += fmt::format(", {} there already", report.known);
    if (report.redacted > 0) text += fmt::format(", {} redacted before and left so", report.redacted);
    if (report.broken > 0) text += fmt::format(", {} broken", report.broken);
    return text + (resumed ? "; went on where an earlier import ended (--again reads all)" : "");
}

Record as_record(const Report& report)
{
    Array problems;
    for (const auto& [place, problem] : report.problems) problems.emplace_back(Record{{"place", place}, {"message", problem}});
    return {{"read", report.read},         {"added", report.added},   {"listed", report.listed},        {"already", report.known},
            {"redacted", report.redacted}, {"broken", report.broken}, {"problems", std::move(problems)}};
}

void tidy(store::Database& db)
{
    Progress bar{"tidying the index", 0};
    for (std::uint64_t n = 0; store::tidy_words(db, tidy_pages); ++n) bar.at(n);
}

Exit run_import(Context& context)
{
    auto& db = context.database(store::Open::read_write);
    const auto list = context.list();
    const auto file = context.args().get("FILE");
    const auto mails = context.need(open_old_mails(file));
    ImportRun run{context, list, *mails};
    const auto report = run.run();
    if (!context.dry_run() && report.added + report.listed > 0) {
        tidy(db);
        store::journal(db, context.by(),
                       {"archive-imported", list.id, "", counted(report.added + report.listed, "post") + " from " + file});
    }
    if (static_cast<std::size_t>(report.broken) > problems_shown)
        std::cerr << "majlis: " << static_cast<std::size_t>(report.broken) - problems_shown << " more broken ones\n";
    if (context.format() == Format::json)
        show(context.out(), Format::json, as_record(report));
    else
        context.say(summary(report, list, run.resumed()));
    return nothing_read(report) ? Exit::failed : Exit::done;
}

// Export ------------------------------------------------------------------------------------------------------------

/// Whole or not at all: written beside it, then given its name.
class MboxFile {
public:
    MboxFile(Context& context, fs::path path) : context_{context}, path_{std::move(path)}, part_{path_.string() + ".part"}
    {
        if (path_ == "-") return;
        if (fs::exists(path_)) throw context.failure(path_.string() + " exists already: name another file");
        fs::remove(part_);
        store::make_private_file(part_);
        file_.open(part_, std::ios::binary);
    }
    void add(const store::ArchivedPost& post, std::string_view raw)
    {
        auto& out = path_ == "-" ? context_.out() : static_cast<std::ostream&>(file_);
        out << archive::mbox_entry(raw, post.sender, post.received_at);
        if (!out) throw context_.failure("cannot write " + path_.string() + ": is the disk full?");
    }
    void finish()
    {
        if (path_ == "-") return;
        file_.close();
        if (!file_) throw context_.failure("cannot write " + path_.string() + ": is the disk full?");
        fs::rename(part_, path_);
    }

private:
    Context& context_;
    fs::path path_, part_;
    std::ofstream file_;
};

/// A post that is there already keeps its file.
class MaildirFolder {
public:
    MaildirFolder(Context& context, fs::path path) : context_{context}, path_{std::move(path)}
    {
        make(path_);
        for (const auto* part : {"tmp", "new", "cur"}) make(path_ / part);
    }
    void add(const store::ArchivedPost& post, std::string_view raw)
    {
        const auto lines = archive::unix_lines(raw);
        const auto name = archive::maildir_name(post.received_at, lines);
        if (fs::exists(path_ / "cur" / name)) return;
        const auto part = path_ / "tmp" / name;
        fs::remove(part);
        store::make_private_file(part);
        std::ofstream file{part, std::ios::binary};
        file << lines;
        file.close();
        if (!file) throw context_.failure("cannot write " + part.string() + ": is the disk full?");
        fs::rename(part, path_ / "cur" / name);
    }

private:
    /// For its owner alone. One that is there already stays as it is: it may be anybody's, and others may work in it.
    void make(const fs::path& folder)
    {
        std::error_code error;
        if (fs::is_directory(folder, error)) return;
        fs::create_directories(folder, error);
        if (!error) fs::permissions(folder, fs::perms::owner_all, error);
        if (error) throw context_.failure("cannot make the folder " + folder.string() + ": " + error.message());
    }

    Context& context_;
    fs::path path_;
};

/// The mail without the lines "From ..." that some programs leave before it: an mbox writes its own.
std::string_view without_mbox_line(std::string_view raw)
{
    while (raw.starts_with("From ")) raw.remove_prefix(std::min(raw.find('\n'), raw.size() - 1) + 1);
    return raw;
}

template <class Target>
std::int64_t write_all(Context& context, const store::ExportQuery& query, Target& target)
{
    auto& db = context.database();
    Progress bar{"exporting", static_cast<std::uint64_t>(store::count_archived(db, query))};
    std::int64_t count = 0;
    store::each_archived(db, query, [&](const store::ArchivedPost& post) {
        const auto raw = store::load_content(db, post.content_id);
        target.add(post, without_mbox_line(raw));
        bar.at(static_cast<std::uint64_t>(++count));
        return true;
    });
    return count;
}

Exit run_export(Context& context)
{
    const auto list = context.list();
    const store::ExportQuery query{lists_asked(context, list), date_option(context, "--after"), date_option(context, "--before")};
    const auto file = context.args().get("FILE");
    std::int64_t count = 0;
    if (context.args().get("--format", "mbox") == "maildir") {
        if (file == "-") throw context.wrong_usage("a Maildir is a folder: name one, or take --format mbox");
        MaildirFolder folder{context, file};
        count = write_all(context, query, folder);
    } else {
        MboxFile mbox{context, file};
        count = write_all(context, query, mbox);
        mbox.finish();
    }
    if (file == "-") return Exit::done;
    if (context.format() == Format::json)
        show(context.out(), Format::json, {{"posts", count}, {"file", file}});
    else
        context.say(fmt::format("wrote {} of {} to {}", counted(count, "post"), list.name, text::printable(file, 1'000)));
    return Exit::done;
}

constexpr std::array import_params{
    list_word,
    Param{"FILE", Take::word, "an mbox, a Maildir, or a folder of mails; - is an mbox on standard input", "", "", Offer::files},
    Param{"--again", Take::flag, "read all, also what an earlier import of this file has taken"},
    dry_run_flag,
    json_flag,
};
constexpr std::array export_params{
    list_word,
    Param{"FILE", Take::word, "a new mbox (- is standard output), or the folder of a Maildir", "", "", Offer::files},
    Param{"--format", Take::value, "mbox unless given", "", "mbox|maildir"},
    Param{"--below", Take::flag, "also of the lists below, each post once"},
    Param{"--after", Take::value, "sent on this day or later", "DATE"},
    Param{"--before", Take::value, "sent before this day", "DATE"},
    json_flag,
};

}  // namespace

const Verb archive_export{"archive", "export", "write the archive of a list as mbox or Maildir", export_params, run_export};
const Verb archive_import{"archive",
                          "import",
                          "take old mails into the archive of a list; nothing is sent to anybody",
                          import_params,
                          run_import,
                          "Reads the archives of Mailman (mbox), mlmmj and Sympa (folders of numbered files), and Maildirs.\n"
                          "It may be interrupted and run again: what is there already stays as it is."};

}  // namespace majlis::cli
