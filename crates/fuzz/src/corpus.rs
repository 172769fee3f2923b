//! The inputs to start from, and those worth going on with.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

/// Inputs kept in memory.
const MOST: usize = 2_000;

pub(crate) struct Corpus {
    pub(crate) inputs: Vec<Vec<u8>>,
    seen: HashSet<String>,
    folder: PathBuf,
    failures: PathBuf,
    keep: bool,
}

impl Corpus {
    /// The seeds of a parser; none are none.
    pub(crate) fn open(root: &Path, parser: &str, keep: bool) -> anyhow::Result<Self> {
        let folder = root.join("corpus").join(parser);
        let mut files: Vec<_> = match std::fs::read_dir(&folder) {
            Ok(entries) => entries
                .map(|entry| entry.map(|entry| entry.path()))
                .collect::<Result<_, _>>()?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Vec::new(),
            Err(error) => return Err(error.into()),
        };
        files.sort();
        let mut inputs = files
            .iter()
            .map(std::fs::read)
            .collect::<Result<Vec<_>, _>>()?;
        // A parser without seeds has somewhere to begin, too.
        inputs.extend([b"".to_vec(), b"{}".to_vec(), b"<p>1,00</p>".to_vec()]);
        Ok(Self {
            inputs,
            seen: HashSet::new(),
            folder,
            failures: root.join("failures").join(parser),
            keep,
        })
    }

    /// Keeps an input whose result was not seen before.
    pub(crate) fn learn(&mut self, input: &[u8], result: String) -> anyhow::Result<()> {
        if self.inputs.len() < MOST && self.seen.insert(result) {
            self.inputs.push(input.to_vec());
            if self.keep {
                write(&self.folder, input)?;
            }
        }
        Ok(())
    }

    pub(crate) fn results(&self) -> usize {
        self.seen.len()
    }

    /// Writes an input that must not be lost.
    pub(crate) fn fail(&self, input: &[u8]) -> anyhow::Result<PathBuf> {
        write(&self.failures, input)
    }
}

fn write(folder: &Path, input: &[u8]) -> anyhow::Result<PathBuf> {
    std::fs::create_dir_all(folder)?;
    let mut hasher = DefaultHasher::new();
    input.hash(&mut hasher);
    let path = folder.join(format!("{:016x}", hasher.finish()));
    std::fs::write(&path, input)?;
    Ok(path)
}
