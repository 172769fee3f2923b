//! One parser for a while.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

use crate::corpus::Corpus;
use crate::mutate::mutate;
use crate::parsers::Parser;

/// An input that takes longer is a failure: whoever can send it can stop a worker.
const SLOW: Duration = Duration::from_secs(10);

/// What a run came to.
pub(crate) struct Told {
    inputs: u64,
    results: usize,
    /// The first input that failed, and how.
    pub(crate) failure: Option<(&'static str, PathBuf)>,
}

impl fmt::Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} inputs, {} results", self.inputs, self.results)?;
        match &self.failure {
            Some((how, path)) => write!(f, ", {how} at {}", path.display()),
            None => f.write_str(", no panic"),
        }
    }
}

/// Feeds the seeds as they are, then broken ones until the time is over.
pub(crate) fn run(
    parser: &Parser,
    corpus: &mut Corpus,
    time: Duration,
    seed: u64,
) -> anyhow::Result<Told> {
    let mut rng = StdRng::seed_from_u64(seed);
    let begun = Instant::now();
    let seeds = corpus.inputs.clone();
    let mut told = Told {
        inputs: 0,
        results: 0,
        failure: None,
    };
    let mut next = seeds.into_iter();
    while told.failure.is_none() {
        let input = match next.next() {
            Some(seed) => seed,
            None if begun.elapsed() < time => broken(parser, corpus, &mut rng),
            None => break,
        };
        told.inputs += 1;
        let started = Instant::now();
        match catch_unwind(AssertUnwindSafe(|| (parser.parse)(&input))) {
            Err(_) => told.failure = Some(("a panic", corpus.fail(&input)?)),
            Ok(_) if started.elapsed() > SLOW => {
                told.failure = Some(("a stall", corpus.fail(&input)?));
            }
            Ok(result) => corpus.learn(&input, result)?,
        }
    }
    told.results = corpus.results();
    Ok(told)
}

fn broken(parser: &Parser, corpus: &Corpus, rng: &mut StdRng) -> Vec<u8> {
    let pick = |rng: &mut StdRng| &corpus.inputs[rng.random_range(0..corpus.inputs.len())];
    let (input, other) = (pick(rng), pick(rng));
    if !parser.header {
        return mutate(input, other, rng);
    }
    let end = input.iter().position(|byte| *byte == b'\n');
    let (head, body) = input.split_at(end.map_or(0, |end| end + 1));
    [head, &mutate(body, other, rng)].concat()
}
