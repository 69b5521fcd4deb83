#include "core/moderation/answer.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <vector>

#include "core/moderation/own_words.hpp"

using namespace majlis::moderation;
using Wish = Answer::Wish;

namespace {

const std::string quote = "> [rabat] Un message attend\n>\n> De : Sara\n> reject\n> -- \n> MAIMC\n";

Wish wish(const std::string& text) { return read_answer_text(text).wish; }

}  // namespace

TEST_CASE("a reply of which nothing is left approves")
{
    const std::vector<std::string> replies{
        "",
        "\r\n \r\n\t\r\n",
        "\u00a0\n\u200f\n",
        quote,
        "On Mon, 3 Feb 2026 at 10:12, Rabat <rabat+mod-abc@maimc.org> wrote:\n" + quote,
        "On Mon, 3 Feb 2026 at 10:12, Rabat\n<rabat+mod-abcdefghijklmnopqrstuvwxyz@maimc.org>\nwrote:\n\n" + quote,
        "Le lun. 3 f\u00e9vr. 2026 \u00e0 10:12, Rabat <rabat+mod-abc@maimc.org> a \u00e9crit :\n" + quote,
        "Le lundi 3 f\u00e9vrier 2026 \u00e0 10:12:03 UTC+1, Rabat\u00a0<rabat@maimc.org> a \u00e9crit\u00a0:\n\n" + quote,
        "Le 03/02/2026 \u00e0 10:12, Rabat a \u00e9crit\u202f:\n" + quote,
        "\u0641\u064a \u0627\u0644\u0627\u062b\u0646\u064a\u0646\u060c 3 \u0641\u0628\u0631\u0627\u064a\u0631 2026 "
        "\u0641\u064a 10:12 \u0635 \u062a\u0645\u062a \u0643\u062a\u0627\u0628\u0629 \u0645\u0627 \u064a\u0644\u064a "
        "\u0628\u0648\u0627\u0633\u0637\u0629 Rabat <\u202arabat@maimc.org\u202c>:\u200f\n" +
            quote,
        "\u0628\u062a\u0627\u0631\u064a\u062e 3/2/2026 \u0643\u062a\u0628 Rabat <rabat@maimc.org>:\n" + quote,
        "Sent from my iPhone\n\n" + quote,
        "\n\nSent from my iPhone\n\n> On 3 Feb 2026, at 10:12, Rabat <rabat@maimc.org> wrote:\n> \n" + quote,
        "Envoy\u00e9 de mon iPhone\n\nLe 3 f\u00e9vr. 2026 \u00e0 10:12, Rabat <rabat@maimc.org> a \u00e9crit :\n\n" + quote,
        "Envoy\u00e9 de mon appareil Android avec Courriel K-9 Mail. Veuillez excuser ma bri\u00e8vet\u00e9.\n",
        "Envoy\u00e9 \u00e0 partir de mon smartphone Samsung Galaxy.\n\n\n-------- Message d'origine --------\nDe : Rabat\nbla\n",
        "\u0623\u064f\u0631\u0633\u0644\u062a \u0645\u0646 \u0627\u0644\u0640 iPhone\n",
        "\u0623\u0631\u0633\u0644\u062a \u0645\u0646 \u0647\u0627\u062a\u0641 Samsung Galaxy \u0627\u0644\u0630\u0643\u064a\n",
        "\u062a\u0645 \u0627\u0644\u0625\u0631\u0633\u0627\u0644 \u0645\u0646 \u0647\u0627\u062a\u0641\u064a\n",
        "\u0627\u0644\u062d\u0635\u0648\u0644 \u0639\u0644\u0649 Outlook \u0644\u0640 iOS<https://aka.ms/o0ukef>\n",
        "Get Outlook for Android<https://aka.ms/AAb9ysg>\n________________________________\nFrom: Rabat <rabat@maimc.org>\n"
        "Sent: Monday, February 3, 2026 10:12 AM\nTo: Karim\nSubject: A post waits\n\nAnswers: reject, discard\n\nMAIMC\n",
        "T\u00e9l\u00e9charger Outlook pour Android<https://aka.ms/x>\n________________________________\nDe : Rabat\n"
        "Envoy\u00e9 : lundi 3 f\u00e9vrier 2026 10:12\n\u00c0 : Karim\nObjet : Un message attend\n\ntexte\n",
        "Obtenez Outlook pour iOS<https://aka.ms/o0ukef>",
        "\n-----Original Message-----\nFrom: Rabat\nSent: today\nbla\nbla\n",
        "\n-----Message d'origine-----\nDe : Rabat\nEnvoy\u00e9 : lundi\n\nbla\n",
        "-----\u0627\u0644\u0631\u0633\u0627\u0644\u0629 \u0627\u0644\u0623\u0635\u0644\u064a\u0629-----\n\u0645\u0646: "
        "Rabat\nbla\n",
        "\u0645\u0646: Rabat <rabat@maimc.org>\n\u062a\u0627\u0631\u064a\u062e \u0627\u0644\u0625\u0631\u0633\u0627\u0644: "
        "3/2/2026\n\u0625\u0644\u0649: karim\n\u0627\u0644\u0645\u0648\u0636\u0648\u0639: "
        "\u0631\u0633\u0627\u0644\u0629\n\nbla\n",
        "De : Rabat <rabat@maimc.org>\nEnvoy\u00e9 : lundi\n\u00c0 : Karim\nObjet : Un message\n\nbla\n",
        "-- \nKarim Benali\nPr\u00e9sident de la section\n+212 6 00 00 00 00\n",
        "-- \nKarim Benali\n\nOn Mon, 3 Feb 2026, Rabat wrote:\n" + quote,
        quote + "\n-- \nKarim\n",
        "Ce message et ses pi\u00e8ces jointes sont confidentiels et destin\u00e9s \u00e0 l'usage exclusif de leur destinataire. "
        "Toute "
        "utilisation ou diffusion\nnon autoris\u00e9e est interdite. Merci d'en pr\u00e9venir l'exp\u00e9diteur.\n",
        "Virus-free. www.avast.com\n",
        "Pensez \u00e0 l'environnement avant d'imprimer ce courriel.\n",
    };
    for (const auto& reply : replies) {
        CAPTURE(reply);
        CHECK(wish(reply) == Wish::approve);
    }
}

