#include "cli/old_mails.hpp"

#include <filesystem>
#include <fstream>
#include <iostream>
#include <optional>
#include <system_error>

#include "core/address/address.hpp"
#include "core/archive/mail_folder.hpp"
#include "core/archive/mbox.hpp"
#include "core/text/ascii.hpp"

namespace majlis::cli {
namespace {

namespace fs = std::filesystem;
using text::Problem;

constexpr std::size_t largest_mail = 64 * 1024 * 1024;  // bytes
constexpr std::size_t head_bytes = 200;                 // no whole mail: a file that has grown is still the same

class MboxMails : public OldMails {
public:
    /// `file`: null for standard input. `size`: nullopt for what can be read once and from its beginning alone, as a pipe.
    MboxMails(std::string name, std::unique_ptr<std::ifstream> file, std::optional<std::uint64_t> size)
        : name_{std::move(name)}, file_{std::move(file)}, size_{size}
    {
        if (!size_) {
            reader_.emplace(file_ ? static_cast<std::istream&>(*file_) : std::cin, largest_mail);
            return;
        }
        head_.resize(std::min<std::uint64_t>(head_bytes, *size_));
        file_->read(head_.data(), static_cast<std::streamsize>(head_.size()));
        start_at(0);
    }

    std::optional<OldMail> next() override
    {
        auto mail = reader_->next();
        if (!mail) return std::nullopt;
        return OldMail{std::move(mail->raw), mail->received_at, mail->end, name_ + ", byte " + std::to_string(mail->position),
                       std::move(mail->problem)};
    }
    std::uint64_t total() const override { return size_.value_or(0); }
    std::string source() const override { return file_ ? fs::absolute(name_).lexically_normal().string() : name_; }
    std::string head() const override { return head_; }
    bool resumable() const override { return size_.has_value(); }

    /// Only where a mail begins, or the file ends: what was read may have been cut off and written anew.
    bool resume(std::uint64_t position) override
    {
        if (!size_ || position > *size_) return false;
        std::string line;
        file_->clear();
        file_->seekg(static_cast<std::streamoff>(position));
        const bool fits = position == *size_ || (std::getline(*file_, line) && archive::mbox_line_time(line));
        start_at(fits ? position : 0);
        return fits;
    }

private:
    void start_at(std::uint64_t position)
    {
        file_->clear();
        file_->seekg(static_cast<std::streamoff>(position));
        reader_.emplace(*file_, largest_mail, position);
    }

    std::string name_;
    std::unique_ptr<std::ifstream> file_;
    std::optional<std::uint64_t> size_;
    std::string head_;
    std::optional<archive::MboxReader> reader_;
};

class FolderMails : public OldMails {
public:
    explicit FolderMails(fs::path folder) : folder_{std::move(folder)}, files_{archive::mail_files(folder_)} {}

    std::optional<OldMail> next() override
    {
        if (at_ == files_.size()) return std::nullopt;
        const auto& path = files_[at_++];
        OldMail mail{{}, 0, at_, path.string(), {}};
        std::error_code error;
        const auto size = fs::file_size(path, error);
        if (!error && size > largest_mail) {
            mail.problem = "larger than " + std::to_string(largest_mail) + " bytes";
            return mail;
        }
        std::ifstream file{path, std::ios::binary};
        mail.raw.assign(std::istreambuf_iterator<char>{file}, {});
        if (error || !file) mail.problem = "cannot be read";
        if (mail.problem.empty()) mail.received_at = archive::file_received_at(path);
        return mail;
    }
    std::uint64_t total() const override { return files_.size(); }
    std::string source() const override { return fs::absolute(folder_).lexically_normal().string(); }
    std::string head() const override { return {}; }
    bool resumable() const override { return false; }  // files come and go: each is known by its identity
    bool resume(std::uint64_t) override { return false; }

private:
    fs::path folder_;
    std::vector<fs::path> files_;
    std::size_t at_ = 0;
};

/// "anna at example.org (Anna)": how some archives hide addresses.
std::string hidden_sender(const Message& message)
{
    const auto from = field_text(message.root().fields, "From");
    const auto at = from.find(" at ");
    if (at == std::string::npos) return {};
    const auto begin = from.find_last_of(" <\"", at == 0 ? 0 : at - 1);
    const auto local = from.substr(begin == std::string::npos ? 0 : begin + 1, at - (begin == std::string::npos ? 0 : begin + 1));
    const auto rest = from.substr(at + 4);
    const auto address = parse_address(local + "@" + rest.substr(0, rest.find_first_of(" >\"()")));
    return address ? address->key() : std::string{};
}

}  // namespace

boost::system::result<std::unique_ptr<OldMails>, Problem> open_old_mails(const std::string& path)
{
    if (path == "-") return std::unique_ptr<OldMails>{std::make_unique<MboxMails>("standard input", nullptr, std::nullopt)};
    std::error_code error;
    if (fs::is_directory(path, error)) {
        auto folder = std::make_unique<FolderMails>(path);
        if (folder->total() == 0)
            return Problem{path + " holds no mails: name a Maildir, or a folder whose files are numbered or end in .eml"};
        return std::unique_ptr<OldMails>{std::move(folder)};
    }
    auto file = std::make_unique<std::ifstream>(path, std::ios::binary);
    if (!*file) return Problem{"cannot read " + path + ": " + std::generic_category().message(errno)};
    std::optional<std::uint64_t> size;
    if (fs::is_regular_file(path, error)) size = fs::file_size(path, error);
    if (error) size.reset();
    return std::unique_ptr<OldMails>{std::make_unique<MboxMails>(path, std::move(file), size)};
}

boost::system::result<std::unique_ptr<ReadMail>, Problem> read_old_mail(std::string raw, std::string_view site_domain)
{
    auto mail = read_mail(std::move(raw), site_domain);
    const auto& fields = mail->message.root().fields;
    if (fields.empty() || fields.front().name.empty()) return Problem{"no header: this is no mail"};
    if (mail->identity.sender.empty()) mail->identity.sender = hidden_sender(mail->message);
    return mail;
}

}  // namespace majlis::cli
