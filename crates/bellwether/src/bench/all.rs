//! Every benchmark in turn, and the page that tells their figures.

use std::fmt::Write as _;

use anyhow::{Context, bail};
use serde_json::Value;

use super::installation::Installation;
use super::machine::Machine;
use super::{Args, Figures, Name, one};

/// Measures all, prints each, and writes the page; an error when one of them could not be measured.
pub async fn run(args: &Args) -> anyhow::Result<()> {
    let machine = {
        let installation = Installation::start().await?;
        let machine = Machine::look(&installation.config).await;
        installation.stop().await?;
        machine?
    };
    let mut rows = Vec::new();
    let mut failed = Vec::new();
    for name in Name::MEASURED {
        println!("--- {}", name.as_str());
        // One that fails must not cost the others' time.
        match one(name, args).await {
            Ok(figures) => {
                println!("{}", serde_json::to_string(&figures)?);
                rows.push((name, figures));
            }
            Err(error) => {
                println!("{} failed: {error:#}", name.as_str());
                failed.push(name.as_str());
            }
        }
    }
    let page = page(&machine, &rows, args.quick);
    match &args.page {
        Some(path) => {
            std::fs::write(path, page).with_context(|| format!("write {}", path.display()))?;
            println!("written: {}", path.display());
        }
        None => print!("{page}"),
    }
    if !failed.is_empty() {
        bail!("not measured: {}", failed.join(", "));
    }
    Ok(())
}

/// The page.
fn page(machine: &Machine, rows: &[(Name, Figures)], quick: bool) -> String {
    let mut page = String::from(
        "# What it does in a second\n\nWritten by `./dev bench all`. Each benchmark measures ours and a limit of the engines \
         underneath in turn, in\none run, on private engines that do not wait for the disk; so the ratio says more than either \
         figure.\n\n",
    );
    let Machine {
        processors,
        processor,
        memory,
        postgres,
        redis,
        rabbitmq,
    } = machine;
    // Writing into a text cannot fail.
    let _ = writeln!(
        page,
        "Measured on {processors} processors ({processor}) and {memory:.0} GiB of memory, shared by the services, the \
         engines and the\nbenchmark itself, with PostgreSQL {postgres}, Redis {redis} and RabbitMQ {rabbitmq}.\n"
    );
    if quick || cfg!(debug_assertions) {
        page.push_str(
            "**These figures mean nothing:** a quick run, or a build without optimisation.\n\n",
        );
    }
    page.push_str(
        "| benchmark | ours | limit | ratio | aim |\n| --- | ---: | ---: | ---: | --- |\n",
    );
    for (name, figures) in rows {
        let Figures {
            ours,
            reference,
            ratio,
            unit,
            ..
        } = figures;
        let _ = writeln!(
            page,
            "| `{}` | {} {unit} | {} | {ratio} | {} |",
            name.as_str(),
            grouped(*ours),
            grouped(*reference),
            name.about().aim
        );
    }
    for (name, figures) in rows {
        let _ = write!(page, "\n## {}\n\n{}\n", name.as_str(), name.about().what);
        if !figures.more.is_empty() {
            page.push('\n');
        }
        for (key, value) in &figures.more {
            let _ = writeln!(page, "- {}: {}", key.replace('_', " "), told(value));
        }
    }
    page
}

fn told(value: &Value) -> String {
    match value {
        Value::Number(number) => number.as_f64().map_or_else(|| number.to_string(), grouped),
        Value::String(text) => text.clone(),
        Value::Object(fields) => {
            let fields: Vec<String> = fields
                .iter()
                .map(|(key, value)| format!("{} {}", key.replace('_', " "), told(value)))
                .collect();
            fields.join(", ")
        }
        Value::Array(items) => items.iter().map(told).collect::<Vec<_>>().join("; "),
        other => other.to_string(),
    }
}

/// With commas between thousands, and decimals only where they matter.
fn grouped(value: f64) -> String {
    let text = match value.abs() {
        large if large >= 100.0 => format!("{value:.0}"),
        _ => format!("{value}"),
    };
    let (whole, rest) = text
        .split_once('.')
        .map_or((text.as_str(), None), |(w, r)| (w, Some(r)));
    let digits = whole.trim_start_matches('-').len();
    let mut grouped = String::new();
    let mut left = digits;
    for c in whole.chars() {
        grouped.push(c);
        if c != '-' {
            left -= 1;
            if left > 0 && left % 3 == 0 {
                grouped.push(',');
            }
        }
    }
    match rest {
        Some(rest) => format!("{grouped}.{rest}"),
        None => grouped,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_page_tells_each_figure_with_its_aim() {
        let machine = Machine {
            processors: 2,
            processor: "A processor".into(),
            memory: 7.8,
            postgres: "15.8".into(),
            redis: "7.0".into(),
            rabbitmq: "3.10.8".into(),
        };
        let mut figures = Figures::new("pipeline", 21_234.56, 400_000.0, "products/s");
        let busy = json!({"machine": 1.98, "of": 2});
        figures.more.insert("busy_processors".into(), busy);
        let page = page(&machine, &[(Name::Pipeline, figures)], true);
        assert!(
            page.contains("| `pipeline` | 21,235 products/s | 400,000 | 0.053 |"),
            "{page}"
        );
        assert!(
            page.contains("- busy processors: machine 1.98, of 2\n"),
            "{page}"
        );
        assert!(page.contains("mean nothing"), "{page}");
    }

    #[test]
    fn thousands_are_grouped() {
        for (value, text) in [
            (0.0, "0"),
            (99.25, "99.25"),
            (999.4, "999"),
            (1_000.0, "1,000"),
            (-1_234_567.0, "-1,234,567"),
        ] {
            assert_eq!(grouped(value), text);
        }
    }
}
