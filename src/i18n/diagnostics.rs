//! Texts of the diagnostics: what is wrong, what to do, and how much it matters.
//!
//! Owns: the words for [`Finding`], [`Hint`] and [`Severity`] in every language. Does not own:
//! Kubernetes' own messages, which are shown as they are, or where a finding stands in the text.

use crate::diagnostic::{Diagnostic, Finding, Hint, Message, Severity};
use crate::i18n::Lang;

/// The words of a message: Kubernetes' own unchanged, ours in the language asked for.
pub fn message(lang: Lang, message: &Message) -> String {
    match message {
        Message::Kubernetes(words) => words.clone(),
        Message::Ours(finding) => match lang {
            Lang::En => finding_en(finding),
            Lang::Zh => finding_zh(finding),
        },
    }
}

/// The words of what to do about it.
pub fn hint(lang: Lang, hint: &Hint) -> String {
    match lang {
        Lang::En => hint_en(hint),
        Lang::Zh => hint_zh(hint),
    }
}

/// The word for how much a diagnostic matters.
pub const fn severity(lang: Lang, severity: Severity) -> &'static str {
    match lang {
        Lang::En => match severity {
            Severity::Rejected => "Rejected",
            Severity::Surprising => "Accepted, with a surprise",
            Severity::NotSimulated => "Not simulated",
        },
        Lang::Zh => match severity {
            Severity::Rejected => "会被拒绝",
            Severity::Surprising => "能通过，但要留意",
            Severity::NotSimulated => "未模拟",
        },
    }
}

/// Message and hint as one line, as a list or a terminal shows them.
pub fn line(lang: Lang, diagnostic: &Diagnostic) -> String {
    let mut words = message(lang, &diagnostic.message);
    if let Some(what_to_do) = &diagnostic.hint {
        words.push_str(match lang {
            Lang::En => ". ",
            Lang::Zh => "。",
        });
        words.push_str(&hint(lang, what_to_do));
    }
    words
}

fn finding_en(finding: &Finding) -> String {
    match finding {
        Finding::Syntax(detail) => format!("This is not YAML: {detail}"),
        Finding::TextTooLong { bytes, limit } => {
            format!("The text has {bytes} bytes; no more than {limit} are read")
        }
        Finding::TooManyAliases { limit } => {
            format!("The aliases of this document expand to more than {limit} nodes")
        }
        Finding::TooDeep { limit } => {
            format!("Nested deeper than {limit} levels; what lies deeper is not read")
        }
        Finding::TooManyObjects { limit } => {
            format!("More than {limit} objects or values; those after them are not read")
        }
        Finding::UnknownAlias(name) => format!("*{name} has no anchor &{name} before it"),
        Finding::DuplicateKey(key) => {
            format!("{key} stands twice in this mapping; kubectl silently takes the last one")
        }
        Finding::KindNotSimulated(kind) => {
            format!("{kind} is accepted and stored, but what it does is not simulated yet")
        }
        Finding::FieldNotSimulated(field) => {
            format!("{field} is valid in Kubernetes, but has no effect here yet")
        }
        Finding::SecondScenario => {
            "Only the first Scenario document counts; this one is ignored".to_owned()
        }
        Finding::UnknownScenarioField(field) => format!("A Scenario has no field {field}"),
        Finding::BadScenarioValue { value, expected } => {
            format!("“{value}” cannot be read here; expected {expected}")
        }
        Finding::UnknownCommand(command) => {
            format!("“{command}” is not a command that can be run here")
        }
        Finding::FieldNewerThanVersion { field, since } => {
            format!("{field} came with Kubernetes {since}; the chosen version does not know it")
        }
        Finding::NothingHere => "No objects in the text yet".to_owned(),
    }
}

fn finding_zh(finding: &Finding) -> String {
    match finding {
        Finding::Syntax(detail) => format!("这里不是合法的 YAML：{detail}"),
        Finding::TextTooLong { bytes, limit } => {
            format!("文本有 {bytes} 字节，最多读取 {limit} 字节")
        }
        Finding::TooManyAliases { limit } => {
            format!("这份文档的 alias 展开后超过 {limit} 个节点")
        }
        Finding::TooDeep { limit } => format!("嵌套超过 {limit} 层，更深的内容不再读取"),
        Finding::TooManyObjects { limit } => format!("对象或值超过 {limit} 个，后面的不再读取"),
        Finding::UnknownAlias(name) => format!("*{name} 之前没有定义 anchor &{name}"),
        Finding::DuplicateKey(key) => {
            format!("{key} 在同一个 mapping 里写了两次，kubectl 会不声不响地取最后一个")
        }
        Finding::KindNotSimulated(kind) => {
            format!("{kind} 会被接受并保存，但它的行为暂时还没有模拟")
        }
        Finding::FieldNotSimulated(field) => {
            format!("{field} 在 Kubernetes 中有效，但在这里暂时不起作用")
        }
        Finding::SecondScenario => "只有第一份 Scenario 文档有效，这一份被忽略".to_owned(),
        Finding::UnknownScenarioField(field) => format!("Scenario 没有 {field} 这个字段"),
        Finding::BadScenarioValue { value, expected } => {
            format!("这里读不懂“{value}”，应写成：{expected}")
        }
        Finding::UnknownCommand(command) => format!("“{command}”不是这里能执行的命令"),
        Finding::FieldNewerThanVersion { field, since } => {
            format!("{field} 从 Kubernetes {since} 才有，所选版本还不认识它")
        }
        Finding::NothingHere => "文本里还没有任何对象".to_owned(),
    }
}

