//! One port for everything: sockets, the gate every upstream request passes, start and stop.

mod fault;
mod gate;
mod log;
mod socket;

use std::{net::SocketAddr, sync::Arc};

use axum::{Router, http::HeaderMap, middleware, response::IntoResponse, routing::get};
use tokio::{net::TcpListener, sync::oneshot, task::JoinHandle};

pub(crate) use fault::{Fault, FaultKind, Faults};
pub(crate) use log::{ExternalIds, RequestLog};

use crate::{
    alibaba1688, apify, control, haier, images, mail,
    market::{ListingKey, Market, Source},
    options::SimOptions,
    popmart, shop,
    world::World,
};

/// A running simulator. Dropping it stops it.
#[derive(Debug)]
pub struct Sim {
    base_url: String,
    smtp_url: String,
    market: Market,
    stop: Option<oneshot::Sender<()>>,
    task: Option<JoinHandle<()>>,
}

impl Sim {
    /// Binds the port and serves until dropped or stopped.
    ///
    /// # Errors
    /// When the port cannot be bound.
    pub async fn start(options: SimOptions) -> anyhow::Result<Self> {
        let listener = TcpListener::bind(SocketAddr::new(options.host, options.port)).await?;
        let base_url = format!("http://{}", listener.local_addr()?);
        let post = TcpListener::bind(SocketAddr::new(options.host, options.smtp_port)).await?;
        let smtp_url = format!("smtp://{}", post.local_addr()?);
        let world = Arc::new(World::new(options));
        let market = world.market.clone();
        let mail = mail::serve(post, Arc::clone(&world));
        let service = router(world).into_make_service_with_connect_info::<socket::Cut>();
        let (stop, stopped) = oneshot::channel();
        let task = tokio::spawn(async move {
            let serve = axum::serve(socket::CuttableListener(listener), service);
            tokio::select! {
                ended = serve => if let Err(error) = ended {
                    tracing::error!(%error, "market-sim stopped serving");
                },
                () = mail => {}
                // Stopping is abrupt: requests that hang under a fault would hold a graceful stop for minutes.
                _ = stopped => {}
            }
        });
        Ok(Self {
            base_url,
            smtp_url,
            market,
            stop: Some(stop),
            task: Some(task),
        })
    }

    /// `http://host:port` of the simulator, without a path.
    #[must_use]
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// `smtp://host:port` of the mail server. What it got is under `/mail` of [`base_url`](Self::base_url).
    #[must_use]
    pub fn smtp_url(&self) -> &str {
        &self.smtp_url
    }

    /// What to configure as base URL of a source: `http://host:port/apify`, `…/popmart`, `…/haier` or
    /// `…/alibaba1688`.
    #[must_use]
    pub fn source_url(&self, source: Source) -> String {
        format!("{}{}", self.base_url, prefix(source))
    }

    /// The page of a listing of the web shop, as a person would paste it.
    #[must_use]
    pub fn page(&self, key: &ListingKey) -> String {
        let url = key.url();
        match url.starts_with('/') {
            true => format!("{}{url}", self.base_url),
            false => url,
        }
    }

    /// The market that is served, without what control has changed.
    #[must_use]
    pub fn market(&self) -> &Market {
        &self.market
    }

    /// Stops serving and waits until the port is free again.
    pub async fn stop(mut self) {
        drop(self.stop.take());
        if let Some(task) = self.task.take() {
            // Only a panic of the server could fail here, and it was already printed.
            let _ = task.await;
        }
    }
}

/// The path under which a source is mounted.
fn prefix(source: Source) -> &'static str {
    match source {
        Source::Amazon => "/apify",
        Source::Popmart => "/popmart",
        Source::Haier => "/haier",
        Source::Alibaba1688 => "/alibaba1688",
        Source::Web => "/shop",
    }
}

fn router(world: Arc<World>) -> Router {
    let upstream = |source: Source, routes: Router<Arc<World>>| {
        let gate = gate::Gate {
            world: Arc::clone(&world),
            source,
        };
        Router::new()
            .nest(prefix(source), routes)
            .layer(middleware::from_fn_with_state(gate, gate::pass))
    };
    // It stands at the root of a host, where all that is asked of the shop is written down.
    let robots = Router::new().route("/robots.txt", get(shop::robots)).layer(
        middleware::from_fn_with_state(
            gate::Gate {
                world: Arc::clone(&world),
                source: Source::Web,
            },
            gate::pass,
        ),
    );
    Router::new()
        .merge(upstream(Source::Amazon, apify::router()))
        .merge(upstream(Source::Popmart, popmart::router(&world)))
        .merge(upstream(Source::Haier, haier::router()))
        .merge(upstream(Source::Alibaba1688, alibaba1688::router()))
        .merge(upstream(Source::Web, shop::router()))
        .merge(robots)
        .nest("/img", images::router())
        .nest("/mail", mail::router())
        .nest("/_control", control::router())
        .route("/healthz", get(|| async { "ok" }))
        .fallback(|| async {
            let hint =
                "market-sim serves /apify, /popmart, /haier, /alibaba1688, /shop, /img, /mail and /_control\n";
            (axum::http::StatusCode::NOT_FOUND, hint).into_response()
        })
        .with_state(world)
}

/// The base for absolute URLs in answers: configured, or what the client called us.
pub(crate) fn public_base(world: &World, headers: &HeaderMap) -> String {
    if let Some(base) = &world.options.public_base {
        return base.trim_end_matches('/').to_owned();
    }
    let host = headers
        .get("host")
        .and_then(|host| host.to_str().ok())
        .unwrap_or("localhost");
    format!("http://{host}")
}
