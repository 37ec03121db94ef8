//! Every stage and every kind of answer, with its verdict.

use std::time::Duration;

use super::{accepted, answer, trouble};
use crate::delivery::{Blame, Cause, Next, Refusal, Reply, ReplyCode, Stage, Trouble, Unfit, judge, relay_wait_hint};

use Blame::{Addressee, Circular, Relay};
use Next::{BackToQueue, Deferred, InDoubt, Refused};
use Stage::{Auth, Body, Connect, Data, Ehlo, FinalDot, Greeting, Mail, Rcpt, StartTls};

const TABLE: &[(Stage, &str, Blame, Next, Cause)] = &[
    // Connect to AUTH: the relay, whatever it says, and no attempt charged.
    (Greeting, "554 no service for you", Relay, BackToQueue, Cause::NotAuthorised),
    (Greeting, "421 4.3.2 too busy", Relay, BackToQueue, Cause::Busy),
    (Greeting, "250 hello?", Relay, BackToQueue, Cause::Protocol),
    (Ehlo, "502 5.5.1 what", Relay, BackToQueue, Cause::NotAuthorised),
    (Ehlo, "550 5.1.1 no such user", Relay, BackToQueue, Cause::NotAuthorised),
    (StartTls, "454 4.7.0 TLS not available", Relay, BackToQueue, Cause::Busy),
    (Auth, "535 5.7.8 wrong password", Relay, BackToQueue, Cause::NotAuthorised),
    (Auth, "454 4.7.0 try later", Relay, BackToQueue, Cause::Busy),
    (Auth, "504 5.5.4 no such mechanism", Relay, BackToQueue, Cause::NotAuthorised),
    // 421 anywhere, the answer to the dot included.
    (Mail, "421 4.4.2 closing", Relay, BackToQueue, Cause::Busy),
    (Rcpt, "421 4.7.0 closing <a@b.example>", Relay, BackToQueue, Cause::Busy),
    (Data, "421 closing", Relay, BackToQueue, Cause::Busy),
    (Body, "421 closing", Relay, BackToQueue, Cause::Busy),
    (FinalDot, "421 4.3.2 shutting down", Relay, BackToQueue, Cause::Busy),
    // MAIL, 4yz
    (Mail, "451 4.3.0 later", Relay, BackToQueue, Cause::Busy),
    (Mail, "452 no room", Relay, BackToQueue, Cause::Busy),
    (Mail, "450 4.1.8 sender's domain not found", Relay, BackToQueue, Cause::Busy),
    // MAIL, 5yz
    (Mail, "550 5.7.1 not allowed", Relay, BackToQueue, Cause::NotAuthorised),
    (Mail, "550 5.7.1 <us@c.example>: Sender address rejected", Relay, BackToQueue, Cause::NotAuthorised),
    (Mail, "530 5.7.0 authentication required", Relay, BackToQueue, Cause::NotAuthorised),
    (Mail, "530 log in first", Relay, BackToQueue, Cause::NotAuthorised),
    (Mail, "535 who are you", Relay, BackToQueue, Cause::NotAuthorised),
    (Mail, "554 no", Relay, BackToQueue, Cause::NotAuthorised),
    (Mail, "553 5.1.8 domain does not exist", Circular, BackToQueue, Cause::Sender),
    (Mail, "553 not yours", Circular, BackToQueue, Cause::Sender),
    (Mail, "550 5.1.7 bad sender", Circular, BackToQueue, Cause::Sender),
    (Mail, "550 5.1.1 unknown", Circular, BackToQueue, Cause::Sender),
    (Mail, "555 5.5.4 no such parameter", Circular, BackToQueue, Cause::Sender),
    (Mail, "500 what", Circular, BackToQueue, Cause::Sender),
    (Mail, "552 5.3.4 too big", Circular, BackToQueue, Cause::Size),
    (Mail, "552 message size exceeds fixed maximum", Circular, BackToQueue, Cause::Size),
    (Mail, "554 5.6.0 no", Circular, BackToQueue, Cause::Content),
    // RCPT, 4yz
    (Rcpt, "450 4.2.0 greylisted", Addressee, Deferred, Cause::Deferral),
    (Rcpt, "450 4.7.1 greylisted, try again in 300 seconds", Addressee, Deferred, Cause::Deferral),
    (Rcpt, "451 4.3.5 our mistake", Addressee, Deferred, Cause::Deferral),
    (Rcpt, "452 4.2.2 mailbox full", Addressee, Deferred, Cause::Deferral),
    (Rcpt, "452 4.5.3 too many recipients", Addressee, Deferred, Cause::Deferral),
    (Rcpt, "499 never heard of", Addressee, Deferred, Cause::Deferral),
    (Rcpt, "450 4.1.8 <us@c.example>: Sender address rejected", Relay, BackToQueue, Cause::Busy),
    (Rcpt, "450 4.7.1 Error: too much mail from 192.0.2.1", Relay, BackToQueue, Cause::Busy),
    (Rcpt, "450 4.2.1 user is over the rate limit", Addressee, Deferred, Cause::Deferral),
    // RCPT, 5yz
    (Rcpt, "550 5.1.1 no such user", Addressee, Refused, Cause::Refusal),
    (Rcpt, "550 no such user", Addressee, Refused, Cause::Refusal),
    (Rcpt, "550 5.0.0 no", Addressee, Refused, Cause::Refusal),
    (Rcpt, "551 user not local", Addressee, Refused, Cause::Refusal),
    (Rcpt, "553 5.1.3 bad syntax", Addressee, Refused, Cause::Refusal),
    (Rcpt, "501 5.5.4 bad syntax", Addressee, Refused, Cause::Refusal),
    (Rcpt, "550 5.4.4 no route to that domain", Addressee, Refused, Cause::Refusal),
    (Rcpt, "556 5.1.10 that domain takes no mail", Addressee, Refused, Cause::Refusal),
    (Rcpt, "553 5.6.7 needs SMTPUTF8", Addressee, Refused, Cause::Refusal),
    (Rcpt, "599 never heard of", Addressee, Refused, Cause::Refusal),
    (Rcpt, "503 5.5.1 MAIL first", Relay, Deferred, Cause::Protocol),
    (Rcpt, "550 5.1.8 <us@c.example>: Sender address rejected", Circular, BackToQueue, Cause::Sender),
    (Rcpt, "550 5.7.27 your domain takes no mail", Circular, BackToQueue, Cause::Sender),
    // RCPT, 552: bare it is an old 452, with a status it is what the status says.
    (Rcpt, "552 too many recipients", Addressee, Deferred, Cause::Deferral),
    (Rcpt, "552 5.0.0 too many recipients", Addressee, Deferred, Cause::Deferral),
    (Rcpt, "552 5.2.2 mailbox full", Addressee, Refused, Cause::Refusal),
    (Rcpt, "552 5.3.4 too big", Circular, BackToQueue, Cause::Size),
    // RCPT, policy: ours, unless it names the mailbox.
    (Rcpt, "550 5.7.1 access denied", Relay, BackToQueue, Cause::NotAuthorised),
    (Rcpt, "550 5.7.1 <a@b.example>: Recipient address rejected", Addressee, Refused, Cause::Refusal),
    (Rcpt, "554 5.7.1 <a@b.example>: Relay access denied", Relay, BackToQueue, Cause::NotAuthorised),
    (Rcpt, "550 relay not permitted", Relay, BackToQueue, Cause::NotAuthorised),
    (Rcpt, "550 5.7.17 the mailbox has another owner", Addressee, Refused, Cause::Refusal),
    (Rcpt, "550 5.7.2 you may not write to this list", Addressee, Refused, Cause::Refusal),
    (Rcpt, "530 5.7.0 log in first", Relay, BackToQueue, Cause::NotAuthorised),
    (Rcpt, "535 5.7.3 who are you", Relay, BackToQueue, Cause::NotAuthorised),
    (Rcpt, "554 no", Relay, BackToQueue, Cause::NotAuthorised),
    (Rcpt, "554 <a@b.example>: no", Addressee, Refused, Cause::Refusal),
    (Rcpt, "554 5.1.1 no such user", Addressee, Refused, Cause::Refusal),
    // DATA: exactly 354 goes on, everything else is here.
    (Data, "250 ok", Relay, Deferred, Cause::Protocol),
    (Data, "355 go on", Relay, Deferred, Cause::Protocol),
    (Data, "451 4.3.0 later", Addressee, Deferred, Cause::Deferral),
    (Data, "500 what", Relay, Deferred, Cause::Protocol),
    (Data, "503 5.5.1 RCPT first", Relay, Deferred, Cause::Protocol),
    (Data, "504 what", Relay, Deferred, Cause::Protocol),
    (Data, "550 5.1.1 no such user", Addressee, Refused, Cause::Refusal),
    (Data, "550 no", Addressee, Refused, Cause::Refusal),
    (Data, "554 5.7.1 no", Relay, BackToQueue, Cause::NotAuthorised),
    (Data, "552 too big", Circular, BackToQueue, Cause::Size),
    // An early answer in the body.
    (Body, "552 5.3.4 too big", Circular, BackToQueue, Cause::Size),
    (Body, "550 5.2.1 disabled", Addressee, Refused, Cause::Refusal),
    (Body, "451 4.3.0 later", Addressee, Deferred, Cause::Deferral),
    (Body, "250 ok", Relay, Deferred, Cause::Protocol),
    // The final dot: a complete answer is never doubt, unless it answers another question.
    (FinalDot, "451 4.3.0 later", Addressee, Deferred, Cause::Deferral),
    (FinalDot, "452 4.3.1 disk full", Addressee, Deferred, Cause::Deferral),
    (FinalDot, "550 5.2.1 mailbox disabled", Addressee, Refused, Cause::Refusal),
    (FinalDot, "550 no", Addressee, Refused, Cause::Refusal),
    (FinalDot, "550 5.1.1 no such user", Addressee, Refused, Cause::Refusal),
    (FinalDot, "552 message size exceeds limit", Circular, BackToQueue, Cause::Size),
    (FinalDot, "552 5.3.4 too big", Circular, BackToQueue, Cause::Size),
    (FinalDot, "552 5.2.2 mailbox full", Addressee, Refused, Cause::Refusal),
    (FinalDot, "552 mailbox full", Addressee, Deferred, Cause::Deferral),
    (FinalDot, "554 5.6.0 malformed", Circular, BackToQueue, Cause::Content),
    (FinalDot, "554 5.6.7 not mine", Circular, BackToQueue, Cause::Content),
    (FinalDot, "550 looks like spam", Circular, BackToQueue, Cause::Content),
    (FinalDot, "554 virus found", Circular, BackToQueue, Cause::Content),
    // Policy after the message was read: of this message, unless it says that it is of us.
    (FinalDot, "550 5.7.1 looks like spam", Circular, BackToQueue, Cause::Content),
    (FinalDot, "554 5.7.1 message rejected", Circular, BackToQueue, Cause::Content),
    (FinalDot, "552 5.7.0 blocked: its content presents a risk", Circular, BackToQueue, Cause::Content),
    (FinalDot, "550 5.7.7 the message was altered", Circular, BackToQueue, Cause::Content),
    (FinalDot, "554 5.7.1 <a@b.example>: looks like spam", Addressee, Refused, Cause::Refusal),
    (FinalDot, "554 5.7.1 client host [192.0.2.1] is on a block list", Relay, BackToQueue, Cause::NotAuthorised),
    (FinalDot, "550 5.7.1 rejected by the DMARC policy of c.example", Relay, BackToQueue, Cause::NotAuthorised),
    (FinalDot, "550 SPF: spam from c.example", Relay, BackToQueue, Cause::NotAuthorised),
    (FinalDot, "554 host is blacklisted", Relay, BackToQueue, Cause::NotAuthorised),
    (FinalDot, "550 5.7.8 who are you", Relay, BackToQueue, Cause::NotAuthorised),
    (FinalDot, "550 5.7.26 does not pass", Relay, BackToQueue, Cause::NotAuthorised),
    (Body, "554 5.7.1 looks like spam", Circular, BackToQueue, Cause::Content),
    (FinalDot, "550 5.7.515 your domain does not authenticate", Relay, BackToQueue, Cause::NotAuthorised),
    (FinalDot, "554 transaction failed", Circular, BackToQueue, Cause::Content),
    (FinalDot, "554 <a@b.example>: transaction failed", Addressee, Refused, Cause::Refusal),
    (FinalDot, "500 line too long", Relay, Deferred, Cause::Protocol),
    (FinalDot, "354 go on", Relay, InDoubt, Cause::Protocol),
    (FinalDot, "251 will forward", Relay, InDoubt, Cause::Protocol),
    (FinalDot, "220 hello", Relay, InDoubt, Cause::Protocol),
    // An enhanced status of another class than the code is no status (RFC 2034 §4).
    (Rcpt, "550 4.7.1 no such user", Addressee, Refused, Cause::Refusal),
    (Rcpt, "450 5.7.1 wait", Addressee, Deferred, Cause::Deferral),
];

