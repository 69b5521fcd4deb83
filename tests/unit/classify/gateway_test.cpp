#include "samples.hpp"

using namespace majlis;
using majlis::samples::Sample;

TEST_CASE("gateways and scanners")
{
    static constexpr Sample table[] = {
        {"MailMarshal", "From: postmaster@gate.example\nReturn-Path: <>\nSubject: Undeliverable Mail: \"minutes\"\n",
         R"(Your message:
   From:    ann@people.example
   Subject: minutes

Could not be delivered because of

550 5.1.1 User unknown

The following recipients were affected:
    dag@gate.example

Additional Information:
)",
         "dag@gate.example 5.1.1 no_such_user gone"},
        {"SurfControl", "From: Postmaster <postmaster@surf.example>\nReturn-Path: <>\nSubject: Undeliverable Mail\n",
         R"(Your message could not be sent.
A transcript of the attempts to send the message follows.
The number of attempts made: 1
Addressed To: elin@surf.example

Mon 5 May 2025 10:00:00 +0000
Failed to send to identified host,
elin@surf.example: [192.0.2.5], 550 elin@surf.example... No such user
--- Message non-deliverable.
)",
         "elin@surf.example 5.0.0 no_such_user gone"},
        {"MailFoundry", "From: MAILER-DAEMON@foundry.example\nSubject: Message delivery has failed\n",
         R"(Unable to deliver message to: <fred@foundry.example>
Delivery failed for the following reason:
Server mx.foundry.example[192.0.2.6] failed with: 550 <fred@foundry.example> No such user here

This has been a permanent failure.  No further delivery attempts will be made.
)",
         "fred@foundry.example 5.0.0 no_such_user gone"},
        {"McAfee", "From: MAILER-DAEMON@wsg.example\nSubject: Delivery Status\n",
         R"(--- The following addresses had delivery problems ---

<gus@wsg.example>   (User unknown gus@wsg.example)
)",
         "gus@wsg.example 5.0.0 no_such_user gone"},
        {"MessageLabs", "From: MAILER-DAEMON@labs.example\nSubject: Mail Delivery Failure\n",
         R"(This is the mail delivery agent at labs.example.
I was not able to deliver your message to the following addresses.

<hana@labs.example>:
192.0.2.7 does not like recipient.
Remote host said: 550 5.7.1 Unable to relay
)",
         "hana@labs.example 5.7.1 policy gone"},
        {"MXLogic",
         "From: Mail Delivery System <mailer-daemon@mxl.example>\nSubject: Mail delivery failed: returning message to sender\n",
         R"(This message was created automatically by mail delivery software.

A message that you sent could not be delivered to one or more of its
recipients. This is a permanent error. The following address(es) failed:

  ivo@mxl.example
    550 Denied by policy

Included is a copy of the message header:
-----------------------------------------
To: list@lists.example
)",
         "ivo@mxl.example 5.0.0 policy gone"},
        {"PowerMTA", "From: <mailer-daemon@pmta.example>\nSubject: Delivery report\n",
         R"(Hello, this is the mail server on pmta.example.

I am sending you this message to inform you on the delivery status of a
message you previously sent.  Immediately below you will find a list of
the affected recipients.

  <jana@pmta.example>
    delivery failed; will not continue trying
    550 5.1.1 unknown recipient
)",
         "jana@pmta.example 5.1.1 no_such_user gone"},
        {"an appliance", "From: Mail Delivery System <MAILER-DAEMON@box.example>\nSubject: Delivery status notification\n",
         R"(============================================================================
      This is an automatically generated Delivery Status Notification.

Delivery to the following recipients failed permanently:

        * kira@box.example

============================================================================
                             Technical details:

SMTP:RCPT host 192.0.2.8: 553 5.3.0 <kira@box.example>... No such user here
)",
         "kira@box.example 5.3.0 no_such_user gone"},
        {"numbered errors", "From: mailer-daemon@six.example\nSubject: There was an error sending your mail\n",
         R"(We had trouble delivering your message. Full details follow:

Subject: 'minutes'
Date: 'Mon, 5 May 2025 10:00:00 +0000'

1 error(s):

SMTP Server <mx.six.example> rejected recipient <lars@six.example>
  (Error following RCPT command). It responded as follows: [550 5.1.1 User unknown]
)",
         "lars@six.example 5.1.1 no_such_user gone"},
        {"brackets behind", "From: Mail Deliver System <mailer-daemon@one.example>\nSubject: Returned Mail\n",
         R"(The original message was received at Mon, 5 May 2025 10:00:00 +0000
from list@lists.example

---The following addresses had delivery errors---

mara@one.example [User unknown]
)",
         "mara@one.example 5.0.0 no_such_user gone"},
        {"Symantec, still trying",
         "From: Symantec_AntiVirus_for_SMTP_Gateways@sym.example\nSubject: Delivery failure notification\n",
         R"(Your message with Subject: minutes
could not be delivered to the following recipients:

nora@sym.example

Please do not resend your original message.

Delivery attempts will continue to be made for 5 day(s).
)",
         "nora@sym.example 4.0.0 other waits"},
        {"SES by way of SNS", "From: AWS Notifications <no-reply@sns.cloud.example>\nSubject: AWS Notification Message\n",
         R"({"notificationType":"Bounce","bounce":{"bounceType":"Permanent","bouncedRecipients":[{"emailAddress":"olaf@cloud.example","action":"failed","status":"5.1.1","diagnosticCode":"smtp; 550 5.1.1 user unknown"}],"timestamp":"2025-05-05T10:00:00Z"},"mail":{"source":"list@lists.example","destination":["olaf@cloud.example"]}}
)",
         "olaf@cloud.example 5.1.1 no_such_user gone"},
    };
    samples::check(table);
}

