#include "samples.hpp"

using namespace majlis;
using majlis::samples::Sample;

TEST_CASE("programs that nobody thinks of until they bounce")
{
    static constexpr Sample table[] = {
        {"SmarterMail", "From: System Administrator <postmaster@smart.example>\nReturn-Path: <>\nSubject: Delivery Failure\n",
         R"(Could not deliver message to the following recipient(s):

Failed Recipient: anna@smart.example
Reason: Remote host said: 550 No such user here

   -- The header and top 20 lines of the message follows --

To: list@lists.example
)",
         "anna@smart.example 5.0.0 no_such_user gone"},
        {"XMail", "From: xmail@xm.example\nReturn-Path: <>\nSubject: Error sending message [1715.xm] from [xm.example]\n",
         R"([<00>] XMail bounce: Rcpt=[bill@xm.example];Error=[550 5.1.1 unknown recipient]

[<01>] Error sending message [1715.xm] from [xm.example].

ID:        <S12>
Mail From: <list+bounce-abc@lists.example>
Rcpt To:   <bill@xm.example>
)",
         "bill@xm.example 5.1.1 no_such_user gone"},
        {"Mercury",
         "From: Electronic Postmaster <Maiser@merc.example>\nReturn-Path: <>\nSubject: Postmaster Notify: Delivery Failure.\n",
         R"(The attached message has failed delivery and has been
referred to you as postmaster.  The following error report
or reports were given to explain the problem:

   *** chris@merc.example
   User not known at this site.
)",
         "chris@merc.example 5.0.0 no_such_user gone"},
        {"Barracuda",
         "From: Mail Delivery System <MAILER-DAEMON@wall.example>\nSubject: **Message you sent blocked by our bulk email "
         "filter**\n",
         R"(Your message to: dora@wall.example
was blocked by our Spam Firewall. The email you sent with the following subject has NOT BEEN DELIVERED:

Subject: minutes
)",
         "dora@wall.example 5.0.0 spam gone"},
        {"Barracuda that writes as postmaster",
         "From: Barracuda Spam Firewall <postmaster@wall.example>\nSubject: **Message you sent blocked by our bulk email "
         "filter**\n",
         R"(Your message to: dora@wall.example
was blocked by our Spam Firewall. The email you sent with the following subject has NOT BEEN DELIVERED:

Subject: minutes
)",
         "dora@wall.example 5.0.0 spam gone"},
        {"Amavis",
         "From: Content-filter at amavis.example <postmaster@amavis.example>\nReturn-Path: <>\nSubject: Undeliverable mail, "
         "considered UNSOLICITED BULK EMAIL\n",
         R"(A message from <list+bounce-abc@lists.example> to:
-> ernst@amavis.example

was considered unsolicited bulk e-mail (UBE).

The message was NOT delivered to the recipient.
)",
         "ernst@amavis.example 5.0.0 spam gone"},
        {"163",
         "From: Postmaster@nets.example\nReturn-Path: <>\nSubject: =?utf-8?B?57O757uf6YCA5L+h?=\nContent-Type: text/plain; "
         "charset=utf-8\n",
         R"(抱歉，您的邮件被退回来了……

原邮件信息：
时间：2025-05-05 10:00:00
主题：minutes
收件人：feng@nets.example
退信原因：收件人邮箱不存在
)",
         "feng@nets.example 5.0.0 no_such_user gone"},
        {"Naver",
         "From: postmaster@never.example\nReturn-Path: <>\nSubject: "
         "=?utf-8?B?66mU7J28IOuwnOyGoSDsi6TtjKgg7JWI64K0?=\nContent-Type: text/plain; charset=utf-8\n",
         R"(메일을 보내지 못했습니다.

받는사람 : gil@never.example
)",
         "gil@never.example 5.0.0 other gone"},
        {"Yandex",
         "From: mailer-daemon@yx.example\nSubject: "
         "=?utf-8?B?0J3QtdC00L7RgdGC0LDQstC70LXQvdC90L7QtSDRgdC+0L7QsdGJ0LXQvdC40LU=?=\nContent-Type: text/plain; "
         "charset=utf-8\n",
         R"(Это письмо отправлено почтовым сервером yx.example.

К сожалению, мы вынуждены сообщить Вам о том, что Ваше письмо не может
быть отправлено одному или нескольким адресатам.

<hans@yx.example>: host mx.yx.example[192.0.2.5] said: 550 5.7.1 No such user!
)",
         "hans@yx.example 5.7.1 no_such_user gone"},
        {"Office in German, HTML",
         "From: Microsoft Outlook <postmaster@werk.example>\nReturn-Path: <>\nSubject: Unzustellbar: Protokoll\nContent-Type: "
         "text/html; charset=utf-8\n",
         "<p>Ihre Nachricht an <b>ingo@werk.example</b> konnte nicht zugestellt werden.</p><p>ingo wurde bei werk.example nicht "
         "gefunden.</p>\n",
         "ingo@werk.example 5.0.0 other gone"},
        {"in Polish",
         "From: postmaster@poczta.example\nReturn-Path: <>\nSubject: Nie mo\xc5\xbcna dostarczy\xc4\x87: "
         "protok\xc3\xb3\xc5\x82\nContent-Type: text/plain; charset=utf-8\n",
         "Twoja wiadomość nie mogła zostać dostarczona do jan@poczta.example, konto nie istnieje.\n",
         "jan@poczta.example 5.0.0 other gone"},
        {"Gmail, a delay",
         "From: Mail Delivery Subsystem <mailer-daemon@goog.example>\nSubject: Delivery Status Notification (Delay)\n",
         R"(
** Delivery incomplete **

There was a temporary problem delivering your message to kai@goog.example. Gmail will retry for 46 more hours. You'll be notified if the delivery fails permanently.
)",
         "kai@goog.example 4.0.0 other waits"},
        {"in sentences", "From: postmaster@plain.example\nReturn-Path: <>\nSubject: Mail error\n",
         R"(The user liam@plain.example does not exist on this system. Please contact
postmaster@plain.example if you think that this is wrong.
)",
         "liam@plain.example 5.0.0 no_such_user gone"},
        {"nobody named, but the mail came back",
         "From: Postmaster <postmaster@terse.example>\nReturn-Path: <>\nSubject: Undeliverable mail\nContent-Type: "
         "multipart/mixed; boundary=b\n",
         R"(--b

Your mail could not be delivered: mailbox full.
--b
Content-Type: message/rfc822

Received: from relay.lists.example by mx.terse.example for <mia@terse.example>; Mon, 5 May 2025 10:00:00 +0000
From: ann@people.example
To: mia@terse.example
Subject: minutes

text
--b--
)",
         "mia@terse.example 5.0.0 mailbox_full gone"},
        {"a report wrapped by a gateway",
         "From: postmaster@wrap.example\nSubject: Delivery Status Notification (Failure)\nContent-Type: multipart/mixed; "
         "boundary=o\n",
         R"(--o
Content-Type: message/rfc822

From: postmaster@deep.example
To: list+bounce-abc@lists.example
Subject: Delivery Status Notification (Failure)
Content-Type: multipart/report; report-type=delivery-status; boundary=i

--i

It failed.
--i
Content-Type: message/delivery-status

Reporting-MTA: dns; deep.example

Final-Recipient: rfc822; noah@deep.example
Action: failed
Status: 5.1.1

--i--
--o--
)",
         "noah@deep.example 5.1.1 no_such_user gone"},
    };
    samples::check(table);
}

TEST_CASE("a header below blank lines is a header")
{
    const auto answer = samples::classified(
        "\r\n        \r\nFrom: MAILER-DAEMON@mx.example\r\nSubject: failure notice\r\n\r\n<a@b.example>:\r\nno such user\r\n");
    CHECK(answer.kind == Kind::bounce);
    CHECK(samples::shown(answer) == "a@b.example 5.0.0 no_such_user gone");
}
