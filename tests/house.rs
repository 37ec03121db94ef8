//! Keeps the house in order: who may import whom, who may touch the world, who may spawn, and how files are named and
//! sized. It reads every file under `src/` and says what is wrong as `src/x.rs:12: …`.
//!
//! Test parts (`#[cfg(test)]`, `tests.rs`, `tests/`) may import and touch what they like.

#[path = "house/proof.rs"]
mod proof;
#[path = "house/reading.rs"]
mod reading;

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use reading::{Token, paths, tokens, without_tests};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Layer {
    Words,
    Hands,
    Desk,
    Workers,
    Faces,
    Door,
}

const ROOMS: &[(&str, Layer)] = &[
    ("circular", Layer::Words),
    ("addressees", Layer::Words),
    ("compose", Layer::Words),
    ("delivery", Layer::Words),
    ("schedule", Layer::Words),
    ("alerts", Layer::Words),
    ("report", Layer::Words),
    ("folders", Layer::Hands),
    ("smtp", Layer::Hands),
    ("ledger", Layer::Hands),
    ("rehearsal", Layer::Hands),
    ("secrets", Layer::Hands),
    ("clock", Layer::Hands),
    ("desk", Layer::Desk),
    ("workers", Layer::Workers),
    ("cli", Layer::Faces),
    ("web", Layer::Faces),
    ("config", Layer::Door),
    ("daemon", Layer::Door),
    ("demo", Layer::Door),
    ("main", Layer::Door),
    ("lib", Layer::Door),
];
/// Where something may be spawned: what begins so.
const MAY_SPAWN: &[&str] =
    &["main", "daemon", "workers/dispatch", "ledger/turns", "ledger/group_rows", "rehearsal", "web"];
/// What workers share: bells, and the shelf between them.
const SHARED_BY_WORKERS: &[&str] = &["pulse", "shelf"];
const LONGEST_FILE: usize = 400;
/// Words of another trade.
const FOREIGN_WORDS: &[&str] = &["campaign", "mailing", "blast", "subscriber", "segment", "audience"];
/// Names that say nothing about what is inside.
const EMPTY_NAMES: &[&str] = &["util", "utils", "helper", "helpers", "common", "manager", "service"];

fn layer(room: &str) -> Option<Layer> {
    ROOMS.iter().find(|(name, _)| *name == room).map(|(_, layer)| *layer)
}

fn may_import(from: &str, to: &str) -> bool {
    let (Some(source), Some(target)) = (layer(from), layer(to)) else { return true };
    if from == to || source == Layer::Door {
        return true;
    }
    match target {
        Layer::Words => true,
        Layer::Hands => matches!(source, Layer::Desk | Layer::Workers) || source == Layer::Faces && to == "ledger",
        Layer::Desk => matches!(source, Layer::Workers | Layer::Faces),
        Layer::Workers | Layer::Faces | Layer::Door => false,
    }
}

/// `src/smtp/wire.rs` is `[smtp, wire]`, `src/smtp/mod.rs` is `[smtp]`.
fn module_of(path: &str) -> Vec<String> {
    let inner = path.trim_start_matches("src/").trim_end_matches(".rs");
    let inner = inner.strip_suffix("/mod").unwrap_or(inner);
    inner.split('/').map(str::to_owned).collect()
}

/// From the crate's root on.
fn resolve(module: &[String], path: &[String]) -> Vec<String> {
    let ups = path.iter().take_while(|part| *part == "super").count();
    let base = if ups > 0 { &module[..module.len().saturating_sub(ups)] } else { &[] };
    base.iter().chain(&path[ups.max(1)..]).cloned().collect()
}

/// All that is wrong with one file. `files` are all files of the house.
fn violations(path: &str, source: &str, files: &[String]) -> Vec<String> {
    let module = module_of(path);
    let mut wrong = shape(path, &module, source);
    if module.iter().skip(1).any(|part| part == "tests") {
        return wrong;
    }
    let (tokens, test_lines) = without_tests(tokens(source));
    let at = |line: usize, what: String| format!("{path}:{line}: {what}");
    let room = module[0].as_str();
    let roots: &[&str] = if room == "main" { &["circulard"] } else { &["crate", "super"] };
    for (used, line) in paths(&tokens, roots) {
        let target = resolve(&module, &used);
        let Some(to) = target.first() else { continue };
        if !may_import(room, to) {
            wrong.push(at(line, format!("{room} may not import {to}")));
        }
        if let Some(other) = other_worker(&module, &target, files) {
            wrong.push(at(line, format!("the worker {} may not import the worker {other}", module[1])));
        }
    }
    for (what, line) in touches(&tokens) {
        if let Some(why) = forbidden_touch(path, room, &what) {
            wrong.push(at(line, why));
        }
    }
    let foreign = foreign_words(source).into_iter().filter(|(_, line)| !test_lines.contains(line));
    wrong.extend(foreign.map(|(word, line)| at(line, format!("\"{word}\" is not a word of this house"))));
    wrong
}

