#include "net/smtp/conversation.hpp"

#include <algorithm>
#include <array>

#include "core/text/ascii.hpp"
#include "core/text/printable.hpp"
#include "net/smtp/commands.hpp"
#include "net/smtp/reply_reader.hpp"

namespace majlis::smtp {

namespace {

constexpr std::size_t max_window = 256;

std::size_t slots(Pace pace, std::size_t window)
{
    if (pace == Pace::chunked) return std::clamp<std::size_t>(window, 1, max_window);
    return pace == Pace::overlapped ? 2 : 1;
}

bool refuses(const Reply& reply) { return reply.code >= 400; }

/// Exim's "synchronization error", Postfix's "improper use of SMTP command pipelining".
bool speaks_of_pace(const Reply& reply)
{
    constexpr std::array codes = {421, 501, 503, 550, 554};
    if (std::find(codes.begin(), codes.end(), reply.code) == codes.end()) return false;
    const auto words = text::lowered(reply.text);
    return words.find("synchroni") != std::string::npos || words.find("pipelining") != std::string::npos;
}

/// The next recipient from `index` on that was not refused before anything was said.
std::size_t next_to_say(const std::vector<Reply>& refusals, std::size_t index)
{
    while (index < refusals.size() && refusals[index].code != 0) ++index;
    return index;
}

void forget(Reply& reply)
{
    reply.code = 0;
    reply.status.clear();
    reply.text.clear();
}

}  // namespace

std::string_view name(Conversation::Awaited awaited)
{
    switch (awaited) {
        case Conversation::Awaited::nothing:
            return "nothing";
        case Conversation::Awaited::noop:
            return "NOOP";
        case Conversation::Awaited::reset:
            return "RSET";
        case Conversation::Awaited::mail:
            return "MAIL";
        case Conversation::Awaited::rcpt:
            return "RCPT";
        case Conversation::Awaited::data:
            return "DATA";
        case Conversation::Awaited::final:
            return "the message";
    }
    return "nothing";
}

Conversation::Conversation(const Offer& offer, Pace pace, Window window)
    : offer_(offer), pace_(fitting_pace(pace, offer)), window_(window), flights_(slots(pace_, window.transactions))
{
}

Conversation::Awaited Conversation::awaited() const
{
    if (probing_) return Awaited::noop;
    return count_ == 0 ? Awaited::nothing : at(0).step;
}

// Saying -----------------------------------------------------------------------------------------------------------

bool Conversation::may_pull() const
{
    if (ended_ || probing_ || trouble_ != Trouble::none || farewell_.code != 0) return false;
    if (count_ == 0) return true;
    if (count_ == flights_.size()) return false;
    return pace_ == Pace::chunked ? bytes_ < window_.bytes : at(count_ - 1).whole;
}

bool Conversation::fill(Source& source)
{
    while (may_pull()) {
        auto& flight = at(count_);
        const auto next = source.next(flight.transaction);
        if (next == Source::Next::wait) break;
        if (next == Source::Next::end) {
            ended_ = true;
            break;
        }
        ++count_;
        begin(flight);
        settle(source);
    }
    return !ended_ || count_ > 0;
}

void Conversation::probe()
{
    output_.add("NOOP\r\n");
    probing_ = true;
}

void Conversation::begin(Flight& flight)
{
    bytes_ += flight.transaction.size();
    flight.refusals.resize(flight.transaction.recipients.size());
    for (auto& refusal : flight.refusals) forget(refusal);
    forget(flight.mail);
    forget(flight.data);
    forget(flight.final);
    flight.rcpt = flight.accepted = 0;
    flight.whole = flight.empty = false;
    flight.end = 0;
    flight.step = Awaited::mail;
    flight.over = !fits(flight);
    if (flight.over) return;
    flight.rcpt = next_to_say(flight.refusals, 0);
    flight.asked = output_.added();
    const bool others = pace_ == Pace::chunked && count_ > 1;
    const auto first = needs_reset_ || others ? Awaited::reset : Awaited::mail;
    needs_reset_ = false;
    flight.step = first;
    if (!runs_ahead()) return say(flight, first);
    if (first == Awaited::reset) say(flight, Awaited::reset);
    say_all(flight);
}

/// Whether anything can be said of it to this server. If not, each recipient has his refusal already.
bool Conversation::fits(Flight& flight) const
{
    const auto& transaction = flight.transaction;
    if (auto refusal = unfit(transaction, offer_)) {
        flight.mail = std::move(*refusal);
        return false;
    }
    std::size_t refused = 0;
    for (std::size_t i = 0; i < transaction.recipients.size(); ++i) {
        if (auto refusal = unfit(transaction.recipients[i], offer_)) {
            flight.refusals[i] = std::move(*refusal);
            ++refused;
        }
    }
    return refused < transaction.recipients.size();
}

void Conversation::say_all(Flight& flight)
{
    say(flight, Awaited::mail);
    const auto first = flight.rcpt;
    for (; flight.rcpt < flight.refusals.size(); flight.rcpt = next_to_say(flight.refusals, flight.rcpt + 1)) {
        say(flight, Awaited::rcpt);
    }
    flight.rcpt = first;
    if (pace_ == Pace::chunked) {
        say_message(flight);
    } else {
        say(flight, Awaited::data);
    }
}

void Conversation::say(Flight& flight, Awaited step)
{
    switch (step) {
        case Awaited::reset:
            return output_.add("RSET\r\n");
        case Awaited::mail:
            return add_mail(output_, flight.transaction, offer_);
        case Awaited::rcpt:
            return add_rcpt(output_, flight.transaction.recipients[flight.rcpt], flight.transaction, offer_);
        case Awaited::data:
            return output_.add("DATA\r\n");
        default:
            return;
    }
}

void Conversation::say_message(Flight& flight)
{
    if (pace_ == Pace::chunked) {
        add_chunk(output_, flight.transaction);
    } else if (flight.accepted == 0) {
        output_.add(".\r\n");  // DATA was granted with nobody to deliver to
        flight.empty = true;
    } else {
        add_content(output_, flight.transaction);
    }
    flight.whole = true;
    flight.end = output_.added();
}

// Hearing ----------------------------------------------------------------------------------------------------------

std::size_t Conversation::feed(std::string_view bytes, Source& source)
{
    std::size_t done = 0;
    stalled_ = false;
    while (trouble_ == Trouble::none && done < bytes.size()) {
        const auto reading = read_reply(bytes.substr(done), reply_);
        if (reading.what == Reading::What::incomplete) break;
        if (reading.what == Reading::What::garbage) {
            const auto end = std::min(bytes.size(), done + 100);
            out_of_step("no SMTP reply", {0, "", text::printable(bytes.substr(done, end - done))});
            break;
        }
        stalled_ = must_wait();
        if (stalled_) break;
        done += reading.length;
        hear(reply_, source);
    }
    return done;
}

bool Conversation::must_wait() const
{
    if (!writing_ || probing_ || count_ == 0) return false;
    return at(0).step == Awaited::final && output_.written() < at(0).end;
}

/// A reply to what has not been said yet.
bool Conversation::too_early(const Flight& flight) const
{
    return output_.taken() <= flight.asked ||
           (flight.step == Awaited::final && output_.taken() < flight.end && reply_.positive());
}

void Conversation::hear(const Reply& reply, Source& source)
{
    if (runs_ahead() && !probing_ && count_ > 0 && speaks_of_pace(reply))
        return out_of_step("the server wants a slower pace", reply);
    if (reply.code == 421 && farewell_.code == 0) farewell_ = reply;
    if (probing_) {
        probing_ = false;
    } else if (count_ == 0) {
        if (farewell_.code == 0) return out_of_step("a reply to nothing", reply);
    } else if (too_early(at(0))) {
        return out_of_step("a reply before its command", reply);
    } else {
        hear_step(at(0), reply);
        settle(source);
    }
    const bool nothing_said = count_ == 0 || !runs_ahead();
    if (farewell_.code != 0 && nothing_said && trouble_ == Trouble::none) trouble_ = Trouble::closing;
}

void Conversation::hear_step(Flight& flight, const Reply& reply)
{
    switch (flight.step) {
        case Awaited::reset:
            if (refuses(reply) && reply.code != 421) return out_of_step("RSET refused", reply);
            return go_to(flight, Awaited::mail);
        case Awaited::mail:
            return hear_mail(flight, reply);
        case Awaited::rcpt:
            return hear_rcpt(flight, reply);
        case Awaited::data:
            return hear_data(flight, reply);
        case Awaited::final:
            return hear_final(flight, reply);
        default:
            return;
    }
}

void Conversation::go_to(Flight& flight, Awaited step)
{
    flight.step = step;
    if (runs_ahead() || farewell_.code != 0) return;
    flight.asked = output_.added();
    say(flight, step);
}

void Conversation::hear_mail(Flight& flight, const Reply& reply)
{
    if (reply.code >= 300 && !refuses(reply)) return out_of_step("unfit reply to MAIL", reply);
    if (refuses(reply)) flight.mail = reply;
    if (refuses(reply) && !runs_ahead()) {
        flight.over = true;
    } else {
        go_to(flight, Awaited::rcpt);
    }
}

void Conversation::hear_rcpt(Flight& flight, const Reply& reply)
{
    if (reply.code >= 300 && !refuses(reply)) return out_of_step("unfit reply to RCPT", reply);
    if (flight.mail.code == 0) {
        if (refuses(reply)) {
            flight.refusals[flight.rcpt] = reply;
        } else {
            ++flight.accepted;
        }
    }
    flight.rcpt = next_to_say(flight.refusals, flight.rcpt + 1);
    if (flight.rcpt == flight.refusals.size()) return after_rcpts(flight);
    go_to(flight, Awaited::rcpt);
}

void Conversation::after_rcpts(Flight& flight)
{
    if (pace_ == Pace::chunked) {
        flight.step = Awaited::final;
    } else if (!runs_ahead() && flight.accepted == 0) {
        needs_reset_ = true;
        flight.over = true;
    } else {
        go_to(flight, Awaited::data);
    }
}

void Conversation::hear_data(Flight& flight, const Reply& reply)
{
    if (reply.positive()) return out_of_step("unfit reply to DATA", reply);
    if (refuses(reply)) {
        flight.data = reply;
        flight.over = true;
        needs_reset_ = flight.mail.code == 0;
        return;
    }
    if (farewell_.code != 0) {  // it said goodbye: begin nothing
        trouble_ = Trouble::closing;
        return;
    }
    flight.step = Awaited::final;
    say_message(flight);
}

void Conversation::hear_final(Flight& flight, const Reply& reply)
{
    if (reply.code >= 300 && !refuses(reply)) return out_of_step("unfit reply to the message", reply);
    if (reply.positive() && flight.mail.code != 0 && !flight.empty) {
        forget(flight.mail);  // refused, and taken all the same: nobody knows
        return out_of_step("a message taken after MAIL was refused", reply);
    }
    if (flight.accepted > 0) flight.final = reply;
    if (refuses(reply) && pace_ == Pace::chunked) needs_reset_ = true;
    flight.over = true;
}

void Conversation::out_of_step(std::string_view what, const Reply& reply)
{
    trouble_ = Trouble::out_of_step;
    detail_.assign(what).append(" (awaited: ").append(name(awaited())).append("): ");
    if (reply.code != 0) detail_.append(std::to_string(reply.code)).append(" ");
    if (!reply.status.empty()) detail_.append(reply.status).append(" ");
    detail_.append(reply.text);
}

}  // namespace majlis::smtp
