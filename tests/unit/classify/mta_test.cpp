#include "samples.hpp"

using namespace majlis;
using majlis::samples::Sample;

TEST_CASE("qmail and those that speak like it: the address in brackets, a colon, the reason")
{
    static constexpr Sample table[] = {
        {"qmail", "Return-Path: <>\nFrom: MAILER-DAEMON@mx.north.example\nSubject: failure notice\n",
         R"(Hi. This is the qmail-send program at mx.north.example.
I'm afraid I wasn't able to deliver your message to the following addresses.
This is a permanent error; I've given up. Sorry it didn't work out.

<ida@north.example>:
Sorry, no mailbox here by that name. vpopmail (#5.1.1)

<otto@south.example>:
203.0.113.5 does not like recipient.
Remote host said: 452 4.2.2 <otto@south.example> Over quota, see help@south.example
I'm not going to try again; this message has been in the queue too long.

--- Below this line is a copy of the message.

Return-Path: <list+bounce-abc@lists.example>
To: list@lists.example
From: <third@east.example>:
)",
         "ida@north.example 5.1.1 no_such_user gone; otto@south.example 4.2.2 mailbox_full gave up"},
        {"qmail in French", "From: MAILER-DAEMON@courrier.example\nSubject: avis de non remise\n",
         R"(Bonjour. Ici le programme qmail-send de courrier.example.
Je suis desole, mais je n'ai pu delivrer votre message aux adresses suivantes.

<marie@courrier.example>:
Cet utilisateur est inconnu. (#5.1.1)

--- Ci-dessous se trouve une copie du message.
)",
         "marie@courrier.example 5.1.1 no_such_user gone"},
        {"Yahoo", "From: MAILER-DAEMON@mail.big.example\nSubject: Failure Notice\n",
         R"(Sorry, we were unable to deliver your message to the following address.

<zoe@big.example>:
554: delivery error: dd This user doesn't have a big.example account (zoe@big.example) [0] - mta9.big.example

--- Below this line is a copy of the message.
)",
         "zoe@big.example 5.0.0 no_such_user gone"},
        {"Postfix without a report",
         "From: MAILER-DAEMON@relay.example (Mail Delivery System)\nSubject: Undelivered Mail Returned to Sender\n",
         R"(This is the mail system at host relay.example.

I'm sorry to have to inform you that your message could not
be delivered to one or more recipients. It's attached below.

For further assistance, please send mail to postmaster.

                   The mail system

<karl@west.example>: host mx.west.example[198.51.100.7] said: 554 5.7.1
    Message rejected: it looks like spam, see https://west.example/why (in
    reply to end of DATA command)
<lena@west.example> (expanded from <team@west.example>): unknown user: "lena"
)",
         "karl@west.example 5.7.1 spam gone; lena@west.example 5.0.0 no_such_user gone"},
        {"Courier", "From: \"Courier mail server at alpha.example\" <@>\nSubject: NOTICE: mail delivery status.\n",
         R"(This is a delivery status notification from alpha.example,
running the Courier mail server, version 0.73.

The original message was received on Mon, 05 May 2025 09:59:00 +0000
from relay.lists.example (relay.lists.example [192.0.2.80])

---------------------------------------------------------------------------

                           UNDELIVERABLE MAIL

Your message to the following recipients cannot be delivered:

<emil@alpha.example>:
    mx.alpha.example [192.0.2.33]:
>>> RCPT TO:<emil@alpha.example>
<<< 550 User <emil@alpha.example> unknown
)",
         "emil@alpha.example 5.0.0 no_such_user gone"},
        {"GMX",
         "From: GMX Mailer Daemon <mailer-daemon@post.example>\nSubject: Mail delivery failed: returning message to sender\n",
         R"(This message was created automatically by mail delivery software.

A message that you sent could not be delivered to
one or more of its recipients. This is a permanent error.
The following address failed:

"nils@fjord.example":
SMTP error from remote server after RCPT command:
host: mx.fjord.example
Requested action not taken: mailbox unavailable
)",
         "nils@fjord.example 5.0.0 no_such_user gone"},
        {"OpenSMTPD", "From: Mailer Daemon <MAILER-DAEMON@puffy.example>\nSubject: Delivery status notification: error\n",
         R"(    Hi!

    This is the MAILER-DAEMON, please DO NOT REPLY to this email.

    An error has occurred while attempting to deliver a message for
    the following list of recipients:

bert@puffy.example: 550 5.2.2 Mailbox full

    Below is a copy of the original message:

Received: from x
To: list@lists.example
)",
         "bert@puffy.example 5.2.2 mailbox_full gone"},
        {"James", "From: postmaster@james.example\nReturn-Path: <>\nSubject: Re: [list] minutes\n",
         R"(Hi. This is the James mail server at james.example.
I'm afraid I wasn't able to deliver your message to the following addresses.
This is a permanent error; I've given up. Sorry it didn't work out.  Below
I include the list of recipients and the reason why I was unable to deliver
your message.

gil@james.example:
Error message below:
550 - Requested action not taken: no such user here
)",
         "gil@james.example 5.0.0 no_such_user gone"},
        {"DragonFly", "From: MAILER-DAEMON <>\nSubject: Mail delivery failed\n",
         R"(This is the DragonFly Mail Agent v0.13 at df.example.

There was an error delivering your mail to <wim@gouda.example>.

mx.gouda.example [203.0.113.9] did not like our RCPT TO:
550 5.1.1 <wim@gouda.example>: Recipient address rejected: User unknown

Original message follows.

From: list@lists.example
)",
         "wim@gouda.example 5.1.1 no_such_user gone"},
    };
    samples::check(table);
}

