//! What a Word document holds that a letter does not carry, counted while it is read and told once.

use super::super::super::Problem;

/// How often something was met, and where first.
#[derive(Debug, Clone, Copy, Default)]
pub(in super::super) struct Met {
    count: usize,
    place: u32,
}

impl Met {
    pub fn at(&mut self, place: u32) {
        if self.count == 0 {
            self.place = place;
        }
        self.count += 1;
    }
}

#[derive(Debug, Default)]
pub(in super::super) struct Seen {
    pub changes: Met,
    pub comments: Met,
    pub pictures: Met,
    pub hidden: Met,
    pub signs: Met,
    pub dates: Met,
    /// Problems of single places; each warning once.
    other: Vec<Problem>,
}

impl Seen {
    pub fn error(&mut self, place: u32, message: impl Into<String>) {
        /// Whoever mends so many looks at the whole letter.
        const MOST: usize = 40;
        if self.other.len() < MOST {
            self.other.push(Problem::error(place, message));
        }
    }

    pub fn warn(&mut self, place: u32, message: impl Into<String>) {
        let problem = Problem::warning(place, message);
        if !self.other.iter().any(|known| known.message == problem.message) {
            self.other.push(problem);
        }
    }

    pub fn problems(self) -> Vec<Problem> {
        let warning: fn(u32, String) -> Problem = Problem::warning;
        let all = [
            (
                self.changes,
                warning,
                ["a tracked change is", "tracked changes are"],
                "neither accepted nor rejected: insertions are sent, deletions are not; settle them in Word under Review",
            ),
            (
                self.comments,
                warning,
                ["a comment stands", "comments stand"],
                "in the margin: they are not sent; check that all is settled, and delete them",
            ),
            (self.hidden, warning, ["a hidden text is", "hidden texts are"], "not sent; delete it, or show it"),
            (
                self.signs,
                warning,
                ["a sign of a symbol font is", "signs of a symbol font are"],
                "not known and left out; type the character itself",
            ),
            (
                self.dates,
                warning,
                ["a date is", "dates are"],
                "a field that Word changes by itself: it is sent as it stood when the file was saved; type it instead",
            ),
            (
                self.pictures,
                Problem::note,
                ["a picture is", "pictures are"],
                "left out; what must go out with the letter is named under attachments in the head",
            ),
        ];
        let mut problems = self.other;
        for (met, kind, [one, several], message) in all {
            match met.count {
                0 => {}
                1 => problems.push(kind(met.place, format!("{one} {message}"))),
                count => problems.push(kind(met.place, format!("{count} {several} {message}"))),
            }
        }
        problems
    }
}
