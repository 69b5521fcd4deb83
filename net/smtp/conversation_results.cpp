// What became of each transaction, when its last reply has come or none will.
#include "net/smtp/conversation.hpp"

namespace majlis::smtp {

namespace {

Stage stage_of(Conversation::Awaited step)
{
    switch (step) {
        case Conversation::Awaited::rcpt:
            return Stage::rcpt;
        case Conversation::Awaited::data:
            return Stage::data;
        case Conversation::Awaited::final:
            return Stage::final;
        default:
            return Stage::mail;
    }
}

}  // namespace

void Conversation::settle(Source& source)
{
    static const Reply none;
    while (count_ > 0 && at(0).over) report(none, source);
}

void Conversation::give_up(Source& source, std::string_view why)
{
    const Reply reason{0, "", std::string{why}};
    while (count_ > 0) report(reason, source);
}

/// Hands the first flight's results out. It leaves the ring before, so that nothing is told twice if the source throws.
void Conversation::report(const Reply& why, Source& source)
{
    auto& flight = at(0);
    flight.results.resize(flight.refusals.size());
    for (std::size_t i = 0; i < flight.results.size(); ++i) {
        flight.results[i].index = i;
        judge(flight, why, flight.results[i]);
    }
    bytes_ -= flight.transaction.size();
    first_ = place(1);
    --count_;
    source.done({flight.transaction, flight.results, flight.accepted});
    flight.transaction.owner.reset();
}

void Conversation::judge(const Flight& flight, const Reply& why, RecipientResult& result) const
{
    const auto set = [&result](Outcome outcome, Stage stage, const Reply& reply) {
        result.outcome = outcome;
        result.stage = stage;
        result.reply = &reply;
    };
    const auto& refusal = flight.refusals[result.index];
    if (refusal.code != 0) return set(Outcome::refused, Stage::rcpt, refusal);
    if (flight.mail.code != 0) return set(Outcome::refused, Stage::mail, flight.mail);
    if (flight.data.code != 0) return set(Outcome::refused, Stage::data, flight.data);
    if (flight.final.positive()) return set(Outcome::delivered, Stage::final, flight.final);
    if (flight.final.code != 0) return set(Outcome::refused, Stage::final, flight.final);
    const bool sent = flight.whole && !flight.empty && output_.taken() >= flight.end;
    const bool behind_farewell = farewell_.code != 0 && closed_;
    set(sent && !behind_farewell ? Outcome::unknown : Outcome::unsent, stage_of(flight.step), why);
}

}  // namespace majlis::smtp
