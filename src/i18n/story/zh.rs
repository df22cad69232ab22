//! “经过”的中文。

use super::{Said, StoryTexts, bare, first_line, minutes, short, size, subject};
use crate::i18n::Lang;
use crate::time::Duration;
use crate::trace::requests::Lost;
use crate::trace::{HookKind, ProbeKind, ProbeOutcome};
use crate::view::autoscaling::{Decision, Look};
use crate::view::story::{Line, What};
use crate::view::why::{Now, Question, Remedy, RemedyKind};

pub(super) const TEXTS: StoryTexts = StoryTexts {
    said,
    silence: span,
    lives_alike: |count| format!("另有 {count} 次同样的运行"),
    pods_alike: |count| format!("另有 {count} 个 Pod 同样如此"),
    question,
    now,
    prevent: "怎样避免？",
    remedy,
    no_cause: "还没有发生任何事",
    source: |file| format!("源码：{file}"),
    story: "经过",
};

fn span(span: Duration) -> String {
    (Lang::Zh.timeline().span)(span)
}

fn probe(kind: ProbeKind) -> &'static str {
    match kind {
        ProbeKind::Startup => "startupProbe",
        ProbeKind::Liveness => "livenessProbe",
        ProbeKind::Readiness => "readinessProbe",
    }
}

fn hook(kind: HookKind) -> &'static str {
    match kind {
        HookKind::PostStart => "postStart",
        HookKind::PreStop => "preStop",
    }
}

fn say(claim: String, detail: impl Into<String>) -> Said {
    Said { claim, detail: detail.into() }
}

