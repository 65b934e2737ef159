//! Tables of CrowdTangle, which closed in 2024.

use super::{Format, Shape};
use crate::feed::map::Map;
use crate::post::Activity;

pub(super) const FORMATS: &[Format] = &[
    Format {
        name: "crowdtangle-facebook",
        title: "CrowdTangle table (Facebook)",
        shape: Shape::TABLE,
        marks: &["Page Name|Group Name", "Post Created", "Message"],
        map: Map {
            text: &["Message"],
            id: &["URL"],
            author: &["User Name", "Page Name", "Group Name", "Facebook Id"],
            time: &["Post Created"],
            links: &["Final Link", "Link"],
            activity: &[("", Activity::Post)],
            ..Map::NONE
        },
        private: false,
    },
    Format {
        name: "crowdtangle-instagram",
        title: "CrowdTangle table (Instagram)",
        shape: Shape::TABLE,
        marks: &["Account", "User Name", "Post Created", "Description"],
        map: Map {
            text: &["Description", "Title"],
            id: &["URL"],
            author: &["User Name", "Account"],
            time: &["Post Created"],
            activity: &[("", Activity::Post)],
            ..Map::NONE
        },
        private: false,
    },
];
