//! What stands on the certificate, and what does not.

use super::*;
use crate::report::queue_id;

fn line(delivery: i64, state: State) -> Line {
    let reply = if state == State::Accepted { "2.0.0 Ok: queued as 4F2B3C" } else { "5.1.1 no such user" };
    Line {
        delivery,
        issue: 1,
        role: "to".into(),
        groups: vec!["administrations".into(), "missions".into()],
        copy_of: Vec::new(),
        address: format!("office{delivery}@state.example"),
        name: Some("<script>alert(1)</script>".into()),
        organization: Some("البعثة الدائمة".into()),
        country: Some("Algeria".into()),
        language: "ar".into(),
        in_reply_to: None,
        state,
        attempts: 2,
        doubts: 0,
        possible_duplicate: false,
        relay: Some("main".into()),
        stage: Some("final_dot".into()),
        code: Some(if state == State::Accepted { 250 } else { 550 }),
        status: Some(if state == State::Accepted { "2.0.0" } else { "5.1.1" }.into()),
        reply: Some(reply.into()),
        queue_id: queue_id(reply).map(str::to_owned),
        message_id: Some("1.1.abc@house.example".into()),
        sha256: Some("ab".repeat(32)),
        last_attempt_at: Some("2026-12-07T09:00:00+01:00".into()),
        accepted_at: (state == State::Accepted).then(|| "2026-12-07T09:00:01+01:00".into()),
        next_attempt_at: None,
    }
}

fn facts(lines: &[Line]) -> Facts {
    let mut counted = Counted::default();
    lines.iter().for_each(|line| counted.add(line));
    let countries = counted.countries();
    Facts {
        form: FORM,
        ledger: "00ff".into(),
        rehearsal: false,
        interim: counted.totals.finished() < counted.totals.frozen(),
        reference: "Circular \"X\"</style>/1".into(),
        subject: "S & T".into(),
        state: "sending".into(),
        reason: None,
        time_zone: "Europe/Zurich".into(),
        supplement: None,
        issues: Vec::new(),
        approvals: Vec::new(),
        events: Vec::new(),
        totals: counted.totals,
        groups: counted.groups,
        countries,
        languages: counted.languages,
        possible_duplicates: counted.possible_duplicates,
        settled: counted.settled,
    }
}

fn seal(lines: &[Line]) -> Seal {
    Seal {
        facts_sha256: "cd".repeat(32),
        deliveries: lines.len() as u64,
        made_at: "2026-12-08T10:00:00+01:00".into(),
        made_by: "circulard".into(),
        ledger_events: 7,
        chain_head: "ef".repeat(32),
    }
}

fn html(facts: &Facts, lines: &[Line]) -> String {
    let mut out = Vec::new();
    let seal = seal(lines);
    let mut page = HtmlCertificate::begin(&mut out, facts, &seal).expect("written");
    page.section(Section::Exceptions).expect("written");
    for line in lines.iter().filter(|line| ended_otherwise(line)) {
        page.push(line).expect("written");
    }
    page.breakdowns(facts).expect("written");
    page.section(Section::Everyone).expect("written");
    lines.iter().for_each(|line| page.push(line).expect("written"));
    page.finish(facts, &seal).expect("written");
    String::from_utf8(out).expect("text")
}

#[test]
fn the_totals_are_those_of_the_addressees_listed_and_add_up() {
    let lines = [line(1, State::Accepted), line(2, State::Refused), line(3, State::Queued)];
    let facts = facts(&lines);
    assert_eq!(facts.totals.to_string(), "3 frozen: 1 queued, 1 accepted, 1 refused");
    assert_eq!(facts.groups.keys().collect::<Vec<_>>(), ["administrations", "missions"]);
    assert!(facts.groups.values().chain(facts.countries.values()).all(|totals| totals.frozen() == 3));
    let page = html(&facts, &lines);
    assert!(page.contains("3 addressees = 1 queued + 1 accepted + 1 refused"), "{page}");
    assert!(page.contains("INTERIM<span>1 of 3"), "{page}");
    assert!(!page.contains("REHEARSAL"), "{page}");
}

#[test]
fn a_rehearsal_and_an_unfinished_circular_say_so_on_every_sheet() {
    let lines = [line(1, State::Accepted)];
    let finished = facts(&lines);
    assert!(!html(&finished, &lines).contains("INTERIM"));
    let rehearsed = html(&Facts { rehearsal: true, ..finished.clone() }, &lines);
    assert!(rehearsed.contains("@top-left { content: \"REHEARSAL ") && rehearsed.contains("Nothing left this machine"));
    let interim = html(&Facts { interim: true, ..finished }, &lines);
    assert!(interim.contains("@top-left { content: \"INTERIM "), "{interim}");
}

#[test]
fn strangers_words_stay_words_and_the_page_asks_nobody_for_anything() {
    let lines = [line(1, State::Refused)];
    let page = html(&facts(&lines), &lines);
    assert!(!page.contains("<script") && page.contains("&lt;script&gt;"), "{page}");
    assert_eq!(page.matches("</style>").count(), 1, "a reference ended the style sheet");
    for outside in ["http:", "https:", "src=", "href=", "@import", "url("] {
        assert!(!page.contains(outside), "{outside} in {page}");
    }
    assert!(page.contains("<div dir=auto>البعثة الدائمة</div>"), "{page}");
}

