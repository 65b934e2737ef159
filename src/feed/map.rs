//! Which field of an export is what: the paths of a [`Map`], and the post made of the values found at them.

use percent_encoding::percent_decode_str;

use super::clean::{Clean, fix_double_encoding, fix_escaped_bytes};
use super::time;
use super::{Note, Options};
use crate::post::{Activity, Post};

/// Where a format keeps the parts of a post.
///
/// Each use has a list of alternatives, the best first; the first that holds something counts. An alternative is a dotted
/// path into JSON, with `[]` for the items of an array, or the name of a column. `a+b` joins what is found at both in the order of
/// the document, `a&b` in the order given and on lines of their own, `at:a/b/c` to an address. `path!entities`, `path!html` and
/// `path!newlines` clean what is found there.
#[derive(Clone, Copy)]
pub(super) struct Map {
    pub(super) text: &'static [&'static str],
    pub(super) id: &'static [&'static str],
    pub(super) author: &'static [&'static str],
    pub(super) time: &'static [&'static str],
    pub(super) lang: &'static [&'static str],
    /// The post's own address, which may hold its id.
    pub(super) url: &'static [&'static str],
    pub(super) parent: &'static [&'static str],
    pub(super) parent_id: &'static [&'static str],
    pub(super) links: &'static [&'static str],
    /// The first rule that holds tells the activity: `path` where there is something other than null, false, 0 or nothing, `path=value`,
    /// `path^start`, or nothing at all, which always holds. Without rules, the word at `activity_word` tells.
    pub(super) activity: &'static [(&'static str, Activity)],
    pub(super) activity_word: &'static [&'static str],
    /// Whether rows without a field for text are normal.
    pub(super) textless: bool,
    /// Whether strings are UTF-8 bytes escaped one by one, as in downloads from Meta.
    pub(super) bytes_escaped: bool,
    /// Whether times without a zone are in UTC.
    pub(super) utc: bool,
}

impl Map {
    pub(super) const NONE: Self = Self {
        text: &[],
        id: &[],
        author: &[],
        time: &[],
        lang: &[],
        url: &[],
        parent: &[],
        parent_id: &[],
        links: &[],
        activity: &[],
        activity_word: &[],
        textless: false,
        bytes_escaped: false,
        utc: false,
    };
}

/// A part of a post.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Text,
    Id,
    Author,
    Time,
    Lang,
    Url,
    Activity,
    Parent,
    ParentId,
    Link,
}

const PARTS: usize = 10;

impl Part {
    /// Names under which exports of no known tool keep it, the best first; case, spaces and joining signs do not matter.
    pub(super) const fn names(self) -> &'static [&'static str] {
        match self {
            Self::Text => &[
                "text",
                "fulltext",
                "tweettext",
                "texttweet",
                "posttext",
                "content",
                "body",
                "message",
                "caption",
                "tweet",
                "teks",
                "isi",
                "isipesan",
                "isikomentar",
                "pesan",
                "komentar",
                "comment",
                "commenttext",
                "instagramcommenttext",
                "konten",
                "unggahan",
                "postmessage",
                "status",
                "selftext",
                "description",
                "rawtext",
                "judul",
                "title",
            ],
            Self::Id => &["id", "idstr", "tweetid", "postid", "commentid", "messageid", "uri", "url", "link", "tautan"],
            Self::Author => &[
                "author",
                "username",
                "screenname",
                "userscreenname",
                "handle",
                "account",
                "accountname",
                "akun",
                "namapengguna",
                "namaakun",
                "pengirim",
                "user",
                "authorname",
                "nama",
                "userid",
                "authorid",
            ],
            Self::Time => &[
                "createdat",
                "time",
                "timestamp",
                "date",
                "datetime",
                "publishedat",
                "postedat",
                "tanggal",
                "waktu",
                "tgl",
                "createtime",
                "createdutc",
                "publishdate",
                "posttime",
            ],
            Self::Lang => &["lang", "language", "bahasa"],
            Self::Url => &["url", "tweeturl", "permalink", "posturl", "link", "tautan"],
            Self::Activity => &["activity", "activitytype", "type", "posttype", "jenis", "aktivitas"],
            Self::Parent => &["parenttext", "parent", "inreplytotext", "quotedtext", "originaltext"],
            Self::ParentId => &["parentid", "inreplytoid", "inreplytostatusid", "replyto"],
            Self::Link => &["links", "urls", "expandedurl"],
        }
    }

    pub(super) const ALL: [Self; PARTS] =
        [Self::Text, Self::Id, Self::Author, Self::Time, Self::Lang, Self::Url, Self::Activity, Self::Parent, Self::ParentId, Self::Link];

    /// Those that a user is told of, with a word for them.
    pub(super) const SHOWN: [(Self, &'static str); 7] = [
        (Self::Text, "text"),
        (Self::Id, "id"),
        (Self::Author, "author"),
        (Self::Time, "time"),
        (Self::Activity, "activity"),
        (Self::Lang, "language"),
        (Self::Parent, "parent"),
    ];

    fn alternatives(self, map: &Map) -> &'static [&'static str] {
        match self {
            Self::Text => map.text,
            Self::Id => map.id,
            Self::Author => map.author,
            Self::Time => map.time,
            Self::Lang => map.lang,
            Self::Url => map.url,
            Self::Activity => map.activity_word,
            Self::Parent => map.parent,
            Self::ParentId => map.parent_id,
            Self::Link => map.links,
        }
    }
}

