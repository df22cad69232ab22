// The words of the editor's own controls. English is what CodeMirror says by itself; every other
// language has every phrase, which editor/test/phrases.test.js checks against CodeMirror's sources.

export const zh = {
  // @codemirror/view
  "Control character": "控制字符",
  // @codemirror/commands
  "Selection deleted": "已删除选中内容",
  // @codemirror/language
  "Folded lines": "已折叠行",
  "Unfolded lines": "已展开行",
  "to": "到",
  "folded code": "已折叠的内容",
  "unfold": "展开",
  "Fold line": "折叠",
  "Unfold line": "展开",
  // @codemirror/search
  "Go to line": "跳转到行",
  "go": "跳转",
  "Find": "查找",
  "Replace": "替换",
  "next": "下一个",
  "previous": "上一个",
  "all": "全部",
  "match case": "区分大小写",
  "by word": "整词匹配",
  "regexp": "正则表达式",
  "replace": "替换",
  "replace all": "全部替换",
  "close": "关闭",
  "current match": "当前匹配",
  "replaced $ matches": "已替换 $ 处",
  "replaced match on line $": "已替换第 $ 行的匹配",
  "on line": "在第几行",
  // @codemirror/lint
  "Diagnostics": "问题",
  "No diagnostics": "没有问题",
  // ours
  "YAML editor": "YAML 编辑器",
  "Press Escape, then Tab, to leave the editor": "先按 Escape 再按 Tab 可离开编辑器",
};

export const byLanguage = { en: {}, zh };
