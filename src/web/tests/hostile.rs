//! What strangers write into letters, lists and replies stands on the pages as text.

use super::fixture::{House, users};
use crate::{
    desk::Post,
    web::{
        Earnest, Lent, Vitals,
        access::{Opened, Role},
    },
};

/// What would run, turn round or break out if it were let.
const HOSTILE: [&str; 7] = [
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "' onmouseover='alert(1)",
    "{{ 7 * 7 }}{% include 'frame.html' %}",
    "javascript:alert(1)",
    "]]><!--",
    "abc\u{202e}fdp.exe",
];

#[tokio::test(flavor = "multi_thread")]
async fn hostile_words_are_words() {
    let words = HOSTILE.join(" ").replace('\u{202e}', "");
    let quoted = words.replace('"', "\"\"");
    let list = format!("email,name,organization,country\na@ke.example,\"{quoted}\",\"{quoted}\",\"{quoted}\"\n");
    let letter = super::fixture::LETTER
        .replace("Of the offices", "Of <script>alert(1)</script> \"><img src=x onerror=alert(1)>");
    let house = House::with(&users(), &letter, &list).await;
    let reply = format!("550 5.1.1 {} {}", HOSTILE.join("\n"), "x".repeat(20_000)).replace('\'', "''");
    house
        .write(&format!(
            "UPDATE delivery SET state = 'refused', relay = '<b>', stage = 'rcpt', code = 550, reply = '{reply}'"
        ))
        .await;
    house
        .write(&format!(
            "INSERT INTO attempt (delivery, number, epoch, relay, started_at, ended_at, state, stage, code, reply) \
             VALUES (1, 1, 1, '<b>', 0, 1, 'refused', 'rcpt', 550, '{reply}')"
        ))
        .await;
    let what = HOSTILE.join(" ").replace('\'', "''");
    house
        .write(&format!(
            "INSERT INTO alert (kind, key, what, event, opened_at, ready_at) VALUES ('parked', '{what}', '{what}', 1, 0, 0)"
        ))
        .await;
    let admin = house.session("<i>admin</i>", Role::Admin, Opened::ByPassword);
    let reason = "reason=%3Cscript%3Ealert(1)%3C%2Fscript%3E";
    assert_eq!(house.send("/circulars/1/hold", &admin, reason).await.status, 303);
    for path in PAGES {
        let page = house.see(path, &admin).await;
        assert!(page.status == 200 || path.starts_with("/log?") && page.status == 400, "{path}: {}", page.text);
        for raw in ["<script>alert", "<img", "onerror=alert(1)>", "' onmouseover", "<b>\"", "<i>admin", "\u{202e}"] {
            let found = page.text.find(raw).map(|at| &page.text[at.saturating_sub(80)..(at + 40).min(page.text.len())]);
            assert!(found.is_none(), "{path} lets {raw:?} through: {found:?}");
        }
        assert_eq!(page.text.matches("<script").count(), page.text.matches("<script src=\"").count(), "{path}");
    }
    let page = house.see("/circulars/1", &admin).await.text;
    assert!(page.contains("&lt;script&gt;alert(1)&lt;/script&gt;") && page.contains("[U+202E]"), "{page}");
    assert!(page.contains("{{ 7 * 7 }}"), "a template in a list is text");
}

/// Pages that show strangers' words.
const PAGES: &[&str] = &[
    "/",
    "/circulars/1",
    "/circulars/1/release",
    "/circulars/1/test",
    "/circulars/1/resend",
    "/alerts",
    "/parked",
    "/log",
    "/log?reference=%3Cscript%3Ealert(1)&group=%22%3E%3Cimg+src%3Dx+onerror%3Dalert(1)%3E&state=%3Cscript%3E",
    "/deliveries/1",
    "/deliveries/1/message",
    "/addressees?address=a@ke.example",
    "/groups",
    "/groups/offices",
    "/schedule",
];

#[tokio::test(flavor = "multi_thread")]
async fn a_rehearsal_cannot_be_overlooked() {
    let house = House::new(&users()).await;
    let admin = house.session("admin", Role::Admin, Opened::ByPassword);
    let real = house.see("/", &admin).await.text;
    assert!(!real.contains("REHEARSAL"));
    let listen = super::fixture::HOST.parse().expect("an address");
    let rehearsal = crate::web::Web::new(
        house.web.desk.clone(),
        house.web.settings.clone(),
        Lent { earnest: Earnest::Rehearsal, vitals: Vitals::default(), post: Post::default() },
        listen,
    );
    let house = House {
        router: crate::web::router(rehearsal.as_ref().expect("a dashboard")),
        web: rehearsal.expect("a dashboard"),
        ..house
    };
    let admin = house.session("admin", Role::Admin, Opened::ByPassword);
    for path in PAGES.iter().chain(&["/nothing", "/login"]) {
        let page = house.see(path, &admin).await.text;
        assert!(page.contains("<title>REHEARSAL: ") && page.contains("<strong>REHEARSAL</strong>"), "{path}: {page}");
    }
}
