//! `log` and `who`: the delivery log.

use std::process::ExitCode;

mod follow;
mod values;

use super::{
    Out, Refused,
    args::{FormatArgs, LogArgs},
    find, point_in_time, resting,
};
use crate::{
    addressees::Address,
    delivery::State,
    desk::Desk,
    ledger::{CircularId, LOG_COLUMNS, LogEntry, LogFilter},
    report::{Cell, Column, Format, Table, Tone, Totals},
};

pub(super) async fn log(desk: &Desk, asked: &LogArgs, out: &Out) -> anyhow::Result<ExitCode> {
    let filter = filter(desk, asked).await?;
    let format = Format::from(asked.format);
    if asked.follow {
        return follow::follow(desk, &filter, format).await;
    }
    values::tell_unknown(desk, &filter, out).await?;
    let columns: Vec<&str> = LOG_COLUMNS.into_iter().chain(asked.attempts.then_some("history")).collect();
    let mut pages = Pages { desk, filter, missing: asked.limit, history: asked.attempts };
    if format == Format::Table {
        let mut entries = Vec::new();
        while let Some(page) = pages.next().await? {
            entries.extend(page);
        }
        out.table(&table(desk, &entries, out))?;
        let totals: Totals = entries.iter().filter_map(|entry| Some((entry.state.parse::<State>().ok()?, 1))).collect();
        if resting::waits(&totals) {
            resting::tell(desk, out).await?;
        }
        eprintln!("{}", sum(&totals, &whole(desk, pages.filter.circular).await?));
    } else {
        let mut list = out.begin_list(format, &columns)?;
        while let Some(page) = pages.next().await? {
            for entry in &page {
                list.push(entry)?;
            }
            if list.reader_has_gone() {
                return Ok(ExitCode::SUCCESS);
            }
        }
        list.finish()?;
    }
    if let Some(place) = pages.filter.after.filter(|_| pages.missing == Some(0)) {
        eprintln!("more: --after {place}");
    }
    Ok(ExitCode::SUCCESS)
}

/// The log page by page, so that ten million entries need no memory.
struct Pages<'a> {
    desk: &'a Desk,
    filter: LogFilter,
    missing: Option<u32>,
    history: bool,
}

impl Pages<'_> {
    async fn next(&mut self) -> anyhow::Result<Option<Vec<LogEntry>>> {
        const PAGE: u32 = 1_000;
        let limit = self.missing.map_or(PAGE, |missing| missing.min(PAGE));
        if limit == 0 {
            return Ok(None);
        }
        let (ledger, zone) = (&self.desk.ledger, self.desk.rules.zone);
        let mut page = ledger.log_page(&self.filter, limit, zone).await?;
        if self.history {
            ledger.add_history(&mut page.entries, zone).await?;
        }
        self.missing = self.missing.map(|missing| missing - limit);
        match page.next {
            Some(next) => self.filter.after = Some(next),
            // fewer came than were asked for: nothing follows
            None => (self.missing, self.filter.after) = (Some(0), None),
        }
        Ok((!page.entries.is_empty()).then_some(page.entries))
    }
}

pub(super) async fn who(desk: &Desk, address: &str, format: FormatArgs, out: &Out) -> anyhow::Result<ExitCode> {
    let filter = LogFilter { mailbox: Some(mailbox(address)?), ..LogFilter::default() };
    let entries = desk.ledger.log(&filter, desk.rules.zone).await?;
    let table = || {
        let columns = ["STATE", "REFERENCE"].map(Column::whole);
        let mut table =
            Table::new(columns.into_iter().chain([Column::whole(when_header(desk)), Column::wrapped("REPLY")]));
        for entry in &entries {
            table.push([state_cell(entry), Cell::from(entry.reference.as_str()), when(entry), reply(entry)]);
        }
        table
    };
    out.list(format.into(), &entries, &LOG_COLUMNS, table)?;
    if entries.is_empty() {
        eprintln!("no circular was ever addressed to {address}");
    }
    Ok(ExitCode::SUCCESS)
}

pub(super) fn mailbox(address: &str) -> anyhow::Result<crate::addressees::Mailbox> {
    Ok(Address::parse(address.trim()).map_err(|error| Refused(error.to_string()))?.mailbox())
}

/// What stands behind the last @, in the form in which mailboxes are compared.
fn domain_of(mailbox: &crate::addressees::Mailbox) -> anyhow::Result<String> {
    Ok(mailbox.as_str().rsplit('@').next().unwrap_or_default().to_owned())
}

async fn filter(desk: &Desk, asked: &LogArgs) -> anyhow::Result<LogFilter> {
    let circular = match &asked.reference {
        Some(reference) => Some(find(desk, reference).await?.id),
        None => None,
    };
    let states = asked.states.iter().flat_map(|words| words.split(','));
    let (address, domain) = match asked.to.as_deref().map(str::trim) {
        Some(domain) if domain.starts_with('@') => (None, Some(domain)),
        address => (address, None),
    };
    let time = |text: &Option<String>| text.as_deref().map(|text| point_in_time(desk, text)).transpose();
    Ok(LogFilter {
        circular,
        states: states
            .map(|word| word.trim().parse::<State>().map_err(|error| Refused(error.to_string())))
            .collect::<Result<_, _>>()?,
        group: asked.group.clone(),
        mailbox: address.map(mailbox).transpose()?,
        domain: domain.map(|domain| domain_of(&mailbox(&format!("anyone{domain}"))?)).transpose()?,
        country: asked.country.clone(),
        language: asked.language.as_ref().map(|code| code.to_ascii_lowercase()),
        role: asked.role,
        relay: asked.relay.clone(),
        after: asked.after,
        since: time(&asked.since)?,
        until: time(&asked.until)?,
        limit: asked.limit,
    })
}