TEST_CASE("mobile and Japanese providers")
{
    static constexpr Sample table[] = {
        {"EZweb", "From: Postmaster@keitai.example\nReturn-Path: <>\nSubject: Mail System Error - Returned Mail\n",
         R"(The following recipients did not receive this message:

<taro@keitai.example>

Each of the following recipients was rejected by a remote mail server.
)",
         "taro@keitai.example 5.0.0 policy gone"},
        {"dion", "From: no-reply@keitai2.example\nReturn-Path: <>\nSubject: Delivery failure\n",
         R"(Your mail sent on: Mon, 5 May 2025 10:00:00 +0900
  Could not be delivered to: <jiro@keitai2.example>
    As their mailbox is full.
)",
         "jiro@keitai2.example 5.0.0 mailbox_full gone"},
        {"Biglobe", "From: postmaster@umi.example\nReturn-Path: <>\nSubject: Returned mail: minutes\n",
         R"(   ----- The following addresses had delivery problems -----
saburo@umi.example
   ----- Non-delivered information -----
The number of messages in recipient's mailbox exceeded the local limit.
)",
         "saburo@umi.example 5.0.0 mailbox_full gone"},
        {"m-FILTER", "From: MAILER-DAEMON@filter.example\nSubject: failure notice\n",
         R"(-------server message
550 5.1.1 unknown user <shiro@filter.example>

-------SMTP command
RCPT TO:<shiro@filter.example>

-------original message
)",
         "shiro@filter.example 5.1.1 no_such_user gone"},
        {"active! hunter", "From: MAILER-DAEMON@ah.example\nSubject: FAILURE NOTICE :\n",
         R"(  ----- The following addresses had permanent fatal errors -----

>>> goro@ah.example <goro@ah.example>

  ----- original message follows -----
)",
         "goro@ah.example 5.0.0 other gone"},
        {"in Japanese, without spaces",
         "From: postmaster@nihon.example\nReturn-Path: <>\nSubject: =?utf-8?B?6YWN5L+h5LiN6IO9OiDorbDkuovpjLI=?=\nContent-Type: "
         "text/plain; charset=utf-8\n",
         "あなたのメッセージはhana@nihon.exampleに配信できませんでした。ユーザーが存在しません\n",
         "hana@nihon.example 5.0.0 no_such_user gone"},
        {"a mobile gateway", "From: post_master@mobile.example\nSubject: Undeliverable Message\n",
         R"(Message could not be delivered to mobile.
Error: No valid recipients for this MM

  Message:  minutes
  To:  5550100@mobile.example
  Subject:  minutes
)",
         "5550100@mobile.example 5.0.0 other gone"},
    };
    samples::check(table);
}