#[test]
fn what_to_look_at_stands_first_with_a_remedy_and_again_in_the_full_list() {
    let mut twice = line(3, State::Accepted);
    (twice.possible_duplicate, twice.doubts) = (true, 1);
    let lines = [line(1, State::Accepted), line(2, State::Refused), twice];
    let page = html(&facts(&lines), &lines);
    let (first, all) = page.split_once("<h2>Every addressee</h2>").expect("two lists");
    let looked_at = first.split_once("<h2>To look at first</h2>").expect("the first list").1;
    for (address, in_first) in [("office1@", false), ("office2@", true), ("office3@", true)] {
        assert_eq!(looked_at.contains(address), in_first, "{address}");
        assert!(all.contains(address), "{address}");
    }
    assert!(looked_at.contains("ask the office for its present address"), "{looked_at}");
    assert!(looked_at.contains("--new` sends the letter to the new one"), "{looked_at}");
    assert!(looked_at.contains("1 without an answer") && looked_at.contains("may have arrived twice"), "{looked_at}");
    assert!(all.contains("there <code>4F2B3C</code>"), "{all}");
}

#[test]
fn every_state_has_its_meaning_and_what_a_person_can_do_names_the_command() {
    for state in State::ALL {
        let mut line = line(1, state);
        for doubts in [0, 1] {
            (line.doubts, line.status) = (doubts, None);
            let remark = remark(&line, "X/1");
            assert!(!remark.meaning.is_empty());
            let command = match (state, doubts) {
                (State::Refused, _) => "circulard resend \"X/1\" --only refused",
                (State::Expired, _) => "circulard resend \"X/1\" --only expired",
                (State::InDoubt, _) | (State::Held, 1) => "circulard settle \"X/1\" office1@state.example",
                (State::Held, _) => "circulard release \"X/1\"",
                _ => "",
            };
            assert!(remark.remedy.contains(command), "{state}: {remark:?}");
        }
    }
    let mut settled = line(1, State::Accepted);
    (settled.code, settled.doubts) = (None, 1);
    assert!(ended_otherwise(&settled) && remark(&settled, "X/1").meaning.contains("a person settled it"));
    assert!(!ended_otherwise(&line(1, State::Accepted)) && !ended_otherwise(&line(1, State::Queued)));
    for (status, says) in [
        ("5.1.1", "does not exist"),
        ("5.2.2", "full"),
        ("5.2.3", "larger"),
        ("5.2.1", "takes no mail"),
        ("5.7.1", "rule"),
        ("5.0.0", "words"),
    ] {
        let mut line = line(1, State::Refused);
        line.status = Some(status.into());
        assert!(remark(&line, "X/1").meaning.contains(says), "{status}");
    }
}

#[test]
fn the_json_form_is_one_object_with_a_line_for_every_addressee() {
    let lines = [line(1, State::Accepted), line(2, State::Refused)];
    for lines in [&lines[..], &[]] {
        let mut out = Vec::new();
        let mut json = JsonCertificate::begin(&mut out, &facts(lines)).expect("written");
        lines.iter().for_each(|line| json.push(line).expect("written"));
        json.finish(&seal(lines)).expect("written");
        let text = String::from_utf8(out).expect("text");
        let read: serde_json::Value = serde_json::from_str(&text).expect(&text);
        assert_eq!(read["deliveries"].as_array().map(Vec::len), Some(lines.len()));
        assert_eq!(text.lines().filter(|line| line.starts_with("{\"delivery\":")).count(), lines.len());
        assert_eq!(read["seal"]["deliveries"], lines.len());
    }
}

#[test]
fn a_supplement_names_what_it_follows_a_copy_whose_it_is_and_a_voided_approval_says_so() {
    let (mut copy, to) = (line(1, State::Accepted), line(2, State::Accepted));
    (copy.role, copy.copy_of) = ("copy".into(), vec!["regulator@state.example".into()]);
    copy.in_reply_to = Some("<1.1.before@house.example>".into());
    let lines = [copy, to];
    let approval = |by: &str, went_out, voided| Approval {
        by: by.into(),
        at: "2026-12-07T08:00:00+01:00".into(),
        content: "ab".repeat(32),
        addressees: None,
        went_out,
        voided,
    };
    let voided = Voided { at: "2026-12-07T08:30:00+01:00".into(), because: "112.md was changed".into() };
    let facts = Facts {
        supplement: Some(Supplement { what: "corrigendum 1".into(), to: "Circular X/0".into() }),
        approvals: vec![approval("ada", false, Some(voided)), approval("grace", true, None)],
        ..facts(&lines)
    };
    let page = html(&facts, &lines);
    assert!(page.contains("<td dir=auto>corrigendum 1 to Circular X/0</td>"), "{page}");
    assert_eq!(page.matches("as the copy that regulator@state.example asks for").count(), 1, "{page}");
    assert_eq!(page.matches("in reply to &lt;1.1.before@house.example&gt;").count(), 1, "{page}");
    assert!(page.contains("(voided 2026-12-07T08:30:00+01:00: 112.md was changed)"), "{page}");
    assert!(!page.contains("not what went out"), "{page}");
}
