// The editor of the sandbox: CodeMirror in a shadow root, in the place of a textarea that still holds what is sent.
//
// In a shadow root CodeMirror adopts its styles as objects; plain in the page it writes a <style>, which the content
// policy blocks.

import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { yaml } from "@codemirror/lang-yaml";
import {
  bracketMatching,
  foldGutter,
  foldKeymap,
  HighlightStyle,
  indentOnInput,
  indentUnit,
  syntaxHighlighting,
} from "@codemirror/language";
import { lintGutter, lintKeymap, setDiagnostics } from "@codemirror/lint";
import { highlightSelectionMatches, search, searchKeymap } from "@codemirror/search";
import { EditorState } from "@codemirror/state";
import {
  drawSelection,
  EditorView,
  highlightActiveLine,
  highlightActiveLineGutter,
  highlightSpecialChars,
  keymap,
  lineNumbers,
} from "@codemirror/view";
import { tags } from "@lezer/highlight";
import { complete, readWords } from "./completion.js";

const colours = HighlightStyle.define([
  { tag: [tags.propertyName, tags.definition(tags.propertyName)], color: "var(--ink)", fontWeight: "600" },
  { tag: [tags.string, tags.content], color: "var(--accent)" },
  { tag: tags.comment, color: "var(--quiet)", fontStyle: "italic" },
  { tag: [tags.punctuation, tags.separator, tags.squareBracket, tags.brace], color: "var(--quiet)" },
]);

const theme = EditorView.theme({
  "&": {
    color: "var(--ink)",
    backgroundColor: "var(--panel)",
    border: "1px solid var(--faint)",
    borderRadius: "8px",
    height: "calc(100vh - 320px)",
    minHeight: "320px",
  },
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": { font: "13px/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace", borderRadius: "8px" },
  ".cm-content": { caretColor: "var(--ink)", padding: "10px 0" },
  ".cm-cursor": { borderLeftColor: "var(--ink)" },
  ".cm-gutters": { backgroundColor: "var(--panel)", color: "var(--quiet)", borderRight: "1px solid var(--faint)" },
  ".cm-activeLine, .cm-activeLineGutter": { backgroundColor: "var(--active)" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": {
    backgroundColor: "var(--chosen)",
  },
  ".cm-selectionMatch, .cm-searchMatch": { backgroundColor: "var(--chosen)" },
  ".cm-matchingBracket": { backgroundColor: "var(--chosen) !important" },
  ".cm-panels, .cm-tooltip": {
    backgroundColor: "var(--ground)",
    color: "var(--ink)",
    border: "1px solid var(--faint)",
    font: "13px/1.5 system-ui,sans-serif",
  },
  ".cm-tooltip": { borderRadius: "8px", boxShadow: "0 6px 24px rgb(0 0 0 / 18%)", overflow: "hidden" },
  ".cm-tooltip-autocomplete ul li[aria-selected]": { backgroundColor: "var(--accent)", color: "var(--on)" },
  ".cm-completionInfo": { maxWidth: "320px", padding: "6px 10px" },
  ".cm-diagnostic": { padding: "6px 10px", maxWidth: "460px" },
  ".cm-diagnostic-error": { borderLeft: "3px solid var(--bad)" },
  ".cm-diagnostic-warning": { borderLeft: "3px solid var(--warn)" },
  ".cm-diagnostic-info": { borderLeft: "3px solid var(--quiet)" },
  ".cm-lintRange-error": { backgroundImage: "none", textDecoration: "underline wavy var(--bad)" },
  ".cm-lintRange-warning": { backgroundImage: "none", textDecoration: "underline wavy var(--warn)" },
  ".cm-lintRange-info": { backgroundImage: "none", textDecoration: "underline dotted var(--quiet)" },
});

// Puts the editor in the place of a textarea; `name` is what it is called to those who cannot see it.
export function mount(textarea, name) {
  const host = document.createElement("div");
  host.className = "editor";
  const root = host.attachShadow({ mode: "open" });
  let words = null;
  const source = async (context) => {
    words ??= await readWords().catch(() => null);
    return words === null ? null : complete(words)(context);
  };
  const view = new EditorView({
    parent: root,
    root,
    state: EditorState.create({
      doc: textarea.value,
      extensions: [
        lineNumbers(),
        lintGutter(),
        foldGutter(),
        highlightSpecialChars(),
        history(),
        drawSelection(),
        indentOnInput(),
        indentUnit.of("  "),
        EditorState.tabSize.of(2),
        bracketMatching(),
        closeBrackets(),
        autocompletion({ override: [source] }),
        highlightActiveLine(),
        highlightActiveLineGutter(),
        highlightSelectionMatches(),
        search({ top: true }),
        keymap.of([
          ...closeBracketsKeymap,
          ...completionKeymap,
          ...lintKeymap,
          ...searchKeymap,
          ...historyKeymap,
          ...foldKeymap,
          ...defaultKeymap,
        ]),
        yaml(),
        syntaxHighlighting(colours),
        theme,
        EditorView.contentAttributes.of({ "aria-label": name }),
        EditorView.updateListener.of((update) => {
          if (!update.docChanged) return;
          textarea.value = update.state.doc.toString();
          textarea.dispatchEvent(new Event("input", { bubbles: true }));
        }),
      ],
    }),
  });
  textarea.hidden = true;
  textarea.closest("label").after(host);

  // Shows what was found: each {line, column, severity, message}, counted from 1, of the text as it was when asked.
  const show = (findings) => {
    const { doc } = view.state;
    const shown = findings
      .filter(({ line }) => line <= doc.lines)
      .map(({ line, column, severity, message }) => {
        const at = doc.line(line);
        const from = Math.min(at.from + column - 1, at.to);
        const word = /^[\w./-]+/.exec(doc.sliceString(from, at.to));
        return { from, to: word === null ? at.to : from + word[0].length, severity, message };
      });
    view.dispatch(setDiagnostics(view.state, shown));
  };
  const goTo = (line, column) => {
    const at = view.state.doc.line(Math.min(line, view.state.doc.lines));
    const anchor = Math.min(at.from + column - 1, at.to);
    view.dispatch({ selection: { anchor }, effects: EditorView.scrollIntoView(anchor, { y: "center" }) });
    view.focus();
  };
  const write = (text) => view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: text } });
  return { show, goTo, write };
}
