//! 时间线的中文。

use super::{Key, TimelineTexts, amount, by_word, minutes, tenths};
use crate::time::{Duration, Instant};
use crate::trace::requests::Lost;
use crate::view::timeline::{Figure, LaneKind, Role, State, Summary};

pub(super) const TEXTS: TimelineTexts = TimelineTexts {
    you: "你",
    actions: "操作",
    control_plane: "控制平面",
    pull: "拉取镜像",
    hooks: "钩子",
    grace: "宽限期",
    backoff: "退避窗口",
    since_exit: "自退出起",
    role: |role| match role {
        Role::Init => "init 容器",
        Role::Sidecar => "sidecar",
        Role::App => "应用容器",
        Role::Ephemeral => "临时容器",
    },
    threshold: |count, period| format!("{count} × {}", span(period)),
    span,
    backoff_of: |span| format!("退避 {span}"),
    kill_due: |at| format!("KILL 应在 {}", minutes(at)),
    ignored: |signal| format!("{signal}，被忽略"),
    unit: |kind| match kind {
        LaneKind::Endpoints => "Endpoint 数",
        LaneKind::Requests => "请求",
        LaneKind::Load => "负载",
        LaneKind::Cpu => "CPU/Pod",
        LaneKind::Replicas => "副本",
        LaneKind::Actions
        | LaneKind::Controllers
        | LaneKind::Status
        | LaneKind::Phase
        | LaneKind::Container(_)
        | LaneKind::Pulls
        | LaneKind::Probe(_)
        | LaneKind::Hooks
        | LaneKind::Grace
        | LaneKind::Backoff
        | LaneKind::PodLine
        | LaneKind::Endpoint
        | LaneKind::Routes => "",
    },
    nodes: |count| format!("{count} 个节点"),
    lost,
    figure,
    whole_time: |phase| format!("始终是 {phase}"),
    state: |state| match state {
        State::Waiting => "等待",
        State::Running => "运行中",
        State::Ready => "就绪",
        State::Terminating => "终止中",
        State::BackOff => "退避",
        State::Completed => "已完成",
        State::Failed => "失败",
        State::Unseen => "已退出，尚未被发现",
        State::Pull { ok: true } => "拉取镜像",
        State::Pull { ok: false } => "拉取镜像失败",
        State::BackoffWindow { blocks: false, .. } => "退避窗口，已过",
        State::BackoffWindow { blocks: true, .. } => "退避窗口，未过",
        State::Grace { .. } => "宽限期",
        State::Hook { .. } => "钩子",
        State::Phase => "phase",
        State::Figure(_) => "",
    },
    legend: |key| match key {
        Key::Waiting => "等待",
        Key::Running => "运行中，未就绪",
        Key::Ready => "就绪",
        Key::Terminating => "终止中",
        Key::Completed => "exit 0",
        Key::Failed => "exit ≠ 0",
        Key::Unseen => "已退出，尚未被发现",
        Key::BackOff => "退避等待",
        Key::WindowPassed => "窗口已过",
        Key::WindowBlocks => "窗口未过",
        Key::Pull => "拉取镜像",
        Key::PullFailed => "拉取失败",
        Key::ProbeOk => "探测成功",
        Key::ProbeFailed => "探测失败",
        Key::ProbeTimeout => "探测超时",
        Key::ProbeErrored => "无法探测",
        Key::ProbeHeld => "暂不探测",
        Key::Signal => "停止信号",
        Key::Kill => "KILL",
        Key::KillSpared => "未用到的 KILL",
        Key::Hook => "钩子",
        Key::Grace => "宽限期",
        Key::ScaledUp => "扩容",
        Key::ScaledDown => "缩容",
        Key::Steady => "不变",
        Key::Stabilizing => "被稳定窗口挡住",
        Key::NoMetrics => "没有指标",
        Key::Listed => "加入 Endpoint",
        Key::Unlisted => "移出 Endpoint",
        Key::Routed => "收到请求",
        Key::Lost => "丢失的请求",
    },
    picture: |name, summary, horizon| {
        format!("{name} 从 0:00 到 {} 的时间线。{}", minutes(horizon), verdict(summary, horizon))
    },
    verdict,
    empty: "粘贴一个 Pod，或打开示例库",
    at: |at, status| format!("{} 秒，{status}", tenths(at.since(Instant::ZERO))),
    cursor: "时间",
    in_view: |from, to| format!("可见范围：{} 到 {}", minutes(from), minutes(to)),
};

fn span(span: Duration) -> String {
    let seconds = span.as_secs();
    if seconds < 120 {
        format!("{} 秒", tenths(span))
    } else if seconds < 3_600 && seconds % 60 == 0 {
        format!("{} 分", seconds / 60)
    } else if seconds < 3_600 {
        format!("{} 分 {} 秒", seconds / 60, seconds % 60)
    } else {
        format!("{} 小时 {} 分", seconds / 3_600, seconds / 60 % 60)
    }
}

fn lost(reasons: &[(Lost, u64)]) -> String {
    let [refused, timeout, failed] = by_word(reasons);
    let all = [(refused, "被拒绝"), (timeout, "超时"), (failed, "失败")];
    let said = all.iter().filter(|(count, _)| *count > 0);
    said.map(|(count, word)| format!("{count} 个{word}")).collect::<Vec<_>>().join(" · ")
}

fn figure(figure: Figure) -> String {
    match figure {
        Figure::Routed { fallback: false, .. } => "把请求发到这里".to_owned(),
        Figure::Routed { fallback: true, .. } => "没有就绪的 Pod，请求仍发到这里".to_owned(),
        Figure::RoutedBy { nodes, of } => format!("{of} 个节点中的 {nodes} 个"),
        Figure::Load { first, last, cpu } if first == last => amount(first, cpu),
        Figure::Load { first, last, cpu } => {
            format!("{} → {}", amount(first, cpu), amount(last, cpu))
        }
        Figure::Lost { lost, sent } => format!("{sent} 个请求丢失 {lost} 个"),
        Figure::Cpu { used, request, limit } => {
            let request =
                if request > 0 { format!(" · request {request}m") } else { String::new() };
            let limit = if limit > 0 { format!(" · limit {limit}m") } else { String::new() };
            format!("{used}m{request}{limit}")
        }
        Figure::Replicas { wanted, made, ready } if made == wanted => {
            format!("{wanted} 个中 {ready} 个就绪")
        }
        Figure::Replicas { wanted, made, ready } => {
            format!("{wanted} 个中 {ready} 个就绪，共有 {made} 个")
        }
    }
}

fn verdict(summary: &Summary, horizon: Instant) -> String {
    let first = match (summary.pods, summary.ready_at, summary.gone_at) {
        (0, _, _) => return "没有 Pod".to_owned(),
        (_, Some(at), _) => format!("{} 就绪", at.clock()),
        (_, None, _) if summary.last_status == "Completed" => "已完成".to_owned(),
        (_, None, _) => "从未就绪".to_owned(),
    };
    let restarts = match summary.restarts {
        0 => String::new(),
        n => format!(" · {} 内重启 {n} 次", minutes(horizon)),
    };
    let gone = summary.gone_at.map(|at| format!(" · {} 消失", at.clock())).unwrap_or_default();
    let lost = match summary.requests {
        (0, _) => String::new(),
        (sent, 0) => format!(" · {sent} 个请求无一丢失"),
        (sent, lost) => format!(" · {sent} 个请求丢失 {lost} 个"),
    };
    format!("{first}{restarts}{gone}{lost}")
}