/// What a value at a path is wanted for.
#[derive(Clone, Debug)]
pub(super) enum Want {
    /// A part of the post: of several, the one with the lowest rank counts.
    Value { part: Part, rank: u8, place: u8, joined: Joined, clean: Clean },
    /// A rule of the activity.
    Rule { number: u8, test: Test },
}

/// How a value goes with others of its rank.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Joined {
    /// Not at all: the first counts.
    No,
    /// As in the document.
    Directly,
    /// On lines of their own, in the order of their places.
    ByLine,
    /// To an address `at://a/b/c`.
    Address,
}

#[derive(Clone, Debug)]
pub(super) enum Test {
    Something,
    Equals(String),
    Starts(String),
}

/// What stands where a platform took something away.
const TAKEN_AWAY: [&str; 3] = ["[deleted]", "[removed]", "[deleted by user]"];
/// More links than any post has.
const MOST_LINKS: usize = 200;
/// The rank of names that the first rows do not have.
const UNSEEN: u8 = 100;

/// A map ready for use: what is wanted at which path.
pub(crate) struct Mapping {
    pub(super) wants: Vec<(String, Want)>,
    pub(super) title: &'static str,
    map: Map,
    /// One bit for each rule of the activity that needs no field.
    always: u32,
    fix_encoding: bool,
    /// The author where rows have none: whose download it is.
    pub(super) owner: Option<String>,
}

impl Mapping {
    /// The map of a known format; columns that the user names come before its own.
    pub(super) fn new(title: &'static str, map: &Map, options: &Options) -> Self {
        let mut mapping = Self { wants: Vec::new(), title, map: *map, always: 0, fix_encoding: options.fix_encoding, owner: None };
        for part in Part::ALL {
            match options.column(part) {
                Some(name) => mapping.name(part, 0, name),
                None => part.alternatives(map).iter().enumerate().for_each(|(rank, path)| mapping.alternative(part, rank as u8, path)),
            }
        }
        for (number, (rule, _)) in map.activity.iter().enumerate() {
            let (path, test) = if let Some((path, value)) = rule.split_once('=') {
                (path, Test::Equals(value.to_owned()))
            } else if let Some((path, start)) = rule.split_once('^') {
                (path, Test::Starts(start.to_owned()))
            } else {
                (*rule, Test::Something)
            };
            if path.is_empty() {
                mapping.always |= 1 << number;
            } else {
                mapping.wants.push((path.to_owned(), Want::Rule { number: number as u8, test }));
            }
        }
        mapping
    }

