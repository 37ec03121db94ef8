//! What would happen to a letter, for people: the block under its fields.

use std::collections::BTreeMap;

use crate::{
    desk::{Attachment, Before, Desk, Prospect},
    report::{Cell, Column, Phrases, Table, Tone, format_time},
};

/// Countries that are named; the others are counted.
const NAMED: usize = 6;

/// The block as a table of its own.
pub(super) fn block(desk: &Desk, phrases: Phrases, prospect: &Prospect) -> Table {
    let mut block =
        Block { phrases, table: Table::new([Column::whole(phrases.say("would_title")), Column::wrapped("")]) };
    block.who(prospect);
    block.places(prospect);
    block.left_out(prospect);
    block.when(desk, prospect);
    let mut from = vec![prospect.from.clone()];
    if !prospect.reply_to.is_empty() {
        from.push(phrases.fill("would_answers", [("addresses", &prospect.reply_to.join(", "))]));
    }
    block.row("would_from", from.join("; "), Tone::Neutral);
    let files: Vec<String> = prospect.attachments.iter().map(file_and_size).collect();
    let files = if files.is_empty() { phrases.say("would_none").to_owned() } else { files.join(", ") };
    block.row("would_annexes", files, Tone::Neutral);
    let approvals = &prospect.approvals;
    if approvals.needed > 0 {
        let (needed, given) = (approvals.needed.to_string(), approvals.given.to_string());
        let mut said = vec![phrases.fill("would_approvals_value", [("needed", &needed), ("given", &given)])];
        said.extend(approvals.voided.iter().map(|voided| {
            phrases.fill("would_voided", [("by", voided.by.as_str()), ("because", voided.because.as_str())])
        }));
        let tone = if approvals.missing > 0 { Tone::Open } else { Tone::Neutral };
        block.row("would_approvals", said.join("; "), tone);
    }
    if let Some(before) = &prospect.before {
        block.before(desk, before);
    }
    block.table
}

struct Block {
    phrases: Phrases,
    table: Table,
}

impl Block {
    fn row(&mut self, label: &str, value: String, tone: Tone) {
        self.table.push([Cell::toned(self.phrases.say(label), Tone::Faint), Cell::toned(value, tone)]);
    }

    fn counted(&self, phrase: &str, count: i64) -> Option<String> {
        (count > 0).then(|| self.phrases.fill(phrase, [("count", &count.to_string())]))
    }

    fn who(&mut self, prospect: &Prospect) {
        let (count, countries) = (prospect.messages.to_string(), prospect.countries.len().to_string());
        let messages = self.phrases.fill("would_messages_value", [("count", &count), ("countries", &countries)]);
        let more = [
            self.counted("would_copies", prospect.copies),
            self.counted("would_office_copies", prospect.office_copies),
            self.counted("would_overlap", prospect.several),
        ];
        let said: Vec<String> = std::iter::once(messages).chain(more.into_iter().flatten()).collect();
        self.row("would_messages", said.join("; "), Tone::Good);
        let languages = largest_first(&prospect.languages);
        let mut said: Vec<String> = languages.iter().map(|(language, count)| format!("{language} {count}")).collect();
        said = vec![said.join(", ")];
        said.extend(self.counted("would_fallback", prospect.fallback));
        self.row("would_languages", said.join("; "), Tone::Neutral);
    }

    fn places(&mut self, prospect: &Prospect) {
        if !prospect.countries.is_empty() {
            let names = self.some(&largest_first(&prospect.countries), |(name, count)| format!("{name} {count}"));
            let mut said = vec![names];
            said.extend(self.counted("would_no_country", prospect.without_country));
            self.row("would_countries", said.join("; "), Tone::Neutral);
        }
        if !prospect.regions.is_empty() {
            let regions = self.some(&largest_first(&prospect.regions), |(name, count)| format!("{name} {count}"));
            self.row("would_regions", regions, Tone::Neutral);
        }
        if !prospect.not_reached.is_empty() {
            let names = self.some(&prospect.not_reached, Clone::clone);
            self.row("would_missing", self.phrases.fill("would_missing_value", [("names", &names)]), Tone::Open);
        }
    }

