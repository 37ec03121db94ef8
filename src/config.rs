//! The configuration: built-in defaults, then `circulard.toml`, then the environment.
//!
//! Each room owns its settings type and checks its values; here they are layered and handed down. `deploy/circulard.toml` is
//! the one list of keys: it is printed by `config print`, its values are the defaults, and a key that does not stand in it
//! is refused with the nearest one that does.

use std::{collections::BTreeMap, path::Path};

use serde::Deserialize;
use toml::de::{DeTable, DeValue};

use crate::{
    alerts::AlertSettings,
    circular::nearest,
    delivery::RetrySettings,
    desk::{ReleaseSettings, SenderSettings, StaffSettings},
    folders::WatchSettings,
    schedule::ScheduleSettings,
    smtp::RelaySettings,
    web::WebSettings,
    workers::DeliverySettings,
};

/// Every key with its default and meaning.
pub const ANNOTATED: &str = include_str!("../deploy/circulard.toml");

/// The variables that are read: `CIRCULARD__SECTION__KEY`.
const PREFIX: &str = "CIRCULARD";
/// Keys of `[web]` that are lists: they stand in the file.
const LISTS_OF_WEB: [&str; 3] = ["user", "token", "trusted_proxies"];

/// All settings.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// `[[relay]]`
    pub relay: Vec<RelaySettings>,
    /// `[[sender]]`
    pub sender: Vec<SenderSettings>,
    /// `[schedule]`
    pub schedule: ScheduleSettings,
    /// `[release]`
    pub release: ReleaseSettings,
    /// `[staff]`
    pub staff: StaffSettings,
    /// `[watch]`
    pub watch: WatchSettings,
    /// `[retry]`
    pub retry: RetrySettings,
    /// `[delivery]`
    pub delivery: DeliverySettings,
    /// `[alerts]`
    pub alerts: AlertSettings,
    /// `[log]`
    pub log: LogSettings,
    /// `[web]`
    pub web: WebSettings,
}

/// `[log]`
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LogSettings {
    /// How a line looks.
    pub format: LogFormat,
    /// A level, or a filter.
    pub level: String,
}

/// How a log line looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

impl Default for LogSettings {
    fn default() -> Self {
        Self { format: LogFormat::Text, level: "info".to_owned() }
    }
}

/// The configuration cannot be used. Exit code 78.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("{0}: {1}")]
    Unreadable(String, std::io::Error),
    /// Something in the file, with its line.
    #[error("{file}:{line}: {message}")]
    File {
        /// As given.
        file: String,
        /// From 1.
        line: usize,
        /// What was found and how to mend it.
        message: String,
    },
    /// Something in the environment.
    #[error("environment variable {0}: {1}")]
    Environment(String, String),
    /// Settings that do not go together.
    #[error("{0}")]
    Together(String),
}