    /// A map for fields with telling names.
    pub(super) fn guessed(fields: &[String], text: Option<&str>, options: &Options) -> Self {
        let mut mapping = Self::new("", &Map::NONE, options);
        for part in Part::ALL {
            if options.column(part).is_some() {
                continue;
            }
            if let (Part::Text, Some(text)) = (part, text) {
                mapping.name(part, 0, text);
            }
            for (rank, name) in part.names().iter().enumerate() {
                // Rows may keep their text elsewhere than the first ones do.
                if part == Part::Text && rank < 8 && !fields.iter().any(|f| f == name) {
                    mapping.name(part, UNSEEN + rank as u8, name);
                }
                for field in fields.iter().filter(|f| super::plain_name(f) == *name && (part == Part::Text || Some(f.as_str()) != text)) {
                    mapping.name(part, rank as u8 + 1, field);
                }
            }
        }
        mapping
    }

    /// Takes an alternative of a [`Map`] apart.
    fn alternative(&mut self, part: Part, rank: u8, alternative: &str) {
        let (joined, sign, alternative) = match alternative.strip_prefix("at:") {
            Some(address) => (Joined::Address, '/', address),
            None if alternative.contains('&') => (Joined::ByLine, '&', alternative),
            None if alternative.contains('+') => (Joined::Directly, '+', alternative),
            None => (Joined::No, '\0', alternative),
        };
        for (place, piece) in alternative.split(sign).enumerate() {
            let (path, clean) = Clean::named(piece);
            self.wants.push((path.to_owned(), Want::Value { part, rank, place: place as u8, joined, clean }));
        }
    }

    /// Takes a name as it is: one that the user gave or the file has may hold any sign.
    fn name(&mut self, part: Part, rank: u8, name: &str) {
        self.wants.push((name.to_owned(), Want::Value { part, rank, place: 0, joined: Joined::No, clean: Clean::Nothing }));
    }

    /// The same, where rows without a field for text are normal.
    pub(super) fn textless(mut self) -> Self {
        self.map.textless = true;
        self
    }

    /// The paths at which a part may be, the best first.
    pub(super) fn paths(&self, wanted: Part) -> impl Iterator<Item = &str> {
        self.wants.iter().filter_map(move |(path, want)| matches!(want, Want::Value { part, .. } if *part == wanted).then_some(path.as_str()))
    }

    pub(super) fn found(&self) -> Found<'_> {
        Found { mapping: self, values: Default::default(), links: Vec::new(), rules: self.always, text_seen: false, cleaned: false, fields: 0, result: false }
    }
}

/// What one pass over a row finds.
pub(super) struct Found<'m> {
    pub(super) mapping: &'m Mapping,
    values: [Value; PARTS],
    links: Vec<String>,
    /// One bit for each rule of the activity that holds.
    rules: u32,
    /// Whether there was a field for the text, be it empty.
    text_seen: bool,
    cleaned: bool,
    pub(super) fields: usize,
    pub(super) result: bool,
}

#[derive(Default)]
struct Value {
    text: String,
    rank: u8,
    place: u8,
}

