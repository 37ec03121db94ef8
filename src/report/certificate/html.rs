//! The certificate as a page to print, sign and file: one file without scripts, fonts or links, A4, with the reference and
//! the page's number on every sheet.

use std::{
    collections::BTreeMap,
    io::{self, Write},
};

use super::{Facts, HashedFile, Issue, Line, Seal, Voided, remark};
use crate::{
    delivery::State,
    report::{Totals, escaped, markup::css_string, on_a_persons_word},
};

const STYLE: &str = include_str!("style.css");

/// The two lists of addressees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Section {
    /// Those that people should look at first.
    Exceptions,
    /// All.
    Everyone,
}

/// Writes the certificate addressee by addressee, so that a million need no memory.
pub struct HtmlCertificate<W: Write> {
    out: W,
    reference: String,
    section: Option<Section>,
    rows: u64,
}

impl<W: Write> HtmlCertificate<W> {
    /// Writes all that stands before the lists.
    pub fn begin(mut out: W, facts: &Facts, seal: &Seal) -> io::Result<Self> {
        head(&mut out, facts, seal)?;
        title(&mut out, facts)?;
        totals(&mut out, facts)?;
        facts_table(&mut out, facts, seal)?;
        for issue in &facts.issues {
            issue_tables(&mut out, issue, facts.issues.len())?;
        }
        decisions(&mut out, facts)?;
        Ok(Self { out, reference: facts.reference.clone(), section: None, rows: 0 })
    }

    /// Writes the totals by group, State and language.
    pub fn breakdowns(&mut self, facts: &Facts) -> io::Result<()> {
        self.end_section()?;
        for (name, counts) in
            [("Group", &facts.groups), ("State (country)", &facts.countries), ("Language", &facts.languages)]
        {
            breakdown(&mut self.out, name, counts)?;
        }
        Ok(())
    }

    /// Begins a list.
    pub fn section(&mut self, section: Section) -> io::Result<()> {
        self.end_section()?;
        let (title, words) = match section {
            Section::Exceptions => (
                "To look at first",
                "Every addressee whose copy was not accepted, is still being tried, waits for a person, was settled by one, or may \
                 have arrived twice. They stand in the full list again.",
            ),
            Section::Everyone => ("Every addressee", "In the order in which they were frozen."),
        };
        write!(
            self.out,
            "<h2>{title}</h2>\n<p class=faint>{words}</p>\n<table class=lines><colgroup><col class=c1><col class=c2><col class=c3>\
             <col class=c4></colgroup>\n<thead><tr><th colspan=4 class=running>{reference} · {title}</th></tr>\
             <tr><th>No.</th><th>Addressee</th><th>State</th><th>Relay, reply, message, SHA-256</th></tr></thead>\n<tbody>\n",
            reference = escaped(&self.reference),
        )?;
        (self.section, self.rows) = (Some(section), 0);
        Ok(())
    }

    /// Writes one addressee into the list begun last.
    pub fn push(&mut self, line: &Line) -> io::Result<()> {
        self.rows += 1;
        let Line { delivery, address, language, .. } = line;
        let role = if line.role == "copy" { "copy" } else { "to" };
        write!(self.out, "<tr><td>{delivery}<br><small>issue {}</small></td><td>", line.issue)?;
        for part in [&line.name, &line.organization, &line.country].into_iter().flatten() {
            write!(self.out, "<div dir=auto>{}</div>", escaped(part))?;
        }
        write!(
            self.out,
            "<div dir=ltr><code>{}</code></div><div dir=auto><small>{role}: {} · {language}</small></div>",
            escaped(address),
            escaped(&line.groups.join(", ")),
        )?;
        if !line.copy_of.is_empty() {
            write!(
                self.out,
                "<div dir=auto><small>as the copy that {} asks for (copy_to)</small></div>",
                escaped(&line.copy_of.join(", "))
            )?;
        }
        self.out.write_all(b"</td><td>")?;
        self.state(line)?;
        self.out.write_all(b"</td><td>")?;
        self.relay(line)?;
        self.out.write_all(b"</td></tr>\n")
    }

