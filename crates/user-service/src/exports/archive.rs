//! A zip archive that is written as a stream, and the list of what is in it.

use std::io::{self, Write};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use aws_lc_rs::digest::{Context, SHA256};
use chrono::{DateTime, Utc};
use contracts::catalog::v1::ExportTenantResponse;
use serde::Serialize;
use zip::write::{SimpleFileOptions, StreamWriter};
use zip::{CompressionMethod, ZipWriter};

/// Size of a piece.
pub const PIECE: usize = 1024 * 1024;

/// Where the archive is written to, until it is taken away.
#[derive(Clone, Default)]
struct Written(Arc<Mutex<Vec<u8>>>);

impl Written {
    fn bytes(&self) -> MutexGuard<'_, Vec<u8>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Write for Written {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.bytes().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A file of the archive, as the list tells of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct File {
    name: String,
    /// Things it tells of; a table's head is none.
    records: u64,
    bytes: u64,
    sha256: String,
}

/// The file that is being written.
struct Open {
    name: String,
    records: u64,
    bytes: u64,
    digest: Context,
}

/// What the list says of the whole.
#[derive(Debug, Clone, Serialize)]
pub struct About {
    /// Whose it is.
    pub tenant_id: String,
    /// Its slug.
    pub slug: String,
    /// When it was begun.
    pub exported_at: DateTime<Utc>,
}

#[derive(Serialize)]
struct Manifest<'a> {
    format: &'static str,
    #[serde(flatten)]
    about: &'a About,
    /// Of all files but this one.
    files: &'a [File],
}

/// An archive in the making.
pub struct Archive {
    zip: ZipWriter<StreamWriter<Written>>,
    written: Written,
    about: About,
    open: Option<Open>,
    files: Vec<File>,
    whole: Context,
    bytes: u64,
}

impl Archive {
    /// An archive without files.
    pub fn new(about: About) -> Self {
        let written = Written::default();
        Self {
            zip: ZipWriter::new_stream(written.clone()),
            written,
            about,
            open: None,
            files: Vec::new(),
            whole: Context::new(&SHA256),
            bytes: 0,
        }
    }

    /// Bytes of the pieces taken so far.
    pub const fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Adds a part of a file. A file's parts follow each other.
    pub fn add(&mut self, part: &ExportTenantResponse) -> anyhow::Result<()> {
        if self.open.as_ref().is_none_or(|open| open.name != part.file) {
            self.close();
            anyhow::ensure!(is_plain(&part.file), "a file is called {:?}", part.file);
            let known = self.files.iter().any(|file| file.name == part.file);
            anyhow::ensure!(!known, "{} comes in two stretches", part.file);
            self.begin(&part.file)?;
            self.open = Some(Open {
                name: part.file.clone(),
                records: 0,
                bytes: 0,
                digest: Context::new(&SHA256),
            });
        }
        if let Some(open) = &mut self.open {
            open.records += part.records;
            open.bytes += part.content.len() as u64;
            open.digest.update(&part.content);
            self.zip.write_all(&part.content)?;
        }
        Ok(())
    }

    /// The next piece of the archive, if as much is written.
    pub fn piece(&mut self) -> Option<Vec<u8>> {
        let mut bytes = self.written.bytes();
        if bytes.len() < PIECE {
            return None;
        }
        let rest = bytes.split_off(PIECE);
        let piece = std::mem::replace(&mut *bytes, rest);
        drop(bytes);
        Some(self.taken(piece))
    }

    /// Writes the list of files and the end; gives the last pieces and the SHA-256 of the whole.
    pub fn finish(mut self) -> anyhow::Result<(Vec<Vec<u8>>, u64, String)> {
        self.close();
        self.begin("manifest.json")?;
        let manifest = Manifest {
            format: "bellwether-tenant-export/1",
            about: &self.about,
            files: &self.files,
        };
        let text = serde_json::to_vec_pretty(&manifest)?;
        self.zip.write_all(&text)?;
        let zip = std::mem::replace(&mut self.zip, ZipWriter::new_stream(Written::default()));
        zip.finish()?;
        let mut pieces = Vec::new();
        while let Some(piece) = self.piece() {
            pieces.push(piece);
        }
        let last = std::mem::take(&mut *self.written.bytes());
        pieces.push(self.taken(last));
        let sha256 = hexadecimal(self.whole.finish().as_ref());
        Ok((pieces, self.bytes, sha256))
    }

