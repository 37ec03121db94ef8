//! Where a line of the text that was made from a Word document or a web page stands in that document.

/// The place of every line. Text files need none: their lines are their own.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Places(Vec<u32>);

impl Places {
    /// `places[0]` is the place of line 1.
    pub(super) fn new(places: Vec<u32>) -> Self {
        Self(places)
    }

    /// The place of a line: the same line of a text, a paragraph of a Word document, a line of a page's source. 0 is the
    /// file as a whole, and stays it.
    pub fn of(&self, line: u32) -> u32 {
        match (line, self.0.last()) {
            (0, _) | (_, None) => line,
            (_, Some(last)) => self.0.get(line as usize - 1).copied().unwrap_or(*last),
        }
    }

    /// A line that was made from a place; where none was, one is added below the text, so that the place is kept.
    pub(super) fn line_at(&mut self, place: u32) -> u32 {
        if place == 0 {
            return 0;
        }
        let at = self.0.iter().position(|known| *known == place).unwrap_or_else(|| {
            self.0.push(place);
            self.0.len() - 1
        });
        u32::try_from(at + 1).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_has_the_place_that_made_it_and_a_text_its_own() {
        let places = Places::new(vec![1, 1, 4, 5]);
        for (line, place) in [(0, 0), (1, 1), (2, 1), (3, 4), (4, 5), (9, 5)] {
            assert_eq!(places.of(line), place, "{line}");
        }
        let mut places = places;
        for (place, line) in [(0, 0), (1, 1), (4, 3), (3, 5)] {
            assert_eq!(places.line_at(place), line, "{place}");
            assert_eq!(places.of(line), place);
        }
        assert_eq!(Places::default().of(7), 7);
    }
}
