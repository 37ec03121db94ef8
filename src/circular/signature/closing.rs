//! The closing: a formula of one line, a sentence that wraps, or a formula spread over lines of its own.

use super::{
    super::{
        fold::{after_word, breadth, fold, is_blank, is_han},
        formulas::is_closing,
        lines::{Line, bullet, plain},
        words::WORDS,
    },
    block::is_motto,
    is_annex_heading,
    kinds::{is_delegation, is_title},
    last_paragraph,
    place::{bare_signature, is_formula, is_sentence},
    rows::cells,
};

/// The closing formula: where it begins and how many lines it takes. A sentence may wrap, "Yours faithfully," does not.
pub(super) fn closing(lines: &[Line]) -> Option<(usize, usize)> {
    spread(lines).or_else(|| known(lines)).or_else(|| above_those_who_sign(lines))
}

/// "С уважением,      Директор      И. Образцов": the closing is a line of its own.
pub(in super::super) fn parted<'a>(line: &Line<'a>) -> Vec<Line<'a>> {
    let whole = vec![*line];
    if !line.trimmed().contains(['\t', '|']) && !line.trimmed().contains("    ") {
        return whole;
    }
    let Some(first) = cells(line.text).into_iter().next().filter(|first| is_closing(&first.text)) else { return whole };
    let Some(at) = line.text.find(&first.text).map(|at| at + first.text.len()) else { return whole };
    let (closing, rest) = line.text.split_at(at);
    let below = Line { text: rest, ..*line };
    if below.is_blank() { whole } else { vec![Line { text: closing, ..*line }, below] }
}

fn known(lines: &[Line]) -> Option<(usize, usize)> {
    const WRAPS: usize = 5;
    let greets = greeting(lines);
    for at in greets..lines.len() {
        if at > 0 && !lines[at - 1].is_blank() && !is_closing(lines[at].text) {
            continue;
        }
        let mut text = String::new();
        for (below, line) in lines[at..].iter().take(WRAPS).take_while(|line| !line.is_blank()).enumerate() {
            if below > 0 {
                text.push(' ');
            }
            text.push_str(&plain(line.text));
            if is_closing(&text) {
                return Some(whole(lines, at, below + 1, &text));
            }
        }
    }
    None
}

/// "Reciban un cordial saludo." above the text: how many lines greet in words that close other letters.
fn greeting(lines: &[Line]) -> usize {
    let own = lines.iter().position(is_annex_heading).unwrap_or(lines.len());
    let Some(first) = lines[..own].iter().position(|line| !line.is_blank()) else { return 0 };
    let end = first + lines[first..own].iter().position(Line::is_blank).unwrap_or(own - first);
    let text_below = lines[end..own].iter().any(is_sentence);
    let greets = (first..end).any(|at| is_closing(lines[at].text));
    if greets && text_below { end } else { 0 }
}

/// The formula that is known after `length` lines, with those in which it goes on; or the one that follows it.
fn whole(lines: &[Line], at: usize, length: usize, text: &str) -> (usize, usize) {
    let goes_on = |next: &&Line| {
        let lower = plain(next.text).chars().next().is_some_and(char::is_lowercase);
        !next.is_blank() && lower && !text.ends_with([',', '.', '!'])
    };
    let length = length + lines[at + length..].iter().take_while(goes_on).take(2).count();
    let more = lines[at + length..].iter().take_while(|line| !line.is_blank() && is_closing(line.text));
    let length = length + more.count();
    // "顺颂" / "台安"
    let next = (at + length..lines.len()).find(|next| !lines[*next].is_blank()).filter(|_| length == 1);
    let below = next.map(|next| (next, plain(lines[next].text)));
    let wish = below.filter(|(_, below)| below.chars().any(is_han) && breadth(below) <= 24);
    let whole = WORDS.list("closing_marks").iter().any(|mark| fold(text).contains(mark.as_str()));
    let wish = wish.filter(|(next, _)| *next == at + length || !whole);
    let wish = wish.filter(|(_, wish)| is_closing(&format!("{text}{wish}")) && !is_closing(wish));
    let length = wish.map_or(length, |(wish, _)| wish + 1 - at);
    // "Hago propicia la oportunidad para …" is the last sentence where "Atentamente," follows.
    let next = (at + length..lines.len()).find(|next| !lines[*next].is_blank());
    let follows = |next: &usize| is_closing(lines[*next].text) && !is_delegation(&plain(lines[*next].text));
    let Some(next) = next.filter(follows) else { return (at, length) };
    match known(&lines[next..]).filter(|(first, _)| *first == 0) {
        // "此致" and, below a gap, "敬礼！" are one
        Some((_, rest)) if text.ends_with(|c: char| c.is_alphanumeric()) && length == 1 => (at, next - at + rest),
        Some((_, rest)) => (next, rest),
        None => (at, length),
    }
}