    fn taken(&mut self, piece: Vec<u8>) -> Vec<u8> {
        self.bytes += piece.len() as u64;
        self.whole.update(&piece);
        piece
    }

    fn begin(&mut self, name: &str) -> anyhow::Result<()> {
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Deflated)
            // Nobody knows beforehand how long it gets.
            .large_file(true);
        self.zip.start_file(name, options)?;
        Ok(())
    }

    fn close(&mut self) {
        if let Some(open) = self.open.take() {
            self.files.push(File {
                name: open.name,
                records: open.records,
                bytes: open.bytes,
                sha256: hexadecimal(open.digest.finish().as_ref()),
            });
        }
    }
}

/// Whether a name leads nowhere but into the folder that the archive is unpacked in.
fn is_plain(name: &str) -> bool {
    let part = |part: &str| {
        !part.is_empty()
            && !part.starts_with('.')
            && part
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.'))
    };
    name != "manifest.json" && name.split('/').all(part)
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use std::io::{Cursor, Read};

    use super::*;

    fn archive() -> Archive {
        Archive::new(About {
            tenant_id: "t".to_owned(),
            slug: "acme".to_owned(),
            exported_at: DateTime::UNIX_EPOCH,
        })
    }

    fn part(file: &str, content: &[u8], records: u64) -> ExportTenantResponse {
        ExportTenantResponse {
            file: file.to_owned(),
            content: content.to_vec(),
            records,
            ..ExportTenantResponse::default()
        }
    }

    #[test]
    fn what_goes_in_comes_out_and_is_listed() {
        let mut archive = archive();
        // Bytes that do not become fewer: several pieces.
        let noise: Vec<u8> = (0..3 * PIECE as u64 / 32)
            .flat_map(|n| secrets::sha256(n.to_le_bytes()))
            .collect();
        let mut pieces = Vec::new();
        for chunk in noise.chunks(100_000) {
            archive.add(&part("a/noise.bin", chunk, 1)).unwrap();
            pieces.extend(archive.piece());
        }
        archive.add(&part("empty.jsonl", b"", 0)).unwrap();
        archive.add(&part("b.jsonl", b"{}\n", 1)).unwrap();
        let (last, bytes, sha256) = archive.finish().unwrap();
        pieces.extend(last);
        assert!(pieces.len() > 1 && pieces.iter().all(|piece| piece.len() <= PIECE));
        let whole = pieces.concat();
        assert_eq!(whole.len() as u64, bytes);
        assert_eq!(secrets::sha256_hex(&whole), sha256);

        let mut zip = zip::ZipArchive::new(Cursor::new(whole)).unwrap();
        let mut read = |name: &str| {
            let mut bytes = Vec::new();
            zip.by_name(name).unwrap().read_to_end(&mut bytes).unwrap();
            bytes
        };
        assert_eq!(read("a/noise.bin"), noise);
        let manifest: serde_json::Value = serde_json::from_slice(&read("manifest.json")).unwrap();
        assert_eq!(manifest["slug"], "acme");
        let files = manifest["files"].as_array().unwrap();
        let names: Vec<_> = files.iter().map(|file| &file["name"]).collect();
        assert_eq!(names, ["a/noise.bin", "empty.jsonl", "b.jsonl"]);
        assert_eq!(files[0]["records"], 32);
        for file in files {
            let content = read(file["name"].as_str().unwrap());
            assert_eq!(file["sha256"], secrets::sha256_hex(&content).as_str());
            assert_eq!(file["bytes"], content.len());
        }
    }

    #[test]
    fn a_name_stays_within_the_archive() {
        for name in [
            "",
            "/a",
            "../a",
            "a/../b",
            "a//b",
            "manifest.json",
            "a b",
            ".a",
        ] {
            assert!(archive().add(&part(name, b"", 0)).is_err(), "{name}");
        }
        let mut archive = archive();
        archive.add(&part("a", b"", 0)).unwrap();
        archive.add(&part("b", b"", 0)).unwrap();
        assert!(archive.add(&part("a", b"", 0)).is_err(), "two stretches");
    }
}
