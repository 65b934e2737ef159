//! Scores the lines of a file as posts in memory, on one thread, and prints the posts per second of each pass.
//!
//! usage: throughput FILE PASSES [--evidence | --plain]

use std::time::Instant;

use netral::{Band, Model, Packs, Post, Scorer};

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let [_, file, passes, form @ ..] = args.as_slice() else { panic!("usage: throughput FILE PASSES [--evidence | --plain]") };
    let scorer = Scorer::new(Model::default(), Packs::national());
    let scorer = match form {
        [] => scorer.without_evidence(),
        [form] if form == "--plain" => scorer.without_evidence().plain(),
        _ => scorer,
    };
    let posts: Vec<Post> = std::fs::read_to_string(file).expect("a readable file").lines().map(Post::new).collect();
    let mut likely = None;
    for _ in 0..passes.parse().expect("a number of passes") {
        let start = Instant::now();
        let found = posts.iter().filter(|post| scorer.score(post).band == Band::Likely).count();
        println!("{:.0}", posts.len() as f64 / start.elapsed().as_secs_f64());
        assert_eq!(*likely.get_or_insert(found), found, "two passes differ");
    }
}
