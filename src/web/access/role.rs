//! Roles: what somebody may do, each including the one before it.

use std::{fmt, str::FromStr};

use serde::Deserialize;

/// Who may do what.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(try_from = "String")]
pub enum Role {
    /// Reads what was sent, to whom, and what came of it.
    Viewer,
    /// Also letters that are not out yet, with what stands against them.
    Editor,
    /// Also approves, holds, releases, cancels, sends again, settles, accepts lists.
    Releaser,
    /// Everything.
    Admin,
}

impl Role {
    /// From the least to the most.
    pub const ALL: [Role; 4] = [Role::Viewer, Role::Editor, Role::Releaser, Role::Admin];

    /// The word in the configuration.
    pub fn as_str(self) -> &'static str {
        match self {
            Role::Viewer => "viewer",
            Role::Editor => "editor",
            Role::Releaser => "releaser",
            Role::Admin => "admin",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Role {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        let known = || Role::ALL.map(Role::as_str).join(", ");
        let found = Role::ALL.into_iter().find(|role| role.as_str() == word);
        found.ok_or_else(|| format!("\"{word}\" is not a role; the roles are {}", known()))
    }
}

impl TryFrom<String> for Role {
    type Error = String;

    fn try_from(word: String) -> Result<Self, String> {
        word.parse()
    }
}
