//! A house with a letter that has gone out to a few offices, its users, and requests to its routes.

use std::sync::{Arc, Mutex};

use axum::{
    Router,
    body::{Body, to_bytes},
    http::{HeaderMap, Request, StatusCode},
};
use chrono::{DateTime, TimeDelta, Utc};
use sqlx::{ConnectOptions, sqlite::SqliteConnectOptions};
use tower::ServiceExt;

use crate::{
    clock::Clock,
    config::Settings,
    desk::{Became, Desk, LastBook, Post, Rules, freeze, initialise, read_lists, sight, understand},
    ledger::{CircularRecord, Ledger, Origin, Published},
    web::{
        Earnest, Lent, Peer, Vitals, Web, WebSettings,
        access::{Opened, Role},
        router,
    },
};

pub const HOST: &str = "127.0.0.1:8112";

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub text: String,
}

/// The house.
pub struct House {
    pub web: Web,
    pub router: Router,
    pub record: CircularRecord,
    pub now: Arc<Mutex<DateTime<Utc>>>,
    pub _folder: tempfile::TempDir,
}

/// A visitor of the tests: a cookie, and the token of the forms.
pub struct Session {
    pub cookie: String,
    pub csrf: String,
}

/// The letter that has gone out.
pub const LETTER: &str = "Geneva, 30 November 2026\n\nReference: Circular BDT/9\n\nTo:\n- Offices\n\nSubject: Of the offices\n\n\
                          Dear Sir/Madam,\n\nPlease take note of this.\n\nYours faithfully,\n\nAda Okafor\nDirector\n";
/// Three offices.
pub const OFFICES: &str = "email,name,organization,country\na@ke.example,Office A,Ministry,Kenya\nb@fr.example,Office B,Regulator,France\n\
                           c@fr.example,Office C,Regulator,France\n";

impl House {
    /// With the usual letter and list.
    pub async fn new(settings: &str) -> Self {
        Self::with(settings, LETTER, OFFICES).await
    }

    /// `settings` is the content of `[web]`.
    pub async fn with(settings: &str, letter: &str, offices: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let start: DateTime<Utc> = "2026-11-30T09:00:00Z".parse().expect("a time");
        let workspace = initialise(&folder.path().join("w"), Origin::Init, start).await.expect("a workspace");
        for entry in std::fs::read_dir(workspace.recipients()).expect("a folder") {
            std::fs::remove_file(entry.expect("an entry").path()).expect("removed");
        }
        std::fs::write(workspace.recipients().join("offices.csv"), offices).expect("written");
        std::fs::write(workspace.groups(), "[offices]\nlabels.en = [\"Offices\"]\n").expect("written");
        std::fs::write(workspace.templates().join("bdt-9.txt"), letter).expect("written");
        let ledger = Ledger::open_or_create(&workspace.ledger(), Origin::Init, start).await.expect("a ledger");
        let now = Arc::new(Mutex::new(start));
        let clock = {
            let now = Arc::clone(&now);
            Clock::from_fn(move || *now.lock().expect("a lock"))
        };
        let all = Settings::default();
        let mut rules = Rules::new(&all.schedule, &all.release, &all.sender, all.staff);
        rules.release = crate::schedule::Release::Now;
        let desk = Desk { workspace, lists: ledger.clone(), ledger, clock, rules, book: LastBook::default() };
        let record = gone_out(&desk, letter).await;
        let settings: WebSettings = toml::from_str(settings).expect("settings");
        settings.check().expect("settings that go together");
        let listen = HOST.parse().expect("an address");
        let web = Web::new(
            desk,
            settings,
            Lent { earnest: Earnest::Real, vitals: Vitals::default(), post: Post::default() },
            listen,
        )
        .expect("a dashboard");
        Self { router: router(&web), web, record, now, _folder: folder }
    }

    pub fn pass(&self, time: TimeDelta) {
        *self.now.lock().expect("a lock") += time;
    }

    /// Somebody signed in.
    pub fn session(&self, name: &str, role: Role, opened: Opened) -> Session {
        let cookie = self.web.sessions.begin(name, role, opened, self.web.now()).expect("a session");
        let csrf = self.web.csrf(&format!("session {cookie}"));
        Session { cookie: format!("{}={cookie}", self.web.hosts.cookie_name()), csrf }
    }

    /// One request from this machine.
    pub async fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        self.ask_from([127, 0, 0, 1], method, path, headers, body).await
    }

    /// One request from some machine.
    pub async fn ask_from(
        &self,
        peer: [u8; 4],
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        if !headers.iter().any(|(name, _)| *name == "host") {
            request = request.header("host", HOST);
        }
        let typed = headers.iter().any(|(name, _)| *name == "content-type");
        if method == "POST" && !typed {
            request = request.header("content-type", "application/x-www-form-urlencoded");
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let mut request = request.body(Body::from(body.to_owned())).expect("a request");
        request.extensions_mut().insert(Peer(peer.into()));
        let response = self.router.clone().oneshot(request).await.expect("infallible");
        let (status, headers) = (response.status(), response.headers().clone());
        let live = headers.get("content-type").is_some_and(|kind| kind == "text/event-stream");
        let octets =
            if live { Default::default() } else { to_bytes(response.into_body(), 64 << 20).await.expect("a body") };
        Answer { status, headers, text: String::from_utf8_lossy(&octets).into_owned() }
    }

    /// A page, as somebody.
    pub async fn see(&self, path: &str, session: &Session) -> Answer {
        self.ask("GET", path, &[("cookie", &session.cookie)], "").await
    }

    /// A form, as somebody.
    pub async fn send(&self, path: &str, session: &Session, fields: &str) -> Answer {
        let body = format!("csrf={}&{fields}", session.csrf);
        self.ask("POST", path, &[("cookie", &session.cookie)], &body).await
    }

    /// A number out of the ledger.
    pub async fn number(&self, query: &str) -> i64 {
        let answer = self.web.desk.ledger.ask(query).await.expect("an answer");
        answer.rows[0][0].as_i64().expect("a number")
    }

    /// Writes into the ledger behind its back: what relays said.
    pub async fn write(&self, sql: &str) {
        let mut connection = SqliteConnectOptions::new()
            .filename(self.web.desk.ledger.path())
            .collation("folded", |a, b| a.cmp(b))
            .connect()
            .await
            .expect("a connection");
        sqlx::query(sqlx::AssertSqlSafe(sql.to_owned())).execute(&mut connection).await.expect("written");
    }
}

/// Lists read, letter seen and frozen.
async fn gone_out(desk: &Desk, letter: &str) -> CircularRecord {
    let outcomes = read_lists(desk, "Ada", |_| true).await.expect("lists");
    assert!(outcomes.iter().all(|outcome| matches!(outcome.became, Became::InForce(_))), "{outcomes:?}");
    let files = vec![("bdt-9.txt".to_owned(), letter.as_bytes().to_vec())];
    let understood = understand(desk, "bdt-9", &files).await.expect("understood");
    assert!(understood.first_error().is_none(), "{:?}", understood.first_error());
    let sighting = sight(desk, &understood, None);
    let record = desk.ledger.see(&sighting, desk.now()).await.expect("seen").expect("a record");
    match freeze(desk, &record).await.expect("frozen") {
        Published::Issue(_) => {}
        other => panic!("not frozen: {other:?}"),
    }
    desk.ledger.circular(record.id).await.expect("asked").expect("there")
}

/// `[[user]]` tables of the four roles, without passwords.
pub fn users() -> String {
    Role::ALL.map(|role| format!("[[user]]\nname = \"{role}\"\nrole = \"{role}\"\n")).concat()
}