    fn state(&mut self, line: &Line) -> io::Result<()> {
        let tone = match line.state {
            State::Accepted if !line.possible_duplicate => "",
            State::Refused | State::Expired | State::InDoubt | State::Held => " bad",
            _ => " open",
        };
        write!(self.out, "<span class=\"state{tone}\">{}</span>", words(line.state))?;
        let times = [
            ("", line.accepted_at.as_ref()),
            ("last tried ", line.last_attempt_at.as_ref().filter(|_| line.accepted_at.is_none())),
            ("next ", line.next_attempt_at.as_ref()),
        ];
        for (word, at) in times {
            if let Some(at) = at {
                write!(self.out, "<br>{word}{}", escaped(&at.replacen('T', " ", 1)))?;
            }
        }
        if line.attempts > 1 {
            write!(self.out, "<br>{} attempts", line.attempts)?;
        }
        if line.doubts > 0 {
            write!(self.out, "<br>{} without an answer", line.doubts)?;
        }
        if line.possible_duplicate {
            write!(self.out, "<br><b class=open>may have arrived twice</b>")?;
        }
        Ok(())
    }

    fn relay(&mut self, line: &Line) -> io::Result<()> {
        if let Some(relay) = &line.relay {
            write!(self.out, "through {}", escaped(relay))?;
            if let Some(queue) = &line.queue_id {
                write!(self.out, ", there <code>{}</code>", escaped(queue))?;
            }
        }
        if let Some(reply) = line.reply.as_ref().filter(|reply| !reply.is_empty()) {
            let code = line.code.map(|code| format!("{code} ")).unwrap_or_default();
            write!(self.out, "<div dir=auto>“{code}{}”</div>", escaped(reply))?;
        }
        if let Some(id) = &line.message_id {
            write!(self.out, "<div dir=ltr><small class=hash>{}</small></div>", escaped(id))?;
        }
        if let Some(before) = &line.in_reply_to {
            write!(self.out, "<div dir=ltr><small class=hash>in reply to {}</small></div>", escaped(before))?;
        }
        if let Some(hash) = &line.sha256 {
            write!(self.out, "<div dir=ltr><small class=hash>sha-256 {}</small></div>", escaped(hash))?;
        }
        if self.section == Some(Section::Exceptions) {
            let remark = remark(line, &self.reference);
            write!(self.out, "<div class=remark>{}", escaped(remark.meaning))?;
            if !remark.remedy.is_empty() {
                write!(self.out, " <b>What to do:</b> {}", escaped(&remark.remedy))?;
            }
            self.out.write_all(b"</div>")?;
        }
        Ok(())
    }

    fn end_section(&mut self) -> io::Result<()> {
        if self.section.take().is_some() {
            if self.rows == 0 {
                self.out.write_all(b"<tr><td colspan=4>None.</td></tr>\n")?;
            }
            self.out.write_all(b"</tbody></table>\n")?;
        }
        Ok(())
    }

    /// Writes the seal and the lines for a signature.
    pub fn finish(mut self, facts: &Facts, seal: &Seal) -> io::Result<()> {
        self.end_section()?;
        write!(
            self.out,
            "<section class=seal><h2>Seal</h2>\n<p>{} addressees are listed. SHA-256 over their lines and the facts, as the JSON form has them:</p>\n\
             <p class=hash>{}</p>\n<p class=faint>As long as nothing about this circular changes, <code>circulard certificate \"{}\"</code> \
             gives the same value.</p>\n\
             <div class=sign><div>Place and date</div><div>Name and function</div><div>Signature</div></div></section>\n</body></html>\n",
            seal.deliveries,
            escaped(&seal.facts_sha256),
            escaped(&facts.reference),
        )?;
        self.out.flush()
    }
}

fn words(state: State) -> String {
    state.as_str().replace('_', " ")
}

/// CSS Paged Media §4: margin boxes carry what stands on every sheet.
fn head(out: &mut impl Write, facts: &Facts, seal: &Seal) -> io::Result<()> {
    let mark = match (facts.rehearsal, facts.interim) {
        (true, _) => "REHEARSAL · ",
        (false, true) => "INTERIM · ",
        (false, false) => "",
    };
    let left = css_string(&format!("{mark}Certificate of dispatch · {}", facts.reference));
    let hash = css_string(&format!("sha-256 {}", seal.facts_sha256));
    write!(
        out,
        "<!DOCTYPE html>\n<html lang=en dir=ltr><head><meta charset=utf-8>\n\
         <meta http-equiv=Content-Security-Policy content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <meta name=viewport content=\"width=device-width\"><title>Certificate of dispatch: {}</title>\n<style>\n{STYLE}\
         @page {{ size: A4; margin: 20mm 15mm 18mm; font: 7pt \"Noto Sans\", \"Liberation Sans\", sans-serif;\n\
         @top-left {{ content: {left}; font-size: 7.5pt; color: #5a6772; }}\n\
         @bottom-left {{ content: {hash}; font-size: 6.5pt; color: #5a6772; }}\n\
         @bottom-right {{ content: \"Page \" counter(page) \" of \" counter(pages); font-size: 7.5pt; color: #5a6772; }} }}\n\
         </style></head><body>\n",
        escaped(&facts.reference),
    )
}

