#include <SQLiteCpp/Column.h>

#include "core/store/database.hpp"

namespace majlis::store {

Prepared::Prepared(Database& db, std::string_view sql) : db_{&db}, sql_{sql}, statement_{db.take(sql)} {}

Prepared::~Prepared()
{
    if (statement_) db_->give_back(sql_, std::move(statement_));
}

Prepared& Prepared::bind(const char* name, std::int64_t value)
{
    statement_->bind(name, value);
    return *this;
}

Prepared& Prepared::bind(const char* name, std::string_view text) { return bind(name, std::string{text}); }
Prepared& Prepared::bind(const char* name, const char* text) { return bind(name, std::string{text}); }

Prepared& Prepared::bind(const char* name, const std::string& text)
{
    statement_->bind(name, text);
    return *this;
}

Prepared& Prepared::bind(const char* name, const std::optional<std::int64_t>& value)
{
    if (value) return bind(name, *value);
    statement_->bind(name);
    return *this;
}

Prepared& Prepared::bind(const char* name, const std::optional<std::string>& text)
{
    if (text) return bind(name, *text);
    statement_->bind(name);
    return *this;
}

Prepared& Prepared::bind_blob(const char* name, std::string_view bytes)
{
    // An empty view may hold no pointer, and that would be NULL.
    statement_->bindNoCopy(name, bytes.empty() ? "" : bytes.data(), static_cast<int>(bytes.size()));
    return *this;
}

std::int64_t Prepared::run()
{
    while (statement_->executeStep()) {
    }
    const std::int64_t changed = statement_->getChanges();
    statement_->reset();
    return changed;
}

std::int64_t Prepared::integer(int column) const { return statement_->getColumn(column).getInt64(); }
std::string Prepared::text(int column) const { return statement_->getColumn(column).getString(); }
std::string Prepared::blob(int column) const { return text(column); }
bool Prepared::null(int column) const { return statement_->getColumn(column).isNull(); }

std::optional<std::int64_t> Prepared::maybe_integer(int column) const
{
    if (null(column)) return std::nullopt;
    return integer(column);
}

std::optional<std::string> Prepared::maybe_text(int column) const
{
    if (null(column)) return std::nullopt;
    return text(column);
}

}  // namespace majlis::store
