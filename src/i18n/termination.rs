//! Texts of the Termination picture.
//!
//! Owns: its words and the one sentence that says the result. Does not own: the numbers (`view`).

use crate::i18n::Lang;
use crate::time::Duration;
use crate::view::termination::{Termination, seconds};

/// Words of the picture.
#[derive(Clone, Copy, Debug)]
pub struct TerminationTexts {
    /// Its heading.
    pub title: &'static str,
    /// What it shows.
    pub about: &'static str,
    /// Said where no Pod leaves.
    pub empty: &'static str,
    /// Name of the list of Pods that leave.
    pub which: &'static str,
    /// The container has no hook.
    pub no_hook: &'static str,
    /// What the container knows while the hook runs.
    pub not_told: &'static str,
    /// What an endpoint is good for while its Pod leaves.
    pub leaving: &'static str,
    /// When something was removed.
    pub removed: fn(Duration) -> String,
    /// When a node learnt.
    pub learns: fn(Duration) -> String,
    /// It never learnt.
    pub never_learns: &'static str,
    /// Until then nobody listened.
    pub gap: fn(Duration) -> String,
    /// Until then there was time.
    pub margin: fn(Duration) -> String,
    /// A container before its stop signal.
    pub ready: &'static str,
    /// The same, when it was not ready.
    pub running: &'static str,
    /// The start, when nobody typed delete.
    pub deletion: &'static str,
    /// A request that was answered.
    pub served: &'static str,
    /// A request that was lost.
    pub lost: &'static str,
    /// A request to another Pod.
    pub elsewhere: &'static str,
    /// The grace period.
    pub budget: &'static str,
    /// The same where there is little room.
    pub grace: &'static str,
    /// How long something lasted.
    pub span: fn(Duration) -> String,
    /// So many seconds after the start, on the axis.
    pub later: fn(i64) -> String,
    /// What is left of it.
    pub left: fn(Duration) -> String,
    /// Nothing is left of it: whether SIGKILL came.
    pub used_up: fn(bool) -> &'static str,
    /// What draws on it.
    pub draws: &'static str,
    /// Where the numbers come from.
    pub model: &'static str,
    /// The picture in one line, and what is to be done.
    pub verdict: fn(&Termination) -> (String, String),
}

impl Lang {
    /// Words of the Termination picture.
    pub const fn termination(self) -> &'static TerminationTexts {
        match self {
            Self::En => &EN,
            Self::Zh => &ZH,
        }
    }
}

const EN: TerminationTexts = TerminationTexts {
    title: "Two tracks, one start",
    about: "The kubelet stops the container, the cluster forgets its address, and neither waits",
    empty: "No Pod leaves in this scenario",
    which: "Pod that leaves",
    no_hook: "no preStop hook",
    not_told: "the process has not been told anything yet",
    leaving: "serving, terminating: used only if no other endpoint is ready",
    removed: |after| format!("removed +{}", seconds(after)),
    learns: |after| format!("learns at +{}", seconds(after)),
    never_learns: "still routes",
    gap: |gap| format!("{}: closed, still routed", seconds(gap)),
    margin: |margin| format!("margin +{}", seconds(margin)),
    ready: "ready",
    running: "running",
    deletion: "deletion",
    served: "served",
    lost: "lost",
    elsewhere: "sent to another Pod",
    budget: "Grace budget",
    grace: "Grace",
    span: seconds,
    later: |seconds| format!("+{seconds} s"),
    left: |left| format!("{} left", seconds(left)),
    used_up: |killed| match killed {
        true => "used up: KILL",
        false => "used up: 2 s more for the stop signal",
    },
    draws: "preStop, drain and exit all draw on it, and the clock starts at delete",
    model: "Our model: how long a node takes to write its rules, and who sends the requests. \
            minSyncPeriod is kube-proxy’s own.",
    verdict: verdict_en,
};

