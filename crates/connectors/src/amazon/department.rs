//! Amazon's departments: the names people use, and what they are called in addresses.

/// A department.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Department {
    /// Its name in the address of its bestseller list.
    pub(crate) list: &'static str,
    /// Its alias in a search; not always the same.
    pub(crate) search: &'static str,
    /// Names besides these two.
    names: &'static [&'static str],
}

const fn department(
    list: &'static str,
    search: &'static str,
    names: &'static [&'static str],
) -> Department {
    Department {
        list,
        search,
        names,
    }
}

/// Those of amazon.com; other shops have some of them under the same names.
const DEPARTMENTS: [Department; 26] = [
    department("appliances", "appliances", &[]),
    department("arts-crafts", "arts-crafts", &["arts, crafts & sewing"]),
    department("automotive", "automotive", &[]),
    department("baby-products", "baby-products", &["baby"]),
    department("beauty", "beauty", &["beauty & personal care"]),
    department("books", "stripbooks", &[]),
    department("computers", "computers", &["computers & accessories"]),
    department("digital-text", "digital-text", &["kindle store"]),
    department("electronics", "electronics", &[]),
    department("fashion", "fashion", &["clothing, shoes & jewelry"]),
    department("gift-cards", "gift-cards", &[]),
    department("grocery", "grocery", &["grocery & gourmet food"]),
    department("handmade", "handmade", &["handmade products"]),
    department(
        "hi",
        "tools",
        &["tools & home improvement", "home improvement"],
    ),
    department(
        "hpc",
        "hpc",
        &[
            "health & household",
            "health & personal care",
            "health, household & personal care",
        ],
    ),
    department("industrial", "industrial", &["industrial & scientific"]),
    department("kitchen", "garden", &["home & kitchen", "kitchen & dining"]),
    department("lawn-garden", "lawngarden", &["patio, lawn & garden"]),
    department("mobile-apps", "mobile-apps", &["apps & games"]),
    department("musical-instruments", "mi", &[]),
    department("office-products", "office-products", &[]),
    department("pet-supplies", "pets", &[]),
    department("software", "software", &[]),
    department("sporting-goods", "sporting", &["sports & outdoors"]),
    department("toys-and-games", "toys-and-games", &["toys"]),
    department("videogames", "videogames", &["video games"]),
];

/// The department of a name; `None` when Amazon has no such one.
pub(crate) fn named(name: &str) -> Option<Department> {
    let wanted = plain(name);
    let is = |department: &Department, find: fn(&Department) -> &'static str| {
        plain(find(department)) == wanted
    };
    // A search alias of one department may be the everyday word for another: lists go first.
    DEPARTMENTS
        .into_iter()
        .find(|department| is(department, |department| department.list))
        .or_else(|| {
            DEPARTMENTS.into_iter().find(|department| {
                department.names.iter().any(|name| plain(name) == wanted)
                    || is(department, |department| department.search)
            })
        })
}

/// Words only: "Toys & Games", "toys and games" and "toys-and-games" are one.
fn plain(name: &str) -> String {
    name.to_lowercase()
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty() && *word != "and")
        .collect::<Vec<_>>()
        .join(" ")
}

#[cfg(test)]
mod tests {
    use super::named;

    #[test]
    fn departments_are_known_by_any_of_their_names() {
        for (name, list) in [
            ("electronics", Some("electronics")),
            ("Sports & Outdoors", Some("sporting-goods")),
            ("sporting", Some("sporting-goods")),
            ("toys and games", Some("toys-and-games")),
            ("Home & Kitchen", Some("kitchen")),
            ("Bluetooth headphones", None),
            ("", None),
        ] {
            assert_eq!(named(name).map(|found| found.list), list, "{name}");
        }
    }
}