impl Found<'_> {
    /// Takes a string, or a number as it is written.
    pub(super) fn take(&mut self, want: &Want, value: &str) {
        match want {
            Want::Rule { number, test } => {
                let holds = match test {
                    Test::Something => !matches!(value, "" | "0" | "false" | "False" | "null"),
                    Test::Equals(wanted) => value.eq_ignore_ascii_case(wanted),
                    Test::Starts(start) => value.starts_with(start.as_str()),
                };
                self.rules |= u32::from(holds) << number;
            }
            Want::Value { part, rank, place, joined, clean } => {
                self.text_seen |= *part == Part::Text;
                if value.is_empty()
                    || matches!(part, Part::Text | Part::Author) && TAKEN_AWAY.contains(&value)
                    || value == "null" && *part != Part::Text
                    || value == "0" && *part == Part::ParentId
                {
                    return;
                }
                let fixed = if self.mapping.map.bytes_escaped { fix_escaped_bytes(value) } else { None };
                let value = fixed.as_deref().unwrap_or(value);
                let cleaned = clean.apply(value);
                if *part == Part::Text {
                    self.cleaned |= fixed.is_some() || matches!(cleaned, std::borrow::Cow::Owned(_));
                }
                if *part == Part::Link {
                    self.links.push(cleaned.into_owned());
                    return;
                }
                let best = &mut self.values[*part as usize];
                if best.text.is_empty() || *rank < best.rank {
                    let text = if *joined == Joined::Address { format!("at://{cleaned}") } else { cleaned.into_owned() };
                    *best = Value { text, rank: *rank, place: *place };
                } else if *rank == best.rank {
                    self.cleaned |= *part == Part::Text && *joined != Joined::No;
                    match joined {
                        Joined::No => {}
                        Joined::Directly => best.text.push_str(&cleaned),
                        Joined::Address => best.text.extend(["/", &*cleaned]),
                        Joined::ByLine if *place < best.place => best.text = format!("{cleaned}\n{}", best.text),
                        Joined::ByLine => {
                            best.text.push('\n');
                            best.text.push_str(&cleaned);
                        }
                    }
                }
            }
        }
    }

    /// Takes note of an object or array with something in it.
    pub(super) fn take_presence(&mut self, want: &Want) {
        if let Want::Rule { number, test: Test::Something } = want {
            self.rules |= 1 << number;
        }
    }

    /// The post, or `None` where the row has no field that could hold its text; with what had to be done to it.
    pub(super) fn post(mut self) -> (Option<Post>, Vec<Note>) {
        let mapping = self.mapping;
        let mut notes = Vec::new();
        if !self.text_seen && !mapping.map.textless {
            return (None, notes);
        }
        if self.cleaned {
            notes.push(Note::Cleaned);
        }
        let mut taken = |part: Part| {
            let value = std::mem::take(&mut self.values[part as usize].text);
            (!value.is_empty()).then_some(value)
        };
        let (mut text, mut parent) = (taken(Part::Text).unwrap_or_default(), taken(Part::Parent));
        if !text.is_ascii()
            && let Some(fixed) = fix_double_encoding(&text)
        {
            notes.push(if mapping.fix_encoding { Note::EncodingFixed } else { Note::DoubleEncoded });
            if mapping.fix_encoding {
                text = fixed;
                parent = parent.map(|p| fix_double_encoding(&p).unwrap_or(p));
            }
        }
        if before_cut(&text).is_some() {
            notes.push(Note::Cut);
        }
        let word = taken(Part::Activity);
        let mut activity = match self.rules {
            0 => word.map_or(Activity::Unknown, |w| Activity::parse(&w)),
            rules => mapping.map.activity[rules.trailing_zeros() as usize].1,
        };
        if !mapping.title.is_empty() && activity == Activity::Post && retweeted(&text).is_some() {
            activity = Activity::Share;
        }
        let repeats = |original: &String| text.starts_with("RT @") || text.chars().zip(original.chars()).take(20).all(|(a, b)| a == b);
        if activity == Activity::Share && !text.is_empty() && parent.as_ref().is_some_and(|original| !repeats(original)) {
            activity = Activity::Quote;
        }
        if activity.is_bare() {
            let passed_on = std::mem::take(&mut text);
            if parent.is_none() && !passed_on.is_empty() {
                let original = retweeted(&passed_on).map(str::to_owned);
                if original.is_some() && !notes.contains(&Note::Cleaned) {
                    notes.push(Note::Cleaned);
                }
                parent = Some(original.unwrap_or(passed_on));
                if parent.as_ref().is_some_and(|p| p.ends_with('\u{2026}')) {
                    notes.push(Note::Cut);
                }
            }
        }
        let (url, mut id) = (taken(Part::Url), taken(Part::Id));
        // An address of one piece is nobody's.
        id = id.filter(|id| id.strip_prefix("at://").is_none_or(|rest| rest.contains('/')));
        if let Some((note, whole)) = damaged(id.as_deref().unwrap_or_default(), url.as_deref()) {
            id = whole.or(id);
            notes.push(note);
        }
        let author = taken(Part::Author).or_else(|| mapping.owner.clone());
        let post = Post {
            id,
            author: author.map(|a| a.strip_prefix('@').map(str::to_owned).unwrap_or(a)),
            text,
            time: taken(Part::Time).map(|t| time::parse(&t, mapping.map.utc)),
            activity,
            parent,
            parent_id: taken(Part::ParentId),
            lang: taken(Part::Lang).and_then(|l| language(&l)),
            links: listed(self.links),
        };
        (Some(post), notes)
    }
}

