//! Reports: rows in; tables, CSV and JSON out.
//!
//! Pure: the width of the terminal, whether there are colours, the zone of the house and the writer are arguments. What
//! strangers wrote (replies, names, subjects) reaches neither a terminal as control characters nor a spreadsheet as a
//! formula.

mod again;
pub mod certificate;
mod csv_rows;
mod flat;
mod format;
mod json_array;
mod markup;
mod mask;
mod numbers;
mod person;
mod phrases;
mod queue_id;
mod resting;
mod table;
mod times;
mod workbook;

pub use again::send_once_mended;
pub use csv_rows::{CsvRows, csv_rows};
pub use flat::flat;
pub use format::{Format, NotAFormat};
pub use json_array::{JsonArray, json_array};
pub use markup::escaped;
pub use mask::{mask, mask_within};
pub use numbers::{Totals, on_a_persons_word, percent, progress};
pub use person::{person_name, same_person};
pub use phrases::{Phrases, phrases};
pub use queue_id::queue_id;
pub use resting::Resting;
pub use table::{Cell, Column, Paint, Table, Tone, one_line};
pub use times::{format_moment, format_time, rfc3339};
pub use workbook::Workbook;