fn said(line: &Line, several_pods: bool) -> Said {
    let who = subject(line, several_pods);
    match &line.what {
        What::Acted { command, output, ok: true } => {
            say(format!("你：{}", bare(command)), first_line(output, 90))
        }
        What::Acted { command, output, ok: false } => {
            say(format!("被拒绝：{}", bare(command)), first_line(output, 140))
        }
        What::ReplicaSetMade { name, replicas } => {
            say(format!("Deployment 创建 ReplicaSet {name}"), format!("需要 {replicas} 个 Pod"))
        }
        What::PodMade => say(format!("创建 Pod {who}"), "controller 的 Pod 不够"),
        What::PodUnmade => say(format!("删除 Pod {who}"), "controller 的 Pod 太多"),
        What::Evicted => say(format!("删除 Pod {who}"), "它对节点污点的容忍时间已到"),
        What::NodeSilent => {
            say(format!("节点 {} 变为 NotReady", line.pod), "它的 kubelet 不再汇报")
        }
        What::JobDecided { condition, reason, message } => {
            let end = if condition.starts_with("Fail") { "失败" } else { "完成" };
            say(
                format!("Job {} {end}", line.pod),
                format!("{reason}：{}", first_line(message, 100)),
            )
        }
        What::Scheduled { node } => say(format!("{who} 被调度到 {node}"), "由调度器选择节点"),
        What::Unschedulable { message } => say(format!("没有节点能运行 {who}"), message.clone()),
        What::Network { ip } => {
            say(format!("{who} 的网络已就绪"), format!("eth0 {ip}，由各容器共享"))
        }
        What::Pulled { image, took, bytes } => {
            say(format!("{image} 拉取完成"), format!("{}，用时 {}", size(*bytes), span(*took)))
        }
        What::PullFailed { image, message } => {
            say(format!("{image} 拉取失败"), first_line(message, 140))
        }
        What::PullHeld { image, wait } => {
            say("ImagePullBackOff".to_owned(), format!("至少 {}后再次拉取 {image}", span(*wait)))
        }
        What::CannotStart { container, reason, message } => {
            say(format!("{container}：{reason}"), first_line(message, 140))
        }
        What::Started { number, passed, late, waited } => {
            started(&who, *number, *passed, *late, *waited)
        }
        What::Exited { number, code, reason, ran } => exited(&who, *number, *code, reason, *ran),
        What::HeldBack { restart, since, window } => say(
            format!("{who} 的第 {restart} 次重启被推迟"),
            format!("距退出只有 {}，退避要求 {}", span(*since), span(*window)),
        ),
        What::Stopping { grace, message } => {
            say(format!("kubelet 开始停止 {who}"), format!("{message}；宽限期 {}", span(*grace)))
        }
        What::Signalled { signal, ignored: true, .. } => {
            say(format!("{signal} → {who}，被忽略"), "它的首个进程是 PID 1，没有处理该信号")
        }
        What::Signalled { signal, exit, .. } if signal == "KILL" => say(
            format!("KILL → {who}"),
            exit.map_or(String::from("宽限期已到"), |(code, _)| {
                format!("宽限期已到；exit {code}")
            }),
        ),
        What::Signalled { signal, exit, .. } => say(
            format!("{signal} → {who}"),
            exit.map_or(String::new(), |(code, after)| {
                if after < Duration::from_millis(50) {
                    format!("立即退出，exit {code}")
                } else {
                    format!("{}后退出，exit {code}", span(after))
                }
            }),
        ),
        What::Probe { kind, outcome, detail, count } => {
            probed(&who, *kind, *outcome, detail, *count)
        }
        What::HookBegan { kind } => {
            say(format!("{who} 的 {} 开始", hook(*kind)), hook_detail(*kind))
        }
        What::HookEnded { kind, ok, took } => {
            let took = took.map(|took| format!("用时 {}", span(took))).unwrap_or_default();
            let end = if *ok { "完成" } else { "失败" };
            say(format!("{who} 的 {} {end}", hook(*kind)), took)
        }
        What::Status { status } => say(status.clone(), format!("kubectl 从此这样显示 {who}")),
        What::Ready { readiness, took } => say(
            format!("{who} 就绪，{readiness}"),
            took.map_or(String::new(), |took| format!("创建后 {}", span(took))),
        ),
        What::Unready { readiness } => say(format!("{who} 不再就绪，{readiness}"), ""),
        What::Finished { phase } => say(format!("{who} {phase}"), "所有容器都已彻底结束"),
        What::Gone { took } => say(
            format!("{who} 消失"),
            took.map_or(String::new(), |took| format!("删除后 {}", span(took))),
        ),
        What::EndpointReady { service } => {
            say(format!("Service {service} 开始把请求发给 {who}"), "它的 endpoint 已是 ready")
        }
        What::EndpointUnready { service, serving, terminating } => say(
            format!("Service {service} 不再给 {who} 新的请求"),
            match (*terminating, *serving) {
                (true, true) => "endpoint 为 serving、terminating；各节点先后得知",
                (true, false) => "endpoint 为 terminating；各节点先后得知",
                (false, _) => "endpoint 不是 ready；各节点先后得知",
            },
        ),
        What::EndpointGone { service, was_ready } => say(
            format!("{who} 不再是 Service {service} 的 endpoint"),
            if *was_ready { "此前一直是 ready；各节点先后得知" } else { "" },
        ),
        What::Unrouted { service, node, nodes, took } => {
            unrouted(&who, service, node, *nodes, *took)
        }
        What::RequestsLost { service, lost, sent, reasons, pods, nodes, since } => {
            let claim = format!("发往 {service} 的 {sent} 个请求丢失 {lost} 个");
            let pods: Vec<&str> = pods.iter().map(|pod| short(pod)).collect();
            let from =
                if *nodes > 1 { format!("，来自 {nodes} 个节点") } else { String::new() };
            let why: Vec<String> =
                reasons.iter().map(|(why, count)| lost_because(*why, *count, &pods)).collect();
            say(claim, format!("{}；{}{from}", why.join("；"), within(line.at.since(*since))))
        }
        What::Scaling(look) => scaling(&who, look),
        What::NotSimulated { what } => say("未模拟".to_owned(), what.clone()),
        What::Limit { what } => say("达到模拟的上限".to_owned(), what.clone()),
    }
}

