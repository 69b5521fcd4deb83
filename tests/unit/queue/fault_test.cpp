#include "core/queue/fault.hpp"

#include <doctest/doctest.h>

using namespace majlis::queue;
using majlis::smtp::Reply;
using majlis::smtp::Stage;

TEST_CASE("a refusal's fault follows from stage, code and enhanced code")
{
    struct Case {
        Stage stage;
        int code;
        const char* status;
        Copy copy;
        Fault fault;
    };
    const Copy one{1, 0};
    const Copy one_taken{1, 1};
    const Copy many{100, 0};
    const Copy many_taken{100, 40};
    const Case cases[] = {
        // no answer, and closing down
        {Stage::final, 0, "", one_taken, Fault::relay},
        {Stage::rcpt, 421, "4.2.1", one, Fault::relay},
        {Stage::final, 421, "", one_taken, Fault::relay},
        {Stage::connect, 550, "5.1.1", one, Fault::relay},
        {Stage::connect, 454, "4.7.0", one, Fault::relay},
        // MAIL
        {Stage::mail, 550, "5.1.1", one, Fault::relay},
        {Stage::mail, 530, "5.7.0", one, Fault::relay},
        {Stage::mail, 452, "4.3.1", one, Fault::relay},
        {Stage::mail, 552, "5.3.4", one, Fault::post},
        {Stage::mail, 552, "", one, Fault::post},
        {Stage::mail, 550, "5.6.7", one, Fault::post},
        {Stage::mail, 451, "", one, Fault::relay},
        // RCPT with an enhanced code
        {Stage::rcpt, 550, "5.1.1", one, Fault::recipient_permanent},
        {Stage::rcpt, 550, "5.1.1", many_taken, Fault::recipient_permanent},
        {Stage::rcpt, 450, "4.1.2", one, Fault::recipient_temporary},
        {Stage::rcpt, 556, "5.1.10", one, Fault::recipient_permanent},
        {Stage::rcpt, 552, "5.2.2", one, Fault::recipient_temporary},
        {Stage::rcpt, 452, "4.2.2", many_taken, Fault::recipient_temporary},
        {Stage::rcpt, 550, "5.2.1", one, Fault::recipient_permanent},
        {Stage::rcpt, 553, "5.1.7", one, Fault::relay},
        {Stage::rcpt, 450, "4.1.8", one, Fault::relay},
        {Stage::rcpt, 452, "4.3.1", one, Fault::relay},
        {Stage::rcpt, 552, "5.3.4", one, Fault::post},
        {Stage::rcpt, 451, "4.4.5", one, Fault::relay},
        {Stage::rcpt, 450, "4.4.1", one, Fault::copy},
        {Stage::rcpt, 550, "5.4.1", one, Fault::copy},
        {Stage::rcpt, 503, "5.5.1", one, Fault::relay},
        {Stage::rcpt, 550, "5.6.7", one, Fault::copy},
        {Stage::rcpt, 550, "5.7.1", one, Fault::relay},
        {Stage::rcpt, 451, "4.7.1", one, Fault::relay},
        {Stage::rcpt, 550, "5.0.0", one, Fault::recipient_permanent},
        // too many recipients is nobody's fault, if somebody was accepted
        {Stage::rcpt, 452, "4.5.3", many_taken, Fault::none},
        {Stage::rcpt, 552, "", many_taken, Fault::none},
        {Stage::rcpt, 452, "", many_taken, Fault::none},
        {Stage::rcpt, 550, "5.5.3", many_taken, Fault::none},
        {Stage::rcpt, 452, "4.5.3", many, Fault::relay},
        // RCPT without one
        {Stage::rcpt, 550, "", one, Fault::recipient_permanent},
        {Stage::rcpt, 551, "", one, Fault::recipient_permanent},
        {Stage::rcpt, 553, "", one, Fault::recipient_permanent},
        {Stage::rcpt, 450, "", one, Fault::recipient_temporary},
        {Stage::rcpt, 452, "", one, Fault::recipient_temporary},
        {Stage::rcpt, 552, "", one, Fault::recipient_temporary},
        {Stage::rcpt, 451, "", one, Fault::copy},
        {Stage::rcpt, 554, "", one, Fault::copy},
        {Stage::rcpt, 503, "", one, Fault::relay},
        {Stage::rcpt, 530, "", one, Fault::relay},
        {Stage::rcpt, 555, "", one, Fault::relay},
        // DATA and the message
        {Stage::final, 550, "5.1.1", one_taken, Fault::recipient_permanent},
        {Stage::final, 452, "4.2.2", one_taken, Fault::recipient_temporary},
        {Stage::final, 550, "5.1.1", many_taken, Fault::copy},
        {Stage::final, 554, "5.7.1", one_taken, Fault::post},
        {Stage::data, 554, "5.7.1", one_taken, Fault::relay},
        {Stage::final, 554, "5.6.0", one_taken, Fault::copy},
        {Stage::final, 552, "5.3.4", many_taken, Fault::post},
        {Stage::final, 451, "4.3.0", one_taken, Fault::relay},
        {Stage::final, 554, "", one_taken, Fault::copy},
        {Stage::final, 550, "", one_taken, Fault::copy},
        {Stage::data, 503, "", one_taken, Fault::relay},
        {Stage::data, 451, "", one_taken, Fault::copy},
    };
    for (const auto& c : cases) {
        CAPTURE(static_cast<int>(c.stage));
        CAPTURE(c.code);
        CAPTURE(c.status);
        CAPTURE(c.copy.recipients);
        CHECK(name(whose_fault(c.stage, Reply{c.code, c.status, ""}, c.copy)) == name(c.fault));
    }
}

TEST_CASE("a status that is no status is read as none")
{
    for (const char* status : {"5", "5.", "5..", "5.x.y", "...", "5.1"}) {
        CHECK(whose_fault(Stage::rcpt, Reply{554, status, ""}, Copy{1, 0}) == Fault::copy);
    }
}
