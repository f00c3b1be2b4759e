//! Commands around items: judge, answer, why, explain, form.

use std::process::ExitCode;

use serde_json::json;
use sonae_domain::answer::Answer;
use sonae_domain::edition::Item;
use sonae_domain::era::format_era;
use sonae_domain::evidence::{Finding, Severity};
use sonae_domain::ids::CheckId;
use sonae_domain::judgement::ItemStanding;
use sonae_domain::labels::{Label, Language};
use sonae_domain::standing::Standing;

use super::output::{self, finding, shortened};
use super::{EXIT_NEEDS_ATTENTION, args, exit_code, labels};
use crate::usecase::answering::TypedAnswer;
use crate::usecase::checklist::{Checklist, WhichForm};
use crate::usecase::failure::{Failure, FailureKind};
use crate::usecase::form::FormOptions;
use crate::usecase::workspace::Workspace;

/// Subjects shown of a check, the worst first; `--all` shows the rest.
const SUBJECTS_MAX: usize = 20;

/// Enough of a wording to recognise the item.
const WORDING_CHARS_MAX: usize = 22;

/// Two lines of a wording; the reasons need the room more.
const WORDING_COLUMNS: u16 = 26;

impl From<args::WhichForm> for WhichForm {
    fn from(which: args::WhichForm) -> Self {
        Self {
            form: which.form,
            edition: which.edition,
        }
    }
}

pub(super) async fn judge(
    workspace: &Workspace,
    args: args::Judge,
    language: Language,
) -> Result<ExitCode, Failure> {
    let checklist = workspace.judge(&args.which.into(), None).await?;
    if args.json {
        println!("{:#}", as_json(&checklist, language));
    } else {
        print_checklist(&checklist, language);
    }
    let grave = [Standing::Contradicted, Standing::Overdue, Standing::Stale];
    let needs_attention = checklist
        .standings
        .iter()
        .any(|s| grave.contains(&s.standing));
    Ok(match args.exit_code && needs_attention {
        true => ExitCode::from(EXIT_NEEDS_ATTENTION),
        false => ExitCode::SUCCESS,
    })
}

/// Title, one row an item, and how many stand how.
pub(super) fn print_checklist(checklist: &Checklist<'_>, language: Language) {
    println!("{}", checklist.form.title.text);
    println!(
        "{}: {} / {}: {}",
        labels::FORM.of(language),
        checklist.form.label,
        labels::AS_OF.of(language),
        day(checklist.as_of, language)
    );
    let header = [
        labels::NUMBER,
        labels::ITEM,
        labels::ANSWER,
        labels::EVIDENCE,
        labels::STANDING,
        labels::COVERAGE,
        labels::REASON,
    ];
    let mut table = output::table(&header.map(|words| words.of(language)));
    for standing in &checklist.standings {
        let Some(item) = checklist.item(standing) else {
            continue;
        };
        table.add_row([
            checklist.edition.handle(item),
            item_name(checklist, item, language),
            answer_word(standing, language),
            evidence_word(standing, language).to_owned(),
            standing.standing.label(language).to_owned(),
            checklist.coverage(standing),
            match (&standing.decided_by, standing.standing) {
                (Some(_), _) | (None, Standing::Contradicted) => {
                    checklist.reason(standing, language)
                }
                (None, _) => labels::PERSON_ONLY.of(language).to_owned(),
            },
        ]);
    }
    output::keep_ids_whole(&mut table);
    output::narrow(&mut table, 1, WORDING_COLUMNS);
    println!("{table}");
    let counts = checklist.counts(language);
    let counts: Vec<String> = counts
        .iter()
        .map(|(word, n)| format!("{word} {n}"))
        .collect();
    println!("{}", counts.join(language.pick("、", ", ")));
}

/// The official wording, shortened; for readers of English what it asks for.
fn item_name(checklist: &Checklist<'_>, item: &Item, language: Language) -> String {
    let title = checklist
        .controls(&item.id)
        .first()
        .map(|control| control.title.en.clone());
    match (language, title) {
        (Language::En, Some(title)) => title,
        _ => shortened(&item.wording.text, WORDING_CHARS_MAX),
    }
}

fn answer_word(standing: &ItemStanding, language: Language) -> String {
    let Some(answer) = &standing.answer else {
        return "-".to_owned();
    };
    let word = answer.value.label(language);
    match answer.target_on {
        None => word.to_owned(),
        Some(target) => format!("{word} → {}", day(target, language)),
    }
}

fn evidence_word(standing: &ItemStanding, language: Language) -> &'static str {
    if standing.decided_by.is_none() {
        return labels::PERSON.of(language);
    }
    standing.verdict.label(language)
}

pub(super) fn day(day: jiff::civil::Date, language: Language) -> String {
    match language {
        Language::Ja => format_era(day),
        Language::En => day.to_string(),
    }
}

