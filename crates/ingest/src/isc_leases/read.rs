//! Statements of `dhcpd.leases` to leases.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::Offset;
use sonae_domain::evidence::Reading;

use super::tokens::{Kind, Token, tokens};
use crate::findings::{Findings, cell, row};
use crate::labels::machine;
use crate::leases::{self, Lease, Leases, State};
use crate::limits::{ROWS_MAX, TEXT_BYTES_MAX, within};
use crate::{Input, ReadError, identity, instant, text};

const FORMAT: &str = "isc_leases";

/// The server itself nests two blocks; more is not its file.
const DEPTH_MAX: usize = 16;

pub(super) fn read(input: &Input<'_>) -> Result<Reading, ReadError> {
    within(FORMAT, "bytes", input.bytes.len(), TEXT_BYTES_MAX)?;
    let decoded = text::decode(FORMAT, input.bytes)?;
    let tokens =
        tokens(&decoded.text).map_err(|line| damaged(line, "a quoted text is never closed"))?;
    let mut findings = Findings::default();
    let mut leases = Leases::default();
    let mut n_blocks = 0;
    let mut rest = tokens.as_slice();
    while let Some((statement, after)) = statement(rest)? {
        rest = after;
        n_blocks += 1;
        within(FORMAT, "rows", n_blocks, ROWS_MAX)?;
        let line = statement.words.first().map_or(0, |token| token.line);
        match statement.word(0) {
            Some("lease") => take(&statement, line, &mut leases, &mut findings)?,
            Some(kind @ ("ia-na" | "ia-ta" | "ia-pd")) => {
                findings.unread(row(line), machine::isc_ipv6(kind));
            }
            _ => {}
        }
    }
    Ok(leases::reading(
        &super::READER,
        "isc dhcpd",
        input,
        leases,
        findings,
    ))
}

fn damaged(line: usize, why: &str) -> ReadError {
    ReadError::Damaged {
        format: FORMAT,
        place: format!("line {line}"),
        why: why.to_owned(),
    }
}

/// A statement: its words, and what stands between its braces.
struct Statement<'a> {
    words: &'a [Token],
    block: &'a [Token],
}

impl<'a> Statement<'a> {
    fn word(&self, at: usize) -> Option<&'a str> {
        match &self.words.get(at)?.kind {
            Kind::Word(text) | Kind::Quoted(text) => Some(text),
            _ => None,
        }
    }
}

type Split<'a> = Option<(Statement<'a>, &'a [Token])>;

/// The first statement and the tokens after it; `None` at the end.
fn statement(tokens: &[Token]) -> Result<Split<'_>, ReadError> {
    let Some(first) = tokens.first() else {
        return Ok(None);
    };
    let is_word = |token: &Token| matches!(token.kind, Kind::Word(_) | Kind::Quoted(_));
    let n_words = tokens.iter().take_while(|token| is_word(token)).count();
    let (words, rest) = tokens.split_at(n_words);
    match rest.split_first() {
        Some((
            Token {
                kind: Kind::End, ..
            },
            after,
        )) => Ok(Some((Statement { words, block: &[] }, after))),
        Some((
            Token {
                kind: Kind::Open, ..
            },
            inside,
        )) => {
            let n_inside = block_len(inside).ok_or_else(|| damaged(first.line, "no closing }"))?;
            let (block, after) = inside.split_at(n_inside);
            Ok(Some((
                Statement { words, block },
                after.get(1..).unwrap_or_default(),
            )))
        }
        Some((token, _)) => Err(damaged(token.line, "a } without a {")),
        None => Err(damaged(first.line, "a statement without ; or {")),
    }
}

/// How many tokens stand before the brace that closes this block.
fn block_len(tokens: &[Token]) -> Option<usize> {
    let mut depth = 1_usize;
    for (at, token) in tokens.iter().enumerate() {
        match token.kind {
            Kind::Open => depth += 1,
            Kind::Close => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Some(at);
        }
        if depth > DEPTH_MAX {
            return None;
        }
    }
    None
}

fn take(
    lease: &Statement<'_>,
    line: usize,
    leases: &mut Leases,
    findings: &mut Findings,
) -> Result<(), ReadError> {
    let written = lease.word(1).unwrap_or_default();
    let Some(address) = identity::ip(written) else {
        findings.unread(row(line), machine::not_an_address(written));
        return Ok(());
    };
    let mut read = Lease::default();
    let mut rest = lease.block;
    while let Some((statement, after)) = statement(rest)? {
        rest = after;
        let line = statement.words.first().map_or(line, |token| token.line);
        fill(&mut read, &statement, line, findings);
    }
    leases.insert(address, read);
    Ok(())
}

fn fill(lease: &mut Lease, statement: &Statement<'_>, line: usize, findings: &mut Findings) {
    let words: Vec<&str> = (0..statement.words.len())
        .filter_map(|at| statement.word(at))
        .collect();
    match words.as_slice() {
        ["ends", "never"] => lease.ends_at = None,
        ["ends", time @ ..] => {
            lease.ends_at = instant_of(time);
            if lease.ends_at.is_none() {
                findings.unread(cell(line, "ends"), machine::not_a_time(&time.join(" ")));
            }
        }
        ["binding", "state", state] => {
            lease.state = state_of(state);
            if lease.state.is_none() {
                findings.unread(cell(line, "binding state"), machine::unknown_state(state));
            }
        }
        ["hardware", _, mac] => {
            lease.mac = identity::mac(mac);
            if lease.mac.is_none() {
                findings.unread(cell(line, "hardware"), machine::not_a_mac(mac));
            }
        }
        ["client-hostname", name] => lease.hostname = Some((*name).to_owned()),
        _ => {}
    }
}

/// `2 2026/11/17 10:00:00` in UTC, the same with an offset in seconds, or `epoch 1795282557`.
fn instant_of(words: &[&str]) -> Option<Timestamp> {
    let (day, time, offset) = match words {
        ["epoch", seconds] => return instant::from_unix(seconds),
        [_, day, time] => (day, time, 0),
        [_, day, time, offset] => (day, time, offset.parse::<i32>().ok()?),
        _ => return None,
    };
    let civil = DateTime::strptime("%Y/%m/%d %H:%M:%S", format!("{day} {time}")).ok()?;
    // The server counts seconds west of UTC: 11:14:32 with -7200 is 09:14:32 in UTC.
    Offset::from_seconds(-offset).ok()?.to_timestamp(civil).ok()
}

fn state_of(word: &str) -> Option<State> {
    match word {
        "active" | "bootp" => Some(State::Active),
        // The address waits in the pool: whoever had it has it no more.
        "free" | "backup" | "expired" | "reset" => Some(State::Expired),
        "released" => Some(State::Released),
        "abandoned" => Some(State::Declined),
        _ => None,
    }
}
