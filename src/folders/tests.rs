//! Files of every kind, and scans as they come.

use std::{fs, os::unix::net::UnixListener, path::Path, slice::from_ref, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use tempfile::tempdir;

use super::*;

fn noon() -> DateTime<Utc> {
    "2026-12-07T12:00:00Z".parse().expect("a time")
}

fn at(seconds: i64) -> DateTime<Utc> {
    noon() + TimeDelta::seconds(seconds)
}

fn seen(name: &str, size: u64, modified: i64) -> Seen {
    Seen { path: Path::new("templates").join(name), name: name.to_owned(), size, modified: at(modified), inode: 1 }
}

fn settling() -> Settling {
    Settling::new(TimeDelta::seconds(2))
}

fn names(changes: &Changes) -> Vec<&str> {
    changes.settled.iter().map(|seen| seen.name.as_str()).collect()
}

#[test]
fn a_regular_file_is_read_up_to_the_limit_and_not_beyond() {
    let dir = tempdir().expect("a folder");
    let path = dir.path().join("letter.md");
    fs::write(&path, b"To the Administrations").expect("written");
    assert_eq!(read_regular(&path, 22), Ok(b"To the Administrations".to_vec()));
    let refusal = read_regular(&path, 21).expect_err("too large");
    assert_eq!(refusal.why, Why::TooLarge { found: 22, limit: 21 });
    assert!(
        refusal.to_string().ends_with("letter.md: has 22 octets; at most 21 are read: check that it is the right file")
    );
}

#[test]
fn nothing_but_a_regular_file_with_one_name_is_read() {
    let dir = tempdir().expect("a folder");
    let file = dir.path().join("file.md");
    fs::write(&file, "x").expect("written");
    std::os::unix::fs::symlink(&file, dir.path().join("link.md")).expect("a link");
    std::os::unix::fs::symlink("/nowhere", dir.path().join("dangling.md")).expect("a link");
    fs::create_dir(dir.path().join("folder.md")).expect("a folder");
    let _socket = UnixListener::bind(dir.path().join("socket.md")).expect("a socket");
    let why = |name: &str| read_regular(&dir.path().join(name), 100).expect_err(name).why;
    assert_eq!(why("link.md"), Why::SymbolicLink);
    assert_eq!(why("dangling.md"), Why::SymbolicLink);
    assert_eq!(why("folder.md"), Why::Folder);
    assert_eq!(why("socket.md"), Why::Special("a socket"));
    assert_eq!(read_regular(Path::new("/dev/null"), 100).expect_err("a device").why, Why::Special("a device"));
    assert!(matches!(why("absent.md"), Why::Unreadable(_)));
    fs::hard_link(&file, dir.path().join("second.md")).expect("a second name");
    assert_eq!(why("file.md"), Why::HardLinks(2));
}

#[test]
fn a_pipe_without_a_writer_does_not_stop_the_daemon() {
    let dir = tempdir().expect("a folder");
    let pipe = dir.path().join("pipe.md");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status().expect("mkfifo");
    assert!(made.success());
    assert_eq!(read_regular(&pipe, 100).expect_err("a pipe").why, Why::Special("a pipe"));
    let found = scan(dir.path()).expect("scanned");
    assert_eq!(found.refused, [Refusal { path: pipe, why: Why::Special("a pipe") }]);
}

#[test]
fn a_scan_is_sorted_and_names_what_it_refuses_and_passes_over_leftovers() {
    use std::os::unix::ffi::OsStrExt;
    let dir = tempdir().expect("a folder");
    for name in [
        "b.md",
        "#1.md",
        "a.txt",
        ".hidden",
        "_sample.txt",
        "a.txt~",
        "x.tmp",
        ".a.md.swp",
        "~$a.docx",
        "a.problems.txt",
        "#a.md#",
    ] {
        fs::write(dir.path().join(name), "x").expect("written");
    }
    fs::create_dir(dir.path().join("annexes")).expect("a folder");
    fs::write(dir.path().join("two\nlines.md"), "x").expect("written");
    fs::write(dir.path().join(std::ffi::OsStr::from_bytes(b"\xff.md")), "x").expect("written");
    std::os::unix::fs::symlink("/etc/hostname", dir.path().join("link.md")).expect("a link");
    let found = scan(dir.path()).expect("scanned");
    assert_eq!(found.files.iter().map(|seen| seen.name.as_str()).collect::<Vec<_>>(), ["#1.md", "a.txt", "b.md"]);
    let why: Vec<Why> = found.refused.into_iter().map(|refusal| refusal.why).collect();
    assert_eq!(why, [Why::SymbolicLink, Why::Name("a line break"), Why::Name("octets that are not UTF-8")]);
    let message = scan(&dir.path().join("absent")).expect_err("absent").to_string();
    assert!(message.contains("absent: the folder cannot be read"), "{message}");
}

#[test]
fn a_file_settles_when_two_scans_agree_and_its_change_is_old_enough() {
    let mut settling = settling();
    let file = seen("a.md", 10, 0);
    assert_eq!(settling.observe(from_ref(&file), at(0)).look_again_in, Some(TimeDelta::seconds(2)));
    let early = settling.observe(from_ref(&file), at(1));
    assert_eq!((names(&early), early.look_again_in), (vec![], Some(TimeDelta::seconds(1))));
    let settled = settling.observe(from_ref(&file), at(2));
    assert_eq!((names(&settled), settled.look_again_in), (vec!["a.md"], None));
    assert_eq!(settling.observe(&[file], at(3)), Changes::default(), "reported once");
}

#[test]
fn a_file_that_has_lain_there_for_long_settles_with_the_second_scan() {
    let mut settling = settling();
    let file = seen("a.md", 10, -9_999);
    let first = settling.observe(from_ref(&file), at(0));
    assert_eq!(names(&first), Vec::<&str>::new());
    assert_eq!(first.look_again_in, Some(TimeDelta::milliseconds(500)), "one scan is never enough");
    let at_once = settling.observe(from_ref(&file), at(0));
    assert_eq!(names(&at_once), Vec::<&str>::new(), "nor are two in one instant");
    let later = noon() + TimeDelta::milliseconds(500);
    assert_eq!(names(&settling.observe(&[file], later)), ["a.md"]);
}

#[test]
fn a_slow_copy_is_never_read_half_way() {
    let mut settling = settling();
    for second in 0..600_i64 {
        let growing = seen("a.md", 10 + second.unsigned_abs(), second);
        assert_eq!(names(&settling.observe(&[growing], at(second))), Vec::<&str>::new(), "{second}");
    }
    let whole = seen("a.md", 609, 599);
    assert_eq!(names(&settling.observe(from_ref(&whole), at(600))), Vec::<&str>::new());
    assert_eq!(names(&settling.observe(&[whole], at(601))), ["a.md"]);
}

#[test]
fn new_content_is_reported_again_and_a_rename_over_the_file_is_new_content() {
    let mut settling = settling();
    let old = seen("a.md", 10, -100);
    settling.observe(from_ref(&old), at(0));
    assert_eq!(names(&settling.observe(from_ref(&old), at(1))), ["a.md"]);
    let renamed_over = Seen { inode: 2, ..old };
    assert!(settling.is_at_rest("a.md"));
    assert_eq!(names(&settling.observe(from_ref(&renamed_over), at(2))), Vec::<&str>::new());
    assert!(!settling.is_at_rest("a.md") && !settling.is_at_rest("b.md"));
    let changes = settling.observe(&[renamed_over], at(4));
    assert_eq!((names(&changes), changes.vanished.len()), (vec!["a.md"], 0));
}

#[test]
fn an_editor_that_moves_the_file_away_for_a_moment_has_not_deleted_it() {
    let mut settling = settling();
    let old = seen("a.md", 10, -100);
    settling.observe(from_ref(&old), at(0));
    settling.observe(&[old], at(1));
    let gone = settling.observe(&[], at(2));
    assert_eq!((gone.vanished, gone.look_again_in), (vec![], Some(TimeDelta::seconds(2))));
    let new = seen("a.md", 12, 2);
    assert_eq!(settling.observe(from_ref(&new), at(3)).vanished, Vec::<String>::new());
    let back = settling.observe(&[new], at(5));
    assert_eq!((names(&back), back.vanished.len()), (vec!["a.md"], 0));
}

#[test]
fn a_file_that_stays_away_has_vanished_once() {
    let mut settling = settling();
    let file = seen("a.md", 10, -100);
    settling.observe(from_ref(&file), at(0));
    settling.observe(&[file], at(1));
    settling.observe(&[], at(2));
    assert_eq!(settling.observe(&[], at(4)).vanished, ["a.md"]);
    assert_eq!(settling.observe(&[], at(5)), Changes::default());
}

#[test]
fn a_file_that_was_never_reported_goes_without_a_word() {
    let mut settling = settling();
    settling.observe(&[seen("x.part.md", 1, 0)], at(0));
    assert_eq!(settling.observe(&[], at(1)), Changes::default());
}

#[test]
fn clocks_that_disagree_only_delay() {
    let mut settling = settling();
    let from_the_future = seen("a.md", 10, 86_400);
    settling.observe(from_ref(&from_the_future), at(0));
    assert_eq!(names(&settling.observe(from_ref(&from_the_future), at(1))), Vec::<&str>::new());
    assert_eq!(names(&settling.observe(from_ref(&from_the_future), at(2))), ["a.md"]);
    let changed = Seen { size: 11, ..from_the_future };
    settling.observe(from_ref(&changed), at(100));
    let set_back = settling.observe(from_ref(&changed), at(50));
    assert_eq!(set_back.look_again_in, Some(TimeDelta::seconds(2)));
    assert_eq!(names(&settling.observe(&[changed], at(52))), ["a.md"]);
}

#[test]
fn a_file_that_could_not_be_read_is_reported_again_on_demand() {
    let mut settling = settling();
    let file = seen("a.md", 10, -100);
    settling.observe(from_ref(&file), at(0));
    settling.observe(from_ref(&file), at(1));
    settling.again("a.md");
    settling.again("stranger.md");
    assert_eq!(names(&settling.observe(&[file], at(2))), ["a.md"]);
}

async fn hinted(hints: &mut tokio::sync::mpsc::Receiver<()>) -> bool {
    tokio::time::timeout(Duration::from_secs(20), hints.recv()).await.is_ok_and(|hint| hint.is_some())
}

#[tokio::test]
async fn a_dropped_file_wakes_the_watch_and_so_does_one_in_a_folder_made_again() {
    let dir = tempdir().expect("a folder");
    let folder = dir.path().join("templates");
    fs::create_dir(&folder).expect("made");
    for mode in [WatchMode::Auto, WatchMode::Poll] {
        let (mut watch, mut hints) = Watch::start(&[folder.clone(), dir.path().join("absent")], mode).expect("a watch");
        assert_eq!(watch.rearm(), 0, "nothing has changed");
        fs::write(folder.join(format!("{mode}.md")), "x").expect("written");
        assert!(hinted(&mut hints).await, "{mode}: a dropped file");
        fs::remove_dir_all(&folder).expect("removed");
        assert_eq!(watch.rearm(), 0);
        fs::create_dir(&folder).expect("made again");
        assert_eq!(watch.rearm(), 1, "{mode}");
        while hints.try_recv().is_ok() {}
        fs::write(folder.join("again.md"), "x").expect("written");
        assert!(hinted(&mut hints).await, "{mode}: a file in the new folder");
    }
}

#[test]
fn a_workspace_knows_its_places_and_a_strange_folder_is_none() {
    let dir = tempdir().expect("a folder");
    let message = Workspace::open(dir.path()).expect_err("no templates").to_string();
    assert!(message.contains("has no templates/ folder"), "{message}");
    let message = Workspace::open(&dir.path().join("absent")).expect_err("absent").to_string();
    assert!(message.contains("circulard init"), "{message}");
    fs::create_dir(dir.path().join("templates")).expect("made");
    let workspace = Workspace::open(dir.path()).expect("a workspace");
    assert_eq!(workspace.shown(&workspace.templates().join("x.md")), "templates/x.md");
    assert_eq!(workspace.shown(&workspace.ledger()), "var/ledger.db");
    assert_eq!(workspace.shown(Path::new("/etc/hosts")), "/etc/hosts");
    let forged = workspace.templates().join("l'été\nINFO accepted\u{202e}.md");
    assert_eq!(workspace.shown(&forged), "templates/l'été\\nINFO accepted\\u{202e}.md");
    let var = workspace.make_var().expect("made");
    assert_eq!(
        std::os::unix::fs::PermissionsExt::mode(&fs::metadata(var).expect("there").permissions()) & 0o777,
        0o700
    );
}
