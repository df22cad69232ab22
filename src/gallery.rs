//! The gallery: scenarios that come with the page, each a story of its own.
//!
//! Owns: which there are, their titles, facts and questions in every language, how each is first
//! shown, and every revision that was ever published. Does not own: reading their text
//! (`scenario`) or drawing them (`ui`).
//!
//! Links name a scenario and its revision and hold only what was changed in it (`share`), so a text
//! that was published never changes. To change one: move the file to
//! `static/scenarios/old/ID@REVISION.yaml`, list it in [`OLD`], write the new text and raise
//! `revision`. `tests/links.rs` holds the digest of every revision.

mod shown;

use crate::i18n::Lang;
use crate::time::{Duration, Instant};

/// What a scenario is about, in the order of the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Group {
    /// Start, end, start again.
    OnePod,
    /// What containers of a Pod share.
    Shared,
    /// What is done after a start and before a stop.
    Hooks,
    /// Containers that run before the others.
    Init,
    /// Init containers that stay.
    Sidecars,
    /// Started, alive, ready.
    Probes,
    /// How a Pod goes.
    Leaving,
    /// How many Pods there are, and of which template.
    Scaling,
    /// Work that ends.
    Jobs,
    /// Pods that a kubelet has from a file.
    Static,
}

impl Group {
    /// Every group, in the order of the page.
    pub const ALL: [Self; 10] = [
        Self::OnePod,
        Self::Shared,
        Self::Hooks,
        Self::Init,
        Self::Sidecars,
        Self::Probes,
        Self::Leaving,
        Self::Scaling,
        Self::Jobs,
        Self::Static,
    ];

    /// Its heading.
    pub const fn title(self, lang: Lang) -> &'static str {
        match self {
            Self::OnePod => Words { en: "One Pod", zh: "一个 Pod" },
            Self::Shared => Words { en: "Shared namespaces", zh: "共享的 namespace" },
            Self::Hooks => Words { en: "Hooks", zh: "钩子" },
            Self::Init => Words { en: "Init containers", zh: "init 容器" },
            Self::Sidecars => Words { en: "Sidecars", zh: "sidecar" },
            Self::Probes => Words { en: "Probes", zh: "探针" },
            Self::Leaving => Words { en: "Leaving", zh: "离开" },
            Self::Scaling => Words { en: "Rollouts and scaling", zh: "发布与扩缩" },
            Self::Jobs => Words { en: "Jobs", zh: "Job" },
            Self::Static => Words { en: "Static Pods", zh: "静态 Pod" },
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
            Self::Hooks => {
                Words { en: "After a start, before a stop", zh: "启动之后，停止之前" }
            }
            Self::Init => Words {
                en: "First these, then the others",
                zh: "先跑完它们，再轮到别的",
            },
            Self::Sidecars => Words { en: "First in, last out", zh: "最先来，最后走" },
            Self::Probes => Words {
                en: "Started? Alive? Ready?",
                zh: "启动了吗？活着吗？就绪了吗？",
            },
            Self::Leaving => Words {
                en: "SIGTERM, a grace period, SIGKILL",
                zh: "SIGTERM、宽限期、SIGKILL",
            },
            Self::Scaling => Words {
                en: "More Pods, other Pods, fewer Pods",
                zh: "Pod 变多、换新、变少",
            },
            Self::Jobs => Words { en: "Work that has an end", zh: "有尽头的活儿" },
            Self::Static => Words {
                en: "A file on the node, no API server needed",
                zh: "节点上的一个文件，不靠 API server",
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
    question: Words,
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

    /// What people ask when they meet it.
    pub const fn question(&self, lang: Lang) -> &'static str {
        self.question.of(lang)
    }

    /// The answer in one sentence, true of the text as it was published; the field that decides
    /// stands in `backquotes`.
    pub fn answer(&self, lang: Lang) -> &'static str {
        self.shown().map_or("", |shown| shown.answer.of(lang))
    }

