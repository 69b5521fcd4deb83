#include "core/message/html_text.hpp"
#include "core/message/message.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <functional>

using namespace majlis;

namespace {

std::string repeated(std::string_view piece, std::size_t count)
{
    std::string out;
    out.reserve(piece.size() * count);
    for (std::size_t i = 0; i < count; ++i) out += piece;
    return out;
}

double seconds(const std::function<void()>& work)
{
    const auto begin = std::chrono::steady_clock::now();
    work();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

bool has(const std::vector<std::string>& list, std::string_view what) { return std::ranges::find(list, what) != list.end(); }

const std::string mixed = "From: a@b.org\nContent-Type: multipart/mixed; boundary=b\n\n";

}  // namespace

TEST_CASE("parts within parts stop at the limit")
{
    const auto raw = repeated("Content-Type: message/rfc822\n\n", 100'000);
    const auto message = scan_message(raw);
    CHECK(message.parts.size() == 101);
    CHECK(has(message.defects, "parts nested deeper than the limit"));

    std::string nested;
    for (int i = 0; i < 20'000; ++i) {
        const auto name = "b" + std::to_string(i);
        nested += "Content-Type: multipart/mixed; boundary=" + name + "\n\n--" + name + "\n";
    }
    CHECK(scan_message(nested).parts.size() == 101);
}

TEST_CASE("a million parts stop at the limit, and what follows stays in its multipart")
{
    const auto raw = mixed + repeated("--b\n", 1'000'000) + "--b--\n";
    const auto message = scan_message(raw);
    CHECK(message.parts.size() == ScanLimits{}.parts);
    CHECK(has(message.defects, "more parts than the limit"));
    CHECK(message.root().body.size() == raw.size() - mixed.size());
}

TEST_CASE("long fields, many fields and large headers are cut with a defect")
{
    const auto one_long = "Subject: " + std::string(200'000, 'x') + "\n\n";
    auto message = scan_message(one_long);
    CHECK(message.root().fields.front().body.size() == ScanLimits{}.field_bytes);
    CHECK(message.root().fields.front().bytes.size() == one_long.size() - 1);
    CHECK(has(message.defects, "a header field longer than the limit"));

    const auto many = repeated("A: b\n", 3'000) + "\nbody";
    message = scan_message(many);
    CHECK(message.root().fields.size() == ScanLimits{}.fields);
    CHECK(message.root().body == "body");
    CHECK(has(message.defects, "a header larger than the limit"));

    const auto large = repeated("A: " + std::string(1'000, 'b') + "\n", 1'000) + "\nbody";
    message = scan_message(large);
    CHECK(message.root().fields.size() <= ScanLimits{}.header_bytes / 1'000 + 1);
    CHECK(message.root().body == "body");
}

TEST_CASE("the fields of all parts together have a limit")
{
    const auto raw = mixed + repeated("--b\n" + repeated("a:\n", 1'000) + "\n", 200) + "--b--\n";
    std::size_t fields = 0;
    const auto message = scan_message(raw);
    for (const Part& part : message.parts) fields += part.fields.size();
    CHECK(fields <= ScanLimits{}.total_fields);
    CHECK(message.parts.size() == 201);
}

TEST_CASE("the time grows with the size, whatever the mail")
{
    const std::string nested_boundaries = [] {
        std::string out;
        for (int i = 0; i < 90; ++i) {
            const auto name = std::string(60, 'x') + std::to_string(1000 + i);
            out += "Content-Type: multipart/mixed; boundary=" + name + "\n\n--" + name + "\n";
        }
        return out;
    }();
    const struct {
        const char* what;
        std::string before, piece;
    } table[] = {
        {"boundary-like lines", mixed, "--x\n"},
        {"prefixes of ninety boundaries", nested_boundaries, "--" + std::string(60, 'x') + "9999\n"},
        {"hyphens without a line end", mixed, "--------"},
        {"bare CR", mixed, "a\r"},
        {"CR alone", mixed, "\r"},
        {"CR alone in a header", "", "\r \r"},
        {"a header of CR", "A: ", "x\ry: z\r"},
        {"continuations", "A: x\n", " y\n"},
        {"lines that are no field", "A: x\n", "junk\nX-A: y\n"},
        {"empty parts", mixed, "--b\n"},
        {"parts that open mails", mixed, "--b\nContent-Type: message/rfc822\n\nA: b\n\n"},
        {"words without an end", "Subject: =?utf-8?Q?", "=?utf-8?Q?"},
        {"parameters", "Content-Type: multipart/mixed", ";\n a=\"b"},
    };
    for (const auto& row : table) {
        CAPTURE(row.what);
        const auto small = row.before + repeated(row.piece, 2'000'000 / row.piece.size());
        const auto large = row.before + repeated(row.piece, 16'000'000 / row.piece.size());
        const double first = seconds([&] { (void)scan_message(small); });
        const double second = seconds([&] { (void)scan_message(large); });
        CHECK(second < std::max(first * 24, 0.5));  // 8 times the size; squared it would be 64 times the time
        CHECK(second < 20.0);
    }
}

TEST_CASE("hostile HTML takes linear time as well")
{
    for (const auto* piece :
         {"<", "<a", "<a b=\"", "<!--", "<script>", "<style></", "&", "&#x41", "&amp;", "<p>", "</", "<a='\""}) {
        CAPTURE(piece);
        const auto small = repeated(piece, 100'000), large = repeated(piece, 800'000);
        const double first = seconds([&] { (void)html_to_text(small); });
        const double second = seconds([&] { (void)html_to_text(large); });
        CHECK(second < std::max(first * 24, 0.5));
    }
}
