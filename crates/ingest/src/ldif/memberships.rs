//! Which accounts are privileged, by the groups they are in, also nested.
//! An account is not privileged only if the export is sure to hold every path that could make it so.

use std::collections::{BTreeMap, BTreeSet};

use super::entry::{Entry, Kind, normal_dn};

/// Relative ids of the domain groups that Active Directory protects (`AdminSDHolder`): Domain,
/// Schema, Enterprise, Key and Enterprise Key Admins. Controllers' groups hold machines only.
const PRIVILEGED_RIDS: [&str; 5] = ["512", "518", "519", "526", "527"];

/// The protected builtin groups: Administrators, Account, Server, Print and Backup Operators,
/// Replicator.
const PRIVILEGED_BUILTIN: [&str; 6] = [
    "S-1-5-32-544",
    "S-1-5-32-548",
    "S-1-5-32-549",
    "S-1-5-32-550",
    "S-1-5-32-551",
    "S-1-5-32-552",
];

/// Without these two groups nothing can be said about who is not privileged.
const DOMAIN_ADMINS: &str = "512";
const ADMINISTRATORS: &str = "S-1-5-32-544";

/// The memberships of one export. Groups and members are known by their normalised DN.
#[derive(Debug, Default)]
pub(super) struct Memberships {
    parents: BTreeMap<String, BTreeSet<String>>,
    children: BTreeMap<String, BTreeSet<String>>,
    sid_of_group: BTreeMap<String, String>,
    group_of_sid: BTreeMap<String, String>,
    known: BTreeSet<String>,
    is_complete_downward: bool,
    is_complete_upward: bool,
}

impl Memberships {
    /// Takes in all entries; `incomplete` when the export itself is known to be.
    pub(super) fn of(entries: &[(Kind, Entry)], incomplete: bool) -> Self {
        let mut found = Self::default();
        let (mut users_say, mut groups_say, mut members_said, mut is_part) =
            (false, false, false, incomplete);
        for (kind, entry) in entries {
            let dn = normal_dn(&entry.dn);
            found.known.insert(dn.clone());
            for group in entry.texts("memberof") {
                found.link(&dn, &normal_dn(group));
                users_say |= *kind == Kind::User;
                groups_say |= *kind == Kind::Group;
            }
            for member in entry.texts("member").filter(|_| *kind == Kind::Group) {
                found.link(&normal_dn(member), &dn);
                members_said = true;
            }
            if let (Kind::Group, Some(sid)) = (kind, entry.sid()) {
                found.sid_of_group.insert(dn.clone(), sid.clone());
                found.group_of_sid.insert(sid, dn);
            }
            is_part |= entry.attributes.iter().any(|attribute| attribute.is_part);
        }
        found.is_complete_upward = users_say && groups_say && !is_part;
        found.is_complete_downward = members_said && !is_part && found.reaches_all_members();
        found
    }

    fn link(&mut self, member: &str, group: &str) {
        self.parents
            .entry(member.to_owned())
            .or_default()
            .insert(group.to_owned());
        self.children
            .entry(group.to_owned())
            .or_default()
            .insert(member.to_owned());
    }

    /// Whether every member of the privileged groups, also nested, is in the export.
    fn reaches_all_members(&self) -> bool {
        let sids = || self.group_of_sid.keys();
        let has_domain_admins = sids().any(|sid| rid_of(sid) == DOMAIN_ADMINS);
        if !has_domain_admins || !sids().any(|sid| sid == ADMINISTRATORS) {
            return false;
        }
        let privileged = self
            .sid_of_group
            .iter()
            .filter(|(_, sid)| is_privileged(sid));
        let reached = closure(privileged.map(|(dn, _)| dn.clone()), &self.children);
        // A member of another domain is none of this export's accounts.
        reached
            .iter()
            .all(|dn| self.known.contains(dn) || dn.starts_with("cn=s-1-5-21-"))
    }

    /// Whether an account is privileged; `None` when the export cannot tell.
    pub(super) fn is_privileged(&self, account: &Entry, primary: Option<i64>) -> Option<bool> {
        let sid = account.sid();
        let primary_sid = sid.as_deref().zip(primary).and_then(|(sid, rid)| {
            sid.rsplit_once('-')
                .map(|(domain, _)| format!("{domain}-{rid}"))
        });
        let primary_group = primary_sid
            .as_ref()
            .and_then(|sid| self.group_of_sid.get(sid));
        let direct = self
            .parents
            .get(&normal_dn(&account.dn))
            .into_iter()
            .flatten();
        let groups = closure(direct.chain(primary_group).cloned(), &self.parents);
        let sid_of = |dn: &String| self.sid_of_group.get(dn);
        let is_in_privileged = groups
            .iter()
            .filter_map(sid_of)
            .any(|sid| is_privileged(sid));
        if is_in_privileged || primary_sid.as_deref().is_some_and(is_privileged) {
            return Some(true);
        }
        // A primary group stands in no list of members, so without it nothing is certain.
        primary_sid?;
        let is_resolved = primary_group.is_some() && groups.iter().all(|dn| sid_of(dn).is_some());
        (self.is_complete_downward || (self.is_complete_upward && is_resolved)).then_some(false)
    }
}

fn rid_of(sid: &str) -> &str {
    match sid.rsplit_once('-') {
        Some((domain, rid)) if domain.starts_with("S-1-5-21-") => rid,
        _ => "",
    }
}

fn is_privileged(sid: &str) -> bool {
    PRIVILEGED_BUILTIN.contains(&sid) || PRIVILEGED_RIDS.contains(&rid_of(sid))
}

/// Everything reachable from some nodes, and the nodes themselves; loops are walked once.
fn closure(
    from: impl Iterator<Item = String>,
    edges: &BTreeMap<String, BTreeSet<String>>,
) -> BTreeSet<String> {
    let mut waiting: Vec<String> = from.collect();
    let mut reached = BTreeSet::new();
    while let Some(node) = waiting.pop() {
        if reached.insert(node.clone()) {
            waiting.extend(edges.get(&node).into_iter().flatten().cloned());
        }
    }
    reached
}