fn verdict_en(leaving: &Termination) -> (String, String) {
    let Some(gap) = leaving.gap() else {
        let fact = match leaving.took() {
            Some(took) => format!("It took {} from delete to the last exit", seconds(took)),
            None => "It has not ended yet".to_owned(),
        };
        return (fact, "No Service routes to this Pod, so only the kubelet’s track counts".into());
    };
    let lost = leaving.losses();
    let fix = match leaving.enough() {
        Some(enough) => format!("A preStop sleep of {enough} s or more closes the gap"),
        None => String::new(),
    };
    if gap > Duration::ZERO {
        let fact = match lost {
            0 => format!("Race lost: for {} requests would be refused", seconds(gap)),
            1 => format!("Race lost: 1 request in {}", seconds(gap)),
            n => format!("Race lost: {n} requests in {}", seconds(gap)),
        };
        return (fact, fix);
    }
    let fact = match lost {
        0 => "Race won: no request lost".to_owned(),
        1 => "Race won, and yet 1 request lost".to_owned(),
        n => format!("Race won, and yet {n} requests lost"),
    };
    let why = format!(
        "The Pod listened {} longer than the slowest node kept its route",
        seconds(Duration::ZERO - gap)
    );
    (fact, why)
}

const ZH: TerminationTexts = TerminationTexts {
    title: "两条线，同时开始",
    about: "kubelet 停容器，集群忘掉它的地址，两边互不等待",
    empty: "这个场景里没有 Pod 离开",
    which: "离开的 Pod",
    no_hook: "没有 preStop 钩子",
    not_told: "进程还什么都不知道",
    leaving: "serving、terminating：没有别的就绪 endpoint 时才用它",
    removed: |after| format!("+{} 移除", zh_seconds(after)),
    learns: |after| format!("+{} 得知", zh_seconds(after)),
    never_learns: "还在转发",
    gap: |gap| format!("{}：已关闭，还在转发", zh_seconds(gap)),
    margin: |margin| format!("余量 +{}", zh_seconds(margin)),
    ready: "就绪",
    running: "运行中",
    deletion: "删除",
    served: "已回答",
    lost: "丢失",
    elsewhere: "发给别的 Pod",
    budget: "宽限期预算",
    grace: "宽限期",
    span: zh_seconds,
    later: |seconds| format!("+{seconds} 秒"),
    left: |left| format!("还剩 {}", zh_seconds(left)),
    used_up: |killed| match killed {
        true => "用完了：KILL",
        false => "用完了：停止信号另有 2 秒",
    },
    draws: "preStop、排空、退出都从里面花，从 delete 起算",
    model: "我们的模型：节点写规则要多久、谁在发请求。minSyncPeriod 是 kube-proxy 自己的。",
    verdict: verdict_zh,
};

/// Seconds with their unit in Chinese, as the other pictures have it.
fn zh_seconds(span: Duration) -> String {
    seconds(span).replace(" s", " 秒")
}

fn verdict_zh(leaving: &Termination) -> (String, String) {
    let Some(gap) = leaving.gap() else {
        let fact = match leaving.took() {
            Some(took) => format!("从 delete 到最后一个容器退出用了 {}", zh_seconds(took)),
            None => "还没有结束".to_owned(),
        };
        return (fact, "没有 Service 转发到这个 Pod，只看 kubelet 这条线".into());
    };
    let fix = match leaving.enough() {
        Some(enough) => format!("preStop 睡 {enough} 秒或更久，就能补上这段空档"),
        None => String::new(),
    };
    if gap > Duration::ZERO {
        let fact = match leaving.losses() {
            0 => format!("输了：有 {} 请求会被拒绝", zh_seconds(gap)),
            n => format!("输了：{} 里丢了 {n} 个请求", zh_seconds(gap)),
        };
        return (fact, fix);
    }
    let fact = match leaving.losses() {
        0 => "赢了：一个请求也没丢".to_owned(),
        n => format!("赢了，但还是丢了 {n} 个请求"),
    };
    let why =
        format!("最慢的节点撤掉路由之后，Pod 还多监听了 {}", zh_seconds(Duration::ZERO - gap));
    (fact, why)
}
