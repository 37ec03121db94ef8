//! Completions and the manual page, made from the words of the command line.

use std::io;

use clap::CommandFactory;

use super::args::Arguments;

/// Prints the completion script of a shell.
pub fn completions(shell: clap_complete::Shell) {
    clap_complete::generate(shell, &mut Arguments::command(), "circulard", &mut io::stdout());
}

/// Prints the manual page, troff, all commands in one.
pub fn man() -> io::Result<()> {
    let mut out = io::stdout().lock();
    let command = Arguments::command();
    clap_mangen::Man::new(command.clone()).render(&mut out)?;
    for sub in command.get_subcommands() {
        clap_mangen::Man::new(sub.clone()).title(format!("circulard-{}", sub.get_name())).render(&mut out)?;
    }
    Ok(())
}
