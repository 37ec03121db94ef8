//! MAIL, RCPT, DATA, and what a session is good for afterwards.

use circulard::{
    delivery::{Failure, Outcome, Stage, Trouble},
    smtp::{Content, Dsn, Envelope, Notify, Session},
};

use crate::{
    MESSAGE, PATIENT, SHORT, deliver, failure_in_short, in_short, only, open, patient,
    scripted::{Act, Script, ScriptedServer, reply},
    settings, started, to, trusted,
};

/// The table both ways: all commands at once, and one by one.
fn both_ways(script: &Script) -> [Script; 2] {
    [script.clone(), script.clone().without("PIPELINING")]
}

#[tokio::test]
async fn a_message_arrives_octet_for_octet_in_either_way() {
    for script in both_ways(&Script::new()) {
        let (server, mut session) = started(script).await;
        for _ in 0..3 {
            assert_eq!(in_short(&deliver(&mut session, "head@regulator.example", MESSAGE).await), "accepted 250");
        }
        session.quit().await;
        server.journal.until_closed(1).await;
        let transactions = server.transactions();
        assert_eq!(transactions.len(), 3);
        for transaction in transactions {
            assert_eq!(transaction.message.escape_ascii().to_string(), MESSAGE.escape_ascii().to_string());
            assert_eq!(transaction.mail, format!("MAIL FROM:<bounces@itu.example> SIZE={}", MESSAGE.len()));
            assert_eq!(transaction.rcpt, ["RCPT TO:<head@regulator.example>"]);
        }
        let three = ["MAIL", "RCPT", "DATA"].repeat(3);
        let words: Vec<String> = server.lines().iter().map(|line| line[..4].to_owned()).collect();
        assert_eq!(words, [&["EHLO"][..], &three, &["QUIT"]].concat());
    }
}

#[tokio::test]
async fn a_refusal_is_told_with_its_stage_and_the_session_goes_on() {
    let table = [
        ("MAIL", "550 5.7.1 not you", "mail 550"),
        ("MAIL", "530 5.7.0 authenticate", "mail 530"),
        ("MAIL", "451 4.3.0 later", "mail 451"),
        ("MAIL", "571 refused", "mail 571"),
        ("RCPT", "550-5.1.1 no\r\n550 5.1.1 such user", "rcpt 550"),
        ("RCPT", "450 4.2.1 greylisted", "rcpt 450"),
        ("RCPT", "552 mailbox full", "rcpt 552"),
        ("RCPT", "452 4.5.3 too many", "rcpt 452"),
        ("DATA", "451 4.3.0 later", "data 451"),
        ("DATA", "554 5.6.0 no", "data 554"),
    ];
    for (on, text, expected) in table {
        for script in both_ways(&Script::new().on_nth(on, 1, reply(text))) {
            let (server, mut session) = started(script).await;
            assert_eq!(in_short(&deliver(&mut session, "a@b.example", MESSAGE).await), expected);
            assert!(session.is_usable(), "{expected}");
            assert_eq!(in_short(&deliver(&mut session, "c@d.example", MESSAGE).await), "accepted 250", "{expected}");
            assert_eq!(server.journal.sessions(), 1);
            let arrived = server.transactions();
            assert_eq!(arrived.iter().map(|t| t.rcpt.concat()).collect::<Vec<_>>(), ["RCPT TO:<c@d.example>"]);
            assert_eq!(server.lines().contains(&"RSET".to_owned()), on != "MAIL", "{expected}");
        }
    }
}

#[tokio::test]
async fn the_text_of_a_refusal_comes_whole_with_its_enhanced_status() {
    let (_server, mut session) =
        started(Script::new().on("RCPT", reply("550-5.1.1 no\r\n550 5.1.1 such \x1b[1muser"))).await;
    let Err(Failure { trouble: Trouble::Reply(reply), .. }) = session.envelope(&to("a@b.example")).await else {
        panic!("no reply");
    };
    assert_eq!(reply.status.map(|status| status.to_string()).as_deref(), Some("5.1.1"));
    assert_eq!(reply.text, "5.1.1 no 5.1.1 such  [1muser");
}

