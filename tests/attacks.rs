//! Disguised words are read as the words they are: what nine attacks cost on the quality list.

use std::path::Path;

use netral::{Band, Gold, Model, Packs, Scorer};

#[test]
fn nine_attacks_cost_little_recall_and_few_false_alarms() {
    let scorer = Scorer::new(Model::default(), Packs::national());
    let gold = Gold::read(Path::new("corpus/quality.tsv")).unwrap();
    let labels = gold.labels();
    let flagged = |gold: &Gold| -> (f64, f64) {
        let bands: Vec<bool> = scorer.score_batch(&gold.posts()).iter().map(|s| s.band >= Band::Review).collect();
        let share = |label: bool| {
            let own: Vec<bool> = labels.iter().zip(&bands).filter(|(l, _)| **l == Some(label)).map(|(_, b)| *b).collect();
            own.iter().filter(|b| **b).count() as f64 / own.len() as f64
        };
        (share(true), share(false))
    };
    let clean = flagged(&gold);
    assert!(clean.0 > 0.8, "recall at review is {:.3} without any attack", clean.0);
    for attack in Gold::ATTACKS {
        let attacked = flagged(&gold.clone().attacked(attack).unwrap());
        println!("{attack}: recall {:.3} of {:.3}, false alarms {:.3} of {:.3}", attacked.0, clean.0, attacked.1, clean.1);
        assert!(attacked.0 >= 0.90 * clean.0, "{attack}: recall {:.3} of {:.3}", attacked.0, clean.0);
        assert!(attacked.1 <= clean.1 + 0.02, "{attack}: false alarms {:.3} of {:.3}", attacked.1, clean.1);
    }
}
