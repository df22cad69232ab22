//! 自动扩缩图的中文文本。

use super::{ScalingTexts, decimal};
use crate::time::Instant;
use crate::view::autoscaling::{Cause, CurveKind, Decision, Look, Step, StepKind};

pub(super) const TEXTS: ScalingTexts = ScalingTexts {
    load: "负载",
    curve: |kind| match kind {
        CurveKind::Cpu => "全部 Pod 的 CPU",
        CurveKind::Rps => "每秒请求数",
        CurveKind::Custom => "指标",
    },
    usage: "用量",
    usage_notes: |percent| {
        if percent { ["占 request，", "按采样"] } else { ["每个 Pod，", "按采样"] }
    },
    replicas: "副本数",
    wanted: "— 期望",
    ready: "■ 就绪",
    decisions: "决定",
    wants: "想要",
    does: "结果",
    window: |window| format!("{} 秒窗口：其中最大的“想要”说了算", window.as_secs()),
    picture: |scaler| {
        let steps = scaler.looks.iter().filter(|look| changes(look));
        let steps: Vec<String> = steps
            .map(|look| {
                let (from, to) = (look.scaling.current, look.scaling.desired);
                format!("{} 从 {from} 到 {to}", look.at.clock())
            })
            .collect();
        let steps = if steps.is_empty() { "没有变化".to_owned() } else { steps.join("，") };
        format!("autoscaler {}：{steps}", scaler.name)
    },
    aims: |scaler| {
        let (kind, name) = &scaler.target;
        let aim = scaler.aim.text(scaler.aim.target);
        let of = if scaler.aim.percent { "（占 request）" } else { "" };
        format!(
            "{kind}/{name} · {} {aim}{of} · {} 到 {} 个副本 · 每 15 秒看一次",
            scaler.aim.metric, scaler.least, scaler.most
        )
    },
    claim,
    title: |look| match look.formula() {
        Some(formula) if look.cause.is_none() => {
            format!("{} {formula}：{}", look.at.clock(), claim(look))
        }
        _ => format!("{} {}", look.at.clock(), claim(look)),
    },
    step,
    cause,
    choose: "autoscaler",
    all: "每一次决定",
    not_yet: "autoscaler 创建 15 秒后才看第一次",
    none: "YAML 里没有 HorizontalPodAutoscaler",
    knob: |number| format!("负载的第 {number} 个点：方向键改数值和时间，按住 Shift 每次十步"),
    change: "修改",
};

fn changes(look: &Look) -> bool {
    matches!(look.decision, Decision::Up | Decision::Down)
}

fn claim(look: &Look) -> String {
    let own = &look.scaling;
    if let Some(why) = &look.cause {
        return format!("<unknown>：{}", cause(why));
    }
    let Some(wants) = own.recommended else {
        return format!("只允许 {} 到 {} 个副本：立即执行", own.least, own.most);
    };
    let held = own.held_by.map(Instant::clock).unwrap_or_default();
    let limit = match &*own.limited {
        "TooManyReplicas" => {
            format!("想要 {}，被 maxReplicas 压到 {}", own.stabilized, own.desired)
        }
        "TooFewReplicas" => format!("想要 {}，被 minReplicas 抬到 {}", own.stabilized, own.desired),
        "ScaleUpLimit" => format!("想要 {}，一次只许到 {}", own.stabilized, own.desired),
        "ScaleDownLimit" => format!("想要 {}，一次只许降到 {}", own.stabilized, own.desired),
        _ => String::new(),
    };
    match look.decision {
        _ if own.desired != own.stabilized => limit,
        Decision::Stabilizing => {
            format!("想要 {wants}，但 {held} 想要过 {}，仍然算数", own.stabilized)
        }
        Decision::Up => "高于目标".to_owned(),
        Decision::Down => "低于目标，窗口里也没有更大的数了".to_owned(),
        Decision::Steady if look.is_held() => "不动：缺的样本可能让结论反过来".to_owned(),
        Decision::Steady | Decision::Unknown => "正好是想要的数".to_owned(),
    }
}

fn step(look: &Look, step: &Step) -> (&'static str, String) {
    match &step.kind {
        StepKind::Measured { known, pods, sampled } => {
            let age = sampled.map(|at| look.at.since(at).as_secs());
            let age = age.map(|age| format!("，{age} 秒前采的")).unwrap_or_default();
            let who = if *pods == 1 {
                "唯一的 Pod 有样本".to_owned()
            } else if known == pods {
                format!("{pods} 个 Pod 都有样本")
            } else {
                format!("{pods} 个 Pod 里 {known} 个的样本算数")
            };
            ("测得", format!("{who}{age}"))
        }
        StepKind::Filled { missing, unready, full } => {
            let (word, label) = if *full {
                ("整个 request", "缺的按满额算")
            } else {
                ("0", "其余按 0 算")
            };
            let note = match (missing, unready) {
                (missing, 0) => format!("{missing} 个没有样本，按{word}算"),
                (0, unready) => format!("{unready} 个未就绪或太新，按 0 算"),
                (missing, unready) => {
                    format!("{missing} 个没有样本，{unready} 个未就绪或太新，按{word}算")
                }
            };
            (label, note)
        }
        StepKind::Against { inside, low, high } => {
            let (low, high) = (decimal(*low), decimal(*high));
            let note = if *inside {
                format!("在 {low} 到 {high} 之间就不动")
            } else {
                format!("在 {low} 到 {high} 之外，要动")
            };
            ("与目标相比", note)
        }
        StepKind::Wants { held: true } => ("想要", "现有的数".to_owned()),
        StepKind::Wants { held: false } if step.formula.is_empty() => {
            ("想要", "现有的数".to_owned())
        }
        StepKind::Wants { held: false } => ("想要", "总是向上取整".to_owned()),
        StepKind::Highest => ("所有指标", "取最大的".to_owned()),
        StepKind::Window { window, held_by } => {
            let at = held_by.map(Instant::clock).unwrap_or_default();
            let until = held_by.map(|at| (at + *window).clock()).unwrap_or_default();
            ("窗口里", format!("{at} 想要过，算数到 {until}"))
        }
        StepKind::Limits { reason } => ("限制", reason.clone()),
    }
}

fn cause(cause: &Cause) -> String {
    match cause {
        Cause::NoRequest { resource, container } => {
            format!("容器 {container} 没写 {resource} request，百分比无从算起")
        }
        Cause::NoMetricsServer => "没有 metrics-server".to_owned(),
        Cause::NoSamples => "metrics-server 没有这些 Pod 的样本".to_owned(),
        Cause::PodsTooYoung => "还没有算数的样本：Pod 未就绪，或采样期间不是一直就绪".to_owned(),
        Cause::NoCustomMetric => "没有谁提供这个指标".to_owned(),
        Cause::NoPods => "selector 没有选中 Pod".to_owned(),
        Cause::NoTarget => "目标不存在，或没有 scale".to_owned(),
        Cause::Ambiguous => "另一个 autoscaler 选中了同一批 Pod".to_owned(),
        Cause::ScaledToZero => "replicas 是 0：autoscaler 因此停用".to_owned(),
        Cause::Other => "有指标读不到".to_owned(),
    }
}
