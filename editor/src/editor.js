// The YAML editor of the page: CodeMirror 6 behind a few plain functions.
//
// Owns: what the editor can do. Does not own: colours (static/editor.css), what is wrong with the
// text or what is marked in it (the page says so). Offsets are UTF-16 units, lines count from 1.

import { closeBrackets, closeBracketsKeymap } from "@codemirror/autocomplete";
import {
  defaultKeymap, history, historyKeymap, indentLess, indentMore, isolateHistory, redo, redoDepth,
  undo, undoDepth,
} from "@codemirror/commands";
import {
  bracketMatching, codeFolding, foldGutter, foldKeymap, indentService, indentUnit,
  syntaxHighlighting,
} from "@codemirror/language";
import { lintGutter, lintKeymap, setDiagnostics as lintDiagnostics } from "@codemirror/lint";
import { highlightSelectionMatches, search, searchKeymap } from "@codemirror/search";
import {
  Annotation, Compartment, EditorSelection, EditorState, Transaction,
} from "@codemirror/state";
import {
  EditorView, highlightActiveLineGutter, highlightSpecialChars, keymap, lineNumbers, placeholder,
} from "@codemirror/view";
import { classHighlighter } from "@lezer/highlight";

import { marks, notes, numbers, setMarks, setNotes } from "./decorations.js";
import { boundedYaml } from "./depth.js";
import { byLanguage } from "./phrases.js";
import { scrub, scrubKeys } from "./scrub.js";

const INDENT = 2;

/** Marks a change that the page made itself: it is not told about it again. */
const fromPage = Annotation.define();

/** Tab indents with spaces; Escape, then Tab, leaves (CodeMirror's own tab focus mode). */
const tabKeys = [{
  key: "Tab",
  run(view) {
    const { state } = view;
    if (state.readOnly) return false;
    if (state.selection.ranges.some((range) => !range.empty)) return indentMore(view);
    view.dispatch(state.update(state.changeByRange((range) => {
      const column = range.head - state.doc.lineAt(range.head).from;
      const insert = " ".repeat(INDENT - (column % INDENT));
      return {
        changes: { from: range.head, insert },
        range: EditorSelection.cursor(range.head + insert.length),
      };
    }), { scrollIntoView: true, userEvent: "input" }));
    return true;
  },
  shift: (view) => !view.state.readOnly && indentLess(view),
}];

