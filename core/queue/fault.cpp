#include "core/queue/fault.hpp"

#include <algorithm>
#include <charconv>

namespace majlis::queue {

namespace {

using smtp::Reply;
using smtp::Stage;

/// Subject and detail of an enhanced code; 0.0 for "other or undefined", or none.
struct Status {
    int subject = 0;
    int detail = 0;
};

Status parse_status(std::string_view text)
{
    Status status;
    const auto first = text.find('.');
    const auto second = first == std::string_view::npos ? first : text.find('.', first + 1);
    if (second == std::string_view::npos) return status;
    std::from_chars(text.data() + first + 1, text.data() + second, status.subject);
    std::from_chars(text.data() + second + 1, text.data() + text.size(), status.detail);
    return status.subject == 0 ? Status{} : status;
}

bool is_any(int code, std::initializer_list<int> codes) { return std::find(codes.begin(), codes.end(), code) != codes.end(); }

bool too_many_recipients(const Reply& reply, Status status, const Copy& copy)
{
    if (copy.accepted == 0) return false;
    if (status.subject == 5 && status.detail == 3) return true;
    const bool about_a_mailbox = status.subject == 1 || status.subject == 2;
    return is_any(reply.code, {452, 552}) && !about_a_mailbox;
}

Fault recipients(const Reply& reply, Status status)
{
    const bool full = status.subject == 2 && status.detail == 2;
    return reply.temporary() || full ? Fault::recipient_temporary : Fault::recipient_permanent;
}

Fault at_mail(const Reply& reply, Status status)
{
    const bool too_big = (status.subject == 3 && status.detail == 4) || (status.subject == 0 && reply.code == 552);
    return too_big || status.subject == 6 ? Fault::post : Fault::relay;
}

Fault by_status(Stage stage, const Reply& reply, Status status, const Copy& copy)
{
    switch (status.subject) {
        case 1:
        case 2:
            if (status.subject == 1 && (status.detail == 7 || status.detail == 8)) return Fault::relay;
            return stage == Stage::rcpt || copy.recipients == 1 ? recipients(reply, status) : Fault::copy;
        case 3:
            return status.detail == 4 ? Fault::post : Fault::relay;
        case 4:
            return status.detail == 5 ? Fault::relay : Fault::copy;
        case 5:
            return Fault::relay;
        case 7:
            return stage == Stage::final ? Fault::post : Fault::relay;
        default:
            return Fault::copy;
    }
}

Fault by_code(Stage stage, const Reply& reply)
{
    if (stage != Stage::rcpt) {
        return (reply.code >= 500 && reply.code <= 504) || is_any(reply.code, {530, 535}) ? Fault::relay : Fault::copy;
    }
    if (is_any(reply.code, {550, 551, 553, 556})) return Fault::recipient_permanent;
    if (is_any(reply.code, {450, 452, 552})) return Fault::recipient_temporary;
    return is_any(reply.code, {451, 554}) ? Fault::copy : Fault::relay;
}

/// The reply without what differs from one recipient to the next: words with an "@" or a digit in them.
std::string likeness(Stage stage, const Reply& reply)
{
    std::string key = std::to_string(static_cast<int>(stage)) + ' ' + std::to_string(reply.code) + ' ' + reply.status;
    std::string_view rest = reply.text;
    while (!rest.empty()) {
        const auto word = rest.substr(0, rest.find(' '));
        rest.remove_prefix(std::min(rest.size(), word.size() + 1));
        if (word.find_first_of("@0123456789") == std::string_view::npos) key.append(" ").append(word);
    }
    return key;
}

}  // namespace

Fault whose_fault(Stage stage, const Reply& reply, const Copy& copy)
{
    if (reply.code == 0 || reply.code == 421 || stage == Stage::connect) return Fault::relay;
    const auto status = parse_status(reply.status);
    if (stage == Stage::rcpt && too_many_recipients(reply, status, copy)) return Fault::none;
    if (stage == Stage::mail) return at_mail(reply, status);
    return status.subject != 0 ? by_status(stage, reply, status, copy) : by_code(stage, reply);
}

std::string_view name(Fault fault)
{
    switch (fault) {
        case Fault::none:
            return "none";
        case Fault::recipient_temporary:
            return "recipient-temporary";
        case Fault::recipient_permanent:
            return "recipient-permanent";
        case Fault::relay:
            return "relay";
        case Fault::post:
            return "post";
        case Fault::copy:
            return "copy";
    }
    return "none";
}

Judgement StreakDetector::refused(Stage stage, const Reply& reply, const Copy& copy, std::string_view recipient)
{
    const auto fault = whose_fault(stage, reply, copy);
    if (fault == Fault::none) return {fault, Action::resend, 0};
    const bool theirs = fault == Fault::relay || fault == Fault::post;
    if (!theirs) return equal(fault, stage, reply);
    if (stage == Stage::connect || stage == Stage::mail || reply.code == 421 || reply.code == 0) return {fault, Action::stop, 1};
    return wall(fault, reply, recipient);
}

/// Reasons of system, protocol or policy: `thresholds_.walls` different recipients of one class make a wall.
Judgement StreakDetector::wall(Fault fault, const Reply& reply, std::string_view recipient)
{
    equals_ = 0;
    const char subject = reply.status.size() > 2 ? reply.status[2] : '0';
    if (fault != wall_fault_ || subject != wall_class_) {
        walled_.clear();
        wall_refusals_ = 0;
        wall_fault_ = fault;
        wall_class_ = subject;
    }
    ++wall_refusals_;
    if (std::find(walled_.begin(), walled_.end(), recipient) == walled_.end()) walled_.emplace_back(recipient);
    if (walled_.size() < thresholds_.walls) return {fault, Action::set_aside, 0};
    const auto streak = wall_refusals_;
    accepted();
    return {fault, Action::stop, streak};
}

/// All else: `thresholds_.equals` equal replies in a row are not the recipients' doing.
Judgement StreakDetector::equal(Fault fault, Stage stage, const Reply& reply)
{
    walled_.clear();
    wall_refusals_ = 0;
    auto key = likeness(stage, reply);
    if (key != equal_key_) {
        equal_key_ = std::move(key);
        equals_ = 0;
    }
    ++equals_;
    if (thresholds_.equals == 0 || equals_ < thresholds_.equals) return {fault, Action::mark, 0};
    const auto streak = equals_;
    accepted();
    return {stage == Stage::rcpt ? Fault::relay : Fault::post, Action::stop, streak};
}

void StreakDetector::accepted()
{
    walled_.clear();
    wall_refusals_ = 0;
    equals_ = 0;
}

}  // namespace majlis::queue
