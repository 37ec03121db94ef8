//! The door: reads the command line and the configuration, and sends each command where it belongs.

use std::{
    io::IsTerminal,
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::Context;
use circulard::{
    circular::gather_words,
    cli::{
        self, Out, Refused,
        args::{Arguments, Command, ConfigCommand, WebCommand},
        exit,
        progress::{LogWriter, Progress},
    },
    clock::Clock,
    config::{ANNOTATED, ConfigError, LogFormat, LogSettings, Settings},
    daemon::{Broken, Daemon, PlainFields, Until},
    demo::{self, Afterwards},
    desk::{Desk, DeskError, InitialiseError, LastBook, Post, Rules, initialise},
    folders::{NotAWorkspace, Workspace},
    ledger::{Ledger, LedgerError, Lock, LockError, Origin, Standing},
    rehearsal::Manners,
    smtp::Deadlines,
    web::access::{hash_password, mint_link, new_token},
};
use clap::Parser;
use tracing_subscriber::{EnvFilter, fmt, layer::SubscriberExt, util::SubscriberInitExt};

/// NIST SP 800-63B §5.1.1.2 asks for eight; nobody counts tries on a stolen hash.
const SHORTEST_PASSWORD: usize = 12;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    // the ledger and the send journal have threads of their own: they get the other half
    let workers = std::thread::available_parallelism().map_or(1, |processors| processors.get().div_ceil(2));
    let runtime = match tokio::runtime::Builder::new_multi_thread().worker_threads(workers).enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return complain(&error.into()),
    };
    if matches!(arguments.command, Command::Check { .. }) {
        // the ledger is opened meanwhile
        runtime.spawn_blocking(gather_words);
    }
    let ended = runtime.block_on(run(arguments));
    // a session that hangs in a system call must not keep the process
    runtime.shutdown_background();
    ended.unwrap_or_else(|error| complain(&error))
}

async fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let Arguments { workspace, rehearsal, command } = arguments;
    match command {
        Command::Init { dir } => init(&dir).await,
        Command::Demo { keep, dashboard } => {
            let looks = dashboard || std::io::stdout().is_terminal();
            let afterwards = if looks { Afterwards::Dashboard } else { Afterwards::Nothing };
            demo::demo(keep, afterwards, &Out::standard()).await
        }
        Command::Run { until_idle } => {
            let until = if until_idle { Until::Idle } else { Until::Stopped };
            run_daemon(&workspace, rehearsal, until).await
        }
        Command::Config { what: ConfigCommand::Print } => {
            Ok(Out::standard().text(ANNOTATED).map(|()| ExitCode::SUCCESS)?)
        }
        Command::Web { what } => web(&workspace, rehearsal, what).await,
        Command::Completions { shell } => Ok(cli::completions(shell).map(|()| ExitCode::SUCCESS)?),
        Command::Man => Ok(cli::man().map(|()| ExitCode::SUCCESS)?),
        command => with_ledger(&workspace, rehearsal, command).await,
    }
}

async fn init(dir: &Path) -> anyhow::Result<ExitCode> {
    let workspace = initialise(dir, Origin::Init, Clock::system().now()).await?;
    let dir = workspace.dir().display();
    Out::standard().text(&format!(
        "{dir} is a workspace now. Next:\n\
         \x20 cp {dir}/templates/_sample.txt {dir}/templates/first.txt    a letter to start from\n\
         \x20 circulard --workspace {dir} check                           how it is understood\n\
         \x20 circulard --workspace {dir} run                             a rehearsal: nothing leaves this machine\n"
    ))?;
    Ok(ExitCode::SUCCESS)
}

fn load(workspace: &Path) -> anyhow::Result<(Workspace, Settings)> {
    let workspace = Workspace::open(workspace)?;
    let settings = Settings::load(&workspace.settings(), std::env::vars())?;
    Ok((workspace, settings))
}