TEST_CASE("the first word of a reply does what it says, in three languages")
{
    const std::vector<std::pair<std::string, Wish>> replies{
        {"reject", Wish::reject},
        {"Reject: not for this list", Wish::reject},
        {"*REJECT*", Wish::reject},
        {"discard\n\n" + quote, Wish::discard},
        {"Discard.", Wish::discard},
        {"ban\nSent from my iPhone", Wish::ban},
        {"allow", Wish::allow},
        {"\u00ab rejeter \u00bb hors sujet", Wish::reject},
        {"Refuser, hors sujet", Wish::reject},
        {"supprimer", Wish::discard},
        {"bannir", Wish::ban},
        {"Autoriser !", Wish::allow},
        {"\u0631\u0641\u0636", Wish::reject},
        {"\u0627\u0631\u0641\u0636\u060c \u062e\u0627\u0631\u062c \u0627\u0644\u0645\u0648\u0636\u0648\u0639", Wish::reject},
        {"\u200f\u062d\u0630\u0641\n", Wish::discard},
        {"\u062d\u064e\u0638\u0652\u0631", Wish::ban},
        {"\u0627\u0633\u0645\u062d", Wish::allow},
        {"approve", Wish::approve},
        {"Approuver.", Wish::approve},
        {"\u0645\u0648\u0627\u0641\u0642", Wish::approve},
        {"\u0623\u0648\u0627\u0641\u0642\n\n" + quote, Wish::approve},
        {quote + "\nreject spam\n", Wish::reject},  // below the quote
        {"> De : Sara\ndiscard\n> Objet : x\n", Wish::discard},
        {"On Mon, 3 Feb 2026, Rabat wrote:\n" + quote + "\n\ndiscard\n-- \nKarim\n", Wish::discard},
        {"-- \nreject\n", Wish::unclear},  // below the mark of a signature: who knows
    };
    for (const auto& [reply, expected] : replies) {
        CAPTURE(reply);
        CHECK(wish(reply) == expected);
    }
}

