//! F12 to F17: the final dot and its answer. Silence is doubt, a complete answer never is.

use super::{
    row::{A_WHILE, More, Row, dots, play, play_plain},
    scripted::{Act, Script, reply},
};

const ALL_WELL: &str = "exit 0, completed | accepted 4 | accepted - final_dot 250 x4 | down 0";

#[tokio::test(flavor = "multi_thread")]
async fn silence_after_the_dot_is_doubt_and_a_complete_answer_is_not() {
    let row = |fault, script, first, then| Row { fault, script, first, then };
    let announced = "exit 0, completed | accepted 3, accepted again 1 | in_doubt relay final_dot - x1, accepted - final_dot 250 x4 | down 0";
    for (row, expected) in [
        (row("F12 lost after the dot", Script::new().on_nth(".", 1, Act::Drop), announced, ""), 5),
        (row("F12 reset after the dot", Script::new().on_nth(".", 1, Act::Reset), announced, ""), 5),
        (row("F16 354 to the dot", Script::new().on_nth(".", 1, reply("354 go on")), announced, ""), 5),
        (row("F15 half a line", Script::new().on_nth(".", 1, Act::RawAndDrop(b"250 ok".to_vec())), announced, ""), 5),
        (
            // one doubt is tried again at once, whoever is left
            row(
                "F12 the last letter",
                Script::new().on_nth(".", 4, Act::Drop),
                "exit 0, completed | accepted 3, accepted again 1 | accepted - final_dot 250 x4, in_doubt relay final_dot - x1 | down 0",
                "",
            ),
            5,
        ),
        (
            row(
                "F14 4yz to the dot",
                Script::new().on_nth(".", 1, reply("451 4.3.0 later")),
                "exit 0, sending | accepted 3, deferred 1 next | deferred addressee final_dot 451 x1, accepted - final_dot 250 x3 | down 0",
                "exit 0, completed | accepted 4 | deferred addressee final_dot 451 x1, accepted - final_dot 250 x4 | down 0",
            ),
            5,
        ),
        (
            row(
                "F14 5yz to the dot",
                Script::new().on_nth(".", 2, reply("550 5.2.1 disabled")),
                "exit 1, completed | accepted 3, refused 1 | accepted - final_dot 250 x3, refused addressee final_dot 550 x1 | down 0",
                "",
            ),
            4,
        ),
        (
            row(
                "F14 421 to the dot",
                Script::new().on_nth(".", 1, Act::ReplyAndDrop("421 4.3.2 shutting down".into())),
                "exit 0, completed | accepted 4 | queued relay final_dot 421 x1, accepted - final_dot 250 x4 | down 1",
                "",
            ),
            5,
        ),
    ] {
        let fault = row.fault;
        assert_eq!(dots(&play_plain(row).await), expected, "{fault}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn with_hold_what_is_in_doubt_waits_for_a_person() {
    let more = More { settings: "[delivery]\nin_doubt = \"hold\"\n".to_owned(), ..More::default() };
    let first =
        "exit 1, sending | accepted 3, held 1 | held relay final_dot - x1, accepted - final_dot 250 x3 | down 0";
    let script = Script::new().on_nth(".", 1, Act::Drop);
    let server = play(Row { fault: "F12 hold", script, first, then: "" }, "smtp://", &more).await;
    assert_eq!(dots(&server), 4, "no second copy");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_doubts_in_a_row_rest_the_relay() {
    let script = Script::new().on_nth(".", 1, Act::Drop).on_nth(".", 2, Act::Drop);
    let first = "exit 0, completed | accepted 2, accepted again 2 | in_doubt relay final_dot - x2, accepted - final_dot 250 x4 | down 1";
    let server = play_plain(Row { fault: "F12 twice", script, first, then: "" }).await;
    assert_eq!(dots(&server), 6);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_250_is_a_250_however_it_is_written() {
    let raw = |octets: &[u8]| Act::Raw(octets.to_vec());
    let long = format!("250 {}\r\n", "x".repeat(100_000));
    for (fault, act) in [
        ("F13 late", Act::After(A_WHILE, Box::new(reply("250 2.0.0 taken")))),
        ("F15 no text", raw(b"250\r\n")),
        ("F15 LF alone", raw(b"250 ok\n")),
        ("F15 Latin-1", raw(b"250 accept\xe9\r\n")),
        ("F15 100 kB of text", raw(long.as_bytes())),
        ("F15 several lines", reply("250-2.0.0 taken\r\n250 2.0.0 as 4711")),
    ] {
        let server =
            play_plain(Row { fault, script: Script::new().on_nth(".", 1, act), first: ALL_WELL, then: "" }).await;
        assert_eq!((dots(&server), server.journal.sessions()), (4, 1), "{fault}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_said_out_of_turn_ends_the_session_before_the_next_letter() {
    let script = Script::new().on_nth(".", 2, Act::Raw(b"250 2.0.0 taken\r\n250 2.0.0 and more\r\n".to_vec()));
    let in_turn = script.clone().without("PIPELINING");
    let server = play_plain(Row { fault: "F17", script: in_turn, first: ALL_WELL, then: "" }).await;
    assert_eq!((dots(&server), server.journal.sessions()), (4, 2));
    // with the next commands under way it shows one answer later: at DATA, before the next message
    let first = "exit 0, sending | accepted 3, deferred 1 next | accepted - final_dot 250 x3, deferred relay data - x1 | down 1";
    let then = "exit 0, completed | accepted 4 | accepted - final_dot 250 x4, deferred relay data - x1 | down 1";
    let server = play_plain(Row { fault: "F17 run on", script, first, then }).await;
    assert_eq!(dots(&server), 4);
}
