//! Set phrases that stand on lines of their own: salutations, closings, marks in place of a signature, confidentiality.

use super::{
    fold::{after_word, breadth, digit, fold, is_blank, is_han},
    lines::plain,
    words::WORDS,
};

/// "Dear Sir/Madam,", "Muy Señor mío:", "尊敬的先生/女士："
pub(super) fn is_salutation(text: &str) -> bool {
    const BROADEST: usize = 120;
    let text = plain(text);
    let end = |c| matches!(c, ',' | ':' | '!' | '،' | '؛' | '，' | '：' | '！' | '.' | '…') || is_blank(c);
    let body = text.trim_end_matches(end);
    // "Mesdames et Messieurs les :" goes on with whom it is written to.
    let open = body.rsplit(is_blank).next().is_some_and(|last| WORDS.has("to_articles", &fold(last)));
    if breadth(&text) > BROADEST || body.is_empty() || open {
        return false;
    }
    let ends =
        text.ends_with([',', ':', '!', '،', '؛', '，', '：', '！']) || text.ends_with("...") || text.ends_with('…');
    let known = WORDS
        .openings("salutations", body)
        .iter()
        .find_map(|opening| after_word(body, opening).map(|rest| (opening, rest)));
    // Without its comma only a short one that says no more: "Dear Colleagues", "Sir/Madam".
    let short = |opening: &str, rest: &str| {
        rest.is_empty() || (opening == "dear" && !text.ends_with('.') && rest.split(is_blank).count() <= 5)
    };
    // "سلام تام بوجود مولانا الإمام"
    let greets = || {
        let few = text.split(is_blank).count() <= 7 && !text.contains(|c| digit(c).is_some()) && !text.ends_with('.');
        few && WORDS.list("greetings").iter().any(|word| after_word(body, word).is_some())
    };
    greets()
        || known.is_some_and(|(opening, rest)| (ends && rest.split(is_blank).count() <= 12) || short(opening, rest))
}

/// "Ваши Высокопреподобия, всечестные отцы!", "Estimades col·legues:": a short line that calls somebody, in words that
/// nobody has listed. What it is depends on where it stands.
pub(super) fn is_vocative(text: &str) -> bool {
    const BROADEST: usize = 90;
    const MOST_WORDS: usize = 10;
    let text = plain(text);
    let first = text.trim_start_matches(['¡', '"', '«', '“']).chars().next();
    let begins = first.is_some_and(|c| c.is_alphabetic() && !c.is_lowercase());
    let bare = !text.chars().any(|c| digit(c).is_some() || matches!(c, '@' | '/' | '(')) && !is_closing(&text);
    begins
        && bare
        && breadth(&text) <= BROADEST
        && text.split(is_blank).count() <= MOST_WORDS
        && text.ends_with([',', ':', '!', '،', '，', '：', '！'])
        && super::labels::label(&text).is_none()
}

/// "Señores:", "Mesdames et Messieurs les :": a courtesy and no more, that may stand above a list of addressees.
pub(super) fn is_courtesy(text: &str) -> bool {
    let text = plain(text);
    WORDS.has("to_courtesies", &fold(text.trim_matches(|c: char| is_blank(c) || matches!(c, ':' | '：' | ',' | '.'))))
}

/// "Yours faithfully,", "Veuillez agréer, …, l'expression de ma considération distinguée.", "С уважением,"
pub(super) fn is_closing(text: &str) -> bool {
    const BROADEST: usize = 420;
    let text = plain(text);
    if breadth(&text) > BROADEST {
        return false;
    }
    let mark = |c| is_blank(c) || matches!(c, ',' | '.' | '!' | ':' | '،' | '，' | '。' | '！' | '：');
    let bare = fold(text.trim_matches(mark));
    if WORDS.has("closings", &bare) {
        return true;
    }
    let begins = WORDS.openings("closing_sentences", &text).iter().any(|opening| after_word(&text, opening).is_some());
    let of_note = WORDS.list("note_closings").iter().any(|phrase| bare.contains(phrase.as_str()));
    let marked = || WORDS.list("closing_marks").iter().any(|mark| fold(&text).contains(mark.as_str()));
    (begins || of_note) && marked() && !goes_on_with_text(&text)
}

