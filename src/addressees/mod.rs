//! Addressees: the people and offices a circular goes to.
//!
//! Three things, all pure: an [`Address`] that is safe on the wire; the files that staff keep (`recipients/NAME.csv` or
//! `.xlsx`, read row by row by [`read_group`], so that a million rows need little memory; what was mended is told); and
//! the groups with their printed labels ([`GroupBook`], `groups.toml`), which turn "Administrations of ITU Member
//! States" into a [`Selection`] or into a refusal that names the nearest group. A bad row refuses its file, an unknown
//! or narrowed label refuses its letter: nobody is written to, or left out, on a guess.

mod address;
mod aside;
mod bad_rows;
mod cell;
mod change;
mod columns;
mod country;
mod encoding;
mod file;
mod group_book;
mod group_name;
mod heading;
mod inflection;
mod label;
mod list_file;
mod marks;
mod matched;
mod member;
mod merged;
mod package;
mod records;
mod row;
mod seen;
mod selection;
mod sheet;
mod survey;
mod table;
mod text;
mod told;
mod value;
mod western;

pub use address::{Address, Flaw, Mailbox, NotAnAddress};
pub use bad_rows::{BadRow, BadRows};
pub use change::{ColumnChange, Doubt, GroupChange, Header, ListChange};
pub use country::{by_country, country_key, distinct_countries, is_same_country};
pub use file::{Limits, Summary, read_good_rows, read_group, read_labelled_group};
pub use group_book::GroupBook;
pub use group_name::{GroupName, NotAGroupName};
pub use label::fold_value;
pub use list_file::ListFile;
pub use matched::Matched;
pub use member::Member;
pub use selection::{Selection, Term};

#[cfg(test)]
mod tests {
    mod address;
    mod book;
    mod cell;
    mod encodings;
    mod file;
    mod layout;
    mod properties;
    mod reading;
    mod samples;
    mod values;
    mod workbooks;
}
