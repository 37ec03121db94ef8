//! The fields of a log line for people: `state=accepted reply="2.0.0 Ok: queued"`. One line for each event, whatever a value
//! holds; quotes only where it would be unclear where a value ends.

use std::fmt::{self, Debug, Write as _};

use tracing::field::{Field, Visit};
use tracing_subscriber::{
    field::RecordFields,
    fmt::{FormatFields, format::Writer},
};

/// Writes the fields of one event.
#[derive(Debug, Clone, Copy, Default)]
pub struct PlainFields;

impl<'writer> FormatFields<'writer> for PlainFields {
    fn format_fields<R: RecordFields>(&self, writer: Writer<'writer>, fields: R) -> fmt::Result {
        let mut line = Line { writer, is_first: true, result: Ok(()) };
        fields.record(&mut line);
        line.result
    }
}

struct Line<'writer> {
    writer: Writer<'writer>,
    is_first: bool,
    result: fmt::Result,
}

impl Line<'_> {
    fn push(&mut self, field: &Field, value: &str) {
        let between = if std::mem::take(&mut self.is_first) { "" } else { " " };
        let written = match field.name() {
            "message" => write!(self.writer, "{between}{}", escaped(value)),
            name => write!(self.writer, "{between}{name}={}", told(value)),
        };
        self.result = self.result.and(written);
    }
}

impl Visit for Line<'_> {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.push(field, value);
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.push(field, &format!("{value:?}"));
    }
}

/// A value: in quotes where a blank, a quote or nothing in it would leave its end unclear.
fn told(value: &str) -> String {
    let is_quoted = value.len() > 1 && value.starts_with('"') && value.ends_with('"');
    let is_clear = !value.is_empty() && !value.contains([' ', '"', '=']);
    match escaped(value) {
        value if is_clear || is_quoted => value,
        value => format!("\"{}\"", value.replace('"', "\\\"")),
    }
}

/// Without what would end the line, steer a terminal or turn its text around.
fn escaped(value: &str) -> String {
    let mut line = String::with_capacity(value.len());
    for c in value.chars() {
        let turns =
            matches!(c, '\u{200E}' | '\u{200F}' | '\u{061C}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
        if c.is_control() || turns || matches!(c, '\u{2028}' | '\u{2029}') {
            // writing to a string does not fail
            let _ = write!(line, "{}", c.escape_default());
        } else {
            line.push(c);
        }
    }
    line
}

#[cfg(test)]
mod tests {
    use std::{
        io::{self, Write},
        sync::{Arc, Mutex},
    };

    use tracing_subscriber::{fmt, layer::SubscriberExt};

    use super::*;

    #[derive(Clone, Default)]
    struct Kept(Arc<Mutex<Vec<u8>>>);

    impl Write for Kept {
        fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
            self.0.lock().expect("no panic").write(octets)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn an_event_is_one_line_and_only_what_is_unclear_is_quoted() {
        let kept = Kept::default();
        let writer = kept.clone();
        let layer = fmt::layer().without_time().with_level(false).with_target(false).with_ansi(false);
        let layer = layer.fmt_fields(PlainFields).with_writer(move || writer.clone());
        tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), || {
            let (state, reply) = ("accepted", "2.0.0\tOk\nqueued as \"4F\"\u{1b}[2J");
            tracing::info!(state, %reply, empty = "", number = 7, was = ?"a b", "told\r\nall");
        });
        let said = String::from_utf8(kept.0.lock().expect("no panic").clone()).expect("text");
        let expected = "told\\r\\nall state=accepted reply=\"2.0.0\\tOk\\nqueued as \\\"4F\\\"\\u{1b}[2J\" empty=\"\" number=7 \
                        was=\"a b\"\n";
        assert_eq!(said, expected);
    }
}
