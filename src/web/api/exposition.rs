//! The text format in which Prometheus reads metrics, version 0.0.4.

use std::fmt::Write;

/// What is written.
pub const KIND: &str = "text/plain; version=0.0.4; charset=utf-8";

/// What a metric is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Type {
    /// Only ever grows, until a restart.
    Counter,
    /// Goes up and down.
    Gauge,
}

/// Metrics, one family after the other.
#[derive(Debug, Default)]
pub struct Exposition(String);

/// Labels of one sample.
pub type Labels<'a> = &'a [(&'a str, &'a str)];

impl Exposition {
    /// Begins a family; its samples follow at once.
    pub fn family(&mut self, name: &'static str, kind: Type, help: &str) -> Family<'_> {
        let kind = match kind {
            Type::Counter => "counter",
            Type::Gauge => "gauge",
        };
        let help = help.replace('\\', "\\\\").replace('\n', "\\n");
        // writing into a text does not fail
        let _ = writeln!(self.0, "# HELP {name} {help}\n# TYPE {name} {kind}");
        Family { name, text: &mut self.0 }
    }

    /// The text.
    pub fn finish(self) -> String {
        self.0
    }
}

/// One family.
pub struct Family<'a> {
    name: &'static str,
    text: &'a mut String,
}

impl Family<'_> {
    /// One sample.
    pub fn sample(&mut self, labels: Labels<'_>, value: f64) -> &mut Self {
        self.text.push_str(self.name);
        for (index, (name, value)) in labels.iter().enumerate() {
            let value = value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
            let _ = write!(self.text, "{}{name}=\"{value}\"", if index == 0 { '{' } else { ',' });
        }
        if !labels.is_empty() {
            self.text.push('}');
        }
        let _ = writeln!(self.text, " {value}");
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again_whatever_a_label_holds() {
        let mut exposition = Exposition::default();
        let mut family = exposition.family("a_total", Type::Counter, "Of \\ and\nof lines.");
        family.sample(&[("relay", "a\"b\\c\nd"), ("state", "x")], 2.0).sample(&[], 1_764_489_600.25);
        let text = exposition.finish();
        let expected = "# HELP a_total Of \\\\ and\\nof lines.\n# TYPE a_total counter\n\
                        a_total{relay=\"a\\\"b\\\\c\\nd\",state=\"x\"} 2\na_total 1764489600.25\n";
        assert_eq!(text, expected);
    }
}
