//! The gallery: scenarios that come with the page, each a story of its own.
//!
//! Owns: which there are, their titles and facts in every language, and every revision that was
//! ever published. Does not own: reading their text (`scenario`) or drawing them (`ui`).
//!
//! Links name a scenario and its revision and hold only what was changed in it (`share`), so a text
//! that was published never changes. To change one: move the file to
//! `static/scenarios/old/ID@REVISION.yaml`, list it in [`OLD`], write the new text and raise
//! `revision`. `tests/links.rs` holds the digest of every revision.

use crate::i18n::Lang;

/// What a scenario is about, in the order of the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Group {
    /// Start, end, start again.
    OnePod,
    /// What containers of a Pod share.
    Shared,
    /// Containers that run before the others.
    Init,
    /// How a Pod goes.
    Leaving,
}

impl Group {
    /// Every group, in the order of the page.
    pub const ALL: [Self; 4] = [Self::OnePod, Self::Shared, Self::Init, Self::Leaving];

    /// Its heading.
    pub const fn title(self, lang: Lang) -> &'static str {
        match self {
            Self::OnePod => Words { en: "One Pod", zh: "一个 Pod" },
            Self::Shared => Words { en: "Shared namespaces", zh: "共享的 namespace" },
            Self::Init => Words { en: "Init containers", zh: "init 容器" },
            Self::Leaving => Words { en: "Leaving", zh: "离开" },
        }
        .of(lang)
    }

    /// What it is about, in a few words.
    pub const fn about(self, lang: Lang) -> &'static str {
        match self {
            Self::OnePod => {
                Words { en: "Start, end, start again", zh: "启动、结束、再启动" }
            }
            Self::Shared => Words {
                en: "One network, one hostname, a common directory",
                zh: "同一个网络，同一个 hostname，共用目录",
            },
            Self::Init => Words {
                en: "First these, then the others",
                zh: "先跑完它们，再轮到别的",
            },
            Self::Leaving => Words {
                en: "SIGTERM, a grace period, SIGKILL",
                zh: "SIGTERM、宽限期、SIGKILL",
            },
        }
        .of(lang)
    }
}

/// A text in every language.
#[derive(Clone, Copy, Debug)]
struct Words {
    en: &'static str,
    zh: &'static str,
}

impl Words {
    const fn of(self, lang: Lang) -> &'static str {
        match lang {
            Lang::En => self.en,
            Lang::Zh => self.zh,
        }
    }
}

/// One scenario of the gallery, in its newest revision.
#[derive(Clone, Copy, Debug)]
pub struct GalleryEntry {
    /// Its name in links; never changes.
    pub id: &'static str,
    /// Counts the texts that were published, from 1.
    pub revision: u32,
    /// What it is about.
    pub group: Group,
    /// Manifests and Scenario document.
    pub text: &'static str,
    title: Words,
    fact: Words,
}

impl GalleryEntry {
    /// Its title, as the Scenario document has it too.
    pub const fn title(&self, lang: Lang) -> &'static str {
        self.title.of(lang)
    }

    /// The one short fact to take away: `exit 137`.
    pub const fn fact(&self, lang: Lang) -> &'static str {
        self.fact.of(lang)
    }
}

/// Declares the scenarios: group, id, revision, title and fact; the text is the file of that id.
macro_rules! gallery {
    ($( $group:ident $id:literal @ $revision:literal
        { en: $en:literal, $en_fact:literal; zh: $zh:literal, $zh_fact:literal } )*) => {
        static ENTRIES: &[GalleryEntry] = &[ $( GalleryEntry {
            id: $id,
            revision: $revision,
            group: Group::$group,
            text: include_str!(concat!("../static/scenarios/", $id, ".yaml")),
            title: Words { en: $en, zh: $zh },
            fact: Words { en: $en_fact, zh: $zh_fact },
        } ),* ];
    };
}