    /// The first, and how many more there are.
    fn some<T>(&self, all: &[T], name: impl Fn(&T) -> String) -> String {
        let mut said: Vec<String> = all.iter().take(NAMED).map(name).collect();
        let more = all.len().saturating_sub(NAMED);
        said.extend(self.counted("would_more", i64::try_from(more).unwrap_or(i64::MAX)));
        said.join(", ")
    }

    fn left_out(&mut self, prospect: &Prospect) {
        let phrase = |why: &str| match why {
            "not_valid" => "would_not_valid",
            "excepted" => "would_excepted",
            _ => "would_excluded",
        };
        let said: Vec<String> =
            prospect.left_out.iter().filter_map(|(why, count)| self.counted(phrase(why), *count)).collect();
        if !said.is_empty() {
            self.row("would_left_out", said.join("; "), Tone::Open);
        }
    }

    fn when(&mut self, desk: &Desk, prospect: &Prospect) {
        let times: Vec<String> = prospect.times.iter().map(|at| format_time(*at, desk.rules.zone)).collect();
        let Some((first, later)) = times.split_first() else { return };
        let mut said = vec![first.clone()];
        match prospect.due_by {
            "repeat" => said.push(self.phrases.fill("would_repeat", [("times", &later.join(", "))])),
            "head" => said.push(self.phrases.say("would_at").to_owned()),
            "now" => said = vec![self.phrases.say("would_now").to_owned()],
            _ => said.push(self.phrases.say("would_window").to_owned()),
        }
        if prospect.late {
            said.push(self.phrases.say("would_lay_late").to_owned());
        }
        let tone = if prospect.late { Tone::Open } else { Tone::Neutral };
        self.row("would_when", said.join("; "), tone);
    }

    fn before(&mut self, desk: &Desk, before: &Before) {
        let said = self.phrases.fill(
            "would_before_value",
            [
                ("reference", before.reference.as_str()),
                ("number", &before.issue.to_string()),
                ("when", &format_time(before.at, desk.rules.zone)),
                ("count", &before.addressees.to_string()),
            ],
        );
        self.row("would_before", said, Tone::Neutral);
        let sides = [("would_new", before.new, &before.new_names), ("would_gone", before.gone, &before.gone_names)];
        if before.new == 0 && before.gone == 0 {
            self.row("", self.phrases.say("would_same").to_owned(), Tone::Neutral);
        }
        for (label, count, names) in sides.into_iter().filter(|(_, count, _)| *count > 0) {
            let more = count - i64::try_from(names.len()).unwrap_or(0);
            let names: Vec<String> = names.iter().cloned().chain(self.counted("would_more", more)).collect();
            let values = [("count", count.to_string()), ("names", names.join(", "))];
            let said =
                self.phrases.fill("would_counted", values.each_ref().map(|(name, value)| (*name, value.as_str())));
            self.row(label, said, Tone::Open);
        }
        for (what, (then, now)) in &before.changes {
            let what = self.phrases.say(match *what {
                "groups" => "would_groups",
                "sender" => "would_sender",
                "languages" => "would_in",
                _ => "would_files",
            });
            let none = self.phrases.say("would_none");
            let shown = |text: &str| if text.is_empty() { none.to_owned() } else { text.to_owned() };
            let (then, now) = (shown(then), shown(now));
            let said = self.phrases.fill("would_change", [("what", what), ("before", &then), ("after", &now)]);
            self.row("would_changes", said, Tone::Open);
        }
    }
}

fn largest_first(counts: &BTreeMap<String, i64>) -> Vec<(&str, i64)> {
    let mut all: Vec<(&str, i64)> = counts.iter().map(|(name, count)| (name.as_str(), *count)).collect();
    all.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    all
}

/// `policy-brief.pdf (34 kB)`
fn file_and_size(file: &Attachment) -> String {
    format!("{} ({} kB)", file.name, file.octets.div_ceil(1000))
}
