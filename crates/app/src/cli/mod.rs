//! The command line: words in, use cases called, words out. It calls only `usecase`.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "talking is what it is for"
)]

mod args;
mod backup;
mod checklist;
mod editions;
mod evidence;
mod history;
mod inspector;
mod institution;
mod labels;
mod ledger;
mod output;
mod package;
mod quickstart;
mod remind;
mod serve;
mod vendor;

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use clap::Parser;
use etcetera::BaseStrategy;
use jiff::{SignedDuration, Timestamp};
use sonae_domain::labels::Language;

use crate::usecase::failure::{Failure, FailureKind};
use crate::usecase::installation::{Clock, Installation, Secret, Settings};
use crate::usecase::listening::Serve;
use crate::usecase::mail::MailLogin;
use crate::usecase::reader_process;
use crate::usecase::workspace::{Workspace, no_data_folder};
use args::{Cli, Command, Lang};

/// Judged, and something is contradicted, overdue or stale; see `docs/reference/exit-codes.md`.
const EXIT_NEEDS_ATTENTION: u8 = 5;

/// Runs the command line with a clock, and with what serves the pages.
pub(crate) fn run(clock: Clock, serve: Serve) -> ExitCode {
    end_quietly_without_reader();
    let cli = Cli::parse();
    if matches!(cli.command, Command::ReadFile) {
        return read_file();
    }
    let language = match cli.lang {
        Lang::Ja => Language::Ja,
        Lang::En => Language::En,
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build();
    let result = match runtime {
        Ok(runtime) => runtime.block_on(dispatch(cli, language, clock, serve)),
        Err(error) => {
            eprintln!("sonae: {error}");
            return ExitCode::FAILURE;
        }
    };
    match result {
        Ok(code) => code,
        Err(failure) => {
            report(&failure, language);
            exit_code(failure.kind)
        }
    }
}

/// `sonae why 2-1 | head` closes our output early; that is no failure to talk about.
fn end_quietly_without_reader() {
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        let message = panic.payload().downcast_ref::<String>().map(String::as_str);
        if message.is_some_and(|message| message.contains("Broken pipe")) {
            std::process::exit(0);
        }
        usual(panic);
    }));
}

/// Everything but `read-file`, which runs before there is a runtime with its threads.
async fn dispatch(
    cli: Cli,
    language: Language,
    clock: Clock,
    serve: Serve,
) -> Result<ExitCode, Failure> {
    let clock = cli.now.map_or(clock, starting_at);
    let settings = || settings(cli.data.clone(), cli.database.clone(), clock.clone());
    match cli.command {
        Command::Collect(args) => quickstart::collect(&args, clock.now(), language),
        Command::Glossary(args) => institution::glossary(&args, language),
        Command::Import(args) if args.formats => evidence::formats(language),
        Command::Backup(args) if args.verify => backup::verify(&args, language),
        Command::Backup(args) => backup::back_up(&settings()?, &args, language).await,
        Command::Restore(args) => backup::restore(&settings()?, &args, language).await,
        Command::Package(args::Package::Verify { file, key }) => {
            package::verify(&file, key.as_deref(), language).await
        }
        Command::Inspector(args) => inspector::run(&settings()?, args, language),
        Command::Vendor(args) => vendor::run(&settings()?, args, language).await,
        Command::Serve(args) => {
            let installation = Arc::new(Installation::open(settings()?).await?);
            serve::serve(installation, &args, serve, language).await
        }
        Command::Remind => {
            let installation = Arc::new(Installation::open(settings()?).await?);
            remind::remind(&installation, language).await
        }
        command => {
            let mut workspace = Workspace::open(settings()?).await?;
            in_institution(command, &mut workspace, language, serve).await
        }
    }
}

