#include "daemon/delivery/feed.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "core/queue/backoff.hpp"
#include "daemon/clock.hpp"
#include "daemon/delivery/wire_address.hpp"

namespace majlis::delivery {
namespace {

constexpr std::size_t marks_kept = 16;  // at least the longest streak

/// Whether this address can only be told with SMTPUTF8.
bool needs_utf8(const std::string& address) { return !ascii(address) && !ascii(wire_address(address)); }

bool ends(const Batch& batch) { return batch.given == batch.work.recipients.size(); }

std::int64_t list_of(const Batch& batch, const store::Recipient& recipient)
{
    return batch.work.kind == store::Work::Kind::notice ? batch.work.list_id.value_or(0) : recipient.list_id;
}

}  // namespace

void Feed::add(std::shared_ptr<Batch> batch)
{
    asking_ = false;
    const bool another = !batches_.empty() && batches_.front()->work.delivery_id != batch->work.delivery_id;
    if (another && !batches_.front()->overtaken)
        overtake(std::move(batch));
    else
        batches_.push_back(std::move(batch));
}

void Feed::add_new(std::shared_ptr<Batch> batch) { overtake(std::move(batch)); }

void Feed::overtake(std::shared_ptr<Batch> batch)
{
    if (!batches_.empty()) batches_.front()->overtaken = true;
    batches_.push_front(std::move(batch));
}

smtp::Source::Next Feed::next(smtp::Transaction& out)
{
    for (;;) {
        while (!batches_.empty() && ends(*batches_.front())) batches_.pop_front();
        if (closed_ || trouble_ || (stopping && stopping())) return Next::end;
        const bool low =
            batches_.empty() || (batches_.size() == 1 && batches_.front()->given * 2 >= batches_.front()->work.recipients.size());
        if (low && !asking_ && !dry_) {
            asking_ = true;
            want_more();
        }
        if (batches_.empty()) return asking_ ? Next::wait : Next::end;
        auto& batch = *batches_.front();
        const auto& first = batch.work.recipients[batch.given];
        // An address that this relay cannot be told is refused here, in its place in the order.
        if (!manner_.smtputf8 && needs_utf8(first.address)) {
            flights_.push_back({batches_.front(), batch.given, 1, true});
            written(1);
            ++batch.given;
            if (flights_.size() == 1) local_answers();
            continue;
        }
        return fill(out) ? Next::given : Next::wait;
    }
}

bool Feed::fill(smtp::Transaction& out)
{
    auto& batch = *batches_.front();
    const auto& recipients = batch.work.recipients;
    const auto list = list_of(batch, recipients[batch.given]);
    const auto& copy = batch.copies.at(list);
    const bool personal = copy->audience == Copy::Audience::personal;
    const std::size_t most = personal ? 1 : std::min(batch.per_message, recorder_.max_in_flight());
    std::size_t count = 1;
    while (count < most && batch.given + count < recipients.size() && list_of(batch, recipients[batch.given + count]) == list &&
           (manner_.smtputf8 || !needs_utf8(recipients[batch.given + count].address)))
        ++count;
    if (!recorder_.room_for(count)) return false;

    const auto& first = recipients[batch.given];
    out.id = static_cast<std::uint64_t>(batch.work.delivery_id);
    fill_sender(out, batch, *copy, personal ? first.member_id : 0);
    out.recipients.resize(count);
    out.smtputf8 = copy->text.needs_smtputf8;
    for (std::size_t i = 0; i < count; ++i) {
        const auto& address = recipients[batch.given + i].address;
        auto& told = out.recipients[i];
        if (ascii(address)) {
            told.address = address;
        } else {
            told.address = wire_address(address);
            if (!ascii(told.address)) out.smtputf8 = true;
        }
        if (personal)
            told.orcpt.clear();
        else
            told.orcpt = address;
    }
    out.head = {copy->text.head, copy->stuffed_head()};
    out.tail = {copy->text.tail, copy->stuffed_tail()};
    out.personal.clear();
    if (personal && batch.work.kind == store::Work::Kind::post) {
        out.personal = copy->unsubscribe.before;
        sealer_.unsubscribe(out.personal, list, first.member_id);
        out.personal += copy->unsubscribe.after;
    }
    out.owner = copy;
    out.eight_bit = copy->text.eight_bit;
    out.envid.clear();
    if (!personal) out.envid = "majlis-" + std::to_string(batch.work.delivery_id);
    flights_.push_back({batches_.front(), batch.given, count, false});
    batch.given += count;
    given_ += count;
    written(count);
    return true;
}

void Feed::fill_sender(smtp::Transaction& out, const Batch& batch, const Copy& copy, std::int64_t member)
{
    out.mail_from.clear();
    if (!manner_.fixed_envelope.empty()) {
        out.mail_from = manner_.fixed_envelope;
    } else if (!copy.list_address.empty()) {
        out.mail_from = copy.bounce.before;
        sealer_.bounce(out.mail_from, {batch.work.delivery_id, member});
        out.mail_from += copy.bounce.after;
    }
}

void Feed::done(const smtp::TransactionResult& result)
{
    const auto flight = std::move(flights_.front());
    flights_.pop_front();
    auto& batch = *flight.batch;
    const queue::Copy copy{flight.count, result.accepted};
    for (const auto& one : result.recipients) {
        const auto index = flight.first + one.index;
        const bool last = index + 1 == batch.work.recipients.size();
        answer(batch, index, one, copy, last);
    }
    came_back(flight.batch, flight.count);
    local_answers();
}

void Feed::local_answers()
{
    static const smtp::Reply reply{553, "5.6.7", "the address is not ASCII, and the relay does not offer SMTPUTF8"};
    while (!flights_.empty() && flights_.front().local) {
        const auto flight = std::move(flights_.front());
        flights_.pop_front();
        auto& batch = *flight.batch;
        const auto& recipient = batch.work.recipients[flight.first];
        settle_row(batch, recipient, store::RecipientOutcome::Kind::refused, reply, 0);
        pass(batch, recipient, flight.first + 1 == batch.work.recipients.size(), 0);
        batch.unused.push_back(flight.first);
        came_back(flight.batch, 1);
    }
}

void Feed::answer(Batch& batch, std::size_t index, const smtp::RecipientResult& result, const queue::Copy& copy, bool last)
{
    const auto& recipient = batch.work.recipients[index];
    switch (result.outcome) {
        case smtp::Outcome::unsent:
        case smtp::Outcome::unknown:
            // Unknown: all of it was written and no reply came. It is sent again, with the same Message-ID: twice is better than
            // never. This is what "in flight" means.
            if (result.outcome == smtp::Outcome::unsent) batch.unused.push_back(index);
            batch.gap = true;
            taken_back(1);
            return;
        case smtp::Outcome::delivered:
            streak_.accepted();
            marks_.clear();
            ++delivered_;
            manner_.pace.delivered(1);
            if (batch.work.range && !batch.gap)
                pass(batch, recipient, last, 1);
            else
                settle_row(batch, recipient, store::RecipientOutcome::Kind::sent, *result.reply, 0);
            return;
        case smtp::Outcome::refused:
            refused(batch, recipient, result, copy, last);
            return;
    }
}

/// The recipient has his outcome, and the watermark of his range passes him: `accepted` of them (0 or 1) by that alone, without
/// a row. Behind a gap it must not: there every outcome has a row, which a later lease of the range respects.
void Feed::pass(Batch& batch, const store::Recipient& recipient, bool last, int accepted)
{
    if (!batch.work.range || batch.gap) return;
    recorder_.progress({.delivery_id = batch.work.delivery_id,
                        .first_id = *batch.work.range,
                        .done_id = last ? batch.work.range_done : recipient.member_id,
                        .accepted = accepted,
                        .relay = manner_.relay},
                       static_cast<std::size_t>(accepted));
}

void Feed::settle_row(Batch& batch, const store::Recipient& recipient, store::RecipientOutcome::Kind kind,
                      const smtp::Reply& reply, std::int64_t wait)
{
    recorder_.outcome({.delivery_id = batch.work.delivery_id,
                       .member_id = recipient.member_id,
                       .address = recipient.address,
                       .list_id = list_of(batch, recipient),
                       .kind = kind,
                       .code = reply.code,
                       .status = reply.status,
                       .text = reply.text,
                       .relay = manner_.relay,
                       .next_attempt_at = unix_now() + wait},
                      1);
}

void Feed::refused(Batch& batch, const store::Recipient& recipient, const smtp::RecipientResult& result, const queue::Copy& copy,
                   bool last)
{
    using Kind = store::RecipientOutcome::Kind;
    const auto& reply = *result.reply;
    const auto judgement = streak_.refused(result.stage, reply, copy, recipient.address);
    const auto wait = queue::retry_after(recipient.attempts + 1, random_()).count();
    Kind kind = Kind::set_aside;
    switch (judgement.action) {
        case queue::Action::stop:
            stop(judgement, batch, reply);
            return;
        case queue::Action::resend:
            recipients_taken_ = std::max<std::size_t>(1, copy.accepted);
            settle_row(batch, recipient, Kind::set_aside, {452, reply.status, reply.text}, 0);
            pass(batch, recipient, last, 0);
            return;
        case queue::Action::set_aside:
            break;
        case queue::Action::mark:
            if (judgement.fault == queue::Fault::recipient_permanent)
                kind = Kind::failed;
            else if (judgement.fault == queue::Fault::recipient_temporary)
                kind = Kind::deferred;
            else if (reply.permanent())
                kind = Kind::refused;
            break;
    }
    settle_row(batch, recipient, kind, reply, wait);
    pass(batch, recipient, last, 0);
    marks_.push_back({batch.work.delivery_id, list_of(batch, recipient), recipient});
    if (marks_.size() > marks_kept) marks_.pop_front();
}

/// Nobody is marked for what is the relay's or the post's fault: this recipient comes back as if he had not been tried, and the
/// marks of the streak that led here are withdrawn.
void Feed::stop(const queue::Judgement& judgement, Batch& batch, const smtp::Reply& reply)
{
    batch.gap = true;
    taken_back(1);
    const std::size_t withdrawn = judgement.streak == 0 ? 0 : std::min(judgement.streak - 1, marks_.size());
    for (std::size_t i = 0; i < withdrawn; ++i) {
        const auto& mark = marks_[marks_.size() - 1 - i];
        recorder_.outcome({.delivery_id = mark.delivery_id,
                           .member_id = mark.recipient.member_id,
                           .address = mark.recipient.address,
                           .list_id = mark.list_id,
                           .kind = store::RecipientOutcome::Kind::set_aside,
                           .code = 0,
                           .status = {},
                           .text = "not his fault: " + reply.text,
                           .relay = manner_.relay,
                           .next_attempt_at = unix_now()},
                          0);
    }
    marks_.clear();
    if (trouble_) return;
    trouble_ = Trouble{.fault = judgement.fault,
                       .delivery_id = batch.work.delivery_id,
                       .text = std::to_string(reply.code) + (reply.status.empty() ? "" : " " + reply.status) + " " + reply.text};
}

void Feed::written(std::size_t recipients)
{
    recorder_.written(recipients);
    manner_.sent.took(manner_.share, recipients);
}

void Feed::taken_back(std::size_t recipients)
{
    manner_.sent.gave_back(manner_.share, recipients);
    recorder_.taken_back(recipients);
}

void Feed::came_back(const std::shared_ptr<Batch>& batch, std::size_t count)
{
    batch->answered += count;
    if (batch->answered == batch->work.recipients.size()) batch_ended(batch);
}

void Feed::give_back()
{
    for (const auto& batch : batches_) {
        const auto rest = batch->work.recipients.size() - batch->given;
        if (rest == 0) continue;
        for (std::size_t index = batch->given; index < batch->work.recipients.size(); ++index) batch->unused.push_back(index);
        batch->gap = true;
        batch->given += rest;
        came_back(batch, rest);
    }
    batches_.clear();
}

}  // namespace majlis::delivery
