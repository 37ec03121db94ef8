//! Raised and lowered figures as characters of their own.

/// Above or below the line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Raised {
    Superscript,
    Subscript,
    No,
}

/// Raised or lowered figures as characters of their own: "m²" must not become "m2". Letters ("1er") stay on the line.
pub(super) fn raised(text: &str, how: Raised) -> String {
    const ABOVE: [char; 10] = ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'];
    const BELOW: [char; 10] = ['₀', '₁', '₂', '₃', '₄', '₅', '₆', '₇', '₈', '₉'];
    let figures = match how {
        Raised::Superscript => ABOVE,
        Raised::Subscript => BELOW,
        Raised::No => return text.to_owned(),
    };
    let is_number = |c: char| c.is_ascii_digit() || matches!(c, '-' | '−' | '+');
    if !text.trim().chars().all(is_number) || text.trim().is_empty() {
        return text.to_owned();
    }
    let (plus, minus) = if how == Raised::Superscript { ('⁺', '⁻') } else { ('₊', '₋') };
    let one = |c: char| match c {
        '+' => plus,
        '-' | '−' => minus,
        c => c.to_digit(10).map_or(c, |digit| figures[digit as usize]),
    };
    text.chars().map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_keep_their_height_and_letters_stay_on_the_line() {
        for (text, how, shown) in [
            ("2", Raised::Superscript, "²"),
            ("-1", Raised::Superscript, "⁻¹"),
            ("2", Raised::Subscript, "₂"),
            ("er", Raised::Superscript, "er"),
            ("2", Raised::No, "2"),
        ] {
            assert_eq!(raised(text, how), shown);
        }
    }
}
