#include "core/trust/authentication_results.hpp"

#include <algorithm>

#include "core/text/ascii.hpp"
#include "core/trust/block.hpp"

namespace majlis {
namespace {

constexpr std::size_t max_results = 100;
constexpr std::size_t max_properties = 50;  // of one result

/// Walks a field body once. `broken` once a comment or a quoted string does not end: nothing behind it can be told apart.
class Scanner {
public:
    explicit Scanner(std::string_view body) : body_{body} {}

    bool broken() const { return broken_; }

    /// Skips white space, folds and comments.
    void skip()
    {
        while (at_ < body_.size()) {
            if (text::is_space(body_[at_]))
                ++at_;
            else if (body_[at_] == '(')
                skip_comment();
            else
                return;
        }
    }

    bool done()
    {
        skip();
        return at_ >= body_.size();
    }

    /// Takes this character if it comes next, after comments and spaces.
    bool take(char c)
    {
        skip();
        if (at_ >= body_.size() || body_[at_] != c) return false;
        ++at_;
        return true;
    }

    /// The next word, quoted parts of it without their quotes; it ends at white space, a comment, or one of `ends`.
    std::string word(std::string_view ends)
    {
        skip();
        std::string out;
        while (at_ < body_.size()) {
            const char c = body_[at_];
            if (text::is_space(c) || c == '(' || ends.find(c) != std::string_view::npos) break;
            if (c == '"')
                quoted(out);
            else {
                out += c;
                ++at_;
            }
        }
        return out;
    }

    /// To the next `;` that is in no comment and no quotes.
    void skip_result()
    {
        while (!done() && body_[at_] != ';') {
            const std::size_t before = at_;
            word(";");
            if (at_ == before) ++at_;
        }
    }

private:
    void skip_comment()
    {
        std::size_t depth = 0;
        for (; at_ < body_.size(); ++at_) {
            if (body_[at_] == '\\') {
                ++at_;
            } else if (body_[at_] == '(') {
                ++depth;
            } else if (body_[at_] == ')' && --depth == 0) {
                ++at_;
                return;
            }
        }
        broken_ = true;
        at_ = body_.size();
    }

    void quoted(std::string& out)
    {
        for (++at_; at_ < body_.size(); ++at_) {
            if (body_[at_] == '"') {
                ++at_;
                return;
            }
            if (body_[at_] == '\\' && ++at_ >= body_.size()) break;
            if (body_[at_] != '\r' && body_[at_] != '\n') out += body_[at_];
        }
        broken_ = true;
        at_ = body_.size();
    }

    std::string_view body_;
    std::size_t at_ = 0;
    bool broken_ = false;
};

bool is_keyword(std::string_view word)
{
    const auto plain = [](char c) { return text::is_letter(c) || text::is_digit(c) || c == '-' || c == '_'; };
    return !word.empty() && std::ranges::all_of(word, plain);
}

/// "reason=..." or "ptype.property=value".
bool read_property(Scanner& scanner, AuthResult& result)
{
    const std::string type = text::lowered(scanner.word("=.;"));
    std::string name;
    if (scanner.take('.')) {
        name = text::lowered(scanner.word("=;"));
        if (!is_keyword(name)) return false;
    }
    if (!is_keyword(type) || !scanner.take('=')) return false;
    std::string value = scanner.word(";");
    if (name.empty() && type == "reason")
        result.reason = std::move(value);
    else if (result.properties.size() < max_properties)
        result.properties.push_back(name.empty() ? AuthProperty{"", type, std::move(value)}
                                                 : AuthProperty{type, std::move(name), std::move(value)});
    return true;
}

/// What stands between two `;`. False: not by the grammar, or "none".
bool read_result(Scanner& scanner, AuthResult& result)
{
    result.method = text::lowered(scanner.word("=/;"));
    if (!is_keyword(result.method)) return false;
    if (scanner.take('/') && scanner.word("=;") != "1") return false;
    if (!scanner.take('=')) return false;
    result.result = text::lowered(scanner.word(";"));
    if (!is_keyword(result.result)) return false;
    while (!scanner.take(';')) {
        if (scanner.done()) return true;
        if (!read_property(scanner, result)) return false;
    }
    return true;
}

}  // namespace

std::string_view AuthResult::property(std::string_view type, std::string_view name) const
{
    const auto found =
        std::ranges::find_if(properties, [&](const AuthProperty& one) { return one.type == type && one.name == name; });
    return found == properties.end() ? std::string_view{} : std::string_view{found->value};
}

bool claims_server(std::string_view field_body, std::span<const std::string> servers)
{
    const std::string claimed = Scanner{field_body}.word(";=");
    return std::ranges::any_of(servers, [&](const std::string& server) { return trust::names_server(server, claimed); });
}

std::optional<AuthenticationResults> parse_authentication_results(std::string_view field_body)
{
    Scanner scanner{field_body};
    AuthenticationResults out;
    out.server = text::lowered(scanner.word(";="));
    if (out.server.empty() || scanner.take('=')) return std::nullopt;
    if (!scanner.done() && !scanner.take(';')) {
        if (scanner.word(";") != "1") return std::nullopt;
        if (!scanner.done() && !scanner.take(';')) return std::nullopt;
    }
    while (!scanner.done() && out.results.size() < max_results) {
        AuthResult result;
        if (read_result(scanner, result)) {
            out.results.push_back(std::move(result));
        } else {
            scanner.skip_result();
            scanner.take(';');
        }
    }
    if (scanner.broken()) return std::nullopt;
    return out;
}

}  // namespace majlis
