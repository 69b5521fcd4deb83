#include "cli/rules_asked.hpp"

#include <ostream>

namespace majlis::cli {

Array rules_asked(const Decision& decision)
{
    Array out;
    for (const Hit& hit : decision.asked)
        out.emplace_back(Record{{"rule", hit.rule},
                                {"hit", hit.hit},
                                {"decided", hit.rule == decision.rule},
                                {"verdict", hit.hit ? Value{verdict_name(hit.verdict)} : Value{}},
                                {"reason", hit.reason}});
    return out;
}

void print_rules_asked(std::ostream& out, const Array& rules)
{
    for (const Value& one : rules) {
        const Record& rule = std::get<Record>(one.as);
        const bool spoke = std::get<bool>(rule[1].value.as), decided = std::get<bool>(rule[2].value.as);
        out << "  " << (decided ? '>' : spoke ? '*' : ' ') << ' ' << cell_text(rule[0].value);
        if (spoke) out << ": " << cell_text(rule[3].value) << ", " << cell_text(rule[4].value);
        out << '\n';
    }
}

}  // namespace majlis::cli