#[tokio::test]
async fn after_a_421_or_a_code_out_of_place_the_session_is_over() {
    let table = [
        ("MAIL", reply("421 4.3.2 closing"), "mail 421"),
        ("RCPT", reply("421 4.3.2 closing"), "rcpt 421"),
        ("DATA", reply("421 4.3.2 closing"), "data 421"),
        ("MAIL", Act::ReplyAndDrop("421 4.3.2 closing".into()), "mail 421"),
        ("RCPT", Act::ReplyAndDrop("550 5.1.1 no".into()), "rcpt 550"),
        ("MAIL", reply("251 hm"), "mail protocol"),
        ("RCPT", reply("354 hm"), "rcpt protocol"),
        ("DATA", reply("250 hm"), "data protocol"),
        ("MAIL", Act::Raw(b"25x\r\n".to_vec()), "mail protocol"),
        ("MAIL", Act::Drop, "mail broken"),
        ("RCPT", Act::Reset, "rcpt broken"),
        ("DATA", Act::Drop, "data broken"),
    ];
    for (on, act, expected) in table {
        for script in both_ways(&Script::new().on(on, act.clone())) {
            let at_once = format!("{script:?}").contains("PIPELINING");
            let (server, mut session) = started(script).await;
            let found = in_short(&deliver(&mut session, "a@b.example", MESSAGE).await);
            // A reset may destroy replies that were sent before it.
            if !(at_once && found == "mail broken" && matches!(act, Act::Reset)) {
                assert_eq!(found, expected, "{act:?}");
            }
            let next = in_short(&deliver(&mut session, "a@b.example", MESSAGE).await);
            assert!(!session.is_usable() && next == "mail broken", "{act:?}: {next}");
            assert!(server.transactions().is_empty(), "{act:?}");
        }
    }
}

#[tokio::test]
async fn a_silent_stage_ends_in_its_own_time() {
    for (on, stage) in [("MAIL", Stage::Mail), ("RCPT", Stage::Rcpt), ("DATA", Stage::Data)] {
        for script in both_ways(&Script::new().on(on, Act::Silence)) {
            let server = ScriptedServer::start(script).await;
            let mut session = open(&server, &only(stage, SHORT)).await.expect("a session");
            let outcome = deliver(&mut session, "a@b.example", MESSAGE).await;
            assert_eq!(outcome, Outcome::Failed(Failure { stage, trouble: Trouble::TimedOut }));
            assert!(!session.is_usable());
        }
    }
}

#[tokio::test]
async fn a_354_after_a_refused_recipient_gets_a_lone_dot() {
    let script = Script::new().on_nth("RCPT", 1, reply("550 5.1.1 no")).on_nth("DATA", 1, reply("354 go on"));
    let (server, mut session) = started(script).await;
    assert_eq!(in_short(&deliver(&mut session, "a@b.example", MESSAGE).await), "rcpt 550");
    assert_eq!(in_short(&deliver(&mut session, "c@d.example", MESSAGE).await), "accepted 250");
    let arrived = server.transactions();
    assert_eq!((arrived[0].raw.as_slice(), arrived[0].rcpt.len()), (&b".\r\n"[..], 0));
    assert_eq!(arrived[1].message, MESSAGE);
}

#[tokio::test]
async fn a_354_after_a_refused_sender_ends_the_session_without_a_dot() {
    let rules = [("MAIL", "550 5.7.1 no"), ("RCPT", "250 ok"), ("DATA", "354 go on")];
    let script = rules.iter().fold(Script::new(), |script, (on, text)| script.on(on, reply(text)));
    let (server, mut session) = started(script).await;
    assert_eq!(in_short(&deliver(&mut session, "a@b.example", MESSAGE).await), "mail 550");
    assert!(!session.is_usable());
    drop(session);
    server.journal.until_closed(1).await;
    assert!(server.transactions().iter().all(|transaction| !transaction.dot_seen));
}

#[tokio::test]
async fn a_reply_too_many_ends_the_session_before_the_next_letter() {
    let script = Script::new().on(".", Act::Raw(b"250 2.0.0 taken\r\n250 2.0.0 surplus\r\n".to_vec()));
    let (server, mut session) = started(script).await;
    assert_eq!(in_short(&deliver(&mut session, "a@b.example", MESSAGE).await), "accepted 250");
    assert!(!session.is_usable());
    assert_eq!(failure_in_short(&session.envelope(&to("c@d.example")).await.expect_err("surplus")), "mail protocol");
    assert_eq!(server.journal.count_lines("MAIL"), 1);
}