fn unrouted(who: &str, service: &str, node: &str, nodes: usize, took: Duration) -> Said {
    let claim = match (node.is_empty(), nodes) {
        (true, _) => format!("集群 DNS 不再返回 {who}"),
        (false, 1) => format!("{node} 不再把请求发给 {who}"),
        (false, _) => format!("{nodes} 个节点中最后一个 {node} 不再把请求发给 {who}"),
    };
    if took < Duration::from_millis(50) {
        return say(claim, format!("{service} 的请求从此不再发过去"));
    }
    say(claim, format!("此前 {}里，{service} 的请求仍会发过去", span(took)))
}

fn within(time: Duration) -> String {
    if time < Duration::from_millis(50) {
        "就在这一刻".to_owned()
    } else {
        format!("历时 {}", span(time))
    }
}

fn lost_because(why: Lost, count: u64, pods: &[&str]) -> String {
    let pods = if pods.is_empty() || pods.len() > 3 { "Pod".to_owned() } else { pods.join("、") };
    match why {
        Lost::Dropped => format!("{count} 个超时：Service 只用本节点的 Pod，而本节点没有"),
        Lost::NoEndpoints => format!("{count} 个被拒绝：Service 没有可用的 endpoint"),
        Lost::Closed => format!("{count} 个被拒绝：{pods} 里没有进程在监听"),
        Lost::Unanswered => format!("{count} 个超时：{pods} 的地址已无人应答"),
        Lost::Cut => format!("{count} 个失败：{pods} 的进程处理到一半就结束了"),
        Lost::Overloaded => format!("{count} 个超时：{pods} 的 CPU 不够用"),
        Lost::Bottleneck => format!("{count} 个超时：Pod 背后的服务已到上限"),
    }
}

fn scaling(who: &str, look: &Look) -> Said {
    let (from, to) = (look.scaling.current, look.scaling.desired);
    let claim = match look.decision {
        Decision::Up | Decision::Down => format!("HPA {who}：{from} → {to} 个副本"),
        Decision::Steady | Decision::Stabilizing => format!("HPA {who} 保持 {to} 个副本"),
        Decision::Unknown => format!("HPA {who} 无法决定"),
    };
    let why = (Lang::Zh.scaling().claim)(look);
    let formula = look.formula().filter(|_| look.cause.is_none());
    say(claim, formula.map_or(why.clone(), |formula| format!("{formula}；{why}")))
}

fn started(
    who: &str,
    number: i32,
    passed: Option<Duration>,
    late: Option<Duration>,
    waited: Option<Duration>,
) -> Said {
    if number <= 1 {
        return say(format!("{who} 启动"), "");
    }
    let detail = match (passed, late, waited) {
        (Some(window), Some(late), _) if late >= Duration::from_secs(1) => {
            format!("退避 {} 已过，又晚了 {}：kubelet 最多再加一半", span(window), span(late))
        }
        (Some(window), _, _) => format!("退避 {} 已过", span(window)),
        (None, _, Some(waited)) if waited < Duration::from_secs(3) => "立即重启".to_owned(),
        (None, _, Some(waited)) => format!("退出后 {}", span(waited)),
        (None, _, None) => String::new(),
    };
    say(format!("{who} #{number} 启动"), detail)
}

fn exited(who: &str, number: i32, code: i32, reason: &str, ran: Option<Duration>) -> Said {
    let name = if number > 1 { format!("{who} #{number}") } else { who.to_owned() };
    let ran = ran.map_or(String::new(), |ran| {
        if ran < Duration::from_millis(50) {
            "立即".to_owned()
        } else {
            format!("运行了 {}", span(ran))
        }
    });
    match reason {
        "OOMKilled" => {
            say(format!("{name} OOMKilled，exit {code}"), format!("内存超过 limit，{ran}"))
        }
        "StartError" => say(format!("{name} 无法启动，exit {code}"), "运行时无法执行它的命令"),
        _ if code > 128 => {
            say(format!("{name} 退出，exit {code}"), format!("128 + 信号 {}，{ran}", code - 128))
        }
        _ => say(format!("{name} 退出，exit {code}"), ran),
    }
}