/// What is done in an institution.
async fn in_institution(
    command: Command,
    workspace: &mut Workspace,
    language: Language,
    serve: Serve,
) -> Result<ExitCode, Failure> {
    match command {
        Command::Quickstart(args) => {
            quickstart::quickstart(workspace, &args, language).await?;
            match args.no_serve {
                true => Ok(ExitCode::SUCCESS),
                false => {
                    let installation = Arc::clone(&workspace.installation);
                    serve::serve_here(installation, serve, language).await
                }
            }
        }
        Command::Import(args) => evidence::import(workspace, &args, language).await,
        Command::Judge(args) => checklist::judge(workspace, args, language).await,
        Command::Answer(args) => checklist::answer(workspace, args, language).await,
        Command::Why(args) => checklist::why(workspace, args, language).await,
        Command::Explain(args) => checklist::explain(workspace, args, language),
        Command::Form(args) => checklist::form(workspace, args, language).await,
        Command::Ledger(command) => ledger::run(workspace, command, language).await,
        Command::Evidence(command) => evidence::run(workspace, command, language).await,
        Command::Edition(command) => editions::run(workspace, command, language).await,
        Command::History(command) => history::run(workspace, command, language).await,
        Command::Institution(command) => institution::run(workspace, command, language).await,
        Command::Package(args::Package::Build {
            out,
            documents,
            evidence,
            network_details,
        }) => {
            let enclosures = package::enclosures(documents, &evidence, network_details);
            package::build(workspace, &enclosures, &out, language).await
        }
        Command::Serve(_)
        | Command::Remind
        | Command::Backup(_)
        | Command::Restore(_)
        | Command::Inspector(_)
        | Command::Vendor(_)
        | Command::Collect(_)
        | Command::Glossary(_)
        | Command::Package(_)
        | Command::ReadFile => Ok(ExitCode::SUCCESS),
    }
}

fn read_file() -> ExitCode {
    let served = reader_process::serve(&mut std::io::stdin().lock(), &mut std::io::stdout().lock());
    if served.is_ok() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// A clock that shows an instant now and goes on from there.
fn starting_at(instant: Timestamp) -> Clock {
    let start = std::time::Instant::now();
    Clock::new(move || {
        let elapsed = SignedDuration::try_from(start.elapsed()).unwrap_or_default();
        instant.saturating_add(elapsed).unwrap_or(instant)
    })
}

fn settings(
    data: Option<PathBuf>,
    database: Option<String>,
    clock: Clock,
) -> Result<Settings, Failure> {
    let default = || {
        etcetera::choose_base_strategy()
            .ok()
            .map(|s| s.data_dir().join("sonae"))
    };
    let data = data.or_else(default).ok_or_else(no_data_folder)?;
    let reader_program =
        std::env::current_exe().map_err(|source| no_data_folder().because(source))?;
    Ok(Settings {
        data,
        database,
        clock,
        reader_program,
        mail_login: mail_login(),
    })
}

/// The login at the mail server. Not an argument: the list of processes would show it to everybody
/// on the machine.
fn mail_login() -> Option<MailLogin> {
    let told = |name: &str| Some(std::env::var(name).ok()?.trim().to_owned());
    Some(MailLogin {
        host: told("SONAE_SMTP_HOST")?,
        user: told("SONAE_SMTP_USER")?,
        password: Secret::new(std::env::var("SONAE_SMTP_PASSWORD").ok()?),
    })
}

/// Says what went wrong, and below it the causes for whoever helps.
fn report(failure: &Failure, language: Language) {
    eprintln!("sonae: {}", failure.text.get(language));
    if language == Language::Ja && failure.text.ja != failure.text.en {
        eprintln!("       {}", failure.text.en);
    }
    let mut cause = std::error::Error::source(failure);
    while let Some(source) = cause {
        eprintln!("       ({source})");
        cause = source.source();
    }
}

fn exit_code(kind: FailureKind) -> ExitCode {
    ExitCode::from(match kind {
        FailureKind::Unexpected => 1,
        FailureKind::Refused
        | FailureKind::NeverKept
        | FailureKind::NotFound
        | FailureKind::TooMany => 3,
        FailureKind::Unusable | FailureKind::DiskFull => 4,
    })
}