#[test]
fn every_answer_has_its_verdict() {
    for (stage, line, blame, next, cause) in TABLE {
        let verdict = judge(&answer(*stage, line));
        assert_eq!((verdict.blame, verdict.next, verdict.cause), (Some(*blame), *next, *cause), "{stage}: {line}");
    }
}

#[test]
fn silence_and_broken_connections_are_doubt_only_after_the_final_dot() {
    let broken = || Trouble::Broken("reset by peer".into());
    let garbage = || Trouble::Protocol("not a reply".into());
    for stage in [Connect, Greeting, Ehlo, StartTls, Auth] {
        for what in [broken(), Trouble::TimedOut, garbage(), Trouble::Tls("expired".into())] {
            let verdict = judge(&trouble(stage, what.clone()));
            assert_eq!((verdict.blame, verdict.next), (Some(Relay), BackToQueue), "{stage}: {what}");
        }
    }
    for stage in [Mail, Rcpt, Data, Body] {
        for what in [broken(), Trouble::TimedOut, Trouble::Tls("bad record".into())] {
            let verdict = judge(&trouble(stage, what.clone()));
            assert_eq!(
                (verdict.blame, verdict.next, verdict.cause),
                (Some(Addressee), Deferred, Cause::BrokeBeforeDot),
                "{stage}: {what}"
            );
            assert!(verdict.next.charges_an_attempt());
        }
        assert_eq!(judge(&trouble(stage, garbage())).next, Deferred, "{stage}");
    }
    for what in [broken(), Trouble::TimedOut, garbage(), Trouble::Tls("bad record".into())] {
        assert_eq!(judge(&trouble(FinalDot, what.clone())).next, InDoubt, "{what}");
    }
}

