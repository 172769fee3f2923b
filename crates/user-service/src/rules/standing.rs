//! How a tenant stands, and what may become of that.

use chrono::{DateTime, TimeDelta, Utc};

/// Longest reason of a suspension, in characters.
const LONGEST_REASON: usize = 500;

/// A tenant's status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// As it should be.
    Active,
    /// Closed by an operator.
    Suspended,
    /// Waits to be erased.
    Deleting,
    /// Is being erased.
    Erasing,
}

impl Status {
    /// As in JSON and in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Suspended => "suspended",
            Self::Deleting => "deleting",
            Self::Erasing => "erasing",
        }
    }

    /// Reads what the database stores.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let all = [Self::Active, Self::Suspended, Self::Deleting, Self::Erasing];
        all.into_iter().find(|status| status.as_str() == text)
    }
}

/// How a tenant stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// Its status.
    pub status: Status,
    /// Why an operator suspended it. Stays while it waits to be deleted.
    pub suspended_for: Option<String>,
    /// From when on it is erased.
    pub delete_at: Option<DateTime<Utc>>,
}

/// Why a tenant's standing cannot become another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// It is going.
    #[error("the tenant is being erased; nothing brings it back")]
    Erasing,
    /// It is not suspended.
    #[error("the tenant is not suspended")]
    NotSuspended,
    /// It does not wait to be deleted.
    #[error("the tenant is not about to be deleted")]
    NotDeleting,
    /// It waits already.
    #[error("the tenant will be deleted already; it can be restored until then")]
    Deleting,
    /// The reason is empty or too long.
    #[error("a reason must have 1 to 500 characters")]
    Reason,
}

impl Standing {
    /// Closed by an operator, for this reason. One that waits to be deleted goes on waiting.
    ///
    /// # Errors
    /// When it is being erased, or the reason cannot be shown.
    pub fn suspended(&self, reason: &str) -> Result<Self, Refused> {
        let reason = reason.trim();
        if reason.is_empty() || reason.chars().count() > LONGEST_REASON || reason.contains('\0') {
            return Err(Refused::Reason);
        }
        let status = match self.status {
            Status::Erasing => return Err(Refused::Erasing),
            Status::Deleting => Status::Deleting,
            Status::Active | Status::Suspended => Status::Suspended,
        };
        Ok(Self {
            status,
            suspended_for: Some(reason.to_owned()),
            delete_at: self.delete_at,
        })
    }

    /// Open again.
    ///
    /// # Errors
    /// When no operator closed it, or it is being erased.
    pub fn resumed(&self) -> Result<Self, Refused> {
        if self.status == Status::Erasing {
            return Err(Refused::Erasing);
        }
        if self.suspended_for.is_none() {
            return Err(Refused::NotSuspended);
        }
        let status = match self.status {
            Status::Suspended => Status::Active,
            other => other,
        };
        Ok(Self {
            status,
            suspended_for: None,
            delete_at: self.delete_at,
        })
    }

    /// To be erased after the days of grace; `hurry`: sooner than was said before, if it waits already.
    ///
    /// # Errors
    /// When it waits already, or is being erased.
    pub fn deleted(
        &self,
        now: DateTime<Utc>,
        grace: TimeDelta,
        hurry: bool,
    ) -> Result<Self, Refused> {
        let at = now + grace;
        let at = match (self.status, self.delete_at) {
            (Status::Erasing, _) => return Err(Refused::Erasing),
            (Status::Deleting, _) if !hurry => return Err(Refused::Deleting),
            (Status::Deleting, Some(before)) => at.min(before),
            _ => at,
        };
        Ok(Self {
            status: Status::Deleting,
            suspended_for: self.suspended_for.clone(),
            delete_at: Some(at),
        })
    }

    /// Not to be erased after all: as it was before.
    ///
    /// # Errors
    /// When it does not wait, or no longer.
    pub fn restored(&self, now: DateTime<Utc>) -> Result<Self, Refused> {
        match (self.status, self.delete_at) {
            (Status::Deleting, Some(at)) if at > now => {}
            (Status::Deleting | Status::Erasing, _) => return Err(Refused::Erasing),
            _ => return Err(Refused::NotDeleting),
        }
        let status = match &self.suspended_for {
            Some(_) => Status::Suspended,
            None => Status::Active,
        };
        Ok(Self {
            status,
            suspended_for: self.suspended_for.clone(),
            delete_at: None,
        })
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    fn active() -> Standing {
        Standing {
            status: Status::Active,
            suspended_for: None,
            delete_at: None,
        }
    }

    #[test]
    fn a_suspension_outlives_a_deletion_that_is_taken_back() {
        let now = DateTime::UNIX_EPOCH;
        let days = TimeDelta::days(30);
        let suspended = active().suspended(" Bills are open. ").unwrap();
        assert_eq!(suspended.suspended_for.as_deref(), Some("Bills are open."));
        let deleting = suspended.deleted(now, days, false).unwrap();
        assert_eq!(
            (deleting.status, deleting.delete_at),
            (Status::Deleting, Some(now + days))
        );
        assert_eq!(deleting.restored(now), Ok(suspended.clone()));
        assert_eq!(suspended.resumed(), Ok(active()));
        let resumed = deleting.resumed().unwrap();
        assert_eq!(resumed.status, Status::Deleting);
        assert_eq!(resumed.restored(now), Ok(active()));
    }

    #[test]
    fn what_is_due_is_not_restored() {
        let now = DateTime::UNIX_EPOCH;
        let deleting = active().deleted(now, TimeDelta::days(1), false).unwrap();
        let due = now + TimeDelta::days(1);
        assert_eq!(deleting.restored(due), Err(Refused::Erasing));
        let erasing = Standing {
            status: Status::Erasing,
            ..deleting
        };
        assert_eq!(erasing.restored(now), Err(Refused::Erasing));
        assert_eq!(erasing.suspended("x"), Err(Refused::Erasing));
        assert_eq!(erasing.resumed(), Err(Refused::Erasing));
        assert_eq!(
            erasing.deleted(now, TimeDelta::zero(), true),
            Err(Refused::Erasing)
        );
    }

    #[test]
    fn a_deletion_is_hastened_and_never_put_off() {
        let now = DateTime::UNIX_EPOCH;
        let (short, long) = (TimeDelta::days(1), TimeDelta::days(30));
        let deleting = active().deleted(now, short, false).unwrap();
        assert_eq!(deleting.deleted(now, long, false), Err(Refused::Deleting));
        assert_eq!(deleting.deleted(now, long, true), Ok(deleting.clone()));
        let at_once = deleting.deleted(now, TimeDelta::zero(), true).unwrap();
        assert_eq!(at_once.delete_at, Some(now));
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let now = DateTime::UNIX_EPOCH;
        assert_eq!(active().resumed(), Err(Refused::NotSuspended));
        assert_eq!(active().restored(now), Err(Refused::NotDeleting));
        for reason in ["", "  ", "a\0b", &"x".repeat(501)] {
            assert_eq!(active().suspended(reason), Err(Refused::Reason));
        }
    }
}
