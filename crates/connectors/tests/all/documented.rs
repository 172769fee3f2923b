//! `docs/sources.md` says what the code says. `WRITE_DOCS=1 cargo test -p connectors documented`
//! writes its tables anew.

use std::fmt::Write as _;
use std::path::PathBuf;

use connectors::about::Cadence;
use connectors::{Ability, About, Field, MonitorKind, Ownership, registry};

const BEGIN: &str = "<!-- tables: begin -->";
const END: &str = "<!-- tables: end -->";

#[test]
fn the_tables_of_sources_are_those_of_the_registry() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/sources.md");
    let page = std::fs::read_to_string(&path).expect("docs/sources.md");
    let (head, rest) = page.split_once(BEGIN).expect("the tables' beginning");
    let (_, tail) = rest.split_once(END).expect("the tables' end");
    let wanted = format!("{head}{BEGIN}\n{}\n{END}{tail}", tables());
    if std::env::var_os("WRITE_DOCS").is_some() {
        std::fs::write(&path, &wanted).expect("written");
        return;
    }
    assert!(
        page == wanted,
        "docs/sources.md differs from the registry; write its tables with\n    \
         WRITE_DOCS=1 cargo test -p connectors documented\n{wanted}"
    );
}

fn tables() -> String {
    let all = registry::ALL;
    let mut text = String::new();
    text.push_str("\n## What each source can do\n\n");
    row(
        &mut text,
        "",
        all.iter()
            .map(|about| format!("{} (`{}`)", about.name, about.source)),
    );
    rule(&mut text, all.len());
    row(
        &mut text,
        "listings belong to",
        all.iter().map(|about| ownership(about)),
    );
    row(
        &mut text,
        "marketplaces",
        all.iter().map(|about| marketplaces(about)),
    );
    row(
        &mut text,
        "a tenant supplies",
        all.iter().map(|about| credential(about)),
    );
    row(&mut text, "looked at", all.iter().map(|about| usual(about)));
    for ability in Ability::ALL {
        let name = format!("`{}`", ability.as_str());
        row(
            &mut text,
            &name,
            all.iter()
                .map(|about| mark(about.abilities.contains(&ability))),
        );
    }
    for kind in MonitorKind::ALL {
        let name = format!("monitor by `{}`", kind.as_str());
        row(
            &mut text,
            &name,
            all.iter().map(|about| mark(about.monitors.contains(&kind))),
        );
    }
    row(&mut text, "presets", all.iter().map(|about| presets(about)));
    text.push_str("\n## What an observation can hold\n\n");
    row(
        &mut text,
        "field",
        all.iter().map(|about| about.name.to_owned()),
    );
    rule(&mut text, all.len());
    for field in Field::ALL {
        let name = format!("`{}`", field.as_str());
        row(
            &mut text,
            &name,
            all.iter().map(|about| mark(about.fields.contains(&field))),
        );
    }
    text
}

fn row(text: &mut String, first: &str, cells: impl Iterator<Item = String>) {
    let cells: Vec<String> = cells.collect();
    writeln!(text, "| {first} | {} |", cells.join(" | ")).expect("a text");
}

fn rule(text: &mut String, columns: usize) {
    writeln!(text, "| --- |{}", " --- |".repeat(columns)).expect("a text");
}

fn mark(yes: bool) -> String {
    if yes { "yes" } else { "–" }.to_owned()
}

fn ownership(about: &About) -> String {
    match about.ownership {
        Ownership::Public => "everybody",
        Ownership::Tenant => "the tenant who reads them",
    }
    .to_owned()
}

fn marketplaces(about: &About) -> String {
    match about.marketplaces {
        [] => "any country".to_owned(),
        known => known.join(", "),
    }
}

fn credential(about: &About) -> String {
    let fields: Vec<String> = about
        .credential
        .iter()
        .map(|field| match field.optional {
            true => format!("(`{}`)", field.name),
            false => format!("`{}`", field.name),
        })
        .collect();
    match fields.as_slice() {
        [] => "nothing".to_owned(),
        fields => fields.join(", "),
    }
}

fn usual(about: &About) -> String {
    match about.usual {
        Cadence::Daily { hour } => format!("daily at {hour:02}:00 of the tenant's time"),
        Cadence::Every {
            seconds,
            low_stock_seconds: None,
        } => format!("every {seconds} s"),
        Cadence::Every {
            seconds,
            low_stock_seconds: Some(low),
        } => format!("every {seconds} s; stock that is low every {low} s"),
    }
}

fn presets(about: &About) -> String {
    match about.presets {
        [] => "–".to_owned(),
        presets => presets
            .iter()
            .map(|preset| preset.name)
            .collect::<Vec<_>>()
            .join(", "),
    }
}
