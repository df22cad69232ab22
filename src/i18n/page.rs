//! Texts of the page.
//!
//! Owns: [`Page`], one constant a language, and [`fill`], which puts values into a text. Does not
//! own: the words of pictures (`timeline`), findings (`diagnostics`) or rules (`rules`).

use crate::i18n::Lang;

/// Declares the texts once: a language that lacks one does not compile.
macro_rules! texts {
    ($( $(#[$meta:meta])* $name:ident: $en:literal, $zh:literal; )*) => {
        /// Every text of the page, in one language.
        #[derive(Debug)]
        pub struct Page { $( $(#[$meta])* pub $name: &'static str ),* }

        impl Page {
            /// The texts in a language.
            pub const fn of(lang: Lang) -> &'static Self {
                match lang {
                    Lang::En => &EN,
                    Lang::Zh => &ZH,
                }
            }

            /// Name and text of each, for tests.
            pub fn all(&self) -> Vec<(&'static str, &'static str)> {
                vec![ $( (stringify!($name), self.$name) ),* ]
            }
        }

        static EN: Page = Page { $( $name: $en ),* };
        static ZH: Page = Page { $( $name: $zh ),* };
    };
}

texts! {
    /// Title of the start page's tab.
    tab_title: "Podarium: see what your Pod does, second by second", "Podarium：逐秒看清 Pod 的一生";
    /// Start page.
    gallery: "Gallery", "示例库";
    /// What the visitor wrote.
    your_edits: "Your edits", "我的修改";
    /// Under it.
    your_edits_sub: "Kept in this browser only", "只保存在这个浏览器里";
    /// Headline of the start page.
    headline: "See what your Pod does, second by second", "逐秒看清你的 Pod 在做什么";
    /// Label of the search field.
    search: "Search the gallery", "搜索示例";
    /// What one could search for.
    search_example: "CrashLoopBackOff, init, exit 137", "CrashLoopBackOff、init、exit 137";
    /// Nothing was found.
    nothing_found: "Nothing in the gallery says “{}”", "示例库里没有“{}”";
    /// Group of the first cards.
    start: "Start", "开始";
    /// Under it.
    start_sub: "It runs as you type; nothing leaves this page", "边输入边运行，内容不会离开本页";
    /// The first card.
    paste: "Paste your YAML", "粘贴你的 YAML";
    /// Under it.
    paste_sub: "Pods, Deployments, Services, any manifest. Or drop a file", "Pod、Deployment、Service 等任意清单，也可以拖入文件";
    /// Title of a new scenario.
    new: "New", "新建";
    /// What New opens.
    new_sub: "An empty Pod", "一个空的 Pod";
    /// Forget a draft.
    forget: "Forget", "删除";
    /// Forget a draft, for a screen reader.
    forget_draft: "Forget the draft {}", "删除草稿 {}";
    /// When a draft is that fresh.
    just_now: "just now", "刚刚";
    /// Minutes ago.
    minutes_ago: "{} min ago", "{} 分钟前";
    /// Hours ago.
    hours_ago: "{} h ago", "{} 小时前";
    /// Days ago.
    days_ago: "{} d ago", "{} 天前";

    /// Back to the start page.
    back: "Back to the gallery", "返回示例库";
    /// Button that opens the list of scenarios.
    choose_scenario: "Choose a scenario", "选择场景";
    /// Version chooser.
    version: "Kubernetes version", "Kubernetes 版本";
    /// Undo.
    undo: "Undo", "撤销";
    /// Redo.
    redo: "Redo", "重做";
    /// Copy the link.
    copy_link: "Copy link", "复制链接";
    /// Button that opens the list of what else can be copied.
    copy_as: "Copy as…", "复制为……";
    /// A form: the address.
    form_link: "Link", "链接";
    /// A form: the timeline in characters.
    form_text: "Text timeline", "文本时间线";
    /// It was copied.
    copied: "Copied", "已复制";
    /// Theme button.
    theme: "Theme: {}", "主题：{}";
    /// Theme names.
    theme_auto: "as the system", "跟随系统";
    /// Theme names.
    theme_light: "light", "浅色";
    /// Theme names.
    theme_dark: "dark", "深色";
    /// Language button, in the other language.
    other_language: "中文", "English";
    /// Help button.
    help: "Keys and help", "快捷键与帮助";
    /// More.
    more: "More", "更多";
    /// Close.
    close: "Close", "关闭";
    /// Name of the bar above.
    top_bar: "Scenario and settings", "场景与设置";

    /// Left column.
    say: "What you say", "你写的内容";
    /// Right column.
    see: "What happens", "发生的事情";
    /// Editor.
    editor: "YAML of the scenario", "场景的 YAML";
    /// Tooltip of a default in the margin.
    margin_note: "A default that nobody wrote. Click writes it here", "没写时的默认值，点击写到这里";
    /// Place and weight of a finding.
    line_is: "Line {} · {}", "第 {} 行 · {}";
    /// More findings than are shown.
    more_findings: "{} more", "还有 {} 条";
    /// List of findings.
    findings: "What there is to say about the text", "对文本的提示";

    /// Do panel.
    do_at: "Do at {}", "在 {} 执行";
    /// Nothing can be done.
    nothing_to_do: "No Pod is alive at this moment", "此刻没有存活的 Pod";
    /// Variants of an action.
    variants: "More ways: {}", "更多方式：{}";
    /// Remove an action.
    remove_action: "Remove {}", "移除 {}";
    /// What you did.
    actions: "What you do", "你的操作";

    /// Transport.
    transport: "Play and time", "播放与时间";
    /// Play.
    play: "Play", "播放";
    /// Pause.
    pause: "Pause", "暂停";
    /// Speed.
    speed: "Speed", "速度";
    /// Show all.
    fit: "Fit", "全览";
    /// Scrubber.
    scrub: "Time", "时间";

    /// The views of the picture, for a screen reader.
    pictures: "Pictures", "图";
    /// Tab.
    timeline: "Timeline", "时间线";
    /// Picture of a Pod that leaves.
    termination: "Termination", "终止";
    /// Picture of an autoscaler.
    autoscaling: "Autoscaling", "自动扩缩";
    /// Tab.
    anatomy: "Anatomy", "结构";
    /// Tab.
    processes: "Processes", "进程";
    /// Said where no Pod leaves.
    no_leaver: "No Pod leaves in this scenario", "这个场景里没有 Pod 离开";
    /// Why the picture of an autoscaler is empty.
    no_scaler: "This scenario has no HorizontalPodAutoscaler", "这个场景里没有 HorizontalPodAutoscaler";
    /// Why a picture of Pods is empty.
    no_pods: "This scenario never has a Pod", "这个场景里从来没有 Pod";
    /// Tab.
    story: "Story", "经过";
    /// Tab.
    yaml: "YAML", "YAML";
    /// Tabs of the phone.
    views: "Views", "视图";
    /// Where the answer of a scenario stands after its text was changed.
    before_edit: "before your edit", "编辑之前";
    /// While the text is rejected.
    last_valid: "Last valid run", "上一次有效的运行";
    /// Nothing to draw.
    empty: "Paste a Pod, or open the gallery", "粘贴一个 Pod，或打开示例库";
    /// Nothing to draw, because the text is rejected.
    refused: "An API server would refuse this text, so nothing runs yet", "API server 会拒绝这份内容，所以还没有东西可以运行";
    /// Why panel.
    why: "Why", "为什么";
    /// A field of the text, for a screen reader.
    show_field: "Show {} in the editor", "在编辑器中显示 {}";
    /// Above fields that have no effect here.
    may_matter: "Not simulated here, and may matter", "这里没有模拟，但可能有影响";
    /// The switch between Story and Why.
    panel: "Story or Why", "经过或为什么";

    /// As of a moment.
    as_of: "as of {}", "时刻 {}";
    /// Which command.
    kubectl_command: "kubectl command", "kubectl 命令";
    /// The prompt.
    prompt: "Type a kubectl command", "输入 kubectl 命令";
    /// The prompt, in a shell.
    prompt_inside: "Type a command at {}", "在 {} 处输入命令";
    /// What was printed.
    transcript: "Commands and what they printed", "命令及其输出";
    /// What Tab offers.
    completions: "Completions", "补全";
    /// What Tab offers, for a screen reader.
    completions_are: "{} completions: {}", "{} 个补全：{}";
    /// A verb of kubectl's that is not modelled.
    note_not_modelled: "kubectl {} is not modelled here: there is no network and no file beyond this page", "这里没有模拟 kubectl {}：本页之外没有网络，也没有文件";
    /// No command at all.
    note_unknown: "Modelled here: kubectl, ssh NODE, and pipes to grep, head, tail, wc, sort; kubectl help lists the verbs", "这里模拟了 kubectl、ssh NODE，以及到 grep、head、tail、wc、sort 的管道；kubectl help 列出全部动词";
    /// Which file.
    note_file_is_text: "-f FILE is the text in the editor; kubectl apply -f - <<EOF brings another", "-f FILE 指编辑器里的内容；用 kubectl apply -f - <<EOF 可以写入别的清单";
    /// On a node or in a container.
    note_elsewhere: "On a node: ssh NODE; in a container: kubectl exec -it POD -- sh", "在节点上执行：ssh NODE；在容器里执行：kubectl exec -it POD -- sh";
    /// It goes on.
    note_still_runs: "Still running after a minute", "一分钟后仍在运行";
    /// The editor has it.
    note_edit_there: "The editor shows it: every change there runs at once, from apply on", "编辑器已定位到它：在那里的每处修改都会从 apply 起立即重跑";
    /// The editor has its owner, or nothing.
    note_edit_elsewhere: "It does not stand in the text: change its owner there, or use kubectl patch, set or scale", "它不在文本里：请在那里修改它的属主，或使用 kubectl patch、set、scale";
    /// A loop.
    note_loop: "Loops and conditions run in a container: kubectl exec POD -- sh -c '…', or kubectl run", "循环与条件请放到容器里执行：kubectl exec POD -- sh -c '…'，或 kubectl run";
    /// The text is refused.
    note_text_refused: "The text is refused at the moment, so nothing can be added to it", "文本目前被拒绝，无法加入操作";

    /// Edits were replaced.
    replaced: "Another scenario took the place of your edits", "另一个场景替换了你的修改";
    /// The link is damaged.
    damaged: "This link is damaged. {}. What could be read stands in the editor", "链接已损坏。{}。能读出的内容已放进编辑器";
    /// Another trace than its author saw.
    differs: "This link was made with another version of Podarium; some times may differ from what its author saw", "这个链接由另一版本的 Podarium 生成，部分时间可能与作者看到的不同";
    /// The edit was refused.
    cannot_write: "This text is written in a way that cannot be edited for you; please write it by hand", "这份文本的写法无法自动修改，请手动编写";
    /// Notice.
    no_picture: "The picture could not be saved", "图片无法保存";
    /// Dialog with a link.
    copy_by_hand: "Copy this link", "复制这个链接";
    /// Why it is there.
    copy_by_hand_sub: "The browser did not let the page use the clipboard", "浏览器不允许本页使用剪贴板";

    /// Help dialog.
    keys: "Keys", "快捷键";
    /// Keys.
    key_play: "Play or pause", "播放或暂停";
    /// Keys.
    key_entry: "Previous or next entry", "上一条或下一条";
    /// Keys.
    key_second: "One second back or on", "后退或前进一秒";
    /// Keys.
    key_lane: "The lane above or below, at the cursor", "光标处的上一条或下一条泳道";
    /// Keys.
    key_ends: "To apply, to the end", "跳到 apply 或末尾";
    /// Keys.
    key_zoom: "Zoom in, out, fit", "放大、缩小、全览";
    /// Keys with the mouse.
    key_area: "Drag to choose what is in view; turn the wheel to zoom", "拖动选择可见范围；滚轮缩放";
    /// Keys.
    key_why: "Why it is so", "为什么会这样";
    /// Key.
    key_present: "Show it to a room", "投影演示";
    /// Keys.
    key_editor: "To the editor", "跳到编辑器";
    /// Keys.
    key_number: "Step the number at the cursor; or drag it", "增减光标处的数字，也可以拖动它";
    /// Keys.
    key_console: "To the kubectl prompt", "跳到 kubectl 提示符";
    /// Keys.
    key_copy: "Copy the link", "复制链接";
    /// Keys.
    key_views: "Choose a picture, left to right", "从左到右选择一张图";
    /// Keys.
    key_search: "Search the gallery", "搜索示例";
    /// Keys.
    key_help: "This list", "显示本列表";
    /// About.
    about: "Everything is simulated in this page, in virtual time, as Kubernetes {} does it; to share a scenario, copy its link: the address holds all of it", "一切都在本页里以虚拟时间模拟，行为与 Kubernetes {} 一致；要分享场景，复制链接即可：地址里就是完整的场景";

    /// Skip link.
    skip: "Skip to the picture", "跳到图形";
    /// Embed.
    open_full: "Open", "打开";
    /// Embed: back to how it was.
    reset: "Reset", "重置";
    /// Splitter.
    splitter: "Width of the editor", "编辑器宽度";
}

/// A text with its `{}` filled, in order.
pub fn fill(text: &str, values: &[&str]) -> String {
    let mut values = values.iter();
    let mut out = String::with_capacity(text.len() + 16);
    for (index, part) in text.split("{}").enumerate() {
        if index > 0 {
            out.push_str(values.next().copied().unwrap_or_default());
        }
        out.push_str(part);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_languages_leave_the_same_gaps() {
        for ((name, en), (_, zh)) in Page::of(Lang::En).all().iter().zip(Page::of(Lang::Zh).all()) {
            assert_eq!(en.matches("{}").count(), zh.matches("{}").count(), "{name}");
            assert!(!en.is_empty() && !zh.is_empty(), "{name}");
            assert!(!en.ends_with('.') && !zh.ends_with('。'), "{name}: no full stop at the end");
        }
        assert_eq!(fill("a {} b {}", &["1", "2"]), "a 1 b 2");
    }
}
