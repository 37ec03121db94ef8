//! Marks that part the addressees of one line, "Clubs · Associations · Arbitres", "Clubs / Associations / Organisateurs".

use super::super::fold::{fold, is_blank, is_han};

/// The addressees between middle dots or strokes, each with a blank on both sides; nothing where none stand there, and an
/// error where a stroke may as well part the two halves of a name or its languages.
pub(super) fn at_marks(sentence: &str) -> Option<Result<Vec<&str>, Vec<&str>>> {
    let latin = !sentence.chars().any(|c| is_han(c) || matches!(c, '\u{620}'..='\u{64a}'));
    let parts = |mark: &str| -> Vec<&str> {
        sentence.split(mark).map(|part| part.trim_matches(is_blank)).filter(|part| !part.is_empty()).collect()
    };
    let dotted = parts(" · ");
    if dotted.len() > 1 {
        return Some(Ok(dotted));
    }
    let named = parts(" / ");
    if named.len() < 2 || !latin || named.iter().any(|part| super::of_file(part)) {
        return None;
    }
    let sure = named.len() > 2 && !are_alike(&named) && !sentence.contains([',', '(']);
    Some(if sure { Ok(named) } else { Err(named) })
}

/// "Members / Membres / Miembros": the same in several languages.
fn are_alike(named: &[&str]) -> bool {
    const STEM: usize = 4;
    let stem = |text: &str| fold(text).chars().take(STEM).collect::<String>();
    let stems: Vec<String> = named.iter().map(|text| stem(text)).collect();
    (1..stems.len()).any(|at| stems[..at].contains(&stems[at]))
}

#[cfg(test)]
mod tests {
    use super::super::split;

    #[test]
    fn dots_and_strokes_part_addressees() {
        for sentence in ["Clubes · Federaciones · Comité de Árbitros", "Clubes / Federaciones / Comité de Árbitros"]
        {
            let found = split(sentence).unwrap();
            let texts: Vec<&str> = found.iter().map(|(text, _)| text.as_str()).collect();
            assert_eq!(texts, ["Clubes", "Federaciones", "Comité de Árbitros"], "{sentence}");
        }
        for sentence in ["Members / Membres / Miembros", "Commission médicale / Arbitres"] {
            assert!(split(sentence).is_err(), "{sentence}");
        }
        assert_eq!(split("ISO/TC 59").unwrap().len(), 1);
    }
}
