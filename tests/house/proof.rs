//! That the keeper of the house sees what it is there to see.

use super::violations;

fn wrong(path: &str, source: &str) -> Vec<String> {
    let files = ["src/workers/intake.rs", "src/workers/dispatch/mod.rs", "src/workers/mod.rs"].map(str::to_owned);
    violations(path, &format!("//! Words.\n{source}"), &files)
}

#[test]
fn imports_against_the_layers_are_seen_however_they_are_written() {
    for (path, source, says) in [
        ("src/smtp/wire.rs", "use crate::ledger::Ledger;", "src/smtp/wire.rs:2: smtp may not import ledger"),
        ("src/smtp/wire.rs", "use crate::{delivery::{Reply, Stage}, ledger};", "smtp may not import ledger"),
        ("src/smtp/wire.rs", "use crate::{\n  delivery,\n  clock::Clock,\n};", "wire.rs:4: smtp may not import clock"),
        ("src/smtp/wire.rs", "use super::super::folders;", "smtp may not import folders"),
        ("src/clock.rs", "use super::secrets;", "clock may not import secrets"),
        ("src/compose/mod.rs", "fn f() { crate::ledger::open() }", "compose may not import ledger"),
        ("src/delivery/x.rs", "type A = Vec<crate::config::B>;", "delivery may not import config"),
        ("src/cli/list.rs", "use crate::smtp;", "cli may not import smtp"),
        ("src/web/page.rs", "use crate::cli;", "web may not import cli"),
        ("src/desk/freeze.rs", "use crate::workers;", "desk may not import workers"),
        ("src/workers/intake.rs", "use super::dispatch::Session;", "worker intake may not import the worker dispatch"),
        ("src/workers/intake.rs", "use crate::workers::dispatch;", "worker intake may not import the worker dispatch"),
    ] {
        let found = wrong(path, source).join("\n");
        assert!(found.contains(says), "{source}: {found}");
    }
}

#[test]
fn what_the_table_allows_is_left_in_peace() {
    for (path, source) in [
        ("src/smtp/wire.rs", "use crate::{delivery::{self, Reply}, compose as c}; use super::Settings;"),
        ("src/delivery/judge.rs", "use crate::circular::Send; use super::super::schedule;"),
        ("src/desk/freeze.rs", "use crate::{ledger, folders, desk::resolve};"),
        ("src/workers/intake.rs", "use crate::{clock, desk, ledger}; use super::Settings;"),
        ("src/workers/dispatch/mod.rs", "use super::dispatch::x; fn f(t: T) { t.spawn(async {}) }"),
        ("src/workers/mod.rs", "pub use self::intake::X; use crate::workers::dispatch;"),
        ("src/cli/list.rs", "use crate::{ledger, desk, report};"),
        ("src/daemon.rs", "use crate::{workers, ledger}; fn f() { tokio::spawn(x()); }"),
        ("src/main.rs", "use circulard::{config, daemon, cli};"),
        (
            "src/compose/x.rs",
            "// use crate::ledger;\n/* crate::smtp /* std::fs */ */ const A: &str = \"crate::ledger::x\";",
        ),
        ("src/compose/x.rs", "const A: &str = r#\"\"crate::ledger::x\"#; fn f<'a>(x: &'a str) -> char { '\"' }"),
        (
            "src/compose/x.rs",
            "#[cfg(test)]\nmod tests { use crate::ledger; fn f() { std::fs::read(\"x\"); } }\nfn g() {}",
        ),
        ("src/compose/tests.rs", "use crate::ledger; fn f() { tokio::spawn(g()); }"),
        ("src/smtp/wire.rs", "fn f() { tokio::time::sleep(x); std::fs::read(\"x\"); std::time::Instant::now(); }"),
        ("src/report/x.rs", "use std::{fmt, io::Write}; fn f(rand: u8) -> u8 { rand }"),
        ("src/daemon.rs", "use tracing_subscriber::fmt;"),
    ] {
        assert_eq!(wrong(path, source), Vec::<String>::new(), "{source}");
    }
}

#[test]
fn what_follows_a_test_part_is_still_read() {
    let source = "#[cfg(test)]\n#[allow(x)]\nmod tests { fn f() {} }\nuse crate::ledger;\n#[cfg(test)]\nmod more;\nuse crate::smtp;";
    let found = wrong("src/compose/x.rs", source);
    assert_eq!(
        found,
        ["src/compose/x.rs:5: compose may not import ledger", "src/compose/x.rs:8: compose may not import smtp"]
    );
}

#[test]
fn whoever_touches_the_world_without_leave_is_seen() {
    for (path, source, says) in [
        ("src/report/x.rs", "use std::{fmt, fs::File};", "report is pure: no std::fs"),
        ("src/report/x.rs", "fn f() { std::fs::read(\"x\"); }", "report is pure: no std::fs"),
        ("src/schedule/x.rs", "use tokio::time;", "schedule is pure: no tokio"),
        ("src/schedule/x.rs", "fn f() { chrono::Utc::now(); }", "Utc::now is for clock.rs alone"),
        ("src/ledger/x.rs", "fn f() { SystemTime::now(); }", "SystemTime::now is for clock.rs alone"),
        ("src/delivery/x.rs", "fn f() { std::time::Instant::now(); }", "delivery is pure: no Instant::now"),
        ("src/delivery/x.rs", "use rand::Rng;", "delivery is pure: no rand"),
        ("src/compose/x.rs", "use sqlx::Row;", "sqlx is for ledger/ alone"),
        ("src/desk/x.rs", "fn f(p: &sqlx::Pool) {}", "sqlx is for ledger/ alone"),
        ("src/smtp/wire.rs", "fn f() { tokio::spawn(x()); }", "wire.rs:2: may not spawn; only these may"),
        ("src/ledger/read.rs", "fn f(t: T) { t.spawn(x()); }", "may not spawn"),
        ("src/workers/intake.rs", "fn f() { std::thread::spawn(x); }", "may not spawn"),
    ] {
        let found = wrong(path, source).join("\n");
        assert!(found.contains(says), "{source}: {found}");
    }
}

#[test]
fn names_words_and_lengths_are_kept() {
    for (path, source, says) in [
        ("src/smtp/utils.rs", "", "\"utils\" in a name says nothing"),
        ("src/ledger/row_manager.rs", "", "\"manager\" in a name says nothing"),
        ("src/cellar.rs", "", "\"cellar\" is no room of the house"),
        ("src/desk/x.rs", "/// Sends a campaign.", "x.rs:2: \"campaign\" is not a word of this house"),
        ("src/desk/x.rs", "fn audiences() {}", "\"audience\" is not a word of this house"),
        ("src/desk/x.rs", "fn mailing_list() {}", "\"mailing\" is not a word of this house"),
    ] {
        let found = wrong(path, source).join("\n");
        assert!(found.contains(says), "{path}: {found}");
    }
    assert!(violations("src/desk/x.rs", "fn f() {}\n", &[])[0].contains("begins without //!"));
    let long = format!("//! Words.\n{}", "\n".repeat(400));
    assert!(violations("src/desk/x.rs", &long, &[])[0].contains("has 401 lines"));
}
