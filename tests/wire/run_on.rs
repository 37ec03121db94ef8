//! The next transaction's commands behind a message, in one write.

use circulard::{
    delivery::{Failure, Outcome, Stage, Trouble},
    smtp::Session,
};

use crate::{
    MESSAGE, SHORT, failure_in_short, in_short, only, open, patient,
    scripted::{Act, Script, ScriptedServer, reply},
    settings, started, to, trusted,
};

/// The first letter's outcome, and what the commands behind it came to.
async fn run_on(session: &mut Session) -> (String, String) {
    session.envelope(&to("a@b.example")).await.expect("354");
    let next = to("c@d.example");
    assert!(session.may_run_on(&next));
    let outcome = session.message_and(MESSAGE, Some(&next), None).await;
    let answer = session.next_answer().await;
    (in_short(&outcome), answer.err().map_or_else(|| "354".to_owned(), |failure| failure_in_short(&failure)))
}

#[tokio::test]
async fn each_message_arrives_whole_and_the_next_waits_for_its_own_354() {
    let (server, mut session) = started(Script::new()).await;
    session.envelope(&to("a@b.example")).await.expect("354");
    for _ in 0..3 {
        assert!(session.awaits_message());
        let outcome = session.message_and(MESSAGE, Some(&to("c@d.example")), None).await;
        assert!(session.has_next() && !session.is_usable());
        assert_eq!((in_short(&outcome).as_str(), session.next_answer().await), ("accepted 250", Ok(())));
    }
    assert_eq!(in_short(&session.message(MESSAGE).await), "accepted 250");
    session.quit().await;
    server.journal.until_closed(1).await;
    let transactions = server.transactions();
    assert_eq!(transactions.len(), 4);
    assert!(transactions.iter().all(|transaction| transaction.message == MESSAGE && transaction.rcpt.len() == 1));
    let words: Vec<String> = server.lines().iter().map(|line| line[..4].to_owned()).collect();
    assert_eq!(words, [&["EHLO"][..], &["MAIL", "RCPT", "DATA"].repeat(4), &["QUIT"]].concat());
}

#[tokio::test]
async fn what_is_said_of_one_letter_is_not_said_of_the_other() {
    let table = [
        (Script::new().on_nth(".", 1, reply("451 4.3.0 later")), "final_dot 451", "354"),
        (Script::new().on_nth(".", 1, reply("554 5.6.0 no")), "final_dot 554", "354"),
        (Script::new().on_nth("RCPT", 2, reply("550 5.1.1 no such user")), "accepted 250", "rcpt 550"),
        (Script::new().on_nth("MAIL", 2, reply("450 4.3.0 later")), "accepted 250", "mail 450"),
        (Script::new().on_nth("DATA", 2, reply("451 4.3.0 later")), "accepted 250", "data 451"),
        (Script::new().on_nth("RCPT", 2, Act::Drop), "accepted 250", "rcpt broken"),
        (Script::new().on_nth("DATA", 2, reply("421 4.3.2 closing")), "accepted 250", "data 421"),
        // what ends the session ends the next before it began
        (Script::new().on_nth(".", 1, Act::Drop), "final_dot broken", "mail broken"),
        (Script::new().on_nth(".", 1, Act::Reset), "final_dot broken", "mail broken"),
        (Script::new().on_nth(".", 1, reply("421 4.3.2 closing")), "final_dot 421", "mail broken"),
        (Script::new().on_nth(".", 1, reply("354 hm")), "final_dot protocol", "mail broken"),
        (Script::new().on_nth(".", 1, Act::RawAndDrop(b"250 taken\r\n".to_vec())), "accepted 250", "mail broken"),
        (Script::new().in_body_after(20, Act::ReplyAndDrop("552 5.3.4 too big".into())), "body 552", "mail broken"),
    ];
    for (script, first, second) in table {
        let (server, mut session) = started(script).await;
        let (outcome, answer) = run_on(&mut session).await;
        // a server that ends in the middle of a message may be heard before the dot left, or after
        let outcome = if first == "body 552" { outcome.replace("final_dot", "body") } else { outcome };
        assert_eq!((outcome.as_str(), answer.as_str()), (first, second), "{:?}", server.lines());
        assert_eq!(session.awaits_message(), answer == "354", "{first}, {second}");
    }
}

#[tokio::test]
async fn silence_after_the_dot_is_the_first_letters_and_silence_at_rcpt_the_seconds() {
    for (on, nth, stage) in [(".", 1, Stage::FinalDot), ("RCPT", 2, Stage::Rcpt)] {
        let server = ScriptedServer::start(Script::new().on_nth(on, nth, Act::Silence)).await;
        let mut session = open(&server, &only(stage, SHORT)).await.expect("a session");
        session.envelope(&to("a@b.example")).await.expect("354");
        let outcome = session.message_and(MESSAGE, Some(&to("c@d.example")), None).await;
        let answer = session.next_answer().await;
        let timed_out = Failure { stage, trouble: Trouble::TimedOut };
        if stage == Stage::FinalDot {
            assert_eq!(outcome, Outcome::Failed(timed_out));
            assert!(matches!(answer, Err(Failure { stage: Stage::Mail, trouble: Trouble::Broken(_) })));
        } else {
            assert_eq!((in_short(&outcome).as_str(), answer), ("accepted 250", Err(timed_out)));
        }
        assert!(!session.is_usable() && !session.awaits_message());
    }
}

#[tokio::test]
async fn a_refused_recipient_behind_a_message_gets_a_lone_dot_and_the_session_goes_on() {
    let script = Script::new().on_nth("RCPT", 2, reply("550 5.1.1 no")).on_nth("DATA", 2, reply("354 go on"));
    let (server, mut session) = started(script).await;
    assert_eq!(run_on(&mut session).await, ("accepted 250".to_owned(), "rcpt 550".to_owned()));
    assert!(session.is_usable());
    session.envelope(&to("e@f.example")).await.expect("354");
    assert_eq!(in_short(&session.message(MESSAGE).await), "accepted 250");
    assert_eq!(server.transactions().iter().filter(|transaction| transaction.message == MESSAGE).count(), 2);
}

#[tokio::test]
async fn nothing_runs_on_where_it_may_not() {
    let table = [
        (Script::new().without("PIPELINING"), "", false),
        (Script::new(), "pipelining = \"commands\"", false),
        (Script::new(), "pipelining = \"off\"", false),
        (Script::new(), "messages_per_session = 1", false),
        (Script::new().with("LIMITS MAILMAX=1"), "", false),
        (Script::new(), "messages_per_session = 2", true),
        (Script::new(), "", true),
    ];
    for (script, more, expected) in table {
        let server = ScriptedServer::start(script).await;
        let relay = settings(&server, "smtp://", more);
        let mut session = Session::open(&relay, None, &trusted(), "", &patient()).await.expect("a session");
        session.envelope(&to("a@b.example")).await.expect("354");
        assert_eq!(session.may_run_on(&to("c@d.example")), expected, "{more}");
    }
    let (_server, mut session) = started(Script::new()).await;
    session.envelope(&to("a@b.example")).await.expect("354");
    assert!(!session.may_run_on(&to("a b@c.example")), "an envelope that cannot be said");
}
