//! Reading files of strangers in a child process with limits on memory, time and output.
//! A file that kills its reader must never take the service or the data with it.

use std::io::{Read, Write};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, mpsc};
use std::time::Duration;

use rustix::process::{Resource, Rlimit, setrlimit};
use serde::{Deserialize, Serialize};
use sonae_domain::edition::Item;
use sonae_domain::edition::Text;
use sonae_domain::evidence::Reading;
use sonae_domain::ids::EditionId;
use sonae_ingest::answer_form::FormReading;
use sonae_ingest::customer_answers::CustomerReading;
use sonae_ingest::disclosure_statement::DisclosureReading;
use sonae_ingest::edition_workbook::EditionDraft;
use sonae_ingest::ledger::{ColumnMapping, Preview};
use sonae_ingest::{Input, ReadError};

use super::apart::apart;
use super::failure::Failure;
use super::labels;

/// 64 MiB: ten times the largest LDIF of a hospital with 6,000 accounts; the reader holds the
/// bytes, their text and the facts at once.
pub(crate) const FILE_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// 768 MiB of address space: the program itself takes 100 MiB of it, and the largest file allowed
/// needs about eight times its size.
const MEMORY_BYTES_MAX: u64 = 768 * 1024 * 1024;

/// The slowest honest file (64 MiB LDIF) takes 3 s of processor time here; old machines are slower.
const CPU_SECONDS_MAX: u64 = 20;

/// Of wall time, for a reader that waits rather than works.
const WALL_TIME_MAX: Duration = Duration::from_secs(40);

/// 512 MiB of JSON: facts are larger than the file they come from.
const OUTPUT_BYTES_MAX: u64 = 512 * 1024 * 1024;

/// What the child is asked to read the bytes as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Task {
    /// Evidence or a ledger, by content.
    Evidence,
    /// A ledger whose columns the user wants to see.
    LedgerPreview,
    /// An official checklist workbook.
    Edition,
    /// A filled-in form.
    Answers,
    /// A vendor's list of customers.
    Customers,
    /// An MDS or SDS.
    Disclosure,
}

/// The request that stands before the bytes on the child's standard input, one line of JSON.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Request {
    /// As what.
    pub(crate) task: Task,
    /// For messages only.
    pub(crate) file_name: String,
    /// How this institution names the columns of its ledger.
    pub(crate) mapping: Option<ColumnMapping>,
    /// Rows of earlier editions, so that unchanged ones keep their names.
    pub(crate) earlier_items: Vec<Item>,
    /// The edition of the earlier rows.
    pub(crate) earlier_edition: Option<EditionId>,
}

/// What came out.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Outcome {
    /// Facts, ledger rows and findings.
    Evidence(Box<Reading>),
    /// Columns of a ledger.
    LedgerPreview(Box<Preview>),
    /// A draft of an edition.
    Edition(Box<EditionDraft>),
    /// Answers of a form.
    Answers(FormReading),
    /// Customers with what is otherwise for them.
    Customers(CustomerReading),
    /// Questions of an MDS or SDS with their answers.
    Disclosure(Box<DisclosureReading>),
    /// Refused as a whole.
    Refused(Text),
    /// Refused, and not to be kept as anything else either.
    NeverKept(Text),
}

impl Request {
    /// A request without anything but a task and a name.
    pub(crate) fn new(task: Task, file_name: &str) -> Self {
        Self {
            task,
            file_name: file_name.to_owned(),
            mapping: None,
            earlier_items: Vec::new(),
            earlier_edition: None,
        }
    }
}

/// Reads bytes in a child process of `program`. It may take until [`WALL_TIME_MAX`], so it is waited
/// for apart and others are served meanwhile.
///
/// # Errors
/// The child could not be started, broke a limit, or the file is refused.
pub(crate) async fn read(
    program: &Path,
    request: Request,
    bytes: &Arc<Vec<u8>>,
) -> Result<Outcome, Failure> {
    let (program, bytes) = (program.to_owned(), Arc::clone(bytes));
    apart(async move { read_here(&program, &request, &bytes) }).await
}

fn read_here(program: &Path, request: &Request, bytes: &[u8]) -> Result<Outcome, Failure> {
    let not_started =
        |source: std::io::Error| Failure::unexpected(labels::reader_not_started()).because(source);
    let mut head = serde_json::to_vec(request)
        .map_err(|source| Failure::unexpected(labels::reader_not_started()).because(source))?;
    head.push(b'\n');
    let mut child = Command::new(program)
        .arg("read-file")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(not_started)?;
    let output = converse(&mut child, &head, bytes);
    let status = stop(&mut child);
    let failed = || Failure::refused(labels::reader_broke_limit(&request.file_name, status));
    let outcome = output
        .filter(|_| status.is_some_and(|status| status.success()))
        .and_then(|output| serde_json::from_slice(&output).ok())
        .ok_or_else(failed)?;
    match outcome {
        Outcome::Refused(text) => Err(Failure::refused(labels::in_file(&request.file_name, &text))),
        Outcome::NeverKept(text) => {
            let why = labels::in_file(&request.file_name, &text);
            Err(Failure::never_kept(why))
        }
        outcome => Ok(outcome),
    }
}