/// Name, first line, length, and that the room is known.
fn shape(path: &str, module: &[String], source: &str) -> Vec<String> {
    let mut wrong = Vec::new();
    if !source.starts_with("//!") {
        wrong.push(format!("{path}:1: begins without //! (what it is for, what it refuses, which RFC it obeys)"));
    }
    let lines = source.lines().count();
    if lines > LONGEST_FILE {
        wrong.push(format!("{path}:{lines}: has {lines} lines; divide it, {LONGEST_FILE} are the most"));
    }
    if layer(&module[0]).is_none() {
        wrong.push(format!("{path}:1: \"{}\" is no room of the house; give it a layer in tests/house.rs", module[0]));
    }
    for part in module.iter().flat_map(|part| part.split('_')).filter(|part| EMPTY_NAMES.contains(part)) {
        wrong.push(format!("{path}:1: \"{part}\" in a name says nothing; name the file after what it does"));
    }
    wrong
}

/// The worker that this one imports.
fn other_worker(module: &[String], target: &[String], files: &[String]) -> Option<String> {
    let (mine, other) = (module.get(1)?, target.get(1)?);
    let between_workers = module[0] == "workers" && target[0] == "workers";
    let (file, folder) = (format!("src/workers/{other}.rs"), format!("src/workers/{other}/"));
    let is_a_worker = files.iter().any(|name| *name == file || name.starts_with(&folder));
    let shared = SHARED_BY_WORKERS.contains(&other.as_str());
    (between_workers && mine != other && is_a_worker && !shared).then(|| other.clone())
}

/// What touches the world: `std::fs`, `tokio`, `sqlx`, `rand`, `Utc::now`, `spawn`.
fn touches(tokens: &[Token]) -> Vec<(String, usize)> {
    let mut found: Vec<(String, usize)> = paths(tokens, &["std"])
        .into_iter()
        .filter(|(path, _)| path.get(1).is_some_and(|part| part == "fs"))
        .map(|(_, line)| ("std::fs".to_owned(), line))
        .collect();
    for (at, token) in tokens.iter().enumerate() {
        let text = |offset: usize| tokens.get(at + offset).map_or("", |token| token.text.as_str());
        let before = at.checked_sub(1).map_or("", |before| tokens[before].text.as_str());
        match token.text.as_str() {
            "tokio" | "sqlx" | "rand" if before != "." && (text(1) == "::" || before == "use") => {
                found.push((token.text.clone(), token.line));
            }
            "Utc" | "Local" | "SystemTime" | "Instant" if text(1) == "::" && text(2) == "now" => {
                found.push((format!("{}::now", token.text), token.line));
            }
            "spawn" if matches!(before, "." | "::") && text(1) == "(" => found.push(("spawn".to_owned(), token.line)),
            _ => {}
        }
    }
    found
}

fn forbidden_touch(path: &str, room: &str, what: &str) -> Option<String> {
    let pure = layer(room) == Some(Layer::Words);
    match what {
        "spawn" => {
            let inner = path.trim_start_matches("src/");
            let allowed = MAY_SPAWN.iter().any(|place| inner.starts_with(place));
            (!allowed).then(|| format!("may not spawn; only these may: {}", MAY_SPAWN.join(", ")))
        }
        "sqlx" => (room != "ledger").then(|| "sqlx is for ledger/ alone".to_owned()),
        "Utc::now" | "Local::now" | "SystemTime::now" => {
            (room != "clock").then(|| format!("{what} is for clock.rs alone; take the time as an argument"))
        }
        _ => pure.then(|| format!("{room} is pure: no {what}")),
    }
}

fn foreign_words(source: &str) -> Vec<(&'static str, usize)> {
    let mut found = Vec::new();
    for (index, line) in source.lines().enumerate() {
        // A crate's name is not ours to choose.
        let line = line.to_lowercase().replace("tracing_subscriber", "").replace("tracing-subscriber", "");
        let words: BTreeSet<&str> = line.split(|c: char| !c.is_alphabetic()).collect();
        for word in FOREIGN_WORDS {
            if words.contains(word) || words.contains(format!("{word}s").as_str()) {
                found.push((*word, index + 1));
            }
        }
    }
    found
}

fn rust_files(dir: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).expect("a folder").map(|entry| entry.expect("an entry").path()) {
        if entry.is_dir() {
            rust_files(&entry, found);
        } else if entry.extension().is_some_and(|extension| extension == "rs") {
            found.push(entry);
        }
    }
}

#[test]
fn the_house_is_in_order() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    rust_files(&root.join("src"), &mut found);
    found.sort();
    let name = |path: &PathBuf| path.strip_prefix(root).expect("inside").to_string_lossy().into_owned();
    let files: Vec<String> = found.iter().map(name).collect();
    let wrong: Vec<String> = found
        .iter()
        .zip(&files)
        .flat_map(|(path, name)| violations(name, &fs::read_to_string(path).expect("UTF-8"), &files))
        .collect();
    assert!(files.len() > 10, "the house was not found");
    assert!(wrong.is_empty(), "the house is not in order:\n{}\n", wrong.join("\n"));
}
