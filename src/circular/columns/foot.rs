//! Copies and signature side by side below the text: "Ampliations :" on the left, who signs on the right, or turned round.
//!
//! Parted only where every line keeps to the columns; elsewhere the lines stay as they are, and the letter is parked.

use super::{
    super::{
        labels::label,
        lines::{Line, plain},
        words::Field,
    },
    FAR, Placed,
};

/// The lines with the copies below those who sign.
pub(in super::super) fn parted<'a>(lines: &[Line<'a>]) -> Vec<Line<'a>> {
    let block = (0..lines.len()).rev().find_map(|at| block(&lines[at..]).map(|block| (at, block)));
    let Some((at, Block { copies, signature, taken })) = block else { return lines.to_vec() };
    let blank = Line { number: lines[at].number, text: "" };
    let mut ordered = lines[..at].to_vec();
    ordered.extend(signature);
    ordered.push(blank);
    ordered.extend(copies);
    ordered.push(blank);
    ordered.extend(&lines[at + taken..]);
    ordered
}

/// The two columns, and how many lines they take.
struct Block<'a> {
    copies: Vec<Line<'a>>,
    signature: Vec<Line<'a>>,
    taken: usize,
}

/// "Ampliations :                    Le Directeur des Services vétérinaires"
fn block<'a>(lines: &[Line<'a>]) -> Option<Block<'a>> {
    let first = Placed::new(lines.first()?.text);
    let (octet, column) = first.beginnings().find(|(octet, place)| *octet > 0 && *place >= FAR)?;
    let (one, other) = (plain(&first.text[..octet]), plain(&first.text[octet..]));
    let on_the_left = match (heads_copies(&one), heads_copies(&other)) {
        (Some(_), None) if label(&other).is_none() && !other.is_empty() => true,
        (None, Some(rest)) if rest.is_empty() && label(&one).is_none() && !one.is_empty() => false,
        _ => return None,
    };
    let (mut lefts, mut rights, mut taken) = (Vec::new(), Vec::new(), 0);
    for (at, line) in lines.iter().enumerate() {
        if line.is_blank() {
            // below a blank line what stands on the right is the name
            let next = lines[at..].iter().find(|next| !next.is_blank());
            let goes_on = next.is_some_and(|next| Placed::new(next.text).begins_at(column));
            if !goes_on {
                break;
            }
            rights.push(*line);
            continue;
        }
        let (left, right) = Placed::new(line.text).parted(column)?;
        lefts.extend((!left.trim().is_empty()).then_some(Line { text: left, ..*line }));
        rights.extend((!right.trim().is_empty()).then_some(Line { text: right.trim_start(), ..*line }));
        taken = at + 1;
    }
    let both = lefts.len() > 1 && rights.iter().any(|line| !line.is_blank());
    let (copies, signature) = if on_the_left { (lefts, rights) } else { (rights, lefts) };
    (both && (on_the_left || copies.len() > 1)).then_some(Block { copies, signature, taken })
}

/// What follows "Copie :", or "Ampliations" alone.
fn heads_copies(text: &str) -> Option<&str> {
    let label = label(text).filter(|label| matches!(label.field, Field::Copy | Field::Distribution))?;
    (label.colon || label.rest.is_empty()).then_some(label.rest)
}

#[cfg(test)]
mod tests {
    use super::{super::super::lines::lines, *};

    #[test]
    fn copies_beside_those_who_sign_are_read_below_them() {
        let table = [
            (
                "Text.\n\nAmpliations :                    Le Directeur\n- Cabinet                       Dr A. EXEMPLE\n- Régions\n",
                "Text.||Le Directeur|Dr A. EXEMPLE||Ampliations :|- Cabinet|- Régions||",
            ),
            (
                "Copie :                          Le Directeur\n- Cabinet\n\n                                 A. EXEMPLE\n",
                "Le Directeur||A. EXEMPLE||Copie :|- Cabinet||",
            ),
            (
                "A. Example                       Copy:\nDirector                         Observers\n                                 Associates\n",
                "A. Example|Director||Copy:|Observers|Associates||",
            ),
        ];
        for (text, expected) in table {
            let parted = parted(&lines(text));
            assert_eq!(parted.iter().map(|line| line.text.trim()).collect::<Vec<_>>().join("|"), expected, "{text}");
        }
    }

    #[test]
    fn other_lines_stay_as_they_are() {
        for text in [
            "Director        Copy: Observers\n",
            "Copy: Observers\n      Associates\n",
            "Ampliations :                    Le Directeur\n- Cabinet du Ministre de l'Élevage et des Productions\n",
        ] {
            let before = lines(text);
            assert_eq!(parted(&before), before, "{text}");
        }
    }
}