async fn run_daemon(dir: &Path, rehearsal: bool, until: Until) -> anyhow::Result<ExitCode> {
    let (workspace, mut settings) = load(dir)?;
    if rehearsal {
        // who asks for a rehearsal gets one, whatever stands in the configuration
        settings.relay.clear();
    }
    let progress = Progress::on_terminal();
    start_logging(&settings.log, progress.clone())?;
    let credentials = std::env::var_os("CREDENTIALS_DIRECTORY").map(PathBuf::from);
    let (manners, deadlines) = (Manners::Polite, Deadlines::default());
    let daemon =
        Daemon { workspace, settings, clock: Clock::system(), until, manners, progress, credentials, deadlines };
    let rehearses = daemon.rehearses();
    let ending = daemon.run().await?;
    if rehearses {
        eprintln!("REHEARSAL: nothing left this machine; `circulard --rehearsal log` shows what would have happened");
    }
    eprint!("{}", ending.summary);
    // a daemon that was told to stop has done what it was told, whatever relays have said meanwhile
    let badly = until == Until::Idle && ending.ended_badly > 0;
    Ok(if badly { ExitCode::from(exit::BADLY) } else { ExitCode::SUCCESS })
}

/// The dashboard's commands: a link, a hash, a token. Nothing of them is kept but in the ledger and on the screen.
async fn web(dir: &Path, rehearsal: bool, what: WebCommand) -> anyhow::Result<ExitCode> {
    let out = Out::standard();
    match what {
        WebCommand::Password => {
            let password = read_password()?;
            out.text(&format!("password_hash = \"{}\"\n", hash_password(&password)?))?;
        }
        WebCommand::Token => {
            let (token, sha256) = new_token()?;
            out.text(&format!("token: {token}\nsha256 = \"{sha256}\"\n"))?;
        }
        WebCommand::Link => out.text(&format!("{}\n", new_link(dir, rehearsal).await?))?,
    }
    Ok(ExitCode::SUCCESS)
}

/// From a terminal without showing it, else the first line of standard input.
fn read_password() -> anyhow::Result<String> {
    let mut password = String::new();
    if std::io::stdin().is_terminal() {
        password = rpassword::prompt_password("Password: ")?;
        anyhow::ensure!(rpassword::prompt_password("Once more: ")? == password, Refused("the two differ".to_owned()));
    } else {
        std::io::stdin().read_line(&mut password)?;
    }
    let password = password.trim_end_matches(['\r', '\n']).to_owned();
    let long = password.chars().count() >= SHORTEST_PASSWORD;
    anyhow::ensure!(long, Refused(format!("a password has at least {SHORTEST_PASSWORD} characters")));
    Ok(password)
}

async fn new_link(dir: &Path, rehearsal: bool) -> anyhow::Result<String> {
    let (workspace, settings) = load(dir)?;
    if settings.web.listen.is_none() {
        return Err(Refused("there is no dashboard: [web] listen is \"\"".to_owned()).into());
    }
    if !settings.web.is_personal() {
        let words = "this dashboard has users: sign in with a name, or through your proxy; there are no links";
        return Err(Refused(words.to_owned()).into());
    }
    let rehearses = rehearsal || settings.relay.is_empty();
    let path = if rehearses { workspace.rehearsal_ledger() } else { workspace.ledger() };
    let running = Ledger::open(&path).await?.filter(|_| matches!(Lock::find(&path), Err(LockError::Held(_))));
    let Some(ledger) = running else {
        return Err(Refused("no daemon is running here; `circulard run` prints a link".to_owned()).into());
    };
    let Some(url) = ledger.dashboard().await? else {
        let words = "the daemon that runs here has no dashboard; its log says why";
        return Err(Refused(words.to_owned()).into());
    };
    Ok(format!("{url}{}", mint_link(&ledger, Clock::system().now()).await?))
}

/// Lines go to standard error. On a terminal the bar shows acceptances, so their lines are left out unless asked for.
fn start_logging(settings: &LogSettings, progress: Option<Progress>) -> anyhow::Result<()> {
    let quiet = progress.is_some() && settings.level == "info";
    let directives = if quiet { "info,circulard::attempt=warn" } else { settings.level.as_str() };
    let filter = EnvFilter::try_new(directives)
        .map_err(|error| ConfigError::Together(format!("log.level: \"{}\": {error}", settings.level)))?;
    let terminal = progress.is_some();
    let writer = LogWriter::new(progress);
    let registry = tracing_subscriber::registry().with(filter);
    match settings.format {
        LogFormat::Json => {
            registry.with(fmt::layer().json().flatten_event(true).with_writer(move || writer.clone())).try_init()?
        }
        LogFormat::Text => {
            let layer = fmt::layer().with_target(false).with_ansi(terminal).fmt_fields(PlainFields);
            registry.with(layer.with_writer(move || writer.clone())).try_init()?;
        }
    }
    Ok(())
}