fn title(out: &mut impl Write, facts: &Facts) -> io::Result<()> {
    write!(
        out,
        "<p class=kicker>Certificate of dispatch</p>\n<h1 dir=auto>{}</h1>\n<p class=subject dir=auto>{}</p>\n",
        escaped(&facts.reference),
        escaped(&facts.subject)
    )?;
    if facts.rehearsal {
        out.write_all(
            b"<p class=banner>REHEARSAL<span>Nothing left this machine. This page proves nothing but that the rehearsal was \
              held.</span></p>\n",
        )?;
    }
    if facts.interim {
        let open = facts.totals.frozen() - facts.totals.finished();
        writeln!(
            out,
            "<p class=\"banner interim\">INTERIM<span>{open} of {} addressees have no final state yet. What is certified is \
             where the circular stood at this moment.</span></p>",
            facts.totals.frozen()
        )?;
    }
    Ok(())
}

/// Invariant 1, for everybody to add up.
fn totals(out: &mut impl Write, facts: &Facts) -> io::Result<()> {
    let parts: Vec<String> = facts.totals.iter().map(|(state, count)| format!("{count} {}", words(state))).collect();
    writeln!(out, "<p class=sum>{} addressees = {}</p>", facts.totals.frozen(), parts.join(" + "))?;
    if facts.possible_duplicates > 0 {
        writeln!(
            out,
            "<p class=open>{} of these may have arrived twice: an attempt got no answer and was repeated with the same \
             Message-ID.</p>",
            facts.possible_duplicates
        )?;
    }
    if let Some(settled) = on_a_persons_word(facts.settled) {
        writeln!(out, "<p class=open>{}.</p>", escaped(&settled))?;
    }
    out.write_all(
        b"<p class=faint>Accepted means that the relay answered 250 to the complete message and so took charge of it (RFC 5321 \
          \xc2\xa74.2.5). It does not mean delivered, and it does not mean read. The relay's own words stand with every addressee, \
          and so does the name under which the relay keeps the message, where it gave one.</p>\n",
    )
}

fn fact(out: &mut impl Write, name: &str, value: Option<&str>) -> io::Result<()> {
    match value.filter(|value| !value.is_empty()) {
        Some(value) => writeln!(out, "<tr><th>{name}</th><td dir=auto>{}</td></tr>", escaped(value)),
        None => Ok(()),
    }
}

fn facts_table(out: &mut impl Write, facts: &Facts, seal: &Seal) -> io::Result<()> {
    out.write_all(b"<table class=facts>\n")?;
    let supplement = facts.supplement.as_ref().map(|one| format!("{} to {}", one.what, one.to));
    fact(out, "Supplement", supplement.as_deref())?;
    fact(out, "State", Some(&facts.state.replace('_', " ")))?;
    fact(out, "Why", facts.reason.as_deref())?;
    fact(out, "Time zone", Some(&facts.time_zone))?;
    fact(out, "Ledger", Some(&facts.ledger))?;
    let chain = format!("{} events, the last {}", seal.ledger_events, seal.chain_head);
    fact(out, "Chain of events", Some(&chain))?;
    fact(out, "Made", Some(&format!("{} by {}", seal.made_at, seal.made_by)))?;
    fact(out, "These facts", Some(&format!("sha-256 {}", seal.facts_sha256)))?;
    out.write_all(b"</table>\n")
}