gallery! {
    OnePod "exit-1" @ 1 {
        en: "Exit 1, again and again", "back-off grows to 5 min";
        zh: "一次又一次 exit 1", "back-off 涨到 5 分钟"
    }
    OnePod "exit-0" @ 1 {
        en: "Exit 0 still restarts", "CrashLoopBackOff";
        zh: "exit 0 也会重启", "CrashLoopBackOff"
    }
    OnePod "mixed-exits" @ 1 {
        en: "One failure fails the Pod", "exit 0 + exit 2 = Failed";
        zh: "一个失败，Pod 就 Failed", "exit 0 + exit 2 = Failed"
    }
    OnePod "image-missing" @ 1 {
        en: "The image does not exist", "ImagePullBackOff";
        zh: "镜像不存在", "ImagePullBackOff"
    }
    OnePod "bad-command" @ 1 {
        en: "The command does not exist", "RunContainerError, exit 128";
        zh: "命令不存在", "RunContainerError，exit 128"
    }
    OnePod "too-big" @ 1 {
        en: "Too big for the cluster", "Pending: Insufficient cpu";
        zh: "集群装不下", "Pending：Insufficient cpu"
    }
    Shared "two-containers" @ 1 {
        en: "Two containers, one IP", "the delete takes 30 s";
        zh: "两个容器，一个 IP", "删除要 30 秒"
    }
    Shared "port-conflict" @ 1 {
        en: "Both want port 80", "the second one crash-loops";
        zh: "都要 80 端口", "第二个反复崩溃"
    }
    Shared "writer-reader" @ 1 {
        en: "Writer and reader", "emptyDir";
        zh: "一个写，一个读", "emptyDir"
    }
    Init "init-order" @ 1 {
        en: "Two init containers", "3 s, then 4 s, then nginx";
        zh: "两个 init 容器", "3 秒，再 4 秒，然后 nginx"
    }
    Init "init-fails" @ 1 {
        en: "An init container that fails", "Init:CrashLoopBackOff";
        zh: "总是失败的 init 容器", "Init:CrashLoopBackOff"
    }
    Init "init-file" @ 1 {
        en: "An init container writes a file", "the new Pod runs it again";
        zh: "init 容器写好文件", "新 Pod 会再跑一遍"
    }
    Leaving "term-ignored" @ 1 {
        en: "A delete that waits 30 s", "exit 137";
        zh: "要等 30 秒的删除", "exit 137"
    }
    Leaving "term-trapped" @ 1 {
        en: "A trap answers SIGTERM", "exit 0 after 4 s";
        zh: "用 trap 接住 SIGTERM", "4 秒后 exit 0"
    }
    Leaving "delete-nginx" @ 1 {
        en: "Delete a Pod", "gone in a second";
        zh: "删除一个 Pod", "一秒就走"
    }
}

/// Texts that were replaced: id, revision, text. Links to them live on, so they stay for ever.
static OLD: &[(&str, u32, &str)] = &[];

/// Every scenario, grouped, in the order of the page.
pub fn all() -> &'static [GalleryEntry] {
    ENTRIES
}

/// The scenario of this id, in its newest revision.
pub fn entry(id: &str) -> Option<&'static GalleryEntry> {
    ENTRIES.iter().find(|entry| entry.id == id)
}

/// The text of a scenario as it was in a revision.
pub fn find(id: &str, revision: u32) -> Option<&'static str> {
    revisions().find(|(other, number, _)| *other == id && *number == revision).map(|found| found.2)
}

/// Every text that was ever published: id, revision, text.
pub fn revisions() -> impl Iterator<Item = (&'static str, u32, &'static str)> {
    let newest = ENTRIES.iter().map(|entry| (entry.id, entry.revision, entry.text));
    newest.chain(OLD.iter().copied())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_revision_is_kept() {
        for entry in all() {
            for revision in 1..=entry.revision {
                assert!(find(entry.id, revision).is_some(), "{}@{revision}", entry.id);
            }
            assert!(find(entry.id, entry.revision + 1).is_none());
            assert!(find(entry.id, 0).is_none());
        }
        let mut names: Vec<_> = revisions().map(|(id, revision, _)| (id, revision)).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), revisions().count(), "two texts of one name");
    }

    #[test]
    fn ids_fit_into_a_link_and_groups_stand_together() {
        for entry in all() {
            let fits =
                |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
            assert!(entry.id.bytes().all(fits), "{}", entry.id);
        }
        assert!(all().is_sorted_by_key(|entry| entry.group), "cards of a group follow each other");
        for group in Group::ALL {
            assert!(all().iter().any(|entry| entry.group == group), "{group:?} is empty");
        }
    }

    #[test]
    fn the_scenario_document_has_the_same_name_and_titles() {
        for entry in all() {
            let (_, document) = entry.text.split_once("kind: Scenario\n").expect("a document");
            let has = |line: String| document.contains(&line);
            assert!(has(format!("metadata:\n  name: {}\n", entry.id)), "{}", entry.id);
            for lang in Lang::ALL {
                let title = entry.title(lang);
                let (plain, quoted) = (
                    format!("    {}: {title}\n", lang.tag()),
                    format!("    {}: \"{title}\"\n", lang.tag()),
                );
                assert!(has(plain) || has(quoted), "{}: {title}", entry.id);
                assert!(!entry.fact(lang).is_empty());
            }
        }
    }
}
