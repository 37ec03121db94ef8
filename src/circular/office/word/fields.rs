//! Fields of Word: links, merge fields, dates and page numbers that stand in the text as an instruction and its last
//! result (ECMA-376 part 1, 17.16).

/// What is done with a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Act {
    /// Its result is printed.
    Result,
    /// Its result is printed and leads there.
    Link(String),
    /// It is a column of the addressees' list.
    Merge(String),
    /// Its result is printed, and is another tomorrow.
    Date,
    /// It is no text of the letter.
    PageNumber,
}

/// A field that has begun and has not ended.
#[derive(Debug, Clone, Default)]
pub(super) struct Open {
    pub instruction: String,
    /// Known once the instruction has ended.
    pub act: Option<Act>,
}

/// What an instruction asks for.
pub(super) fn act(instruction: &str) -> Act {
    let words = words(instruction);
    let Some(name) = words.first() else { return Act::Result };
    match name.to_uppercase().as_str() {
        "HYPERLINK" => link(&words[1..]),
        "MERGEFIELD" => match words.get(1) {
            Some(column) => Act::Merge(field(column)),
            None => Act::Result,
        },
        "DATE" | "TIME" | "SAVEDATE" | "PRINTDATE" => Act::Date,
        "PAGE" | "NUMPAGES" | "SECTIONPAGES" => Act::PageNumber,
        _ => Act::Result,
    }
}

/// `HYPERLINK "https://…" \l "place" \o "tip"`; a place in the document itself is no target.
fn link(words: &[String]) -> Act {
    let mut words = words.iter();
    while let Some(word) = words.next() {
        match word.as_str() {
            "\\l" | "\\o" | "\\t" => drop(words.next()),
            word if word.starts_with('\\') => {}
            target => return Act::Link(target.to_owned()),
        }
    }
    Act::Result
}

/// A column's name as a field of the letter: "E-mail address" is `addressee.e_mail_address`.
fn field(column: &str) -> String {
    let name: String =
        column.trim().to_lowercase().chars().map(|c| if c.is_alphanumeric() { c } else { '_' }).collect();
    format!("{{{{ addressee.{name} }}}}")
}

/// The words of an instruction; quotes keep blanks, straight or typographic.
fn words(instruction: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut quoted = false;
    for c in instruction.chars() {
        match c {
            '"' | '“' | '”' => {
                if quoted {
                    words.push(std::mem::take(&mut word));
                }
                quoted = !quoted;
            }
            c if c.is_whitespace() && !quoted => {
                if !word.is_empty() {
                    words.push(std::mem::take(&mut word));
                }
            }
            c => word.push(c),
        }
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instruction_says_what_becomes_of_its_result() {
        let link = |target: &str| Act::Link(target.to_owned());
        let table = [
            (" HYPERLINK \"https://cop.example/a b\" \\o \"Tip\" ", link("https://cop.example/a b")),
            ("HYPERLINK \\l \"_Toc1\"", Act::Result),
            ("hyperlink mailto:cop@itu.example", link("mailto:cop@itu.example")),
            (" MERGEFIELD  \"Country name\" \\* MERGEFORMAT", Act::Merge("{{ addressee.country_name }}".to_owned())),
            ("PAGE", Act::PageNumber),
            ("DATE \\@ \"d MMMM yyyy\"", Act::Date),
            ("REF _Ref1 \\h", Act::Result),
            ("", Act::Result),
        ];
        for (instruction, found) in table {
            assert_eq!(act(instruction), found, "{instruction}");
        }
    }
}
