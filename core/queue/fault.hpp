#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "core/queue/reply.hpp"

namespace majlis::queue {

/// Whose fault a refusal is. `copy` is nobody's that we know of: a 4xx is tried again, a 5xx ends that copy with its reply on
/// record, and neither ever counts against the member. `none` is flow control: the recipient goes into the next transaction.
enum class Fault { none, recipient_temporary, recipient_permanent, relay, post, copy };

/// The transaction that was refused.
struct Copy {
    std::size_t recipients = 1;  ///< RCPTs in it
    std::size_t accepted = 0;    ///< of them, accepted by the server
};

/// Whose fault one refusal is, taken alone. The first line that fits decides; x is 4 or 5.
///
///   any stage   421, no reply                                        relay
///   connect     anything                                             relay
///   rcpt        452, 552, x.5.3 after another was accepted           none (too many recipients in one message)
///   mail        x.3.4, x.6.*, 552                                    post (too big, or of a kind that the relay does not take)
///   mail        anything else                                        relay (it does not want us, or our sender)
///   rcpt data   x.1.7, x.1.8                                         relay (they speak of the sender)
///   final
///   rcpt        x.1.*, x.2.*                                         recipient, temporary with 4xx, and x.2.2 (mailbox full)
///   data final  x.1.*, x.2.* on a copy for one                       recipient, likewise
///   any         x.3.4                                                post (too big)
///               x.3.*, x.4.5, x.5.*                                  relay
///               x.7.*                                                relay at rcpt and data, post at final (it was read)
///               any other enhanced code but x.0.0                    copy
///   rcpt        550, 551, 553, 556 without enhanced code             recipient_permanent
///               450, 452, 552 (5xx said, but a full mailbox)         recipient_temporary
///               451, 554                                             copy
///               all else (500-504, 521, 530, 535, 555 ...)           relay
///   data final  500-504, 530, 535                                    relay
///               all else                                             copy
///
/// Before a relay's or a post's fault is acted upon, and before equal replies are believed, ask StreakDetector.
Fault whose_fault(smtp::Stage stage, const smtp::Reply& reply, const Copy& copy);

/// For logs and JSON: "recipient-temporary".
std::string_view name(Fault fault);

enum class Action {
    resend,     ///< flow control: put it into the next transaction
    mark,       ///< the recipient's or the copy's: record it with its reply
    set_aside,  ///< perhaps the relay's or the post's: try this recipient again later, without a mark
    stop,       ///< surely: pause the relay, or hold the delivery; mark nobody
};

struct Judgement {
    Fault fault = Fault::none;
    Action action = Action::mark;
    /// With `stop`: so many refusals, this one included, were the start of it. Marks made for them are to be withdrawn.
    std::size_t streak = 0;
};

/// Sees the answers of one relay (or of one delivery on it) in order, and tells a lone refusal from a wall. At connect, MAIL and
/// with 421 the first one stops. A refusal for reasons of system, protocol or policy (x.3, x.5, x.7) is set aside, and the third
/// of one class, for three different recipients with no acceptance between, stops. Of all others the tenth equal one (code,
/// status, and text but for addresses, numbers and ids in it) in a row stops, since no ten members in a row vanish at once.
class StreakDetector {
public:
    struct Thresholds {
        std::size_t walls = 3;    ///< different recipients refused for one class of reasons
        std::size_t equals = 10;  ///< equal replies in a row; 0: never (an operator has looked and said go on)
    };
    StreakDetector() = default;
    explicit StreakDetector(Thresholds thresholds) : thresholds_(thresholds) {}

    Judgement refused(smtp::Stage stage, const smtp::Reply& reply, const Copy& copy, std::string_view recipient);
    void accepted();

private:
    Judgement wall(Fault fault, const smtp::Reply& reply, std::string_view recipient);
    Judgement equal(Fault fault, smtp::Stage stage, const smtp::Reply& reply);

    Thresholds thresholds_;
    Fault wall_fault_ = Fault::none;
    char wall_class_ = 0;
    std::vector<std::string> walled_;  // recipients, at most thresholds_.walls
    std::size_t wall_refusals_ = 0;
    std::string equal_key_;
    std::size_t equals_ = 0;
};

}  // namespace majlis::queue
