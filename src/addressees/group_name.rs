//! The name of a group: the stem of its file in `recipients/`, or its table in `groups.toml`.
//!
//! Refuses all but lower-case ASCII letters, digits, `-` and `_`, so that one name is one file on every file system.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// `sector-members`
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct GroupName(String);

impl GroupName {
    /// Takes 1 to 64 lower-case ASCII letters, digits, `-` and `_`, the first of them a letter or a digit.
    pub fn new(name: &str) -> Option<Self> {
        let first = name.bytes().next()?;
        let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
        let fits = name.len() <= 64 && plain(first) && name.bytes().all(|b| plain(b) || b == b'-' || b == b'_');
        fits.then(|| Self(name.to_owned()))
    }

    /// `sector-members`
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Not a group's name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is not the name of a group; use lower-case letters a-z, digits, - and _")]
pub struct NotAGroupName(pub String);

impl FromStr for GroupName {
    type Err = NotAGroupName;

    fn from_str(name: &str) -> Result<Self, NotAGroupName> {
        Self::new(name).ok_or_else(|| NotAGroupName(name.to_owned()))
    }
}

impl fmt::Display for GroupName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for GroupName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for GroupName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for GroupName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}