#[test]
fn what_a_relay_does_not_offer_is_nobodys_reply_and_only_an_address_is_an_addressees() {
    let table = [
        (Unfit::Address, Addressee, Refused, Cause::Refusal),
        (Unfit::Sender, Circular, BackToQueue, Cause::Sender),
        (Unfit::Size { octets: 2, limit: 1 }, Circular, BackToQueue, Cause::Size),
        (Unfit::EightBit, Circular, BackToQueue, Cause::Content),
    ];
    for (unfit, blame, next, cause) in table {
        let outcome = trouble(Mail, Trouble::Unfit(unfit));
        let verdict = judge(&outcome);
        assert_eq!((verdict.blame, verdict.next, verdict.cause), (Some(blame), next, cause), "{unfit}");
        assert_eq!(Refusal::in_outcome(&outcome), None, "{unfit}");
    }
}

#[test]
fn only_250_to_the_final_dot_is_accepted() {
    let verdict = judge(&accepted("250 2.0.0 queued as 4711"));
    assert_eq!((verdict.blame, verdict.next), (None, Next::Accepted));
    for line in ["354 go on", "251 ok", "220 hello"] {
        assert_eq!(judge(&accepted(line)).next, InDoubt, "{line}");
    }
}

#[test]
fn a_421_after_mail_returns_to_the_queue_and_costs_no_attempt() {
    let verdict = judge(&answer(Rcpt, "421 4.3.2 closing"));
    assert_eq!(verdict.blame, Some(Relay));
    assert!(!verdict.next.charges_an_attempt());
}