/// What follows `RT @name: `, as X writes it before words that are passed on.
fn retweeted(text: &str) -> Option<&str> {
    text.strip_prefix("RT @")?.split_once(": ").map(|(_, rest)| rest)
}

/// What is left of a text that ends as X ends those that it cuts: with an ellipsis and a short link to the whole.
pub(super) fn before_cut(text: &str) -> Option<&str> {
    text.rsplit_once("\u{2026} https://t.co/").filter(|(_, rest)| rest.chars().all(char::is_alphanumeric)).map(|(stem, _)| stem)
}

/// Whether an id went through a floating-point number; the whole one if the post's address has it.
fn damaged(id: &str, url: Option<&str>) -> Option<(Note, Option<String>)> {
    let digits = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit());
    let written = id.to_ascii_lowercase();
    let float = written.split_once('e').is_some_and(|(m, e)| digits(e.trim_start_matches('+')) && m.split('.').all(digits))
        || written.split_once('.').is_some_and(|(whole, rest)| digits(whole) && digits(rest));
    let rounded = digits(id) && id.len() > 16 && id.ends_with("00");
    if !float && !rounded {
        return None;
    }
    let address = url.and_then(|u| u.split("/status/").nth(1)).map(|s| s.chars().take_while(char::is_ascii_digit).collect::<String>());
    match address.filter(|a| a.len() > 4) {
        Some(whole) if float => Some((Note::IdRecovered, Some(whole))),
        Some(whole) if whole != id && whole.len() == id.len() && whole[..14] == id[..14] => Some((Note::IdRecovered, Some(whole))),
        _ => float.then_some((Note::IdRounded, None)),
    }
}

/// A claimed language as a code; X's old codes are made current, and its codes for "none" are none.
fn language(claim: &str) -> Option<String> {
    let claim = claim.trim().to_lowercase();
    Some(match claim.as_str() {
        "in" | "indonesian" | "bahasa indonesia" | "indonesia" => "id".to_owned(),
        "english" | "inggris" => "en".to_owned(),
        "malay" => "ms".to_owned(),
        "iw" => "he".to_owned(),
        "ji" => "yi".to_owned(),
        "" | "und" | "zxx" | "art" | "qam" | "qct" | "qht" | "qme" | "qst" | "un" | "unknown" => return None,
        _ => claim,
    })
}

/// The address behind one that Meta counts clicks with.
fn behind(link: &str) -> String {
    let counted = ["https://l.threads.com/?u=", "https://l.facebook.com/l.php?u=", "https://l.instagram.com/?u="];
    match counted.iter().find_map(|start| link.strip_prefix(start)) {
        Some(rest) => percent_decode_str(rest.split('&').next().unwrap_or_default()).decode_utf8_lossy().into_owned(),
        None => link.to_owned(),
    }
}

/// Links one by one: some exports list them in one field. A post's own pictures and address are no links.
fn listed(fields: Vec<String>) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for field in fields {
        for link in field.split(['|', ' ', '\n', '"', '[', ']', ',', ';']).filter(|l| l.starts_with("http")) {
            let media = link.split("/status/").nth(1).is_some_and(|rest| rest.contains("/photo/") || rest.contains("/video/"));
            let own =
                media || link.contains("/i/web/status/") || link.contains("reddit.com/r/") && link.contains("/comments/") || link.contains("//pbs.twimg.com/");
            if own || link.starts_with("https://t.co/") {
                continue;
            }
            let link = behind(link);
            if !out.contains(&link) {
                out.push(link);
            }
            if out.len() == MOST_LINKS {
                return out;
            }
        }
    }
    out
}
