#include "core/classify/recognisers.hpp"

#include "core/text/ascii.hpp"

#include <algorithm>
#include <array>

/// Subjects that programs write, in the languages that we met or expect.
namespace majlis::recognise {
namespace {

constexpr std::string_view failures[] = {
    "undeliverable",
    "error sending",
    "발송 실패",
    "발송실패",
    "수신 실패",
    "undelivered",
    "undeliverd",
    "undeliveried",
    "not be delivered",
    "not delivered",
    "couldn't be delivered",
    "cannot be delivered",
    "wasn't delivered",
    "unable to deliver",
    "could not deliver",
    "non-delivery",
    "nondeliverable",
    "non delivery",
    "nondelivery",
    "returned mail",
    "mail returned",
    "returned to sender",
    "return to sender",
    "returning message",
    "failure notice",
    "delivery failure",
    "delivery failed",
    "delivery has failed",
    "delivery problem",
    "delivery error",
    "delivery status",
    "delivery report",
    "delivery notification",
    "delivery attempts failed",
    "delivery unsuccessful",
    "failed mail",
    "mail failed",
    "mail failure",
    "failed delivery",
    "failed to deliver",
    "failure delivery",
    "failure of delivery",
    "during delivery",
    "delivery warning",
    "delivery delayed",
    "delayed mail",
    "user unknown",
    "unknown user",
    "mail error",
    "mail system error",
    "message delayed",
    "message status",
    "rejected mail",
    "rejected:",
    "mail rejected",
    "message rejected",
    "bounced mail",
    "bounced message",
    "[bounce]",
    "bounce notification",
    "undelivered mail",
    "unable to send",
    "could not send",
    "mail not sent",
    "mailbox full",
    "over quota",
    "warning: message",
    "warning: could not send",
    "could not be sent",
    "not be sent",
    "message not delivered",
    "nachricht nicht",
    "unzustellbar",
    "nicht zugestellt",
    "zustellung fehlgeschlagen",
    "zustellungsfehler",
    "fehler bei der zustellung",
    "zustellfehler",
    "unzustellbare",
    "zustellung verzögert",
    "verzögerung",
    "non remis",
    "non délivr",
    "non delivr",
    "non distribu",
    "échec de la remise",
    "Échec de la remise",
    "échec de remise",
    "Échec de remise",
    "echec de",
    "échec d'envoi",
    "Échec d'envoi",
    "notification d'état de remise",
    "erreur de remise",
    "retour à l'expéditeur",

    "remise différée",
    "remise retardée",
    "non recapitabile",
    "mancata consegna",
    "impossibile recapitare",
    "mancato recapito",
    "errore di consegna",
    "consegna fallita",
    "ritardo nella consegna",
    "no se puede entregar",
    "no se pudo entregar",
    "no se ha podido",
    "no entregado",
    "no entregable",
    "error de entrega",
    "error al entregar",
    "falló la entrega",
    "fallo en la entrega",
    "notificación de estado de entrega",
    "correo devuelto",
    "mensaje devuelto",
    "não entregue",
    "não pôde ser",
    "não é possível entregar",
    "não foi possível",
    "falha na entrega",
    "falha de entrega",
    "erro na entrega",
    "mensagem devolvida",
    "notificação de status",
    "onbestelbaar",
    "niet bezorgd",
    "niet worden bezorgd",
    "niet afgeleverd",
    "bezorging mislukt",
    "ikke leveres",
    "kan ikke levere",
    "kunne ikke lever",
    "ikke levert",
    "ikke leveret",
    "kan inte levereras",
    "kunde inte leverer",
    "gick inte att leverera",
    "ei voitu toimittaa",
    "ei voi toimittaa",
    "toimittamatta",
    "nie można dostarczyć",
    "niedostarczalne",
    "niedostarczona",
    "nelze doručit",
    "nedoručiteln",
    "nedoručen",
    "kézbesíthetetlen",
    "nem kézbesíthető",
    "kézbesítési",
    "nu a putut fi livrat",
    "nelivrabil",
    "teslim edilemedi",
    "iletilemedi",
    "gönderilemedi",
    "δεν ήταν δυνατή",
    "недоставлен",
    "не доставлен",
    "не может быть доставлен",
    "невозможно доставить",
    "не удалось доставить",
    "ошибка доставки",
    "недоставка",
    "недоставленное",
    "配信不能",
    "配信できません",
    "配信に失敗",
    "配信失敗",
    "配信エラー",
    "配送できません",
    "配送エラー",
    "送信エラー",
    "送信できません",
    "送信失敗",
    "不達",
    "未配信",
    "無法傳遞",
    "无法传递",
    "無法送達",
    "无法送达",
    "未传递",
    "退信",
    "退件",
    "投递失败",
    "投遞失敗",
    "发送失败",
    "發送失敗",
    "邮件发送失败",
    "系统退信",
    "배달되지",
    "배달 실패",
    "전송 실패",
    "תעודת משלוח",
    "לא ניתן למסור",
    "تعذر تسليم",
    "تعذر التسليم",
    "فشل التسليم",
    "فشل تسليم",
    "لم يتم تسليم",
    "لم يتم التسليم",
    "غير قابل للتسليم",
    "إشعار حالة التسليم",
};

/// How vacation programs begin a subject, or end its first piece before a colon.
constexpr std::string_view vacations[] = {
    "out of office",
    "out of the office",
    "out-of-office",
    "ooo",
    "automatic reply",
    "automatic response",
    "automated reply",
    "automated response",
    "auto reply",
    "auto-reply",
    "autoreply",
    "auto response",
    "auto-response",
    "autoresponse",
    "auto-responder",
    "autoresponder",
    "auto respond",
    "auto-respond",
    "out of office autoreply",
    "out of office reply",
    "vacation reply",
    "vacation message",
    "vacation response",
    "vacation auto-reply",
    "on vacation",
    "away from my mail",
    "away from office",
    "away message",
    "holiday message",
    "on holiday",
    "on leave",
    "on annual leave",
    "on maternity leave",
    "i am away",
    "i'm away",
    "i am on vacation",
    "i'm on vacation",
    "i am out of the office",
    "i'm out of the office",
    "currently out of the office",
    "out of town",
    "réponse automatique",
    "reponse automatique",
    "réponse auto",
    "message d'absence",
    "message automatique",
    "absence du bureau",
    "absent du bureau",
    "absente du bureau",
    "notification d'absence",
    "avis d'absence",
    "en congé",
    "en vacances",
    "je suis absent",
    "je suis absente",
    "absence",
    "رد تلقائي",
    "الرد التلقائي",
    "الرد الآلي",
    "رد آلي",
    "خارج المكتب",
    "abwesenheitsnotiz",
    "abwesenheit",
    "abwesend",
    "abwesenheitsmeldung",
    "abwesenheitsnachricht",
    "abwesenheitsassistent",
    "automatische antwort",
    "automatische nachricht",
    "automatische rückantwort",
    "außer haus",
    "nicht im büro",
    "urlaub",
    "respuesta automática",
    "respuesta automatica",
    "autorrespuesta",
    "fuera de la oficina",
    "fuera de oficina",
    "ausencia",
    "estoy de vacaciones",
    "mensaje automático",
    "risposta automatica",
    "fuori sede",
    "fuori ufficio",
    "assenza",
    "assente",
    "messaggio automatico",
    "automatisch antwoord",
    "automatische beantwoording",
    "afwezigheidsbericht",
    "afwezig",
    "niet aanwezig",
    "resposta automática",
    "resposta automatica",
    "fora do escritório",
    "ausência temporária",
    "ausente do escritório",
    "autosvar",
    "automatisk svar",
    "automatiskt svar",
    "frånvaro",
    "frånvarande",
    "fravær",
    "fraværende",
    "ikke til stede",
    "poissaoloilmoitus",
    "automaattinen vastaus",
    "poissa",
    "automatiska atbilde",
    "automaatvastus",
    "automatinis atsakymas",
    "automatyczna odpowiedź",
    "autoodpowiedź",
    "nieobecność",
    "poza biurem",
    "automatická odpověď",
    "automatická odpoveď",
    "mimo kancelář",
    "automatikus válasz",
    "automata válasz",
    "házon kívül",
    "răspuns automat",
    "otomatik yanıt",
    "otomatik cevap",
    "ofis dışında",
    "αυτόματη απάντηση",
    "εκτός γραφείου",
    "автоответ",
    "автоматический ответ",
    "автоматична відповідь",
    "вне офиса",
    "нет на месте",
    "отсутств",
    "автоматичен отговор",
    "自動返信",
    "自動応答",
    "自動回覆",
    "自动回复",
    "自动答复",
    "自動答覆",
    "不在通知",
    "不在のお知らせ",
    "休暇",
    "外出",
    "자동 회신",
    "자동응답",
    "부재중",
    "부재 중",
    "תשובה אוטומטית",
    "מענה אוטומטי",
    "پاسخ خودکار",
    "jawapan automatik",
    "balasan otomatis",
    "trả lời tự động",
    "ตอบกลับอัตโนมัติ",
};

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

/// "Absence: Re: minutes"
bool answers(std::string_view subject, std::size_t colon)
{
    if (colon == std::string_view::npos) return false;
    const auto rest = text::trim(subject.substr(colon + 1));
    return rest.starts_with("re:") || rest.starts_with("aw:") || rest.starts_with("re :");
}

}  // namespace

std::string lowered_text(std::string_view utf8)
{
    auto out = text::lowered(utf8);
    for (std::size_t i = 0; i + 1 < out.size(); ++i) {
        const auto lead = static_cast<unsigned char>(out[i]), next = static_cast<unsigned char>(out[i + 1]);
        if (lead < 0xc3 || lead > 0xd0 || next < 0x80 || next > 0xbf) continue;
        const auto put = [&](unsigned first, unsigned second) {
            out[i] = static_cast<char>(first), out[i + 1] = static_cast<char>(second);
        };
        if (lead == 0xc3 && next <= 0x9e && next != 0x97) put(lead, next + 0x20);
        if ((lead == 0xc4 || (lead == 0xc5 && next >= 0x8a)) && next % 2 == 0 && next < 0xb8) put(lead, next + 1u);
        if (lead == 0xc5 && next <= 0x87 && next % 2 == 1) put(lead, next + 1u);
        if (lead == 0xc5 && (next == 0xb9 || next == 0xbb || next == 0xbd)) put(lead, next + 1u);
        if (lead == 0xce && next >= 0x91 && next <= 0x9f) put(lead, next + 0x20);
        if (lead == 0xce && next >= 0xa0 && next <= 0xa9) put(0xcf, next - 0x20);
        if (lead == 0xd0 && next <= 0x8f) put(0xd1, next + 0x10);
        if (lead == 0xd0 && next >= 0x90 && next <= 0x9f) put(lead, next + 0x20);
        if (lead == 0xd0 && next >= 0xa0 && next <= 0xaf) put(0xd1, next - 0x20);
        ++i;
    }
    return out;
}

bool reads_like_vacation(std::string_view subject)
{
    subject = without_tags(subject);
    for (const auto* mark : {"auto: ", "auto:re", "autoreply:", "oof:", "ooo:", "away:"})
        if (subject.starts_with(mark)) return true;
    auto colon = subject.find(':');
    if (const auto wide = subject.find("\xef\xbc\x9a"); wide < colon) colon = wide;  // the full-width one
    const auto head = text::trim(subject.substr(0, colon));
    if (head.size() > 80) return false;
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
