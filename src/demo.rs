//! The product in one command: a rehearsal relay that also defers and refuses, the sample groups, the model letter, live
//! progress, the log, and the same in a browser for whoever sits at a terminal.

use std::{
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
    process::ExitCode,
};

use anyhow::Context;

use crate::{
    cli::{Out, exit, progress::Progress},
    clock::Clock,
    config::Settings,
    daemon::{Daemon, Until},
    desk::{
        Desk, LastBook, Part, Rules, SAMPLE_LETTER, check_files, initialise, open_for_reading, preview, understand,
    },
    folders::Workspace,
    ledger::{Breakdown, Ledger, LogFilter, Origin},
    rehearsal::Manners,
    report::{Cell, Column, Table, Tone},
    smtp::Deadlines,
};

/// What the demonstration sets: it does not wait, and a deferral comes back within seconds.
const SETTINGS: &str = "[schedule]\nrelease = \"now\"\ntime_zone = \"Europe/Zurich\"\n[watch]\nsettle = \"1s\"\n\
    [retry]\nintervals = \"2s\"\n[log]\nlevel = \"error\"\n";
/// The letter's name in the demonstration.
const LETTER: &str = "bdt-112.txt";

/// What comes at the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Afterwards {
    /// The dashboard, until somebody ends it.
    Dashboard,
    /// Nobody looks.
    Nothing,
}

/// Runs the demonstration.
pub async fn demo(keep: Option<PathBuf>, afterwards: Afterwards, out: &Out) -> anyhow::Result<ExitCode> {
    let folder = tempfile::Builder::new().prefix("circulard-demo-").tempdir().context("a temporary folder")?;
    let (dir, kept) = match &keep {
        Some(dir) => (dir.clone(), true),
        None => (folder.path().join("workspace"), false),
    };
    let clock = Clock::system();
    let workspace = initialise(&dir, Origin::Demo, clock.now()).await?;
    std::fs::write(workspace.settings(), SETTINGS)?;
    std::fs::write(workspace.templates().join(LETTER), SAMPLE_LETTER)?;
    let settings = Settings::load(&workspace.settings(), std::iter::empty())?;

    headline(out, "circulard: the whole thing on this machine. REHEARSAL: nothing leaves it.")?;
    out.text(&format!(
        "A secretariat drops {LETTER} into templates/. The letter itself says what it is and whom it is for:\n\n"
    ))?;
    understood(&workspace, &settings, &clock, out).await?;

    headline(out, "It goes out: one message per mailbox, over SMTP, every attempt in the ledger")?;
    let daemon = Daemon {
        workspace: workspace.clone(),
        settings: settings.clone(),
        clock: clock.clone(),
        until: Until::Idle,
        manners: Manners::REALISTIC,
        progress: Progress::on_terminal(),
        credentials: None,
        deadlines: Deadlines::default(),
    };
    let mut ending = daemon.run().await?;
    let waits = put_off(&workspace).await?;
    out.text(&ending.summary)?;
    if waits > 0 {
        out.text(&format!("\n{waits} were put off by their relay and are tried again, as in earnest, only sooner:\n"))?;
        ending = retry(&workspace, &settings, &clock).await?;
        out.text(&ending.summary)?;
    }
    headline(out, "Who got circular 112? Ask the log")?;
    the_log(&workspace, &settings, &clock, out).await?;
    headline(out, "And now your own")?;
    let program = std::env::args().next().unwrap_or_else(|| "circulard".to_owned());
    if kept {
        out.text(&format!(
            "This workspace stays in {dir}: messages as sent in var/rehearsal/, and\n\
             \x20 {program} --workspace {dir} --rehearsal log bdt-112 --attempts\n\
             \x20 {program} --workspace {dir} run      and the same in a browser: it prints the dashboard's link\n",
            dir = workspace.dir().display()
        ))?;
    }
    out.text(&format!("  {program} init my-house      a workspace with sample lists and a sample letter\n"))?;
    // refused addresses are part of the show; an unfinished circular is not
    let finished = put_off(&workspace).await? == 0;
    if afterwards == Afterwards::Dashboard {
        headline(out, "The same in a browser")?;
        out.text("Open the link. Letters that you drop into templates/ go out too. Ctrl-C ends it.\n\n")?;
        serve(&workspace, &settings, &clock).await?;
    }
    Ok(if finished { ExitCode::SUCCESS } else { ExitCode::from(exit::BADLY) })
}

/// The daemon as everybody runs it, on a port that is free. It prints its link itself.
async fn serve(workspace: &Workspace, settings: &Settings, clock: &Clock) -> anyhow::Result<()> {
    let mut settings = settings.clone();
    settings.web.listen = Some(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)));
    let daemon = Daemon {
        workspace: workspace.clone(),
        settings,
        clock: clock.clone(),
        until: Until::Stopped,
        manners: Manners::REALISTIC,
        progress: None,
        credentials: None,
        deadlines: Deadlines::default(),
    };
    daemon.run().await?;
    Ok(())
}

fn headline(out: &Out, text: &str) -> std::io::Result<()> {
    out.text(&format!("\n{text}\n{}\n", "=".repeat(text.chars().count().min(usize::from(out.width)))))
}

async fn desk_of(workspace: &Workspace, settings: &Settings, clock: &Clock) -> anyhow::Result<Desk> {
    let path = workspace.rehearsal_ledger();
    let ledger = Ledger::open_or_create(&path, Origin::Demo, clock.now()).await?;
    let rules = Rules::new(&settings.schedule, &settings.release, &settings.sender, settings.staff);
    Ok(Desk {
        workspace: workspace.clone(),
        lists: ledger.clone(),
        ledger,
        clock: clock.clone(),
        rules,
        book: LastBook::default(),
    })
}

