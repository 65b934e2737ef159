//! netral scores Indonesian and English social-media posts for partisan political activity.
//!
//! ```text
//!  feed ──► Post ──► Encoder ──────────────────────► Features ──► LinearModel ──► Calibration ──► Score ──► output
//!                    fold · mark contest names ·                  22 margins      probabilities   + Evidence
//!                    tokenize · n-grams                           in one pass     and band
//!                    └─────────── one model artefact carries all of this ───────────┘
//!  corpus + recipe ──► train ──► model artefact ──► eval ──► models/README.md
//!  contest packs (who stands, under which names, numbers and slogans) ──► Encoder
//! ```
//!
//! A post passes six files: `feed` reads it, `encode` turns it into features (by `text`, `token`, `mark` and `subword`, with `lexicon` as memory of
//! what was read before and `vocabulary` as the list of features), `linear` sums the margins of all heads, `calibrate` makes probabilities of
//! them, `score` adds the reasons (and `link` where links lead), `output` writes it, with `pseudonym`s if need be. `pipeline` does so for a
//! whole feed on all threads, `batch` for what is new in many, night after night; `rule` names references, `roster` tells who may be covered, and
//! `filled` reads what people fill in. `survey` says
//! what is in a feed, `leader` whether it is one account's, `estimate` how common something is in it. `eval` and `suite` say how good a model is, by `measure`s; `validate`, `curve` and
//! `sweep` how good a recipe is. Imports run one way:
//!
//! ```text
//!  text → error → post, link, calibrate → table, token, pack, leader → feed → survey, linear, vocabulary, subword, mark → lexicon, attack, corpus
//!        → rule, measure → check, encode → model → compact → score, train → adapt, pseudonym → filled → roster, output → pipeline, queue, estimate, eval
//!        → suite, validate → curve, sweep → batch
//! ```
//!
//! # Example
//! ```
//! use netral::{Model, Packs, Post, Scorer};
//!
//! let scorer = Scorer::new(Model::default(), Packs::national());
//! let score = scorer.score(&Post::new("Join our campaign and knock on doors for Rivera on Saturday!"));
//! println!("{:?} {:?}", score.band, score.partisan);
//! for reason in &score.evidence {
//!     println!("{:+.2} {}", reason.push, reason.text);
//! }
//! # assert!(score.partisan > Some(0.5));
//! ```
//!
//! A score is a reason to look, never a finding.

mod adapt;
mod attack;
#[cfg(feature = "batch")]
mod batch;
mod calibrate;
mod check;
mod compact;
mod corpus;
mod curve;
mod encode;
mod error;
mod estimate;
mod eval;
mod feed;
#[cfg(feature = "batch")]
mod filled;
mod leader;
mod lexicon;
mod linear;
mod link;
mod mark;
mod measure;
mod model;
mod output;
mod pack;
mod pipeline;
mod post;
mod pseudonym;
mod queue;
mod roster;
mod rule;
mod score;
#[cfg(feature = "stages")]
#[doc(hidden)]
pub mod stages;
mod subword;
mod suite;
mod survey;
mod sweep;
mod table;
mod text;
mod token;
mod train;
mod validate;
mod vocabulary;

#[cfg(feature = "batch")]
pub use batch::Batch;
pub use corpus::Corpus;
pub use error::Error;
pub use eval::Gold;
pub use feed::{Feed, Options};
pub use model::{Model, Recipe};
pub use output::{Counts, Output};
pub use pack::Packs;
pub use post::{Activity, Post};
pub use pseudonym::Pseudonyms;
pub use score::{Band, Evidence, Score, Scorer, Status};
pub use suite::Suite;