fn as_json(checklist: &Checklist<'_>, language: Language) -> serde_json::Value {
    let items: Vec<serde_json::Value> = checklist
        .standings
        .iter()
        .map(|standing| {
            let item = checklist.item(standing);
            json!({
                "item": standing.item,
                "number": item.map(|item| &item.number),
                "handle": item.map(|item| checklist.edition.handle(item)),
                "text": item.map(|item| &item.wording.text),
                "answer": standing.answer,
                "verdict": standing.verdict,
                "standing": standing.standing,
                "coverage": standing.coverage,
                "checks": standing.checks,
                "reason": checklist.reason(standing, language),
            })
        })
        .collect();
    json!({
        "edition": checklist.edition.head.id,
        "form": checklist.form.id,
        "as_of": checklist.as_of,
        "items": items,
    })
}

pub(super) async fn answer(
    workspace: &Workspace,
    args: args::Answer,
    language: Language,
) -> Result<ExitCode, Failure> {
    if let Some(path) = &args.from {
        return answer_from(workspace, path, &args, language).await;
    }
    let typed = TypedAnswer {
        item: args.item.unwrap_or_default(),
        value: args.value.unwrap_or_default(),
        confirmed_on: args.confirmed_on,
        target_on: args.target_on,
        note: args.note,
        by: args.by,
        round: args.round,
    };
    let taken = workspace.answer(&args.which.into(), &typed).await?;
    println!("{} {}", taken.item.number, taken.item.wording.text);
    println!(
        "  {} {}",
        labels::RECORDED.of(language),
        answer_line(&taken.answer, language)
    );
    if let Some(replaced) = &taken.replaced {
        println!(
            "  {}: {}",
            labels::REPLACED_ANSWER.of(language),
            answer_line(replaced, language)
        );
    }
    if let Some(later) = &taken.outranked_by {
        println!(
            "  {}: {}",
            labels::LATER_ROUND_COUNTS.of(language),
            answer_line(later, language)
        );
    }
    if taken.contract_open {
        println!(
            "  {}: {}",
            labels::NOTE.of(language),
            labels::CONTRACT_OPEN.of(language)
        );
    }
    for notice in taken.notices {
        println!(
            "  {}: {}",
            labels::NOTE.of(language),
            notice.label(language)
        );
    }
    Ok(ExitCode::SUCCESS)
}

/// `はい 令和8年3月1日 院長` with target and round.
fn answer_line(answer: &Answer, language: Language) -> String {
    let mut line = vec![
        answer.value.label(language).to_owned(),
        day(answer.confirmed_on, language),
        answer.answered_by.clone(),
    ];
    if let Some(target) = answer.target_on {
        line.push(format!(
            "{} {}",
            labels::TARGET.of(language),
            day(target, language)
        ));
    }
    if answer.round > 1 {
        line.push(format!("{} {}", labels::ROUND.of(language), answer.round));
    }
    line.join(language.pick("、", ", "))
}

async fn answer_from(
    workspace: &Workspace,
    path: &std::path::Path,
    args: &args::Answer,
    language: Language,
) -> Result<ExitCode, Failure> {
    let taken = workspace
        .answer_from_form(path, args.by.as_deref(), args.round)
        .await?;
    let is_unread = |f: &&Finding| f.severity == Severity::Unread;
    let n_unread = taken.findings.iter().filter(is_unread).count();
    println!(
        "{}: {} / {}: {} / {}: {n_unread}",
        labels::RECORDED.of(language),
        taken.n_recorded,
        labels::ANSWERS_SAME.of(language),
        taken.n_same,
        labels::NOT_TAKEN.of(language)
    );
    taken
        .findings
        .iter()
        .for_each(|f| println!("  {}", finding(f, language)));
    Ok(match n_unread {
        0 => ExitCode::SUCCESS,
        _ => exit_code(FailureKind::Refused),
    })
}

pub(super) async fn why(
    workspace: &Workspace,
    args: args::Why,
    language: Language,
) -> Result<ExitCode, Failure> {
    let checklist = workspace.judge(&args.which.into(), None).await?;
    let item = workspace.item(checklist.edition, checklist.form, &args.item)?;
    let Some(standing) = checklist.standings.iter().find(|s| s.item == item.id) else {
        return Ok(ExitCode::SUCCESS);
    };
    if args.json {
        let verdicts: Vec<_> = standing
            .checks
            .iter()
            .filter_map(|check| checklist.judged.verdicts.get(check))
            .collect();
        println!("{:#}", json!({ "standing": standing, "checks": verdicts }));
        return Ok(ExitCode::SUCCESS);
    }
    println!("{} {}", item.number, item.wording.text);
    println!(
        "{}: {} / {}: {} / {}: {}",
        labels::ANSWER.of(language),
        answer_word(standing, language),
        labels::EVIDENCE.of(language),
        evidence_word(standing, language),
        labels::STANDING.of(language),
        standing.standing.label(language)
    );
    if standing.checks.is_empty() {
        println!("{}", checklist.reason(standing, language));
    }
    for id in &standing.checks {
        print_check(&checklist, id, args.all, language);
    }
    Ok(ExitCode::SUCCESS)
}

