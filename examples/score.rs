//! Scores a few posts and says why: `cargo run --release --example score`.

use netral::{Band, Model, Packs, Post, Scorer};

fn main() {
    let scorer = Scorer::new(Model::default(), Packs::national());
    let posts = [
        "Ayo rapatkan barisan, Rabu kita coblos nomor 2!",
        "Cek nama Anda di daftar pemilih sebelum hari Jumat.",
        "Join us on Saturday to knock on doors for Dana Okafor.",
        "The council meets on Monday to vote on the library budget.",
    ]
    .map(Post::new);
    for (post, score) in posts.iter().zip(scorer.score_batch(&posts)) {
        let look = if score.band >= Band::Review { "look" } else { "pass" };
        println!("{look}  {:.2}  {}", score.partisan.unwrap_or_default(), post.text);
        for reason in score.evidence.iter().filter(|e| e.head == "partisan") {
            println!("            {:+.2}  {}", reason.push, reason.text);
        }
    }
}
