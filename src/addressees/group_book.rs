//! `recipients/groups.toml`: the printed labels of the groups, and the groups made of others.
//!
//! Refuses, with the line: unknown keys, a label that two groups share, circles, `where` without `of`. A group without
//! an entry is known by the name of its file alone.

use std::{
    collections::{BTreeMap, HashMap},
    ops::Range,
};

use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use super::{
    columns::{Column, Known, column},
    group_name::GroupName,
    label::{Label, fold_value, nearest},
    selection::{self, Selection},
};
use crate::circular::{Language, Problem};

/// What one group is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    /// Its own file.
    File,
    /// Rows of another group, by column values.
    Narrowed { of: GroupName, conditions: BTreeMap<String, String> },
    /// Other groups together.
    Union(Vec<GroupName>),
}

/// One table of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) line: u32,
    pub(super) title: Option<String>,
    pub(super) labels: Vec<Printed>,
    pub(super) kind: Kind,
    pub(super) except: Vec<GroupName>,
}

/// A label as printed in letters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Printed {
    pub(super) text: String,
    pub(super) language: Language,
    pub(super) line: u32,
}

/// The groups and their labels.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GroupBook {
    pub(super) entries: BTreeMap<GroupName, Entry>,
    /// The key of every label and own name, and whose it is.
    pub(super) keys: HashMap<String, GroupName>,
}

const KEYS: [&str; 7] = ["labels", "of", "where", "groups", "except", "name", "description"];

impl GroupBook {
    /// Reads `groups.toml`; every problem is an error with its line.
    pub fn parse(text: &str) -> Result<Self, Vec<Problem>> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let (document, errors) = DeTable::parse_recoverable(text);
        let mut reading = Reading { text, problems: Vec::new() };
        for error in errors {
            let line = error.span().map_or(0, |span| reading.line(&span));
            reading.problems.push(Problem::error(line, format!("not TOML: {}", error.message())));
        }
        if !reading.problems.is_empty() {
            return Err(reading.problems);
        }
        let mut book = Self::default();
        for (key, value) in document.get_ref() {
            if let Some((name, entry)) = reading.entry(key, value) {
                book.entries.insert(name, entry);
            }
        }
        reading.problems.extend(book.index());
        reading.problems.extend(book.entries.keys().filter_map(|group| book.select(group).err()));
        reading.problems.sort_by_key(|problem| problem.line);
        reading.problems.dedup();
        if reading.problems.is_empty() { Ok(book) } else { Err(reading.problems) }
    }

    /// The groups that have an entry, by name.
    pub fn groups(&self) -> impl Iterator<Item = &GroupName> {
        self.entries.keys()
    }

    /// Whether the group's addressees come from its own file, not from other groups.
    pub fn has_own_file(&self, group: &GroupName) -> bool {
        self.entries.get(group).is_none_or(|entry| entry.kind == Kind::File)
    }

    /// What to call the group in `language`: its first label in that language, its `name`, its first label, its key.
    pub fn title<'a>(&'a self, group: &'a GroupName, language: Language) -> &'a str {
        let Some(entry) = self.entries.get(group) else { return group.as_str() };
        let label = entry.labels.iter().find(|label| label.language == language).map(|label| label.text.as_str());
        let first = entry.labels.first().map(|label| label.text.as_str());
        label.or(entry.title.as_deref()).or(first).unwrap_or(group.as_str())
    }

    /// The group in terms of files; one without an entry is its own file.
    pub fn select(&self, group: &GroupName) -> Result<Selection, Problem> {
        selection::select(&self.entries, group)
    }

    /// Fills `keys`; says where two groups share a label or one's label is another's name.
    fn index(&mut self) -> Vec<Problem> {
        let mut problems = Vec::new();
        let mut seen: HashMap<String, (GroupName, u32)> = HashMap::new();
        let named = self.entries.iter().map(|(group, entry)| (group, group.as_str(), entry.line));
        let labels = self
            .entries
            .iter()
            .flat_map(|(group, entry)| entry.labels.iter().map(move |label| (group, label.text.as_str(), label.line)));
        for (group, text, line) in named.chain(labels) {
            let key = Label::new(text).key();
            match seen.get(&key) {
                Some((other, before)) if other != group => problems.push(Problem::error(
                    line,
                    format!(
                        "\"{text}\" ({group}) already means {other} on line {before}; a label can mean one group only"
                    ),
                )),
                Some(_) => {}
                None => {
                    seen.insert(key, (group.clone(), line));
                }
            }
        }
        self.keys = seen.into_iter().map(|(key, (group, _))| (key, group)).collect();
        problems
    }
}

/// The file being read, and what was found wrong in it.
struct Reading<'a> {
    text: &'a str,
    problems: Vec<Problem>,
}

type Key<'a> = Spanned<std::borrow::Cow<'a, str>>;
type Value<'a> = Spanned<DeValue<'a>>;

