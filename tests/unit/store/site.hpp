#pragma once
#include <doctest/doctest.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include "core/store/arrivals.hpp"
#include "core/store/database.hpp"
#include "core/store/held.hpp"
#include "core/store/importing.hpp"
#include "core/store/journal.hpp"
#include "core/store/lists.hpp"
#include "core/store/members.hpp"
#include "core/store/posts.hpp"
#include "core/store/roles.hpp"
#include "core/store/status.hpp"

namespace doctest {
template <class T>
struct StringMaker<boost::system::result<T, majlis::text::Problem>> {
    static String convert(const boost::system::result<T, majlis::text::Problem>& answer)
    {
        return answer ? String{"a value"} : String{answer.error().message.c_str()};
    }
};
}  // namespace doctest

namespace majlis::store {

/// A folder of its own, gone afterwards.
class TestFolder {
public:
    TestFolder()
    {
        static std::atomic<int> count{0};
        path_ = std::filesystem::temp_directory_path() /
                ("majlis-store-" + std::to_string(::getpid()) + "-" + std::to_string(count++));
        std::filesystem::create_directories(path_);
    }
    ~TestFolder() { std::filesystem::remove_all(path_); }
    TestFolder(const TestFolder&) = delete;
    TestFolder& operator=(const TestFolder&) = delete;
    std::filesystem::path operator/(std::string_view name) const { return path_ / name; }

private:
    std::filesystem::path path_;
};

inline const By admin{"cli:admin", 1'700'000'000};

inline Address address(std::string_view text) { return parse_address(text).value(); }

inline void write_file(const std::filesystem::path& path, std::string_view bytes)
{
    std::ofstream{path, std::ios::binary} << bytes;
}

/// A real database file with the tree maimc -> maroc -> rabat, casablanca; maimc -> france.
struct Site {
    TestFolder folder;
    Database db{folder / "majlis.db", Open::create};
    std::int64_t maimc = add("maimc"), maroc = add("maroc", maimc), rabat = add("rabat", maroc),
                 casablanca = add("casablanca", maroc), france = add("france", maimc);

    std::int64_t add(std::string name, std::optional<std::int64_t> parent = {})
    {
        return create_list(db, {name, address(name + "@maimc.org"), parent, "maimc.org"}, admin).value().id;
    }
    std::int64_t join(std::int64_t list, std::string_view who, Mode mode = Mode::each)
    {
        return add_member(db, list, {address(who), "", "", mode}, admin).value().member_id;
    }
    std::int64_t number(std::string_view sql)
    {
        auto row = db.prepared(sql);
        return row.step() ? row.integer(0) : -1;
    }
    std::int64_t folder_id = 0;
    /// A mail in INBOX, as intake records it.
    Taken arrive(std::int64_t uid, std::string_view bytes)
    {
        const auto inbox = ensure_inbox(db, "listes@imap.example.org");
        folder_id = open_folder(db, inbox, "INBOX", 1, admin.at).id;
        const NewArrival mail{uid, bytes, {}, Junk::no};
        return record_arrivals(db, folder_id, {&mail, 1}, uid, admin.at).at(0);
    }
    JudgedPost post(std::string message_id, std::string_view bytes = "From: anna@example.org\r\n\r\nHello\r\n")
    {
        JudgedPost judged;
        judged.identity = {std::move(message_id), "anna@example.org", token::sha256(bytes)};
        judged.content_id = insert_content(db, bytes, admin.at);
        judged.subject = "Hello";
        judged.size = static_cast<std::int64_t>(bytes.size());
        return judged;
    }
};

}  // namespace majlis::store
