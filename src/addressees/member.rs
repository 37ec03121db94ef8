//! One addressee as a list has it: one mailbox of one row.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use chrono_tz::Tz;

use super::{address::Address, group_name::GroupName};
use crate::circular::Language;

/// One mailbox of one row of a group file. A row with several addresses gives several members.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// The line of the file on which the row begins, from 1.
    pub line: u32,
    /// Where the circular goes.
    pub address: Address,
    /// `Nuñez Ørsted`
    pub name: Option<String>,
    /// The form of address, `H.E. Ms`.
    pub title: Option<String>,
    /// Replaces the letter's generic salutation, `Excellency,`.
    pub salutation: Option<String>,
    /// `Ministry of Digital Affairs`
    pub organization: Option<String>,
    /// As the list writes it.
    pub country: Option<String>,
    /// As the list writes it.
    pub region: Option<String>,
    /// The addressee's languages, the preferred one first.
    pub languages: Vec<Language>,
    /// Who gets a copy of this addressee's message.
    pub copy_to: Vec<Address>,
    /// The first day on which the addressee belongs to the group.
    pub valid_from: Option<NaiveDate>,
    /// The last day.
    pub valid_until: Option<NaiveDate>,
    /// The zone of the addressee's clock.
    pub time_zone: Option<Tz>,
    /// The groups that the row's `group` column puts it into, besides the file's own.
    pub groups: Vec<GroupName>,
    /// All other columns by merge-field name, empty cells included.
    pub fields: BTreeMap<String, String>,
}

impl Member {
    /// The value of a column that `where` in `groups.toml` may ask for.
    pub fn value(&self, column: &str) -> Option<&str> {
        match column {
            "name" => self.name.as_deref(),
            "title" => self.title.as_deref(),
            "salutation" => self.salutation.as_deref(),
            "organization" => self.organization.as_deref(),
            "country" => self.country.as_deref(),
            "region" => self.region.as_deref(),
            other => self.fields.get(other).map(String::as_str),
        }
    }
}