/// Feeds the child and takes its answer, both at once so that neither side can block the other.
fn converse(child: &mut Child, head: &[u8], bytes: &[u8]) -> Option<Vec<u8>> {
    let mut stdin = child.stdin.take()?;
    let stdout = child.stdout.take()?;
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        let mut output = Vec::new();
        let whole = stdout
            .take(OUTPUT_BYTES_MAX)
            .read_to_end(&mut output)
            .is_ok();
        // The receiver may have given up waiting; then nobody wants the answer.
        let _ = sender.send(whole.then_some(output));
    });
    // A child that dies while we write closes the pipe; its exit status tells the story.
    let _ = stdin.write_all(head).and_then(|()| stdin.write_all(bytes));
    drop(stdin);
    receiver.recv_timeout(WALL_TIME_MAX).ok().flatten()
}

fn stop(child: &mut Child) -> Option<ExitStatus> {
    if let Ok(Some(status)) = child.try_wait() {
        return Some(status);
    }
    // It has closed its output or run out of time; a moment to exit by itself, then no more.
    for _ in 0..50 {
        std::thread::sleep(Duration::from_millis(2));
        if let Ok(Some(status)) = child.try_wait() {
            return Some(status);
        }
    }
    let _ = child.kill();
    child.wait().ok()
}

/// The child's side: limits itself, reads the request and the bytes, writes the outcome.
///
/// # Errors
/// Standard input or output is broken, or the limits cannot be set.
pub(crate) fn serve(input: &mut dyn Read, output: &mut dyn Write) -> std::io::Result<()> {
    limit(Resource::As, MEMORY_BYTES_MAX)?;
    limit(Resource::Cpu, CPU_SECONDS_MAX)?;
    limit(Resource::Core, 0)?;
    let mut all = Vec::new();
    input
        .take(FILE_BYTES_MAX + OUTPUT_BYTES_MAX)
        .read_to_end(&mut all)?;
    let end_of_head = all
        .iter()
        .position(|byte| *byte == b'\n')
        .unwrap_or(all.len());
    let (head, rest) = all.split_at(end_of_head);
    let request: Request = serde_json::from_slice(head)?;
    let outcome = outcome(&request, rest.get(1..).unwrap_or_default());
    let mut output = std::io::BufWriter::new(output);
    serde_json::to_writer(&mut output, &outcome)?;
    output.flush()
}

fn limit(resource: Resource, value: u64) -> std::io::Result<()> {
    Ok(setrlimit(
        resource,
        Rlimit {
            current: Some(value),
            maximum: Some(value),
        },
    )?)
}

fn outcome(request: &Request, bytes: &[u8]) -> Outcome {
    let input = Input {
        file_name: &request.file_name,
        bytes,
        mapping: request.mapping.as_ref(),
    };
    match request.task {
        Task::Evidence => outcome_of(sonae_ingest::read(&input), |read| {
            Outcome::Evidence(Box::new(read))
        }),
        Task::LedgerPreview => outcome_of(sonae_ingest::ledger::preview(&input), |preview| {
            Outcome::LedgerPreview(Box::new(preview))
        }),
        Task::Edition => outcome_of(
            sonae_ingest::edition_workbook::read(bytes, &request.file_name, &request.earlier_items),
            |draft| Outcome::Edition(Box::new(draft)),
        ),
        Task::Answers => outcome_of(
            sonae_ingest::answer_form::read(bytes, &request.file_name),
            Outcome::Answers,
        ),
        Task::Customers => outcome_of(
            sonae_ingest::customer_answers::read(bytes),
            Outcome::Customers,
        ),
        Task::Disclosure => outcome_of(
            sonae_ingest::disclosure_statement::read(bytes, &request.file_name),
            |reading| Outcome::Disclosure(Box::new(reading)),
        ),
    }
}

fn outcome_of<T>(read: Result<T, ReadError>, wrap: impl FnOnce(T) -> Outcome) -> Outcome {
    match read {
        Ok(read) => wrap(read),
        Err(error) if error.is_never_kept() => Outcome::NeverKept(error.text()),
        Err(error) => Outcome::Refused(error.text()),
    }
}
