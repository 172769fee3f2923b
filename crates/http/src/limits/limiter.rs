//! Which limits apply to a request, and whether they admit it.

use std::{
    convert::Infallible,
    sync::Arc,
    time::{Duration, Instant},
};

use ipnet::IpNet;
use quick_cache::sync::Cache;
use uuid::Uuid;

use super::{
    Class, Settings,
    lane::{Lane, Subject},
    lease::{Taken, Wish},
    remote::Remote,
};
use crate::{auth::Principal, plans::Plans};

/// Buckets and callers known at most. Of the others only Redis knows.
const CAPACITY: usize = 200_000;

/// Limits of one request: the place, the tenant, one key or person, a class.
const MOST: usize = 4;

/// After this it is looked again which plan a caller's tenant has.
const LOOK_AGAIN: u64 = 1_000_000;

/// Requests a minute of a tenant whose plan is not known, because user-service is away and has not been asked before: as
/// many as the smallest plan as installed allows.
const UNKNOWN_PLAN: u32 = 120;

/// Limits how often the API is asked; cheap to clone. While Redis is away each one counts by itself, so services of one
/// process share one.
#[derive(Clone)]
pub struct Limiter(pub(super) Option<Arc<Shared>>);

impl std::fmt::Debug for Limiter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Limiter")
    }
}

/// Why a request is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Refused {
    /// Which limit.
    pub(super) name: &'static str,
    pub(super) per_minute: u32,
    pub(super) resets_in: u64,
    pub(super) wait: Duration,
}

/// What is left of the narrowest limit, for headers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Left {
    pub(super) per_minute: u32,
    pub(super) remaining: u32,
    pub(super) resets_in: u64,
}

pub(super) struct Shared {
    settings: Settings,
    plans: Plans,
    remote: Remote,
    lanes: Cache<Subject, Arc<Lane>>,
    callers: Cache<(Uuid, Uuid, Class), Arc<Caller>>,
    began: Instant,
}

/// The limits of a caller for one class of requests.
struct Caller {
    lanes: Vec<Arc<Lane>>,
    known_at: u64,
}

impl Limiter {
    /// No limit at all.
    #[must_use]
    pub const fn off() -> Self {
        Self(None)
    }

    /// As configured. Begins to connect to Redis without waiting for it. Needs a runtime.
    ///
    /// # Errors
    /// When the address of Redis cannot be used.
    pub fn of(config: &config::Config, plans: Plans) -> anyhow::Result<Self> {
        if !config.limits.enabled {
            return Ok(Self::off());
        }
        let redis = &config.redis;
        Self::new(
            (&config.limits).into(),
            redis.url.expose(),
            &redis.prefix,
            plans,
        )
    }

    /// With buckets in this Redis, whose keys begin with `prefix`.
    ///
    /// # Errors
    /// When the address cannot be used.
    pub fn new(
        settings: Settings,
        redis_url: &str,
        prefix: &str,
        plans: Plans,
    ) -> anyhow::Result<Self> {
        Ok(Self(Some(Arc::new(Shared {
            settings,
            plans,
            remote: Remote::new(redis_url, prefix)?,
            lanes: Cache::new(CAPACITY),
            callers: Cache::new(CAPACITY),
            began: Instant::now(),
        }))))
    }
}