TEST_CASE("providers in other languages")
{
    static constexpr Sample table[] = {
        {"qq",
         "From: =?gb2312?B?1cq6xQ==?= <PostMaster@penguin.example>\nReturn-Path: <>\nSubject: "
         "=?utf-8?B?57O757uf6YCA5L+hL1N5c3RlbSBib3VuY2U=?=\nContent-Type: text/plain; charset=utf-8\n",
         R"(您好！
很抱歉您发送的邮件被退回，以下是该邮件的相关信息：

被退回邮件   主题：minutes
             时间：2025-05-05 10:00:00

无法发送到 wei@penguin.example

退信原因   收件人邮件地址（wei@penguin.example）不存在，邮件无法送达。
           host mx.penguin.example[192.0.2.4] said: 550 Mailbox not found
)",
         "wei@penguin.example 5.0.0 no_such_user gone"},
        {"Gmail in French",
         "From: Mail Delivery Subsystem <mailer-daemon@goog.example>\nSubject: Delivery Status Notification (Failure)\n",
         R"(
** Adresse introuvable **

Votre message n'a pas été remis à lea@goog.example, car l'adresse est introuvable ou ne peut pas recevoir de messages.

La réponse :
550 5.1.1 The email account that you tried to reach does not exist.
)",
         "lea@goog.example 5.1.1 no_such_user gone"},
        {"Gmail in Spanish",
         "From: Mail Delivery Subsystem <mailer-daemon@goog.example>\nSubject: Delivery Status Notification (Failure)\n",
         R"(** No se ha encontrado la dirección **

Tu mensaje no se ha entregado a luz@goog.example porque no se ha encontrado la dirección.
)",
         "luz@goog.example 5.0.0 other gone"},
        {"Gmail of old",
         "From: Mail Delivery Subsystem <mailer-daemon@goog.example>\nX-Failed-Recipients: max@shop.example\nSubject: Delivery "
         "Status Notification (Failure)\n",
         R"(Delivery to the following recipient failed permanently:

     max@shop.example

Technical details of permanent failure:
Google tried to deliver your message, but it was rejected by the server for the recipient domain shop.example by mx.shop.example. [192.0.2.3].

The error that the other server returned was:
550 5.1.1 <max@shop.example> User doesn't exist

----- Original message -----

To: list@lists.example
)",
         "max@shop.example 5.1.1 no_such_user gone"},
        {"Orange", "From: Mail Delivery Subsystem <MAILER-DAEMON@agrume.example>\nSubject: Returned mail\n",
         R"(Bonjour,
Votre message n'a pas pu être remis au(x) destinataire(s) suivant(s) :

  max.petit@agrume.example : boîte aux lettres pleine
)",
         "max.petit@agrume.example 5.0.0 mailbox_full gone"},
        {"T-Online",
         "From: Mail Delivery System <mailer-daemon@telekom.example>\nSubject: Ihre Mail konnte nicht zugestellt werden\n",
         R"(|------------------------- Message log follows: -------------------------|
 no valid recipients were found for this message
|------------------------- Failed addresses follow: ---------------------|
 <ute@telekom.example> ... unknown user
|------------------------- Message text follows: ------------------------|
Received: from x
)",
         "ute@telekom.example 5.0.0 no_such_user gone"},
        {"mail.ru", "From: mailer-daemon@corp.pochta.example\nX-Failed-Recipients: ivan@pochta.example\nSubject: Mail failure.\n",
         R"(This message was created automatically by mail delivery software.

A message that you sent could not be delivered to one or more of its
recipients. This is a permanent error. The following address(es) failed:

  ivan@pochta.example
    user not found
)",
         "ivan@pochta.example 5.0.0 no_such_user gone"},
        {"in Portuguese", "From: MAILER-DAEMON@correio.example\nSubject: Falha na entrega\n",
         R"(A sua mensagem não pôde ser entregue aos seguintes destinatários:

rui@correio.example
   Caixa postal cheia
)",
         "rui@correio.example 5.0.0 mailbox_full gone"},
        {"in Italian", "From: postmaster@posta.example\nReturn-Path: <>\nSubject: Mancata consegna: verbale\n",
         R"(Il messaggio non è stato consegnato ai seguenti destinatari:

    gino@posta.example   casella piena
)",
         "gino@posta.example 5.0.0 mailbox_full gone"},
        {"in Arabic",
         "From: postmaster@barid.example\nReturn-Path: <>\nSubject: =?utf-8?B?2KrYudiw2LEg2KfZhNiq2LPZhNmK2YU=?=\nContent-Type: "
         "text/plain; charset=utf-8\n",
         "تعذر تسليم رسالتك إلى sami@barid.example لأن العنوان غير موجود\n", "sami@barid.example 5.0.0 no_such_user gone"},
    };
    samples::check(table);
}
