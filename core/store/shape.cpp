#include "core/store/shape.hpp"

#include <SQLiteCpp/Statement.h>
#include <sqlite3.h>

#include <algorithm>
#include <cctype>
#include <map>
#include <string_view>
#include <utility>

#include "core/text/printable.hpp"
#include "schema/migrations.hpp"

namespace majlis::store {
namespace {

struct Piece {
    std::string table, sql;
};
using Shape = std::map<std::pair<std::string, std::string>, Piece>;  // by type and name

/// Without comments to the end of a line, blanks and quotes: what a person may have written otherwise and means the same.
std::string bare(std::string_view sql)
{
    std::string out;
    for (std::size_t at = 0; at < sql.size(); ++at) {
        if (sql.substr(at).starts_with("--")) {
            at = std::min(sql.find('\n', at), sql.size());
        } else if (sql[at] != '"' && std::isspace(static_cast<unsigned char>(sql[at])) == 0) {
            out += sql[at];
        }
    }
    return out;
}

/// SQLite's own things come and go by themselves; what a module keeps its rows in is of the module's form.
Shape shape_of(SQLite::Database& connection)
{
    Shape shape;
    SQLite::Statement rows{connection,
                           "SELECT s.type, s.name, s.tbl_name, iif(t.type = 'shadow', '', coalesce(s.sql, '')) FROM "
                           "main.sqlite_schema s LEFT JOIN pragma_table_list t ON t.schema = 'main' AND t.name = s.name "
                           "WHERE s.name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"};
    while (rows.executeStep())
        shape[{rows.getColumn(0).getString(), rows.getColumn(1).getString()}] = {rows.getColumn(2).getString(),
                                                                                 bare(rows.getColumn(3).getString())};
    return shape;
}

Shape shape_of_version(int version)
{
    SQLite::Database model{":memory:", SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE};
    for (const auto& migration : schema::migrations().first(static_cast<std::size_t>(version)))
        model.exec(std::string{migration.sql});
    return shape_of(model);
}

}  // namespace

std::vector<std::string> shape_faults(SQLite::Database& connection, int version)
{
    if (version > static_cast<int>(schema::migrations().size())) return {"it is of a newer majlis"};  // since somebody looked
    const Shape wanted = shape_of_version(version), found = shape_of(connection);
    std::vector<std::string> faults;
    const auto missing = [&](const std::string& table) { return !found.contains({"table", table}); };
    for (const auto& [id, piece] : wanted) {
        if (id.first != "table" && id.first != "view" && missing(piece.table)) continue;  // with its table
        const auto it = found.find(id);
        if (it == found.end())
            faults.push_back(id.first + " " + id.second + " is missing");
        else if (it->second.sql != piece.sql)
            faults.push_back(id.first + " " + id.second + " is not as majlis made it");
    }
    for (const auto& [id, piece] : found)
        if (id.first == "trigger" && !wanted.contains(id))
            faults.push_back("trigger " + text::printable(id.second, 100) + " on table " + text::printable(piece.table, 100) +
                             " is none of majlis, and changes what majlis writes");
    return faults;
}

}  // namespace majlis::store
