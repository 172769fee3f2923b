//! Which rules apply to which tracking.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use domain::alert::{Metric, Moved, Rule, Terms, Topic};
use uuid::Uuid;

use super::By;

/// A rule with what is asked of it again and again.
#[derive(Debug)]
pub struct Compiled {
    /// The rule.
    pub rule: Rule,
    /// What it is about.
    pub topic: Topic,
    /// What has to move for it to fire.
    pub watches: Moved,
    /// Whether a transition of history is all it needs.
    pub local: bool,
    /// Whether it may be true at first sight.
    pub stands: bool,
    /// How far it looks back.
    pub looks_back: TimeDelta,
    /// The metrics whose values when first tracked it needs.
    pub anchors: Vec<Metric>,
}

impl Compiled {
    /// Of a rule; nothing when it has no test.
    pub fn of(rule: Rule) -> Option<Self> {
        Some(Self {
            topic: rule.topic()?,
            watches: rule.watches(),
            local: rule.is_local(),
            stands: rule.stands(),
            looks_back: rule.looks_back(),
            anchors: rule.anchors(),
            rule,
        })
    }
}

/// A rule of a tenant.
#[derive(Debug, Clone)]
pub struct RuleHead {
    /// Its id.
    pub id: Uuid,
    /// Its version.
    pub version: i32,
    /// What people call it.
    pub name: Option<String>,
    /// For trackings with this tag.
    pub tag: Option<String>,
    /// Switched off: it then silences wider rules of its topic.
    pub enabled: bool,
    /// Since when this version applies.
    pub since: DateTime<Utc>,
    /// What it says.
    pub compiled: Arc<Compiled>,
}

/// A live tracking of a listing of the batch.
#[derive(Debug, Clone)]
pub struct Tracked {
    /// Whose.
    pub tenant_id: Uuid,
    /// Its id.
    pub tracking_id: Uuid,
    /// The product.
    pub listing_id: i64,
    /// Its tags.
    pub tags: Vec<String>,
    /// Since when.
    pub created_at: DateTime<Utc>,
    /// Since when the rules that apply to it do so: those of a tag may have begun to later.
    pub rules_since: DateTime<Utc>,
}

/// A rule as it applies to one tracking.
#[derive(Debug, Clone, Copy)]
pub struct Applied<'a> {
    /// The tracking.
    pub tracked: &'a Tracked,
    /// The rule.
    pub head: &'a RuleHead,
}

impl Applied<'_> {
    /// What an alert of it is known by.
    pub fn by(&self) -> By {
        By {
            tenant_id: self.tracked.tenant_id,
            tracking_id: self.tracked.tracking_id,
            rule_id: self.head.id,
            rule_version: self.head.version,
            rule_since: self.head.since,
            rule_name: self.head.name.clone(),
        }
    }

    /// Its terms while no history was read.
    pub fn terms(&self) -> Terms {
        Terms {
            since: self.head.since.max(self.tracked.rules_since),
            anchors: None,
        }
    }
}

/// The rules of the tenants of a batch.
#[derive(Debug, Default)]
pub struct Rules {
    /// Those of a tenant without a tag, and with one.
    wide: HashMap<Uuid, (Vec<RuleHead>, Vec<RuleHead>)>,
    /// Those of one tracking.
    own: HashMap<Uuid, Vec<RuleHead>>,
}

impl Rules {
    /// Adds a rule of a tenant, or of one of its trackings.
    pub fn add(&mut self, tenant_id: Uuid, tracking_id: Option<Uuid>, head: RuleHead) {
        match tracking_id {
            Some(tracking_id) => self.own.entry(tracking_id).or_default().push(head),
            None => {
                let (plain, tagged) = self.wide.entry(tenant_id).or_default();
                let place = if head.tag.is_some() { tagged } else { plain };
                place.push(head);
            }
        }
    }

