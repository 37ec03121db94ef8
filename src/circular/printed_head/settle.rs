//! What is known only at the end of the printed head: which number is the reference, the salutation, a subject that
//! stands elsewhere than its label would.

use super::{
    super::{
        Found, Problem, Reference, Supplement,
        dateline::{is_marked_place, is_place_alone, without_place_mark},
        fold::{digit, is_blank},
        formulas::{is_confidential, is_salutation, is_vocative},
        head_lines::Cell,
        labels::label,
        numbering, supplement,
        words::Field,
    },
    PrintedHead, Reader, Salutation,
};

/// Whether a labelled number is the letter's own beside a heading: a circular's number, or one of the same series as the
/// number that the heading corrects, "4415(DOP.QLM)1066" beside "Corrigendum 1 à … 4402(DOP.QLM)1058".
fn is_own(labelled: &str, heading: &str) -> bool {
    let shape = |text: &str| text.chars().map(|c| if digit(c).is_some() { '0' } else { c }).collect::<String>();
    let of_heading = supplement::in_reference(heading);
    let supplements = of_heading.is_some();
    // "Rectificatif à la circulaire n° 63" is no number of its own beside "Réf. : 64/26"
    let unnumbered = of_heading.is_some_and(|(supplement, _)| supplement.number.is_none());
    // "Circular Letter No. 12/26" above "Our ref.: INT/118/4"
    if !supplements && numbering::is_circular(heading) && !numbering::begins_with_kind(labelled) {
        return false;
    }
    let corrected = heading.rsplit(is_blank).next().unwrap_or_default();
    let plain = labelled.ends_with(|c| digit(c).is_some());
    numbering::is_reference(labelled) || (unnumbered && plain) || (supplements && shape(labelled) == shape(corrected))
}

impl Reader<'_, '_> {
    pub(super) fn finish(mut self, salutation: Salutation) -> PrintedHead {
        self.settle_reference();
        let distribution = std::mem::take(&mut self.found.distribution);
        if self.found.has_to || distribution.is_empty() {
            self.found.copy.extend(distribution);
        } else {
            self.found.to = distribution;
            self.found.has_to = true;
        }
        self.place_beside_date();
        self.note_verbale();
        if salutation == Salutation::Follows {
            self.salutation();
            self.subject_below();
        }
        if let Some(about) = self.about.take().filter(|_| self.found.subject.is_none()) {
            self.found.remarks.retain(|remark| remark.line != about.line);
            self.take_title(about);
        }
        self.title_as_subject(salutation);
        if self.found.supplement.is_none() {
            self.found.supplement =
                self.found.subject.as_ref().and_then(|subject| supplement::in_subject(&subject.value));
        }
        self.found.body = self.cells.get(self.at).map_or(usize::MAX, |cell| cell.index);
        self.found
    }

    /// A labelled number wins; but a heading that is a circular's number wins over a file code.
    fn settle_reference(&mut self) {
        let labelled = self.found.reference.take();
        let heading = self.heading.take();
        let of_heading = heading.as_ref().and_then(|heading| heading.value.supplement());
        let chosen = match (labelled, heading) {
            (Some(labelled), Some(heading)) if !is_own(labelled.value.as_str(), heading.value.as_str()) => {
                let message = format!(
                    "\"{heading}\" is taken as the reference, not \"{labelled}\"",
                    heading = heading.value,
                    labelled = labelled.value
                );
                self.found.problems.push(Problem::note(heading.line, message));
                Some(heading)
            }
            (labelled, heading) => labelled.or(heading).or(self.cited.take()),
        };
        let Some(mut chosen) = chosen else { return };
        let own = chosen.value.supplement().or(of_heading);
        if let (None, Some((supplement, text))) = (&own, self.supplement_line.take()) {
            // a supplement whose parent stands below it has a number of its own
            let parent = (!text.is_empty()).then(|| chosen.value.key());
            if let Some(joined) = Reference::new(&format!("{}, {text}", chosen.value)).filter(|_| parent.is_some()) {
                chosen.value = joined;
            }
            self.found.supplement = Some(Supplement { parent, ..supplement });
        } else {
            self.found.supplement = own;
        }
        self.found.reference = Some(chosen);
    }

    /// "17 August 2026" / "Vienna": the place on the line straight below or above the date's.
    fn place_beside_date(&mut self) {
        let Some(date) = self.found.date.as_ref().filter(|_| self.found.place.is_none()) else { return };
        let is_gap = |line: u32| self.cells.iter().all(|cell| cell.number != line || cell.is_blank());
        let mut beside = vec![date.line + 1, date.line.saturating_sub(1)];
        beside.extend(is_gap(date.line + 1).then_some(date.line + 2));
        let same = |found: &Found<String>| {
            let apart = is_gap(date.line + 1) && is_gap(date.line.saturating_sub(1));
            let few = found.value.split(is_blank).count() <= 2 && found.value.contains(char::is_lowercase);
            found.line == date.line && (is_marked_place(&found.value) || (apart && few))
        };
        // "Brussels," / "MARE.A.2 (2026)12" / "3 March 2026": a number between the two
        let number = self.found.reference.as_ref().map(|found| found.line);
        let above = |found: &Found<String>| {
            let mut between = found.line + 1..date.line;
            let set_in = self.cells.iter().any(|cell| cell.number == found.line && cell.raw.starts_with("        "));
            let near = found.line < date.line && found.line + 4 > date.line;
            near && set_in && between.all(|line| Some(line) == number || is_gap(line))
        };
        let lines = [&mut self.found.remarks, &mut self.found.letterhead];
        for kept in lines {
            let at = kept.iter().position(|found| {
                // "WORLD TRADE BODY", the first line of the letter: who writes
                let first = self.cells.iter().find(|cell| !cell.is_blank()).map(|cell| cell.number);
                let title = first == Some(found.line)
                    && found.value.contains(is_blank)
                    && found.value.chars().any(char::is_uppercase)
                    && !found.value.chars().any(char::is_lowercase);
                let near = !title && (beside.contains(&found.line) || same(found) || above(found));
                near && is_place_alone(&found.value) && !is_confidential(&found.value)
            });
            if let Some(at) = at.filter(|_| self.found.place.is_none()) {
                let Found { value, line } = kept.remove(at);
                self.found.place =
                    Some(Found { value: without_place_mark(&value).trim_end_matches(',').to_owned(), line });
            }
        }
    }

    /// One or two lines: "Уважаемая госпожа," / "уважаемый господин,".
    fn salutation(&mut self) {
        let mut lines = Vec::new();
        let line = self.cells.get(self.at).map_or(0, |cell| cell.number);
        let own = |at: usize, cell: &Cell| is_salutation(&cell.text) || (at >= self.end && is_vocative(&cell.text));
        while let Some(cell) = self.cells.get(self.at).filter(|cell| !cell.is_blank() && own(self.at, cell)) {
            lines.push(cell.text.clone());
            self.at += 1;
        }
        self.found.salutation = (!lines.is_empty()).then(|| Found { value: lines.join(" "), line });
    }

    /// "Subject:" may stand below the salutation.
    fn subject_below(&mut self) {
        let Some(next) = self.next_filled(self.at).filter(|_| self.found.subject.is_none()) else { return };
        let cell = &self.cells[next];
        let Some(label) = label(&cell.text).filter(|label| label.field == Field::Subject) else { return };
        self.at = next;
        self.subject(label);
    }

    pub(super) fn take_title(&mut self, title: Found<String>) {
        let message = format!("the title \"{}\" is taken as the subject", title.value);
        self.found.problems.push(Problem::note(title.line, message));
        self.found.subject = Some(title);
    }
}