TEST_CASE("Sendmail and those that show the dialogue")
{
    static constexpr Sample table[] = {
        {"Sendmail 8",
         "From: Mail Delivery Subsystem <MAILER-DAEMON@old.example>\nSubject: Returned mail: see transcript for details\n",
         R"(The original message was received at Mon, 5 May 2025 09:59:00 GMT
from relay.lists.example [192.0.2.80]

   ----- The following addresses had permanent fatal errors -----
<mo@gone.example>
    (reason: 550 Host unknown)
"|/usr/bin/filter"
    (expanded from: <sam@old.example>)

   ----- Transcript of session follows -----
550 5.1.2 <mo@gone.example>... Host unknown (Name server: gone.example: host not found)
)",
         "mo@gone.example 5.1.2 host_unknown gone"},
        {"Sendmail 5", "From: MAILER-DAEMON@vax.example (Mail Delivery Subsystem)\nSubject: Returned mail: User unknown\n",
         R"(   ----- Transcript of session follows -----
While talking to mx.pdp.example:
>>> RCPT To:<dora@pdp.example>
<<< 550 5.1.1 <dora@pdp.example>... User unknown
550 <dora@pdp.example>... User unknown

   ----- Unsent message follows -----
Received: by vax.example
To: list@lists.example
)",
         "dora@pdp.example 5.1.1 no_such_user gone"},
        {"only the refused of several", "From: MAILER-DAEMON@vax.example\nSubject: Returned mail\n",
         R"(   ----- Transcript of session follows -----
>>> RCPT To:<fine@pdp.example>
<<< 250 ok
>>> RCPT To:<bad@pdp.example>
<<< 550 mailbox disabled
)",
         "bad@pdp.example 5.0.0 no_such_user gone"},
        {"Sendmail warning",
         "From: Mail Delivery Subsystem <MAILER-DAEMON@old.example>\nSubject: Warning: could not send message for past 4 hours\n",
         R"(    **********************************************
    **      THIS IS A WARNING MESSAGE ONLY      **
    **  YOU DO NOT NEED TO RESEND YOUR MESSAGE  **
    **********************************************

   ----- The following addresses had transient non-fatal errors -----
<pia@slow.example>

   ----- Transcript of session follows -----
<pia@slow.example>... Deferred: Connection timed out with mx.slow.example.
Warning: message still undelivered after 4 hours
Will keep trying until message is 5 days old
)",
         "pia@slow.example 4.0.0 network waits"},
        {"InterScan", "From: InterScan <imss@scan.example>\nSubject: Mail could not be delivered\n",
         R"(****** Message from InterScan Messaging Security Suite ******

Sent <<< RCPT TO:<ursula@scan.example>
Received >>> 550 5.1.1 <ursula@scan.example>: user unknown

Unable to deliver message to <ursula@scan.example>
)",
         "ursula@scan.example 5.1.1 no_such_user gone"},
    };
    samples::check(table);
}