/// "I have the honour to be," / "Sir, Madam," / "Your obedient servant,", each on a line of its own.
fn spread(lines: &[Line]) -> Option<(usize, usize)> {
    const LINES: usize = 5;
    const BROADEST: usize = 60;
    let opens = |line: &Line| {
        let printed = plain(line.text);
        let begins =
            WORDS.openings("closing_openers", &printed).iter().any(|opener| after_word(&printed, opener).is_some());
        begins && breadth(&printed) <= BROADEST && printed.ends_with([',', '،', '，'])
    };
    let ends = |line: &Line| {
        let folded = fold(&plain(line.text));
        WORDS.list("closing_ends").iter().any(|end| folded.contains(end.as_str()))
    };
    let at = lines.iter().position(opens)?;
    let own = lines[at..].iter().enumerate().filter(|(_, line)| !line.is_blank()).take(LINES);
    let mut own = own.take_while(|(_, line)| breadth(&plain(line.text)) <= BROADEST);
    own.find(|(_, line)| ends(line)).map(|(last, _)| (at, last + 1))
}

/// What stands straight above those who sign: a short line of its own that ends with a comma, or a sentence that says
/// what closings say.
fn above_those_who_sign(lines: &[Line]) -> Option<(usize, usize)> {
    let name = bare_signature(lines)?;
    let delegation = |at: &usize| *at > 0 && is_delegation(&plain(lines[*at].text));
    let above = lines[..name].iter().rposition(|line| !line.is_blank());
    if let Some(at) = Some(name).filter(delegation).or(above.filter(delegation)) {
        return Some((at, 1));
    }
    let (mut first, mut last) = last_paragraph(&lines[..name])?;
    // "Por la verdad, el ejemplo", between the closing and the name
    if first == last && is_motto(&plain(lines[first].text)) {
        (first, last) = last_paragraph(&lines[..first])?;
    }
    if first == 0 {
        return None;
    }
    let formula = first == last && is_formula(&lines[first..=last]) && !is_title(&plain(lines[first].text));
    let formula = formula || is_broad_formula(&lines[first..=last]);
    if formula || (last - first < 5 && says_closing(&lines[first..=last])) {
        return Some((first, last + 1 - first));
    }
    // the last sentence of a longer paragraph, where it begins a line
    let begins = |at: &usize| plain(lines[*at - 1].text).ends_with(['.', '。', '!']) && *at > first;
    (first + 1..=last).filter(begins).find(|at| says_closing(&lines[*at..=last])).map(|at| (at, last + 1 - at))
}

/// "Con mi agradecimiento por vuestro trabajo, os saluda fraternalmente en el Señor,": no text ends with a comma.
fn is_broad_formula(paragraph: &[Line]) -> bool {
    const BROADEST: usize = 240;
    let text = paragraph.iter().map(|line| plain(line.text)).collect::<Vec<_>>().join(" ");
    let ends = text.ends_with([',', '،', '，']);
    let items = paragraph.iter().any(|line| bullet(line.text).is_some() || line.text.contains("    "));
    let one = !text.contains(". ") && !text.contains(['。', '؟', '?', ':', '：']);
    ends && one && !items && breadth(&text) <= BROADEST && !is_title(&text) && text.split(is_blank).count() > 2
}

/// "Comptant sur votre participation, je vous adresse … mes salutations les meilleures.": one sentence with a verb of
/// closings and what they assure.
fn says_closing(paragraph: &[Line]) -> bool {
    const BROADEST: usize = 420;
    let text = paragraph.iter().map(|line| plain(line.text)).collect::<Vec<_>>().join(" ");
    let inner = text.trim_end_matches(|c: char| is_blank(c) || matches!(c, '.' | '。' | '!' | '！' | ','));
    let one = !inner.contains(['。', '?', '؟', '！']) && !inner.contains(". ") && !inner.contains("! ");
    let folded = fold(&text);
    let holds = |list: &str| WORDS.list(list).iter().any(|word| folded.contains(word.as_str()));
    one && breadth(&text) <= BROADEST && holds("closing_verbs") && holds("closing_marks")
}
