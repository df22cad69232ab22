//! Texts of the rules in Chinese.
//!
//! Does not own: the other languages, or the grammar that all keep (`rules`).

use crate::rule::Rule;

/// Explains a rule.
pub(super) const fn text(rule: Rule) -> &'static str {
    match rule {
        Rule::YouActed => {
            "这是你做的操作。它属于场景的一部分，可以挪动、撤销，也会随链接一起分享。"
        }
        Rule::CommandRefused => "kubectl 或 API server 拒绝了这条命令，集群没有任何变化",
        Rule::ObjectStored => {
            "API server 补上默认值、校验，然后保存对象。它不会去通知谁，controller 和 \
            kubelet 都是通过 watch 得知的。"
        }
        Rule::AdmissionForbids => {
            "新对象存入之前，准入控制先看别的对象。LimitRange 给单个对象默认值和上下限，ResourceQuota \
            限制总和。"
        }
        Rule::QuotaCounted => {
            "配额统计的是命名空间里对象申请的量，而不是实际用量。已经结束的 Pod 不再计入。"
        }
        Rule::ObjectUpdated => {
            "每次写入都会替换整个对象并增大 resourceVersion，正在 watch 的组件随即看到新\
            版本"
        }
        Rule::ObjectRemoved => {
            "对象已从 API 中消失。名字可以再用，但新对象的 UID 不同，已经不是同一个了。"
        }
        Rule::DeploymentMakesReplicaSet => {
            "Deployment 从不直接创建 Pod。template 每有一个版本，它就建一个 ReplicaSet，\
            名字里带着 template 的 hash。"
        }
        Rule::DeploymentScales => {
            "Deployment 只修改 ReplicaSet 的 replicas。更新期间不超出 maxSurge（25 %，向\
            上取整）和 maxUnavailable（25 %，向下取整）。"
        }
        Rule::ReplicaSetCreates => {
            "现有 Pod 少于 replicas。正在删除的 Pod 不再计数，所以替补不会等它走完才出现。"
        }
        Rule::ReplicaSetDeletes => {
            "现有 Pod 多于 replicas。先删还没分到节点的，再删 Pending 的、未就绪的，最后\
            才是刚就绪不久的。"
        }
        Rule::OrphanReleased => {
            "这个 Pod 的 label 不再匹配 selector，controller 于是放开它。Pod 继续运行但不\
            再属于谁，另外会补上一个新的。"
        }
        Rule::OrphanAdopted => {
            "这个 Pod 匹配 selector 又不属于任何人，controller 于是接管它。从此它照常计数，\
            多出来时也可能被删掉。"
        }
        Rule::RevisionKept => {
            "controller 把每个 template 按内容的 hash 存成 ControllerRevision，默认保留最\
            近 10 个，以便回滚"
        }
        Rule::StatefulSetCreates => {
            "StatefulSet 的 Pod 有序号，前一个 Running 且 Ready 后才创建下一个。podManagementPolicy: Parallel 则\
            一次全部创建。"
        }
        Rule::StatefulSetClaims => {
            "StatefulSet 的每个 Pod 都有自己的 PersistentVolumeClaim，以 Pod 的名字命名。Pod 没\
            了它还在，下一个同名的 Pod 会接着用。"
        }
        Rule::ClaimRetained => {
            "PVC 保留策略靠属主生效：随 StatefulSet 删除（whenDeleted），随多余的 Pod 删除（whenScaled），\
            或者保留"
        }
        Rule::StatefulSetDeletes => {
            "StatefulSet 从最大的序号开始缩容，一次一个，等它真正消失后再删下一个"
        }
        Rule::StatefulSetUpdates => {
            "更新从最大的序号开始，直到 partition（默认 0）。每个 Pod 先删后建，Ready 之\
            后才轮到下一个。"
        }
        Rule::DaemonSetCreates => {
            "这个节点符合条件却还没有该 DaemonSet 的 Pod。Pod 通过 affinity 固定在节点上，\
            被 cordon 的节点也照样去。"
        }
        Rule::DaemonSetUpdates => {
            "旧 template 的 Pod 按节点逐个替换。默认同时最多 1 个不可用（maxUnavailable），\
            也不预先多建（maxSurge 0）。"
        }
        Rule::JobCreates => {
            "正在运行的 Pod 少于 parallelism 和剩余 completions 的要求。失败之后 Job 先等 10 秒，\
            每次翻倍，最多 10 分钟。"
        }
        Rule::JobCounts => {
            "Job controller 先攒 1 秒内的变化，再记下哪些 Pod 已经结束。finalizer 去掉之\
            后才正式计数。"
        }
        Rule::JobLetsGo => {
            "finalizer batch.kubernetes.io/job-tracking 把 Pod 留到 Job 数过为止。没有它，\
            过早被删的 Pod 就不会被计入。"
        }
        Rule::JobCompletes => {
            "成功的 Pod 已经够数。先有 SuccessCriteriaMet，最后一个 Pod 结束后才是 Complete。"
        }
        Rule::JobFails => {
            "Job 彻底失败，不再创建 Pod，还在运行的会先被删除。FailureTarget 立刻出现，它\
            们都消失后才是 Failed。"
        }
        Rule::JobTtl => {
            "Job 结束后已经过了 ttlSecondsAfterFinished，于是连同它的 Pod 一起删除。不写\
            这个字段，结束的 Job 会一直留着。"
        }
        Rule::CronJobCreates => {
            "到了 schedule 的时间；没写 timeZone 就按 UTC 计算。Job 名字的末尾就是这个时\
            间，即自 1970 年起的分钟数。"
        }
        Rule::NamespaceTerminates => {
            "namespace 正在删除，不再接受任何新对象，连 Event 也不行。大约 5 秒后开始清理\
            里面的内容。"
        }
        Rule::NamespaceEmptied => {
            "namespace 里的一切都被删除，先删 Pod。什么都不剩之后，namespace 本身才消失。"
        }
        Rule::ForegroundDeletion => {
            "前台删除时，owner 带着一个 finalizer 留下，等它拥有的一切都消失之后才走"
        }
        Rule::KubeletStopped => {
            "没有了 kubelet，容器照样运行。只是没人探测、重启或上报它们，API 的要求也到不了这个节点。"
        }
        Rule::MachineOff => {
            "机器上的一切瞬间结束，收不到任何信号。API 对此一无所知，Pod 仍显示为最后一次的样子。"
        }
        Rule::KubeletStarted => {
            "kubelet 知道的一切都在内存里。重启后它向 API 要 Pod、向运行时要容器，探针和退避都从头开始。"
        }
        Rule::RestartsAll => {
            "命中 RestartAllContainers 规则后，其余容器不执行 preStop、没有宽限期就被结束，全部删除\
            后从第一个 init 容器重来。UID、IP 和卷不变，也没有退避。"
        }
        Rule::PullSecretMissing => {
            "imagePullSecrets 里的 Secret 不存在也不会停下来：kubelet 每次同步都会报告，然后照样去\
            拉取。成败由镜像仓库决定。"
        }
        Rule::NodePressure => {
            "kubelet 每 10 秒查看一次。可用内存低于 100Mi，或磁盘低于 15%，节点就会带上相应的 \
            condition 和污点，不再接收新的 Pod；两者至少保留五分钟。"
        }
        Rule::EvictedForRoom => {
            "每次只驱逐一个 Pod：先选用量超过 request 的，其中优先级低的先走，再看谁超得最多。宽\
            限期只有 1 秒，实际按 2 秒执行。"
        }
        Rule::EvictedOverLimit => {
            "emptyDir 超过 sizeLimit，或文件与日志超过 ephemeral-storage 的 limit，整个 Pod 都会\
            被驱逐。写入本身不会被拒绝；卷的大小每一两分钟才统计一次。"
        }
        Rule::PodRejected => {
            "kubelet 会再检查一遍调度器的判断，绕过调度器而来的 Pod 可能被拒绝。Pod 立即变成 \
            Failed，由它的属主另建一个。"
        }
        Rule::NodeReady => "kubelet 重新上报节点状态。污点随之去除，还在等待驱逐的 Pod 得以留下。",
        Rule::NodeUnknown => {
            "kubelet 每 10 秒续一次租约。50 秒没有消息，节点的各项状况就变成 Unknown，kubectl 显示 NotReady。"
        }
        Rule::NodePodsNotReady => {
            "没人知道这些 Pod 怎样了，于是标记为未就绪。不管它们是否还在运行，都会被移出 Service。"
        }
        Rule::NodeTainted => {
            "污点跟随节点的状况。NoSchedule 立刻挡住新 Pod，NoExecute 赶走不容忍它的 Pod。"
        }
        Rule::NodeDisruption => {
            "所有节点都没有消息时，更可能是网络出了问题。这时不驱逐任何 Pod，因为没有更好的去处。"
        }
        Rule::TaintEvicts => {
            "除非另有说明，每个 Pod 都容忍失联节点 300 秒。之后它被删除并由新 Pod 替代，但在 kubelet \
            回应之前一直是 Terminating。"
        }
        Rule::PodGarbageCollected => {
            "回收器每 20 秒找一遍没人会删的 Pod：节点已消失 40 秒的、没有节点却正在删除的，以及最近 12500 \
            个之外已结束的。它把它们标记为 Failed，立即移除。"
        }
        Rule::NodeRegistered => {
            "Node 对象只是 API 对一台机器的认识。删除它不会停掉机器上的任何东西；kubelet 重新启动时才会再注册。"
        }
        Rule::BudgetCounted => {
            "PDB 数一数健康的 Pod。比 minAvailable（或总数减 maxUnavailable）多出几个，现在就能驱逐几个。"
        }
        Rule::PodEvicted => {
            "驱逐就是先问过 PodDisruptionBudget 的删除。普通删除、滚动更新或节点失联谁也不问。"
        }
        Rule::BudgetRefuses => {
            "PDB 没有余量了，API server 返回 429。kubectl drain 每 5 秒重试一次，直到又有 Pod 变得健康。"
        }
        Rule::AutoscalerComputes => {
            "每 15 s 算一次：计入的 Pod 数 × 用量 ÷ 目标，向上取整。用量是 request 的百分比，\
            所以 request 减半，用量就翻倍。"
        }
        Rule::AutoscalerTolerates => {
            "用量与目标相差不到 10 %，autoscaler 不改 replicas，免得追着噪声跑"
        }
        Rule::AutoscalerHolds => {
            "有些 Pod 还在启动，或者还没有样本。把它们当作不用（或用满）来算，改动就不再成立了。"
        }
        Rule::AutoscalerLacksMetrics => {
            "没有指标时 autoscaler 什么也不做，显示 <unknown>。新 Pod 大约半分钟后才有算数的\
            样本。"
        }
        Rule::AutoscalerStabilizes => {
            "缩容要等：最近 5 分钟里最高的建议有效，短暂的空闲不会带走 Pod"
        }
        Rule::AutoscalerLimits => {
            "minReplicas、maxReplicas 或速率限制比指标要求的更近。ScalingLimited 会说明是\
            哪一个。"
        }
        Rule::AutoscalerDisabled => {
            "autoscaler 无法设置这些 replicas：目标不存在、没有 scale、被多个 HPA 共用，或被手\
            动缩到了 0"
        }
        Rule::AutoscalerRescales => {
            "autoscaler 只把 replicas 写进目标，别的都不做。建 Pod、删 Pod 是目标自己的 \
            controller 的事。"
        }
        Rule::ControllerStatus => {
            "controller 数了一遍自己的 Pod，把数字写进 status。kubectl 打印的就是这些数字，\
            所以总会晚一点点。"
        }
        Rule::GarbageCollected => {
            "它的 owner 已经不在了。默认情况下 owner 先消失，garbage collector 在一两秒内\
            清理它名下的对象。"
        }
        Rule::Scheduled => {
            "scheduler 选了一个余量够 requests 的节点，limits 和实际用量都不看。它所做的\
            只是写入 spec.nodeName。"
        }
        Rule::Unschedulable => {
            "没有节点通过全部过滤条件，Pod 只能停在 Pending。出现可能有帮助的变化时会重试，\
            最迟 5 分钟后再试。"
        }
        Rule::Preempts => {
            "没有节点放得下，scheduler 就删除优先级更低的 Pod，尽可能少删。它们仍有宽限期，在那之前这个 Pod \
            只是被提名到该节点。"
        }
        Rule::ClaimWaits => {
            "WaitForFirstConsumer 让存储卷建在 Pod 将要运行的地方。scheduler 先选好节点，等卷就绪后再\
            绑定 Pod。"
        }
        Rule::VolumeProvisioned => {
            "没有合适的存储卷，于是由 StorageClass 的 provisioner 新建一个。回收策略决定它是否随 PVC 一起删除。"
        }
        Rule::InUseProtected => {
            "只要还有已调度的 Pod 引用，被删除的 PVC 就靠 finalizer 停在 Terminating，已绑定的 PV 也一样。\
            现在没人用了，可以移除。"
        }
        Rule::ClaimBound => {
            "PVC 得到同一 StorageClass 中够大的最小空闲卷。此后两者彼此绑定，不管 Pod 如何来去。"
        }
        Rule::UnknownScheduler => {
            "schedulerName 指向一个这里没有运行的 scheduler。没人来管，Pod 会一直 Pending，\
            连一条 Event 都没有。"
        }
        Rule::ManifestRead => "kubelet 自己运行目录里的清单，不经过 API server",
        Rule::StaticPodRefused => {
            "静态 Pod 不能依赖 API，所以不许引用 ConfigMap、Secret、PVC 或 ServiceAccount。kubelet 会忽略\
            这个文件，只在自己的日志里说明。"
        }
        Rule::MirrorPod => {
            "静态 Pod 写在节点上的一个文件里。kubelet 在 API 里放一个对应的 mirror Pod，\
             好让 kubectl 看得见；删掉 mirror Pod 什么也不会变，它马上又回来。"
        }
        Rule::KubeletAdmits => {
            "kubelet 一直在 watch 写着自己节点名的 Pod。它会再确认一次装得下，然后为这个 \
            Pod 单开一个 worker。"
        }
        Rule::StatusAtSyncStart => {
            "kubelet 在每次 sync 的开头、动手之前计算 status。这次 sync 做的事，要到下一\
            次的 status 里才看得到。"
        }
        Rule::VolumeKept => {
            "PVC 的卷比 Pod 活得久：之前的 Pod 写下的内容还在，换到别的节点挂载也一样。换成 \
            emptyDir 就会从空目录开始。"
        }
        Rule::FailedMount => {
            "所有 volume 挂好之前什么都不会运行。缺 ConfigMap 或 Secret 时，\
             kubelet 隔 0.5 秒、1 秒、2 秒……再试，直到对象建好。"
        }
        Rule::VolumesMounted => {
            "所有 volume 挂载好之后才会启动第一个容器。缺一个 ConfigMap 或 Secret，整个 \
            Pod 就停在这里：ContainerCreating。"
        }
        Rule::VolumeRefreshed => {
            "挂载的 ConfigMap 或 Secret 在 kubelet 同步 Pod 时更新，每 60 到 90 秒一次。\
            环境变量则永远不变。"
        }
        Rule::SandboxCreated => {
            "先有 sandbox，后有容器：所有容器共用的 network、IPC、UTS namespace，由 pause \
            进程一直占着。大约需要半秒。"
        }
        Rule::NetworkFirst => {
            "containerd 先建好 network namespace，由 CNI 放进 eth0，pause 再住进已经就绪的网络"
        }
        Rule::PauseFirst => {
            "1.23 及更早由 dockershim 先启动 pause。之后 CNI 才把 eth0 放进这个 pause 的 network \
            namespace。"
        }
        Rule::NetworkAttached => {
            "容器运行时调用 CNI，在共享的 network namespace 里放进 eth0 和 Pod 唯一的 IP。\
            容器之间用 localhost 互通，同一个端口也只能有一个在听。"
        }
        Rule::AddressesExhausted => {
            "每个节点给 Pod 用的地址段最多 254 个。地址用完后，新的 sandbox 拿不到网络，\
            会被拆掉，kubelet 稍后再试。"
        }
        Rule::SandboxReadyCondition => {
            "sandbox 一有网络，PodReadyToStartContainers 就变成 True，这时还没开始拉镜像。\
            IP 要等第一次 Running 的 status 才公布。"
        }
        Rule::NetworkDetached => {
            "最后一个容器结束后，pause 随之停止，CNI 拆掉 Pod 的网卡：此后发往这个 IP 的包有去无回，\
            所以此刻的探针不会被拒绝，而是一直等到超时"
        }
        Rule::SandboxStopped => "pause 已结束，网络已拆除，IP 可以分给别的 Pod",
        Rule::ImagePresent => {
            "镜像已在节点上，策略又是 IfNotPresent，所以不会问 registry。除了 latest，其\
            他 tag 默认都是这个策略。"
        }
        Rule::ImagePull => {
            "拉取时间等于镜像大小除以带宽。tag 是 latest 或没写 tag 时策略为 Always，每次\
            启动都要问一遍 registry。"
        }
        Rule::SerialPulls => {
            "kubelet 默认一次只拉一个镜像（serializeImagePulls），所以这次拉取要等前一个\
            完成"
        }
        Rule::ImagePullFails => {
            "registry 没有这个镜像，或者不给。Pod 并不会 Failed：kubelet 会一直重试，先隔 \
            10 秒，之后越来越久。"
        }
        Rule::ImagePullBackoff => {
            "拉取失败后要等 back-off 过去才会再试：10、20、40、80、160 秒，之后都是 300 \
            秒。kubelet 每 10 到 15 秒才看一次，实际还会更晚。"
        }
        Rule::ImageNeverPulled => "imagePullPolicy 是 Never，只认节点上已有的镜像，而它不在",
        Rule::InvalidImageName => {
            "这不是合法的镜像名，常见原因是出现了大写字母。无从拉起，容器只能等到 image \
            被改掉。"
        }
        Rule::ContainerCreated => {
            "容器运行时准备好了根文件系统、挂载和环境变量。容器里还没有任何进程。"
        }
        Rule::ContainerStarted => {
            "第一个进程跑起来了，在自己的 PID namespace 里是 PID 1。同一个 Pod 的容器按 \
            spec 里的顺序一个接一个地启动。"
        }
        Rule::ContainerConfigError => {
            "kubelet 凑不齐容器的配置，比如 env 引用的 ConfigMap 或 key 不存在。它每 10 \
            到 15 秒重试一次。"
        }
        Rule::ContainerCreateError => {
            "容器运行时创建不了容器，比如节点上没有它指定的 seccomp 或 AppArmor profile。每 10 到 \
            15 秒重试一次。"
        }
        Rule::ContainerStartError => {
            "容器运行时启动不了这个命令：镜像里没有它，或者不可执行。这算作一次退出，退出\
            码 128，back-off 照样计算。"
        }
        Rule::EphemeralStarted => {
            "kubectl debug 通过单独的请求给已有的 Pod 加一个容器，下一次 sync 就启动它。只启动一次：\
            不会重启，没有探针和端口，也不影响 phase 和 READY。"
        }
        Rule::InitInOrder => {
            "init 容器一次只跑一个，前一个 exit 0 之后才轮到下一个。kubelet 最多晚一秒才\
            发现退出，所以中间有空隙。"
        }
        Rule::InitFailedForGood => {
            "restartPolicy 是 Never，失败的 init 容器不会再试。Pod 直接 Failed，其余容器\
            永远不会启动。"
        }
        Rule::StatusAfterLastStart => {
            "所有容器在同一次 sync 里启动，status 要到下一次 sync 开头才写。最后一个启动\
            之前，API 里全都显示在等待，哪怕有的早就在跑。"
        }
        Rule::ProcessExited => {
            "PID 1 结束，容器也就结束了，同一个 PID namespace 里的其他进程都会被杀掉。退\
            出码 0 显示 Completed，其他显示 Error。"
        }
        Rule::ZombieStays => {
            "进程已经结束，父进程却没有 wait()，退出状态就一直占着进程表里的一格。僵尸不占内存，只占一个 PID。"
        }
        Rule::ZombieReaped => {
            "有人读走了退出状态，僵尸消失。孤儿的退出状态归所在 PID namespace 的 PID 1 读，前提是它会读：pause 会。"
        }
        Rule::ProcessSignals => {
            "进程只能给看得见的进程发信号：同一个 PID namespace 里的；设了 shareProcessNamespace，就是整个 Pod 的"
        }
        Rule::PortListened => "一个 Pod 的容器共用一套端口：谁在监听，就是替整个 Pod 监听",
        Rule::PortTaken => {
            "同一个 Pod 里已有容器在听这个端口。它们共用一个 network namespace，于是 bind() 报错：Address already in use。"
        }
        Rule::LocalhostShared => {
            "127.0.0.1 属于 Pod，不属于某个容器：一个容器用 localhost 就能访问另一个容器的端口"
        }
        Rule::ProcessSignalled => {
            "进程被信号结束，退出码是 128 加信号编号：SIGTERM 是 143，SIGKILL 是 137"
        }
        Rule::PlegNotices => {
            "进程结束了并没有人告诉 kubelet。它每秒列一遍容器再对比，所以 status 最多会晚\
            一秒。"
        }
        Rule::Restarted => {
            "容器在原来的 Pod 里重新启动：节点、IP、volume 都不变，只有文件系统是全新的。\
            能看出来的只有 RESTARTS。"
        }
        Rule::NotRestarted => {
            "按 restartPolicy，容器就停在结束时的样子：Never 一律如此，OnFailure 则在 \
            exit 0 之后。只要还有别的容器在跑，Pod 就继续。"
        }
        Rule::CrashLoopBackoff => {
            "第一次重启是立即的，之后依次要在退出后满 10、20、40、80、160 秒，再往后都是 \
            300 秒。exit 0 也算。"
        }
        Rule::BackoffResync => {
            "back-off 结束时没有闹钟。Pod 的 worker 按剩余时间（最多 60 秒）再随机拉长至\
            多一半，到时才回来看。"
        }
        Rule::BackoffReset => {
            "从上次重启到这次退出超过 10 分钟，back-off 一笔勾销：立即重启，等待时间从头\
            算起"
        }
        Rule::OutOfMemory => {
            "容器用的内存超过 resources.limits.memory，被内核杀掉：退出码 137，reason 是 \
            OOMKilled。CPU 超了只会变慢，不会被杀。"
        }
        Rule::ResizePending => {
            "节点本身就装不下时，resize 是 Infeasible；只是暂时被别的 Pod 占着，则是 Deferred。腾出 \
            空间之前，容器照旧使用原来的资源。"
        }
        Rule::Resized => {
            "通过 resize 子资源可以改变运行中容器的 CPU 和内存。除非 resizePolicy 要求重启，\
             容器会一直运行下去。"
        }
        Rule::ActiveDeadline => {
            "activeDeadlineSeconds 从 kubelet 第一次看到 Pod 算起，拉镜像也算在内。时间一\
            到，容器被停掉，Pod 变成 Failed。"
        }
        Rule::PodFinished => {
            "所有容器都已结束，也不会再启动：全部 exit 0 就是 Succeeded，否则是 Failed。\
            phase 从此不变，对象会留着，直到有人删除。"
        }
        Rule::ProbeRan => {
            "kubelet 每隔 periodSeconds 问一次，默认 10 秒。节奏从 Pod 来到节点时开始，不\
            会随容器重启而重来。"
        }
        Rule::ProbeThreshold => {
            "一次结果说明不了什么。要连续失败 failureThreshold 次（默认 3），或连续成功 \
            successThreshold 次（默认 1）才算数。"
        }
        Rule::ProbeKills => {
            "liveness 或 startup probe 失败，容器会按宽限期停掉，之后怎样由 restartPolicy \
            决定。readiness probe 失败从不杀容器。"
        }
        Rule::HookRan => {
            "postStart 和容器的第一个进程同时开始，谁先谁后说不准；preStop 在停止信号之前\
            运行。容器自己退出时不会跑 preStop。"
        }
        Rule::PostStartBlocks => {
            "postStart 返回之前，后面的容器不会启动，status 也一直停在等待。它要是失败，\
            容器会被杀掉。"
        }
        Rule::PreStopFirst => {
            "preStop 先跑，停止信号在后，它花的时间从宽限期里扣。要是全用光了，进程只剩 2 \
            秒。"
        }
        Rule::GracefulDeletion => {
            "delete 并不会直接移除正在运行的 Pod，只是把 deletionTimestamp 设成现在加宽限\
            期（默认 30 秒）。kubelet 先停容器，最后才移除对象。"
        }
        Rule::ImmediateDeletion => {
            "还没分到节点的 Pod，或已经跑完的 Pod，没有什么可停的。宽限期为 0，立刻消失。"
        }
        Rule::ForceDeletion => {
            "不问节点，直接移除对象。进程要等 kubelet 停掉才真的结束，所以新旧两个 Pod 可\
            能同时在跑。"
        }
        Rule::FinalizerHolds => {
            "metadata.finalizers 不为空，对象会带着删除标记留着，直到写入者把自己那一项拿掉"
        }
        Rule::StopSignal => {
            "容器运行时发送镜像的 STOPSIGNAL，没写就是 SIGTERM（nginx 用 SIGQUIT）。只有\
            第一个进程收得到，子进程收不到。"
        }
        Rule::PidOneIgnores => {
            "PID 1 没有处理函数的信号，内核直接丢弃。所以做 PID 1 的 shell 不理 SIGTERM，\
            一直拖到宽限期结束；用 trap 或 exec 就能解决。"
        }
        Rule::GraceEnds => "宽限期已过，Pod 没另写就是 30 秒。SIGKILL 谁也拦不住：退出码 137。",
        Rule::SidecarsLast => {
            "sidecar 要等它服务的容器都结束后才收到停止信号，后启动的先停。大家共用同一个\
            宽限期。"
        }
        Rule::FinalStatus => {
            "Pod 删除过程中，单个容器的结束不会上报，要等全部结束。最后一次 status 才写出\
            来，phase 是 Succeeded 或 Failed。"
        }
        Rule::KubeletDeletes => {
            "全都停掉、卸载之后，kubelet 以宽限期 0 删除对象，大约在最后一个容器退出后一秒"
        }
        Rule::EndpointsFollow => {
            "EndpointSlice 列出 Service 选中的每个 Pod，附带 ready、serving、terminating。\
            Pod 一被删除就不再 ready，比任何信号都早。"
        }
        Rule::ProxyRoutes => {
            "这个节点的 kube-proxy 把变化写进了规则，每秒最多写一次。在此之前，请求还是发往原来的地方。"
        }
        Rule::ProxyFallsBack => "没有就绪的 endpoint，节点就把请求发给正在删除、但还在服务的 Pod",
        Rule::ProxyDrops => {
            "internalTrafficPolicy: Local 让请求留在发出它的节点。那里没有 Pod 时请求被丢弃，只能等到超时。"
        }
        Rule::ProxyRejects => {
            "没有就绪的 endpoint，也没有边退出边服务的：节点拒绝发往这个 Service 的所有请求"
        }
        Rule::HeadlessDns => "headless Service 没有自己的地址。它的名字解析成就绪 Pod 的地址。",
        Rule::RequestsServed => "每个节点把请求分给它所知道的 endpoint，每个请求都及时得到了回答",
        Rule::RequestsRefused => {
            "节点还在把请求发往已经没人监听、或者还没人监听的地方。停容器和忘记地址是两条线，互不等待。"
        }
        Rule::RequestsUnanswered => {
            "节点还在把请求发往一个 Pod 已经不在的地址。没有人拒绝它们，客户端只能等到超时。"
        }
        Rule::RequestsCut => "进程在处理请求时死了。会排空的进程先处理完请求再退出。",
        Rule::RequestsWaitForCpu => {
            "请求需要的 CPU 超过了 limit，只好排队。探针排在同一个队里，也会超时。"
        }
        Rule::RequestsBottleneck => {
            "Pod 背后有个东西每秒只接这么多请求。多加 Pod，只是让更多请求等它。"
        }
        Rule::EventRecorded => "Event 是写给人看的，保留一小时。集群里没有组件会根据它做事。",
        Rule::EventCounted => {
            "同样的 Event 再次出现时，只增加 count 并更新最后时间。同一对象超过 25 条后，\
            kubelet 每 5 分钟最多再发一条。"
        }
        Rule::ProcessOutput => {
            "容器运行时把 stdout 和 stderr 写进节点上的文件，kubectl logs 读的就是它。每\
            次重启另起一个文件，--previous 看上一个。"
        }
        Rule::NotSimulated => "进程做了这里无法判断的事。从这一刻起，真实集群可能会不一样。",
        Rule::LimitReached => "为了让每次运行都够快，模拟到此为止。真实集群会继续下去。",
    }
}