impl Settings {
    /// Reads `circulard.toml` in a workspace, if there is one, and the environment given.
    pub fn load(file: &Path, environment: impl IntoIterator<Item = (String, String)>) -> Result<Self, ConfigError> {
        let name =
            file.file_name().map_or_else(|| file.display().to_string(), |name| name.to_string_lossy().into_owned());
        let text = match std::fs::read_to_string(file) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
            Err(error) => return Err(ConfigError::Unreadable(name, error)),
        };
        let keys = known_keys();
        check_file(&name, &text, &keys)?;
        let variables = check_environment(environment, &keys)?;
        let source = config::Environment::with_prefix(PREFIX).prefix_separator("__").separator("__");
        let settings: Settings = config::Config::builder()
            .add_source(config::File::from_str(ANNOTATED, config::FileFormat::Toml))
            .add_source(config::File::from_str(&text, config::FileFormat::Toml))
            .add_source(source.source(Some(variables.clone())))
            .build()
            .and_then(config::Config::try_deserialize)
            .map_err(|error| blame_variable(&variables, &error))?;
        settings.check_together()?;
        Ok(settings)
    }

    /// Names must be unique; a relay on another machine needs a sender.
    fn check_together(&self) -> Result<(), ConfigError> {
        let twice = |what: &str, names: Vec<&str>| {
            let mut seen = std::collections::BTreeSet::new();
            match names.into_iter().find(|name| !seen.insert(*name)) {
                Some(name) => Err(ConfigError::Together(format!(
                    "two [[{what}]] tables are called \"{name}\"; give each a name of its own"
                ))),
                None => Ok(()),
            }
        };
        twice("relay", self.relay.iter().map(|relay| relay.name.as_str()).collect())?;
        self.web.check().map_err(ConfigError::Together)?;
        self.log.check().map_err(ConfigError::Together)?;
        twice("sender", self.sender.iter().map(|sender| sender.name.as_str()).collect())?;
        match self.relay.iter().find(|relay| self.sender.is_empty() && !relay.url.is_loopback()) {
            Some(relay) => Err(ConfigError::Together(format!(
                "relay \"{}\" is another machine, and there is no [[sender]]: add one with name and from, since \
                 circulars@circulard.example is for rehearsals only",
                relay.name
            ))),
            None => Ok(()),
        }
    }
}

impl LogSettings {
    /// A word alone is a level, not the name of a part whose lines alone would be logged.
    fn check(&self) -> Result<(), String> {
        const LEVELS: [&str; 6] = ["off", "error", "warn", "info", "debug", "trace"];
        let is_level = |word: &str| LEVELS.contains(&word.trim().to_lowercase().as_str());
        let is_known = |part: &str| match part.rsplit_once('=') {
            Some((_, level)) => is_level(level),
            None => is_level(part),
        };
        match self.level.split(',').find(|part| !is_known(part)) {
            Some(part) => Err(format!(
                "log.level: \"{}\" is no level; write one of {}, or parts with their levels: info,circulard::ledger=debug",
                part.trim(),
                LEVELS.join(", ")
            )),
            None => Ok(()),
        }
    }
}

type Keys = BTreeMap<String, Vec<String>>;

/// Section → keys, from the annotated file with its examples taken in.
fn known_keys() -> Keys {
    let whole: String =
        ANNOTATED.lines().map(|line| line.strip_prefix("# ").unwrap_or(line)).flat_map(|line| [line, "\n"]).collect();
    let table: toml::Table = whole.parse().unwrap_or_default();
    let keys_of = |value: &toml::Value| match value {
        toml::Value::Table(table) => table.keys().cloned().collect(),
        toml::Value::Array(tables) => {
            tables.iter().filter_map(|table| table.as_table()).flat_map(|table| table.keys().cloned()).collect()
        }
        _ => Vec::new(),
    };
    table.iter().map(|(section, value)| (section.clone(), keys_of(value))).collect()
}

fn line_at(text: &str, offset: usize) -> usize {
    text.as_bytes().iter().take(offset).filter(|octet| **octet == b'\n').count() + 1
}

fn check_file(file: &str, text: &str, keys: &Keys) -> Result<(), ConfigError> {
    let at = |offset: usize, message: String| ConfigError::File {
        file: file.to_owned(),
        line: line_at(text, offset),
        message,
    };
    let located = |error: &toml::de::Error| at(error.span().map_or(0, |span| span.start), error.message().to_owned());
    let table = DeTable::parse(text).map_err(|error| located(&error))?;
    for (section, value) in table.get_ref() {
        let Some(known) = keys.get(section.get_ref().as_ref()) else {
            let sections = keys.keys().map(String::as_str);
            return Err(at(section.span().start, unknown("section", section.get_ref(), sections)));
        };
        let tables: Vec<&DeTable<'_>> = match value.get_ref() {
            DeValue::Table(table) => vec![table],
            DeValue::Array(all) => all.iter().filter_map(|one| one.get_ref().as_table()).collect(),
            _ => Vec::new(),
        };
        for key in tables.into_iter().flat_map(|table| table.keys()) {
            if !known.iter().any(|known| known == key.get_ref()) {
                let message = unknown("key", key.get_ref(), known.iter().map(String::as_str));
                return Err(at(key.span().start, message));
            }
        }
    }
    toml::from_str::<Settings>(text).map(|_| ()).map_err(|error| {
        let start = error.span().map_or(0, |span| span.start);
        let start = key_blamed(table.get_ref(), start, error.message()).unwrap_or(start);
        at(start, error.message().to_owned())
    })
}

