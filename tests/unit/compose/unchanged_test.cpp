#include <doctest/doctest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "core/compose/lines.hpp"
#include "core/text/ascii.hpp"
#include "core/token/sha256.hpp"
#include "tests/unit/compose/copy.hpp"

using namespace majlis;
namespace fs = std::filesystem;

namespace {

/// DKIM's "simple" body canonicalization (RFC 6376, 3.4.3), hashed: "relaxed" is a function of it.
token::Digest body_hash(std::string_view body)
{
    while (body.ends_with("\r\n\r\n")) body.remove_suffix(2);
    return token::sha256(body == "\r\n" || body.empty() ? std::string_view{"\r\n"} : body);
}

void check_sendable(const PostCopy& copy, const std::string& name)
{
    const std::string whole = copy.head + copy.tail;
    CHECK_MESSAGE(compose::clean_lines(whole), name);
    CHECK_MESSAGE(compose::longest_line(whole) <= compose::max_line, name);
    CHECK_MESSAGE(copy.eight_bit == !text::is_ascii(whole), name);
    CHECK_MESSAGE(copy.tail.starts_with("\r\n"), name);
    CHECK_MESSAGE(count_of(copy.head, "\r\nList-Id: ") + (copy.head.starts_with("List-Id: ") ? 1 : 0) == 1, name);
}

void check_mail(const std::string& raw, const std::string& name)
{
    const std::string clean = compose::clean(raw);
    const Message before = scan_message(clean);
    const PostCopy copy = composed(raw, rabat());
    check_sendable(copy, name);
    if (compose::longest_line(before.root().body) <= compose::max_line) {
        CHECK_MESSAGE(body_hash(std::string_view{copy.tail}.substr(2)) == body_hash(before.root().body), name);
    }
    CopyOptions seven_bit;
    seven_bit.transport = CopyOptions::Transport::seven_bit;
    const PostCopy narrow = composed(raw, rabat(), seven_bit);
    check_sendable(narrow, name);
    CHECK_MESSAGE(text::is_ascii(narrow.tail), name);

    ListFace busy = rabat();
    busy.footer = "-- \ncaf\u00e9 {address}";
    busy.subject_tag = "[rabat]";
    busy.reply_to = ListFace::ReplyTo::both;
    for (const auto from : {ListFace::From::keep, ListFace::From::rewrite, ListFace::From::wrap}) {
        busy.from = from;
        for (const auto& options : {CopyOptions{}, seven_bit}) check_sendable(composed(raw, busy, options), name);
    }
}

/// Mail samples of the corpus, unpacked into a folder that lives as long as this.
class Samples {
public:
    Samples() : folder_{fs::temp_directory_path() / ("majlis-compose-" + std::to_string(::getpid()))}
    {
        const char* named = std::getenv("MAJLIS_CORPUS");
        const fs::path corpus = named ? fs::path{named} : fs::path{MAJLIS_SOURCE_DIR} / "../shared/corpus";
        std::error_code ignored;  // no corpus at hand: nothing is measured
        if (!fs::exists(corpus, ignored)) return;
        fs::create_directories(folder_);
        for (const auto& entry : fs::directory_iterator{corpus}) {
            if (!entry.path().string().ends_with(".tar.zst")) continue;
            const std::string command = "zstd -dcq '" + entry.path().string() + "' | tar -x -C '" + folder_.string() + "'";
            if (std::system(command.c_str()) != 0) MESSAGE("cannot unpack ", entry.path().string());
        }
    }
    ~Samples()
    {
        std::error_code ignored;  // the folder of a run that found no corpus
        fs::remove_all(folder_, ignored);
    }
    Samples(const Samples&) = delete;
    Samples& operator=(const Samples&) = delete;
    const fs::path& folder() const { return folder_; }

private:
    fs::path folder_;
};

}  // namespace

TEST_CASE("where the list asks nothing of the body, its DKIM hash holds")
{
    for (const char* body :
         {"", "x", "x\n", "x \n\n\n", "\n", ".\n..\n", "caf\u00e9\n", "\xff\xfe\n", "--b\n\nx\n--b--", "x\r", "a\rb\n"}) {
        for (const char* type : {"", "Content-Type: multipart/mixed; boundary=b\n", "Content-Type: text/plain; charset=utf-16\n",
                                 "Content-Type: message/rfc822\n", "Content-Type: multipart/signed; boundary=b\n"}) {
            check_mail("From: a@example.org\n" + std::string{type} + "\n" + body, body);
        }
    }
}

TEST_CASE("real mail leaves with its body unchanged, and sendable whatever the list asks")
{
    const Samples samples;
    if (!fs::exists(samples.folder())) return;
    std::size_t count = 0;
    for (const auto& entry : fs::recursive_directory_iterator{samples.folder()}) {
        if (!entry.is_regular_file()) continue;
        std::ifstream in{entry.path(), std::ios::binary};
        check_mail(std::string{std::istreambuf_iterator<char>{in}, {}}, entry.path().filename().string());
        ++count;
    }
    MESSAGE(count, " samples");
}
