//! The note beside a parked letter: what stands against sending it, where, and how to mend it.
//!
//! It is kept in step with what the files say: written, replaced, removed; and left alone, date and all, as long as it would
//! say the same.

use std::path::PathBuf;

use super::{Desk, Objections};
use crate::{
    circular::{Problem, Severity},
    folders::{NOTE_MARK, NoteFailed, note_path, read_note, remove_note, write_note},
    report::{Phrases, format_time},
};

/// What became of a note.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoteKept {
    /// It says something new.
    Written,
    /// It says the same as before.
    Same,
    /// Nothing stands against the letter any more.
    Removed,
    /// There is none, and none is needed.
    None,
}

/// The line of the date: second of the note.
const DATED: usize = 1;

/// Brings the note about `stem` in step with what stands against it.
pub fn keep_note(desk: &Desk, stem: &str, objections: &Objections) -> Result<NoteKept, NoteFailed> {
    let path = place(desk, stem);
    if !objections.park() {
        return drop_note(desk, stem);
    }
    let phrases = desk.rules.staff.phrases(objections.language);
    let text = compose(phrases, stem, objections, &format_time(desk.now(), desk.rules.zone));
    let undated = |text: &str| -> Vec<String> {
        let lines = text.lines().enumerate().filter(|(index, _)| *index != DATED);
        lines.map(|(_, line)| line.to_owned()).collect()
    };
    if read_note(&path)?.is_some_and(|before| undated(&before) == undated(&text)) {
        return Ok(NoteKept::Same);
    }
    write_note(&path, &text)?;
    Ok(NoteKept::Written)
}

/// Removes the note about a stem that needs none. Somebody's own file of that name is nothing to speak of.
pub fn drop_note(desk: &Desk, stem: &str) -> Result<NoteKept, NoteFailed> {
    match remove_note(&place(desk, stem)) {
        Ok(true) => Ok(NoteKept::Removed),
        Ok(false) | Err(NoteFailed::NotOurs(_)) => Ok(NoteKept::None),
        Err(error) => Err(error),
    }
}

fn place(desk: &Desk, stem: &str) -> PathBuf {
    note_path(&desk.workspace.templates(), stem)
}

fn compose(phrases: Phrases, stem: &str, objections: &Objections, when: &str) -> String {
    let mut text = format!("{NOTE_MARK} {}\n", phrases.fill("note_title", [("stem", stem)]));
    text.push_str(&phrases.fill("note_written", [("when", when)]));
    text.push('\n');
    let weighs = |problem: &Problem, parks: bool| (problem.severity == Severity::Error) == parks;
    for (heading, parks) in [("note_errors", true), ("note_warnings", false)] {
        let all = objections.files.iter().flat_map(|(file, problems)| problems.iter().map(move |one| (file, one)));
        let said: Vec<String> = all
            .filter(|(_, problem)| weighs(problem, parks))
            .map(|(file, problem)| {
                let message = phrases.problem(&problem.message);
                Problem { message, ..problem.clone() }.located(&format!("templates/{file}"))
            })
            .collect();
        if !said.is_empty() {
            text.push_str(&format!("\n{}\n", phrases.say(heading)));
            said.iter().for_each(|line| text.push_str(&format!("\n  {line}\n")));
        }
    }
    text.push_str(&format!("\n{}\n", phrases.say("note_end")));
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{circular::Language, report::phrases};

    fn objections(language: Language) -> Objections {
        let near = "no group is called \"Acadamia\"; did you mean \"Academia\" (academia)?";
        let english = vec![Problem::error(5, near), Problem::warning(0, "the letter has no date")];
        let french = vec![Problem::error(0, "the moon is full")];
        Objections { language, files: vec![("x.txt".to_owned(), english), ("x.fr.txt".to_owned(), french)] }
    }

    #[test]
    fn a_note_says_where_what_and_how_to_mend_it_errors_first() {
        let text = compose(phrases(Language::EN), "x", &objections(Language::EN), "Mon 07 Dec 2026 09:00 CET (+01:00)");
        let expected = "\
[circulard] x: this letter is parked and is not sent as it stands
Written on Mon 07 Dec 2026 09:00 CET (+01:00)

To be mended

  templates/x.txt:5: no group is called \"Acadamia\"; did you mean \"Academia\" (academia)?

  templates/x.fr.txt: the moon is full

Also worth knowing; this stops nothing

  templates/x.txt: the letter has no date

Correct the file and save it under the same name. Once nothing stands against the letter, it goes its way and this note \
                        goes away by itself.
";
        assert_eq!(text, expected);
    }

    #[test]
    fn a_note_in_another_language_keeps_its_mark_files_lines_and_names() {
        for language in Language::OFFICIAL {
            let text = compose(phrases(language), "x", &objections(language), "Mon 07 Dec 2026 09:00 CET (+01:00)");
            assert!(text.starts_with(NOTE_MARK), "{text}");
            for word in ["templates/x.txt:5: ", "Acadamia", "(+01:00)", "the moon is full"] {
                assert!(text.contains(word), "{language} lacks {word}:\n{text}");
            }
            assert_eq!(text.contains("no group is called"), language == Language::EN, "{text}");
        }
    }
}