/// Commands that read the ledger, or give an order. An absent ledger reads as empty.
async fn with_ledger(dir: &Path, rehearsal: bool, command: Command) -> anyhow::Result<ExitCode> {
    let (workspace, settings) = load(dir)?;
    let clock = Clock::system();
    let is_test = matches!(command, Command::Test { .. });
    let rehearsal = rehearsal || is_test && settings.relay.is_empty();
    let path = if rehearsal { workspace.rehearsal_ledger() } else { workspace.ledger() };
    let empty = tempfile::tempdir().context("a temporary folder")?;
    let ledger = match Ledger::open(&path).await? {
        Some(ledger) => {
            catch_up(&ledger, &command).await?;
            ledger
        }
        // a test copy is recorded; letters that lie there stay late, as where `run` makes the ledger
        None if is_test => {
            workspace.make_var().map_err(|error| LedgerError::Io(workspace.var(), error))?;
            let origin = if rehearsal { Origin::Rehearsal } else { Origin::Run };
            Ledger::open_or_create(&path, origin, clock.now()).await?
        }
        None => {
            if path.with_extension("journal").exists() {
                eprintln!(
                    "{} is gone, and the send journal beside it shows that letters were sent: what follows knows nothing of \
                     them. Put the ledger's last backup in its place; `circulard recover` then says what it lacks",
                    path.display()
                );
            }
            Ledger::open_or_create(&empty.path().join("empty.db"), Origin::Check, clock.now()).await?
        }
    };
    let rules = Rules::new(&settings.schedule, &settings.release, &settings.sender, settings.staff);
    let desk = Desk { workspace, lists: ledger.clone(), ledger, clock, rules, book: LastBook::default() };
    if rehearsal {
        eprintln!("REHEARSAL");
    }
    let post = Post {
        relays: if rehearsal { Vec::new() } else { settings.relay },
        ehlo_name: settings.delivery.ehlo_name,
        credentials: std::env::var_os("CREDENTIALS_DIRECTORY").map(PathBuf::from),
    };
    cli::run(command, desk, &post, &Out::standard()).await
}

/// Where no daemon runs, what a killed one left in its journal is taken over first: the answer is what happened.
async fn catch_up(ledger: &Ledger, command: &Command) -> anyhow::Result<()> {
    let standing = match Lock::find(ledger.path()) {
        Ok(Some(lock)) => ledger.catch_up(&lock).await?,
        Ok(None) => ledger.without_journal().await?.map_or(Standing::CaughtUp(0), Standing::Held),
        Err(LockError::Held(_)) => return Ok(()),
        // an answer is given all the same; an order will fail for the same reason
        Err(error) => {
            eprintln!("circulard: {error}");
            return Ok(());
        }
    };
    match standing {
        Standing::Held(gap) if !matches!(command, Command::Recover { .. }) => eprintln!("circulard: {gap}"),
        _ => {}
    }
    Ok(())
}

/// One line for the person, and the exit code for the script.
fn complain(error: &anyhow::Error) -> ExitCode {
    eprintln!("circulard: {}", in_one_line(error));
    let found = |code: u8, is: fn(&(dyn std::error::Error + 'static)) -> bool| error.chain().any(is).then_some(code);
    let code = found(exit::ANOTHER, |error| matches!(error.downcast_ref(), Some(LockError::Held(_))))
        .or(found(exit::LEDGER, |error| {
            error.is::<LedgerError>()
                || error.is::<LockError>()
                || matches!(error.downcast_ref(), Some(Broken::Ledger(_)))
                || matches!(error.downcast_ref(), Some(DeskError::Ledger(_)))
                || matches!(error.downcast_ref(), Some(InitialiseError::Ledger(_)))
        }))
        .or(found(exit::CONFIG, |error| error.is::<ConfigError>() || error.is::<NotAWorkspace>()))
        .or(found(exit::REFUSED, |error| error.is::<Refused>() || error.is::<InitialiseError>()))
        .unwrap_or(exit::BADLY);
    ExitCode::from(code)
}

/// What failed and why, each once: many causes repeat in their own words what caused them.
fn in_one_line(error: &anyhow::Error) -> String {
    let mut line = String::new();
    for cause in error.chain().map(ToString::to_string) {
        if !line.contains(&cause) {
            line.push_str(if line.is_empty() { "" } else { ": " });
            line.push_str(&cause);
        }
    }
    line
}
