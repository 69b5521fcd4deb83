#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <stdexcept>

#include "core/digest/lines.hpp"
#include "core/digest/outline.hpp"
#include "core/text/ascii.hpp"
#include "core/token/sha256.hpp"
#include "tests/unit/digest/issue.hpp"

using namespace std::string_literals;

namespace majlis::digest::test {
namespace {

std::string hex_of(const token::Digest& digest)
{
    std::ostringstream out;
    for (const unsigned char byte : digest) out << "0123456789abcdef"[byte >> 4U] << "0123456789abcdef"[byte & 15U];
    return out.str();
}

/// As Python's strip() leaves it, with LF.
std::string unix_text(const std::string& crlf)
{
    std::string out;
    for (const char c : crlf)
        if (c != '\r') out += c;
    return std::string{text::trim(out)};
}

}  // namespace

std::vector<std::string> odd_mails()
{
    const std::string rule30(30, '-'), rule70(70, '-'), long_line(5'000, 'x');
    const std::string to = "To: rabat@maimc.org\r\nFrom: a@example.org\r\n";
    return {
        mail("=?iso-8859-1?Q?R=E9union?=", "Pr=E9sents : \xe9t=E9\r\n",
             "Content-Type: text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: quoted-printable\r\n"),
        mail("raw \xc7\xe1\xd3\xe1\xc7\xe3", "\xc7\xe1\xd3\xe1\xc7\xe3 \xda\xe1\xed\xdf\xe3 \xe6\xd1\xcd\xe3\xc9\r\n"),
        mail("utf-7", "Hi Mom +Jjo--+AGE-!\r\n", "Content-Type: text/plain; charset=utf-7\r\n"),
        mail("no such charset", "caf\xc3\xa9 \xff\r\n", "Content-Type: text/plain; charset=x-unheard-of\r\n"),
        mail("html alone", "<p>One <b>two</b><br>" + rule30 + "<br><br><script>no</script>three",
             "Content-Type: text/html; charset=utf-8\r\n"),
        mail("picture alone", "R0lGODlhAQABAAAAACw=\r\n",
             "Content-Type: image/gif; name=\"a;b\\\"c.gif\"\r\nContent-Transfer-Encoding: base64\r\n"),
        mail("nested",
             "--b\r\n\r\nSee below.\r\n--b\r\nContent-Type: message/rfc822\r\n\r\nSubject: inner\r\n\r\ninner text\r\n--b--\r\n",
             "Content-Type: multipart/mixed; boundary=b\r\n"),
        mail("separators", "one\r\n\r\n" + rule30 + "\r\n\r\nFrom: forged@example.org\r\nSubject: forged\r\n\r\ntwo\r\n\r\n" +
                               rule70 + "\r\n\r\n" + rule30 + "  \r\n\r\nEnd of MAIMC Digest\r\n*******************\r\n" +
                               rule30),
        mail("ends in a rule", rule30 + "\r\n\r\n\r\n"),
        mail("=?utf-8?Q?=E2=80=AEturned_=E2=81=A6round?=", "\xe2\x80\xae turned\r\n", "",
             "=?utf-8?Q?=E2=80=AEevil=E2=80=8F?= <evil@example.org>"),
        mail("=?utf-8?Q?x=0D=0ABcc:_v@example.org=0D=0A=0D=0Abody?=", "injected\r\n",
             "Message-ID: <x\r\nBcc: b@example.org>\r\n"),
        mail("long lines", long_line + "\r\n.\r\n..\r\n\xd8\xa7" + long_line + "\r\n"),
        mail("", "nul \0 esc \x1b[31m bell \x07 bare\rcr\nlf\n"s),
        "Subject: no author\n\nno from\n",
        "From: \nTo: undisclosed-recipients:;\nCc: ,,,<>;\n\n",
        "",
        "nothing but text without a header",
        to + "Subject: same text in two parts\r\nContent-Type: multipart/mixed; boundary=\"=_1\"\r\n\r\n--=_1\r\n\r\nfirst "
             "half\r\n"
             "--=_1\r\nContent-Type: application/pdf; name*=utf-8''%D8%A7.pdf\r\n\r\nJVBERi0=\r\n--=_1\r\n\r\nsecond "
             "half\r\n--=_1--\r\n",
        to + "Subject: mail of names that are no ASCII\r\nCc: \xd8\xb9@\xd9\x85\xd8\xab\xd8\xa7\xd9\x84.org, "
             "b@example.org\r\n\r\nhello\r\n",
        mail("notes of ours", "text\r\n\r\n__________\r\nTo answer on the list:\r\n"),
    };
}

std::vector<std::string> real_mails()
{
    namespace fs = std::filesystem;
    const char* named = std::getenv("MAJLIS_CORPUS");
    const fs::path corpus = named != nullptr ? fs::path{named} : fs::path{MAJLIS_SOURCE_DIR} / "../shared/corpus";
    const auto folder = fs::temp_directory_path() / ("majlis-digest-" + std::to_string(::getpid()));
    std::error_code ignored;  // no corpus at hand
    std::vector<std::string> mails;
    if (!fs::exists(corpus, ignored)) return mails;
    fs::create_directories(folder);
    for (const auto& entry : fs::directory_iterator{corpus}) {
        if (!entry.path().string().ends_with(".tar.zst")) continue;
        const auto command = "zstd -dcq '" + entry.path().string() + "' | tar -x -C '" + folder.string() + "'";
        if (std::system(command.c_str()) != 0) throw std::runtime_error{"cannot unpack " + entry.path().string()};
    }
    for (const auto& entry : fs::recursive_directory_iterator{folder}) {
        if (!entry.is_regular_file()) continue;
        std::ifstream in{entry.path(), std::ios::binary};
        mails.emplace_back(std::istreambuf_iterator<char>{in}, std::istreambuf_iterator<char>{});
    }
    fs::remove_all(folder);
    return mails;
}

std::vector<std::string> taken_apart(const std::string& mail)
{
    const auto file = std::filesystem::temp_directory_path() / ("majlis-digest-" + std::to_string(::getpid()) + ".eml");
    std::ofstream{file, std::ios::binary} << mail;
    const auto command =
        "PYTHONIOENCODING=utf-8 python3 -B " MAJLIS_SOURCE_DIR "/tests/unit/digest/take_apart.py " + file.string();
    const std::unique_ptr<FILE, int (*)(FILE*)> pipe{::popen(command.c_str(), "r"), &::pclose};
    std::string all;
    std::array<char, 4096> buffer{};
    while (const auto size = std::fread(buffer.data(), 1, buffer.size(), pipe.get())) all.append(buffer.data(), size);
    std::filesystem::remove(file);
    std::vector<std::string> lines;
    std::istringstream in{all};
    for (std::string line; std::getline(in, line);) lines.push_back(line);
    return lines;
}

std::vector<std::string> expected_of(const Issue& issue)
{
    std::vector<std::string> lines;
    for (const Thread& thread : outline_of(issue).threads)
        for (const Post* one : thread.posts) {
            std::string text = issue.format == Format::plain ? without_separators(one->text) : one->text;
            if (text::trim(text).empty()) text = issue.language == "en" ? "(This post holds no text.)" : "?";
            lines.push_back("<" + one->message_id + ">\t" + one->subject + "\t" + hex_of(token::sha256(unix_text(text))));
        }
    lines.emplace_back("framed");
    return lines;
}

}  // namespace majlis::digest::test
