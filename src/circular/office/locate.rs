//! The lines of a letter that was read from a Word document or a web page become places in it.

use super::super::{Found, Head, Letter, Places};

impl Letter {
    /// Every line becomes the paragraph of the Word document, or the line of the page's source, that it was made from.
    /// After it the letter's body can no longer be counted by lines; a text is as it was.
    pub fn locate(&mut self) {
        let places = std::mem::take(&mut self.places);
        if places == Places::default() {
            return;
        }
        let of = |line: &mut u32| *line = places.of(*line);
        for found in self.letterhead.iter_mut().chain(&mut self.remarks) {
            of(&mut found.line);
        }
        for line in self.to.iter_mut().chain(&mut self.copy) {
            of(&mut line.line);
        }
        self.signatories.iter_mut().for_each(|signatory| of(&mut signatory.line));
        self.deadlines.iter_mut().for_each(|deadline| of(&mut deadline.line));
        self.problems.iter_mut().for_each(|problem| of(&mut problem.line));
        of(&mut self.body.line);
        line(&mut self.reference, &places);
        line(&mut self.date, &places);
        line(&mut self.annexes, &places);
        let texts = [
            &mut self.place,
            &mut self.subject,
            &mut self.salutation,
            &mut self.closing,
            &mut self.signature_mark,
            &mut self.after_signature,
        ];
        texts.into_iter().for_each(|found| line(found, &places));
        locate_head(&mut self.head, &places);
    }
}

fn line<T>(found: &mut Option<Found<T>>, places: &Places) {
    if let Some(found) = found {
        found.line = places.of(found.line);
    }
}

fn locate_head(head: &mut Head, places: &Places) {
    line(&mut head.send, places);
    line(&mut head.date, places);
    line(&mut head.language, places);
    line(&mut head.wait_for, places);
    let Head { repeat, reference, subject, from, .. } = head;
    [repeat, reference, subject, from].into_iter().for_each(|found| line(found, places));
    let Head { to, copy, reply_to, attachments, exclude, .. } = head;
    [to, copy, reply_to, attachments, exclude].into_iter().for_each(|found| line(found, places));
}
