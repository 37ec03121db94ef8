//! A filter that nothing can match is a slip of the pen: said beside the empty answer, with what there is.

use crate::{
    addressees::is_same_country,
    circular::nearest,
    cli::Out,
    desk::Desk,
    ledger::{LogField, LogFilter},
};

/// More are counted, not named.
const MOST: usize = 20;

/// Says on standard error which values of a filter no delivery has.
pub(super) async fn tell_unknown(desk: &Desk, filter: &LogFilter, out: &Out) -> anyhow::Result<()> {
    let asked = [
        (LogField::Group, &filter.group),
        (LogField::Country, &filter.country),
        (LogField::Language, &filter.language),
        (LogField::Relay, &filter.relay),
    ];
    for (field, value) in asked {
        let Some(value) = value else { continue };
        let known = desk.ledger.log_values(field, filter.circular).await?;
        // a country has many spellings, for the filter too
        let is_same = |one: &String| one == value || field == LogField::Country && is_same_country(one, value);
        if !known.iter().any(is_same) {
            eprint!("{}", out.broken(&unknown(field, value, &known)));
        }
    }
    Ok(())
}

fn unknown(field: LogField, value: &str, known: &[String]) -> String {
    let field = field.as_str();
    if known.is_empty() {
        return format!("no delivery has the {field} \"{value}\", nor any other");
    }
    let near = nearest(value, known.iter().map(String::as_str));
    let meant = near.map(|near| format!("; did you mean \"{near}\"?")).unwrap_or_default();
    let more = known.len().saturating_sub(MOST);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    let known: Vec<&str> = known.iter().take(MOST).map(String::as_str).collect();
    let end = if meant.is_empty() { "; there is " } else { " There is " };
    format!("no delivery has the {field} \"{value}\"{meant}{end}{}{more}", known.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_names_the_nearest_and_what_there_is() {
        let known: Vec<String> = ["China", "Kenya"].map(str::to_owned).into();
        assert_eq!(
            unknown(LogField::Country, "Kenia", &known),
            "no delivery has the country \"Kenia\"; did you mean \"Kenya\"? There is China, Kenya"
        );
        let codes: Vec<String> = ["en", "fr"].map(str::to_owned).into();
        assert_eq!(
            unknown(LogField::Language, "french", &codes),
            "no delivery has the language \"french\"; there is en, fr"
        );
        let many: Vec<String> = (0..25).map(|number| format!("group-number-{number}")).collect();
        assert!(unknown(LogField::Group, "x", &many).ends_with("group-number-19 and 5 more"));
        assert_eq!(unknown(LogField::Relay, "foo", &[]), "no delivery has the relay \"foo\", nor any other");
    }
}
