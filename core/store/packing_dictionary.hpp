#pragma once
#include <string_view>

namespace majlis::store {

/// What mails begin with, for zstd to refer to: a small mail has too little to learn from. The most frequent stands last. Written
/// by hand and compiled in, so that no word of a member stays in it when his posts are removed. Frames need it for ever: never
/// edit it; another one needs another number in the frames.
inline constexpr std::string_view packing_dictionary =
    R"(Auto-Submitted: no
X-Originating-IP: [
X-Mailer: Apple Mail (2.
X-Mailer: Microsoft Outlook 16.0
X-Priority: 3 (Normal)
X-MSMail-Priority: Normal
Importance: Normal
Thread-Topic: 
Thread-Index: 
Accept-Language: fr-FR, en-US
Content-Language: fr
User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:102.0) Gecko/20100101 Thunderbird/102.
User-Agent: Mozilla Thunderbird
X-Google-Smtp-Source: 
X-Gm-Message-State: 
X-Google-DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed;
        d=1e100.net; s=20230601;
X-Received: by 2002:
X-Spam-Status: No, score=-2.0 required=5.0 tests=BAYES_00,DKIM_SIGNED,DKIM_VALID,DKIM_VALID_AU,
	HTML_MESSAGE,RCVD_IN_DNSWL_NONE,SPF_PASS autolearn=ham autolearn_force=no version=3.4.6
X-Spam-Level: 
X-Spam-Checker-Version: SpamAssassin 3.4.6
Received-SPF: pass (google.com: domain of 
ARC-Seal: i=1; a=rsa-sha256; cv=none; d=google.com; s=arc-20160816; t=
ARC-Message-Signature: i=1; a=rsa-sha256; c=relaxed/relaxed; d=google.com; s=arc-20160816;
ARC-Authentication-Results: i=1; mx.google.com; dkim=pass header.i=@gmail.com header.s=20230601 header.b=
Authentication-Results: mx.example.org; spf=pass smtp.mailfrom=; dkim=pass header.d=; dmarc=pass (policy=none) header.from=
DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed;
        d=gmail.com; s=20230601; t=
        h=to:subject:message-id:date:from:in-reply-to:references:mime-version:from:to:cc:subject:date:message-id:reply-to;
        bh=
         b=
Received: from localhost (localhost [127.0.0.1])
	by mail.example.org (Postfix) with ESMTPS id 
	(using TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits)
	 key-exchange X25519 server-signature RSA-PSS (2048 bits) server-digest SHA256)
	(No client certificate requested)
	for <; Mon, 01 Jan 2024 10:00:00 +0000 (UTC)
Received: by mail-wm1-f41.google.com with SMTP id 
        for <; Tue, 02 Jan 2024 02:00:00 -0800 (PST)
Delivered-To: 
X-Original-To: 
Envelope-To: 
Return-Path: <
List-Unsubscribe: <mailto:
List-Unsubscribe-Post: List-Unsubscribe=One-Click
List-Id: 
List-Post: <mailto:
List-Archive: <https://
List-Help: <mailto:
Precedence: list
Errors-To: 
Sender: 
Reply-To: 
Cc: 
This is a multi-part message in MIME format.
--------------
Content-Type: application/pdf; name="
Content-Transfer-Encoding: base64
Content-Disposition: attachment; filename="
Content-Type: image/jpeg; name="image001.jpg"
Content-ID: <image001.jpg@
Content-Disposition: inline; filename="
<html><head><meta http-equiv="Content-Type" content="text/html; charset=utf-8"></head><body>
<div dir="ltr"><div><br></div><div class="gmail_quote"><div dir="ltr" class="gmail_attr">
<blockquote class="gmail_quote" style="margin:0px 0px 0px 0.8ex;border-left:1px solid rgb(204,204,204);padding-left:1ex">
<p class="MsoNormal"><span style="font-size:11.0pt;font-family:&quot;Calibri&quot;,sans-serif">&nbsp;</span></p>
</div></body></html>
 a =C3=A9crit =C3=A0 =C3=A8 =C3=AA =E2=80=99 =D8=A7=D9=84
)"
    "Le lun. 1 janv. 2024 a \u00e9crit :\n"
    R"(On Mon, Jan 1, 2024 at 10:00 AM wrote:
)"
    "Bonjour \u00e0 toutes et \u00e0 tous, Bonjour, Chers amis, Merci, Cordialement, Bien \u00e0 vous, la r\u00e9union du compte "
    "rendu ordre du jour\n"
    "\u0627\u0644\u0633\u0644\u0627\u0645 \u0639\u0644\u064a\u0643\u0645 \u0648\u0631\u062d\u0645\u0629 \u0627\u0644\u0644\u0647 "
    "\u0648\u0628\u0631\u0643\u0627\u062a\u0647\u060c \u062a\u062d\u064a\u0629 \u0637\u064a\u0628\u0629\u060c "
    "\u0634\u0643\u0631\u0627\u060c \u0645\u0639 \u0627\u0644\u062a\u062d\u064a\u0629\n"
    R"(Hello, Thank you, Best regards, the of and to in is that for
-- 
Content-Type: multipart/mixed; boundary="
Content-Type: multipart/alternative; boundary="000000000000
Content-Type: text/html; charset="UTF-8"
Content-Transfer-Encoding: quoted-printable
Content-Transfer-Encoding: 7bit
Content-Type: text/plain; charset=iso-8859-1
Content-Type: text/plain; charset="UTF-8"; format=flowed
In-Reply-To: <
References: <
Subject: Re: [
Subject: =?UTF-8?Q?R=C3=A9
Subject: =?utf-8?B?2
To: 
From: "
From: =?UTF-8?B?
Date: Mon, 01 Jan 2024 10:00:00 +0100
Message-ID: <
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: 8bit

)";

}  // namespace majlis::store
