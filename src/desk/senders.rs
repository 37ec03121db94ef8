//! Who writes, and how many must agree.

use serde::Deserialize;

use crate::addressees::Address;

/// `[release]`
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ReleaseSettings {
    /// How many people must `approve` a letter.
    pub approvals: u32,
}

/// One `[[sender]]`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Table")]
pub struct SenderSettings {
    /// What a letter's head calls it.
    pub name: String,
    /// Display name of From.
    pub from_name: Option<String>,
    /// Address of From.
    pub from: Address,
    /// Reply-To.
    pub reply_to: Vec<Address>,
    /// The reverse-path.
    pub return_path: Address,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    name: String,
    from: String,
    reply_to: Option<String>,
    return_path: Option<String>,
}

impl TryFrom<Table> for SenderSettings {
    type Error = String;

    fn try_from(table: Table) -> Result<Self, String> {
        let name = table.name;
        let place = |key: &str, error: String| format!("sender \"{name}\": {key}: {error}");
        let (from_name, from) = named_address(&table.from).map_err(|error| place("from", error))?;
        let reply_to =
            addresses(table.reply_to.as_deref().unwrap_or_default()).map_err(|error| place("reply_to", error))?;
        let return_path = match &table.return_path {
            Some(path) => Address::parse(path).map_err(|error| place("return_path", error.to_string()))?,
            None => from.clone(),
        };
        Ok(Self { from_name, from, reply_to, return_path, name })
    }
}

impl SenderSettings {
    /// For rehearsals and relays on this machine, where none is configured.
    pub fn for_rehearsal() -> Self {
        const TABLE: [&str; 2] = ["circulard", "circulars@circulard.example"];
        let table = Table { name: TABLE[0].to_owned(), from: TABLE[1].to_owned(), reply_to: None, return_path: None };
        match Self::try_from(table) {
            Ok(sender) => sender,
            Err(error) => unreachable!("{error}"),
        }
    }

    /// The List-Id of its circulars (RFC 2919): `bdt.circulars.itu.example`.
    pub fn list_id(&self) -> String {
        let label: String =
            self.name.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' }).collect();
        format!("{}.circulars.{}", label.trim_matches('-'), self.from.domain())
    }
}

/// `ITU BDT <bdtmail@itu.example>`, or the address alone.
fn named_address(text: &str) -> Result<(Option<String>, Address), String> {
    let text = text.trim();
    let (name, address) = match text.strip_suffix('>').and_then(|rest| rest.rsplit_once('<')) {
        Some((name, address)) => (name.trim().trim_matches('"').trim(), address),
        None => ("", text),
    };
    if name.chars().any(char::is_control) {
        return Err(format!("the name \"{}\" holds a control character", name.escape_debug()));
    }
    let address = Address::parse(address.trim()).map_err(|error| error.to_string())?;
    Ok(((!name.is_empty()).then(|| name.to_owned()), address))
}

/// Addresses by commas.
pub(super) fn addresses(text: &str) -> Result<Vec<Address>, String> {
    text.split(',')
        .map(str::trim)
        .filter(|address| !address.is_empty())
        .map(|address| named_address(address).map(|(_, address)| address))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(toml: &str) -> Result<SenderSettings, String> {
        toml::from_str(toml).map_err(|error| error.message().to_owned())
    }

    #[test]
    fn a_sender_needs_a_name_and_an_address_and_its_return_path_is_from_by_default() {
        let sender = read("name = \"bdt\"\nfrom = \"ITU BDT <bdtmail@itu.example>\"").expect("a sender");
        assert_eq!(sender.from_name.as_deref(), Some("ITU BDT"));
        assert_eq!(sender.from.as_str(), "bdtmail@itu.example");
        assert_eq!(sender.return_path, sender.from);
        assert_eq!(sender.list_id(), "bdt.circulars.itu.example");
        assert!(read("name = \"bdt\"\nfrom = \"bdtmail\"").expect_err("no @").contains("sender \"bdt\": from: "));
        assert!(
            read("name = \"bdt\"\nfrom = \"a@b.example\"\nreply_to = \"x\"").expect_err("no @").contains("reply_to")
        );
    }

    #[test]
    fn the_sender_for_rehearsals_is_valid() {
        assert_eq!(SenderSettings::for_rehearsal().from.as_str(), "circulars@circulard.example");
    }
}