    /// The view that shows the answer.
    pub fn view(&self) -> &'static str {
        self.shown().map_or("timeline", |shown| shown.view)
    }

    /// The moment that shows it.
    pub fn at(&self) -> Option<Instant> {
        self.shown().map(|shown| Instant::ZERO + Duration::from_millis(shown.at))
    }

    /// What is typed at the prompt by then.
    pub fn line(&self) -> Option<&'static str> {
        self.shown().map(|shown| shown.line)
    }

    fn shown(&self) -> Option<&'static shown::Shown> {
        shown::SHOWN.iter().find(|shown| shown.id == self.id)
    }
}

/// Declares the scenarios: group, id, revision, title, fact and question. The text is the file of
/// that id.
macro_rules! gallery {
    ($( $group:ident $id:literal @ $revision:literal
        { en: $en:literal, $en_fact:literal, $en_asks:literal;
          zh: $zh:literal, $zh_fact:literal, $zh_asks:literal } )*) => {
        static ENTRIES: &[GalleryEntry] = &[ $( GalleryEntry {
            id: $id,
            revision: $revision,
            group: Group::$group,
            text: include_str!(concat!("../static/scenarios/", $id, ".yaml")),
            title: Words { en: $en, zh: $zh },
            fact: Words { en: $en_fact, zh: $zh_fact },
            question: Words { en: $en_asks, zh: $zh_asks },
        } ),* ];
    };
}

