//! Completions and the manual page, made from the words of the command line.

use std::io;

use clap::CommandFactory;

use super::{Out, args::Arguments};

/// Prints the completion script of a shell.
pub fn completions(shell: clap_complete::Shell) -> io::Result<()> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "circulard", &mut script);
    Out::standard().octets(&script)
}

/// Prints the manual page, troff, all commands in one.
pub fn man() -> io::Result<()> {
    let mut page = Vec::new();
    let command = Arguments::command();
    clap_mangen::Man::new(command.clone()).render(&mut page)?;
    for sub in command.get_subcommands() {
        clap_mangen::Man::new(sub.clone()).title(format!("circulard-{}", sub.get_name())).render(&mut page)?;
    }
    Out::standard().octets(&page)
}
