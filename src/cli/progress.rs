//! The progress bar, on a terminal, while a circular goes out.

use std::io::{self, IsTerminal, Write};

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use crate::report::Totals;

/// One bar for each circular going out; log lines are printed above them.
#[derive(Debug, Clone)]
pub struct Progress {
    all: MultiProgress,
    bars: std::sync::Arc<std::sync::Mutex<Vec<(String, ProgressBar)>>>,
}

impl Progress {
    /// Bars on standard error, if that is a terminal.
    pub fn on_terminal() -> Option<Self> {
        io::stderr().is_terminal().then(|| Self { all: MultiProgress::new(), bars: std::sync::Arc::default() })
    }

    /// Draws what is going out now; bars of what is no longer going out are finished.
    pub fn draw(&self, going_out: &[(String, Totals)]) {
        let mut bars = self.bars.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        bars.retain(|(reference, bar)| {
            let still = going_out.iter().any(|(other, _)| other == reference);
            if !still {
                bar.finish_and_clear();
            }
            still
        });
        for (reference, totals) in going_out {
            let known = bars.iter().find(|(other, _)| other == reference).map(|(_, bar)| bar.clone());
            let bar = known.unwrap_or_else(|| {
                let bar = self.all.add(ProgressBar::new(totals.frozen()).with_style(style()));
                bar.set_prefix(reference.clone());
                bars.push((reference.clone(), bar.clone()));
                bar
            });
            bar.set_length(totals.frozen());
            bar.set_position(totals.finished());
            let others: Vec<String> = totals
                .iter()
                .filter(|(state, _)| {
                    !matches!(state, crate::delivery::State::Queued | crate::delivery::State::InTransaction)
                })
                .map(|(state, count)| format!("{count} {}", state.as_str().replace('_', " ")))
                .collect();
            bar.set_message(others.join(", "));
        }
    }

    /// Takes all bars away.
    pub fn clear(&self) {
        self.draw(&[]);
        // a terminal that has gone needs no clearing
        let _ = self.all.clear();
    }
}

fn style() -> ProgressStyle {
    let template = "{prefix} [{bar:24}] {pos}/{len}  {msg}";
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar()).progress_chars("=> ")
}

/// A writer for log lines that keeps the bars whole.
#[derive(Debug, Clone)]
pub struct LogWriter(Option<Progress>);

impl LogWriter {
    /// Above the bars, or straight to standard error.
    pub fn new(progress: Option<Progress>) -> Self {
        Self(progress)
    }
}

impl Write for LogWriter {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        let write = || io::stderr().lock().write_all(octets);
        match &self.0 {
            Some(progress) => progress.all.suspend(write)?,
            None => write()?,
        }
        Ok(octets.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stderr().flush()
    }
}
