//! Pod 内部的中文。

use super::{InsideTexts, clock};
use crate::trace::LocalAnswer;
use crate::view::anatomy::{Caption, Kind, SeatState};
use crate::view::processes::{Exec, Note, Processes};
use crate::view::timeline::Role;

pub(super) const TEXTS: InsideTexts = InsideTexts {
    seating: "一列是一个容器，一行是一种 namespace；合并的格子就是共用的 namespace",
    pod: "Pod",
    share: "让容器共用一个 PID namespace：写入 shareProcessNamespace",
    cannot_share: "不能与 hostPID 同用，也不能用于 mirror Pod（静态 Pod）",
    holds: |kind| match kind {
        Kind::Net => "网络",
        Kind::Ipc => "进程通信",
        Kind::Uts => "主机名",
        Kind::Pid => "进程",
        Kind::Mnt => "文件系统",
    },
    sandbox: "sandbox",
    pause: "撑着各个 namespace",
    role: |role| match role {
        Role::Init => "init",
        Role::Sidecar => "sidecar",
        Role::App => "应用",
        Role::Ephemeral => "临时",
    },
    state: |state| match state {
        SeatState::Waiting => "等待".to_owned(),
        SeatState::Running => "运行中".to_owned(),
        SeatState::Ready => "就绪".to_owned(),
        SeatState::Terminating => "终止中".to_owned(),
        SeatState::Exited(code) => format!("exit {code}"),
        SeatState::BackOff(code) => format!("exit {code} · 退避"),
    },
    veth: |node| format!("veth 通往 {node}"),
    listens: |program| format!("{program} 在听"),
    taken: "端口已被占用",
    localhost: |answer| match answer {
        LocalAnswer::Refused => "localhost，被拒绝".to_owned(),
        LocalAnswer::Connected => "localhost，已连上".to_owned(),
        LocalAnswer::Status(status) => format!("localhost，{status}"),
    },
    ipc: "共享内存与消息队列",
    hostname: "主机名",
    pause_alone: "不替你回收任何进程",
    pause_reaps: "大家的 PID 1，回收孤儿",
    more: |count| format!("还有 {count} 个"),
    volume: "卷",
    volume_of: "属于 Pod",
    not_mounted: "尚未挂载",
    same_directory: "同一个目录",
    read_only: "只读",
    nodes_own: "就是节点的",
    user_time: "穿过玻璃，就是节点的：user 与 time",
    caption: |caption| match caption {
        Caption::NoNode => {
            ("还没有节点：这个 Pod 哪里都不存在".to_owned(), "没有节点的 Pod 只是 API 里的一个对象")
        }
        Caption::NoSandbox => (
            "节点已经知道这个 Pod，还没有任何 namespace".to_owned(),
            "先有卷，再有 sandbox，最后才是容器",
        ),
        Caption::OnlyVolumes => {
            ("kubelet 已建好卷：属于 Pod，不属于哪个容器".to_owned(), "下一步是 sandbox")
        }
        Caption::OnlyNetwork { ip: None } => (
            "有了 network namespace，里面还没有人".to_owned(),
            "接下来容器运行时调用 CNI，放进 eth0",
        ),
        Caption::OnlyNetwork { ip: Some(ip) } => {
            (format!("网络已有地址 {ip}，里面还没有人"), "接下来 pause 住进来，把它一直撑着")
        }
        Caption::PauseWithoutNetwork => (
            "pause 先到，网络后到：dockershim 时代就是这样".to_owned(),
            "CNI 把 eth0 放进已在运行的 pause 的 namespace",
        ),
        Caption::OnlyPause => (
            "pause 已入座，撑着各个 namespace".to_owned(),
            "容器来来去去，地址和主机名不变，因为 pause 一直在",
        ),
        Caption::One(name) => (
            format!("{name} 与 pause 共用网络、IPC 和主机名"),
            "再来一个容器，也会坐进这些宽格子，另有自己的窄格子",
        ),
        Caption::Several(a, b) => (
            format!("{a} 和 {b} 在同一台“主机”上：同一个地址、同一套端口、同一个主机名"),
            "进程和文件各归各的",
        ),
        Caption::SharedPids(a, b) => (
            format!("一个字段合并了一行：{a} 和 {b} 看得见彼此的进程"),
            "PID 1 是 pause。文件仍是各自的，但 /proc 是一扇门",
        ),
        Caption::Clash { container, port, owner: Some(owner) } => (
            format!("{container} 无法监听 :{port}，因为 {owner} 占着"),
            "一个 Pod 只有一个 network namespace，也就只有一套端口",
        ),
        Caption::Clash { container, port, owner: None } => (
            format!("{container} 没能监听 :{port}，端口被占"),
            "一个 Pod 只有一个 network namespace，也就只有一套端口",
        ),
        Caption::HostNetwork => (
            "hostNetwork：地址、端口和主机名都是节点的".to_owned(),
            "同一节点上两个这样的 Pod 不能监听同一个端口",
        ),
        Caption::Stopped => (
            "pause 已结束，网络也随之消失：里面没有人了".to_owned(),
            "对象还留在 API 里，等 kubelet 清理完",
        ),
    },
    chart: |pod, sentence| format!("{pod} 的座位图：{sentence}"),
    shows: |command| format!("输入 {command}"),
    click: "点一个格子，就替你输入这条命令",
    no_pod: "此刻没有 Pod",

    nodes: "节点",
    nodes_sub: "Pod 是节点上的一个玻璃盒：里面是容器，底座是 pause，只有一个地址",
    no_node: "还没有节点",
    empty_node: "没有 Pod",
    images: "镜像",
    unused: "暂时没人用",
    manifests: "清单",
    no_manifests: "没有：这里的 Pod 都来自 API server",
    manifest_runs: "kubelet 自己运行这个文件，API 里只有它的 mirror Pod",
    unpublished: "尚未公布地址",
    show_pod: |pod| format!("在座位图里显示 {pod}"),

    points: "视角",
    no_process: "没有进程：容器没在运行",
    headings: ["PID", "PPID", "STAT", "COMMAND", "节点上的 PID"],
    one: "PID 1",
    one_long: "没有处理函数就不理 TERM",
    note: |note| match note {
        Note::One => "PID 1：要负责回收，没有处理函数就不理 TERM".to_owned(),
        Note::PauseReaps => "整个 Pod 的 PID 1：读走每个孤儿的退出状态".to_owned(),
        Note::PauseAlone => "pause，独自待在自己的 PID namespace".to_owned(),
        Note::First => "容器的第一个进程，在这里只是普通进程".to_owned(),
        Note::Exec(Exec::Probe) => "由探针运行".to_owned(),
        Note::Exec(Exec::Hook) => "由钩子运行".to_owned(),
        Note::Exec(Exec::You) => "由 kubectl exec 运行".to_owned(),
        Note::Adopted { by_pause: true } => "孤儿，被 pause 收养".to_owned(),
        Note::Adopted { by_pause: false } => "孤儿，被 PID 1 收养".to_owned(),
        Note::Zombie(code) => format!("退出状态 {code} 没人读：没有谁调用 wait()"),
        Note::Gone(at) => format!("退出状态已读，{} 消失", clock(*at)),
        Note::Ports(ports) => {
            let ports: Vec<String> = ports.iter().map(|port| format!(":{port}")).collect();
            format!("监听 {}", ports.join(" "))
        }
        Note::Signalled { signal, at, ignored, by } => {
            let at = clock(*at);
            match (by, ignored) {
                (Some(pid), false) => format!("{at} 收到 PID {pid} 发来的 {signal}"),
                (Some(pid), true) => format!("{at} 忽略了 PID {pid} 发来的 {signal}"),
                (None, false) => format!("{at} 收到 {signal}"),
                (None, true) => format!("{at} 忽略了 {signal}"),
            }
        }
        Note::Stopped => "已停下，等待 CONT".to_owned(),
    },
    table,
    zombie_is: "僵尸是没人读过的退出状态：没有内存，没有代码，只占一格",
    stat: |state| match state {
        'S' => "睡眠",
        'T' => "停下",
        'Z' => "僵尸",
        _ => "已消失",
    },
    of_pod: |pod, container| match (pod, container) {
        ("", _) => "节点自己的".to_owned(),
        (pod, "") => format!("{pod} · pause"),
        (pod, container) => format!("{pod} · {container}"),
    },
    inside_as: |pid| format!("在里面是 PID {pid}"),
    outside: "PPID 0：父进程在这个 namespace 之外",
};

fn table(processes: &Processes, point: usize) -> String {
    let Some(point) = processes.points.get(point) else { return String::new() };
    let zombies = point.rows.iter().filter(|row| row.is_zombie()).count();
    match (zombies, point.is_node, processes.shared) {
        (0, true, _) => "一个内核，一张进程表：节点看得见所有进程".to_owned(),
        (0, false, true) => {
            "整个 Pod 一个 PID namespace：大家看到的都是这张表，PID 1 是 pause".to_owned()
        }
        (0, false, false) => format!("{} 只看得见自己的进程", point.name),
        (count, ..) => format!("{count} 个僵尸：父进程还在，却从不读它们的退出状态"),
    }
}
