#include "core/classify/dialects/dialect.hpp"

#include "core/text/ascii.hpp"

#include <algorithm>

/// Sentences that end in recipients: behind them on the line, or on lines below that an address begins. By family, more telling
/// ones first.
namespace majlis::recognise {
namespace {

enum class Says { failure, nothing };  // whether the sentence alone tells that a mail was not delivered

struct Opening {
    std::string_view phrase;  // lower case, single spaces
    Says says = Says::failure;
};

// clang-format off
constexpr Opening openings[] = {
    // Sendmail and its heirs
    {"the following addresses had permanent fatal errors"},
    {"the following addresses had permanent delivery errors"},
    {"the following addresses had fatal errors"},
    {"the following addresses had transient non-fatal errors"},
    {"the following addresses had delivery problems"},
    {"the following addresses had delivery errors"},
    {"the following address had delivery problems"},
    {"the following address had permanent fatal errors"},
    {"the following addresses have delivery notifications", Says::nothing},
    // Exim and those that copy its words
    {"the following address(es) failed"},
    {"the following addresses failed"},
    {"the following address failed"},
    {"an undisclosed address (generated from"},
    {"the address to which the message has not yet been delivered is"},
    {"the addresses to which the message has not yet been delivered are"},
    {"the following address(es) have yet to be delivered"},
    {"could not be delivered to one or more of its recipients"},
    {"could not be delivered to all of its recipients"},
    {"could not be delivered to one or more recipients"},
    {"es konnte an folgende adressen nicht"},
    // Microsoft: Exchange 5.5 to 365, the SMTP service of Windows, Outlook.com
    {"did not reach the following recipient(s)"},
    {"did not reach the following recipients"},
    {"did not reach some or all of the intended recipients", Says::failure},
    {"the following recipient(s) could not be reached"},
    {"the following recipient(s) cannot be reached"},
    {"the following recipients could not be reached"},
    {"delivery to the following recipients failed"},
    {"delivery to the following recipient failed"},
    {"delivery to the following recipient(s) failed"},
    {"delivery to the following recipients has been delayed"},
    {"delivery to the following recipient has been delayed"},
    {"delivery to the following recipients was aborted"},
    {"delivery to these recipients or distribution lists has been delayed"},
    {"delivery has failed to these recipients or groups"},
    {"delivery has failed to these recipients or distribution lists"},
    {"delivery has failed to the following recipients"},
    {"delivery is delayed to these recipients or groups"},
    {"diagnostic information for administrators", Says::nothing},
    {"informations de diagnostic pour les administrateurs", Says::nothing},
    {"diagnoseinformationen für administratoren", Says::nothing},
    {"información de diagnóstico para administradores", Says::nothing},
    {"informazioni di diagnostica per gli amministratori", Says::nothing},
    {"informações de diagnóstico para administradores", Says::nothing},
    {"diagnostische gegevens voor beheerders", Says::nothing},
    {"échec de la remise à ces destinataires ou groupes"},
    {"échec de la remise pour ces destinataires ou groupes"},
    {"échec de la remise aux destinataires suivants"},
    {"Échec de la remise à ces destinataires"},
    {"Échec de la remise pour ces destinataires"},
    {"Échec de la remise aux destinataires suivants"},
    {"chec de remise pour ces destinataires"},
    {"la remise de ce message a échoué pour"},
    {"n'a pas pu être remis aux destinataires suivants"},
    {"fehler bei der nachrichtenzustellung an folgende empfänger"},
    {"fehler bei der zustellung an folgende empfänger"},
    {"fehler beim zustellen an folgende empfänger"},
    {"übermittlung an folgende empfänger fehlgeschlagen"},
    {"die zustellung an folgende empfänger ist fehlgeschlagen"},
    {"error de entrega a estos destinatarios o grupos"},
    {"error de entrega a los destinatarios siguientes"},
    {"error en la entrega a los siguientes destinatarios"},
    {"no se ha podido entregar a estos destinatarios"},
    {"recapito non riuscito ai destinatari o gruppi seguenti"},
    {"impossibile recapitare il messaggio ai seguenti destinatari"},
    {"falha na entrega a estes destinatários ou grupos"},
    {"falha na entrega para estes destinatários ou grupos"},
    {"a entrega falhou para estes destinatários ou grupos"},
    {"bezorging is mislukt voor deze geadresseerden of groepen"},
    {"bezorgen is mislukt bij deze geadresseerden of groepen"},
    {"levering til disse modtagere eller grupper mislykkedes"},
    {"det gick inte att leverera till följande mottagare"},
    {"dostarczenie do następujących adresatów lub grup nie powiodło się"},
    {"не удалось выполнить доставку следующим получателям"},
    {"не удалось доставить сообщение следующим получателям"},
    {"次の受信者またはグループへの配信に失敗しました"},
    {"次の受信者またはグループへの配信ができませんでした"},
    {"次の受信者への配信に失敗しました"},
    {"无法将邮件传递给以下收件人"},
    {"您的邮件无法传递到以下收件人"},
    {"未能传递到这些收件人或组"},
    {"فشل التسليم إلى هؤلاء المستلمين أو المجموعات"},
    {"فشل التسليم إلى المستلمين"},
    {"تعذر تسليم رسالتك إلى"},
    // Gmail
    {"delivery to the following recipient failed permanently"},
    {"delivery to the following recipients failed permanently"},
    {"this is an automatically generated delivery status notification", Says::nothing},
    {"your message wasn't delivered to"},
    {"your message was not delivered to"},
    {"there was a problem delivering your message to"},
    {"there was a temporary problem delivering your message to"},
    {"we couldn't deliver your message to"},
    {"we weren't able to deliver your message to"},
    {"n'a pas été remis à"},
    {"n'a pas été distribué à"},
    {"n'a pas pu être remis à"},
    {"n'a pas pu etre remis a"},
    {"n'a pas pu être délivré à"},
    {"n'a pas pu etre delivre a"},
    {"n'a pas pu être envoyé à"},
    {"n'a pas pu être distribué à"},
    {"n'a pu être délivré à"},
    {"n'a pu être remis à"},
    {"ne peut être délivré à"},
    {"ne peut pas être remis à"},
    {"n'a pas pu être acheminé vers"},
    {"impossible de remettre votre message à"},
    {"impossible d'envoyer votre message à"},
    {"no se ha entregado a"},
    {"no se ha podido entregar a"},
    {"no se pudo entregar a"},
    {"no pudo ser entregado a"},
    {"no ha podido ser entregado a"},
    {"el mensaje no se ha podido entregar a"},
    {"não foi entregue a"},
    {"não pôde ser entregue a"},
    {"não foi possível entregar a mensagem a"},
    {"non è stato recapitato a"},
    {"non è stato consegnato a"},
    {"non può essere recapitato a"},
    {"non è stato possibile recapitare il messaggio a"},
    {"il messaggio non è stato recapitato al"},
    {"ihre nachricht an", Says::nothing},
    {"ihre e-mail an", Says::nothing},
    {"wurde nicht zugestellt an"},
    {"konnte nicht zugestellt werden an"},
    {"konnte an folgende empfänger nicht zugestellt werden"},
    {"konnte an die folgenden empfänger nicht zugestellt werden"},
    {"konnte den folgenden empfängern nicht zugestellt werden"},
    {"konnte nicht an folgende empfänger"},
    {"folgende empfänger"},
    {"je bericht is niet bezorgd bij"},
    {"uw bericht kon niet worden bezorgd bij"},
    {"kunne ikke leveres til"},
    {"kunde inte levereras till"},
    {"nie mogła zostać dostarczona do"},
    {"nie została dostarczona do"},
    {"не было доставлено"},
    {"не может быть доставлено"},
    {"не удалось доставить"},
    {"недоставлено"},
    // qmail, Yahoo
    {"unable to deliver your message to the following address"},
    {"unable to deliver message to the following address(es)"},
    {"wasn't able to deliver your message to the following addresses"},
    {"not able to deliver your message to the following addresses"},
    {"was unable to deliver your message to the following"},
    {"unable to deliver to the following"},
    // Lotus
    {"was not delivered to:"},
    {"was not delivered to the following"},
    {"wasn't delivered to:"},
    {"n'a pas été délivré à"},
    {"wurde nicht zugestellt an:"},
    {"no se entregó a"},
    {"non è stato consegnato a:"},
    {"failure reasons"},
    // MDaemon, Kerio, MailEnable, Merak, CommuniGate, GroupWise, Zimbra, hMailServer, SurgeMail, IMail
    {"failed to deliver to"},
    {"failed to deliver message to"},
    {"failed to send to identified host"},
    {"failed address:"},
    {"failed recipient:"},
    {"failed recipients:"},
    {"failed addresses follow"},
    {"the following recipients failed"},
    {"the following recipient failed"},
    {"the following recipient(s) failed"},
    {"the following recipients have failed"},
    {"could not be delivered to the following recipient"},
    {"could not be delivered to the following address"},
    {"couldn't be delivered to the following recipient"},
    {"couldn't be delivered to the following address"},
    {"cannot be delivered to the following recipient"},
    {"cannot be delivered to the following address"},
    {"can not be delivered to the following recipient"},
    {"can not be delivered to the following address"},
    {"unable to be delivered to the following"},
    {"was not successfully delivered to"},
    {"was not delivered to one or more"},
    {"has not been delivered to the following"},
    {"not been delivered to the following"},
    {"not delivered to the following"},
    {"could not be delivered for the following"},
    {"could not be sent to the following"},
    {"could not be delivered to these recipients"},
    {"message undeliverable to"},
    {"undeliverable to the following"},
    {"undeliverable to"},
    {"unable to deliver message to"},
    {"unable to deliver your message to"},
    {"unable to deliver mail to"},
    {"unable to deliver the message to"},
    {"unable to deliver to"},
    {"unable to send message to"},
    {"unable to send to"},
    {"could not deliver message to"},
    {"could not deliver your message to"},
    {"could not deliver the message to"},
    {"could not deliver mail to"},
    {"could not deliver to"},
    {"couldn't deliver the message to"},
    {"cannot deliver mail to"},
    {"cannot deliver message to"},
    {"delivering your mail to"},
    {"delivering mail to"},
    {"delivery to the following"},
    {"delivery failed for the following"},
    {"delivery failed to the following"},
    {"delivery failed to"},
    {"delivery failure to"},
    {"delivery failed for"},
    {"delivery has failed to"},
    {"delivery attempts:", Says::nothing},
    {"20 attempts:", Says::nothing},
    {"unknown user:"},
    {"unknown recipient:"},
    {"unknown address:"},
    {"unknown host:"},
    {"user unknown:"},
    {"no such user:"},
    {"no such recipient:"},
    {"user not found:"},
    {"receiver not found:"},
    {"recipient not found:"},
    {"invalid recipient:"},
    {"invalid recipients:"},
    {"invalid final delivery userid:"},
    {"invalid address:"},
    {"mailbox exceeds allowed size:"},
    {"mailbox is full:"},
    {"mailbox full:"},
    {"over quota:"},
    {"mailbox not found:"},
    {"bad recipient:"},
    {"rejected recipient"},
    {"undeliverable recipient"},
    {"undeliverable address"},
    {"undelivered to"},
    {"could not be delivered to the recipient"},
    {"could not be delivered to user"},
    {"could not be delivered to"},
    {"couldn't be delivered to"},
    {"cannot be delivered to"},
    {"can't be delivered to"},
    {"has not been delivered to"},
    {"not be delivered to"},
    {"was not received by"},
    {"did not receive this message"},
    {"were not delivered:"},
    {"the following recipients were affected"},
    {"the following recipients were rejected"},
    {"following recipients was rejected by"},
    {"the following users are unknown"},
    {"the following recipients are unknown"},
    {"the following recipient(s) are invalid"},
    {"the following recipient address"},
    {"following recipient(s) could not be"},
    {"following recipients could not be"},
    {"for the following reason(s) to", Says::nothing},
    {"was rejected by the following recipient"},
    {"message rejected by recipient"},
    {"there's a problem with the e-mail address(es) listed below"},
    {"there was an error delivering your mail to"},
    {"the following list of recipients"},
    {"addresses listed below"},
    {"recipient(s) listed below"},
    {"recipients listed below"},
    {"the e-mail account does not exist at the organization", Says::nothing},
    {"does not exist:", Says::nothing},
    {"your mail to the following recipients could not be delivered"},
    {"destinataires en erreur"},
    {"destinataires suivants"},
    {"destinataire suivant"},
    {"adresse suivante"},
    {"adresses suivantes"},
    {"destinatarios siguientes"},
    {"siguientes destinatarios"},
    {"siguiente destinatario"},
    {"siguiente dirección"},
    {"siguientes direcciones"},
    {"seguenti destinatari"},
    {"seguente destinatario"},
    {"seguenti indirizzi"},
    {"seguente indirizzo"},
    {"seguintes destinatários"},
    {"seguinte destinatário"},
    {"seguintes endereços"},
    {"folgenden empfänger"},
    {"folgenden adressen"},
    {"folgende adresse"},
    {"folgender empfänger"},
    {"volgende ontvanger"},
    {"volgende geadresseerde"},
    {"következő címzett"},
    {"následujícím příjemcům"},
    {"următorii destinatari"},
    {"aşağıdaki alıcı"},
    {"aşağıdaki adres"},
    {"следующим адресатам"},
    {"следующим получателям"},
    {"следующих получателей"},
    {"по следующим адресам"},
    {"以下收件人"},
    {"收件人邮件地址"},
    {"无法发送到"},
    {"无法送达"},
    {"投递失败"},
    {"以下の宛先"},
    {"次のあて先"},
    {"次の宛先"},
    {"宛先"},
    {"送信先"},
    {"다음 수신자"},
    {"المستلمين التاليين"},
    {"إلى العناوين التالية"},
};

/// Gateways that name the recipient by a label.
constexpr Opening labels[] = {
    {"the following recipient", Says::nothing},
    {"recipient address:", Says::nothing},
    {"intended recipient:", Says::nothing},
    {"intended recipients:", Says::nothing},
    {"original recipient:", Says::nothing},
    {"final-recipient:", Says::nothing},
    {"final recipient:", Says::nothing},
    {"addressed to:", Says::nothing},
    {"recipients:", Says::nothing},
    {"recipient(s):", Says::nothing},
    {"recipient:", Says::nothing},
    {"rcpt to:", Says::nothing},
    {"generated from", Says::nothing},
    {"generated by", Says::nothing},
    {"destinataire :", Says::nothing},
    {"destinataire:", Says::nothing},
    {"destinataires :", Says::nothing},
    {"destinatario:", Says::nothing},
    {"empfänger:", Says::nothing},
    {"ontvanger:", Says::nothing},
    {"destinatário:", Says::nothing},
    {"получатель:", Says::nothing},
    {"收件人", Says::nothing},
    {"받는사람", Says::nothing},
    {"받는 사람", Says::nothing},
    {"수신자", Says::nothing},
};

/// Failures told without naming a recipient right behind.
constexpr std::string_view sentences[] = {
    "could not be delivered",
    "couldn't be delivered",
    "cannot be delivered",
    "can not be delivered",
    "was not delivered",
    "wasn't delivered",
    "not be delivered",
    "has been undeliverable",
    "undeliverable",
    "unable to deliver",
    "failed to deliver",
    "could not deliver",
    "couldn't deliver",
    "delivery failed",
    "delivery failure",
    "delivery has failed",
    "delivery error",
    "error delivering",
    "error sending",
    "bounce: ",
    "unknown recipient",
    "보내지 못했습니다",
    "전송하지 못했습니다",
    "не доставлено",
    "не удалось",
    "не может быть",
    "trouble delivering",
    "permanent error",
    "transcript of session follows",
    "user unknown",
    "unknown user",
    "mailbox full",
    "mailbox is full",
    "over quota",
    "no such user",
    "was rejected",
    "has been rejected",
    "message could not be sent",
    "did not reach",
    "returned to sender",
    "returned to you",
    "nicht zugestellt",
    "unzustellbar",
    "non remis",
    "pas pu être",
    "pas pu etre",
    "n'a pu être",
    "no se pudo",
    "no se ha podido",
    "no pudo ser",
    "non recapitabil",
    "mancata consegna",
    "não pôde ser",
    "não foi possível",
    "niet worden bezorgd",
    "onbestelbaar",
    "не доставлено",
    "配信できません",
    "配信に失敗",
    "配送できません",
    "退信",
    "投递失败",
    "تعذر تسليم",
};
// clang-format on

constexpr std::size_t most_tries = 50;    // places of one sentence that are looked at
constexpr std::size_t looked_below = 12;  // lines behind an opening in which the first recipient must stand

/// Nothing but punctuation, or a rule of dashes.
bool is_ornament(std::string_view line)
{
    return std::none_of(line.begin(), line.end(),
                        [](char c) { return text::is_letter(c) || text::is_digit(c) || !text::is_ascii(c); });
}

/// "Ann Ray <a@b>", "Ann Ray (a@b)", "'a@b' on 1/2/2003": a line that is about one recipient rather than a sentence.
Spot recipient_line(std::string_view line)
{
    if (auto spot = leading_address(line); !spot.address.empty()) return spot;
    auto spots = addresses_in(line, 1);
    if (spots.empty() || spots.front().begin > 60 || line.starts_with('>')) return {};
    const auto before = line.substr(0, spots.front().begin);
    const auto behind = line.substr(std::min(spots.front().end, line.size()));
    const bool enclosed = (before.ends_with('<') && behind.starts_with('>')) ||
                          (before.ends_with('(') && behind.starts_with(')')) ||
                          (before.ends_with('[') && behind.starts_with(']'));
    return enclosed && before.find(':') == std::string_view::npos ? spots.front() : Spot{};
}

void read_below(const Notice& notice, std::size_t line, std::vector<Found>& all)
{
    std::size_t looked = 0;
    for (std::size_t i = line; i < notice.lines().size(); ++i) {
        const auto words = notice.lines()[i];
        if (words.empty() || is_ornament(words)) continue;
        auto spot = recipient_line(words);
        const bool takes = !spot.address.empty() && notice.may_fail(spot.address) && !continues_sentence(notice, i, spot.end);
        if (takes) add_found(all, {spot.address, words_after(notice, i, spot.end)});
        if (all.empty() && ++looked > looked_below) return;
        // "a@b, c@d; e@f": a list on one line
        if (!takes) continue;
        for (auto& other : addresses_in(words.substr(spot.end)))
            if (const auto gap = words.substr(spot.end).substr(0, other.begin);
                gap.find_first_of(",;") != std::string_view::npos && is_ornament(gap) && notice.may_fail(other.address))
                add_found(all, {other.address, words_after(notice, i, spot.end)});
    }
}

/// The recipients behind the opening on its own line: all of them, up to a word that leads away ("from", "because").
bool read_behind(const Notice& notice, const Notice::Place& place, std::vector<Found>& all)
{
    const auto line = notice.lines()[place.line];
    const auto rest = line.substr(std::min(place.column, line.size()));
    bool any = false;
    std::size_t last = 0;
    for (auto& spot : addresses_in(rest)) {
        const auto gap = text::lowered(rest.substr(last, spot.begin - last));
        if (gap.size() > 80 || contains_any(gap, {" from ", "from:", " von ", " de ", "contact ", "subject", "message-id"}))
            break;
        if (any && contains_any(gap, {"rcpt to", " said", "because", " by ", "see "})) break;
        last = spot.end;
        if (!notice.may_fail(spot.address)) continue;
        any = true;
        if (is_found(all, spot.address)) continue;
        add_found(all, {spot.address, std::string{line.substr(0, place.column)} + " " +
                                          words_after(notice, place.line, place.column + spot.end)});
    }
    return any;
}

template <std::size_t N>
std::vector<Found> read_after(const Opening (&table)[N], const Notice& notice)
{
    std::vector<Found> all;
    for (const auto& opening : table) {
        std::size_t tries = 0;
        for (auto place = notice.find(opening.phrase); place && tries < most_tries;
             place = notice.find(opening.phrase, place->next)) {
            ++tries;
            if (read_behind(notice, *place, all)) continue;
            if (all.empty()) read_below(notice, place->line + 1, all);
        }
        if (!all.empty()) return all;
    }
    return all;
}

/// Reasons that name the mailbox behind the address: it is reported besides.
constexpr std::string_view besides[] = {"quota violation for"};

}  // namespace

std::vector<Found> read_after_opening(const Notice& notice)
{
    auto all = read_after(openings, notice);
    for (const auto phrase : besides)
        if (const auto place = notice.find(phrase); place && !all.empty()) read_behind(notice, *place, all);
    return all;
}

std::vector<Found> read_after_label(const Notice& notice) { return read_after(labels, notice); }

bool speaks_of_failure(const Notice& notice)
{
    const auto said = [&](std::string_view phrase) { return notice.says(phrase); };
    return std::any_of(std::begin(sentences), std::end(sentences), said) ||
           std::any_of(std::begin(openings), std::end(openings),
                       [&](const Opening& o) { return o.says == Says::failure && said(o.phrase); });
}

}  // namespace majlis::recognise
