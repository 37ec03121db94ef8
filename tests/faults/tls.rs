//! F20 to F22: TLS and the login. Where either fails no letter is offered, and one alert is raised.

use super::{
    row::{More, Row, play, settings, shown},
    scripted::{Act, Certificate, Protection, Script, ScriptedServer, reply, roots_pem},
    workspace::Workspace,
};

const WAITS_FOR_A_PERSON: &str = "exit 0, sending | queued 4 |  | down 1";

/// As [`play`], with files that `circulard.toml` names.
async fn play_with_files(row: Row, scheme: &str, user: &str, password: Option<&str>) -> ScriptedServer {
    use std::os::unix::fs::PermissionsExt;
    let server = ScriptedServer::start(row.script).await;
    let mut relay = "tls_roots = \"roots.pem\"\n".to_owned();
    if password.is_some() {
        relay.push_str("password_file = \"password\"\n");
    }
    let more = More { relay, ..More::default() };
    let text = settings(&format!("{scheme}{user}"), server.addr.port(), &more);
    let workspace = Workspace::new(super::row::OFFICES, 0, &text);
    workspace.write("roots.pem", &roots_pem());
    if let Some(password) = password {
        workspace.write("password", password);
        let only_owner = std::fs::Permissions::from_mode(0o600);
        std::fs::set_permissions(workspace.dir().join("password"), only_owner).expect("permissions");
    }
    let code = workspace.start(&["--until-idle"]).end().code();
    assert_eq!(shown(&workspace, code), row.first, "{}\n{}", row.fault, workspace.said());
    assert!(password.is_none_or(|password| !workspace.said().contains(password)), "{}", row.fault);
    server
}

fn mail_was_said(server: &ScriptedServer) -> bool {
    server.lines().iter().any(|line| line.to_ascii_uppercase().starts_with("MAIL"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_that_cannot_prove_who_it_is_gets_nothing() {
    let implicit = |certificate| Script::new().protected(Protection::ImplicitTls(certificate));
    let start = |certificate| Script::new().protected(Protection::StartTls(certificate));
    let injected = Act::Raw(b"220 2.0.0 go ahead\r\n250 2.1.0 injected\r\n".to_vec());
    for (fault, scheme, script) in [
        ("F20 expired", "smtps://", implicit(Certificate::Expired)),
        ("F20 another's name", "smtps://", implicit(Certificate::WrongName)),
        ("F20 self-signed", "smtps://", implicit(Certificate::SelfSigned)),
        ("F20 expired, STARTTLS", "smtp://", start(Certificate::Expired)),
        ("F21 STARTTLS stripped", "smtp://", Script::new()),
        ("F21 STARTTLS refused", "smtp://", start(Certificate::Good).on("STARTTLS", reply("502 5.5.1 no"))),
        ("F21 injected before the handshake", "smtp://", start(Certificate::Good).on("STARTTLS", injected)),
    ] {
        let row = Row { fault, script, first: WAITS_FOR_A_PERSON, then: "" };
        let server = play_with_files(row, scheme, "", None).await;
        assert!(!mail_was_said(&server), "{fault}: {:?}", server.lines());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_that_proves_who_it_is_gets_all() {
    let all_well = "exit 0, completed | accepted 4 | accepted - final_dot 250 x4 | down 0";
    let with = |protection| Script::new().protected(protection).with("AUTH PLAIN LOGIN");
    for (fault, scheme, script) in [
        ("smtps", "smtps://", with(Protection::ImplicitTls(Certificate::Good))),
        ("STARTTLS", "smtp://", with(Protection::StartTls(Certificate::Good))),
    ] {
        let row = Row { fault, script, first: all_well, then: "" };
        play_with_files(row, scheme, "bdt@", Some("correct horse")).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_that_fails_is_tried_once_and_marks_nobody_as_refused() {
    let with = || Script::new().protected(Protection::ImplicitTls(Certificate::Good));
    let later = "exit 0, completed | accepted 4 | accepted - final_dot 250 x4 | down 1";
    for (fault, script, first, logins) in [
        ("F22 535", with().with("AUTH PLAIN LOGIN").on("AUTH", reply("535 5.7.8 no")), WAITS_FOR_A_PERSON, 1),
        ("F22 454 once", with().with("AUTH PLAIN").on_nth("AUTH", 1, reply("454 4.7.0 later")), later, 2),
        ("F22 no mechanism", with(), WAITS_FOR_A_PERSON, 0),
        ("F22 none that we know", with().with("AUTH GSSAPI NTLM"), WAITS_FOR_A_PERSON, 0),
    ] {
        let server =
            play_with_files(Row { fault, script, first, then: "" }, "smtps://", "bdt@", Some("correct horse")).await;
        assert_eq!(server.journal.count_lines("AUTH"), logins, "{fault}");
        assert_eq!(mail_was_said(&server), first == later, "{fault}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_tls_roots_a_relay_on_this_machine_needs_no_tls() {
    let first = "exit 0, completed | accepted 4 | accepted - final_dot 250 x4 | down 0";
    play(Row { fault: "plain", script: Script::new(), first, then: "" }, "smtp://", &More::default()).await;
}
