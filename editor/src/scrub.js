// Numbers, and words of a few, that are changed in place: dragged sideways, or stepped with Alt and
// an arrow.
//
// Owns: which change a gesture makes, and that it is one step of undo. Does not own: what a number
// is (decorations.js), or what happens then (the page is told, as of any other change).

import { isolateHistory } from "@codemirror/commands";
import { Transaction } from "@codemirror/state";
import { EditorView } from "@codemirror/view";

import { numberAt } from "./decorations.js";

/** A press that moves less is a click. */
const STILL = 4;
/** So many pixels are one step. */
const STEP = 8;
/** Words are few, and a step from one to the next is a larger one. */
const WORD_STEP = 32;

/**
 * A number some steps of its last digit away: `3` → `4`, `100m` → `99m`, `0.5` → `0.6`; or another
 * of a few words.
 */
export function stepped(text, steps, words = null) {
  if (words) {
    const index = Math.max(0, Math.min(words.indexOf(text) + steps, words.length - 1));
    return words[index];
  }
  const [, sign, digits, decimals = "", rest] = /^(-?)(\d+)(?:\.(\d+))?(.*)$/.exec(text) ?? [];
  if (digits === undefined) return text;
  const scale = 10 ** decimals.length;
  const value = Number(`${sign}${digits}${decimals}`) + steps;
  // What begins at zero or above stays there: hardly a field of Kubernetes goes below.
  const kept = Math.min(sign ? value : Math.max(0, value), Number.MAX_SAFE_INTEGER);
  return (kept / scale).toFixed(decimals.length) + rest;
}

/** `Alt` with an arrow steps the number at the cursor; elsewhere the key keeps its meaning. */
const step = (steps) => (view) => {
  const { state } = view;
  const { head, empty } = state.selection.main;
  const found = empty && !state.readOnly ? numberAt(state, head) : null;
  if (!found) return false;
  const insert = stepped(found.text, steps, found.words);
  view.dispatch({
    changes: { from: found.from, to: found.to, insert },
    selection: { anchor: Math.min(head, found.from + insert.length) },
    // Quick successions are one step of undo.
    userEvent: "input.type.scrub",
  });
  return true;
};

export const scrubKeys = [
  { key: "Alt-ArrowUp", run: step(1) },
  { key: "Alt-ArrowDown", run: step(-1) },
];

/** Dragging a number sideways; `quiet` marks a change that the page is not told about. */
export const scrub = (quiet) => {
  let drag = null;

  const write = (view, insert, ...annotations) => {
    const { from, now } = drag;
    drag.now = insert;
    view.dispatch({
      changes: { from, to: from + now.length, insert },
      annotations, userEvent: "input.scrub",
    });
  };
  const unrecorded = Transaction.addToHistory.of(false);
  const intact = (view) =>
    view.state.sliceDoc(drag.from, drag.from + drag.now.length) === drag.now;

  const end = (view, keep) => {
    const { before, now, moved } = drag;
    if (moved && intact(view) && now !== before) {
      // While it was dragged nothing was recorded: the whole way is one step.
      write(view, before, unrecorded, ...(keep ? [quiet] : []));
      if (keep) write(view, now, isolateHistory.of("full"));
    }
    view.dom.classList.remove("cm-scrubbing");
    drag = null;
    return moved;
  };

  return EditorView.domEventHandlers({
    pointerdown(event, view) {
      const number = event.target instanceof Element && event.target.closest(".cm-number");
      if (!number || event.button !== 0 || view.state.readOnly || event.shiftKey) return false;
      const found = numberAt(view.state, view.posAtDOM(number));
      if (!found) return false;
      const { from, text, words } = found;
      drag = {
        id: event.pointerId, x: event.clientX, from, words, before: text, now: text, moved: false,
      };
      return false;
    },
    // The press of a mouse would begin to select.
    mousedown: (event) => drag !== null && event.detail === 1,
    pointermove(event, view) {
      if (drag?.id !== event.pointerId) return false;
      const way = event.clientX - drag.x;
      if (!drag.moved && Math.abs(way) > STILL) {
        drag.moved = true;
        view.contentDOM.setPointerCapture(drag.id);
        view.dom.classList.add("cm-scrubbing");
      }
      if (!drag.moved) return false;
      event.preventDefault();
      const steps = Math.round(way / (drag.words ? WORD_STEP : STEP));
      const insert = stepped(drag.before, steps, drag.words);
      if (insert !== drag.now && intact(view)) write(view, insert, unrecorded);
      return true;
    },
    pointerup(event, view) {
      if (drag?.id !== event.pointerId) return false;
      if (!end(view, true)) {
        // A click after all.
        const pos = view.posAtCoords({ x: event.clientX, y: event.clientY });
        if (pos !== null) view.dispatch({ selection: { anchor: pos } });
      }
      view.focus();
      return false;
    },
    pointercancel(event, view) {
      if (drag?.id === event.pointerId) end(view, false);
      return false;
    },
  });
};