impl Reading<'_> {
    fn line(&self, span: &Range<usize>) -> u32 {
        let before = self.text.as_bytes().get(..span.start).unwrap_or_default();
        u32::try_from(before.iter().filter(|b| **b == b'\n').count()).unwrap_or(u32::MAX - 1) + 1
    }

    fn refuse(&mut self, span: &Range<usize>, message: impl Into<String>) {
        let line = self.line(span);
        self.problems.push(Problem::error(line, message));
    }

    fn entry(&mut self, key: &Key<'_>, value: &Value<'_>) -> Option<(GroupName, Entry)> {
        let name = self.group_name(key.get_ref(), &key.span());
        let Some(table) = value.get_ref().as_table() else {
            self.refuse(&key.span(), format!("\"{}\" stands outside a group; begin one with [name]", key.get_ref()));
            return None;
        };
        for (key, _) in table.iter().filter(|(key, _)| !KEYS.contains(&key.get_ref().as_ref())) {
            let near = nearest(key.get_ref(), KEYS).map(|near| format!("; did you mean \"{near}\"?"));
            let near = near.unwrap_or_else(|| format!("; the keys are {}", KEYS.join(", ")));
            self.refuse(&key.span(), format!("unknown key \"{}\"{near}", key.get_ref()));
        }
        let entry = Entry {
            line: self.line(&key.span()),
            title: table.get("name").and_then(|value| self.text_of("name", value)),
            labels: table.get("labels").map(|value| self.labels(value)).unwrap_or_default(),
            kind: self.kind(table, &key.span()),
            except: table.get("except").map(|value| self.names("except", value)).unwrap_or_default(),
        };
        table.get("description").and_then(|value| self.text_of("description", value));
        Some((name?, entry))
    }

    fn kind(&mut self, table: &DeTable<'_>, span: &Range<usize>) -> Kind {
        let of = table.get("of").and_then(|value| {
            let name = self.text_of("of", value)?;
            self.group_name(&name, &value.span())
        });
        let conditions = table.get("where").map(|value| self.conditions(value));
        let groups = table.get("groups").map(|value| self.names("groups", value));
        match (of, conditions, groups) {
            (Some(of), conditions, None) => Kind::Narrowed { of, conditions: conditions.unwrap_or_default() },
            (None, None, Some(groups)) => Kind::Union(groups),
            (None, None, None) => Kind::File,
            (Some(_), _, Some(_)) => {
                self.refuse(span, "`of` and `groups` exclude each other; keep one");
                Kind::File
            }
            (None, Some(_), _) => {
                if !table.contains_key("of") {
                    self.refuse(span, "`where` needs `of`, the group whose rows it narrows");
                }
                Kind::File
            }
        }
    }

    fn labels(&mut self, value: &Value<'_>) -> Vec<Printed> {
        let Some(table) = value.get_ref().as_table() else {
            self.refuse(&value.span(), "write labels by language: labels.en = [\"…\"]");
            return Vec::new();
        };
        let mut labels = Vec::new();
        for (key, value) in table {
            let Ok(language) = key.get_ref().parse::<Language>() else {
                self.refuse(
                    &key.span(),
                    format!("\"{}\" is not a language; write labels.en, labels.fr, …", key.get_ref()),
                );
                continue;
            };
            for (text, span) in self.texts("labels", value) {
                if Label::new(&text).is_empty() {
                    self.refuse(&span, format!("the label \"{text}\" says nothing"));
                }
                labels.push(Printed { text, language, line: self.line(&span) });
            }
        }
        labels.sort_by_key(|label| label.line);
        labels
    }

    fn conditions(&mut self, value: &Value<'_>) -> BTreeMap<String, String> {
        let mut conditions = BTreeMap::new();
        let Some(table) = value.get_ref().as_table().filter(|table| !table.is_empty()) else {
            self.refuse(&value.span(), "write the columns and their values: where = { study_group = \"3\" }");
            return conditions;
        };
        for (key, value) in table {
            let name = match column(key.get_ref()) {
                Column::Known(
                    known @ (Known::Email
                    | Known::Language
                    | Known::CopyTo
                    | Known::ValidFrom
                    | Known::ValidUntil
                    | Known::TimeZone
                    | Known::Group),
                ) => {
                    self.refuse(&key.span(), format!("the column {} cannot narrow a group", known.name()));
                    continue;
                }
                column => column.to_string(),
            };
            let value = match value.get_ref() {
                DeValue::String(text) => fold_value(text),
                DeValue::Integer(number) => number.to_string(),
                other => {
                    let found = other.type_str();
                    self.refuse(&value.span(), format!("a condition is a text such as \"3\", and this is {found}"));
                    continue;
                }
            };
            conditions.insert(name, value);
        }
        conditions
    }

    fn names(&mut self, key: &str, value: &Value<'_>) -> Vec<GroupName> {
        let texts = self.texts(key, value);
        texts.iter().filter_map(|(text, span)| self.group_name(text, span)).collect()
    }

    fn texts(&mut self, key: &str, value: &Value<'_>) -> Vec<(String, Range<usize>)> {
        let Some(array) = value.get_ref().as_array().filter(|array| !array.is_empty()) else {
            self.refuse(&value.span(), format!("`{key}` is a list: [\"…\", \"…\"]"));
            return Vec::new();
        };
        array.iter().filter_map(|value| Some((self.text_of(key, value)?, value.span()))).collect()
    }

    fn text_of(&mut self, key: &str, value: &Value<'_>) -> Option<String> {
        let text = value.get_ref().as_str().map(str::to_owned);
        if text.is_none() {
            let found = value.get_ref().type_str();
            self.refuse(&value.span(), format!("`{key}` takes a text in quotation marks, and this is {found}"));
        }
        text
    }

    fn group_name(&mut self, name: &str, span: &Range<usize>) -> Option<GroupName> {
        let parsed = name.parse::<GroupName>();
        parsed.map_err(|flaw| self.refuse(span, flaw.to_string())).ok()
    }
}
