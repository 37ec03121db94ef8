//! The certificate as JSON: one object; facts, each addressee and seal on lines of their own, so that the hash can be
//! computed again with nothing but a text tool.

use std::io::{self, Write};

use super::{Facts, Line, Seal};

/// Writes the certificate addressee by addressee, so that a million need no memory.
pub struct JsonCertificate<W: Write> {
    out: W,
    lines: u64,
}

impl<W: Write> JsonCertificate<W> {
    /// Writes the facts.
    pub fn begin(mut out: W, facts: &Facts) -> io::Result<Self> {
        out.write_all(b"{\"certificate\":\n")?;
        serde_json::to_writer(&mut out, facts)?;
        out.write_all(b",\n\"deliveries\":[")?;
        Ok(Self { out, lines: 0 })
    }

    /// Writes one addressee.
    pub fn push(&mut self, line: &Line) -> io::Result<()> {
        self.out.write_all(if self.lines == 0 { b"\n" } else { b",\n" })?;
        self.lines += 1;
        Ok(serde_json::to_writer(&mut self.out, line)?)
    }

    /// Writes the seal; without it, it is no JSON.
    pub fn finish(mut self, seal: &Seal) -> io::Result<()> {
        self.out.write_all(b"\n],\"seal\":\n")?;
        serde_json::to_writer(&mut self.out, seal)?;
        self.out.write_all(b"\n}\n")?;
        self.out.flush()
    }
}
