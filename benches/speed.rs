//! Time of each stage and of whole feeds, on the rows of this repository's corpus. Run: `cargo bench --features stages`.
//!
//! Stages build on each other: what one adds is its time less that of the one before.

use std::hint::black_box;
use std::path::Path;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use netral::stages::Stages;
use netral::{Band, Feed, Model, Options, Output, Packs, Post, Scorer};

/// Every tenth row of the corpus, slots and all.
fn texts() -> Vec<String> {
    let rows = ["corpus/id.jsonl", "corpus/en.jsonl"].map(|file| std::fs::read_to_string(file).expect("the corpus"));
    let text = |line: &str| serde_json::from_str::<serde_json::Value>(line).expect("a corpus row")["text"].as_str().expect("a text").to_owned();
    rows.iter().flat_map(|file| file.lines().step_by(10)).map(text).collect()
}

fn stages(criterion: &mut Criterion) {
    let texts = texts();
    let bytes: usize = texts.iter().map(String::len).sum();
    let plain = Stages::shipped();
    let mut group = criterion.benchmark_group("stage");
    group.throughput(Throughput::Bytes(bytes as u64)).sample_size(20);
    let mut stage = |name: &str, run: &mut dyn FnMut(&str) -> usize| {
        let answer: usize = texts.iter().map(|text| run(text)).sum();
        assert!(answer > texts.len(), "{name} finds nothing");
        group.bench_function(name, |b| b.iter(|| assert_eq!(texts.iter().map(|text| run(black_box(text))).sum::<usize>(), answer)));
    };
    stage("1 fold, plain", &mut |text| plain.fold(text));
    let mut stages = Stages::shipped();
    stage("2 read", &mut |text| stages.read(text));
    stage("3 read, mark", &mut |text| stages.mark(text));
    stage("4 encode", &mut |text| stages.encode(text));
    stage("4 encode, plain", &mut |text| stages.encode_plain(text));
    stage("5 encode, count", &mut |text| stages.count(text));
    stage("6 encode, count, sum", &mut |text| usize::from(stages.margin(text) > 0.0) + 2);
    group.finish();
}

fn scores(criterion: &mut Criterion) {
    let posts: Vec<Post> = texts().into_iter().map(Post::new).collect();
    let mut group = criterion.benchmark_group("score");
    group.throughput(Throughput::Elements(posts.len() as u64)).sample_size(20);
    for (name, scorer) in [
        ("without evidence", Scorer::new(Model::default(), Packs::national()).without_evidence()),
        ("with evidence", Scorer::new(Model::default(), Packs::national())),
    ] {
        let likely = |posts: &[Post]| posts.iter().filter(|post| scorer.score(post).band == Band::Likely).count();
        let answer = likely(&posts);
        assert!(answer > 100, "only {answer} likely posts");
        group.bench_function(name, |b| b.iter(|| assert_eq!(likely(black_box(&posts)), answer)));
    }
    group.finish();
}

fn feeds(criterion: &mut Criterion) {
    let scorer = Scorer::new(Model::default(), Packs::national());
    let feed = std::fs::read("corpus/id.jsonl").expect("the corpus");
    let rows = feed.split(|&b| b == b'\n').filter(|line| !line.is_empty()).count() as u64;
    let mut group = criterion.benchmark_group("feed");
    group.throughput(Throughput::Bytes(feed.len() as u64)).sample_size(10);
    group.bench_function("JSON lines to JSON lines", |b| {
        b.iter(|| {
            let feed = Feed::from_reader(std::io::Cursor::new(feed.clone()), Path::new("id.jsonl"), &Options::default()).expect("a feed");
            let output = Output::to(std::io::sink()).rows(&feed);
            let counts = scorer.score_feed(feed, output, &mut |_, _| Ok(())).expect("a run");
            assert_eq!((counts.read, counts.error), (rows, 0));
        });
    });
    group.finish();
}

criterion_group!(benches, stages, scores, feeds);
criterion_main!(benches);