TEST_CASE("everything else changes nothing")
{
    for (const std::string reply : {
             "ok",
             "yes",
             "Merci",
             "hello",
             "What is this?",
             "Karim Benali\nPr\u00e9sident",
             "I would reject this",
             "approve? no",
             "approve this but ask her",
             "rejecting",
             "banana",
             "allowance",
             "Ce message contient une insulte",
             "Ce message contient un virus",
             "This message is rude",
             "This email is spam",
             "forward to Ali",
             "https://example.org",
             "\u0634\u0643\u0631\u0627",
             "\u0646\u0639\u0645",
             "Sent from Casablanca with love by the whole team, and we all think it is bad",
             "no",
             "?",
             "1",
             "Envoy\u00e9 hier, je ne sais pas",
             "reject's",
             "ban@example.org",
         }) {
        CAPTURE(reply);
        CHECK(wish(reply) == Wish::unclear);
    }
}

TEST_CASE("the reason of a rejection is what follows, without quote, footer and signature")
{
    CHECK(read_answer_text("reject not for this list\n\nSent from my iPhone\n" + quote).reason == "not for this list");
    CHECK(read_answer_text("Rejeter : hors sujet,\nessayez casablanca\n-- \nKarim").reason == "hors sujet,\nessayez casablanca");
    CHECK(read_answer_text("reject\n\nplease post in French\n").reason == "please post in French");
    CHECK(read_answer_text("\u0631\u0641\u0636: \u062e\u0627\u0631\u062c \u0627\u0644\u0645\u0648\u0636\u0648\u0639").reason ==
          "\u062e\u0627\u0631\u062c \u0627\u0644\u0645\u0648\u0636\u0648\u0639");
    CHECK(read_answer_text("reject").reason.empty());
    CHECK(read_answer_text("reject " + std::string(5'000, 'x')).reason.size() == 1'000);
    CHECK(read_answer_text("discard boring").reason.empty());
}

TEST_CASE("a command below an original without marks is doubt, not approval")
{
    const std::string original = "-----Original Message-----\nFrom: Rabat\nSent: today\n\nAnswers: reject, discard\nMAIMC\n";
    CHECK(wish(original) == Wish::approve);
    const auto below = read_answer_text(original + "\nreject spam\n");
    CHECK(below.wish == Wish::unclear);
    CHECK_FALSE(below.doubt.empty());
}

TEST_CASE("hostile replies are read in linear time")
{
    const auto begin = std::chrono::steady_clock::now();
    std::string on;
    for (int i = 0; i < 20'000; ++i) on += "On x@y 1\n";
    std::string heads;
    for (int i = 0; i < 20'000; ++i) heads += "From: a\n";
    for (const auto& text : {std::string(3'000'000, '>'), std::string(3'000'000, '\n'), std::string(3'000'000, '*'), on, heads,
                             std::string(2'000'000, ' ') + "x", std::string(300'000, '\xd9')})
        CHECK(wish(text) == Wish::unclear);
    CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds{20});
}

TEST_CASE("bytes that are no UTF-8 harm nobody")
{
    std::string all;
    for (int i = 0; i < 256; ++i) all += static_cast<char>(i);
    CHECK(wish(all + all) == Wish::unclear);
    CHECK(wish("reject \xff\xfe\xc3") == Wish::reject);
}