/** A new line after `key:` goes in one level, after `- key: value` it stands below the key. */
const yamlIndent = indentService.of((context, pos) => {
  const before = context.lineAt(pos, -1).text.slice(0, pos - context.lineAt(pos, -1).from);
  const line = before.replace(/\s+#.*$/, "").trimEnd();
  if (!line) return undefined;
  const lead = /^ *(?:- +)*/.exec(line)[0];
  const body = line.slice(lead.length);
  if (/^[^\s"'#][^#]*:$/.test(body)) return lead.length + INDENT;
  if (lead.includes("-") && /^[^\s:]+: /.test(body) && !/[|>{[][+-]?\d*$/.test(body)) {
    return lead.length;
  }
  return undefined;
});

const SEVERITIES = {
  rejected: "error", surprising: "warning", notSimulated: "info",
  error: "error", warning: "warning", info: "info",
};

const clamp = (value, max) => Math.max(0, Math.min(Math.trunc(Number(value) || 0), max));

function diagnosticNode({ message, hint }) {
  const node = document.createElement("div");
  node.append(message);
  if (hint) {
    const line = document.createElement("div");
    line.className = "cm-diagnosticHint";
    line.append(hint);
    node.append(line);
  }
  return node;
}

/**
 * Makes an editor inside `parent`.
 *
 * Options: `doc`, `lang` ("en", "zh"), `dark`, `readOnly`, `label` (aria-label), `placeholder`,
 * `phrases` (words that replace ours); `onChange(text)` after every change that the page did not
 * make itself, `onCursor(from, to)` when the selection moves, `onPoint(place)` when the pointer is
 * over another place of the text (over none: undefined), `onNote(line, text)` when a note in
 * the margin is chosen.
 */
export function create(parent, options = {}) {
  const language = new Compartment();
  const theme = new Compartment();
  const editable = new Compartment();

  const setEditable = (readOnly) => [
    EditorState.readOnly.of(readOnly),
    EditorView.contentAttributes.of(readOnly ? { "aria-readonly": "true" } : {}),
  ];

  const setLanguage = (lang, label) => {
    const phrases = { ...byLanguage[lang === "zh" ? "zh" : "en"], ...options.phrases };
    const say = (words) => phrases[words] ?? words;
    return [
      EditorState.phrases.of(phrases),
      EditorView.contentAttributes.of({
        // An editable element takes the focus anyway; checkers of accessibility look for this.
        tabindex: "0",
        "aria-label": label ?? say("YAML editor"),
        "aria-description": say("Press Escape, then Tab, to leave the editor"),
      }),
    ];
  };

  /** The place that the pointer was last on. */
  let pointed = null;
  const point = (place) => {
    if (place === pointed) return;
    pointed = place;
    options.onPoint?.(place ?? undefined);
  };

  const state = EditorState.create({
    doc: options.doc ?? "",
    extensions: [
      language.of(setLanguage(options.lang, options.label)),
      EditorState.tabSize.of(INDENT),
      indentUnit.of(" ".repeat(INDENT)),
      theme.of(EditorView.darkTheme.of(Boolean(options.dark))),
      editable.of(setEditable(Boolean(options.readOnly))),
      lintGutter(),
      lineNumbers(),
      foldGutter({ openText: "⌄", closedText: "›" }),
      codeFolding({ placeholderText: "…" }),
      highlightActiveLineGutter(),
      highlightSpecialChars(),
      history(),
      boundedYaml(),
      yamlIndent,
      bracketMatching(),
      closeBrackets(),
      syntaxHighlighting(classHighlighter),
      highlightSelectionMatches({ minSelectionLength: 2 }),
      search({ top: true }),
      options.placeholder ? placeholder(options.placeholder) : [],
      scrub(fromPage.of(true)),
      EditorView.domEventHandlers({
        mousemove(event, inside) {
          if (event.buttons !== 0) return;
          point(inside.posAtCoords({ x: event.clientX, y: event.clientY }));
        },
        mouseleave: () => point(null),
      }),
      numbers, marks, notes((line, text) => options.onNote?.(line, text)),
      keymap.of([
        ...tabKeys, ...scrubKeys, ...closeBracketsKeymap, ...searchKeymap, ...historyKeymap,
        ...foldKeymap, ...lintKeymap, ...defaultKeymap,
      ]),
      EditorView.editorAttributes.of({ class: "podarium-editor" }),
      EditorView.contentAttributes.of({
        autocapitalize: "off", autocorrect: "off", spellcheck: "false", translate: "no",
      }),
      EditorView.updateListener.of((update) => {
        const ours = update.transactions.some((one) => one.annotation(fromPage));
        if (update.docChanged && !ours) options.onChange?.(update.state.doc.toString());
        if (update.selectionSet || update.docChanged) {
          const { from, to } = update.state.selection.main;
          if (!ours) options.onCursor?.(from, to);
        }
      }),
    ],
  });
  const view = new EditorView({ state, parent });

  /** The text before the first preview. */
  let before = null;

  const replace = (from, to, insert, how) => view.dispatch({
    changes: { from, to, insert },
    annotations: [fromPage.of(true), ...(how.annotations ?? [])],
    userEvent: how.userEvent,
    effects: how.effects ?? [],
  });

  /** Replaces the whole text where it differs; the cursor stays. */
  const become = (text, annotation, shown = false) => {
    const old = view.state.doc.toString();
    const next = String(text).replace(/\r\n?/g, "\n");
    if (next === old) return;
    let start = 0;
    const shorter = Math.min(old.length, next.length);
    while (start < shorter && old.charCodeAt(start) === next.charCodeAt(start)) start += 1;
    let [oldEnd, nextEnd] = [old.length, next.length];
    while (oldEnd > start && nextEnd > start
      && old.charCodeAt(oldEnd - 1) === next.charCodeAt(nextEnd - 1)) {
      oldEnd -= 1;
      nextEnd -= 1;
    }
    const effects = shown ? EditorView.scrollIntoView(start, { y: "nearest", yMargin: 40 }) : [];
    replace(start, oldEnd, next.slice(start, nextEnd),
      { userEvent: "podarium", annotations: [annotation], effects });
  };
  const recorded = isolateHistory.of("full");
  const unrecorded = Transaction.addToHistory.of(false);

  /** Ends a preview: `text` stays, and the way to it is one step of undo. */
  const settle = (text) => {
    if (before !== null) become(before, unrecorded);
    before = null;
    become(text, recorded);
  };

  return {
    /** Replaces the whole text where it differs: one step of undo, the cursor stays. */
    setText(text) {
      // What is previewed is there already.
      if (String(text) !== view.state.doc.toString()) settle(text);
    },
    /** The same, without a step of undo until `settleText` or `setText`. */
    previewText(text) {
      before ??= view.state.doc.toString();
      become(text, unrecorded, true);
    },
    /** What was previewed last stays, as one step of undo. */
    settleText: () => settle(view.state.doc.toString()),
    /** Replaces a range; quick successions, as when a number is dragged, are one step of undo. */
    replaceRange(from, to, text) {
      const { length } = view.state.doc;
      const start = clamp(from, length);
      replace(start, Math.max(start, clamp(to, length)), String(text),
        { userEvent: "input.type.scrub" });
    },
    getText: () => view.state.doc.toString(),
    /** `[{from, to, severity, message, hint}]`; severities are ours or CodeMirror's. */
    setDiagnostics(list) {
      const { length } = view.state.doc;
      view.dispatch(lintDiagnostics(view.state, list.map((one) => {
        const from = clamp(one.from, length);
        const to = Math.max(from, clamp(one.to, length));
        return {
          from, to,
          severity: SEVERITIES[one.severity] ?? "error",
          message: one.hint ? `${one.message}\n${one.hint}` : String(one.message),
          renderMessage: () => diagnosticNode(one),
        };
      })));
    },
    /** `[{from, to, class}]`: ranges that carry a class until the next call. */
    setMarks(list) {
      const { length } = view.state.doc;
      view.dispatch({ effects: setMarks.of(list.map((one) => {
        const from = clamp(one.from, length);
        return { from, to: clamp(one.to, length), class: String(one.class) };
      }).filter((one) => one.from < one.to)) });
    },
    /** `[{line, text, title}]`: words at the right of lines, which they never move. */
    setNotes(list) {
      const { lines } = view.state.doc;
      view.dispatch({ effects: setNotes.of(list
        .map((one) => ({
          line: clamp(one.line, lines), text: String(one.text), title: String(one.title ?? ""),
        }))
        .filter((one) => one.line > 0)) });
    },
    focus: () => view.focus(),
    hasFocus: () => view.hasFocus,
    /** Selects a range and brings it into view; the focus stays where it is. */
    goto(from, to = from) {
      const { length } = view.state.doc;
      const anchor = clamp(from, length);
      const head = clamp(to, length);
      view.dispatch({
        selection: { anchor, head },
        effects: EditorView.scrollIntoView(anchor, { y: "center" }),
        annotations: fromPage.of(true),
      });
    },
    /** The language of the editor's own words, and its aria-label. */
    setLanguage(lang, label) {
      view.dispatch({ effects: language.reconfigure(setLanguage(lang, label)) });
    },
    setTheme(dark) {
      view.dispatch({ effects: theme.reconfigure(EditorView.darkTheme.of(Boolean(dark))) });
    },
    setReadOnly(readOnly) {
      view.dispatch({ effects: editable.reconfigure(setEditable(Boolean(readOnly))) });
    },
    undo: () => undo(view),
    redo: () => redo(view),
    canUndo: () => undoDepth(view.state) > 0,
    canRedo: () => redoDepth(view.state) > 0,
    destroy: () => view.destroy(),
  };
}
