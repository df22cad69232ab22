//! Texts of the rules in English.
//!
//! Does not own: the other languages, or the grammar that all keep (`rules`).

use crate::rule::Rule;

/// Explains a rule.
pub(super) const fn text(rule: Rule) -> &'static str {
    match rule {
        Rule::YouActed => {
            "You did this. It is part of the scenario, so it can be moved, undone and \
            shared."
        }
        Rule::CommandRefused => {
            "kubectl or the API server said no, so nothing in the cluster changed"
        }
        Rule::ObjectStored => {
            "The API server fills in defaults, checks the object and stores it. Nobody is \
            called: controllers and kubelets learn of it because they watch."
        }
        Rule::AdmissionForbids => {
            "Admission looks at other objects before a new one is stored. LimitRanges give \
            defaults and bounds to each, a ResourceQuota bounds all together."
        }
        Rule::QuotaCounted => {
            "A quota counts what the objects of its namespace ask for, not what they use. Pods \
            that have ended no longer count."
        }
        Rule::ObjectUpdated => {
            "A write replaces the whole object and raises its resourceVersion; everyone \
            who watches it sees the new one"
        }
        Rule::ObjectRemoved => {
            "The object is gone from the API. Its name is free again, but whatever takes \
            it gets a new UID and is another object."
        }
        Rule::DeploymentMakesReplicaSet => {
            "A Deployment never makes Pods itself. It makes one ReplicaSet for each \
            version of its template, named after a hash of that template."
        }
        Rule::DeploymentScales => {
            "A Deployment only sets the replicas of its ReplicaSets. During an update it \
            stays within maxSurge (25 %, rounded up) and maxUnavailable (25 %, rounded \
            down)."
        }
        Rule::ReplicaSetCreates => {
            "Fewer Pods exist than replicas asks for. A Pod that is being deleted no \
            longer counts, so its replacement does not wait until it is gone."
        }
        Rule::ReplicaSetDeletes => {
            "More Pods exist than replicas asks for. Those without a node go first, then \
            pending ones, then those not ready, then the ones that became ready last."
        }
        Rule::OrphanReleased => {
            "The Pod's labels no longer match the selector, so its controller lets go of it. The \
            Pod runs on, nobody's now, and a replacement is made."
        }
        Rule::OrphanAdopted => {
            "The Pod matches the selector and belongs to nobody, so the controller takes it in. \
            It counts like any other from now on, and may be deleted as surplus."
        }
        Rule::RevisionKept => {
            "The controller keeps each template under a hash of its content, as a \
            ControllerRevision. The last 10 stay, so that a rollout can be undone."
        }
        Rule::StatefulSetCreates => {
            "Pods of a StatefulSet have numbers, and each waits until the one before is Running \
            and Ready. podManagementPolicy: Parallel makes them all at once."
        }
        Rule::StatefulSetClaims => {
            "Each Pod of a StatefulSet gets its own PersistentVolumeClaim, named after it. The \
            claim stays when the Pod goes, and the next Pod of the name finds it."
        }
        Rule::ClaimRetained => {
            "persistentVolumeClaimRetentionPolicy works through owners: a claim goes with the \
            StatefulSet (whenDeleted) or with a Pod that is one too many (whenScaled), or stays"
        }
        Rule::StatefulSetDeletes => {
            "A StatefulSet shrinks from the highest number down, one Pod at a time, and waits \
            until each is really gone"
        }
        Rule::StatefulSetUpdates => {
            "An update goes from the highest number down to partition (0 by default). Each Pod \
            is deleted first and made anew, and the next waits until it is Ready."
        }
        Rule::DaemonSetCreates => {
            "A node that fits had no Pod of this DaemonSet. The Pod is pinned to its node by an \
            affinity, and tolerates a cordoned node."
        }
        Rule::DaemonSetUpdates => {
            "A Pod of an older template is replaced, node by node. By default 1 may be \
            unavailable at a time (maxUnavailable) and none is made in advance (maxSurge 0)."
        }
        Rule::JobCreates => {
            "Fewer Pods run than parallelism and the missing completions ask for. After a \
            failure the Job waits first: 10 s, doubled each time, 10 minutes at most."
        }
        Rule::JobCounts => {
            "The Job controller collects changes for 1 s, then writes down which Pods have \
            ended. They count as soon as their finalizer is off."
        }
        Rule::JobLetsGo => {
            "The finalizer batch.kubernetes.io/job-tracking kept the Pod until the Job had \
            counted it. Without it a Pod deleted too early would never be counted."
        }
        Rule::JobCompletes => {
            "Enough Pods have succeeded. The condition Complete comes when the last Pod has \
            ended, after SuccessCriteriaMet."
        }
        Rule::JobFails => {
            "The Job has failed for good and makes no more Pods. Those still running were \
            deleted first: FailureTarget comes at once, Failed when they are gone."
        }
        Rule::JobTtl => {
            "ttlSecondsAfterFinished has passed since the Job finished, so it is deleted \
            together with its Pods. Without that field finished Jobs stay for ever."
        }
        Rule::CronJobCreates => {
            "The time of the schedule has come, in UTC unless timeZone says otherwise. The Job's \
            name ends in that time, in minutes since 1970."
        }
        Rule::NamespaceTerminates => {
            "The namespace is being deleted: nothing new is accepted in it, not even Events. Its \
            content is deleted about 5 s later."
        }
        Rule::NamespaceEmptied => {
            "Everything in the namespace is deleted, Pods first. Only when nothing is left does \
            the namespace itself go."
        }
        Rule::ForegroundDeletion => {
            "With foreground deletion the owner stays, marked by a finalizer, until everything \
            that it owns has gone"
        }
        Rule::KubeletStopped => {
            "Containers run on without their kubelet. Nobody probes, restarts or reports them, \
            and nothing that the API wants reaches the node."
        }
        Rule::MachineOff => {
            "Everything on the machine ends at once, without a signal. The API knows nothing of \
            it and shows the Pods as they last were."
        }
        Rule::KubeletStarted => {
            "What a kubelet knew was in its memory. It asks the API for its Pods and the runtime \
            for containers, and begins anew, probes and back-offs too."
        }
        Rule::RestartsAll => {
            "A rule with RestartAllContainers ends the others without preStop and grace, removes \
            all, and begins with the first init container. UID, address and volumes stay, and \
            nothing backs off."
        }
        Rule::PullSecretMissing => {
            "A Secret in imagePullSecrets that does not exist stops nothing: the kubelet says so \
            at every sync and pulls without it. Whether that works is the registry's answer."
        }
        Rule::NodePressure => {
            "The kubelet looks every 10 s. Below 100 Mi of free memory, or 15 % of the disk, the \
            node gets a condition and a taint that keeps new Pods away; both stay for at least \
            five minutes."
        }
        Rule::EvictedForRoom => {
            "One Pod a look goes: first those that use more than they requested, among them the \
            least important, then whoever is furthest beyond its request. It has one second of \
            grace, which becomes two."
        }
        Rule::EvictedOverLimit => {
            "An emptyDir beyond its sizeLimit, or files and logs beyond a limit of \
            ephemeral-storage, end the whole Pod. Writing itself is never refused; sizes of \
            volumes are added up only every minute or two."
        }
        Rule::PodRejected => {
            "The kubelet checks again what the scheduler decides, and refuses a Pod that came \
            past it. The Pod is Failed at once; whoever owns it makes another."
        }
        Rule::NodeReady => {
            "The kubelet reports its node again. Its taints go, and Pods that were only waiting \
            to be evicted stay."
        }
        Rule::NodeUnknown => {
            "A kubelet renews its lease every 10 s. After 50 s of silence the node's conditions \
            become Unknown, and kubectl prints NotReady."
        }
        Rule::NodePodsNotReady => {
            "Nobody can say how these Pods are, so they are marked not ready. That takes them out \
            of their Services, whether they run or not."
        }
        Rule::NodeTainted => {
            "Taints follow what is known of a node. NoSchedule keeps new Pods away at once, \
            NoExecute drives away those that do not tolerate it."
        }
        Rule::NodeDisruption => {
            "When all nodes are silent, the fault is more likely the network's. Pods are then \
            evicted nowhere, for there is no better place."
        }
        Rule::TaintEvicts => {
            "Every Pod tolerates a lost node for 300 s unless it says otherwise. Then it is \
            deleted and replaced, but stays Terminating until its kubelet answers."
        }
        Rule::PodGarbageCollected => {
            "Every 20 s the collector removes Pods that nobody else would: of a node that has \
            been missing for 40 s, without a node and being deleted, or ended and too many"
        }
        Rule::NodeRegistered => {
            "A Node object is what the API knows of a machine. Deleting it stops nothing on the \
            machine; its kubelet makes it again only when it starts."
        }
        Rule::BudgetCounted => {
            "A budget counts its healthy Pods. How many more than minAvailable (or all but \
            maxUnavailable) there are is how many may be evicted now."
        }
        Rule::PodEvicted => {
            "An eviction is a deletion that asks the Pod's disruption budget first. A plain \
            deletion, a rollout or a lost node asks nobody."
        }
        Rule::BudgetRefuses => {
            "The budget has nothing left to give, so the API server answers 429. kubectl drain \
            tries again every 5 s until another Pod is healthy."
        }
        Rule::AutoscalerComputes => {
            "Every 15 s: the Pods that count × usage ÷ target, rounded up. Usage is a \
            percentage of the requests, so halving a request doubles it."
        }
        Rule::AutoscalerTolerates => {
            "Usage is within 10 % of the target, so the autoscaler leaves the replicas as \
            they are instead of chasing noise"
        }
        Rule::AutoscalerHolds => {
            "Some Pods are still starting or have no sample. They are taken to use nothing \
            (or all), and with that the change would no longer be right."
        }
        Rule::AutoscalerLacksMetrics => {
            "Without a metric the autoscaler does nothing and shows <unknown>. A new Pod \
            takes about half a minute until it has one that counts."
        }
        Rule::AutoscalerStabilizes => {
            "Scaling down waits: the highest recommendation of the last 5 minutes holds, so \
            that a short lull takes no Pods away"
        }
        Rule::AutoscalerLimits => {
            "minReplicas, maxReplicas or a rate limit is nearer than what the metrics ask \
            for. ScalingLimited says which."
        }
        Rule::AutoscalerDisabled => {
            "The autoscaler cannot set these replicas: the target is missing, has no scale, \
            is shared, or was scaled to 0 by hand"
        }
        Rule::AutoscalerRescales => {
            "The autoscaler writes replicas into its target and nothing else. Making or \
            deleting Pods is left to the target's own controller."
        }
        Rule::ControllerStatus => {
            "The controller counted its Pods and wrote the numbers into status. kubectl \
            prints those numbers, so they are a moment old."
        }
        Rule::GarbageCollected => {
            "Its owner is gone. By default the owner disappears first, and the garbage \
            collector removes what it owned within a second or two."
        }
        Rule::Scheduled => {
            "The scheduler chose a node whose free CPU and memory cover the Pod's \
            requests; limits and real use do not matter. All it does is write \
            spec.nodeName."
        }
        Rule::Unschedulable => {
            "No node passed every filter, so the Pod stays Pending. It is tried again \
            when something that could help changes, at the latest after 5 minutes."
        }
        Rule::Preempts => {
            "No node has room, so the scheduler deletes Pods of lower priority, as few as \
            possible. They have their grace period, and the Pod waits as nominated until then."
        }
        Rule::ClaimWaits => {
            "With WaitForFirstConsumer a volume is made where its Pod will run. The scheduler \
            chooses the node first, and binds the Pod when the volume is there."
        }
        Rule::VolumeProvisioned => {
            "No volume fitted the claim, so the provisioner of its StorageClass made one. The \
            reclaim policy says whether it goes with the claim."
        }
        Rule::InUseProtected => {
            "A finalizer keeps a deleted claim as Terminating while a Pod with a node names it, \
            and a deleted volume while it is bound. Now nobody uses it any more."
        }
        Rule::ClaimBound => {
            "A claim gets the smallest free volume of its class that is large enough. From then \
            on the two belong to each other, however many Pods come and go."
        }
        Rule::UnknownScheduler => {
            "schedulerName names a scheduler that does not run here. Nobody feels \
            responsible, so the Pod stays Pending without a single Event."
        }
        Rule::ManifestRead => {
            "The kubelet itself runs the manifests in its folder; nobody has to ask the API server"
        }
        Rule::StaticPodRefused => {
            "A static Pod must do without the API, so it may not name a ConfigMap, Secret, claim or \
            ServiceAccount. The kubelet leaves the file alone and says so in its own log only."
        }
        Rule::MirrorPod => {
            "A static Pod lives in a file on its node. The kubelet puts a mirror of it into the \
             API so that kubectl can show it; deleting the mirror changes nothing, it comes back."
        }
        Rule::KubeletAdmits => {
            "The kubelet watches for Pods that carry its node's name. It checks once more \
            that the Pod fits, then gives it a worker of its own."
        }
        Rule::StatusAtSyncStart => {
            "The kubelet computes the status at the beginning of a sync, before it does \
            anything. What this sync does shows only in the status of the next one."
        }
        Rule::VolumeKept => {
            "A claim's volume outlives its Pods, so what an earlier Pod wrote is still there, on \
            whichever node it is mounted next. An emptyDir would begin empty."
        }
        Rule::FailedMount => {
            "Nothing runs before all volumes are mounted. If a ConfigMap or Secret is missing, \
             the kubelet tries again after 0.5 s, 1 s, 2 s and so on, until the object exists."
        }
        Rule::VolumesMounted => {
            "All volumes have to be mounted before the first container starts. A missing \
            ConfigMap or Secret holds the whole Pod here, in ContainerCreating."
        }
        Rule::VolumeRefreshed => {
            "A mounted ConfigMap or Secret is brought up to date when the kubelet syncs the Pod, \
            every 60 to 90 s. Environment variables never change."
        }
        Rule::SandboxCreated => {
            "The sandbox comes before every container: the network, IPC and UTS \
            namespaces that all of them will share, held open by the pause process. It \
            takes about half a second."
        }
        Rule::NetworkFirst => {
            "containerd makes the network namespace first and has CNI put eth0 into it; pause \
            moves into a network that is ready"
        }
        Rule::PauseFirst => {
            "Until 1.23 dockershim started pause first. Only then did CNI put eth0 into the \
            network namespace of the pause that already ran."
        }
        Rule::NetworkAttached => {
            "The runtime calls CNI, which puts eth0 with the Pod's one IP into the shared \
            network namespace. Its containers meet on localhost, and no two can listen \
            on one port."
        }
        Rule::AddressesExhausted => {
            "Each node has a range of addresses for its Pods, 254 at most. Once they are taken, a \
            sandbox cannot get its network: it is taken down, and the kubelet tries again."
        }
        Rule::SandboxReadyCondition => {
            "PodReadyToStartContainers turns True as soon as the sandbox has its network, \
            before any image is pulled. The IP is published later, with the first \
            Running status."
        }
        Rule::NetworkDetached => {
            "When the last container has ended, pause is stopped and CNI takes the Pod's \
            interface away: what is sent to its address now is lost, so a probe waits for \
            its whole timeout instead of being refused"
        }
        Rule::SandboxStopped => {
            "Pause has ended, the network is gone, and the address can be given to another Pod"
        }
        Rule::ImagePresent => {
            "The image is on the node and its policy is IfNotPresent, so the registry is \
            not asked. That is the default for every tag except latest."
        }
        Rule::ImagePull => {
            "A pull takes as long as the image's size divided by the bandwidth. With \
            latest, or without a tag, the policy is Always: the registry is asked at \
            every start."
        }
        Rule::SerialPulls => {
            "A kubelet pulls one image at a time unless it is told otherwise \
            (serializeImagePulls), so this pull waits for the one before it"
        }
        Rule::ImagePullFails => {
            "The registry does not have the image, or does not give it away. The Pod does \
            not fail: the kubelet tries again for ever, first after 10 s, then ever more \
            rarely."
        }
        Rule::ImagePullBackoff => {
            "A failed pull is repeated only when its back-off has passed: 10, 20, 40, 80, \
            160, then always 300 s. The kubelet looks every 10 to 15 s, which adds to \
            it."
        }
        Rule::ImageNeverPulled => {
            "With imagePullPolicy Never only what is already on the node counts, and the \
            image is not there"
        }
        Rule::InvalidImageName => {
            "This is no image reference, often because of a capital letter. There is \
            nothing to pull, so the container waits until the image is changed."
        }
        Rule::ContainerCreated => {
            "The runtime has prepared the root file system, the mounts and the \
            environment. No process of the container runs yet."
        }
        Rule::ContainerStarted => {
            "The first process runs, as PID 1 of its own PID namespace. The containers of \
            a Pod are started one after the other, in the order of the spec."
        }
        Rule::ContainerConfigError => {
            "The kubelet cannot put the container's configuration together, for instance \
            because a ConfigMap or key that env names does not exist. It tries again \
            every 10 to 15 s."
        }
        Rule::ContainerCreateError => {
            "The runtime cannot create the container, for instance because the node lacks a \
            profile of seccomp or AppArmor that it names. It is tried again every 10 to 15 s."
        }
        Rule::ContainerStartError => {
            "The runtime could not start the command: it is not in the image, or not \
            executable. That counts as an exit with code 128, back-off included."
        }
        Rule::EphemeralStarted => {
            "kubectl debug adds a container to a Pod that is there, and the next sync starts it, \
            once. It is never restarted, has no probes, and counts neither for the phase nor for \
            READY."
        }
        Rule::InitInOrder => {
            "Init containers run one at a time, and each must exit 0 before the next one \
            starts. The kubelet sees the exit up to a second late, hence the gaps."
        }
        Rule::InitFailedForGood => {
            "With restartPolicy Never a failed init container is not tried again. The Pod \
            is Failed, and its other containers never start."
        }
        Rule::StatusAfterLastStart => {
            "All containers are started within one sync, and the status is written when \
            the next one begins. Until the last has started, the API shows every one as \
            waiting, even those that run."
        }
        Rule::ProcessExited => {
            "PID 1 ended, and with it the container: whatever else runs in its PID \
            namespace is killed. Exit code 0 reads Completed, any other Error."
        }
        Rule::ZombieStays => {
            "The process has ended, and its parent does not wait for it: the exit status keeps its \
            place in the table. A zombie needs no memory, only a PID."
        }
        Rule::ZombieReaped => {
            "Somebody read the exit status, and the zombie is gone. An orphan's status is read by \
            PID 1 of its namespace, if that is written to do so: pause is."
        }
        Rule::ProcessSignals => {
            "A process can signal those that it sees: the ones of its own PID namespace, and with \
            shareProcessNamespace those of every container of the Pod"
        }
        Rule::PortListened => {
            "The containers of a Pod share one set of ports: whoever listens, listens for the Pod"
        }
        Rule::PortTaken => {
            "Another container of the Pod listens on this port already. They share one network \
            namespace, so bind() fails with: Address already in use."
        }
        Rule::LocalhostShared => {
            "127.0.0.1 is the Pod's, not the container's: one container reaches another one's \
            port on localhost"
        }
        Rule::ProcessSignalled => {
            "A signal ended the process, so the exit code is 128 plus its number: 143 for \
            SIGTERM, 137 for SIGKILL"
        }
        Rule::PlegNotices => {
            "Nobody tells the kubelet that a process ended. It lists the runtime's \
            containers every second and compares, so the status is up to a second late."
        }
        Rule::Restarted => {
            "The container is started again in the same Pod: same node, same IP, same \
            volumes, but a fresh file system. Only RESTARTS tells."
        }
        Rule::NotRestarted => {
            "restartPolicy lets the container stay as it ended: Never always does, \
            OnFailure after exit 0. The Pod goes on while another one runs."
        }
        Rule::CrashLoopBackoff => {
            "The first restart comes at once, the next ones not before 10, 20, 40, 80, \
            160 and then always 300 s after the exit. Exit 0 counts as well."
        }
        Rule::BackoffResync => {
            "When a back-off ends, nobody rings. The Pod's worker looks again after the \
            time that is left, at most 60 s, stretched at random by up to half."
        }
        Rule::BackoffReset => {
            "More than 10 minutes passed between the last restart and this exit, so the \
            back-off is forgotten: the restart comes at once, and the series begins anew"
        }
        Rule::OutOfMemory => {
            "The container used more memory than resources.limits.memory, and the kernel \
            killed it: exit code 137, reason OOMKilled. Too much CPU would only have \
            slowed it down."
        }
        Rule::ResizePending => {
            "A resize is Infeasible when the node is too small for it at all, and Deferred when \
            others take the room now. Until there is room the containers keep what they have."
        }
        Rule::Resized => {
            "CPU and memory of a running container can be changed through the resize subresource. \
             It keeps running unless its resizePolicy asks for a restart."
        }
        Rule::ActiveDeadline => {
            "activeDeadlineSeconds counts from the moment the kubelet first saw the Pod, \
            pulls included. Then the containers are stopped and the Pod is Failed."
        }
        Rule::PodFinished => {
            "All containers have ended and none will start again: Succeeded if every one \
            exited 0, otherwise Failed. A final phase never changes, and the object \
            stays until someone deletes it."
        }
        Rule::ProbeRan => {
            "The kubelet asks every periodSeconds, 10 by default. The rhythm began when \
            the Pod came to the node and does not start anew with the container."
        }
        Rule::ProbeThreshold => {
            "One answer decides nothing. It takes failureThreshold failures in a row, 3 \
            by default, or successThreshold successes, 1 by default."
        }
        Rule::ProbeKills => {
            "A failed liveness or startup probe stops the container with its grace \
            period; restartPolicy decides what follows. A failed readiness probe never \
            kills."
        }
        Rule::HookRan => {
            "postStart begins together with the container's first process, in no certain \
            order; preStop runs before the stop signal. A container that ends by itself \
            runs no preStop."
        }
        Rule::PostStartBlocks => {
            "Until postStart returns, no later container starts and the status stays \
            waiting. If it fails, the container is killed."
        }
        Rule::PreStopFirst => {
            "preStop runs before the stop signal, and its time is taken from the grace \
            period. If it uses all of it, the process has 2 s left."
        }
        Rule::GracefulDeletion => {
            "Deleting does not remove a running Pod. It sets deletionTimestamp to now \
            plus the grace period, 30 s by default; the kubelet stops the containers and \
            removes the object last."
        }
        Rule::ImmediateDeletion => {
            "A Pod without a node, or one that has finished, has nothing to stop. Its \
            grace period is 0 and it is gone at once."
        }
        Rule::ForceDeletion => {
            "The object is removed without asking the node. Its processes live on until \
            the kubelet has stopped them, so an old and a new Pod may run side by side."
        }
        Rule::FinalizerHolds => {
            "metadata.finalizers is not empty, so the object stays, marked as deleted, \
            until whoever put an entry there takes it out"
        }
        Rule::StopSignal => {
            "The runtime sends the image's STOPSIGNAL, SIGTERM if it names none (nginx: \
            SIGQUIT). Only the first process gets it, not its children."
        }
        Rule::PidOneIgnores => {
            "The kernel drops a signal for PID 1 that has no handler for it. A shell as \
            PID 1 therefore survives SIGTERM until the grace period ends; a trap, or \
            exec, is the cure."
        }
        Rule::GraceEnds => {
            "The grace period has passed, 30 s unless the Pod says otherwise. SIGKILL \
            cannot be handled: exit code 137."
        }
        Rule::SidecarsLast => {
            "Sidecars get their stop signal after the containers they serve have ended, \
            the last one first. All of them share the one grace period."
        }
        Rule::FinalStatus => {
            "While a Pod is deleted, no container's end is reported until all have ended. \
            Then one last status comes, with phase Succeeded or Failed."
        }
        Rule::KubeletDeletes => {
            "Everything is stopped and unmounted, so the kubelet deletes the object with \
            grace 0, about a second after the last exit"
        }
        Rule::EndpointsFollow => {
            "An EndpointSlice lists every Pod that the Service selects, with ready, \
            serving and terminating. A Pod that is deleted stops being ready at once, \
            before any signal."
        }
        Rule::ProxyRoutes => {
            "kube-proxy on this node has written the change into its rules, at most once a \
            second. Until then the node kept sending requests where it sent them before."
        }
        Rule::ProxyFallsBack => {
            "No endpoint is ready, so the node sends requests to Pods that are being deleted \
            and still serve"
        }
        Rule::ProxyDrops => {
            "internalTrafficPolicy: Local keeps requests on the node that sends them. Where the \
            Service has no Pod they are dropped and time out, although there are Pods elsewhere."
        }
        Rule::ProxyRejects => {
            "No endpoint is ready and none serves while it leaves: the node refuses every \
            request for this Service"
        }
        Rule::HeadlessDns => {
            "A headless Service has no address. Its name resolves to the addresses of its \
            ready Pods."
        }
        Rule::RequestsServed => {
            "Each node spreads requests over the endpoints that it knows, and each of them \
            answered in time"
        }
        Rule::RequestsRefused => {
            "The node still sent requests where nobody listens any more, or not yet. Stopping a \
            container and forgetting its address do not wait for each other."
        }
        Rule::RequestsUnanswered => {
            "The node still sent requests to an address whose Pod is gone. Nobody refuses \
            them, so the client waits until it gives up."
        }
        Rule::RequestsCut => {
            "The process died while it was working on requests. One that drains finishes them \
            before it exits."
        }
        Rule::RequestsWaitForCpu => {
            "Requests need more CPU than the limit gives, so they queue. Probes stand in the \
            same queue, and time out too."
        }
        Rule::RequestsBottleneck => {
            "Something behind the Pods takes only so many requests a second. More Pods only \
            make more of them wait for it."
        }
        Rule::EventRecorded => {
            "Events are notes for people, kept for an hour. No part of the cluster acts \
            on them."
        }
        Rule::EventCounted => {
            "The same Event again only raises count and the last time. After 25 for one \
            object, a kubelet sends no more than one every 5 minutes."
        }
        Rule::ProcessOutput => {
            "The runtime writes stdout and stderr into a file on the node, and kubectl \
            logs reads it. Each restart begins a new one; --previous shows the one \
            before."
        }
        Rule::NotSimulated => {
            "The process did something that cannot be judged here. From this point on a \
            real cluster may look different."
        }
        Rule::LimitReached => {
            "The simulation stops here so that every run stays short. A real cluster \
            would go on."
        }
    }
}
