//! 今日やること: what to do next, in the order of need. Nothing is done here, only named.

use std::collections::BTreeMap;

use jiff::civil::Date;
use sonae_domain::edition::Text;
use sonae_domain::ids::CheckId;
use sonae_domain::register::Explanation;
use sonae_domain::standing::Standing;
use sonae_domain::verdict::Verdict;

use super::checklist::Checklist;
use super::deadlines::{Deadline, DeadlineKind, Undated};
use super::failure::Failure;
use super::labels;
use super::workspace::{Workspace, store_failure};

/// What ends within so many days is to be dealt with now.
const SOON_DAYS: i32 = 30;

/// What ends within so many days is worth knowing.
const LATER_DAYS: i32 = 60;

/// Devices that were seen and that nobody has listed.
const SEEN_DEVICES: &str = "seen-devices-in-ledger";

/// Why something is to be done. The order is that of need.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum TaskKind {
    /// Answer and evidence disagree, and nobody explained it.
    Contradicted,
    /// 目標日 has passed.
    Overdue,
    /// いいえ without 目標日.
    TargetMissing,
    /// Evidence, a contract, a document or support has ended.
    Ended,
    /// An inspector's remark without a day: nobody said that it may wait.
    Undated,
    /// Ends within [`SOON_DAYS`].
    Soon,
    /// Ends within [`LATER_DAYS`].
    Later,
    /// Answered いいえ, and the evidence is there now.
    ReadyToConfirm,
    /// Nobody answered.
    Unanswered,
    /// There are no devices in the ledger.
    LedgerEmpty,
    /// Devices were seen that are not in the ledger.
    UnlistedDevices,
    /// People come in by password alone.
    NoSecondFactor,
    /// Somebody's access from outside ends.
    GrantEnding,
}

/// Something to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Task {
    pub(crate) kind: TaskKind,
    /// What.
    pub(crate) text: Text,
    /// Why, or what it concerns; empty where the text says all.
    pub(crate) note: Text,
    pub(crate) due: Option<Date>,
    /// Where it is done.
    pub(crate) link: String,
}

/// An item as far as tasks depend on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ItemNow {
    pub(crate) name: Text,
    pub(crate) link: String,
    pub(crate) standing: Standing,
    pub(crate) target_on: Option<Date>,
    /// Somebody explained until a day that has not passed why it stands so.
    pub(crate) explained: bool,
}

/// Everything that tasks follow from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Situation {
    /// In the order of the form.
    pub(crate) items: Vec<ItemNow>,
    /// The earliest first.
    pub(crate) deadlines: Vec<Deadline>,
    pub(crate) undated: Vec<Undated>,
    pub(crate) n_devices: usize,
    /// Devices seen that are not in the ledger.
    pub(crate) n_unlisted: usize,
    /// People who come in by password alone; 0 for who may not change that.
    pub(crate) n_without_second_factor: usize,
}

impl Workspace {
    /// How things stand today.
    ///
    /// # Errors
    /// The store fails.
    pub(crate) async fn situation(
        &self,
        checklist: &Checklist<'_>,
        for_administrator: bool,
    ) -> Result<Situation, Failure> {
        let explanations: BTreeMap<_, Explanation> = self.kept_by_id().await?;
        let holds = |explanation: &Explanation| explanation.ends_on >= self.today;
        let items = checklist.standings.iter().filter_map(|standing| {
            let item = checklist.item(standing)?;
            let mut explained = explanations.iter();
            Some(ItemNow {
                name: checklist.named(item),
                link: checklist.link(item),
                standing: standing.standing,
                target_on: standing.answer.as_ref().and_then(|a| a.target_on),
                explained: explained.any(|(_, it)| it.item == item.id && holds(it)),
            })
        });
        Ok(Situation {
            items: items.collect(),
            deadlines: self.deadlines(checklist).await?,
            undated: self.remarks_without_day().await?,
            n_devices: self.ledger().await?.len(),
            n_unlisted: n_unlisted(checklist),
            n_without_second_factor: match for_administrator {
                true => self.n_without_second_factor().await?,
                false => 0,
            },
        })
    }

