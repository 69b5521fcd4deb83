#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/address/address.hpp"
#include "core/desk/desk.hpp"
#include "core/letters/letter.hpp"
#include "core/lists/settings.hpp"
#include "core/store/archive.hpp"
#include "core/store/members.hpp"

/// One mail at the desk: who wrote it, what he is told. Shared inside core/desk.
namespace majlis::desk {

using Values = std::map<std::string, std::string>;

/// What is said about one line of a mail.
struct Result {
    std::string line;               ///< as it was written; "" for what an address asked
    std::vector<std::string> says;  ///< in the reader's language
    /// by_letter: a letter of its own has told (or must not tell) him; he needs no answer for it.
    enum class Told { here, by_letter } told = Told::here;
};

struct Visit {
    const Caller& caller;
    store::Database& db;
    const SiteFace& site;
    std::int64_t now;
    store::List list;
    Settings settings;

    Address sender;
    std::string key, name;                    ///< of the sender
    std::optional<store::Member> person;      ///< whom we know by this address
    std::string language;                     ///< of what he is told
    std::string note;                         ///< collects what became of it
    std::optional<store::Readable> readable;  ///< the archives that he may read, once they have been asked for
    bool wrote = false;
    std::string answers_to = "request";  ///< the command address that a reply to an answer goes to

    bool proven() const { return caller.proof == Proof::passed; }
    Known known() const { return person || proven() ? Known::yes : Known::no; }
    store::By by() const { return {"mail:" + key, now}; }
    /// Where this person's mail goes.
    std::string address() const { return person ? person->address : sender.text(); }

    std::string say(std::string_view phrase, const Values& values = {}) const;
    Result here(std::string_view line, std::string_view phrase, const Values& values = {}) const;
    void noted(std::string_view what);
    /// A letter in the list's name.
    void write(Letter letter);
};

/// Message-ID without its brackets; "" where there is none.
std::string message_id_of(const Message& message);

/// nullopt: there is nobody to answer.
std::optional<Visit> open_visit(const Caller& caller, std::int64_t list_id);

/// "2026-12-31", which everybody reads the same way.
std::string day_of(std::int64_t unix_time);

/// key=value lines of a request's detail; values are one line each.
std::string pack(const Values& values);
Values unpack(std::string_view text);

/// Whether this address may be asked once more to confirm something of this kind on this list; counts it. A stranger who is not
/// proven is asked once a day for each thing, three times a day in all; his domain and the list have limits by the hour.
bool may_ask(const Visit& visit, std::string_view kind, std::string_view address_key);

/// The request, new or again, and a token for it.
struct Asked {
    std::int64_t request_id = 0;
    std::string token;
};
Asked ask(Visit& visit, store::RequestKind kind, const Address& address, const Values& detail, std::int64_t within);
/// The letter that goes with it: `name` of its template.
void send_question(Visit& visit, std::string_view name, const Address& address, const Asked& asked, NoticeValues values);

/// The answer to a mail, unless its results were told otherwise or the reader has had enough answers today.
void answer(Visit& visit, const std::vector<Result>& results, const std::vector<std::string>& unprocessed);

}  // namespace majlis::desk
