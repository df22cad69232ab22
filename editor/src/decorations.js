// What is drawn over the text: numbers, ranges that the page marks, notes in the right margin.
//
// Owns: where they stand and how they follow edits. Does not own: what they mean or their colours.

import { ensureSyntaxTree, syntaxTree } from "@codemirror/language";
import { StateEffect, StateField } from "@codemirror/state";
import { Decoration, EditorView, ViewPlugin, WidgetType } from "@codemirror/view";

const NUMBER = /^-?\d+(\.\d+)?([a-zA-Z%]+\d*)*$/;
/** Milliseconds that one waits for the tree at a place. */
const PATIENCE = 200;
const number = Decoration.mark({ class: "cm-number" });

/** Words that a field may have, in an order that makes sense. */
const WORDS = {
  restartPolicy: ["Always", "OnFailure", "Never"],
  imagePullPolicy: ["Always", "IfNotPresent", "Never"],
  podManagementPolicy: ["OrderedReady", "Parallel"],
  concurrencyPolicy: ["Allow", "Forbid", "Replace"],
  completionMode: ["NonIndexed", "Indexed"],
  selectPolicy: ["Max", "Min", "Disabled"],
};
const BOOLEAN = ["false", "true"];

/** The words that a value could be instead; null where it is not one of a few. */
function wordsFor(state, node, text) {
  if (BOOLEAN.includes(text)) return BOOLEAN;
  const key = node.parent?.name === "Pair" ? node.parent.getChild("Key") : null;
  const words = key ? WORDS[state.sliceDoc(key.from, key.to)] : undefined;
  return words?.includes(text) ? words : null;
}

/** What can be stepped: a number, a quantity, or one of a few words. */
function stepsOf(state, node) {
  if (node.name !== "Literal") return null;
  const text = state.sliceDoc(node.from, node.to);
  const words = NUMBER.test(text) ? null : wordsFor(state, node, text);
  if (!words && !NUMBER.test(text)) return null;
  return { from: node.from, to: node.to, text, words };
}

function findNumbers(view) {
  const found = [];
  for (const { from, to } of view.visibleRanges) {
    syntaxTree(view.state).iterate({
      from, to,
      enter(node) {
        if (node.name === "Key") return false;
        if (node.name === "Literal" && stepsOf(view.state, node.node)) {
          found.push(number.range(node.from, node.to));
        }
        return true;
      },
    });
  }
  return Decoration.set(found, true);
}

/** The number, quantity or word that a place stands in or beside, if it can be stepped. */
export function numberAt(state, pos) {
  // On a busy machine the tree lags behind the text: without it a step would not find its number,
  // and its key would do what else it does, which is to move the line.
  const tree = ensureSyntaxTree(state, Math.min(pos + 1, state.doc.length), PATIENCE)
    ?? syntaxTree(state);
  for (const side of [1, -1]) {
    const found = stepsOf(state, tree.resolveInner(pos, side));
    if (found) return found;
  }
  return null;
}

/** Values that can be stepped, in sight. */
export const numbers = ViewPlugin.fromClass(class {
  constructor(view) {
    this.tree = syntaxTree(view.state);
    this.decorations = findNumbers(view);
  }

  update(update) {
    const tree = syntaxTree(update.state);
    if (update.docChanged || update.viewportChanged || tree !== this.tree) {
      this.tree = tree;
      this.decorations = findNumbers(update.view);
    }
  }
}, { decorations: (plugin) => plugin.decorations });

/** Replaces all marks. */
export const setMarks = StateEffect.define();

/** The ranges that the page marks. */
export const marks = StateField.define({
  create: () => Decoration.none,
  update(value, transaction) {
    let next = value.map(transaction.changes);
    for (const effect of transaction.effects) {
      if (effect.is(setMarks)) {
        next = Decoration.set(effect.value.map((one) =>
          Decoration.mark({ class: one.class }).range(one.from, one.to)), true);
      }
    }
    return next;
  },
  provide: (field) => EditorView.decorations.from(field),
});

class Note extends WidgetType {
  constructor({ text, title }, choose) {
    super();
    this.text = text;
    this.title = title;
    this.choose = choose;
  }

  eq(other) { return other.text === this.text && other.title === this.title; }

  toDOM(view) {
    // A box without width always fits beside its line; the words hang out of it to the left.
    const box = document.createElement("span");
    box.className = "cm-note";
    const words = document.createElement("span");
    words.className = "cm-noteText";
    // The style sheet writes it: it is no part of the text, for those who copy or hear that.
    words.dataset.text = this.text;
    words.title = this.title;
    words.addEventListener("click", () =>
      this.choose(view.state.doc.lineAt(view.posAtDOM(box)).number, this.text));
    box.append(words);
    return box;
  }

  ignoreEvent() { return true; }
}

/** Replaces all notes. */
export const setNotes = StateEffect.define();

/** Words in the right margin; `choose(line, text)` is told when one is chosen. */
export const notes = (choose) => [
  StateField.define({
    create: () => Decoration.none,
    update(value, transaction) {
      let next = value.map(transaction.changes);
      for (const effect of transaction.effects) {
        if (effect.is(setNotes)) {
          next = Decoration.set(effect.value.map((note) =>
            Decoration.widget({ widget: new Note(note, choose), side: 1 })
              .range(transaction.state.doc.line(note.line).to)), true);
        }
      }
      return next;
    },
    provide: (field) => EditorView.decorations.from(field),
  }),
  hideCovered,
];

/** A note gives way to a line that is long enough to reach it. */
const hideCovered = ViewPlugin.fromClass(class {
  constructor(view) {
    this.measure = {
      key: this,
      read: () => [...view.contentDOM.querySelectorAll(".cm-note")].map((box) => {
        const words = box.firstElementChild;
        const end = view.coordsAtPos(view.posAtDOM(box), -1);
        const covered = end !== null && end.right + 8 > words.getBoundingClientRect().left;
        return { words, covered };
      }),
      write: (found) => {
        for (const { words, covered } of found) words.classList.toggle("cm-covered", covered);
      },
    };
    view.requestMeasure(this.measure);
  }

  update(update) {
    if (update.docChanged || update.viewportChanged || update.geometryChanged
      || update.transactions.some((one) => one.effects.length > 0)) {
      update.view.requestMeasure(this.measure);
    }
  }
});