    /// How many people with a role here come in by password alone.
    async fn n_without_second_factor(&self) -> Result<usize, Failure> {
        let institution = &self.institution.id;
        let grants = self
            .store
            .grants(institution)
            .await
            .map_err(store_failure)?;
        let holding = grants.into_iter().filter(|grant| grant.holds(self.today));
        let mut people: Vec<_> = holding.map(|grant| grant.account).collect();
        people.sort_unstable();
        people.dedup();
        let mut n_without = 0;
        for person in &people {
            let account = self.store.account(person).await.map_err(store_failure)?;
            let is_open = |account: &sonae_store::Account| account.disabled_at.is_none();
            let Some(account) = account.filter(is_open) else {
                continue;
            };
            let has_totp = account.totp_secret.is_some();
            let passkeys = self.store.passkeys(person).await.map_err(store_failure)?;
            n_without += usize::from(!has_totp && passkeys.is_empty());
        }
        Ok(n_without)
    }
}

fn n_unlisted(checklist: &Checklist<'_>) -> usize {
    let verdict = checklist.judged.verdicts.get(&CheckId::new(SEEN_DEVICES));
    let rows = verdict.iter().flat_map(|verdict| &verdict.rows);
    rows.filter(|row| row.verdict == Verdict::NotMet).count()
}

impl Situation {
    /// The first item that nobody answered.
    pub(crate) fn next_unanswered(&self) -> Option<&ItemNow> {
        let mut items = self.items.iter();
        items.find(|item| item.standing == Standing::Unanswered)
    }

    /// How many items stand so.
    pub(crate) fn n_of(&self, standing: Standing) -> usize {
        let items = self.items.iter();
        items.filter(|item| item.standing == standing).count()
    }

    /// What to do, in the order of need.
    pub(crate) fn tasks(&self, today: Date) -> Vec<Task> {
        let items = self.items.iter().filter_map(of_item);
        let deadlines = self.deadlines.iter();
        let deadlines = deadlines.filter_map(|deadline| of_deadline(deadline, today));
        let undated = self.undated.iter().map(of_undated);
        let mut tasks: Vec<Task> = items.chain(deadlines).chain(undated).collect();
        tasks.extend(self.unanswered());
        tasks.extend(self.ledger());
        tasks.extend(self.people());
        // Within a kind the earliest first; a sort keeps the form's order where no day decides.
        tasks.sort_by_key(|task| (task.kind, task.due));
        tasks
    }

    fn unanswered(&self) -> Option<Task> {
        let next = self.next_unanswered()?;
        Some(Task {
            kind: TaskKind::Unanswered,
            text: labels::answer_rest(self.n_of(Standing::Unanswered)),
            note: labels::next_is(&next.name),
            due: None,
            link: next.link.clone(),
        })
    }

    fn ledger(&self) -> Option<Task> {
        let task = |kind, text, note| Task {
            kind,
            text,
            note,
            due: None,
            link: "/ledger".to_owned(),
        };
        match (self.n_devices, self.n_unlisted) {
            (0, _) => Some(task(
                TaskKind::LedgerEmpty,
                labels::fill_ledger(),
                labels::fill_ledger_why(),
            )),
            (_, 0) => None,
            (_, n) => Some(task(
                TaskKind::UnlistedDevices,
                labels::list_devices(n),
                labels::list_devices_why(),
            )),
        }
    }

    fn people(&self) -> Option<Task> {
        (self.n_without_second_factor > 0).then(|| Task {
            kind: TaskKind::NoSecondFactor,
            text: labels::add_second_factors(self.n_without_second_factor),
            note: labels::nothing_more(),
            due: None,
            link: "/settings/people".to_owned(),
        })
    }
}