fn hint_en(hint: &Hint) -> String {
    match hint {
        Hint::DidYouMean(name) => format!("Did you mean {name}?"),
        Hint::UseSpaces => "Indent with spaces; YAML forbids tabs".to_owned(),
        Hint::QuoteIt(value) => format!("Write \"{value}\", in quotes, so that it stays text"),
        Hint::GiveAUnit => "Give a unit, such as 30s, 5m or 1h30m".to_owned(),
        Hint::BelongsTo(place) => format!("It belongs in {place}"),
        Hint::OneOf(words) => format!("Write one of: {}", words.join(", ")),
        Hint::MakeItSmaller => "Shorten the text, or split it in several".to_owned(),
    }
}

fn hint_zh(hint: &Hint) -> String {
    match hint {
        Hint::DidYouMean(name) => format!("是不是想写 {name}？"),
        Hint::UseSpaces => "请用空格缩进，YAML 不允许用 tab".to_owned(),
        Hint::QuoteIt(value) => format!("加上引号写成 \"{value}\"，它才是字符串"),
        Hint::GiveAUnit => "请带上单位，例如 30s、5m 或 1h30m".to_owned(),
        Hint::BelongsTo(place) => format!("它应该写在 {place} 里"),
        Hint::OneOf(words) => format!("可以写：{}", words.join("、")),
        Hint::MakeItSmaller => "请缩短文本，或拆成几份".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Span;

    fn findings() -> Vec<Finding> {
        vec![
            Finding::Syntax("mapping values are not allowed".to_owned()),
            Finding::TextTooLong { bytes: 20, limit: 10 },
            Finding::TooManyAliases { limit: 10 },
            Finding::TooDeep { limit: 10 },
            Finding::TooManyObjects { limit: 10 },
            Finding::UnknownAlias("base".to_owned()),
            Finding::DuplicateKey("image".to_owned()),
            Finding::KindNotSimulated("Ingress".to_owned()),
            Finding::FieldNotSimulated("spec.priority".to_owned()),
            Finding::SecondScenario,
            Finding::UnknownScenarioField("spec.nope".to_owned()),
            Finding::BadScenarioValue { value: "5".to_owned(), expected: "a duration" },
            Finding::UnknownCommand("docker ps".to_owned()),
            Finding::FieldNewerThanVersion { field: "x".to_owned(), since: "1.33".to_owned() },
            Finding::NothingHere,
        ]
    }

    #[test]
    fn kubernetes_words_are_the_same_in_every_language() {
        let words = "spec.containers: Required value";
        for lang in Lang::ALL {
            assert_eq!(message(lang, &Message::Kubernetes(words.to_owned())), words);
        }
    }

    #[test]
    fn our_words_differ_by_language_and_name_what_was_written() {
        for finding in findings() {
            let words = Message::Ours(finding.clone());
            let (en, zh) = (message(Lang::En, &words), message(Lang::Zh, &words));
            assert!(en.is_ascii() || en.contains('“'), "{en}");
            assert!(zh.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c)), "{zh}");
            for text in [&en, &zh] {
                assert!(!text.ends_with(['.', '。']), "one sentence has no full stop: {text}");
            }
        }
        let twice = Message::Ours(Finding::DuplicateKey("image".to_owned()));
        assert!(message(Lang::Zh, &twice).contains("image"));
    }

    #[test]
    fn a_hint_follows_its_message() {
        let diagnostic = Diagnostic {
            severity: Severity::Rejected,
            span: Span::default(),
            field: String::new(),
            message: Message::Kubernetes("unknown field \"spec.imagePullpolicy\"".to_owned()),
            hint: Some(Hint::DidYouMean("imagePullPolicy".to_owned())),
        };
        assert_eq!(
            line(Lang::En, &diagnostic),
            "unknown field \"spec.imagePullpolicy\". Did you mean imagePullPolicy?"
        );
        assert!(line(Lang::Zh, &diagnostic).ends_with("是不是想写 imagePullPolicy？"));
    }
}