/// Where a whole table is refused, the message says because of which key: that one's line is of use, not the table's.
fn key_blamed(file: &DeTable<'_>, start: usize, message: &str) -> Option<usize> {
    let tables = file.iter().flat_map(|(_, value)| match value.get_ref() {
        DeValue::Array(all) => all.iter().collect(),
        _ => vec![value],
    });
    let refused = tables.filter(|table| table.span().start == start).find_map(|table| table.get_ref().as_table())?;
    // what stands in quotes was found there, and is no key
    let plain: String = message.split('"').step_by(2).collect::<Vec<_>>().join(" ");
    let mut words = plain.split(|c: char| !c.is_ascii_lowercase() && c != '_');
    words.find_map(|word| refused.keys().find(|key| key.get_ref() == word)).map(|key| key.span().start)
}

fn unknown<'a>(what: &str, found: &str, known: impl Iterator<Item = &'a str> + Clone) -> String {
    match nearest(found, known.clone()) {
        Some(near) => format!("unknown {what} \"{found}\"; did you mean \"{near}\"?"),
        None => format!("unknown {what} \"{found}\"; known are {}", known.collect::<Vec<_>>().join(", ")),
    }
}

/// Only plain keys of plain sections: relays and senders stand in the file, secrets in files of their own.
fn check_environment(
    environment: impl IntoIterator<Item = (String, String)>,
    keys: &Keys,
) -> Result<config::Map<String, String>, ConfigError> {
    let plain: Vec<String> = keys
        .iter()
        .filter(|(section, _)| !matches!(section.as_str(), "relay" | "sender"))
        .flat_map(|(section, keys)| keys.iter().map(move |key| (section, key)))
        .filter(|(section, key)| !(section.as_str() == "web" && LISTS_OF_WEB.contains(&key.as_str())))
        .map(|(section, key)| format!("{PREFIX}__{section}__{key}").to_uppercase())
        .collect();
    let mut variables = config::Map::new();
    for (name, value) in environment {
        if !name.starts_with(&format!("{PREFIX}__")) {
            continue;
        }
        if !plain.contains(&name) {
            let message = unknown("setting", &name, plain.iter().map(String::as_str));
            return Err(ConfigError::Environment(name, message));
        }
        variables.insert(name, value);
    }
    Ok(variables)
}

