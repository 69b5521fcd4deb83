#include "core/lists/pickle.hpp"
#include "core/lists/roster_readers.hpp"
#include "core/lists/roster_row.hpp"
#include "core/text/charset.hpp"

#include <unordered_map>

namespace majlis::roster {

namespace {

using pickle::Pickle;
using pickle::Value;

/// A dict of Mailman's by its (lower-case) addresses. Its pickle stays where it is.
class ByAddress {
public:
    ByAddress(const Pickle& pickle, const Value& top, std::string_view name)
    {
        const Value* dict = pickle.find(top, name);
        if (dict == nullptr || dict->kind != Value::Kind::dict) return;
        for (std::size_t i = 0; i + 1 < dict->items.size(); i += 2) {
            const Value& key = pickle.at(dict->items[i]);
            if (key.kind == Value::Kind::string) values_[key.text] = &pickle.at(dict->items[i + 1]);
        }
    }

    const Value* find(std::string_view address) const
    {
        const auto found = values_.find(address);
        return found == values_.end() ? nullptr : found->second;
    }

private:
    std::unordered_map<std::string_view, const Value*> values_;
};

class Reader {
public:
    Reader(const Pickle& pickle, const RosterOptions& options)
        : pickle_{pickle},
          options_{options},
          top_{pickle.at(pickle.top)},
          names_{pickle, top_, "usernames"},
          languages_{pickle, top_, "language"},
          statuses_{pickle, top_, "delivery_status"}
    {
    }

    /// `members` or `digest_members`: lower-case address -> 0, or the address as it was typed.
    bool read(std::string_view dict_name, std::string_view mode, std::vector<RosterRow>& out) const
    {
        const Value* dict = pickle_.find(top_, dict_name);
        if (dict == nullptr || dict->kind != Value::Kind::dict) return false;
        for (std::size_t i = 0; i + 1 < dict->items.size(); i += 2) {
            const Value& key = pickle_.at(dict->items[i]);
            const Value& typed = pickle_.at(dict->items[i + 1]);
            if (key.kind != Value::Kind::string) continue;
            out.push_back(row_of(key.text, typed.kind == Value::Kind::string ? typed.text : key.text, mode));
        }
        return true;
    }

private:
    RosterRow row_of(const std::string& key, const std::string& address, std::string_view mode) const
    {
        RosterRow row;
        set_address(row, address);
        row.mode = is_off(key) ? "none" : mode;
        if (const Value* name = names_.find(key)) set_name(row, name->text, name->unicode ? "utf-8" : options_.charset);
        if (const Value* language = languages_.find(key)) set_language(row, language->text);
        return row;
    }

    /// delivery_status: (how, when); 0 means on.
    bool is_off(const std::string& key) const
    {
        const Value* status = statuses_.find(key);
        return status != nullptr && !status->items.empty() && pickle_.at(status->items.front()).integer != 0;
    }

    const Pickle& pickle_;
    const RosterOptions& options_;
    const Value& top_;
    ByAddress names_, languages_, statuses_;
};

}  // namespace

std::vector<RosterRow> mailman2_rows(std::string_view bytes, const RosterOptions& options)
{
    std::vector<RosterRow> rows;
    const auto pickle = pickle::read(bytes);
    if (!pickle) {
        fail(rows.emplace_back(), 0, pickle.error().message);
        return rows;
    }
    const Reader reader{*pickle, options};
    const bool members = reader.read("members", "each", rows);
    const bool digests = reader.read("digest_members", "daily", rows);
    if (!members && !digests) fail(rows.emplace_back(), 0, "there are no members in it: is it the config.pck of a list?");
    return rows;
}

}  // namespace majlis::roster