impl Shared {
    fn now(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_micros()).unwrap_or(u64::MAX)
    }

    /// The limit of a place, whoever asks from there; refused at once when that is known to be used up, before anybody
    /// looks at a credential.
    pub(super) fn place(&self, place: IpNet) -> Result<Arc<Lane>, Refused> {
        let lane = self.lane(Subject::Place(place), self.settings.address_per_minute);
        let closed = lane.lease().closed(self.now());
        match closed {
            Some(wait) => Err(self.refused(&lane, wait)),
            None => Ok(lane),
        }
    }

    /// Takes a permit of everything that applies to a request without a valid credential.
    pub(super) async fn stranger(
        &self,
        place: IpNet,
        class: Class,
        of_place: &Arc<Lane>,
    ) -> Result<Left, Refused> {
        let (subject, per_minute) = match class {
            Class::SignIn => (Subject::SignIn(place), self.settings.sign_in_per_minute),
            Class::Renew => (Subject::Renew(place), self.settings.renew_per_minute()),
            _ => (
                Subject::Anonymous(place),
                self.settings.anonymous_per_minute,
            ),
        };
        let lane = self.lane(subject, per_minute);
        self.pass(&[of_place, &lane]).await
    }

    /// Takes a permit of everything that applies to a request of this caller.
    pub(super) async fn caller(
        &self,
        principal: &Principal,
        class: Class,
        of_place: &Arc<Lane>,
    ) -> Result<Left, Refused> {
        let key = (principal.tenant_id, principal.actor.id(), class);
        let known = self.callers.get(&key);
        let known = known.filter(|known| self.now().saturating_sub(known.known_at) < LOOK_AGAIN);
        let caller = match known {
            Some(known) => known,
            None => {
                // Boxed, as is asking Redis: they are large, and most requests go without.
                let found = Arc::new(Box::pin(self.find(principal, class)).await);
                self.callers.insert(key, Arc::clone(&found));
                found
            }
        };
        let mut lanes = [of_place; MOST];
        let count = caller.lanes.len().min(lanes.len() - 1) + 1;
        for (place, lane) in lanes.iter_mut().skip(1).zip(&caller.lanes) {
            *place = lane;
        }
        self.pass(&lanes[..count]).await
    }

    async fn find(&self, principal: &Principal, class: Class) -> Caller {
        let tenant = principal.tenant_id;
        let per_minute = match self.plans.of(tenant).await {
            Ok(Some(plan)) => plan.requests_per_minute,
            Ok(None) => UNKNOWN_PLAN,
            Err(error) => {
                tracing::warn!(%error, "a plan is not known; the smallest one's rate holds");
                UNKNOWN_PLAN
            }
        };
        let share = |percent: u32| {
            let part = u64::from(per_minute) * u64::from(percent) / 100;
            u32::try_from(part).unwrap_or(u32::MAX).max(1)
        };
        let mut lanes = vec![self.lane(Subject::Tenant(tenant), per_minute)];
        // Who may use all of it is bound by the tenant's own limit already.
        let parts = [
            (
                Subject::Caller(tenant, principal.actor.id()),
                self.settings.key_percent,
            ),
            (Subject::Class(tenant, class), self.settings.percent(class)),
        ];
        for (subject, percent) in parts {
            if percent < 100 {
                lanes.push(self.lane(subject, share(percent)));
            }
        }
        Caller {
            lanes,
            known_at: self.now(),
        }
    }

    fn lane(&self, subject: Subject, per_minute: u32) -> Arc<Lane> {
        let new = || Ok::<_, Infallible>(Arc::new(Lane::new(subject, per_minute)));
        let Ok(lane) = self.lanes.get_or_insert_with(&subject, new);
        lane.lease().limit(per_minute);
        lane
    }

    /// Takes a permit from each, or none.
    async fn pass(&self, lanes: &[&Arc<Lane>]) -> Result<Left, Refused> {
        let mut taken = [false; MOST];
        let passed = match take(lanes, &mut taken, self.now()) {
            Ok(true) => Ok(()),
            Ok(false) => Box::pin(self.ask(lanes, &mut taken)).await,
            Err(refusal) => Err(refusal),
        };
        let Err(Refusal { place, wait }) = passed else {
            return Ok(self.left(lanes));
        };
        for (lane, _) in lanes.iter().zip(taken).filter(|(_, taken)| *taken) {
            lane.lease().put_back();
        }
        Err(self.refused(lanes[place], wait))
    }

    /// Takes what is missing from Redis, by one call for all of it.
    async fn ask(&self, lanes: &[&Arc<Lane>], taken: &mut [bool; MOST]) -> Result<(), Refusal> {
        let missing = |taken: &[bool; MOST]| -> Vec<usize> {
            (0..lanes.len()).filter(|place| !taken[*place]).collect()
        };
        if self.remote.is_away() {
            let alone = missing(taken).into_iter().map(|place| (place, 0)).collect();
            return self.alone(lanes, taken, alone);
        }
        // Everybody holds them in the same order: the wider limits first.
        let mut held = Vec::with_capacity(lanes.len());
        for place in missing(taken) {
            held.push(lanes[place].refill.lock().await);
        }
        let now = self.now();
        if take(lanes, taken, now)? {
            return Ok(()); // brought by whoever held them before
        }
        let places = missing(taken);
        let wishes: Vec<(&str, Wish)> = places
            .iter()
            .map(|place| (lanes[*place].key.as_str(), lanes[*place].lease().wish(now)))
            .collect();
        let Some(told) = self.remote.take(&wishes).await else {
            let back = wishes.iter().map(|(_, wish)| wish.back);
            return self.alone(lanes, taken, places.iter().copied().zip(back).collect());
        };
        let now = self.now();
        let mut outcome = Ok(());
        for (place, told) in places.into_iter().zip(told) {
            let mut lease = lanes[place].lease();
            lease.told(told, now);
            match lease.take(now) {
                Taken::Permit => taken[place] = true,
                Taken::Wait(wait) => outcome = Err(Refusal { place, wait }),
                Taken::Ask => outcome = Err(Refusal { place, wait: 1 }),
            }
        }
        outcome
    }

    /// Takes what is missing from this process's own buckets; of each it is known what was on its way to Redis.
    fn alone(
        &self,
        lanes: &[&Arc<Lane>],
        taken: &mut [bool; MOST],
        missing: Vec<(usize, u32)>,
    ) -> Result<(), Refusal> {
        let now = self.now();
        let mut outcome = Ok(());
        for (place, back) in missing {
            match lanes[place].lease().take_alone(back, now) {
                Taken::Permit => taken[place] = true,
                Taken::Wait(wait) => outcome = Err(Refusal { place, wait }),
                Taken::Ask => outcome = Err(Refusal { place, wait: 1 }),
            }
        }
        outcome
    }

    /// What is left of the narrowest limit; that of the place, which others share, is not told beside others.
    fn left(&self, lanes: &[&Arc<Lane>]) -> Left {
        let now = self.now();
        let told = if lanes.len() > 1 { &lanes[1..] } else { lanes };
        let left = told.iter().map(|lane| {
            let lease = lane.lease();
            Left {
                per_minute: lease.holds(),
                remaining: lease.remaining(now),
                resets_in: lease.resets_in(now),
            }
        });
        left.min_by_key(|left| left.remaining).unwrap_or(Left {
            per_minute: 0,
            remaining: 0,
            resets_in: 0,
        })
    }

    fn refused(&self, lane: &Lane, wait: u64) -> Refused {
        let lease = lane.lease();
        Refused {
            name: lane.subject.name(),
            per_minute: lease.holds(),
            resets_in: lease.resets_in(self.now()),
            wait: Duration::from_micros(wait),
        }
    }
}

/// The limit that has no permit, and for how many microseconds.
#[derive(Debug, Clone, Copy)]
struct Refusal {
    place: usize,
    wait: u64,
}

/// Takes from those that were not taken from yet, as far as is known here; false: Redis has to be asked.
fn take(lanes: &[&Arc<Lane>], taken: &mut [bool; MOST], now: u64) -> Result<bool, Refusal> {
    let mut all = true;
    for (place, lane) in lanes.iter().enumerate() {
        if taken[place] {
            continue;
        }
        match lane.lease().take(now) {
            Taken::Permit => taken[place] = true,
            Taken::Ask => all = false,
            Taken::Wait(wait) => return Err(Refusal { place, wait }),
        }
    }
    Ok(all)
}