gallery! {
    OnePod "exit-1" @ 1 {
        en: "Exit 1, again and again", "back-off grows to 5 min",
            "When is the next restart, and why was the first one immediate?";
        zh: "一次又一次 exit 1", "back-off 涨到 5 分钟",
            "下一次重启是什么时候？第一次为什么立刻就来？"
    }
    OnePod "exit-0" @ 1 {
        en: "Exit 0 still restarts", "CrashLoopBackOff",
            "It exits 0. Why is it in CrashLoopBackOff?";
        zh: "exit 0 也会重启", "CrashLoopBackOff",
            "退出码是 0，为什么还是 CrashLoopBackOff？"
    }
    OnePod "mixed-exits" @ 1 {
        en: "One failure fails the Pod", "exit 0 + exit 2 = Failed",
            "One container succeeds, one fails. What is the Pod?";
        zh: "一个失败，Pod 就 Failed", "exit 0 + exit 2 = Failed",
            "一个成功，一个失败，Pod 算什么？"
    }
    OnePod "image-missing" @ 1 {
        en: "The image does not exist", "ImagePullBackOff",
            "How often does it try again, and why does the STATUS change to and fro?";
        zh: "镜像不存在", "ImagePullBackOff",
            "多久重试一次？STATUS 为什么来回变？"
    }
    OnePod "bad-command" @ 1 {
        en: "The command does not exist", "RunContainerError, exit 128",
            "Why exit 128, and no logs?";
        zh: "命令不存在", "RunContainerError，exit 128",
            "为什么是 exit 128，还没有日志？"
    }
    OnePod "too-big" @ 1 {
        en: "Too big for the cluster", "Pending: Insufficient cpu",
            "Nodes are idle. Why is it Pending?";
        zh: "集群装不下", "Pending：Insufficient cpu",
            "节点闲着，为什么还是 Pending？"
    }
    OnePod "node-label" @ 1 {
        en: "It waits for a label", "nodeSelector",
            "Nodes are free. Why does none of them take it?";
        zh: "等一个标签", "nodeSelector",
            "节点空着，为什么都不要它？"
    }
    OnePod "node-dies" @ 1 {
        en: "A node dies", "50 s, then 5 min more",
            "When do my Pods move, and why is one Terminating for ever?";
        zh: "节点挂了", "50 秒，再加 5 分钟",
            "Pod 什么时候搬走？为什么有一个一直 Terminating？"
    }
    OnePod "out-of-memory" @ 1 {
        en: "Out of memory", "exit 137, OOMKilled",
            "exit 137 without a delete. Who killed it?";
        zh: "内存超限", "exit 137，OOMKilled",
            "没人删它却 exit 137，谁杀的？"
    }
    OnePod "config-missing" @ 1 {
        en: "The ConfigMap comes later", "CreateContainerConfigError",
            "Do I have to delete the Pod when I add the ConfigMap?";
        zh: "ConfigMap 来晚了", "CreateContainerConfigError",
            "补上 ConfigMap 后要删 Pod 吗？"
    }
    Shared "two-containers" @ 1 {
        en: "Two containers, one IP", "the delete takes 30 s",
            "What do two containers of a Pod share?";
        zh: "两个容器，一个 IP", "删除要 30 秒",
            "同一个 Pod 的两个容器共享什么？"
    }
    Shared "one-node" @ 1 {
        en: "A Pod is placed as one", "the requests are added up",
            "Each container would fit. Why is the Pod Pending?";
        zh: "Pod 是一个整体", "requests 相加",
            "每个容器都放得下，Pod 为什么 Pending？"
    }
    Shared "port-conflict" @ 1 {
        en: "Both want port 80", "the second one crash-loops",
            "Two servers, one port: which one fails?";
        zh: "都要 80 端口", "第二个反复崩溃",
            "两个服务抢一个端口，谁会失败？"
    }
    Shared "writer-reader" @ 1 {
        en: "Writer and reader", "emptyDir",
            "How do two containers hand over files?";
        zh: "一个写，一个读", "emptyDir",
            "两个容器怎么交接文件？"
    }
    Shared "shared-pid" @ 1 {
        en: "One PID namespace", "pause is PID 1",
            "What changes with shareProcessNamespace?";
        zh: "共享 PID namespace", "pause 是 PID 1",
            "shareProcessNamespace 改变了什么？"
    }
    Shared "zombies" @ 1 {
        en: "Who reaps the zombies?", "PID 1 has to",
            "Why do exec probes leave zombies?";
        zh: "僵尸进程归谁收？", "归 PID 1",
            "exec 探针为什么留下僵尸进程？"
    }
    Hooks "poststart-slow" @ 1 {
        en: "A slow postStart", "the second one waits 15 s",
            "postStart hangs. Why does the other container not start?";
        zh: "缓慢的 postStart", "第二个等 15 秒",
            "postStart 卡住了，另一个容器为什么不启动？"
    }
    Hooks "prestop-sleep" @ 1 {
        en: "preStop sleeps 9 s", "only then a stop signal",
            "What happens between delete and SIGTERM?";
        zh: "preStop 先睡 9 秒", "之后才有停止信号",
            "从 delete 到 SIGTERM 之间发生了什么？"
    }
    Hooks "prestop-outlives" @ 1 {
        en: "preStop outlives the grace", "FailedPreStopHook",
            "My preStop needs longer than the grace period. What then?";
        zh: "preStop 比宽限期还长", "FailedPreStopHook",
            "preStop 比宽限期还久，会怎样？"
    }
    Hooks "hooks-both" @ 1 {
        en: "postStart and preStop", "a file in, a GET out",
            "When exactly do the two hooks run?";
        zh: "postStart 和 preStop", "进门写文件，出门发 GET",
            "两个钩子到底什么时候跑？"
    }
    Hooks "poststart-fails" @ 1 {
        en: "A postStart that fails", "killed, then back-off",
            "The container is fine. Why is it killed?";
        zh: "失败的 postStart", "先被杀，再 back-off",
            "容器没问题，为什么被杀？"
    }
    Init "init-order" @ 1 {
        en: "Two init containers", "3 s, then 4 s, then nginx",
            "In which order do init containers run?";
        zh: "两个 init 容器", "3 秒，再 4 秒，然后 nginx",
            "init 容器按什么顺序跑？"
    }
    Init "init-fails" @ 1 {
        en: "An init container that fails", "Init:CrashLoopBackOff",
            "Init:Error or Init:CrashLoopBackOff?";
        zh: "总是失败的 init 容器", "Init:CrashLoopBackOff",
            "Init:Error 还是 Init:CrashLoopBackOff？"
    }
    Init "init-never" @ 1 {
        en: "An init container with one try", "Init:Error, Failed",
            "And with restartPolicy: Never?";
        zh: "只有一次机会的 init 容器", "Init:Error，Failed",
            "restartPolicy: Never 时又怎样？"
    }
    Init "init-file" @ 1 {
        en: "An init container writes a file", "the new Pod runs it again",
            "When does an init container run again?";
        zh: "init 容器写好文件", "新 Pod 会再跑一遍",
            "init 容器什么时候会再跑？"
    }
    Sidecars "sidecar-order" @ 1 {
        en: "Sidecars, in and out", "they stop in reverse",
            "Who stops first, and is 137 an error?";
        zh: "sidecar 的进与出", "倒着停",
            "谁先停？137 算错误吗？"
    }
    Sidecars "exit-137s" @ 2 {
        en: "Two kinds of 137", "OOMKilled, or out of time",
            "137 and 143: which of them is an error?";
        zh: "两种 137", "OOMKilled，或时间用完",
            "137 和 143，哪个才算错误？"
    }
    Sidecars "sidecar-blocks" @ 1 {
        en: "A sidecar blocks the app", "Init:CrashLoopBackOff",
            "Why does my app never start?";
        zh: "sidecar 挡住了主容器", "Init:CrashLoopBackOff",
            "主容器为什么一直不启动？"
    }
    Sidecars "sidecar-job" @ 1 {
        en: "A Job with a sidecar", "it completes all the same",
            "Does a sidecar keep a Job from finishing?";
        zh: "带 sidecar 的 Job", "照样 Completed",
            "sidecar 会拖住 Job 吗？"
    }
    Sidecars "sidecar-crashes" @ 1 {
        en: "A sidecar that crashes", "the app goes on",
            "Does a crashing sidecar take the app down?";
        zh: "崩溃的 sidecar", "主容器照常",
            "sidecar 崩溃会连累主容器吗？"
    }
    Probes "startup-never" @ 1 {
        en: "Startup probe never passes", "4 restarts in 2:30",
            "STATUS says CrashLoopBackOff, phase says Running. Which is right?";
        zh: "startup 探针永远不通过", "2:30 内重启 4 次",
            "STATUS 是 CrashLoopBackOff，phase 却是 Running，信哪个？"
    }
    Probes "startup-tcp" @ 1 {
        en: "A port is enough", "tcpSocket: 80",
            "The path does not exist. How does a startup probe pass all the same?";
        zh: "端口通了就行", "tcpSocket: 80",
            "路径不存在，startup 探针怎样也能通过？"
    }
    Probes "startup-protects" @ 1 {
        en: "Startup protects liveness", "no restart in 25 s",
            "How does a startup probe protect a slow start?";
        zh: "startup 护着 liveness", "25 秒内不重启",
            "startup 探针怎样护住慢启动？"
    }
    Probes "liveness-file" @ 1 {
        en: "Liveness finds no file", "killed at the third miss",
            "How many seconds from the fault to the restart?";
        zh: "liveness 找不到文件", "第三次失败就被杀",
            "从出错到重启要多少秒？"
    }
    Probes "ready-goes" @ 1 {
        en: "Ready comes and goes", "in and out of the Service",
            "When does a Pod leave its Service, and come back?";
        zh: "时而就绪，时而不就绪", "Service 里进进出出",
            "Pod 何时离开 Service，何时回来？"
    }
    Probes "slow-boot" @ 1 {
        en: "Killed while it boots", "each life lasts 60 s",
            "It needs 90 s to start. Why does it never get there?";
        zh: "还没启动完就被杀", "每次只活 60 秒",
            "启动要 90 秒，为什么总等不到？"
    }
    Probes "liveness-grace" @ 1 {
        en: "The restart that takes 5 minutes", "the grace counts here too",
            "Liveness failed. Why did the restart take minutes?";
        zh: "要 5 分钟的重启", "宽限期在这里也算",
            "liveness 已失败，重启为什么要几分钟？"
    }
    Probes "never-ready" @ 1 {
        en: "Never ready, never killed", "readiness does not restart",
            "Why is it Running, and gets no traffic?";
        zh: "从不就绪，也从不被杀", "readiness 不会重启",
            "明明 Running，为什么没有流量？"
    }
    Probes "slow-under-load" @ 1 {
        en: "Probes fail only under load", "timeoutSeconds: 1",
            "Why do all my Pods restart together when traffic rises?";
        zh: "探针只在有负载时失败", "timeoutSeconds: 1",
            "流量一上来，为什么 Pod 全都一起重启？"
    }
    Leaving "term-ignored" @ 1 {
        en: "A delete that waits 30 s", "exit 137",
            "Why does kubectl delete always take 30 s?";
        zh: "要等 30 秒的删除", "exit 137",
            "kubectl delete 为什么总要 30 秒？"
    }
    Leaving "term-trapped" @ 1 {
        en: "A trap answers SIGTERM", "exit 0 after 4 s",
            "How does a script stop at once?";
        zh: "用 trap 接住 SIGTERM", "4 秒后 exit 0",
            "脚本怎样才能马上停？"
    }
    Leaving "delete-nginx" @ 1 {
        en: "Delete a Pod", "gone in a second",
            "What happens in the second after delete?";
        zh: "删除一个 Pod", "一秒就走",
            "delete 之后那一秒发生了什么？"
    }
    Leaving "leaving-probed" @ 1 {
        en: "Probed while it leaves", "readiness goes on, liveness ends",
            "Is a terminating Pod still probed?";
        zh: "离开时还在探测", "readiness 继续，liveness 停止",
            "正在退出的 Pod 还会被探测吗？"
    }
    Leaving "delete-replaced" @ 1 {
        en: "Deleted, and there again", "the ReplicaSet counts",
            "I delete the Pods. Why are there new ones?";
        zh: "删了又回来", "ReplicaSet 在数数",
            "删了 Pod，为什么又有新的？"
    }
    Leaving "rollout-loses" @ 1 {
        en: "A rollout that loses requests", "nobody waits for the route",
            "Why does every rolling update drop a few requests?";
        zh: "丢请求的滚动更新", "没人等路由更新",
            "为什么每次滚动更新都会丢几个请求？"
    }
    Leaving "rollout-keeps" @ 1 {
        en: "A rollout that loses none", "preStop: sleep 5",
            "How does a preStop sleep save the requests of a rollout?";
        zh: "不丢请求的滚动更新", "preStop: sleep 5",
            "preStop 里睡几秒，为什么就不丢请求了？"
    }
    Scaling "rolling-update" @ 1 {
        en: "Rolling update", "one at a time, no gap",
            "How do maxSurge and maxUnavailable bound a rollout?";
        zh: "滚动更新", "一次一个，不断流",
            "maxSurge 和 maxUnavailable 怎样限制发布？"
    }
    Scaling "rollout-stuck" @ 2 {
        en: "A rollout that gets stuck", "the old Pods stay",
            "The rollout is stuck. What still serves?";
        zh: "卡住的发布", "旧 Pod 还在",
            "发布卡住了，还有谁在服务？"
    }
    Scaling "hpa-load" @ 1 {
        en: "Scaling follows the load", "1 → 3 → 1",
            "How late does scaling follow the load?";
        zh: "自动扩缩跟着负载走", "1 → 3 → 1",
            "扩缩比负载晚多少？"
    }
    Scaling "hpa-late" @ 1 {
        en: "Scaling down comes late", "the last 5 min count",
            "The load is gone. Why are the Pods still there?";
        zh: "迟来的缩容", "近 5 分钟里最大的算数",
            "负载早没了，Pod 为什么还在？"
    }
    Scaling "hpa-unknown" @ 1 {
        en: "HPA shows <unknown>", "one container requests no cpu",
            "Why does kubectl get hpa say <unknown>?";
        zh: "HPA 显示 <unknown>", "有个容器没写 cpu request",
            "kubectl get hpa 为什么是 <unknown>？"
    }
    Scaling "hpa-runs-away" @ 1 {
        en: "A start that scales", "1 → 10, without any load",
            "It only starts. Why are there ten Pods?";
        zh: "启动引起的扩容", "没有负载也 1 → 10",
            "只是启动而已，为什么变成十个 Pod？"
    }
    Scaling "hpa-waits" @ 1 {
        en: "A start that does not count", "readinessProbe",
            "How does an autoscaler leave out the cpu of a start?";
        zh: "不算数的启动", "readinessProbe",
            "怎样让 HPA 不算启动时的 cpu？"
    }
    Scaling "apply-resets" @ 2 {
        en: "Apply takes the replicas back", "9 → 1 → 9",
            "Why does kubectl apply undo what the autoscaler did?";
        zh: "apply 把副本数改了回去", "9 → 1 → 9",
            "kubectl apply 为什么抵消了 HPA 的扩容？"
    }
    Scaling "stateful-order" @ 1 {
        en: "One after the other", "db-0, db-1, db-2, and back",
            "Why does db-2 wait for db-1?";
        zh: "一个接一个", "db-0、db-1、db-2，再倒回来",
            "db-2 为什么要等 db-1？"
    }
    Jobs "job-parallel" @ 1 {
        en: "Five runs, two at a time", "parallelism: 2",
            "How many Pods run at a time?";
        zh: "跑五次，每次两个", "parallelism: 2",
            "同时跑几个 Pod？"
    }
    Jobs "job-gives-up" @ 1 {
        en: "A Job that gives up", "BackoffLimitExceeded",
            "How many tries does backoffLimit give?";
        zh: "放弃的 Job", "BackoffLimitExceeded",
            "backoffLimit 给几次机会？"
    }
    Jobs "job-waits" @ 1 {
        en: "The Job that never ends", "a container never exits",
            "The work is done. Why does the Job run on?";
        zh: "永远结束不了的 Job", "有个容器不退出",
            "活干完了，Job 为什么还不结束？"
    }
    Jobs "job-onfailure" @ 2 {
        en: "OnFailure counts restarts", "one Pod, four tries",
            "Never or OnFailure: what does backoffLimit count?";
        zh: "OnFailure 数的是重启", "一个 Pod，四次尝试",
            "Never 和 OnFailure，backoffLimit 数的是什么？"
    }
    Jobs "cron-forbid" @ 1 {
        en: "A minute is not enough", "concurrencyPolicy: Forbid",
            "The last run is still going. Is the next one skipped?";
        zh: "一分钟不够用", "concurrencyPolicy: Forbid",
            "上一次还没跑完，下一次会跳过吗？"
    }
    Static "static-delete" @ 1 {
        en: "Delete a static Pod", "it never stops running",
            "I delete a static Pod. Why is it back?";
        zh: "删除静态 Pod", "它根本没停",
            "删了静态 Pod，为什么又回来？"
    }
    Static "static-file" @ 1 {
        en: "The file decides", "sed restarts, rm removes",
            "Where does a static Pod really live?";
        zh: "文件说了算", "sed 重启，rm 移除",
            "静态 Pod 到底在哪里？"
    }
}

