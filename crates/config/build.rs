//! Collects the settings of all sources: `settings.toml` of each folder in `connectors/src`. So a
//! source's keys are documented where it is, and the defaults know them all.

use std::fmt::Write as _;
use std::path::PathBuf;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let root = PathBuf::from(std::env::var("CARGO_MANIFEST_DIR")?).join("../connectors/src");
    println!("cargo:rerun-if-changed={}", root.display());
    let mut folders: Vec<PathBuf> = std::fs::read_dir(&root)?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.is_dir())
        .collect();
    folders.sort();
    let mut all = String::new();
    for folder in folders {
        let settings = folder.join("settings.toml");
        println!("cargo:rerun-if-changed={}", settings.display());
        let (Some(name), Ok(text)) = (
            folder.file_name().and_then(|name| name.to_str()),
            std::fs::read_to_string(&settings),
        ) else {
            continue;
        };
        write!(all, "\n[sources.{name}]\n{text}")?;
    }
    std::fs::write(
        PathBuf::from(std::env::var("OUT_DIR")?).join("sources.toml"),
        all,
    )?;
    Ok(())
}
