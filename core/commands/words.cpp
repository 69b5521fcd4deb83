#include "core/commands/words.hpp"

#include <algorithm>
#include <array>
#include <span>
#include <utility>
#include <vector>

#include "core/commands/fold.hpp"

namespace majlis::commands::words {
namespace {

struct Entry {
    Verb verb;
    std::string_view language;
    std::string_view words;  // one spelling after the other, separated by '|'
};

constexpr std::array entries{
    Entry{Verb::join, "", "join|subscribe|sub|sign up|signup"},
    Entry{
        Verb::join, "fr",
        "inscription|inscrire|inscris|inscrivez|s'inscrire|m'inscrire|abonner|abonnement|s'abonner|m'abonner|rejoindre|adhérer"},
    Entry{Verb::join, "ar", "اشتراك|الاشتراك|اشترك|انضمام|الانضمام|انضم|تسجيل|التسجيل|سجلني"},
    Entry{Verb::leave, "", "leave|unsubscribe|unsub|signoff|sign off|remove me"},
    Entry{Verb::leave, "fr",
          "désinscription|désinscrire|désinscrivez|se désinscrire|me désinscrire|désabonner|désabonnement|se désabonner|me "
          "désabonner|"
          "quitter|résilier"},
    Entry{Verb::leave, "ar", "إلغاء الاشتراك|الغاء اشتراك|إلغاء التسجيل|إلغاء|انسحاب|الانسحاب|مغادرة|المغادرة|غادر|خروج"},
    Entry{Verb::confirm, "", "confirm"},
    Entry{Verb::confirm, "fr", "confirmer|confirmation|confirmez|confirme"},
    Entry{Verb::confirm, "ar", "تأكيد|أكد|أؤكد|التأكيد"},
    Entry{Verb::set_digest, "", "set digest|digest"},
    Entry{Verb::set_digest, "fr", "régler résumé|résumé|recueil|régler recueil"},
    Entry{Verb::set_digest, "ar", "ضبط ملخص|ضبط الملخص|ملخص|الملخص"},
    Entry{Verb::set_mail, "", "set mail|mail|set delivery|delivery"},
    Entry{Verb::set_mail, "fr", "régler courrier|courrier|réception|messages|régler messages"},
    Entry{Verb::set_mail, "ar", "ضبط البريد|ضبط بريد|البريد|بريد|ضبط الرسائل|الرسائل|رسائل"},
    Entry{Verb::set_language, "", "set language|set lang|language|lang"},
    Entry{Verb::set_language, "fr", "régler langue|langue"},
    Entry{Verb::set_language, "ar", "ضبط اللغة|ضبط لغة|اللغة|لغة"},
    Entry{Verb::set_vacation, "", "set vacation|vacation|holiday|set away|away"},
    Entry{Verb::set_vacation, "fr", "régler vacances|vacances|absence|congés|congé"},
    Entry{Verb::set_vacation, "ar", "ضبط إجازة|ضبط الإجازة|إجازة|الإجازة|عطلة|غياب"},
    Entry{Verb::set_own, "", "set own|own|set ownposts|set own posts"},
    Entry{Verb::set_own, "fr", "mes messages|régler mes messages"},
    Entry{Verb::set_own, "ar", "ضبط رسائلي|رسائلي"},
    Entry{Verb::set_duplicates, "", "set duplicates|duplicates"},
    Entry{Verb::set_duplicates, "fr", "régler doublons|doublons"},
    Entry{Verb::set_duplicates, "ar", "ضبط النسخ المكررة|النسخ المكررة|ضبط المكرر|المكرر"},
    Entry{Verb::set_notices, "", "set notices|notices"},
    Entry{Verb::set_notices, "fr", "régler avis|avis"},
    Entry{Verb::set_notices, "ar", "ضبط الإشعارات|الإشعارات|إشعارات"},
    Entry{Verb::alias_add, "", "alias add|add alias|add address"},
    Entry{Verb::alias_add, "fr", "alias ajouter|ajouter alias|ajouter adresse|ajouter l'adresse|adresse ajouter"},
    Entry{Verb::alias_add, "ar", "إضافة عنوان|أضف عنوان|عنوان إضافة"},
    Entry{Verb::alias_remove, "", "alias remove|alias delete|remove alias|remove address"},
    Entry{Verb::alias_remove, "fr",
          "alias supprimer|alias retirer|supprimer alias|retirer alias|supprimer adresse|retirer adresse"},
    Entry{Verb::alias_remove, "ar", "حذف عنوان|احذف عنوان|عنوان حذف"},
    Entry{Verb::lists, "", "lists|list"},
    Entry{Verb::lists, "fr", "listes|liste"},
    Entry{Verb::lists, "ar", "القوائم|قوائم|القائمة"},
    Entry{Verb::whoami, "", "whoami|who am i|settings|status"},
    Entry{Verb::whoami, "fr", "qui suis-je|qui suis je|quisuisje|mes réglages|réglages"},
    Entry{Verb::whoami, "ar", "من أنا|إعداداتي|إعدادات"},
    Entry{Verb::why, "", "why"},
    Entry{Verb::why, "fr", "pourquoi"},
    Entry{Verb::why, "ar", "لماذا|لم"},
    Entry{Verb::help, "", "help|info|?"},
    Entry{Verb::help, "fr", "aide|à l'aide|aidez-moi"},
    Entry{Verb::help, "ar", "مساعدة|المساعدة|؟"},
    Entry{Verb::archive, "", "archive|search"},
    Entry{Verb::archive, "fr", "archives|chercher|rechercher|recherche"},
    Entry{Verb::archive, "ar", "أرشيف|الأرشيف|بحث|ابحث"},
    Entry{Verb::get, "", "get"},
    Entry{Verb::get, "fr", "obtenir"},
    Entry{Verb::get, "ar", "جلب|أحضر"},
    Entry{Verb::thread, "", "thread"},
    Entry{Verb::thread, "fr", "fil|discussion"},
    Entry{Verb::thread, "ar", "موضوع|نقاش"},
    Entry{Verb::end, "", "end|stop|quit|exit"},
    Entry{Verb::end, "fr", "fin|arrêt"},
    Entry{Verb::end, "ar", "نهاية|انتهى|توقف"},
};

struct Spelling {
    std::string words;  // folded
    Verb verb;
    std::string_view language;
};

std::vector<std::string> spellings_of(std::string_view alternatives)
{
    std::vector<std::string> all;
    while (!alternatives.empty()) {
        const auto bar = std::min(alternatives.find('|'), alternatives.size());
        all.push_back(folded(alternatives.substr(0, bar)));
        alternatives.remove_prefix(std::min(bar + 1, alternatives.size()));
    }
    return all;
}

/// Folded once; the longest first.
const std::vector<Spelling>& spellings()
{
    static const auto made = [] {
        std::vector<Spelling> all;
        for (const auto& entry : entries)
            for (auto& words : spellings_of(entry.words)) all.push_back({std::move(words), entry.verb, entry.language});
        std::ranges::stable_sort(all, std::ranges::greater{}, [](const Spelling& one) { return one.words.size(); });
        return all;
    }();
    return made;
}

struct Value {
    std::string_view value;
    std::string_view words;
};

/// The value that has this word; "" where none has.
std::string_view value_of(std::span<const Value> values, std::string_view word)
{
    for (const auto& one : values)
        for (const auto& spelling : spellings_of(one.words))
            if (spelling == word) return one.value;
    return {};
}

constexpr std::array digests{
    Value{"daily", "daily|day|on|yes|digest|mime|plain|quotidien|jour|journalier|oui|résumé|يومي|يوميا|نعم|ملخص"},
    Value{"weekly", "weekly|week|hebdo|hebdomadaire|semaine|أسبوعي|أسبوعيا"},
    Value{"off", "off|no|none|non|aucun|désactiver|each|لا|إيقاف|بدون"},
};
constexpr std::array formats{
    Value{"mime", "mime"},
    Value{"plain", "plain|text|texte|brut|نص|نصي"},
};
constexpr std::array switches{
    Value{"on", "on|yes|oui|activer|activé|each|نعم|تشغيل|تفعيل"},
    Value{"off", "off|no|none|non|désactiver|désactivé|stop|لا|إيقاف|تعطيل|بدون"},
};
constexpr std::array languages{
    Value{"fr", "fr|french|francais|français|الفرنسية|فرنسية|فرنسي"},
    Value{"ar", "ar|arabic|arabe|العربية|عربية|عربي"},
    Value{"en", "en|english|anglais|الإنجليزية|الانكليزية|إنجليزية|انجليزي"},
};
constexpr std::array notice_values{
    Value{"each", "each|on|chaque|chacun|كل"},
    Value{"daily", "daily|quotidien|jour|يومي|يوميا"},
    Value{"none", "none|off|no|aucun|non|لا|بدون|إيقاف"},
};
constexpr std::array fillers{
    Value{"1", "me|please|pls|thanks|to|the|from|this|list|moi|svp|stp|merci|à|la|de|liste|من فضلك|من|فضلك|شكرا|القائمة|في|إلى"},
};
constexpr std::array refusals{
    Value{"1", "no|nope|cancel|refuse|reject|stop|not me|non|annuler|annulez|refuser|refus|pas moi|لا|إلغاء|ألغ|رفض|أرفض|كلا"},
};

constexpr std::string_view denying_words =
    "no|not|never|help|nothing|nobody|dont|didnt|cannot|unsubscribe|remove|stop|spam|mistake|wrong|who|why|"
    "non|ne|pas|aide|jamais|rien|aucun|aucune|erreur|arrêtez|arrêter|désinscrire|désinscrivez|retirez|qui|pourquoi|indésirable|"
    "لا|لم|لن|ليس|ليست|لست|ما|مساعدة|خطأ|أوقف|أوقفوا|إلغاء|احذفوا|لماذا|مزعج";

}  // namespace

std::optional<Found> verb_in(std::string_view text)
{
    for (const auto& one : spellings()) {
        if (!text.starts_with(one.words)) continue;
        auto rest = text.substr(one.words.size());
        if (!rest.empty() && rest.front() != ' ' && rest.front() != ':' && rest.front() != '=') continue;
        while (!rest.empty() && (rest.front() == ' ' || rest.front() == ':' || rest.front() == '=')) rest.remove_prefix(1);
        return Found{one.verb, one.language, rest};
    }
    return std::nullopt;
}

std::string_view digest_of(std::string_view word) { return value_of(digests, word); }
std::string_view format_of(std::string_view word) { return value_of(formats, word); }
std::string_view switch_of(std::string_view word) { return value_of(switches, word); }
std::string_view language_of(std::string_view word) { return value_of(languages, word); }
std::string_view notices_of(std::string_view word) { return value_of(notice_values, word); }
bool is_filler(std::string_view word) { return !value_of(fillers, word).empty(); }
bool is_no(std::string_view word) { return !value_of(refusals, word).empty(); }

bool doubts(std::string_view line)
{
    static const auto denials = spellings_of(denying_words);
    while (!line.empty()) {
        const auto end = std::min(line.find(' '), line.size());
        auto word = line.substr(0, end);
        line.remove_prefix(std::min(end + 1, line.size()));
        if (word.find("://") != std::string_view::npos) continue;  // an address may hold a "?"
        if (word.ends_with('?') || word.ends_with("\u061f") || word.ends_with("n't")) return true;
        if (word.starts_with("n'") || word.starts_with("qu'est")) return true;
        while (!word.empty() && std::string_view{".,;:!()\""}.find(word.back()) != std::string_view::npos) word.remove_suffix(1);
        if (std::ranges::find(denials, word) != denials.end()) return true;
    }
    return false;
}

}  // namespace majlis::commands::words
