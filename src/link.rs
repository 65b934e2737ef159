//! Links of a post that say something by where they lead. None is ever followed, so a shortened one says nothing.

use serde::Serialize;

use crate::post::Post;

/// A link that leads to a campaign, into a chat group or to a collection of money.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Link {
    /// Where it leads: the part of the host's name that somebody registered, by the public suffix list.
    pub domain: String,
    /// What is there.
    pub kind: LinkKind,
}

/// Where a link leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LinkKind {
    /// A contender's page, by a contest pack.
    Campaign,
    /// A chat group that takes in whoever opens the link.
    ChatInvite,
    /// A page that collects money, for whatever purpose.
    Donation,
}

/// Starts of addresses, without `www.`, that let one into a group.
const INVITES: [&str; 11] = [
    "chat.whatsapp.com/",
    "whatsapp.com/channel/",
    "t.me/+",
    "t.me/joinchat/",
    "telegram.me/joinchat/",
    "discord.gg/",
    "discord.com/invite/",
    "line.me/r/ti/g/",
    "line.me/ti/g/",
    "m.me/j/",
    "signal.group/",
];
/// Domains of services that collect money, of all sides and of none.
const COLLECTIONS: [&str; 20] = [
    "kitabisa.com",
    "saweria.co",
    "trakteer.id",
    "sociabuzz.com",
    "bantuteman.com",
    "gofundme.com",
    "actblue.com",
    "winred.com",
    "anedot.com",
    "donorbox.org",
    "givebutter.com",
    "crowdfunder.co.uk",
    "justgiving.com",
    "chuffed.org",
    "raisely.com",
    "paypal.me",
    "ko-fi.com",
    "buymeacoffee.com",
    "patreon.com",
    "gogetfunding.com",
];

/// The telling links of a post, each domain and kind once: those in its words, then those that the source lists.
/// `is_campaign` knows the hosts of campaigns.
pub(crate) fn links(post: &Post, is_campaign: impl Fn(&str) -> bool) -> Vec<Link> {
    let words = post.words();
    let mut found: Vec<Link> = Vec::new();
    for address in with_slash(words).chain(post.links.iter().map(String::as_str)) {
        let Some(address) = address.split("://").last().map(str::to_lowercase) else { continue };
        let address = address.trim_start_matches(|c: char| !c.is_alphanumeric()).trim_start_matches("www.");
        let host = address.split(['/', '?', '#', ':']).next().unwrap_or_default();
        let Some(domain) = addr::parse_dns_name(host).ok().and_then(|name| name.root()) else { continue };
        let kind = if is_campaign(host) {
            LinkKind::Campaign
        } else if INVITES.iter().any(|start| address.starts_with(start)) {
            LinkKind::ChatInvite
        } else if COLLECTIONS.contains(&domain) {
            LinkKind::Donation
        } else {
            continue;
        };
        let link = Link { domain: domain.to_owned(), kind };
        if !found.contains(&link) {
            found.push(link);
        }
    }
    found
}

/// The stretches between spaces that hold a slash. What holds none is not looked through.
fn with_slash(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let slash = rest.find('/')?;
        let start = rest[..slash].char_indices().rfind(|(_, c)| c.is_whitespace()).map_or(0, |(at, c)| at + c.len_utf8());
        let end = rest[slash..].find(char::is_whitespace).map_or(rest.len(), |length| slash + length);
        let found = &rest[start..end];
        rest = &rest[end..];
        Some(found)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_told_by_where_they_lead() {
        let post = Post {
            text: "Gabung https://chat.whatsapp.com/AbC, donasi di (www.kitabisa.com/x) bit.ly/abc dan/atau t.me/kanal".to_owned(),
            links: vec!["https://go.melati.example.co.id/ayo".to_owned(), "https://chat.whatsapp.com/again".to_owned()],
            ..Post::default()
        };
        let found = links(&post, |host| host == "go.melati.example.co.id");
        let shown: Vec<(&str, LinkKind)> = found.iter().map(|l| (l.domain.as_str(), l.kind)).collect();
        assert_eq!(shown, [("whatsapp.com", LinkKind::ChatInvite), ("kitabisa.com", LinkKind::Donation), ("example.co.id", LinkKind::Campaign)]);
        assert!(links(&Post::new("http:// /// ://x a/b"), |_| true).is_empty());
    }

    #[test]
    fn stretches_with_a_slash_are_found_between_any_spaces() {
        let text = "a/b\u{3000}ü c\u{A0}/d\n\te//f/ g";
        let plain: Vec<&str> = text.split_whitespace().filter(|word| word.contains('/')).collect();
        assert_eq!(with_slash(text).collect::<Vec<_>>(), plain);
        assert_eq!(plain, ["a/b", "/d", "e//f/"]);
    }
}
