//! Compiles `proto/` without a system `protoc`.

use std::path::PathBuf;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let root = PathBuf::from(std::env::var("CARGO_MANIFEST_DIR")?).join("../../proto");
    println!("cargo:rerun-if-changed={}", root.display());
    let files = [
        "bellwether/identity/v1/identity.proto",
        "bellwether/identity/v1/mail.proto",
        "bellwether/identity/v1/keys.proto",
        "bellwether/identity/v1/plans.proto",
        "bellwether/identity/v1/audit.proto",
        "bellwether/catalog/v1/ingest.proto",
        "bellwether/catalog/v1/archive.proto",
        "bellwether/catalog/v1/catalog.proto",
        "bellwether/catalog/v1/usage.proto",
        "bellwether/crawl/v1/crawl.proto",
        "bellwether/crawl/v1/fetch.proto",
        "bellwether/messages/v1/mail.proto",
        "bellwether/crawl/v1/usage.proto",
        "bellwether/messages/v1/messages.proto",
        "bellwether/identity/v1/tenants.proto",
        "bellwether/catalog/v1/tenant_data.proto",
        "bellwether/crawl/v1/tenant_data.proto",
        "bellwether/messages/v1/audit.proto",
    ];
    let descriptors = protox::compile(files, [&root])?;
    tonic_prost_build::configure().compile_fds(descriptors)?;
    Ok(())
}
