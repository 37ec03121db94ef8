//! When a circular goes out: local times with a zone, cron expressions, release windows.
//!
//! Everything is told on the house's clock and done in UTC. A local time that does not exist, or comes twice, because
//! clocks change is resolved here, once, and the resolution is part of the answer, so that the preview shows what will
//! happen. Pure: the current time is an argument.

mod cron;
mod due;
mod field;
mod local;

#[cfg(test)]
mod tests;

pub use self::{
    cron::{Cron, NotACron},
    due::{NotAZone, Release, ScheduleSettings, Zone, due, is_late, missed},
    local::{Run, RunNote, resolve_local, zone_and_offset},
};
