//! AUTH, and that the password is nowhere but on the wire to the relay.

use circulard::{
    delivery::{Failure, Stage},
    smtp::Session,
};

use crate::{
    SHORT, failure_in_short, only, password, patient,
    scripted::{Act, Script, ScriptedServer, reply},
    settings, trusted,
};

const PASSWORD: &str = "correct horse+battery";
/// `\0user\0correct horse+battery` and `correct horse+battery` in base64.
const PLAIN: &str = "AHVzZXIAY29ycmVjdCBob3JzZStiYXR0ZXJ5";
const LOGIN: &str = "Y29ycmVjdCBob3JzZStiYXR0ZXJ5";

async fn log_in(script: Script) -> (ScriptedServer, Result<Session, Failure>) {
    let server = ScriptedServer::start(script).await;
    let relay = settings(&server, "smtp://user@", "password_file = \"p\"");
    let deadlines = only(Stage::Auth, SHORT * 5);
    let opened = Session::open(&relay, Some(&password(PASSWORD)), &trusted(), "", &deadlines).await;
    (server, opened)
}

#[tokio::test]
async fn plain_and_login_say_the_password_and_only_what_was_offered_is_used() {
    let (server, opened) = log_in(Script::new().with("AUTH LOGIN PLAIN")).await;
    opened.expect("a session");
    assert_eq!(server.lines()[1..], [format!("AUTH PLAIN {PLAIN}")]);

    let (server, opened) = log_in(Script::new().with("auth cram-md5 login")).await;
    opened.expect("a session");
    assert_eq!(server.lines()[1..], ["AUTH LOGIN", "dXNlcg==", LOGIN]);
}

#[tokio::test]
async fn only_235_is_a_login() {
    let endless = "334 VXNlcm5hbWU6";
    let table = [
        ("AUTH PLAIN", reply("535 5.7.8 bad credentials"), "auth 535"),
        ("AUTH PLAIN", reply("454 4.7.0 later"), "auth 454"),
        ("AUTH PLAIN", reply("421 4.3.2 closing"), "auth 421"),
        ("AUTH PLAIN", reply("250 hm"), "auth protocol"),
        ("AUTH PLAIN", reply("334 "), "auth protocol"),
        ("AUTH PLAIN", Act::Drop, "auth broken"),
        ("AUTH PLAIN", Act::Silence, "auth timed out"),
        ("AUTH LOGIN", reply("334 !!!"), "auth protocol"),
        ("AUTH LOGIN", reply(endless), "auth protocol"),
        ("AUTH CRAM-MD5", reply("235 ok"), "auth protocol"),
    ];
    for (offer, act, expected) in table {
        let (server, opened) =
            log_in(Script::new().with(offer).on("AUTH", act.clone()).on("ANSWER", act.clone())).await;
        assert_eq!(failure_in_short(&opened.expect_err(expected)), expected, "{act:?}");
        assert_eq!(server.journal.count_lines("MAIL"), 0);
    }
    let (server, opened) = log_in(Script::new()).await;
    assert_eq!(failure_in_short(&opened.expect_err("no AUTH")), "auth protocol");
    assert_eq!(server.journal.count_lines("AUTH"), 0);
}

#[tokio::test]
async fn a_user_without_a_password_is_not_tried() {
    let server = ScriptedServer::start(Script::new().with("AUTH PLAIN")).await;
    let relay = settings(&server, "smtp://user@", "password_file = \"p\"");
    let failure = Session::open(&relay, None, &trusted(), "", &patient()).await.expect_err("no password");
    assert_eq!(failure_in_short(&failure), "auth protocol");
    assert_eq!(server.journal.count_lines("AUTH"), 0);
}

#[tokio::test]
async fn the_password_is_in_no_error_and_no_debug_text() {
    for echo in [PASSWORD, PLAIN, LOGIN] {
        for code in ["535 5.7.8", "250"] {
            let script = Script::new().with("AUTH PLAIN").on("AUTH", reply(&format!("{code} no: {echo}")));
            let failure = log_in(script).await.1.expect_err("refused");
            assert!(!format!("{failure:?} {failure}").contains(echo), "{failure:?}");
        }
    }
    let (server, opened) = log_in(Script::new().with("AUTH PLAIN")).await;
    let relay = settings(&server, "smtp://user@", "password_file = \"p\"");
    let said = format!("{:?} {:?} {:?} {relay:?}", opened.expect("a session"), password(PASSWORD), trusted());
    for secret in [PASSWORD, PLAIN, LOGIN] {
        assert!(!said.contains(secret), "{said}");
    }
}
