//! What a development installation is made of: its folder and the secrets made at the first start.

use std::fs;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use anyhow::Context;
use serde::{Deserialize, Serialize};

/// The folder of a development installation and what lies where in it.
#[derive(Debug, Clone)]
pub struct Home(PathBuf);

impl Home {
    /// The installation in `folder`; made when it is missing.
    pub fn open(folder: PathBuf) -> anyhow::Result<Self> {
        fs::create_dir_all(&folder).with_context(|| format!("make {}", folder.display()))?;
        Ok(Self(folder.canonicalize()?))
    }

    /// The folder itself.
    pub fn folder(&self) -> &Path {
        &self.0
    }

    /// The engines' data and logs.
    pub fn engines(&self) -> PathBuf {
        self.0.join("engines")
    }

    /// The configuration every process of this installation reads.
    pub fn config(&self) -> PathBuf {
        self.0.join("config.toml")
    }

    /// Where the installation tells what runs where; there only while it runs.
    pub fn up_json(&self) -> PathBuf {
        self.0.join("up.json")
    }

    /// Held locked by the running supervisor; its content is the process id.
    pub fn lock(&self) -> PathBuf {
        self.0.join("supervisor.lock")
    }

    /// What a detached supervisor printed.
    pub fn supervisor_log(&self) -> PathBuf {
        self.0.join("supervisor.log")
    }

    /// Holds a running process's id.
    pub fn pid(&self, process: &str) -> PathBuf {
        self.0.join(format!("{process}.pid"))
    }

    /// A process's log.
    pub fn log(&self, process: &str) -> PathBuf {
        self.0.join("logs").join(format!("{process}.log"))
    }
}

impl Home {
    /// Removes everything of this installation; what tests keep beside it stays.
    pub fn forget(&self) -> anyhow::Result<()> {
        let gone = |outcome: std::io::Result<()>| match outcome {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        };
        for folder in [self.engines(), self.0.join("logs")] {
            gone(fs::remove_dir_all(&folder))
                .with_context(|| format!("remove {}", folder.display()))?;
        }
        for file in [
            self.config(),
            self.up_json(),
            self.supervisor_log(),
            Secrets::path(self),
        ] {
            gone(fs::remove_file(&file)).with_context(|| format!("remove {}", file.display()))?;
        }
        Ok(())
    }
}

/// Made at the first start and kept until `./dev reset`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Secrets {
    /// Seals credentials at rest: base64 of 32 bytes.
    pub master_key: String,
    /// What the database logins' passwords are derived from.
    pub role_secret: String,
    /// The services' tokens.
    pub user_token: String,
    /// See `user_token`.
    pub core_token: String,
    /// See `user_token`.
    pub crawler_token: String,
    /// See `user_token`.
    pub worker_token: String,
    /// The operator's command line's token.
    pub operator_token: String,
    /// The demo owner's password.
    pub demo_password: String,
    /// The demo tenant's API key, once issued.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub demo_api_key: Option<String>,
}

impl Secrets {
    /// Reads this installation's secrets, or makes them.
    pub fn load(home: &Home) -> anyhow::Result<Self> {
        let path = Self::path(home);
        match fs::read_to_string(&path) {
            Ok(text) => toml::from_str(&text).with_context(|| format!("read {}", path.display())),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                let made = Self::make();
                made.save(home)?;
                Ok(made)
            }
            Err(error) => Err(error).with_context(|| format!("read {}", path.display())),
        }
    }

    /// Writes them for their owner only.
    pub fn save(&self, home: &Home) -> anyhow::Result<()> {
        write_private(&Self::path(home), &toml::to_string(self)?)
    }

    fn path(home: &Home) -> PathBuf {
        home.folder().join("secrets.toml")
    }

    /// A new key for sealing: base64 of 32 random bytes.
    pub fn master_key() -> String {
        use base64::Engine;
        let key: [u8; secrets::MASTER_KEY_BYTES] = rand::random();
        base64::engine::general_purpose::STANDARD.encode(key)
    }

    fn make() -> Self {
        let token = || secrets::random_token(24);
        Self {
            master_key: Self::master_key(),
            role_secret: token(),
            user_token: token(),
            core_token: token(),
            crawler_token: token(),
            worker_token: token(),
            operator_token: token(),
            demo_password: secrets::random_token(12),
            demo_api_key: None,
        }
    }
}

/// Writes a file only its owner may read, whole or not at all.
pub fn write_private(path: &Path, content: &str) -> anyhow::Result<()> {
    let partial = path.with_extension("partial");
    let _ = fs::remove_file(&partial); // of a start that was cut short
    let write = || -> std::io::Result<()> {
        let mut file = fs::OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&partial)?;
        file.write_all(content.as_bytes())?;
        fs::rename(&partial, path)
    };
    write().with_context(|| format!("write {}", path.display()))
}
