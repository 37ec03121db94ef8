//! Lists as offices keep them: every row that counts, with its groups, and every row that is refused.
//! `NAME.expected.json` stands beside each list; `LISTS=FOLDER cargo test --test lists -- --nocapture` measures any other
//! folder of lists the same way.

use std::{
    collections::BTreeSet,
    env, fs,
    fs::File,
    io::BufReader,
    ops::ControlFlow,
    path::{Path, PathBuf},
};

use circulard::addressees::{GroupBook, Limits, Member, read_good_rows};
use serde_json::{Value, json};

/// What a list says: its rows, and the lines that are refused, or "all".
fn read(path: &Path, book: &GroupBook) -> (Value, Vec<String>) {
    let mut rows: Vec<Value> = Vec::new();
    let row = |member: &Member| {
        let groups: BTreeSet<&str> = member.groups.iter().map(|group| group.as_str()).collect();
        json!({
            "address": member.address.to_string(), "organization": member.organization, "country": member.country,
            "groups": groups,
        })
    };
    let source = BufReader::new(File::open(path).expect("a list"));
    let read = read_good_rows(source, &Limits::default(), book, |member| {
        rows.push(row(&member));
        ControlFlow::Continue(())
    });
    match read {
        Ok(summary) => {
            let bad = summary.bad.problems(1000);
            let lines: BTreeSet<u32> = bad.iter().map(|problem| problem.line).collect();
            let told = bad.iter().chain(&summary.notes).map(|p| format!("{}: {}", p.line, p.message)).collect();
            (json!({"rows": rows, "refused": lines}), told)
        }
        Err(problems) => {
            let told = problems.iter().map(|problem| format!("{}: {}", problem.line, problem.message)).collect();
            (json!({"rows": [], "refused": "all"}), told)
        }
    }
}

#[test]
fn every_row_of_every_list_is_read_as_it_is_meant() {
    let ours = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/lists");
    let folder = env::var_os("LISTS").map_or(ours, PathBuf::from);
    let book = fs::read_to_string(folder.join("groups.toml")).expect("groups.toml beside the lists");
    let book = GroupBook::parse(&book).expect("groups.toml in order");
    let mut lists: Vec<PathBuf> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    lists.retain(|path| path.extension().is_some_and(|ending| ending == "csv" || ending == "xlsx"));
    lists.sort();
    let (mut wrong, mut added) = (Vec::new(), Vec::new());
    for path in &lists {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap();
        let expected = fs::read_to_string(path.with_extension("expected.json")).expect("what the list means");
        let expected: Value = serde_json::from_str(&expected).expect("what the list means, in JSON");
        let (found, told) = read(path, &book);
        if found != expected {
            wrong.push(format!("{name}: {found}\n  instead of {expected}\n  told: {}", told.join("; ")));
        }
        let rows = |value: &Value| value["rows"].as_array().cloned().unwrap_or_default();
        let meant = rows(&expected);
        added.extend(rows(&found).into_iter().filter(|row| !meant.contains(row)).map(|row| format!("{name}: {row}")));
    }
    println!(
        "{} of {} lists read as they are meant; {} rows added by mistake",
        lists.len() - wrong.len(),
        lists.len(),
        added.len()
    );
    assert!(added.is_empty(), "rows added by mistake:\n{}\n{}", added.join("\n"), wrong.join("\n"));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let enough = lists.len() >= 40 || env::var_os("LISTS").is_some();
    assert!(enough, "{} lists; there are forty at least", lists.len());
}
