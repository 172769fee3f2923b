//! Generated from `proto/`: every gRPC service and queue message, and nothing else.
//!
//! One module per owner: [`identity`], [`catalog`], [`crawl`], and [`messages`] for queue bodies.

/// Who is calling (owner: user-service).
pub mod identity {
    /// Version 1.
    pub mod v1 {
        tonic::include_proto!("bellwether.identity.v1");
    }
}

/// Observations on their way into history (owner: core-service).
pub mod catalog {
    /// Version 1.
    pub mod v1 {
        tonic::include_proto!("bellwether.catalog.v1");
    }
}

/// Crawls, leases and reports (owner: crawler-service).
pub mod crawl {
    /// Version 1.
    pub mod v1 {
        tonic::include_proto!("bellwether.crawl.v1");
    }
}

/// Bodies of queue messages.
pub mod messages {
    /// Version 1.
    pub mod v1 {
        tonic::include_proto!("bellwether.messages.v1");
    }
}