/// What was frozen of one circular, or of all.
async fn whole(desk: &Desk, circular: Option<CircularId>) -> anyhow::Result<Totals> {
    if let Some(circular) = circular {
        return Ok(desk.ledger.totals(circular).await?);
    }
    let mut whole = Totals::default();
    for record in desk.ledger.circulars().await? {
        for (state, count) in desk.ledger.totals(record.id).await?.iter() {
            whole.add(state, count);
        }
    }
    Ok(whole)
}

/// The line under the table: a part is not mistaken for the whole.
fn sum(shown: &Totals, whole: &Totals) -> String {
    if shown.frozen() >= whole.frozen() {
        return shown.to_string();
    }
    let states: Vec<String> =
        shown.iter().map(|(state, count)| format!("{count} {}", state.as_str().replace('_', " "))).collect();
    let states = if states.is_empty() { String::new() } else { format!(" ({})", states.join(", ")) };
    format!("{} shown{states} of {whole}", shown.frozen())
}

/// The next attempt and the country need room that a terminal of 80 columns has not.
const WIDE: u16 = 100;
const WIDER: u16 = 120;

fn table(desk: &Desk, entries: &[LogEntry], out: &Out) -> Table {
    let mut references: Vec<&str> = entries.iter().map(|entry| entry.reference.as_str()).collect();
    references.dedup();
    let (many, wide) = (references.len() > 1, out.width >= WIDE);
    // where there is no room for a column it leads the reply
    let waits = wide && entries.iter().any(|entry| entry.next_attempt_at.is_some());
    let country = out.width >= if waits { WIDER } else { WIDE };
    let mut columns = vec![Column::whole("STATE"), Column::whole("ADDRESS"), Column::whole(when_header(desk))];
    columns.extend(waits.then(|| Column::whole("NEXT")));
    columns.extend(many.then(|| Column::wrapped("REFERENCE")));
    columns.extend(country.then(|| Column::wrapped("COUNTRY")));
    columns.push(Column::wrapped("REPLY"));
    let mut table = Table::new(columns);
    for entry in entries {
        let copy = if entry.role == "copy" { " (copy)" } else { "" };
        let mut row = vec![state_cell(entry), Cell::from(format!("{}{copy}", entry.address)), when(entry)];
        let next = next_attempt(desk, entry);
        row.extend(waits.then(|| Cell::from(next.clone().unwrap_or_default())));
        row.extend(many.then(|| Cell::from(entry.reference.as_str())));
        row.extend(country.then(|| Cell::from(entry.country.as_deref().unwrap_or_default())));
        row.push(match next.filter(|_| !wide) {
            Some(next) => Cell::from(format!("next {next}: {}", words(entry))),
            None => reply(entry),
        });
        table.push(row);
        for attempt in entry.history.iter().flatten() {
            let told = attempt.reply.as_deref().unwrap_or_default();
            let code = attempt.code.map(|code| format!("{code} ")).unwrap_or_default();
            let mut row = vec![
                Cell::toned(format!("  {}. {}", attempt.number, attempt.state), Tone::Faint),
                Cell::toned(format!("  through {}", attempt.relay), Tone::Faint),
                Cell::toned(clock(&attempt.started_at), Tone::Faint),
            ];
            row.extend(waits.then(Cell::default));
            row.extend(many.then(Cell::default));
            row.extend(country.then(Cell::default));
            row.push(Cell::toned(format!("{code}{told}"), Tone::Faint));
            table.push(row);
        }
    }
    table
}

/// The zone stands once, over the times.
fn when_header(desk: &Desk) -> String {
    format!("WHEN ({})", desk.rules.zone.name())
}

fn clock(at: &chrono::DateTime<chrono::FixedOffset>) -> String {
    at.format("%Y-%m-%d %H:%M:%S").to_string()
}

fn state_cell(entry: &LogEntry) -> Cell {
    let tone = match entry.state.parse() {
        Ok(State::Accepted) => Tone::Good,
        Ok(State::Refused | State::Expired | State::InDoubt) => Tone::Bad,
        Ok(State::Withdrawn) => Tone::Faint,
        _ => Tone::Open,
    };
    let mark = if entry.possible_duplicate { " (2?)" } else { "" };
    Cell::toned(format!("{}{mark}", entry.state.replace('_', " ")), tone)
}

fn when(entry: &LogEntry) -> Cell {
    Cell::from(clock(&entry.accepted_at.or(entry.last_attempt_at).unwrap_or(entry.queued_at)))
}

/// When it is tried again, in the house's zone: the clock, with the day where it is another.
fn next_attempt(desk: &Desk, entry: &LogEntry) -> Option<String> {
    let at = entry.next_attempt_at?;
    let is_today = at.date_naive() == desk.now().with_timezone(&desk.rules.zone).date_naive();
    Some(at.format(if is_today { "%H:%M" } else { "%Y-%m-%d %H:%M" }).to_string())
}

fn words(entry: &LogEntry) -> String {
    let code = entry.code.map(|code| format!("{code} ")).unwrap_or_default();
    format!("{code}{}", entry.reply.as_deref().unwrap_or_default())
}

fn reply(entry: &LogEntry) -> Cell {
    Cell::from(words(entry))
}
