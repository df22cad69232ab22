//! How each scenario of the gallery is first shown, and the answer to its question.
//!
//! Owns: the view, the moment and the line of kubectl that show the answer, and the answer itself
//! in one sentence, with the field that decides in `backquotes`. Does not own: the scenarios
//! (`gallery`), or whether the answer is still true: the page shows it beside the published text
//! and takes it away with the first edit.

use super::Words;

/// How a scenario is first shown.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shown {
    pub id: &'static str,
    pub view: &'static str,
    /// Thousandths of a second.
    pub at: i64,
    pub line: &'static str,
    pub answer: Words,
}

/// Declares them: id, view, thousandths of a second, line, answers.
macro_rules! shown {
    ($( $id:literal $view:literal $at:literal $line:literal { en: $en:literal; zh: $zh:literal } )*)
    => {
        pub(super) static SHOWN: &[Shown] = &[ $( Shown {
            id: $id, view: $view, at: $at, line: $line, answer: Words { en: $en, zh: $zh },
        } ),* ];
    };
}

shown! {
    "exit-1" "timeline" 260_000 "kubectl get pods" {
        en: "The kubelet waits 10, 20, 40 … 300 s, counted from the last exit; the first \
             restart has nothing to wait for, and 10 min without an exit reset it: \
             `restartPolicy` says that it restarts at all";
        zh: "kubelet 从上次退出起等 10、20、40 …… 300 秒；第一次没有可等的，稳定运行 10 分钟后\
             重新计数。会不会重启由 `restartPolicy` 决定"
    }
    "exit-0" "timeline" 170_000 "kubectl get pods" {
        en: "`restartPolicy: Always`, the default, restarts after exit 0 too, with the same \
             back-off; work that ends wants a Job, or OnFailure";
        zh: "默认的 `restartPolicy: Always` 对 exit 0 也会重启，退避一样；会结束的活儿该用 Job \
             或 OnFailure"
    }
    "mixed-exits" "timeline" 14_000 "kubectl get pods" {
        en: "With `restartPolicy: Never` the Pod is Failed once all have ended and one of them \
             not with 0";
        zh: "`restartPolicy: Never` 时，全部结束且有一个不是 0，Pod 就是 Failed"
    }
    "image-missing" "timeline" 66_500 "kubectl get pods" {
        en: "The next try comes 10, 20, 40 … 300 s after each failure; ErrImagePull is a try \
             that failed, ImagePullBackOff the wait after it, and only another `image` ends it";
        zh: "每次失败后隔 10、20、40 …… 300 秒再试；ErrImagePull 是刚失败，ImagePullBackOff 是\
             在等，只有改 `image` 才能结束"
    }
    "bad-command" "timeline" 5_000 "kubectl describe pod lost" {
        en: "`command` names a program that the image does not have: the runtime reports 128, \
             and what never ran has no logs";
        zh: "`command` 指的程序镜像里没有：运行时报 128，没跑过的东西没有日志"
    }
    "too-big" "timeline" 10_000 "kubectl describe pod whale" {
        en: "The scheduler adds up `requests`, not usage: no node has so much left to promise";
        zh: "调度器算的是 `requests` 之和，不是用量：没有节点还能答应这么多"
    }
    "out-of-memory" "timeline" 25_000 "kubectl describe pod hungry" {
        en: "The kernel: the container reached its `memory` limit, and SIGKILL is 128 + 9; the \
             reason OOMKilled tells it from a delete";
        zh: "内核：容器碰到了 `memory` limit，SIGKILL 即 128 + 9；reason 为 OOMKilled，与删除不\
             同"
    }
    "config-missing" "timeline" 45_000 "kubectl get pods" {
        en: "No: while `configMapKeyRef` finds nothing the kubelet tries again every 10 to 20 \
             s, and then the container starts in the same Pod";
        zh: "不用：`configMapKeyRef` 找不到时，kubelet 每 10 到 20 秒再试，找到后容器就在原来的 \
             Pod 里启动"
    }
    "two-containers" "anatomy" 20_000 "kubectl get pods" {
        en: "`containers` of a Pod share network, IPC and hostname: one IP, and localhost \
             reaches the other; processes stay apart";
        zh: "同一个 Pod 的 `containers` 共享网络、IPC 和 hostname：一个 IP，localhost 就能访问\
             对方；进程各看各的"
    }
    "one-node" "timeline" 15_000 "kubectl describe pod pair" {
        en: "A Pod is placed as a whole: the `requests` of its containers are added up, and \
             one node must hold the sum";
        zh: "Pod 整个放上一个节点：各容器的 `requests` 相加，要有一个节点装得下总和"
    }
    "port-conflict" "anatomy" 2_500 "kubectl get pods" {
        en: "The one that comes second: `containers` share one network namespace, and its port \
             80 is taken";
        zh: "后来的那个：`containers` 同处一个 network namespace，80 端口已被占"
    }
    "writer-reader" "anatomy" 10_000 "kubectl get pods" {
        en: "Through a volume: an `emptyDir` that both mount is one directory, and lives as \
             long as the Pod";
        zh: "靠卷：两个容器都挂载的 `emptyDir` 是同一个目录，与 Pod 同寿"
    }
    "shared-pid" "processes" 20_000 "kubectl get pods" {
        en: "With `shareProcessNamespace: true` pause is PID 1 and all see each other's \
             processes; no app is PID 1, so SIGTERM ends it";
        zh: "`shareProcessNamespace: true` 时 1 号进程是 pause，容器互相看得到进程；应用不再是 \
             1 号，SIGTERM 也就有效"
    }
    "zombies" "processes" 30_000 "kubectl get pods" {
        en: "What a probe leaves behind is adopted by PID 1, and this app does not wait for \
             it; with `shareProcessNamespace: true` pause reaps it";
        zh: "探针留下的进程归 1 号进程收养，而这个应用不收尸；`shareProcessNamespace: true` 时\
             由 pause 回收"
    }
    "poststart-slow" "timeline" 10_000 "kubectl get pods" {
        en: "Containers start one after the other, and the kubelet waits for the end of \
             `postStart` before it starts the next";
        zh: "容器一个接一个启动，`postStart` 没结束，kubelet 就不启动下一个"
    }
    "prestop-sleep" "termination" 16_000 "kubectl get pods" {
        en: "`preStop` runs first and uses up grace; SIGTERM (here SIGQUIT) comes when it has \
             ended";
        zh: "先跑 `preStop`，耗的是宽限期；它结束后才发 SIGTERM（nginx 是 SIGQUIT）"
    }
    "prestop-outlives" "termination" 20_100 "kubectl get pods" {
        en: "`preStop` is cut off when `terminationGracePeriodSeconds` is over; the process \
             then has 2 s for its signal, and SIGKILL follows: give more than the hook needs";
        zh: "`preStop` 到 `terminationGracePeriodSeconds` 就被掐断，进程再有 2 秒处理信号，然后 \
             SIGKILL：宽限期要比钩子长"
    }
    "hooks-both" "timeline" 15_300 "kubectl get pods" {
        en: "`postStart` right after the container was started, beside its process; `preStop` \
             before the stop signal";
        zh: "`postStart` 在容器启动后立刻跑，与主进程并行；`preStop` 在停止信号之前"
    }
    "poststart-fails" "timeline" 8_000 "kubectl describe pod hooked" {
        en: "A `postStart` that fails kills its container, and the restart waits for its \
             back-off like any other";
        zh: "`postStart` 失败就杀掉容器，重启照样要退避"
    }
    "init-order" "timeline" 6_000 "kubectl get pods" {
        en: "In the order of `initContainers`: each must exit with 0 before the next one starts";
        zh: "按 `initContainers` 里的顺序：前一个 exit 0，后一个才启动"
    }
    "init-fails" "timeline" 180_000 "kubectl get pods" {
        en: "Both wait for the next try: Init:Error is how the last one ended, until the \
             kubelet looks again and says Init:CrashLoopBackOff; `containers` start only after \
             an exit 0";
        zh: "都在等下一次：Init:Error 是上一次的结果，kubelet 再看一遍才改成 \
             Init:CrashLoopBackOff；`containers` 要等 exit 0"
    }
    "init-never" "timeline" 8_000 "kubectl get pods" {
        en: "With `restartPolicy: Never` one failure is final: the Pod is Failed, STATUS stays \
             Init:Error, and the app never starts";
        zh: "`restartPolicy: Never` 时一次失败就定局：Pod 为 Failed，STATUS 停在 Init:Error，应\
             用不会启动"
    }
    "init-file" "timeline" 27_000 "kubectl get pods" {
        en: "With each new Pod: its `emptyDir` is new and empty, so the file is written again; \
             a restart of nginx alone runs no init container";
        zh: "每个新 Pod 都会：新的 `emptyDir` 是空的，文件要重写；只重启 nginx 则不会再跑 init \
             容器"
    }
    "sidecar-order" "termination" 24_500 "kubectl get pods" {
        en: "The app first, then the sidecars in the reverse order of `initContainers`, all \
             within one `terminationGracePeriodSeconds`; 137 only says that it ran out";
        zh: "应用先停，然后 sidecar 按 `initContainers` 倒序停，共用一个 \
             `terminationGracePeriodSeconds`；137 只说明时间用完了"
    }
    "exit-137s" "timeline" 41_600 "kubectl describe pod web" {
        en: "The reason tells: OOMKilled at the `memory` limit is an error; a sidecar's 143 \
             (SIGTERM) or 137 (`terminationGracePeriodSeconds` was over) in a Pod that leaves \
             is not";
        zh: "看 reason：OOMKilled 是碰到 `memory` limit，是错误；Pod 退出时 sidecar 的 143（\
             SIGTERM）和 137（`terminationGracePeriodSeconds` 用完）不算"
    }
    "sidecar-blocks" "timeline" 35_000 "kubectl get pods" {
        en: "Nothing starts before a sidecar has, and its `startupProbe` never passes";
        zh: "sidecar 没启动完，后面的都不启动，而它的 `startupProbe` 一直不通过"
    }
    "sidecar-job" "timeline" 14_300 "kubectl get pods,jobs" {
        en: "No: under `initContainers` with `restartPolicy: Always` it is stopped when the \
             others have ended; among the containers it would hold the Job";
        zh: "不会：放在 `initContainers` 并写 `restartPolicy: Always`，别的容器结束后它就被停掉；\
             放在 containers 里才会拖住 Job"
    }
    "sidecar-crashes" "timeline" 30_000 "kubectl get pods" {
        en: "No: with `restartPolicy: Always` it is restarted for itself, and the app runs on; \
             STATUS shows the trouble of the sidecar";
        zh: "不会：`restartPolicy: Always` 让它单独重启，应用照常；STATUS 显示的是 sidecar 的问\
             题"
    }
    "startup-never" "timeline" 177_000 "kubectl get pods" {
        en: "Both: phase is the Pod's, STATUS is the reason for which its container waits; \
             `path` answers 404, so the startup probe never passes";
        zh: "都对：phase 说的是 Pod，STATUS 是容器在等的原因；`path` 返回 404，startup 探针永远\
             不通过"
    }
    "startup-tcp" "timeline" 14_000 "kubectl describe pod nginx" {
        en: "`tcpSocket` only wants a port that opens; httpGet wants a path that answers with \
             200 to 399";
        zh: "`tcpSocket` 只要端口能连上；httpGet 则要那个路径返回 200 到 399"
    }
    "startup-protects" "timeline" 20_000 "kubectl get pods" {
        en: "Until `startupProbe` has passed no other probe runs: failureThreshold × \
             periodSeconds, here 60 s, is the time to start in";
        zh: "`startupProbe` 通过之前别的探针都不跑：failureThreshold × periodSeconds（这里 60 \
             秒）就是启动的时限"
    }
    "liveness-file" "timeline" 47_000 "kubectl get pods" {
        en: "At least (`failureThreshold` − 1) × periodSeconds, at most one period more: here \
             10 to 15 s; and then the grace period, if SIGTERM is ignored as here";
        zh: "最快（`failureThreshold` − 1）× periodSeconds，最慢再多一个周期：这里是 10 到 15 \
             秒；若像这里一样不理 SIGTERM，还要加上宽限期"
    }
    "ready-goes" "timeline" 40_000 "kubectl get endpointslices" {
        en: "`readinessProbe` decides: after failureThreshold misses in a row it leaves, after \
             successThreshold passes it is back; nothing restarts";
        zh: "`readinessProbe` 说了算：连续失败 failureThreshold 次就离开，成功 \
             successThreshold 次就回来，都不重启"
    }
    "slow-boot" "timeline" 45_000 "kubectl get pods" {
        en: "`livenessProbe` kills after 30 s what needs 90 s; a `startupProbe` with \
             failureThreshold × periodSeconds above 90 s lets it start";
        zh: "要 90 秒才起来，`livenessProbe` 30 秒就杀；加上 `startupProbe`，让 \
             failureThreshold × periodSeconds 超过 90 秒即可"
    }
    "liveness-grace" "timeline" 60_000 "kubectl get pods" {
        en: "A liveness kill waits out `terminationGracePeriodSeconds` like a delete; the \
             probe's own terminationGracePeriodSeconds makes it shorter";
        zh: "liveness 触发的终止与删除一样要等 `terminationGracePeriodSeconds`；在探针里写 \
             terminationGracePeriodSeconds 可以缩短"
    }
    "never-ready" "timeline" 30_000 "kubectl get endpointslices" {
        en: "`readinessProbe` fails, so no Service sends it anything; readiness never restarts \
             a container";
        zh: "`readinessProbe` 失败，Service 就不给它流量；readiness 从不重启容器"
    }
    "slow-under-load" "timeline" 49_500 "kubectl get pods" {
        en: "Under load an answer takes longer than `timeoutSeconds: 1`, the default: all \
             probes time out together, and so all Pods restart together";
        zh: "负载一高，应答超过默认的 `timeoutSeconds: 1`：所有探针一起超时，Pod 也就一起重启"
    }
    "term-ignored" "termination" 25_000 "kubectl get pods" {
        en: "PID 1 without a handler ignores SIGTERM, so SIGKILL comes after \
             `terminationGracePeriodSeconds`; exec, a trap or shareProcessNamespace helps";
        zh: "1 号进程没有处理函数就收不到 SIGTERM，要等 `terminationGracePeriodSeconds` 后的 \
             SIGKILL；用 exec、trap 或 shareProcessNamespace"
    }
    "term-trapped" "termination" 12_500 "kubectl get pods" {
        en: "A trap in `command` is its handler: it runs at once, and the shell ends when the \
             trap says so";
        zh: "`command` 里的 trap 就是处理函数：立刻运行，它让 shell 何时退出就何时退出"
    }
    "delete-nginx" "termination" 10_300 "kubectl get pods" {
        en: "The Pod is marked for deletion, the kubelet sends the stop signal, and nginx is \
             gone long before `terminationGracePeriodSeconds`";
        zh: "Pod 被标记删除，kubelet 发停止信号，nginx 远早于 `terminationGracePeriodSeconds` \
             就退出了"
    }
    "leaving-probed" "timeline" 22_000 "kubectl get endpointslices -o yaml" {
        en: "`readinessProbe` goes on, `livenessProbe` ends; its endpoint is ready: false and \
             terminating: true at once, serving as long as the probe passes";
        zh: "`readinessProbe` 继续，`livenessProbe` 停止；端点立刻变成 ready: false、\
             terminating: true，serving 随探针而定"
    }
    "delete-replaced" "timeline" 13_000 "kubectl get pods,replicasets" {
        en: "The ReplicaSet counts what is not leaving and makes as many as `replicas` wants; \
             scale it to 0, or delete the Deployment";
        zh: "ReplicaSet 只数没在退出的，少了就补到 `replicas`；要么缩到 0，要么删 Deployment"
    }
    "rollout-loses" "termination" 17_600 "kubectl get pods" {
        en: "The stop signal is there at once, the new routes a moment later, and what comes \
             between fails; `preStop: sleep 5` in the container makes it 0";
        zh: "停止信号立刻就到，路由晚一步才更新，中间来的请求就失败；容器里加 `preStop: sleep \
             5` 即为 0"
    }
    "rollout-keeps" "termination" 20_000 "kubectl get pods" {
        en: "While `preStop` sleeps nginx still serves, and every node learns the new routes \
             before the stop signal";
        zh: "`preStop` 睡着时 nginx 还在服务，各节点在停止信号之前就换好了路由"
    }
    "rolling-update" "timeline" 24_000 "kubectl rollout status deploy/shop" {
        en: "`maxSurge: 1` allows 3 + 1 Pods at most, `maxUnavailable: 0` at least 3 ready: \
             one comes before one goes";
        zh: "`maxSurge: 1` 最多 3 + 1 个 Pod，`maxUnavailable: 0` 至少 3 个就绪：先来一个，再走\
             一个"
    }
    "rollout-stuck" "timeline" 100_000 "kubectl rollout status deploy/shop" {
        en: "The old Pods: `maxUnavailable` keeps them until the new one is ready; after \
             `progressDeadlineSeconds` the condition is ProgressDeadlineExceeded, and nothing \
             is rolled back by itself";
        zh: "旧 Pod：新的没就绪，`maxUnavailable` 就留着它们；过了 `progressDeadlineSeconds`，\
             条件变成 ProgressDeadlineExceeded，但不会自动回滚"
    }
    "hpa-load" "autoscaling" 92_000 "kubectl get hpa" {
        en: "Up about half a minute late (metrics-server looks every 15 s, so does the \
             autoscaler), down 5 min late: `averageUtilization` is held against what was \
             measured, not what is";
        zh: "扩容约晚半分钟（metrics-server 和 HPA 各 15 秒看一次），缩容晚 5 分钟：和 \
             `averageUtilization` 比的是测到的，不是当下的"
    }
    "hpa-late" "autoscaling" 500_000 "kubectl get hpa" {
        en: "The highest recommendation of the last 300 s wins \
             (`behavior.scaleDown.stabilizationWindowSeconds`), and the second peak began them \
             anew";
        zh: "取最近 300 秒（`behavior.scaleDown.stabilizationWindowSeconds`）里最高的建议，第二\
             个高峰又让它重新计时"
    }
    "hpa-unknown" "autoscaling" 66_000 "kubectl get hpa" {
        en: "One container has no cpu under `requests`, so there is nothing to take a \
             percentage of: FailedGetResourceMetric";
        zh: "有个容器的 `requests` 里没有 cpu，百分比无从算起：FailedGetResourceMetric"
    }
    "hpa-runs-away" "autoscaling" 52_000 "kubectl get hpa" {
        en: "The Pod is ready at once, so the cpu of its start counts; with a `readinessProbe` \
             samples from before Ready are left out for 5 min";
        zh: "Pod 一启动就算就绪，启动时的 cpu 也算数；加上 `readinessProbe`，前 5 分钟里就绪之\
             前的样本不算"
    }
    "hpa-waits" "autoscaling" 60_000 "kubectl get hpa" {
        en: "`readinessProbe` keeps the Pod unready while it starts, and for 5 min samples \
             from before Ready are left out";
        zh: "`readinessProbe` 让 Pod 启动期间不就绪，而前 5 分钟里就绪之前的样本不算"
    }
    "apply-resets" "autoscaling" 248_000 "kubectl get deploy" {
        en: "The text still says `replicas: 1`, and apply writes what the text says; take the \
             line out, and the number stays the autoscaler's";
        zh: "清单里还写着 `replicas: 1`，apply 就照写；删掉这一行，副本数就归 HPA 管"
    }
    "stateful-order" "timeline" 12_000 "kubectl get pods" {
        en: "`podManagementPolicy` is OrderedReady by default: each waits until the one before \
             is ready, and they leave in reverse";
        zh: "`podManagementPolicy` 默认是 OrderedReady：前一个就绪才轮到下一个，走时倒着来"
    }
    "job-parallel" "timeline" 12_000 "kubectl get jobs,pods" {
        en: "`parallelism` at a time, until `completions` have succeeded";
        zh: "同时 `parallelism` 个，直到成功 `completions` 次"
    }
    "job-gives-up" "timeline" 50_000 "kubectl get jobs,pods" {
        en: "`backoffLimit: 2` gives the first Pod and two more, with 10 and 20 s between; the \
             third failure is BackoffLimitExceeded";
        zh: "`backoffLimit: 2` 是第一个 Pod 再加两个，间隔 10 秒、20 秒；第三次失败就是 \
             BackoffLimitExceeded"
    }
    "job-waits" "timeline" 20_000 "kubectl get jobs,pods" {
        en: "A Pod has completed when all `containers` have ended, and one never does; as a \
             sidecar (initContainers, restartPolicy: Always) it would not count";
        zh: "`containers` 全部结束，Pod 才算完成，有一个却不退出；改成 sidecar（initContainers \
             加 restartPolicy: Always）就不算它"
    }
    "job-onfailure" "timeline" 47_500 "kubectl get jobs,pods" {
        en: "With OnFailure `backoffLimit` counts restarts inside one Pod, and when it is \
             exceeded the Pod goes, logs and all; with Never it counts Pods, which stay";
        zh: "OnFailure 时 `backoffLimit` 数的是同一个 Pod 里的重启，超了连 Pod 带日志都删掉；\
             Never 时数的是 Pod，都会留下"
    }
    "cron-forbid" "timeline" 125_000 "kubectl get cronjobs,jobs" {
        en: "With `concurrencyPolicy: Forbid` none begins beside one that runs; the minute \
             that was missed begins when it has ended";
        zh: "`concurrencyPolicy: Forbid` 不让两个同时跑；错过的那一分钟，等上一次跑完就补上"
    }
    "static-delete" "timeline" 28_600 "kubectl get pods" {
        en: "Only the mirror Pod is deleted: the container runs on, and the kubelet makes the \
             mirror again from its file (`staticPods`)";
        zh: "删掉的只是 mirror Pod：容器一直在跑，kubelet 又照文件（`staticPods`）把它建回来"
    }
    "static-file" "timeline" 60_000 "kubectl get pods" {
        en: "In a file on its node (`staticPods`): the kubelet restarts the Pod when the file \
             changes and stops it when the file is gone";
        zh: "在节点的一个文件里（`staticPods`）：文件变了 kubelet 就重启，文件没了就停掉"
    }
    "node-dies" "timeline" 400_000 "kubectl get pods" {
        en: "After 50 s the node is NotReady, after 300 s more (the toleration that every Pod \
             gets) `replicas` is filled up elsewhere; the old object stays until its kubelet \
             confirms, or you delete the node";
        zh: "50 秒后节点 NotReady，再过 300 秒（每个 Pod 默认的容忍时间）才在别处补足 \
             `replicas`；旧对象要等它的 kubelet 确认，或等你删除节点"
    }
    "node-label" "timeline" 15_000 "kubectl describe pod train" {
        en: "`nodeSelector` asks for a label that no node has; when one gets it, the scheduler \
             tries again";
        zh: "`nodeSelector` 要的标签没有节点有；一打上，调度器就会再试"
    }
}