TEST_CASE("Exim names who failed in a field, and indents the reasons")
{
    static constexpr Sample table[] = {
        {"Exim",
         "Auto-Submitted: auto-replied\nX-Failed-Recipients: rosa@lux.example,\n  paul@lux.example\nFrom: Mail Delivery System "
         "<Mailer-Daemon@ex.example>\nSubject: Mail delivery failed: returning message to sender\n",
         R"(This message was created automatically by mail delivery software.

A message that you sent could not be delivered to one or more of its
recipients. This is a permanent error. The following address(es) failed:

  rosa@lux.example
    host mx.lux.example [192.0.2.9]
    SMTP error from remote mail server after RCPT TO:<rosa@lux.example>:
    550 5.1.1 <rosa@lux.example>: Recipient address rejected: User unknown in virtual mailbox table
  paul@lux.example
    (generated from chef@lux.example)
    mailbox is full: retry timeout exceeded

------ This is a copy of the message, including all the headers. ------

To: list@lists.example
)",
         "rosa@lux.example 5.1.1 no_such_user gone; paul@lux.example 5.0.0 mailbox_full gone"},
        {"Exim warning",
         "From: Mail Delivery System <Mailer-Daemon@ex.example>\nSubject: Warning: message 1tAbCd-0001 delayed 24 hours\n",
         R"(This message was created automatically by mail delivery software.
A message that you have sent has not yet been delivered to one or more of its
recipients after more than 24 hours on the queue on ex.example.

The address to which the message has not yet been delivered is:

  rosa@lux.example
    Delay reason: SMTP error from remote mail server after RCPT TO:<rosa@lux.example>: 451 4.7.1 Greylisted, come back later

No action is required on your part. Delivery attempts will continue for
some time, and this warning may be repeated at intervals if the message
remains undelivered.
)",
         "rosa@lux.example 4.7.1 policy waits"},
        {"Exim without its field",
         "From: Mail Delivery System <Mailer-Daemon@ex.example>\nSubject: Mail delivery failed: returning message to sender\n",
         R"(A message that you sent could not be delivered to all of its recipients. The following address(es) failed:

  nobody@nowhere.example
    all relevant MX records point to non-existent hosts
)",
         "nobody@nowhere.example 5.0.0 host_unknown gone"},
        {"1&1",
         "From: Mail Delivery System <mailer-daemon@haus.example>\nSubject: Mail delivery failed: returning message to sender\n",
         R"(This message was created automatically by mail delivery software.

A message that you sent could not be delivered to
one or more of its recipients. This is a permanent error. The following address
failed:

  bea@haus.example

For the following reason:

Mail size limit exceeded. For explanation visit
http://haus.example/errors?ip=192.0.2.80

--- The header of the original message is following. ---

To: list@lists.example
)",
         "bea@haus.example 5.0.0 too_large gone"},
        {"Zoho", "From: mailer-daemon@post.example\nReturn-Path: <>\nSubject: Undelivered Mail Returned to Sender\n",
         R"(This message was created automatically by mail delivery software.
 A message that you sent could not be delivered to one or more of its recipients. This is a permanent error.

ravi@office.example Invalid Address, ERROR_CODE :550, ERROR_CODE :5.1.1 User does not exist - <ravi@office.example>
)",
         "ravi@office.example 5.1.1 no_such_user gone"},
    };
    samples::check(table);
}