/// "Reciban un cordial saludo. Con el fin de contar …": a sentence of the text follows the courtesy.
fn goes_on_with_text(text: &str) -> bool {
    let ends = text.match_indices(". ").filter(|(at, _)| {
        let last = text[..*at].rsplit(is_blank).next().unwrap_or_default();
        last.chars().count() >= 4 && last.chars().all(char::is_lowercase)
    });
    let mut rests = ends.map(|(at, _)| text[at + 2..].trim_matches(is_blank));
    rests.any(|rest| rest.starts_with(char::is_uppercase) && !is_closing(rest))
}

/// A mark in place of a signature, and a name on the same line: `[Original signed]`, `(Signed) A. Name`.
pub(super) fn signature_mark(text: &str) -> Option<(String, Option<String>)> {
    let printed = plain(text);
    if let Some(open) = printed.chars().next().filter(|c| matches!(c, '[' | '(' | '（' | '［' | '【' | '<')) {
        let end = printed.find([']', ')', '）', '］', '】', '>'])?;
        let inner = &printed[open.len_utf8()..end];
        let close = printed[end..].chars().next().map_or(0, char::len_utf8);
        let mark = printed[..end + close].to_owned();
        let name = printed[end + close..].trim_matches(is_blank);
        let named = !name.is_empty() && signature_mark(name).is_none();
        return is_mark(inner).then(|| (mark, named.then(|| name.to_owned())));
    }
    let bare = printed.trim_end_matches([':', '：', '.', ',']);
    let unbracketed = fold(bare).contains(' ') || bare.ends_with("签");
    if is_mark(bare) && unbracketed {
        return Some((printed.clone(), None));
    }
    mark_and_name(&printed)
}

/// "Fdo.: R. Ejemplo", "Original signed by A. Example", "/s/ A. Example"
fn mark_and_name(printed: &str) -> Option<(String, Option<String>)> {
    const MOST_WORDS: usize = 6;
    let (mark, rest) = WORDS
        .openings("signature_marks", printed)
        .iter()
        .find_map(|mark| after_word(printed, mark).map(|rest| (mark, rest)))?;
    let rest = rest.strip_prefix('.').unwrap_or(rest).trim_start_matches(is_blank);
    let parted = rest.starts_with([':', '：']) || mark.contains(' ') || mark.ends_with('/');
    let name = rest.trim_matches(|c: char| is_blank(c) || matches!(c, ':' | '：' | '_' | '.'));
    let few = (1..=MOST_WORDS).contains(&name.split(is_blank).count()) && !name.ends_with(['.', '。', ';']);
    let named = name.chars().next().is_some_and(|c| c.is_alphabetic() && !c.is_lowercase());
    let digits = name.chars().any(|c| digit(c).is_some());
    let mark = printed[..printed.len() - rest.len()].trim_end_matches(is_blank).to_owned();
    let blank = parted && name.is_empty() && rest.contains("__");
    if blank {
        return Some((printed.to_owned(), None));
    }
    (parted && few && named && !digits).then(|| (mark, Some(name.to_owned())))
}

/// "主席 （签名） 王样例", "Директор [подпись] А. Примеров": the mark between others, and the
/// line with a gap in its place.
pub(super) fn gap_for_mark(text: &str) -> Option<(String, String)> {
    let open = text.char_indices().find(|(at, c)| *at > 0 && matches!(c, '(' | '（' | '[' | '［'))?.0;
    let end = open + text[open..].find([')', '）', ']', '］'])?;
    let close = end + text[end..].chars().next()?.len_utf8();
    let (above, below) = (&text[..open], &text[close..]);
    let between = !above.trim().is_empty() && !below.trim().is_empty();
    let inner = text[open..end].trim_start_matches(['(', '（', '[', '［']);
    (between && is_mark(inner)).then(|| (text[open..close].to_owned(), format!("{above}    {below}")))
}

/// "示例协会（印章）": without the place of the seal.
pub(super) fn without_seal(text: &str) -> &str {
    let open = text.rfind(['（', '(', '[', '［', ' ', '\u{3000}']).filter(|at| *at > 0);
    let inner = open.map(|at| text[at..].trim_matches(|c: char| !c.is_alphanumeric()));
    match open.zip(inner) {
        Some((at, inner)) if is_mark(inner) && (!text[at..].starts_with(is_blank) || text.contains(is_han)) => {
            text[..at].trim_end_matches(is_blank)
        }
        _ => text,
    }
}

