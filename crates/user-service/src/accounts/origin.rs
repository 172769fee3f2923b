//! From where somebody signs in.

use http_kit::ClientAddress;

/// Characters that are kept of what a program calls itself.
const USER_AGENT_LENGTH: usize = 200;

/// An address and the program there.
#[derive(Debug, Clone)]
pub struct Origin {
    address: String,
    place: String,
    user_agent: Option<String>,
}

impl Origin {
    /// As a request tells.
    #[must_use]
    pub fn new(address: ClientAddress, user_agent: Option<&str>) -> Self {
        let cut = |text: &str| text.chars().take(USER_AGENT_LENGTH).collect();
        Self {
            address: address.0.to_string(),
            place: address.place().to_string(),
            user_agent: user_agent.map(cut),
        }
    }

    /// The address.
    #[must_use]
    pub fn address(&self) -> &str {
        &self.address
    }

    /// What counts as one place: the address, or its network.
    #[must_use]
    pub fn place(&self) -> &str {
        &self.place
    }

    /// What the program calls itself.
    #[must_use]
    pub fn user_agent(&self) -> Option<&str> {
        self.user_agent.as_deref()
    }
}
