import { autocompletion, type CompletionContext, type CompletionResult } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { javascript } from "@codemirror/lang-javascript";
import { bracketMatching, indentOnInput, syntaxHighlighting } from "@codemirror/language";
import { EditorState, StateEffect, StateField } from "@codemirror/state";
import { Decoration, type DecorationSet, EditorView, keymap } from "@codemirror/view";
import { classHighlighter } from "@lezer/highlight";

/** What an editor asks of the page. */
export interface EditorHost {
  /** What a screen reader calls it. */
  readonly label: string;
  readonly isLocked: boolean;
  onChange(source: string): void;
  /** Shift+Enter; with "stay" (Ctrl+Enter), the cursor does not go on to the next cell. */
  onRun(move: "on" | "stay"): void;
  complete(source: string, at: number): Promise<CompletionResult | null>;
}

const markLine = StateEffect.define<number | undefined>();

/** The line that an error names, until the text is changed. */
const markedLine = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update: (marks, { docChanged, effects, state }) => {
    for (const effect of effects) {
      if (effect.is(markLine)) {
        const { value } = effect;
        return value === undefined || value > state.doc.lines
          ? Decoration.none
          : Decoration.set([Decoration.line({ class: "error-line" }).range(state.doc.line(value).from)]);
      }
    }
    return docChanged ? Decoration.none : marks;
  },
  provide: (field) => EditorView.decorations.from(field),
});

/** An editor for a cell. Tab is not taken: it leads on, as everywhere on the page. */
export function makeEditor(source: string, host: EditorHost): EditorView {
  const run = (move: "on" | "stay") => (): boolean => {
    host.onRun(move);
    return true;
  };
  return new EditorView({
    state: EditorState.create({
      doc: source,
      extensions: [
        keymap.of([
          { key: "Shift-Enter", run: run("on") },
          { key: "Ctrl-Enter", mac: "Cmd-Enter", run: run("stay") },
          ...defaultKeymap,
          ...historyKeymap,
        ]),
        history(),
        EditorView.lineWrapping,
        javascript({ typescript: true }),
        syntaxHighlighting(classHighlighter),
        bracketMatching(),
        indentOnInput(),
        autocompletion({
          override: [(context: CompletionContext) => completions(context, host)],
          icons: false,
        }),
        markedLine,
        // It can be read, and run, by keyboard as the others.
        EditorState.readOnly.of(host.isLocked),
        EditorView.contentAttributes.of({
          "aria-label": host.label,
          ...(host.isLocked && { "aria-readonly": "true" }),
        }),
        EditorView.updateListener.of(({ docChanged, state }) => {
          if (docChanged) {
            host.onChange(state.doc.toString());
          }
        }),
      ],
    }),
  });
}

function completions(context: CompletionContext, host: EditorHost): Promise<CompletionResult | null> | null {
  const isWanted = context.explicit || context.matchBefore(/[\w$.]$/) !== null;
  return isWanted ? host.complete(context.state.doc.toString(), context.pos) : null;
}

/** Marks the line that an error names (counted from 1), or none. */
export function showErrorLine(editor: EditorView, line: number | undefined): void {
  editor.dispatch({ effects: markLine.of(line) });
}

/** Replaces the text. */
export function setSource(editor: EditorView, source: string): void {
  editor.dispatch({ changes: { from: 0, to: editor.state.doc.length, insert: source } });
}
