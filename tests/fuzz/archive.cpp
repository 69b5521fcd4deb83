#include <sqlite3.h>

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <sstream>
#include <string>

#include "core/archive/fold.hpp"
#include "core/archive/mbox.hpp"
#include "core/archive/permalink.hpp"
#include "core/archive/post_words.hpp"
#include "core/archive/query.hpp"
#include "core/archive/snippet.hpp"
#include "core/archive/subject.hpp"
#include "core/text/charset.hpp"

namespace {

void require(bool holds)
{
    if (!holds) std::abort();
}

/// FTS5 itself, with the columns of the schema.
class Index {
public:
    Index()
    {
        require(sqlite3_open(":memory:", &db_) == SQLITE_OK);
        require(
            sqlite3_exec(db_,
                         "CREATE VIRTUAL TABLE w USING fts5 (subject, author, files, body, quoted, tags, content = '', tokenize "
                         "= 'ascii')",
                         nullptr, nullptr, nullptr) == SQLITE_OK);
        require(sqlite3_prepare_v2(db_, "SELECT rowid FROM w WHERE w MATCH ?", -1, &ask_, nullptr) == SQLITE_OK);
    }
    void ask(const std::string& expression)
    {
        require(sqlite3_bind_text(ask_, 1, expression.data(), static_cast<int>(expression.size()), SQLITE_STATIC) == SQLITE_OK);
        require(sqlite3_step(ask_) == SQLITE_DONE);
        sqlite3_reset(ask_);
    }

private:
    sqlite3* db_ = nullptr;
    sqlite3_stmt* ask_ = nullptr;
};

/// What was written as an mbox is read again as it was.
void check_mbox(std::string_view raw)
{
    using namespace majlis::archive;
    const auto lines = unix_lines(raw);
    require(unix_lines(lines) == lines);
    if (lines.empty()) return;
    std::istringstream in{mbox_entry(raw, "a@b", 1'700'000'000) + mbox_entry("x: y\n", "", 0)};
    MboxReader reader{in, 1 << 20};
    const auto mail = reader.next();
    require(mail && mail->raw == lines);
    const auto next = reader.next();
    require(next && next->raw == "x: y\n" && !reader.next());
    std::istringstream wild{std::string{raw}};
    MboxReader any{wild, 1'000};
    while (any.next()) {
    }
}

}  // namespace

/// No query is a syntax error of the index, and nothing that is read breaks what is kept.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace majlis::archive;
    static Index index;
    const std::string_view input{reinterpret_cast<const char*>(data), size};
    const auto query = parse_query(input);
    index.ask(match_expression(query));
    for (const auto& word : fold_words(input)) {
        require(!word.empty() && word.size() <= longest_word && majlis::text::valid_utf8(word));
        require(word.find_first_of("\" ()*:") == std::string::npos);
    }
    subject_key(input);
    permalink("https://example.org", input);
    const auto snippet = snippet_of(input, query);
    require(majlis::text::valid_utf8(snippet.text));
    for (const auto& [begin, end] : snippet.marks) require(begin < end && end <= snippet.text.size());
    const auto words = post_words(majlis::scan_message(input));
    require(words.body.size() <= indexed_bytes + longest_word + 1);
    check_mbox(input);
    return 0;
}