/// What an item asks to be done, other than being answered.
fn of_item(item: &ItemNow) -> Option<Task> {
    let (kind, text) = match item.standing {
        Standing::Contradicted if !item.explained => (
            TaskKind::Contradicted,
            labels::fix_contradiction(&item.name),
        ),
        Standing::Overdue => (TaskKind::Overdue, labels::meet_target(&item.name)),
        Standing::TargetMissing => (TaskKind::TargetMissing, labels::set_target(&item.name)),
        Standing::ReadyToConfirm => (TaskKind::ReadyToConfirm, labels::confirm(&item.name)),
        _ => return None,
    };
    Some(Task {
        kind,
        text,
        note: labels::nothing_more(),
        due: item.target_on,
        link: item.link.clone(),
    })
}

/// What a deadline asks to be done now. A 目標日 that has passed is its item's task already.
fn of_deadline(deadline: &Deadline, today: Date) -> Option<Task> {
    let days_left = (deadline.on - today).get_days();
    let kind = match (deadline.kind, days_left) {
        (DeadlineKind::Target, ..0) => return None,
        (DeadlineKind::Grant, 0..=SOON_DAYS) => TaskKind::GrantEnding,
        (DeadlineKind::Grant, _) => return None,
        (_, ..0) => TaskKind::Ended,
        (_, 0..=SOON_DAYS) => TaskKind::Soon,
        // Evidence is taken anew when it is about to end, not a month before.
        (DeadlineKind::Evidence, _) => return None,
        (_, 0..=LATER_DAYS) => TaskKind::Later,
        _ => return None,
    };
    Some(Task {
        kind,
        text: deadline.title.clone(),
        note: deadline.note.clone(),
        due: Some(deadline.on),
        link: deadline.link.clone(),
    })
}

