//! Copies that the text itself names: "A copy of this letter is sent to the Permanent Missions."
//!
//! Only a sentence of words that say that this letter goes out as a copy, up to one that names whom, is read; what stands
//! behind it up to its full stop is a list. An office named there gets the letter as one named below the signature does.

use super::{
    super::{
        AddresseeLine, Problem,
        addressee_lines::clean,
        addressee_sentence::split,
        fold::{after, after_word, breadth, fold, is_blank},
        lines::{Line, bullet, plain},
        words::WORDS,
    },
    Foot,
};

impl Foot<'_> {
    /// The copies that sentences of the body name.
    pub(super) fn copies_of_sentences(&mut self) {
        let mut found: Vec<(String, u32)> = Vec::new();
        for paragraph in self.body.split(Line::is_blank).filter(|paragraph| !paragraph.is_empty()) {
            let (mut text, mut starts) = (String::new(), Vec::new());
            for line in paragraph {
                starts.push((text.len(), line.number));
                let printed = plain(line.text);
                text.push_str(bullet(&printed).unwrap_or(&printed));
                text.push(' ');
            }
            let line_at = |at: usize| starts.iter().rfind(|(start, _)| *start <= at).map_or(0, |(_, line)| *line);
            let sentences = beginnings(&text).into_iter().filter_map(|at| Some((at, named(&text[at..])?)));
            found.extend(sentences.map(|(at, named)| (named, line_at(at))));
        }
        for (named, line) in found {
            let whole = |items: Vec<(String, usize)>| items.into_iter().map(|(item, _)| item).collect::<Vec<String>>();
            let texts = split(&named).map(whole).unwrap_or_else(|unclear| {
                let message = format!(
                    "\"{named}\" names copies and can be read in more than one way: write \"Copy:\" and one addressee per line"
                );
                self.problems.push(Problem::error(line, message));
                if unclear.nearest.is_empty() { vec![clean(&named)] } else { whole(unclear.nearest) }
            });
            self.copy.extend(texts.into_iter().map(|text| AddresseeLine { text, line }));
        }
    }
}

/// Where sentences begin.
fn beginnings(text: &str) -> Vec<usize> {
    let mut beginnings = vec![0];
    let mut stopped = false;
    for (at, c) in text.char_indices() {
        if stopped && !is_blank(c) {
            beginnings.push(at);
        }
        stopped = c == '。' || (c == ' ' && text[..at].ends_with(['.', ';'])) || (stopped && is_blank(c));
    }
    beginnings
}

/// Whom a sentence says that a copy of this letter goes to.
fn named(sentence: &str) -> Option<String> {
    const BROADEST: usize = 300;
    let stop = sentence.char_indices().find_map(|(at, c)| {
        let ends = c == '。' || (matches!(c, '.' | ';') && sentence[at + 1..].chars().next().is_none_or(is_blank));
        ends.then_some(at)
    })?;
    let sentence = sentence[..stop].trim_matches(is_blank);
    let rest = in_chinese(sentence).or_else(|| in_words(sentence))?.trim_matches(is_blank);
    let whole = rest.contains(char::is_alphabetic) && breadth(rest) <= BROADEST && !rest.contains([':', '：']);
    whole.then(|| rest.to_owned())
}

/// "Une copie de la présente est adressée pour information aux …": up to the last of the words that name whom.
fn in_words(sentence: &str) -> Option<&str> {
    const FEWEST: usize = 4;
    let mut rest = sentence;
    let (mut words, mut noun, mut own, mut end) = (0, false, false, None);
    while let Some((word, behind)) = rest.split_once(is_blank) {
        let folded = fold(word.trim_end_matches(','));
        let is_noun = WORDS.has("copy_nouns", &folded);
        let ends = WORDS.has("copy_ends", &folded);
        if !is_noun && !ends && !WORDS.has("copy_words", &folded) {
            break;
        }
        words += 1;
        noun |= is_noun;
        own |= WORDS.has("copy_own", &folded);
        rest = behind.trim_start_matches(is_blank);
        end = if ends { Some(rest) } else { end };
    }
    // behind "for information" may stand the verb; behind the last such word, at most an article
    let articles = |end: &&str| {
        let between = end[..end.len() - rest.len()].split(is_blank).filter(|word| !word.is_empty());
        between.map(fold).all(|word| WORDS.has("to_articles", &word))
    };
    end.filter(|end| noun && own && words >= FEWEST && articles(end))
}

/// "本普通照会同时抄送…"
fn in_chinese(sentence: &str) -> Option<&str> {
    const MOST: usize = 12;
    let rest = WORDS.list("copy_own").iter().find_map(|own| after(sentence, own).filter(|_| !own.is_ascii()))?;
    let (at, _) = rest
        .char_indices()
        .take(MOST)
        .find(|(at, _)| WORDS.list("copy_verbs").iter().any(|verb| after_word(&rest[*at..], verb).is_some()))?;
    let behind = WORDS.list("copy_verbs").iter().find_map(|verb| after_word(&rest[at..], verb))?;
    (!rest[..at].contains(['，', '、', ','])).then_some(behind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_that_says_whom_this_letter_goes_to_names_copies() {
        let table = [
            ("A copy of this letter is being sent to the Permanent Missions.", "the Permanent Missions"),
            ("Copies of this circular have been forwarded to the Regional Offices.", "the Regional Offices"),
            ("I am copying this letter to the Association of Insurers.", "the Association of Insurers"),
            ("This letter is also copied to the Regulators.", "the Regulators"),
            (
                "Une copie de la présente est adressée pour information aux organisations ayant le statut d'observateur.",
                "organisations ayant le statut d'observateur",
            ),
            ("Copie de cette lettre est transmise aux missions permanentes.", "missions permanentes"),
            ("Se remite copia de la presente a las Misiones Permanentes.", "Misiones Permanentes"),
            ("Una copia de esta carta se envía a los Representantes.", "Representantes"),
            ("Копия настоящего письма направлена постоянным представительствам.", "постоянным представительствам"),
            ("وقد أرسلت نسخة من هذه الرسالة إلى البعثات الدائمة.", "البعثات الدائمة"),
            ("本普通照会同时抄送世卫组织各国家代表处。", "世卫组织各国家代表处"),
            ("本函抄送各常驻代表团。", "各常驻代表团"),
        ];
        for (sentence, expected) in table {
            assert_eq!(named(sentence).as_deref(), Some(expected), "{sentence}");
        }
        for sentence in [
            "A copy of the form is to be sent to the Secretariat.",
            "Please send a copy of this letter to your members.",
            "A copy of this letter is available on the website.",
            "Une copie du formulaire est adressée aux membres.",
            "Se ruega enviar copia de la presente a sus miembros.",
            "Копия документа направляется в Секретариат.",
            "请将复函抄送秘书处。",
            "本通函自2027年起施行，并抄送各局。",
        ] {
            assert_eq!(named(sentence), None, "{sentence}");
        }
    }
}