#[tokio::test]
async fn a_relay_that_hung_up_meanwhile_is_broken_at_mail_and_nothing_is_in_doubt() {
    for last_words in ["", "421 4.4.2 idle too long\r\n"] {
        let act = Act::RawAndDrop(format!("250 taken\r\n{last_words}").into());
        let (server, mut session) = started(Script::new().on(".", act)).await;
        assert_eq!(in_short(&deliver(&mut session, "a@b.example", MESSAGE).await), "accepted 250");
        server.journal.until_closed(1).await;
        let failure = session.envelope(&to("c@d.example")).await.expect_err("hung up");
        assert_eq!(failure_in_short(&failure), "mail broken");
        assert!(failure.to_string().contains(last_words.trim_end()), "{failure}");
    }
}

#[tokio::test]
async fn quit_never_waits_longer_than_its_time() {
    for act in [Act::Silence, Act::Stall, Act::Drop, reply("500 no")] {
        let server = ScriptedServer::start(Script::new().on("QUIT", act)).await;
        let session = open(&server, &circulard::smtp::Deadlines { quit: SHORT, ..patient() }).await.expect("a session");
        tokio::time::timeout(PATIENT, session.quit()).await.expect("QUIT hangs");
    }
}

#[tokio::test]
async fn a_session_ends_at_the_relays_limit_or_ours() {
    for (script, more) in [
        (Script::new().with("LIMITS MAILMAX=2"), ""),
        (Script::new().with("LIMITS RCPTDOMAINMAX=2 RCPTMAX=1"), ""),
        (Script::new(), "messages_per_session = 2"),
    ] {
        let server = ScriptedServer::start(script).await;
        let relay = settings(&server, "smtp://", more);
        let mut session = Session::open(&relay, None, &trusted(), "", &patient()).await.expect("a session");
        for usable_after in [true, false] {
            deliver(&mut session, "a@b.example", MESSAGE).await;
            assert_eq!(session.is_usable(), usable_after, "{more}");
        }
    }
}

#[tokio::test]
async fn what_the_relay_cannot_carry_is_refused_with_nothing_said_and_the_session_goes_on() {
    let (server, mut session) = started(Script::new().offers(&["SIZE 100"])).await;
    let table = [
        (Envelope { size: 101, ..to("a@b.example") }, "mail unfit"),
        (Envelope { content: Content::EightBit, ..to("a@b.example") }, "mail unfit"),
        (to("zoë@b.example"), "rcpt unfit"),
        (to("a@b.example>\r\nRCPT TO:<evil@c.example"), "rcpt protocol"),
    ];
    for (envelope, expected) in table {
        assert_eq!(failure_in_short(&session.envelope(&envelope).await.expect_err(expected)), expected);
        assert!(session.is_usable());
    }
    assert_eq!(server.lines(), ["EHLO [127.0.0.1]"]);
    assert_eq!(in_short(&deliver(&mut session, "a@b.example", MESSAGE).await), "accepted 250");
}

#[tokio::test]
async fn reports_are_ordered_where_the_relay_can() {
    let (server, mut session) = started(Script::new()).await;
    let dsn = Some(Dsn { envelope_id: "c112+7", notify: Notify::Trouble });
    let envelope = Envelope { dsn, content: Content::Internationalised, ..to("zoë@b.example") };
    session.envelope(&envelope).await.expect("354");
    let said = server.lines();
    assert!(said[1].ends_with(" BODY=8BITMIME SMTPUTF8 RET=HDRS ENVID=c112+2B7"), "{said:?}");
    assert!(said[2].ends_with(" NOTIFY=FAILURE,DELAY ORCPT=utf-8;zo\\x{EB}@b.example"), "{said:?}");
}

#[tokio::test]
async fn a_step_whose_future_was_dropped_leaves_the_session_unusable() {
    let (_server, mut session) = started(Script::new().on("MAIL", Act::Silence)).await;
    let cut = tokio::time::timeout(SHORT, session.envelope(&to("a@b.example"))).await;
    assert!(cut.is_err() && !session.is_usable());
}

#[tokio::test]
async fn reset_closes_a_refused_transaction() {
    let (server, mut session) = started(Script::new().on_nth("RCPT", 1, reply("550 5.1.1 no"))).await;
    session.envelope(&to("a@b.example")).await.expect_err("refused");
    session.reset().await.expect("RSET");
    session.reset().await.expect("nothing to reset");
    assert_eq!(server.journal.count_lines("RSET"), 1);
    assert_eq!(in_short(&deliver(&mut session, "c@d.example", MESSAGE).await), "accepted 250");
}
