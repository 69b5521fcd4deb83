#include "core/moderation/footers.hpp"

#include <algorithm>
#include <vector>

#include "core/moderation/lines.hpp"

namespace majlis::moderation {
namespace {

constexpr std::size_t longest_footer = 200;  // bytes: a longer line is somebody's sentence

/// Arabic as plain_form() writes it.
const std::vector<std::string_view>& device_beginnings()
{
    static const std::vector<std::string_view> all{
        "sent from my", "sent from mail for windows", "sent from outlook", "sent from yahoo", "sent from proton",
        "sent from samsung", "sent from gmail", "sent from iphone", "sent from ipad", "sent from android", "sent from mobile",
        "sent from a mobile", "sent from an", "sent from huawei", "sent from xiaomi", "sent from nokia", "sent from blue",
        "sent from canary", "sent from k-9", "sent from spark", "sent from aqua", "sent from fairemail", "sent from the all new",
        "sent from the gmx", "sent from tuta", "sent from aol", "sent from workspace one", "sent from boxer", "sent from mymail",
        "sent from zoho", "sent with ", "sent via ", "sent by my ", "sent using ", "sent on the go", "sent while mobile",
        "get outlook for", "get bluemail for", "please excuse my brevity", "please excuse brevity", "excuse typos",
        "typed on my phone", "this email was sent from my",
        // French
        "envoyé de mon", "envoyé de ma", "envoyé depuis", "envoyé à partir", "envoyé avec", "envoyé via", "envoyé d'un",
        "envoyé de l'", "envoyé de outlook", "envoyé d'outlook", "envoye de mon", "envoye depuis", "envoye a partir",
        "provenance : courrier pour windows", "provenance: courrier pour windows", "provenance : courrier",
        "obtenez outlook pour", "obtenir outlook pour", "télécharger outlook pour", "téléchargez outlook pour", "expédié de mon",
        "expédié depuis", "message envoyé depuis", "message envoyé de mon", "mail envoyé depuis", "veuillez excuser ma brièveté",
        "merci d'excuser ma brièveté", "excusez ma brièveté", "désolé pour les fautes de frappe",
        // Arabic
        "ارسلت من", "ارسل من", "مرسل من", "مرسله من", "تم الارسال من", "تم ارسالها من", "تم ارساله من", "تم الارسال بواسطه",
        "ارسلت بواسطه", "ارسل بواسطه", "ارسلت عبر", "ارسل عبر", "تم الارسال عبر", "مرسل عبر", "بعث من", "بعثت من",
        "الحصول علي outlook", "احصل علي outlook", "للحصول علي outlook", "تنزيل outlook", "حمل outlook", "outlook ل",
        "يرجي المعذره علي الايجاز", "ارسلت هذه الرساله من", "تم ارسال هذه الرساله من",
        // others
        "enviado desde", "enviado do meu", "gesendet von", "von meinem iphone gesendet", "von meinem ipad gesendet", "inviato da",
        "verstuurd vanaf", "verzonden vanaf", "skickat från", "outlook für"};
    return all;
}

/// Nobody begins a sentence of his own like this.
const std::vector<std::string_view>& short_disclaimers()
{
    static const std::vector<std::string_view> all{"please consider the environment",
                                                   "p please consider the environment",
                                                   "consider the environment before",
                                                   "think before you print",
                                                   "virus-free.",
                                                   "this email has been checked for viruses",
                                                   "this e-mail has been checked for viruses",
                                                   "this email has been scanned",
                                                   "scanned by ",
                                                   "caution: external email",
                                                   "confidentiality notice",
                                                   "disclaimer:",
                                                   "avant d'imprimer",
                                                   "pensez à l'environnement",
                                                   "n'imprimez ce",
                                                   "afin de contribuer au respect de l'environnement",
                                                   "garanti sans virus",
                                                   "sans virus.",
                                                   "l'absence de virus",
                                                   "cet e-mail a été vérifié",
                                                   "cet email a été vérifié",
                                                   "avis de confidentialité",
                                                   "clause de confidentialité",
                                                   "اشعار السريه",
                                                   "اشعار سريه",
                                                   "تنبيه السريه",
                                                   "اخلاء مسووليه",
                                                   "اخلاء المسووليه",
                                                   "اخلاء مسيوليه",
                                                   "اخلاء المسيوليه",
                                                   "خاليه من الفيروسات",
                                                   "خالي من الفيروسات",
                                                   "قبل طباعه",
                                                   "يرجي مراعاه البييه",
                                                   "حافظ علي البييه"};
    return all;
}

/// These need the length and the words of a disclaimer too: "This message contains an insult" is a moderator's own.
const std::vector<std::string_view>& long_disclaimers()
{
    static const std::vector<std::string_view> all{"this email",
                                                   "this e-mail",
                                                   "this message",
                                                   "this communication",
                                                   "this transmission",
                                                   "the information",
                                                   "the content",
                                                   "if you are not the intended",
                                                   "if you have received this",
                                                   "privileged and confidential",
                                                   "notice:",
                                                   "important notice",
                                                   "confidential",
                                                   "ce message",
                                                   "ce courriel",
                                                   "ce courrier",
                                                   "ce mail",
                                                   "cet e-mail",
                                                   "cet email",
                                                   "cette communication",
                                                   "les informations",
                                                   "le contenu de ce",
                                                   "le présent",
                                                   "si vous n'êtes pas",
                                                   "si ce message",
                                                   "avertissement",
                                                   "confidentialité",
                                                   "هذه الرساله",
                                                   "هذا البريد",
                                                   "هذا الايميل",
                                                   "المعلومات",
                                                   "تحتوي هذه",
                                                   "قد تحتوي",
                                                   "اذا لم تكن",
                                                   "محتوي هذه",
                                                   "سريه"};
    return all;
}

constexpr std::size_t shortest_long_disclaimer = 120;  // bytes

bool speaks_of_secrecy(std::string_view text)
{
    static const std::vector<std::string_view> words{"confidential", "intended",     "privileged",  "recipient", "unauthorized",
                                                     "confidentiel", "destinataire", "destiné",     "erreur",    "سري",
                                                     "المستلم",      "المرسل اليه",  "بطريق الخطا", "موجهه",     "للشخص"};
    return std::ranges::any_of(words, [&](std::string_view word) { return text.find(word) != std::string_view::npos; });
}

std::string_view without_marks(std::string_view line)
{
    while (line.starts_with('*') || line.starts_with('_') || line.starts_with('-') || line.starts_with(' '))
        line.remove_prefix(1);
    return line;
}

}  // namespace

bool is_device_footer(std::string_view line)
{
    line = without_marks(line);
    return line.size() <= longest_footer && starts_with_any(line, device_beginnings());
}

bool is_ruler(std::string_view line) { return line.size() >= 3 && line.find_first_not_of("-_=* ") == std::string_view::npos; }

bool is_disclaimer(std::string_view paragraph)
{
    paragraph = without_marks(paragraph);
    if (starts_with_any(paragraph, short_disclaimers())) return true;
    return paragraph.size() >= shortest_long_disclaimer && starts_with_any(paragraph, long_disclaimers()) &&
           speaks_of_secrecy(paragraph);
}

bool is_signature_mark(std::string_view raw_line)
{
    while (raw_line.ends_with('\r')) raw_line.remove_suffix(1);
    const auto line = visible(raw_line);
    return line == "--" || line == "---" || line == "__" || line == "___" || line == "\u2014" || line == "\u2013";
}

}  // namespace majlis::moderation
