"""Reports as mail servers write them: what is said of a mail that was sent with an id."""

from email import message_from_bytes

POSTFIX = """\
Return-Path: <>
Date: Sat, 28 Nov 2026 12:00:00 +0000 (UTC)
From: MAILER-DAEMON@mx.example.org (Mail Delivery System)
Subject: Undelivered Mail Returned to Sender
To: lab@example.org
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status;
\tboundary="9B095B5ADSN/mx.example.org"

This is a MIME-encapsulated message.

--9B095B5ADSN/mx.example.org
Content-Description: Notification
Content-Type: text/plain; charset=us-ascii

<P001@example.org>: host mail.example.org said: 550 5.1.1 unknown user

--9B095B5ADSN/mx.example.org
Content-Description: Delivery report
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.org
Arrival-Date: Sat, 28 Nov 2026 11:59:58 +0000 (UTC)

Final-Recipient: rfc822; P001@example.org
Original-Recipient: rfc822;P001@example.org
Action: {action}
Status: {status}
Remote-MTA: dns; mail.example.org
Diagnostic-Code: smtp; 550 5.1.1 <P001@example.org>: Recipient address
    rejected: User unknown

--9B095B5ADSN/mx.example.org
Content-Description: Undelivered Message
Content-Type: message/rfc822

From: lab@example.org
To: P001@example.org
Subject: Invitation
Message-ID: <{id}@127.0.0.1>

Hello P001

--9B095B5ADSN/mx.example.org--
"""
# Only the headers come back, and the report stands in one block.
EXCHANGE = """\
From: <postmaster@example.com>
To: <lab@example.org>
In-Reply-To: <{id}@127.0.0.1>
Subject: Undeliverable: Invitation
Content-Type: multipart/report; report-type=delivery-status;
\tboundary="_0001_"
MIME-Version: 1.0

--_0001_
Content-Type: text/html; charset="us-ascii"
Content-Transfer-Encoding: quoted-printable

<p>Your message to P002 couldn't be delivered.</p>
--_0001_
Content-Type: message/delivery-status

Reporting-MTA: dns;AM0PR01.example.com

Final-recipient: RFC822;P002@example.org
Action: failed
Status: 5.4.1
Diagnostic-code: smtp;550 5.4.1 Recipient address rejected: Access denied.

--_0001_
Content-Type: text/rfc822-headers

Subject: Invitation
From: lab@example.org
To: P002@example.org

--_0001_--
"""
# The mail is named by nothing but the address that the report was sent to.
TAGGED = """\
Return-Path: <>
From: Mail Delivery Subsystem <mailer-daemon@example.net>
To: bounces+{id}@lab.example.org
Subject: Delivery Status Notification (Failure)
MIME-Version: 1.0
Content-Type: multipart/report; boundary="0000000000"; report-type=delivery-status

--0000000000
Content-Type: text/plain; charset="UTF-8"

Address not found

--0000000000
Content-Type: message/delivery-status

Reporting-MTA: dns; example.net

Final-Recipient: rfc822; P003@example.org
Action: failed
Status: 5.2.1
Diagnostic-Code: smtp; 550-5.2.1 The email account that you tried to reach is disabled.

--0000000000--
"""
COMPLAINT = """\
From: <feedback@provider.example>
To: <lab@example.org>
Subject: FW: Invitation
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report;
     boundary="part1_13d.2e68ed54_boundary"

--part1_13d.2e68ed54_boundary
Content-Type: text/plain; charset="US-ASCII"

This is an email abuse report.

--part1_13d.2e68ed54_boundary
Content-Type: message/feedback-report

Feedback-Type: abuse
User-Agent: SomeGenerator/1.0
Version: 1
Original-Rcpt-To: <P004@example.org>

--part1_13d.2e68ed54_boundary
Content-Type: message/rfc822

From: <lab@example.org>
To: <P004@example.org>
Subject: Invitation
Message-ID: <{id}@127.0.0.1>

Hello P004
--part1_13d.2e68ed54_boundary--
"""
HOLIDAY = """\
From: P001@example.org
To: lab@example.org
Subject: Out of office
Auto-Submitted: auto-replied
In-Reply-To: <{id}@127.0.0.1>
Content-Type: text/plain

I am away until Monday.
"""


def written(template: str, sent_as: str, action: str = "failed", status: str = "5.1.1") -> bytes:
    text = template.replace("{id}", sent_as).replace("{action}", action)
    content = text.replace("{status}", status).encode()
    assert message_from_bytes(content)["From"]
    return content
