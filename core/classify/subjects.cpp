#include "core/classify/recognisers.hpp"
#include "core/classify/subject_phrases.hpp"

#include "core/text/ascii.hpp"

#include <algorithm>

/// Subjects that programs write.
namespace majlis::recognise {
namespace {

/// Without tags of lists ("[rabat] ") in front. A subject that begins with "Re:" was written by a person.
std::string_view without_tags(std::string_view subject)
{
    while (subject.starts_with('[')) {
        const auto end = subject.find(']');
        if (end == std::string_view::npos) break;
        subject = text::trim(subject.substr(end + 1));
    }
    return subject;
}

/// Words that are subjects of their own when nothing stands behind them.
bool needs_colon(std::string_view phrase)
{
    static constexpr std::string_view words[] = {"absence",     "urlaub",     "ausencia", "休暇",        "外出",
                                                 "assenza",     "assente",    "abwesend", "abwesenheit", "poissa",
                                                 "ooo",         "on holiday", "on leave", "out of town", "on vacation",
                                                 "en vacances", "en congé",   "отсутств", "afwezig",     "nieobecność"};
    return std::find(std::begin(words), std::end(words), phrase) != std::end(words);
}

/// "Absent(e) du bureau", "Abwesend(er)": a form for both sexes is read as one of them.
std::string without_forms(std::string_view head)
{
    std::string out{head};
    for (const auto* form : {"(e)", "(ne)", "(a)", "(er)"})
        if (const auto at = out.find(form); at != std::string::npos && at > 0 && out[at - 1] != ' ')
            out.erase(at, std::string_view{form}.size());
    return out;
}

/// "Jane Ray is out of the office (returning 05/03/2029)": Notes puts the name first, and the day behind.
bool tells_return(std::string_view subject)
{
    for (const auto* phrase :
         {"is out of the office (return", "is out of office (return", "ist außer haus (rückkehr", "ist nicht im büro (rückkehr",
          "est absent(e) du bureau (retour", "est absent du bureau (retour", "est absente du bureau (retour"})
        if (subject.find(phrase) != std::string_view::npos) return true;
    return false;
}

/// "Absence: Re: minutes"
bool answers(std::string_view subject, std::size_t colon)
{
    if (colon == std::string_view::npos) return false;
    const auto rest = text::trim(subject.substr(colon + 1));
    return rest.starts_with("re:") || rest.starts_with("aw:") || rest.starts_with("re :");
}

}  // namespace

bool reads_like_vacation(std::string_view subject)
{
    subject = without_tags(subject);
    for (const auto* mark : {"auto: ", "auto:re", "autoreply:", "oof:", "ooo:", "away:"})
        if (subject.starts_with(mark)) return true;
    auto colon = subject.find(':');
    if (const auto wide = subject.find("\xef\xbc\x9a"); wide < colon) colon = wide;  // the full-width one
    const auto written = text::trim(subject.substr(0, colon));
    if (written.size() > 80) return false;
    if (tells_return(subject)) return true;
    const std::string form = without_forms(written);
    const std::string_view head = form;
    for (const auto phrase : vacations) {
        const bool whole = head.size() == phrase.size();
        if (!head.starts_with(phrase) && !head.ends_with(phrase)) continue;
        // The phrase alone, or before a colon: "Out of office policy" is a subject of its own.
        if (whole && (!needs_colon(phrase) || answers(subject, colon))) return true;
        if (colon == std::string_view::npos) continue;
        if (head.ends_with(phrase) && !needs_colon(phrase)) return true;
        if (head.starts_with(phrase) && head.ends_with(" re")) return true;
    }
    return false;
}

bool subject_speaks_of_failure(std::string_view subject)
{
    return std::any_of(std::begin(failures), std::end(failures),
                       [&](auto phrase) { return subject.find(phrase) != std::string_view::npos; });
}

}  // namespace majlis::recognise
