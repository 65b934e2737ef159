//! Explanations are exact, whatever the text.

use std::sync::LazyLock;

use netral::{Model, Packs, Post, Scorer};
use proptest::prelude::*;

static SCORER: LazyLock<Scorer> = LazyLock::new(|| Scorer::new(Model::default(), Packs::national()));

/// Text as people type it and as nobody does: words, names, tags, disguises, and any Unicode.
fn texts() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => "[a-z]{1,9} ",
        3 => prop::sample::select(vec!["coblos ", "c0bl0s ", "Prabowo", "Labour ", "#GanjarPresiden2024 ", "@jokowi ", "nomor 02 ", "v.o.t.e ", "menaaang ", "рrаbоwо ", "https://gerindra.id/x ", "2️⃣ ", "👨‍👩‍👧", "İ", "ﬁ", "ｖｏｔｅ "]).prop_map(String::from),
        2 => any::<String>(),
        1 => "[\\p{Cf}\\p{Mn}\\p{Zs}\\p{So}]{0,4}",
    ];
    prop::collection::vec(piece, 0..30).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn bias_and_pushes_add_up_to_the_margin_and_spans_are_slices(text in texts()) {
        let explanation = SCORER.explain(&Post::new(text.clone()));
        let sum: f64 = explanation.bias + explanation.evidence.iter().map(|e| e.push).sum::<f64>();
        prop_assert!((sum - explanation.margin).abs() < 1e-4, "{sum} is not {}", explanation.margin);
        let chars: Vec<char> = text.chars().collect();
        for e in explanation.evidence.iter().chain(&explanation.score.evidence) {
            prop_assert!(e.start < e.end && e.end <= chars.len(), "{}..{} of {}", e.start, e.end, chars.len());
            prop_assert_eq!(chars[e.start..e.end].iter().collect::<String>(), e.text.clone());
        }
    }

    #[test]
    fn a_batch_scores_as_each_post_alone(list in prop::collection::vec(texts(), 1..20)) {
        let posts: Vec<Post> = list.into_iter().map(Post::new).collect();
        let alone: Vec<_> = posts.iter().map(|p| SCORER.score(p)).collect();
        prop_assert_eq!(SCORER.score_batch(&posts), alone);
    }
}