#[test]
fn no_temporary_answer_and_no_silence_ever_ends_a_delivery_badly() {
    for stage in Stage::ALL {
        for code in 200..500 {
            let reply = Reply::new(ReplyCode::new(code).expect("a code"), &["5.1.1 <a@b.example> no such user"]);
            assert_ne!(judge(&trouble(stage, Trouble::Reply(reply))).next, Refused, "{stage}: {code}");
        }
        for what in [Trouble::TimedOut, Trouble::Broken(String::new()), Trouble::Protocol(String::new())] {
            assert_ne!(judge(&trouble(stage, what)).next, Refused, "{stage}");
        }
    }
}

#[test]
fn nothing_but_a_250_is_ever_accepted_and_doubt_exists_only_at_the_dot() {
    for stage in Stage::ALL {
        for code in 200..600 {
            let reply = Reply::new(ReplyCode::new(code).expect("a code"), &["ok"]);
            let next = judge(&trouble(stage, Trouble::Reply(reply))).next;
            assert_ne!(next, Next::Accepted, "{stage}: {code}");
            assert!(next != InDoubt || stage == FinalDot, "{stage}: {code}");
        }
    }
}

#[test]
fn a_relay_that_says_how_long_is_taken_at_its_word_and_an_addressee_is_not_the_relay() {
    let busy = answer(Mail, "451 4.7.0 try again in 10 minutes");
    assert_eq!(relay_wait_hint(&busy), Some(Duration::from_secs(600)));
    assert_eq!(relay_wait_hint(&answer(Greeting, "421 retry after 90 seconds")), Some(Duration::from_secs(90)));
    assert_eq!(relay_wait_hint(&answer(Rcpt, "450 4.2.0 greylisted, try again in 5 minutes")), None);
    assert_eq!(relay_wait_hint(&answer(Mail, "421 closing")), None);
}