/// The file alone was fine, so a variable is to blame; the library names the key.
fn blame_variable(variables: &config::Map<String, String>, error: &config::ConfigError) -> ConfigError {
    let message = error.to_string();
    let named = variables.keys().find(|name| {
        let key = name.trim_start_matches(PREFIX).trim_start_matches("__").to_lowercase().replace("__", ".");
        message.contains(&key)
    });
    match named {
        Some(name) => ConfigError::Environment(name.clone(), message),
        None => ConfigError::Together(message),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(text: &str, environment: &[(&str, &str)]) -> Result<Settings, String> {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("circulard.toml");
        std::fs::write(&file, text).expect("a file");
        let environment = environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Settings::load(&file, environment).map_err(|error| error.to_string())
    }

    #[test]
    fn the_annotated_file_is_the_defaults() {
        let (printed, default) = (load(ANNOTATED, &[]).expect("loads"), load("", &[]).expect("loads"));
        assert_eq!(format!("{printed:?}"), format!("{default:?}"));
        assert_eq!(format!("{default:?}"), format!("{:?}", Settings::default()));
    }

    #[test]
    fn the_examples_in_the_annotated_file_are_valid() {
        let keys = known_keys();
        assert!(keys["relay"].contains(&"password_file".to_owned()), "{keys:?}");
        assert!(keys["sender"].contains(&"return_path".to_owned()), "{keys:?}");
    }

    #[test]
    fn what_is_wrong_in_a_relay_is_told_with_the_line_of_its_key() {
        let relay = |lines: &str| load(&format!("[schedule]\n\n[[relay]]\nname = \"rate\"\n{lines}"), &[]);
        for (lines, line, word) in [
            ("sessions = 4\nurl = \"ftp://a.example\"\n", 6, "url"),
            ("url = \"smtps://a.example\"\nsessions = 0\n", 6, "sessions is 0"),
            ("url = \"smtps://a.example\"\n\nrate = \"often\"\n", 7, "rate: "),
            ("url = \"smtps://a.example\"\nehlo_name = \"a\"\n", 6, "ehlo_name: "),
            ("sessions = 4\nurl = \"smtps://user@a.example\"\n", 6, "neither password_file nor credential"),
            (
                "url = \"smtp://user@a.example\"\ninsecure = \"i understand\"\npassword_file = \"p\"\n",
                5,
                "never crosses",
            ),
        ] {
            let said = relay(lines).expect_err(lines);
            assert!(said.contains(&format!("circulard.toml:{line}: ")) && said.contains(word), "{lines}: {said}");
        }
    }

    #[test]
    fn unknown_keys_are_refused_with_line_and_nearest() {
        let table = [
            ("[schedule]\nrelase = \"now\"\n", "circulard.toml:2: unknown key \"relase\"; did you mean \"release\"?"),
            ("[shedule]\n", "circulard.toml:1: unknown section \"shedule\"; did you mean \"schedule\"?"),
            (
                "[[relay]]\nurl = \"smtp://127.0.0.1:25\"\npasword_file = \"x\"\n",
                "circulard.toml:3: unknown key \"pasword_file\"",
            ),
            ("[schedule]\nrelease = \"soon\"\n", "circulard.toml:2: "),
            ("[schedule\n", "circulard.toml:1: "),
        ];
        for (text, says) in table {
            let error = load(text, &[]).expect_err(text);
            assert!(error.contains(says), "{text:?}: {error}");
        }
    }

    #[test]
    fn the_environment_overrides_the_file_and_is_checked_too() {
        let settings = load(
            "[schedule]\nrelease = \"now\"\n",
            &[("CIRCULARD__SCHEDULE__TIME_ZONE", "Europe/Zurich"), ("PATH", "/bin")],
        );
        assert_eq!(settings.expect("loads").schedule.time_zone.0, chrono_tz::Europe::Zurich);
        let error = load("", &[("CIRCULARD__SCHEDULE__RELASE", "now")]).expect_err("unknown");
        assert!(error.contains("did you mean \"CIRCULARD__SCHEDULE__RELEASE\"?"), "{error}");
        let error = load("", &[("CIRCULARD__SCHEDULE__TIME_ZONE", "Mars/Base")]).expect_err("bad");
        assert!(error.contains("CIRCULARD__SCHEDULE__TIME_ZONE") && error.contains("Mars/Base"), "{error}");
        assert!(load("", &[("CIRCULARD__RELAY__URL", "smtp://x")]).is_err());
    }

    #[test]
    fn a_relay_elsewhere_needs_a_sender_and_names_are_unique() {
        let error = load("[[relay]]\nurl = \"smtps://relay.example\"\n", &[]).expect_err("no sender");
        assert!(error.contains("[[sender]]"), "{error}");
        let twice = "[[relay]]\nurl = \"smtp://127.0.0.1:25\"\n[[relay]]\nurl = \"smtp://127.0.0.1:26\"\n";
        assert!(load(twice, &[]).expect_err("twice").contains("\"main\""));
    }
}
