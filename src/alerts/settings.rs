//! `[alerts]`: who is told, of what, how often.

use serde::{Deserialize, Deserializer, de::Error};

use super::Kind;
use crate::addressees::Address;

/// `[alerts]`
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AlertSettings {
    /// The operators. None: alerts are kept in the ledger and nobody is written to.
    #[serde(deserialize_with = "addresses")]
    pub to: Vec<Address>,
    /// Of what they are told.
    #[serde(deserialize_with = "kinds")]
    pub kinds: Vec<Kind>,
    /// Who gets the report when a circular is completed.
    #[serde(deserialize_with = "owner")]
    pub owner: Owner,
    /// Messages to one operator in an hour; what comes beyond them goes together later.
    #[serde(deserialize_with = "at_least_one")]
    pub most_per_hour: u32,
}

/// Who gets a circular's report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Owner {
    /// Nobody.
    Nobody,
    /// Where the circular's answers go.
    ReplyTo,
    /// Always these.
    These(Vec<Address>),
}

impl Default for AlertSettings {
    fn default() -> Self {
        Self { to: Vec::new(), kinds: Kind::ALERTS.to_vec(), owner: Owner::Nobody, most_per_hour: 12 }
    }
}

impl AlertSettings {
    /// Whether anybody is ever written to.
    pub fn writes(&self) -> bool {
        !self.to.is_empty() || self.owner != Owner::Nobody
    }
}

/// A list, or one text with commas, as the environment has it.
#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMore {
    One(String),
    More(Vec<String>),
}

impl OneOrMore {
    fn items(self) -> Vec<String> {
        let parts: Vec<String> = match self {
            OneOrMore::One(text) => text.split(',').map(str::to_owned).collect(),
            OneOrMore::More(items) => items,
        };
        parts.iter().map(|item| item.trim().to_owned()).filter(|item| !item.is_empty()).collect()
    }
}

fn parse_all(items: Vec<String>) -> Result<Vec<Address>, String> {
    let mut all: Vec<Address> = Vec::new();
    for item in items {
        let address = Address::parse(&item).map_err(|error| error.to_string())?;
        if all.iter().all(|known| known.mailbox() != address.mailbox()) {
            all.push(address);
        }
    }
    Ok(all)
}

fn addresses<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Address>, D::Error> {
    parse_all(OneOrMore::deserialize(deserializer)?.items()).map_err(D::Error::custom)
}

fn kinds<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Kind>, D::Error> {
    let kind = |word: String| match word.parse() {
        Ok(Kind::Completed) => Err(D::Error::custom("\"completed\" is the report; [alerts] owner says who gets it")),
        Ok(kind) => Ok(kind),
        Err(error) => Err(D::Error::custom(error)),
    };
    OneOrMore::deserialize(deserializer)?.items().into_iter().map(kind).collect()
}

fn owner<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Owner, D::Error> {
    let items = OneOrMore::deserialize(deserializer)?.items();
    match items.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => Ok(Owner::Nobody),
        ["reply-to"] => Ok(Owner::ReplyTo),
        _ => parse_all(items).map(Owner::These).map_err(|error| {
            D::Error::custom(format!("owner is \"reply-to\", addresses, or \"\" for nobody; {error}"))
        }),
    }
}

fn at_least_one<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
    match u32::deserialize(deserializer)? {
        0 => Err(D::Error::custom("most_per_hour is 0; write at least 1, or to = [] for no alerts by mail")),
        number => Ok(number),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(toml: &str) -> Result<AlertSettings, String> {
        toml::from_str(toml).map_err(|error| error.message().to_owned())
    }

    #[test]
    fn nobody_is_written_to_unless_somebody_is_named() {
        assert_eq!(read("").expect("read"), AlertSettings::default());
        assert!(!AlertSettings::default().writes());
        let settings = read("to = \"a@b.example, A@b.example, c@d.example\"\nowner = \"reply-to\"").expect("read");
        assert_eq!(settings.to.iter().map(Address::as_str).collect::<Vec<_>>(), ["a@b.example", "c@d.example"]);
        assert_eq!(settings.owner, Owner::ReplyTo);
        assert!(settings.writes());
        let settings = read("to = [\"a@b.example\"]\nkinds = [\"paused\", \"relay_down\"]\nowner = [\"o@b.example\"]");
        let settings = settings.expect("read");
        assert_eq!(settings.kinds, [Kind::Paused, Kind::RelayDown]);
        assert!(matches!(settings.owner, Owner::These(owners) if owners.len() == 1));
    }

    #[test]
    fn what_cannot_be_used_is_refused_with_a_remedy() {
        for (toml, says) in [
            ("to = [\"a@@b.example\"]", "a@@b.example"),
            ("kinds = [\"relay_gone\"]", "there are relay_down, authentication_refused"),
            ("kinds = [\"completed\"]", "[alerts] owner"),
            ("owner = \"reply to\"", "owner is \"reply-to\", addresses"),
            ("most_per_hour = 0", "at least 1"),
        ] {
            let error = read(toml).expect_err(toml);
            assert!(error.contains(says), "{toml}: {error}");
        }
    }
}