fn probed(
    who: &str,
    kind: ProbeKind,
    outcome: ProbeOutcome,
    detail: &str,
    (n, of): (i32, i32),
) -> Said {
    let name = probe(kind);
    let failed = matches!(outcome, ProbeOutcome::Failure | ProbeOutcome::Timeout);
    let outcome = match outcome {
        ProbeOutcome::Success => "成功",
        ProbeOutcome::Warning => "成功，但有警告",
        ProbeOutcome::Failure => "失败",
        ProbeOutcome::Timeout => "超时",
        ProbeOutcome::Errored => "无法执行",
        ProbeOutcome::Held => "暂不执行",
    };
    let count = match (of > 1 && failed, n > of) {
        (true, true) => format!("，连续 {n} 次"),
        (true, false) => format!("，{n}/{of}"),
        (false, _) => String::new(),
    };
    let result = match kind {
        _ if !failed || n < of => "",
        ProbeKind::Startup | ProbeKind::Liveness => "；kubelet 将终止它",
        ProbeKind::Readiness => "；它不再接收请求",
    };
    say(format!("{who} 的 {name} {outcome}{count}"), format!("{}{result}", first_line(detail, 100)))
}

fn hook_detail(kind: HookKind) -> &'static str {
    match kind {
        HookKind::PostStart => "后面的步骤都要等它",
        HookKind::PreStop => "停止信号要等它，宽限期不等",
    }
}

fn question(question: &Question) -> String {
    match question {
        Question::Nothing => "还没有什么可解释的".to_owned(),
        Question::Status { pod, status, readiness } => {
            format!("{pod} 为什么是 {status}，{readiness}？")
        }
        Question::Replicas { name, replicas } => format!("{name} 为什么是 {replicas} 个副本？"),
        Question::Job { job, status } => format!("Job {job} 为什么是 {status}？"),
        Question::Gone { pod } => format!("{pod} 为什么消失了？"),
        Question::Entry(line) => format!("为什么：{}？", said(line, false).claim),
    }
}

fn now(now: &Now) -> Said {
    match now {
        Now::BackOff { container, so_far, window, until, .. } => say(
            format!("{container}：CrashLoopBackOff 已 {}", span(*so_far)),
            match until {
                Some(until) => format!(
                    "距上次退出至少 {}，另加最多一半；将在 {} 启动。",
                    span(*window),
                    until.clock()
                ),
                None => format!("距上次退出至少 {}，另加最多一半。", span(*window)),
            },
        ),
        Now::Ending { container, so_far, kill_at, .. } => say(
            format!("{container} 在 {}前被要求结束", span(*so_far)),
            format!("{} 宽限期到，将被 KILL 结束。", minutes(*kill_at)),
        ),
    }
}

fn remedy(remedy: &Remedy) -> &'static str {
    match remedy.kind {
        RemedyKind::FixCommand => "让命令不要失败",
        RemedyKind::RestartPolicy => "Never 或 OnFailure 会减少重启，但退出依旧",
        RemedyKind::MakeIt => "引用的对象必须存在；kubelet 会自己重试",
        RemedyKind::FixImage => "镜像必须存在于仓库中",
        RemedyKind::FixProbe => "探测一个真实存在的地址",
        RemedyKind::MorePatience => "更有耐心只会推迟它",
        RemedyKind::HandleSignal => "处理该信号：用 trap，或用 exec 让程序成为 PID 1",
        RemedyKind::ShorterGrace => "更短的宽限期会让它更早结束",
        RemedyKind::RequestLess => "减少请求的资源，或换更大的节点",
        RemedyKind::MoreMemory => "允许更多内存，或少用一些",
        RemedyKind::LeaveLater => "先睡一会儿，等各节点都不再把请求发过来",
        RemedyKind::MoreCpu => "给更多 CPU，或用更多 Pod 分担",
    }
}
