#include "samples.hpp"

using namespace majlis;
using majlis::samples::Sample;

TEST_CASE("Exchange and its heirs name recipients below a sentence, in the language of the house")
{
    static constexpr Sample table[] = {
        {"Exchange 5.5",
         "From: System Administrator <postmaster@corp.example>\nX-MS-Embedded-Report:\nSubject: Undeliverable: minutes\n",
         R"(Your message

  To:      list@lists.example
  Subject: minutes
  Sent:    Mon, 5 May 2025 09:00:00 +0000

did not reach the following recipient(s):

boris@corp.example on Mon, 5 May 2025 09:01:00 +0000
    The recipient name is not recognized
	The MTS-ID of the original message is: c=us;a= ;p=corp;l=EX01-250505
    MSEXCH:IMS:Corp:HQ:EX01 0 (000C05A6) Unknown Recipient
)",
         "boris@corp.example 5.0.0 no_such_user gone"},
        {"an X.400 gateway", "From: System Administrator <postmaster@corp.example>\nSubject: Undeliverable: minutes\n",
         R"(did not reach the following recipient(s):

c=FR;a=ATLAS;p=CORP;o=HQ;dda:SMTP=claire(a)corp.example; on Mon, 5 May 2025 09:01:00
    Unable to deliver the message due to a communications failure
)",
         "claire@corp.example 5.0.0 network gone"},
        {"Exchange 2010 without a report",
         "From: Microsoft Outlook <postmaster@corp.example>\nReturn-Path: <>\nSubject: Undeliverable: minutes\n",
         R"(Delivery has failed to these recipients or groups:

Dana Stone (dana@corp.example)<mailto:dana@corp.example>
The e-mail address you entered couldn't be found. Please check the recipient's e-mail address.

Diagnostic information for administrators:

Generating server: ex02.corp.example

dana@corp.example
#550 5.1.1 RESOLVER.ADR.RecipNotFound; not found ##

Original message headers:

Received: from x
To: list@lists.example
)",
         "dana@corp.example 5.1.1 no_such_user gone"},
        {"Exchange in French",
         "From: Microsoft Outlook <MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@soc.example>\nSubject: Non remis : compte "
         "rendu\n",
         "\xc3\x89"
         R"(chec de la remise à ces destinataires ou groupes :

hugo@soc.example
La boîte aux lettres du destinataire est pleine.

Informations de diagnostic pour les administrateurs :
Serveur de génération : ex.soc.example

hugo@soc.example
#554 5.2.2 mailbox full ##

En-têtes de messages d'origine :
To: list@lists.example
)",
         "hugo@soc.example 5.2.2 mailbox_full gone"},
        {"Exchange in German", "From: postmaster@firma.example\nReturn-Path: <>\nSubject: Unzustellbar: Protokoll\n",
         R"(Fehler bei der Nachrichtenzustellung an folgende Empfänger oder Verteilerlisten:

jens@firma.example
Der Empfänger wurde im E-Mail-System nicht gefunden.

Diagnoseinformationen für Administratoren:
Generierender Server: ex.firma.example

jens@firma.example
#550 5.1.1 RESOLVER.ADR.RecipNotFound; not found ##
)",
         "jens@firma.example 5.1.1 no_such_user gone"},
        {"Microsoft 365",
         "From: Microsoft Outlook <MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@corp.example>\nSubject: Undeliverable: "
         "minutes\nContent-Type: text/html; charset=utf-8\n",
         R"(<html><body><table><tr><td>Office 365</td></tr></table>
<p>Your message to <a href="mailto:eva@corp.example">eva@corp.example</a> couldn&#8217;t be delivered.</p>
<p>eva wasn&#8217;t found at corp.example.</p>
<p>Error: 550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient eva@corp.example not found by SMTP address lookup</p></body></html>
)",
         "eva@corp.example 5.1.10 no_such_user gone"},
        {"SMTP service of Windows, delayed",
         "From: postmaster@iis.example\nX-DSNContext: 7ce717b1\nSubject: Delivery Status Notification (Delay)\n",
         R"(This is an automatically generated Delivery Status Notification.

THIS IS A WARNING MESSAGE ONLY.

YOU DO NOT NEED TO RESEND YOUR MESSAGE.

Delivery to the following recipients has been delayed.

       finn@iis.example
)",
         "finn@iis.example 4.0.0 other waits"},
    };
    samples::check(table);
}

