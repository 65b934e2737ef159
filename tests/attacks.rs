//! Disguised words are read as the words they are: what six attacks cost on the quality list.

use std::path::Path;

use netral::{Attack, Band, Gold, Model, Packs, Post, Scorer};

#[test]
fn six_attacks_cost_little_recall_and_few_false_alarms() {
    let scorer = Scorer::new(Model::default(), Packs::national());
    let gold = Gold::read(Path::new("corpus/quality.tsv")).unwrap();
    let rows: Vec<(bool, String)> = gold.labels().into_iter().zip(gold.posts()).map(|(label, post)| (label == Some(true), post.text)).collect();
    let flagged = |texts: Vec<String>| -> (f64, f64) {
        let posts: Vec<Post> = texts.into_iter().map(Post::new).collect();
        let bands: Vec<bool> = scorer.score_batch(&posts).iter().map(|s| s.band >= Band::Review).collect();
        let share = |label: bool| {
            let own: Vec<bool> = rows.iter().zip(&bands).filter(|((l, _), _)| *l == label).map(|(_, b)| *b).collect();
            own.iter().filter(|b| **b).count() as f64 / own.len() as f64
        };
        (share(true), share(false))
    };
    let clean = flagged(rows.iter().map(|(_, text)| text.clone()).collect());
    assert!(clean.0 > 0.8, "recall at review is {:.3} without any attack", clean.0);
    for attack in Attack::ALL {
        let attacked = flagged(rows.iter().enumerate().map(|(n, (_, text))| attack.apply(text, n as u64)).collect());
        println!("{attack:?}: recall {:.3} of {:.3}, false alarms {:.3} of {:.3}", attacked.0, clean.0, attacked.1, clean.1);
        assert!(attacked.0 >= 0.90 * clean.0, "{attack:?}: recall {:.3} of {:.3}", attacked.0, clean.0);
        assert!(attacked.1 <= clean.1 + 0.02, "{attack:?}: false alarms {:.3} of {:.3}", attacked.1, clean.1);
    }
}
