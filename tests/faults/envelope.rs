//! F5 to F10, F16 and F25: MAIL, RCPT and DATA. Nothing before the final dot is ever in doubt.

use circulard::{clock::Clock, smtp::Deadlines};

use super::{
    row::{A_WHILE, More, OFFICES, Row, dots, in_this_process, play_plain, settings, shown},
    scripted::{Act, Script, ScriptedServer, reply},
    workspace::Workspace,
};

const PAUSED: &str = "exit 0, paused | queued 4 | queued circular mail 553 x3 | down 0";

#[tokio::test(flavor = "multi_thread")]
async fn what_the_relay_says_of_itself_or_of_the_letter_is_charged_to_nobody() {
    let row = |fault, script, first| Row { fault, script, first, then: "" };
    for row in [
        row(
            "F5 421 after two letters",
            Script::new().on_nth("MAIL", 3, Act::ReplyAndDrop("421 4.3.2 closing".into())),
            "exit 0, completed | accepted 4 | accepted - final_dot 250 x4, queued relay mail 421 x1 | down 1",
        ),
        row(
            "F5 gone between two letters",
            Script::new().on_nth("MAIL", 3, Act::Drop),
            "exit 0, completed | accepted 4 | accepted - final_dot 250 x4 | down 0",
        ),
        row(
            "F8 550 5.7.1 at MAIL",
            Script::new().on("MAIL", reply("550 5.7.1 not from you")),
            "exit 0, sending | queued 4 | queued relay mail 550 x1 | down 1",
        ),
        row(
            "F8 530 at MAIL",
            Script::new().on("MAIL", reply("530 5.7.0 log in first")),
            "exit 0, sending | queued 4 | queued relay mail 530 x1 | down 1",
        ),
        row("F8 553 at MAIL", Script::new().on("MAIL", reply("553 5.1.8 no such sender")), PAUSED),
        row(
            "F10 the announced SIZE is too small",
            Script::new().without("SIZE").with("SIZE 200"),
            "exit 0, paused | queued 4 | queued circular mail - x3 | down 0",
        ),
        row(
            "F10 552 at MAIL",
            Script::new().on("MAIL", reply("552 5.3.4 too big")),
            "exit 0, paused | queued 4 | queued circular mail 552 x3 | down 0",
        ),
        row(
            "F10 552 after the message",
            Script::new().on(".", reply("552 5.3.4 too big")),
            "exit 0, paused | queued 4 | queued circular final_dot 552 x3 | down 0",
        ),
        row(
            "F25 our rate",
            Script::new().on_nth("RCPT", 2, reply("450 4.7.1 Error: too much mail from 127.0.0.1")),
            "exit 0, completed | accepted 4 | accepted - final_dot 250 x4, queued relay rcpt 450 x1 | down 1",
        ),
    ] {
        play_plain(row).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_relay_says_of_one_addressee_touches_no_other() {
    const DEFERRED: &str = "exit 0, sending | accepted 3, deferred 1 next | ";
    let row = |fault, script, first, then| Row { fault, script, first, then };
    for row in [
        row(
            "F6 greylisted",
            Script::new().on_nth("RCPT", 1, reply("450 4.2.0 greylisted")),
            "exit 0, sending | accepted 3, deferred 1 next | deferred addressee rcpt 450 x1, accepted - final_dot 250 x3 | down 0",
            "exit 0, completed | accepted 4 | deferred addressee rcpt 450 x1, accepted - final_dot 250 x4 | down 0",
        ),
        row(
            "F7 no such user",
            Script::new().on_nth("RCPT", 2, reply("550 5.1.1 no such user")),
            "exit 1, completed | accepted 3, refused 1 | accepted - final_dot 250 x3, refused addressee rcpt 550 x1 | down 0",
            "",
        ),
        row(
            "F9 bare 552",
            Script::new().on_nth("RCPT", 1, reply("552 too many recipients")),
            "exit 0, sending | accepted 3, deferred 1 next | deferred addressee rcpt 552 x1, accepted - final_dot 250 x3 | down 0",
            "exit 0, completed | accepted 4 | deferred addressee rcpt 552 x1, accepted - final_dot 250 x4 | down 0",
        ),
        row(
            "F9 452 too many",
            Script::new().on_nth("RCPT", 1, reply("452 4.5.3 too many recipients")),
            "exit 0, sending | accepted 3, deferred 1 next | deferred addressee rcpt 452 x1, accepted - final_dot 250 x3 | down 0",
            "exit 0, completed | accepted 4 | deferred addressee rcpt 452 x1, accepted - final_dot 250 x4 | down 0",
        ),
    ] {
        assert!(row.then.is_empty() || row.first.starts_with(DEFERRED));
        let (fault, expected) = (row.fault, if row.then.is_empty() { 3 } else { 4 });
        let server = play_plain(row).await;
        assert_eq!(dots(&server), expected, "{fault}: once each");
        if expected == 3 {
            assert_eq!(server.journal.sessions(), 1, "{fault}: the session goes on");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_out_of_step_is_dropped_and_never_taken_for_an_acceptance() {
    // the session is dropped and the relay rests for a moment; the others are not kept waiting for a person
    let first = "exit 0, sending | accepted 3, deferred 1 next | deferred relay data - x1, accepted - final_dot 250 x3 | down 1";
    let then = "exit 0, completed | accepted 4 | deferred relay data - x1, accepted - final_dot 250 x4 | down 1";
    let script = Script::new().on_nth("DATA", 1, reply("250 2.0.0 taken"));
    play_plain(Row { fault: "F16 250 to DATA", script, first, then }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_refusal_for_three_addressees_is_nobodys_refusal() {
    let first = "exit 0, paused | queued 4 | refused addressee rcpt 550 x2, queued addressee rcpt 550 x1 | down 0";
    for _ in 0..3 {
        let script = Script::new().on("RCPT", reply("550 no such user"));
        play_plain(Row { fault: "F7 for all", script, first, then: "" }).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn three_dead_mailboxes_side_by_side_are_refused_and_the_rest_of_the_circular_goes_out() {
    let gone = || reply("550 5.1.1 no such user");
    let script = Script::new().on_nth("RCPT", 1, gone()).on_nth("RCPT", 2, gone()).on_nth("RCPT", 3, gone());
    let first = "exit 1, completed | accepted 1, refused 3 | refused addressee rcpt 550 x3, accepted - final_dot 250 x1 | down 0";
    play_plain(Row { fault: "F7 for three", script, first, then: "" }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_that_has_lost_its_list_of_mailboxes_marks_nobody() {
    let server = ScriptedServer::start(Script::new().on("RCPT", reply("550 5.1.1 no such user"))).await;
    let workspace = Workspace::new(12, 0, &settings("smtp://", server.addr.port(), &More::default()));
    let shown = |code| shown(&workspace, code);
    assert_eq!(
        shown(workspace.start(&["--until-idle"]).end().code()),
        "exit 0, paused | queued 12 | refused addressee rcpt 550 x9, queued addressee rcpt 550 x1 | down 0",
        "{}",
        workspace.said()
    );
    // a person has looked and lets it go on: now it is theirs
    assert!(workspace.output(&["release", "PROOF/1", "--yes", "--by", "Ada"]).status.success(), "{}", workspace.said());
    let ended = shown(workspace.start(&["--until-idle"]).end().code());
    assert!(ended.starts_with("exit 1, completed | refused 12 | "), "{ended}\n{}", workspace.said());
}

#[tokio::test(flavor = "multi_thread")]
async fn one_copy_that_the_spam_filter_refuses_stops_neither_the_relay_nor_the_others() {
    const FIRST: &str = "exit 0, sending | accepted 3, queued 1 next | queued circular final_dot 554 x1, accepted - final_dot 250 x3 | down 0";
    let spam = || reply("554 5.7.1 message rejected as spam");
    let then =
        "exit 0, completed | accepted 4 | queued circular final_dot 554 x1, accepted - final_dot 250 x4 | down 0";
    let script = Script::new().on_nth(".", 1, spam());
    play_plain(Row { fault: "F10 spam, for once", script, first: FIRST, then }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_that_the_spam_filter_always_refuses_is_named_to_a_person_and_then_has_an_end() {
    let spam = || reply("554 5.7.1 message rejected as spam");
    // the others come second to fourth; the fifth to seventh are once more the first one's, the eighth is after the release
    let script = [1, 5, 6, 7, 8].into_iter().fold(Script::new(), |script, nth| script.on_nth(".", nth, spam()));
    let server = ScriptedServer::start(script).await;
    let workspace = Workspace::new(OFFICES, 0, &settings("smtp://", server.addr.port(), &More::default()));
    let is_paused = || workspace.number("SELECT count(*) FROM circular_log WHERE state = 'paused'") == 1;
    let begun = std::time::Instant::now();
    while !is_paused() {
        workspace.start(&["--until-idle"]).end();
        assert!(begun.elapsed() < crate::workspace::PATIENCE, "{}", shown(&workspace, None));
    }
    let reason = workspace.sql("SELECT reason FROM circular_log")[0]["reason"].to_string();
    for words in ["office00001@", "rejected as spam", "Released it is tried once more"] {
        assert!(reason.contains(words), "{reason}");
    }
    assert!(!workspace.said().contains("office00001@"), "addresses are masked in the log\n{}", workspace.said());
    assert!(workspace.output(&["release", "PROOF/1", "--yes", "--by", "Ada"]).status.success(), "{}", workspace.said());
    let code = workspace.start(&["--until-idle"]).end().code();
    let shown = shown(&workspace, code);
    assert!(shown.starts_with("exit 1, completed | accepted 3, refused 1 | "), "{shown}\n{}", workspace.said());
    assert!(shown.ends_with("| down 0"), "{shown}");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_copy_that_is_refused_for_our_standing_is_not_tried_before_all_others() {
    let script = Script::new().on("RCPT TO:<office00001@", reply("550 5.7.26 your domain does not pass"));
    let first =
        "exit 0, sending | accepted 3, queued 1 next | queued relay rcpt 550 x1, accepted - final_dot 250 x3 | down 1";
    play_plain(Row { fault: "F8 5.7.26 for one", script, first, then: "" }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn commands_behind_a_dot_that_are_never_answered_are_charged_to_nobody() {
    let server = ScriptedServer::start(Script::new().on_nth("MAIL", 2, Act::Silence)).await;
    let workspace = Workspace::new(OFFICES, 0, &settings("smtp://", server.addr.port(), &More::default()));
    let deadlines = Deadlines { mail: A_WHILE, ..Deadlines::default() };
    in_this_process(&workspace, Clock::system(), deadlines).run().await.expect("an end");
    assert_eq!(
        shown(&workspace, Some(0)),
        "exit 0, completed | accepted 4 | accepted - final_dot 250 x4 | down 0",
        "{}",
        workspace.said()
    );
    assert_eq!(server.journal.sessions(), 2);
}