fn issue_tables(out: &mut impl Write, issue: &Issue, of: usize) -> io::Result<()> {
    let title = if of > 1 { format!("Issue {} of {of}", issue.number) } else { "What went out, and when".to_owned() };
    write!(out, "<h2>{title}</h2>\n<table class=facts>\n")?;
    fact(out, "Reference", Some(&issue.reference))?;
    fact(out, "Subject", Some(&issue.subject))?;
    fact(out, "From", Some(&issue.from))?;
    fact(out, "Return path", Some(&issue.return_path))?;
    let repeats =
        issue.repeats.map(|number| format!("the texts of issue {number}, for those who joined its groups later"));
    fact(out, "Repeats", repeats.as_deref())?;
    fact(out, "Addressees", Some(&issue.frozen.to_string()))?;
    fact(out, "Frozen", Some(&issue.frozen_at))?;
    fact(out, "First attempt", issue.first_attempt_at.as_deref())?;
    fact(out, "Last acceptance", issue.last_accepted_at.as_deref())?;
    fact(out, "Completed", issue.completed_at.as_deref().or(Some("not yet")))?;
    out.write_all(b"</table>\n")?;
    files(out, "Letter", &issue.versions)?;
    files(out, "Annex", &issue.annexes)
}

fn files(out: &mut impl Write, what: &str, files: &[HashedFile]) -> io::Result<()> {
    if files.is_empty() {
        return Ok(());
    }
    writeln!(out, "<table><thead><tr><th>{what}</th><th>Kind</th><th>SHA-256 of the file</th></tr></thead>")?;
    for file in files {
        let size = file.octets.map(|octets| format!(", {octets} octets")).unwrap_or_default();
        writeln!(
            out,
            "<tr><td dir=auto>{}</td><td>{}{size}</td><td class=hash>{}</td></tr>",
            escaped(&file.name),
            escaped(&file.kind),
            escaped(&file.sha256)
        )?;
    }
    out.write_all(b"</table>\n")
}

fn decisions(out: &mut impl Write, facts: &Facts) -> io::Result<()> {
    if !facts.approvals.is_empty() {
        out.write_all(
            b"<h2>Approvals</h2>\n<table><thead><tr><th>By</th><th>At</th><th>SHA-256 of the content approved</th></tr></thead>\n",
        )?;
        for approval in &facts.approvals {
            let which = match (&approval.voided, approval.went_out) {
                (Some(Voided { at, because }), _) => format!(" (voided {}: {})", escaped(at), escaped(because)),
                (None, true) => String::new(),
                (None, false) => " (not what went out)".to_owned(),
            };
            let (by, at, content) = (escaped(&approval.by), escaped(&approval.at), escaped(&approval.content));
            writeln!(out, "<tr><td dir=auto>{by}</td><td>{at}</td><td class=hash>{content}{which}</td></tr>")?;
        }
        out.write_all(b"</table>\n")?;
    }
    out.write_all(
        b"<h2>What happened to it</h2>\n<table><thead><tr><th>Event</th><th>At</th><th>What</th><th>By</th><th>Link in the chain</th>\
          </tr></thead>\n",
    )?;
    for event in &facts.events {
        let reason = if event.reason.is_empty() { String::new() } else { format!(": {}", event.reason) };
        writeln!(
            out,
            "<tr><td>{}</td><td>{}</td><td dir=auto>{}{}</td><td dir=auto>{}</td><td class=hash>{}</td></tr>",
            event.event,
            escaped(&event.at),
            escaped(&event.kind.replace('_', " ")),
            escaped(&reason),
            escaped(&event.by),
            escaped(event.hash.get(..16).unwrap_or_default()),
        )?;
    }
    out.write_all(b"</table>\n")
}

fn breakdown(out: &mut impl Write, name: &str, counts: &BTreeMap<String, Totals>) -> io::Result<()> {
    write!(
        out,
        "<h2>By {}</h2>\n<table class=counts><thead><tr><th>{name}</th><th class=n>Frozen</th>",
        name.to_lowercase()
    )?;
    let states: Vec<State> =
        State::ALL.into_iter().filter(|state| counts.values().any(|totals| totals.count(*state) > 0)).collect();
    for state in &states {
        write!(out, "<th class=n>{}</th>", words(*state))?;
    }
    out.write_all(b"</tr></thead>\n")?;
    for (value, totals) in counts {
        let value = if value.is_empty() { "(none)".to_owned() } else { escaped(value) };
        write!(out, "<tr><td dir=auto>{value}</td><td class=n>{}</td>", totals.frozen())?;
        for state in &states {
            write!(out, "<td class=n>{}</td>", totals.count(*state))?;
        }
        out.write_all(b"</tr>\n")?;
    }
    out.write_all(b"</table>\n")
}
