//! The cache against real Redis, which may go away.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use cache::{Answer, Cache, Class, Settings};
use devstack::testing::TestEnv;
use http::HeaderValue;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, watch};
use uuid::Uuid;

const CLASS: Class = Class {
    name: "test",
    life: Duration::from_secs(600),
};
const MINE: Uuid = Uuid::from_u128(1);
const THEIRS: Uuid = Uuid::from_u128(2);

fn answer(text: &str) -> Answer {
    Answer {
        body: Bytes::from(text.to_owned()),
        tag: HeaderValue::try_from(format!("W/\"{text}\"")).expect("a tag"),
    }
}

/// A cache of one process.
fn process(url: &str, prefix: &str) -> Cache {
    let settings = Settings {
        memory: 1 << 20,
        redis: Some(url.to_owned()),
        prefix: prefix.to_owned(),
    };
    let cache = Cache::new(&settings).expect("an address");
    cache.trust(true);
    cache
}

/// What the cache answers; `text` is what would be read now.
async fn get(cache: &Cache, tenant: Uuid, subject: i64, text: &str) -> String {
    let read = async || Ok::<_, Infallible>(answer(text));
    let got = cache
        .answer(CLASS, tenant, subject, "", read)
        .await
        .expect("an answer");
    String::from_utf8(got.body.to_vec()).expect("text")
}

