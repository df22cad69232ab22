//! Texts of the rules: why something happens, with the number that matters.
//!
//! Owns: one or two sentences for every [`Rule`] in every language. Does not own: the citation
//! (`rule`), or the numbers of the case at hand (`view`).

mod en;
mod zh;

use crate::i18n::Lang;
use crate::rule::Rule;

/// Explains a rule to someone who meets it for the first time.
pub const fn explain(lang: Lang, rule: Rule) -> &'static str {
    match lang {
        Lang::En => en::text(rule),
        Lang::Zh => zh::text(rule),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_is_explained_once_in_every_language() {
        for lang in Lang::ALL {
            let mut texts: Vec<_> = Rule::ALL.iter().map(|rule| explain(lang, *rule)).collect();
            let count = texts.len();
            texts.sort_unstable();
            texts.dedup();
            assert_eq!(texts.len(), count, "two rules of one text");
        }
    }

    #[test]
    fn one_sentence_has_no_full_stop_and_two_have_two() {
        for rule in Rule::ALL {
            let (en, zh) = (explain(Lang::En, *rule), explain(Lang::Zh, *rule));
            let name = rule.name();
            assert_eq!(
                en.matches(". ").count() + usize::from(en.ends_with('.')),
                { if en.contains(". ") { 2 } else { 0 } },
                "{name}: {en}"
            );
            assert_eq!(
                zh.matches('。').count(),
                if zh.contains('。') { 2 } else { 0 },
                "{name}: {zh}"
            );
            assert!(!zh.contains("  ") && !en.contains("  "), "{name}: two spaces");
            assert!((20..=200).contains(&en.len()), "{name}: {} characters", en.len());
            assert!(zh.chars().count() <= 100, "{name}: {} characters", zh.chars().count());
        }
    }
}