/// Texts that were replaced: id, revision, text. Links to them live on, so they stay for ever.
static OLD: &[(&str, u32, &str)] = &[
    ("apply-resets", 1, include_str!("../static/scenarios/old/apply-resets@1.yaml")),
    ("exit-137s", 1, include_str!("../static/scenarios/old/exit-137s@1.yaml")),
    ("job-onfailure", 1, include_str!("../static/scenarios/old/job-onfailure@1.yaml")),
    ("rollout-stuck", 1, include_str!("../static/scenarios/old/rollout-stuck@1.yaml")),
];

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
    fn an_api_server_accepts_every_text_and_nothing_in_it_surprises() {
        for (id, revision, text) in revisions() {
            let loaded = crate::manifest::load(text);
            assert_eq!(loaded.diagnostics, [], "{id}@{revision}");
            // A static Pod is a file on its node, not an object of the text.
            let on_nodes = loaded.scenario.iter().flat_map(|scenario| &scenario.spec.cluster.nodes);
            let files = on_nodes.map(|node| node.static_pods.len()).sum::<usize>();
            assert!(loaded.objects.len() + files > 0, "{id}@{revision}");
        }
    }

    #[test]
    fn the_scenario_document_agrees() {
        for entry in all() {
            let scenario = crate::manifest::load(entry.text).scenario.expect("a document");
            assert_eq!(scenario.name, entry.id);
            let end = scenario.spec.duration.expect("a duration chosen for the story");
            assert!(scenario.spec.actions.iter().all(|action| action.at < end), "{}", entry.id);
            for lang in Lang::ALL {
                let title = scenario.spec.title.get(lang.tag()).map(String::as_str);
                assert_eq!(title, Some(entry.title(lang)), "{}", entry.id);
                assert!(!entry.fact(lang).is_empty());
                assert!(entry.question(lang).ends_with(['?', '？']), "{}", entry.id);
            }
        }
    }
}