fn print_check(checklist: &Checklist<'_>, id: &CheckId, all: bool, language: Language) {
    let (Some(check), Some(verdict)) = (checklist.check(id), checklist.judged.verdicts.get(id))
    else {
        return;
    };
    println!();
    println!(
        "■ {} [{id}] {}",
        check.title.get(language),
        verdict.verdict.label(language)
    );
    println!("  {}", check.explanation.get(language));
    let header = [
        labels::SUBJECT,
        labels::VERDICT,
        labels::REASON,
        labels::EVIDENCE,
        labels::DAY,
    ];
    let mut table = output::table(&header.map(|words| words.of(language)));
    let n_shown = if all { usize::MAX } else { SUBJECTS_MAX };
    for row in verdict.rows.iter().take(n_shown) {
        let evidence = row
            .evidence_id
            .as_ref()
            .and_then(|id| checklist.judged.evidence.get(id));
        table.add_row([
            checklist.subject_name(&row.subject).to_owned(),
            row.verdict.label(language).to_owned(),
            checklist.row_reason(id, row, language),
            evidence.map_or_else(
                || labels::NONE.of(language).to_owned(),
                |evidence| format!("{} ({})", evidence.id, evidence.file_name),
            ),
            evidence
                .map(|evidence| day(evidence.effective_on, language))
                .unwrap_or_default(),
        ]);
    }
    if !verdict.rows.is_empty() {
        println!("{table}");
    }
    if verdict.rows.len() > n_shown {
        let n_more = verdict.rows.len() - n_shown;
        println!("  … +{n_more} ({})", labels::SHOW_ALL.of(language));
    }
}

pub(super) fn explain(
    workspace: &Workspace,
    args: args::Explain,
    language: Language,
) -> Result<ExitCode, Failure> {
    let (edition, form) = workspace.form(&args.which.into())?;
    let item = workspace.item(edition, form, &args.item)?;
    println!("{} {}", item.number, item.wording.text);
    if let Some(remark) = &item.remark {
        println!("  {remark}");
    }
    println!("  [{}]", item.wording.verification.label(language));
    if let Some(changed) = &item.changed {
        println!(
            "  {}: {}",
            labels::CHANGED.of(language),
            changed.get(language)
        );
    }
    for control in workspace.catalog.controls_of(edition, item) {
        let guidance = language.pick(&control.ja, &control.en);
        section(labels::WHAT.of(language), [&guidance.what]);
        section(labels::WHY.of(language), [&guidance.why]);
        section(labels::LOOK_AT.of(language), &guidance.look_at);
        section(labels::COUNTS_AS_EVIDENCE.of(language), &guidance.evidence);
        section(labels::INSPECTOR.of(language), [&guidance.inspector]);
        let script = workspace.addressed(&guidance.vendor_script, language);
        section(labels::SCRIPT.of(language), [&script]);
        let mut terms: Vec<_> = control
            .terms
            .iter()
            .filter_map(|id| workspace.catalog.glossary.term(id))
            .collect();
        terms.sort_by_key(|term| &term.reading);
        let terms: Vec<String> = terms
            .into_iter()
            .map(|term| {
                format!(
                    "{}: {}",
                    language.pick(&term.ja, &term.en),
                    term.plain.get(language)
                )
            })
            .collect();
        section(labels::TERMS.of(language), &terms);
    }
    let guideline: Vec<String> = item
        .guideline
        .iter()
        .map(|place| {
            let verification = place.verification.label(language);
            format!("{} {} [{verification}]", place.volume, place.section)
        })
        .collect();
    section(labels::GUIDELINE.of(language), &guideline);
    Ok(ExitCode::SUCCESS)
}

fn section<'a>(title: &str, lines: impl IntoIterator<Item = &'a String>) {
    let mut lines = lines.into_iter().peekable();
    if lines.peek().is_none() {
        return;
    }
    println!();
    println!("■ {title}");
    lines.for_each(|line| println!("  ・{line}"));
}

pub(super) async fn form(
    workspace: &Workspace,
    args: args::Form,
    language: Language,
) -> Result<ExitCode, Failure> {
    let options = FormOptions {
        which: args.which.into(),
        blank: args.blank,
        form_only: args.form_only,
        round: args.round,
        language,
    };
    workspace.write_form(&options, &args.out).await?;
    println!("{}: {}", labels::WRITTEN.of(language), args.out.display());
    Ok(ExitCode::SUCCESS)
}