TEST_CASE("Domino, GroupWise and servers of offices")
{
    static constexpr Sample table[] = {
        {"Domino",
         "From: Postmaster@notes.example\nReturn-Path: <>\nSubject: DELIVERY FAILURE: User olga (olga@notes.example) not listed "
         "in Domino Directory\n",
         R"(Your message

  Subject: minutes

was not delivered to:

  olga@notes.example

because:

  User olga (olga@notes.example) not listed in Domino Directory
)",
         "olga@notes.example 5.0.0 no_such_user gone"},
        {"Notes 4", "From: MAILER-DAEMON@notes.example\nSubject: Undeliverable message\n",
         R"(------- Failure Reasons  --------

User not listed in public Name & Address Book
olga@notes.example


------- Returned Message --------

Received: from x
To: list@lists.example
)",
         "olga@notes.example 5.0.0 no_such_user gone"},
        {"GroupWise", "From: Mail Administrator <postmaster@gw.example>\nSubject: Mail System Error - Returned Mail\n",
         R"(The message that you sent was undeliverable to the following:
	peer.smith@gw.example (user not found)

Possibly truncated original message follows:

Received: from x
)",
         "peer.smith@gw.example 5.0.0 no_such_user gone"},
        {"IMail", "From: Postmaster <postmaster@im.example>\nX-Mailer: <SMTP32 v8.22>\nSubject: Undeliverable Mail\n",
         R"(User mailbox exceeds allowed size: quinn@im.example

Original message follows.

Received: from x
)",
         "quinn@im.example 5.0.0 mailbox_full gone"},
        {"IMail, several", "From: Postmaster <postmaster@im.example>\nSubject: Undeliverable Mail\n",
         R"(Unknown user: quinn@im.example
Unknown user: rita@im.example

Original message follows.
)",
         "quinn@im.example 5.0.0 no_such_user gone; rita@im.example 5.0.0 no_such_user gone"},
        {"MDaemon", "From: MDaemon at md.example <MDaemon@md.example>\nSubject: Permanent Delivery Failure\n",
         R"(The attached message had PERMANENT fatal delivery errors!

After one or more unsuccessful delivery attempts the attached message has
been removed from the mail queue on this server.

Failed address: sven@md.example

--- Session Transcript ---
 Mon 2025-05-05 10:00:00: --> RCPT To:<sven@md.example>
 Mon 2025-05-05 10:00:01: <-- 550 <sven@md.example>, Recipient unknown
--- End Transcript ---
)",
         "sven@md.example 5.0.0 no_such_user gone"},
        {"CommuniGate", "From: MAILER-DAEMON@cg.example\nSubject: Undeliverable mail: minutes\n",
         R"(Failed to deliver to '<tina@cg.example>'
LOCAL module(account tina) reports:
 account is full (quota exceeded)
)",
         "tina@cg.example 5.0.0 mailbox_full gone"},
        {"Kerio",
         "From: Mail Delivery Subsystem <postmaster@kerio.example>\nReturn-Path: <>\nSubject: Message not delivered: minutes\n",
         R"(Your message was not delivered to the following recipients:

   udo@kerio.example
   (reason: 550 5.1.1 Recipient address rejected: no such user)
)",
         "udo@kerio.example 5.1.1 no_such_user gone"},
        {"hMailServer", "From: mailer-daemon@hm.example\nSubject: Message undeliverable: minutes\n",
         R"(Your message did not reach some or all of the intended recipients.

   Sent: Mon, 5 May 2025 10:00:00 +0000
   Subject: minutes

The following recipient(s) could not be reached:

vera@hm.example
   Error Type: SMTP
   Remote server (192.0.2.44) issued an error.
   hMailServer sent: RCPT TO:<vera@hm.example>
   Remote server replied: 550 Unknown user

hMailServer
)",
         "vera@hm.example 5.0.0 no_such_user gone"},
        {"Merak", "From: postmaster@ice.example\nReturn-Path: <>\nSubject: Delivery failure (xeno@ice.example)\n",
         R"(Your message has encountered delivery problems
to the following recipient(s):

xeno@ice.example
Delivery failed
550 5.1.1 User unknown
)",
         "xeno@ice.example 5.1.1 no_such_user gone"},
        {"iPlanet",
         "From: Internet Mail Delivery <postmaster@sun.example>\nSubject: Delivery Notification: Delivery has failed\n",
         R"(This report relates to a message you sent with the following header fields:

  Return-path: <list+bounce-abc@lists.example>
  From: ann@people.example
  Subject: minutes

Your message cannot be delivered to the following recipients:

  Recipient address: yves@ims-ms-daemon
  Original address: yves@sun.example
  Reason: over quota
)",
         "yves@sun.example 5.0.0 mailbox_full gone"},
        {"MailEnable", "From: Postmaster@me.example\nReturn-Path: <>\nSubject: Message Delivery Failure\n",
         R"(MailEnable: Message could not be delivered to some recipients.
The following recipient(s) could not be reached:

	Recipient: [SMTP:zara@me.example]
	Reason: Remote SMTP Server Returned: 550 mailbox not found
)",
         "zara@me.example 5.0.0 no_such_user gone"},
        {"Novell GWIA in short", "From: <Postmaster@gw2.example>\nSubject: Message status - undeliverable\n",
         R"(
The message that you sent was undeliverable to the following:
	abel@gw2.example (mailbox is full)
)",
         "abel@gw2.example 5.0.0 mailbox_full gone"},
        {"Zimbra, SMTP gateway",
         "From: Mail Delivery System <MAILER-DAEMON@zim.example>\nSubject: Undelivered Mail Returned to Sender\n",
         R"(<carl@zim.example>: mail for zim.example loops back to myself
)",
         "carl@zim.example 5.0.0 loop gone"},
    };
    samples::check(table);
}