async fn understood(workspace: &Workspace, settings: &Settings, clock: &Clock, out: &Out) -> anyhow::Result<()> {
    let mut desk = desk_of(workspace, settings, clock).await?;
    let (_lists, _) = open_for_reading(&mut desk).await?;
    let path = workspace.templates().join(LETTER);
    let mut table = Table::new([Column::whole(LETTER), Column::number("LINE"), Column::wrapped("UNDERSTOOD AS")]);
    for entry in check_files(&desk, &[path]).await? {
        let line = |field: &str| entry.lines.get(field).map(ToString::to_string).unwrap_or_default();
        for (name, field, value) in [
            ("Reference", "reference", &entry.reference),
            ("Date", "date", &entry.date),
            ("Subject", "subject", &entry.subject),
        ] {
            table.push([Cell::toned(name, Tone::Faint), line(field).into(), value.clone().unwrap_or_default().into()]);
        }
        for to in &entry.to {
            let groups = format!("{} -> {}", to.text, to.groups.join(", "));
            table.push([Cell::toned("To", Tone::Faint), to.line.to_string().into(), groups.into()]);
        }
        if let Some(count) = &entry.reach {
            let reach = format!("{} mailboxes in {} countries, each once", count.mailboxes, count.countries);
            table.push([Cell::toned("Reaches", Tone::Faint), "".into(), Cell::toned(reach, Tone::Good)]);
        }
    }
    out.table(&table)?;
    let files = vec![(LETTER.to_owned(), SAMPLE_LETTER.as_bytes().to_vec())];
    let letter = understand(&desk, "bdt-112", &files).await?;
    let shown = preview(&desk, &letter, None, Part::Text).await?;
    out.text(&format!("\nWhat {} will read begins:\n\n", shown.address))?;
    let text = String::from_utf8_lossy(&shown.octets);
    for line in text.lines().take(18) {
        out.text(&format!("  | {line}\n"))?;
    }
    Ok(())
}

async fn put_off(workspace: &Workspace) -> anyhow::Result<i64> {
    let Some(ledger) = Ledger::open(&workspace.rehearsal_ledger()).await? else { return Ok(0) };
    Ok(ledger.waiting().await?.iter().map(|waiting| waiting.count).sum())
}

/// Runs again until what was put off has been tried, a few times at most.
async fn retry(workspace: &Workspace, settings: &Settings, clock: &Clock) -> anyhow::Result<crate::daemon::Ending> {
    const RUNS: usize = 5;
    let mut run = 0;
    loop {
        run += 1;
        let wait = match Ledger::open(&workspace.rehearsal_ledger()).await? {
            Some(ledger) => ledger.next_due().await?,
            None => None,
        };
        if let Some(wait) = wait.and_then(|next| (next - clock.now()).to_std().ok()) {
            tokio::time::sleep(wait).await;
        }
        let daemon = Daemon {
            workspace: workspace.clone(),
            settings: settings.clone(),
            clock: clock.clone(),
            until: Until::Idle,
            // whoever was put off is taken the second time
            manners: Manners::Realistic { deferred_one_in: 0, refused_one_in: 25 },
            progress: Progress::on_terminal(),
            credentials: None,
            deadlines: Deadlines::default(),
        };
        let ending = daemon.run().await?;
        if run == RUNS || put_off(workspace).await? == 0 {
            return Ok(ending);
        }
    }
}

async fn the_log(workspace: &Workspace, settings: &Settings, clock: &Clock, out: &Out) -> anyhow::Result<()> {
    let desk = desk_of(workspace, settings, clock).await?;
    let zone = desk.rules.zone;
    let entries = desk.ledger.log(&LogFilter::default(), zone).await?;
    let mut table = Table::new([
        Column::whole("STATE"),
        Column::number("TRIES"),
        Column::whole("ADDRESS"),
        Column::whole("AT"),
        Column::wrapped("THE RELAY'S OWN WORDS"),
    ]);
    let (bad, good): (Vec<_>, Vec<_>) =
        entries.iter().partition(|entry| entry.state != "accepted" || entry.attempts > 1);
    for entry in bad.iter().chain(good.iter().take(5)) {
        let tone = if entry.state == "accepted" { Tone::Good } else { Tone::Bad };
        let when = entry.last_attempt_at.unwrap_or(entry.queued_at);
        table.push([
            Cell::toned(entry.state.as_str(), tone),
            entry.attempts.to_string().into(),
            entry.address.as_str().into(),
            when.format("%H:%M:%S").to_string().into(),
            format!("{} {}", entry.code.unwrap_or_default(), entry.reply.as_deref().unwrap_or_default()).into(),
        ]);
    }
    out.table(&table)?;
    out.text(&format!("… and {} more.\n\n", good.len().saturating_sub(5)))?;
    for record in desk.ledger.circulars().await? {
        let mut groups = Table::new([Column::whole("GROUP"), Column::number("FROZEN"), Column::wrapped("OF THESE")]);
        for (group, totals) in desk.ledger.totals_by(record.id, Breakdown::Group).await? {
            let states: Vec<String> = totals.iter().map(|(state, count)| format!("{count} {state}")).collect();
            groups.push([Cell::from(group), totals.frozen().to_string().into(), states.join(", ").into()]);
        }
        out.table(&groups)?;
        let totals = desk.ledger.totals(record.id).await?;
        out.text(&format!("\n{}: {totals}.\n", record.reference.unwrap_or_default()))?;
    }
    Ok(())
}