fn is_mark(inner: &str) -> bool {
    let folded = fold(inner.trim_matches(|c: char| is_blank(c) || matches!(c, ':' | '.' | '*' | '_')));
    WORDS.has("signature_marks", &folded)
}

/// "Confidential", "Strictly confidential": a line that is nothing else.
pub(super) fn is_confidential(text: &str) -> bool {
    let inner = plain(text);
    let bare =
        inner.trim_matches(|c: char| is_blank(c) || matches!(c, '[' | ']' | '(' | ')' | '.' | '-' | '*' | '【' | '】'));
    let folded = fold(bare);
    // "Confidential - for addressees only"
    let marked = folded.split_once(" - ").map_or(folded.as_str(), |(mark, _)| mark);
    // "Classification: Confidential"; another field that says so is no mark
    let marked = match marked.split_once(": ") {
        Some((_, mark)) if super::labels::label(&inner).is_none() => mark,
        _ => marked,
    };
    // "C O N F I D E N T I A L"
    let letters: String = folded.split(' ').collect();
    let spaced = folded.split(' ').all(|letter| letter.chars().count() == 1);
    WORDS.has("confidential", marked) || (spaced && WORDS.has("confidential", &letters))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn salutations_of_six_languages_are_known_and_sentences_are_not() {
        for text in [
            "Dear Sir/Madam,",
            "Dear Colleagues",
            "Dear {{ addressee.name }},",
            "Sir/Madam,",
            "Madam, Sir,",
            "Excellency,",
            "Ladies and Gentlemen,",
            "Madame, Monsieur,",
            "Monsieur le Ministre,",
            "Mesdames, Messieurs,",
            "Muy Señor mío/Muy Señora mía:",
            "Estimado/a Señor(a):",
            "Уважаемая госпожа, уважаемый господин,",
            "Уважаемые коллеги!",
            "حضرات السادة والسيدات، تحية طيبة وبعد ...",
            "尊敬的先生/女士：",
            "**Dear Sir,**",
        ] {
            assert!(is_salutation(text), "{text}");
        }
        for text in [
            "Sir Robert Watson chairs the group.",
            "Dear children of the world are at risk when they go online every day.",
            "Madame",
            "Subject: Dear",
            "Administrations of ITU Member States",
            "",
            ",",
        ] {
            assert_eq!(is_salutation(text), text == "Madame", "{text}");
        }
    }

    #[test]
    fn closings_of_six_languages_are_known_and_sentences_are_not() {
        for text in [
            "Yours faithfully,",
            "Yours sincerely",
            "Accept, Sir/Madam, the assurances of my highest consideration.",
            "Veuillez agréer, Madame, Monsieur, l'expression de ma considération distinguée.",
            "Le saluda atentamente,",
            "С уважением,",
            "وتفضلوا بقبول فائق التقدير والاحترام.",
            "顺致敬意！",
            "此致",
        ] {
            assert!(is_closing(text), "{text}");
        }
        for text in ["I sincerely hope that you will attend", "Accept the new form", "Regards the matter as closed", ""]
        {
            assert!(!is_closing(text), "{text}");
        }
    }

    #[test]
    fn marks_in_place_of_a_signature_are_known() {
        let mark = |text: &str| signature_mark(text).map(|(mark, name)| format!("{mark}|{}", name.unwrap_or_default()));
        let table = [
            ("[Original signed]", "[Original signed]|"),
            ("(signed)", "(signed)|"),
            ("(Signed) Ana Example", "(Signed)|Ana Example"),
            ("Original letter signed by", "Original letter signed by|"),
            ("(signé)", "(signé)|"),
            ("(firmado)", "(firmado)|"),
            ("[подпись]", "[подпись]|"),
            ("[Оригинал подписан]", "[Оригинал подписан]|"),
            ("(توقيع)", "(توقيع)|"),
            ("(原件已签)", "(原件已签)|"),
        ];
        for (text, expected) in table {
            assert_eq!(mark(text).as_deref(), Some(expected), "{text}");
        }
        assert_eq!(mark("(see the annex)"), None);
        assert_eq!(mark("signed"), None);
    }
}
