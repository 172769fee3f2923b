//! Who may change whose membership. Pure.

use http_kit::auth::Role;

/// A change of a member.
#[derive(Debug, Clone, Copy)]
pub struct Change {
    /// What who changes it is now; nothing: a program.
    pub by: Option<Role>,
    /// Whether it is the member's own doing.
    pub own: bool,
    /// What the member is.
    pub from: Role,
    /// What the member becomes; nothing: gone.
    pub to: Option<Role>,
    /// Owners there are now.
    pub owners: i64,
}

/// Why a change is not made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// Only an owner or admin changes members.
    AdminsOnly,
    /// Only an owner makes or unmakes owners.
    OwnersOnly,
    /// Nobody would be left who may do everything.
    LastOwner,
}

/// Whether a change is allowed.
///
/// # Errors
/// Why not.
pub fn check(change: Change) -> Result<(), Refused> {
    let Change {
        by,
        own,
        from,
        to,
        owners,
    } = change;
    let leaves = own && to.is_none();
    // A program's scope was looked at already; a person's role may have changed since the access token was made.
    let admin = by.is_none_or(|role| matches!(role, Role::Owner | Role::Admin));
    if !leaves && !admin {
        return Err(Refused::AdminsOnly);
    }
    let about_owners = (from == Role::Owner) != (to == Some(Role::Owner));
    if about_owners && !leaves && by != Some(Role::Owner) {
        return Err(Refused::OwnersOnly);
    }
    if from == Role::Owner && to != Some(Role::Owner) && owners <= 1 {
        return Err(Refused::LastOwner);
    }
    Ok(())
}

/// Whether somebody may be invited as `role`.
///
/// # Errors
/// Why not.
pub fn check_invitation(by: Option<Role>, role: Role) -> Result<(), Refused> {
    check(Change {
        by,
        own: false,
        from: Role::Viewer,
        to: Some(role),
        owners: 1,
    })
}

/// As what somebody who is this can invite nobody; whoever is gone invites nobody at all.
#[must_use]
pub fn not_to_invite(role: Option<Role>) -> Vec<Role> {
    let cannot =
        |invited: &Role| role.is_none_or(|by| check_invitation(Some(by), *invited).is_err());
    Role::ALL.into_iter().filter(cannot).collect()
}

#[cfg(test)]
mod tests {
    use Role::{Admin, Member, Owner, Viewer};

    use super::*;

    fn change(by: Option<Role>, own: bool, from: Role, to: Option<Role>, owners: i64) -> Change {
        Change {
            by,
            own,
            from,
            to,
            owners,
        }
    }

    #[test]
    fn only_owners_make_and_unmake_owners() {
        for by in [Some(Admin), None] {
            let refused = Err(Refused::OwnersOnly);
            assert_eq!(check(change(by, false, Member, Some(Owner), 1)), refused);
            assert_eq!(check(change(by, false, Owner, Some(Member), 2)), refused);
            assert_eq!(check(change(by, false, Owner, None, 2)), refused);
            assert_eq!(check(change(by, false, Member, Some(Admin), 1)), Ok(()));
            assert_eq!(check(change(by, false, Admin, None, 1)), Ok(()));
            assert_eq!(check(change(by, false, Owner, Some(Owner), 1)), Ok(()));
            assert_eq!(check_invitation(by, Owner), refused);
            assert_eq!(check_invitation(by, Admin), Ok(()));
        }
        assert_eq!(
            check(change(Some(Owner), false, Owner, Some(Member), 2)),
            Ok(())
        );
        assert_eq!(check_invitation(Some(Owner), Owner), Ok(()));
    }

    #[test]
    fn who_can_invite_to_what() {
        assert_eq!(not_to_invite(Some(Owner)), []);
        assert_eq!(not_to_invite(Some(Admin)), [Owner]);
        for nobody in [Some(Member), Some(Viewer), None] {
            assert_eq!(not_to_invite(nobody), Role::ALL);
        }
    }

    #[test]
    fn the_last_owner_stays_one() {
        for own in [true, false] {
            for to in [None, Some(Admin)] {
                let refused = Err(Refused::LastOwner);
                assert_eq!(check(change(Some(Owner), own, Owner, to, 1)), refused);
                assert_eq!(check(change(Some(Owner), own, Owner, to, 2)), Ok(()));
            }
        }
    }

    #[test]
    fn everybody_may_leave_and_nobody_below_admin_may_do_more() {
        for role in [Member, Viewer] {
            assert_eq!(check(change(Some(role), true, role, None, 1)), Ok(()));
            let refused = Err(Refused::AdminsOnly);
            assert_eq!(
                check(change(Some(role), true, role, Some(Admin), 1)),
                refused
            );
            assert_eq!(check(change(Some(role), false, Viewer, None, 1)), refused);
            assert_eq!(check_invitation(Some(role), Viewer), refused);
        }
    }
}