fn of_undated(undated: &Undated) -> Task {
    Task {
        kind: TaskKind::Undated,
        text: undated.title.clone(),
        note: undated.note.clone(),
        due: None,
        link: undated.link.clone(),
    }
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};
    use jiff::civil::date;

    use super::*;

    const TODAY: Date = date(2026, 11, 21);

    fn text(text: &str) -> Text {
        Text {
            ja: text.to_owned(),
            en: text.to_owned(),
        }
    }

    /// `name standing target-or-dash`, with `explained` behind it.
    fn item(words: &str) -> ItemNow {
        let mut words = words.split_whitespace();
        let mut next = || words.next().unwrap_or_default();
        let (name, standing, target) = (next(), next(), next());
        ItemNow {
            name: text(name),
            link: format!("/checklist/{name}"),
            standing: serde_json::from_value(standing.into()).expect("a standing"),
            target_on: target.parse().ok(),
            explained: next() == "explained",
        }
    }

    /// `kind day`.
    fn deadline(words: &str) -> Deadline {
        let (kind, on) = words.split_once(' ').expect("two words");
        let all = [
            DeadlineKind::Ministry,
            DeadlineKind::Target,
            DeadlineKind::Evidence,
            DeadlineKind::Contract,
            DeadlineKind::Grant,
        ];
        let of_word = |known: &DeadlineKind| known.as_str() == kind;
        Deadline {
            kind: all.into_iter().find(of_word).expect("a kind"),
            on: on.parse().expect("a day"),
            about: String::new(),
            title: text(words),
            note: text(""),
            link: "/deadlines".to_owned(),
        }
    }

    fn list<T>(words: &str, read: impl Fn(&str) -> T) -> Vec<T> {
        let parts = words.split('|').map(str::trim);
        parts.filter(|part| !part.is_empty()).map(read).collect()
    }

    fn check(items: &str, deadlines: &str, expected: Expect) {
        let situation = Situation {
            items: list(items, item),
            deadlines: list(deadlines, deadline),
            undated: Vec::new(),
            n_devices: 3,
            n_unlisted: 0,
            n_without_second_factor: 0,
        };
        expected.assert_eq(&shown(&situation));
    }

    fn shown(situation: &Situation) -> String {
        let line = |task: Task| {
            let due = task.due.map(|due| format!(" by {due}"));
            let due = due.unwrap_or_default();
            format!("{:?}: {}{due} -> {}\n", task.kind, task.text.en, task.link)
        };
        situation.tasks(TODAY).into_iter().map(line).collect()
    }

    #[test]
    fn contradictions_come_first_then_what_is_overdue() {
        check(
            "a unanswered - | b target_missing - | c overdue 2026-10-01 | d overdue 2026-09-01 \
             | e contradicted - | f backed - | g ready_to_confirm 2026-12-01 | h unanswered -",
            "",
            expect![[r#"
                Contradicted: e: answer and evidence disagree -> /checklist/e
                Overdue: d: the target date has passed by 2026-09-01 -> /checklist/d
                Overdue: c: the target date has passed by 2026-10-01 -> /checklist/c
                TargetMissing: b: set a target date -> /checklist/b
                ReadyToConfirm: g: the evidence is there; confirm it by 2026-12-01 -> /checklist/g
                Unanswered: 2 items are not answered yet -> /checklist/a
            "#]],
        );
    }

    #[test]
    fn what_is_explained_done_or_declared_asks_for_nothing() {
        check(
            "a contradicted - explained | b backed - | c declared - | d exempt - | e stale -",
            "",
            expect![""],
        );
    }

    #[test]
    fn a_deadline_is_a_task_when_it_comes_near() {
        check(
            "",
            "target 2026-11-20 | target 2026-11-21 | target 2026-12-21 | target 2026-12-22 \
             | target 2027-01-20 | target 2027-01-21",
            expect![[r#"
                Soon: target 2026-11-21 by 2026-11-21 -> /deadlines
                Soon: target 2026-12-21 by 2026-12-21 -> /deadlines
                Later: target 2026-12-22 by 2026-12-22 -> /deadlines
                Later: target 2027-01-20 by 2027-01-20 -> /deadlines
            "#]],
        );
        check(
            "",
            "evidence 2026-11-20 | evidence 2026-12-21 | evidence 2026-12-22 | contract 2026-01-01",
            expect![[r#"
                Ended: contract 2026-01-01 by 2026-01-01 -> /deadlines
                Ended: evidence 2026-11-20 by 2026-11-20 -> /deadlines
                Soon: evidence 2026-12-21 by 2026-12-21 -> /deadlines
            "#]],
        );
        check(
            "",
            "grant 2026-12-21 | grant 2026-12-22 | ministry 2028-03-31",
            expect![[r#"
                GrantEnding: grant 2026-12-21 by 2026-12-21 -> /deadlines
            "#]],
        );
    }

    #[test]
    fn what_has_no_day_comes_before_what_may_wait() {
        let situation = Situation {
            items: Vec::new(),
            deadlines: list("contract 2026-11-20 | contract 2026-11-22", deadline),
            undated: vec![Undated {
                title: text("correct a remark"),
                note: text("3 devices are not listed"),
                link: "/inspections/i".to_owned(),
            }],
            n_devices: 3,
            n_unlisted: 0,
            n_without_second_factor: 0,
        };
        expect![[r#"
            Ended: contract 2026-11-20 by 2026-11-20 -> /deadlines
            Undated: correct a remark -> /inspections/i
            Soon: contract 2026-11-22 by 2026-11-22 -> /deadlines
        "#]]
        .assert_eq(&shown(&situation));
    }

    #[test]
    fn the_ledger_and_the_people_are_looked_at() {
        let check = |n_devices, n_unlisted, n_without_second_factor, expected: Expect| {
            let situation = Situation {
                items: Vec::new(),
                deadlines: Vec::new(),
                undated: Vec::new(),
                n_devices,
                n_unlisted,
                n_without_second_factor,
            };
            expected.assert_eq(&shown(&situation));
        };
        check(
            0,
            2,
            0,
            expect![[r#"
                LedgerEmpty: The ledger has no devices -> /ledger
            "#]],
        );
        check(
            1,
            2,
            3,
            expect![[r#"
                UnlistedDevices: 2 devices were seen that are not in the ledger -> /ledger
                NoSecondFactor: 3 people use Sonae without a second factor -> /settings/people
            "#]],
        );
        check(1, 0, 0, expect![""]);
    }
}