    /// The rules that apply to a tracking. Of each topic its own count, else those of its tags, all of them, else the
    /// tenant's. One that is switched off says nothing, and lets no wider one speak.
    pub fn of<'a>(&'a self, tracked: &'a Tracked) -> Vec<Applied<'a>> {
        let wide = self.wide.get(&tracked.tenant_id);
        let (plain, tagged) = wide.map_or((&[][..], &[][..]), |(plain, tagged)| {
            (plain.as_slice(), tagged.as_slice())
        });
        let own = self.own.get(&tracked.tracking_id).map(Vec::as_slice);
        if own.is_none() && tagged.is_empty() {
            let speaking = plain.iter().filter(|head| head.enabled);
            return speaking.map(|head| Applied { tracked, head }).collect();
        }
        let of_tags = tagged.iter().filter(|head| {
            let tag = head.tag.as_ref();
            tag.is_some_and(|tag| tracked.tags.contains(tag))
        });
        let mut taken: HashSet<Topic> = HashSet::new();
        let mut applied = Vec::with_capacity(plain.len());
        let levels: [Vec<&RuleHead>; 3] = [
            own.unwrap_or_default().iter().collect(),
            of_tags.collect(),
            plain.iter().collect(),
        ];
        for level in levels {
            let free = |head: &&RuleHead| !taken.contains(&head.compiled.topic);
            let heads: Vec<&RuleHead> = level.into_iter().filter(free).collect();
            taken.extend(heads.iter().map(|head| head.compiled.topic));
            let speaking = heads.into_iter().filter(|head| head.enabled);
            applied.extend(speaking.map(|head| Applied { tracked, head }));
        }
        applied
    }
}

#[cfg(test)]
mod tests {
    use domain::alert::{Metric, Rule};

    use super::*;

    fn head(metric: Metric, percent: i64, tag: Option<&str>, enabled: bool) -> RuleHead {
        let rule = Rule::moved(metric, percent * 100);
        RuleHead {
            id: Uuid::now_v7(),
            version: 1,
            name: Some(percent.to_string()),
            tag: tag.map(Into::into),
            enabled,
            since: DateTime::UNIX_EPOCH,
            compiled: Arc::new(Compiled::of(rule).expect("a test")),
        }
    }

    fn tracked(tags: &[&str]) -> Tracked {
        Tracked {
            tenant_id: Uuid::nil(),
            tracking_id: Uuid::max(),
            listing_id: 1,
            tags: tags.iter().map(ToString::to_string).collect(),
            created_at: DateTime::UNIX_EPOCH,
            rules_since: DateTime::UNIX_EPOCH,
        }
    }

    fn names(rules: &Rules, tags: &[&str]) -> Vec<String> {
        let tracked = tracked(tags);
        let applied = rules.of(&tracked);
        let names = applied.iter().map(|applied| applied.head.name.clone());
        names.map(|name| name.expect("a name")).collect()
    }

    #[test]
    fn the_more_specific_rule_about_the_same_counts() {
        let mut rules = Rules::default();
        let wide = |rules: &mut Rules, head| rules.add(Uuid::nil(), None, head);
        wide(&mut rules, head(Metric::Price, 10, None, true));
        wide(&mut rules, head(Metric::Rank, 30, None, true));
        assert_eq!(names(&rules, &["toys"]), ["10", "30"]);
        wide(&mut rules, head(Metric::Price, 5, Some("toys"), true));
        wide(&mut rules, head(Metric::Price, 6, Some("dear"), true));
        assert_eq!(names(&rules, &["toys"]), ["5", "30"]);
        assert_eq!(names(&rules, &["toys", "dear"]), ["5", "6", "30"]);
        assert_eq!(names(&rules, &["other"]), ["10", "30"]);
        let own = head(Metric::Price, 50, None, true);
        rules.add(Uuid::nil(), Some(Uuid::max()), own);
        assert_eq!(names(&rules, &["toys"]), ["50", "30"]);
        let off = head(Metric::Rank, 1, None, false);
        rules.add(Uuid::nil(), Some(Uuid::max()), off);
        assert_eq!(
            names(&rules, &["toys"]),
            ["50"],
            "switched off for this one"
        );
    }

    #[test]
    fn another_price_is_another_topic() {
        let mut rules = Rules::default();
        rules.add(Uuid::nil(), None, head(Metric::Price, 10, None, true));
        let own = head(Metric::ListPrice, 20, None, true);
        rules.add(Uuid::nil(), Some(Uuid::max()), own);
        assert_eq!(names(&rules, &[]), ["20", "10"]);
    }
}
