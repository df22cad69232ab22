//! Texts of the comparison of two runs.
//!
//! Owns: [`CompareTexts`], one constant a language. Does not own: what is compared (`view`).

use crate::i18n::Lang;
use crate::view::compare::{Amount, Fact, FactKind};

/// Texts of the comparison.
#[derive(Clone, Copy, Debug)]
pub struct CompareTexts {
    /// Its name.
    pub title: &'static str,
    /// Begin to compare: what is there now is A.
    pub start: &'static str,
    /// Show the comparison that was begun.
    pub show: &'static str,
    /// End it.
    pub stop: &'static str,
    /// Take what is there now as A.
    pub pin: &'static str,
    /// Before the lines that were changed.
    pub plus: &'static str,
    /// Lines that are not listed.
    pub more: fn(usize) -> String,
    /// Nothing was changed.
    pub unchanged: &'static str,
    /// Something was changed, and nothing came of it.
    pub no_difference: &'static str,
    /// Nothing is put aside.
    pub no_pin: &'static str,
    /// Lanes that are alike, and their names.
    pub alike: fn(usize, &str) -> String,
    /// One result.
    pub fact: fn(&Fact) -> String,
    /// What kubectl prints in one of the two.
    pub in_side: fn(&str) -> String,
}

impl Lang {
    /// The comparison's texts in this language.
    pub const fn compare(self) -> &'static CompareTexts {
        match self {
            Self::En => &EN,
            Self::Zh => &ZH,
        }
    }
}

fn amount(amount: Option<Amount>, never: &str) -> String {
    match amount {
        None => never.to_owned(),
        Some(Amount::Count(number)) => number.to_string(),
        Some(Amount::At(at)) => at.clock(),
    }
}

const EN: CompareTexts = CompareTexts {
    title: "Compare",
    start: "Compare: what is here now is A, what you change is B",
    show: "Compare: show it again",
    stop: "Compare: end it",
    pin: "Make this A",
    plus: "B is A plus",
    more: |count| format!("{count} more lines"),
    unchanged: "A and B are the same text. Change something: a number, the version, the load",
    no_difference: "The texts differ, and nothing else does",
    no_pin: "Nothing is compared yet",
    alike: |count, names| match count {
        1 => format!("1 lane alike: {names}"),
        _ => format!("{count} lanes alike: {names}"),
    },
    fact: |fact| {
        let name = match fact.kind {
            FactKind::Ready => "ready",
            FactKind::Restarts => "restarts",
            FactKind::FailedProbes => "failed probes",
            FactKind::FailedRequests => "failed requests",
            FactKind::Pods => "Pods",
            FactKind::Gone => "gone",
        };
        let (a, b) = (amount(fact.a, "never"), amount(fact.b, "never"));
        if fact.is_same() { format!("{name} {b} = same") } else { format!("{name} {a} → {b}") }
    },
    in_side: |side| format!("kubectl get pods in {side}"),
};

const ZH: CompareTexts = CompareTexts {
    title: "对比",
    start: "对比：现在的是 A，之后改出来的是 B",
    show: "对比：再次显示",
    stop: "对比：结束",
    pin: "以此为 A",
    plus: "B 是 A 加上",
    more: |count| format!("还有 {count} 行"),
    unchanged: "A 和 B 的文本一样。改点什么：一个数、版本、负载",
    no_difference: "文本不同，别的都一样",
    no_pin: "还没有开始对比",
    alike: |count, names| format!("{count} 条泳道相同：{names}"),
    fact: |fact| {
        let name = match fact.kind {
            FactKind::Ready => "就绪",
            FactKind::Restarts => "重启",
            FactKind::FailedProbes => "探针失败",
            FactKind::FailedRequests => "失败的请求",
            FactKind::Pods => "Pod 数",
            FactKind::Gone => "消失",
        };
        let (a, b) = (amount(fact.a, "从未"), amount(fact.b, "从未"));
        if fact.is_same() { format!("{name} {b}，相同") } else { format!("{name} {a} → {b}") }
    },
    in_side: |side| format!("{side} 中的 kubectl get pods"),
};