/// Waits until another process finds in Redis what this one stored.
async fn shared(env: &TestEnv, tenant: Uuid, subject: i64, text: &str) {
    for _ in 0..500 {
        let other = process(&env.redis_url, &env.redis_prefix);
        let read = async || Err::<Answer, ()>(());
        if let Ok(found) = other.answer(CLASS, tenant, subject, "", read).await {
            assert_eq!(found.body, text);
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("never stored in Redis");
}

#[tokio::test]
async fn processes_share_answers_and_tenants_do_not() {
    let env = TestEnv::empty().await.expect("engines");
    let first = process(&env.redis_url, &env.redis_prefix);
    assert_eq!(get(&first, MINE, 7, "one").await, "one");
    assert_eq!(get(&first, MINE, 7, "two").await, "one");
    assert_eq!(get(&first, THEIRS, 7, "theirs").await, "theirs");
    shared(&env, MINE, 7, "one").await;
    shared(&env, THEIRS, 7, "theirs").await;
    first.forget(&[7]).await;
    assert_eq!(get(&first, MINE, 7, "three").await, "three");
    let other = process(&env.redis_url, &env.redis_prefix);
    assert_ne!(get(&other, MINE, 7, "three").await, "one");
    first.flush().await;
    assert_eq!(get(&first, MINE, 7, "four").await, "four");
    first.trust(false);
    assert_eq!(
        get(&first, MINE, 7, "five").await,
        "five",
        "who does not hear reads anew"
    );
}

#[tokio::test]
async fn what_is_large_is_kept_in_the_process_and_not_shared() {
    let env = TestEnv::empty().await.expect("engines");
    let first = process(&env.redis_url, &env.redis_prefix);
    let large = || Answer {
        body: Bytes::from(vec![b'x'; (256 << 10) + 1]),
        tag: HeaderValue::from_static("\"large\""),
    };
    let read = async || Ok::<_, Infallible>(large());
    let got = first.answer(CLASS, MINE, 7, "", read).await;
    assert_eq!(got.expect("an answer").body.len(), (256 << 10) + 1);
    let again = get(&first, MINE, 7, "small").await;
    assert_eq!(again.len(), (256 << 10) + 1, "kept here");
    // Stored behind it: by then the large one would be there, too.
    get(&first, MINE, 8, "small").await;
    shared(&env, MINE, 8, "small").await;
    let other = process(&env.redis_url, &env.redis_prefix);
    assert_eq!(get(&other, MINE, 7, "read anew").await, "read anew");
}

#[tokio::test]
async fn a_slow_reader_does_not_bring_back_what_was_forgotten_meanwhile() {
    let env = TestEnv::empty().await.expect("engines");
    let cache = process(&env.redis_url, &env.redis_prefix);
    let (began, go_on) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let slow = tokio::spawn({
        let (cache, began, go_on) = (cache.clone(), Arc::clone(&began), Arc::clone(&go_on));
        async move {
            let read = async || {
                began.notify_one();
                go_on.notified().await;
                Ok::<_, Infallible>(answer("old"))
            };
            cache
                .answer(CLASS, MINE, 7, "", read)
                .await
                .expect("an answer")
                .body
                .clone()
        }
    });
    began.notified().await;
    cache.forget(&[7]).await;
    // Who asks after that joins the slow one, and must not be content with what it brings.
    let joined = tokio::spawn({
        let cache = cache.clone();
        async move { get(&cache, MINE, 7, "new").await }
    });
    tokio::task::yield_now().await;
    go_on.notify_one();
    assert_eq!(slow.await.expect("ended"), "old", "it asked before");
    assert_eq!(joined.await.expect("ended"), "new");
    assert_eq!(get(&cache, MINE, 7, "newer").await, "new");
    // Nor does another process find it in Redis, however late it was stored there.
    shared(&env, MINE, 7, "new").await;
}

#[tokio::test]
async fn of_many_that_ask_one_reads() {
    let env = TestEnv::empty().await.expect("engines");
    let cache = process(&env.redis_url, &env.redis_prefix);
    let reads = Arc::new(AtomicUsize::new(0));
    let asking: Vec<_> = (0..50)
        .map(|_| {
            let (cache, reads) = (cache.clone(), Arc::clone(&reads));
            tokio::spawn(async move {
                let read = async || {
                    reads.fetch_add(1, Ordering::SeqCst);
                    tokio::task::yield_now().await;
                    Ok::<_, Infallible>(answer("one"))
                };
                cache
                    .answer(CLASS, MINE, 7, "", read)
                    .await
                    .expect("an answer");
            })
        })
        .collect();
    for one in asking {
        one.await.expect("answered");
    }
    assert_eq!(reads.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn failures_are_not_kept() {
    let env = TestEnv::empty().await.expect("engines");
    let cache = process(&env.redis_url, &env.redis_prefix);
    let refused = cache.answer(CLASS, MINE, 7, "", async || Err("no")).await;
    assert_eq!(refused.map_err(|error| *error), Err("no"));
    assert_eq!(get(&cache, MINE, 7, "one").await, "one");
}

#[tokio::test]
async fn without_redis_everything_is_answered_and_nothing_old_comes_back_with_it() {
    let env = TestEnv::empty().await.expect("engines");
    let line = Line::to(&env.redis_url).await;
    let cut = process(&line.url, &env.redis_prefix);
    assert_eq!(get(&cut, MINE, 7, "old").await, "old");
    shared(&env, MINE, 7, "old").await;
    line.cut();
    cut.forget(&[7]).await;
    assert_eq!(get(&cut, MINE, 7, "new").await, "new");
    assert_eq!(get(&cut, MINE, 8, "other").await, "other");
    line.mend();
    // Back again, it must not trust what Redis kept meanwhile.
    let mut spoiled = 0;
    for n in 0..1_000 {
        let found = get(&cut, MINE, 1_000 + n, "x").await;
        assert_eq!(found, "x");
        let other = process(&env.redis_url, &env.redis_prefix);
        if get(&other, MINE, 7, "unknown").await != "old" {
            spoiled += 1;
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(spoiled, 1, "what could not be forgotten was never flushed");
}

#[tokio::test]
async fn what_is_read_most_is_remembered_for_the_next_start() {
    let env = TestEnv::empty().await.expect("engines");
    let cache = process(&env.redis_url, &env.redis_prefix);
    for (subject, times) in [(1, 2), (2, 5), (3, 1)] {
        for _ in 0..times {
            get(&cache, MINE, subject, "one").await;
        }
    }
    cache.note_reads(CLASS).await;
    let next = process(&env.redis_url, &env.redis_prefix);
    assert_eq!(
        next.most_read().await,
        [(MINE, 2), (MINE, 1)],
        "one that was read once is not hot"
    );
}

/// A line to Redis that can be cut.
struct Line {
    url: String,
    whole: watch::Sender<bool>,
}

impl Line {
    async fn to(url: &str) -> Self {
        let (whole, state) = watch::channel(true);
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let target = url.trim_start_matches("redis://").trim_end_matches('/');
        let target = target
            .rsplit('@')
            .next()
            .expect("a host")
            .split('/')
            .next()
            .expect("a host")
            .to_owned();
        let through = url.replace(&target, &format!("127.0.0.1:{port}"));
        tokio::spawn(async move {
            while let Ok((mut client, _)) = listener.accept().await {
                let (target, mut state) = (target.clone(), state.clone());
                tokio::spawn(async move {
                    if !*state.borrow() {
                        return;
                    }
                    let Ok(mut server) = TcpStream::connect(&target).await else {
                        return;
                    };
                    tokio::select! {
                        _ = tokio::io::copy_bidirectional(&mut client, &mut server) => {}
                        _ = state.wait_for(|whole| !whole) => {}
                    }
                });
            }
        });
        Self {
            url: through,
            whole,
        }
    }

    fn cut(&self) {
        self.whole.send_replace(false);
    }

    fn mend(&self) {
        self.whole.send_replace(true);
    }
}
