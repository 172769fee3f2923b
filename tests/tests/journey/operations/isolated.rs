//! What is one tenant's does not exist for another, in the very words of what does not exist at all.

use anyhow::ensure;
use reqwest::{Method, StatusCode};

use super::cases;
use super::ids::Ids;
use super::scene::Scene;
use crate::{one_process, told};

#[tokio::test(flavor = "multi_thread")]
async fn another_tenants_ids_are_answered_like_unknown_ones() -> anyhow::Result<()> {
    let installation = one_process().await?;
    told(&installation, async {
        let mut theirs = Scene::new(&installation, "theirs").await?;
        theirs.furnish().await?;
        let mine = Scene::new(&installation, "mine").await?;
        let (foreign, unknown) = (named_by(&mine, &theirs.ids), {
            let unknown = theirs.ids.unknown();
            named_by(&mine, &unknown)
        });
        for case in cases() {
            for ask in case.asks.iter().filter(|ask| ask.names_a_tenants()) {
                // What one names oneself is no id of anybody's.
                if ask.names() == ["asin"] {
                    continue;
                }
                let about_theirs = mine.owner.ask(ask, &foreign).await?;
                let about_nothing = mine.owner.ask(ask, &unknown).await?;
                let (foreign, unknown) = (
                    about_theirs.compared(&foreign),
                    about_nothing.compared(&unknown),
                );
                ensure!(
                    foreign == unknown,
                    "{} {} tells {foreign:?} of another tenant's and {unknown:?} of what does not exist",
                    case.name,
                    ask.address
                );
                let in_path = ask.address.split('?').next().is_some_and(|p| p.contains('{'));
                ensure!(
                    !in_path || foreign.0 == StatusCode::NOT_FOUND,
                    "{}: {foreign:?}",
                    case.name
                );
            }
        }
        // What names nothing shows nothing of them either.
        for case in cases() {
            let ask = &case.asks[0];
            if ask.method != Method::GET || ask.names_a_tenants() {
                continue;
            }
            let told = mine.owner.ask(ask, &mine.ids).await?;
            for (name, mark) in theirs.ids.marks().filter(|(name, _)| *name != "alert") {
                ensure!(
                    !told.text.contains(mark),
                    "{} shows another tenant's {name}",
                    case.name
                );
            }
        }
        // And nothing of theirs was changed on the way.
        for case in cases() {
            let ask = &case.asks[0];
            let streams = ask.address.ends_with("/events");
            if ask.method == Method::GET && ask.names_a_tenants() && !streams {
                let told = theirs.owner.ask(ask, &theirs.ids).await?;
                ensure!(told.status.is_success(), "{}: {told:?}", case.name);
            }
        }
        Ok(())
    })
    .await
}

/// These ids, as somebody names them who signs in as themself.
fn named_by(who: &Scene, ids: &Ids) -> Ids {
    let mut named = ids.clone();
    for own in ["slug", "refresh_token"] {
        if let Some(id) = who.ids.get(own) {
            named.set(own, id.clone());
        }
    }
    named
}

/// A public product is one for all: whoever tracks it sees it, and by that nothing else of who tracks it too.
#[tokio::test(flavor = "multi_thread")]
async fn tracking_the_same_listing_shows_it_and_only_it() -> anyhow::Result<()> {
    let installation = one_process().await?;
    told(&installation, async {
        let mut theirs = Scene::new(&installation, "first").await?;
        theirs.furnish().await?;
        let mine = Scene::new(&installation, "second").await?;
        let asin = theirs.ids.fill("{asin}")?;
        let body =
            serde_json::json!({ "source": "amazon", "marketplace": "US", "external_id": asin });
        let tracking = mine.owner.post("/api/v1/trackings", body).await?;
        let product = theirs.ids.get("product").cloned().unwrap_or_default();
        ensure!(tracking["product_id"] == product, "one listing for all");
        let shown = mine
            .owner
            .get(&format!("/api/v1/products/{product}"))
            .await?;
        let text = shown.to_string();
        for (name, mark) in theirs.ids.marks().filter(|(name, _)| *name != "asin") {
            ensure!(
                !text.contains(mark),
                "the product shows their {name}: {text}"
            );
        }
        Ok(())
    })
    .await
}
