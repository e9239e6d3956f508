// Asks while somebody types: first what can be said at once, then, in a pause, all of it. Without script the same form
// is sent by its button.
"use strict";
(() => {
  const AFTER_TYPING = 200;
  const IN_A_PAUSE = 900;
  const form = document.getElementById("desk");
  const state = document.getElementById("state");
  const text = document.getElementById("text");
  const editor = globalThis.dunningEditor?.mount(text, "The draft");
  let asking = new AbortController();
  let waiting = 0;

  const send = async (path, more, signal) => {
    const body = new URLSearchParams(new FormData(form));
    for (const [name, value] of Object.entries(more)) body.set(name, value);
    const answer = await fetch(path, { method: "POST", body, signal });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (!page.getElementById("answer")) throw new Error(page.querySelector("[role=alert]")?.textContent ?? answer.statusText);
    return page;
  };

  const show = (page) => {
    for (const id of ["findings", "answer"]) {
      const open = [...document.querySelectorAll(`#${id} details`)].map((each) => each.open);
      document.getElementById(id).replaceChildren(...page.getElementById(id).childNodes);
      document.querySelectorAll(`#${id} details`).forEach((each, index) => { each.open = open[index] ?? false; });
    }
    const account = document.getElementById("account");
    if (!account.value.trim()) account.value = page.getElementById("account").value;
    mark();
  };

  const ask = async (more, then) => {
    asking.abort();
    asking = new AbortController();
    const { signal } = asking;
    state.textContent = "asking …";
    try {
      show(await send(form.action, more, signal));
      state.textContent = "";
      if (then) waiting = setTimeout(then, IN_A_PAUSE);
    } catch (problem) {
      if (!signal.aborted) state.textContent = problem.message;
    }
  };

  const askSoon = () => {
    clearTimeout(waiting);
    asking.abort();
    waiting = setTimeout(() => ask({ passing: "yes" }, () => ask({})), AFTER_TYPING);
  };

  // A finding stands at its line and leads there; one that an account shows can be asked about it.
  const mark = () => {
    const own = [...document.querySelectorAll(".findings li[data-own]")];
    editor?.show(own.map((each) => ({
      line: Number(each.dataset.line),
      column: Number(each.dataset.column),
      severity: each.className,
      message: each.querySelector(".message").textContent,
    })));
    for (const each of own) {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "place";
      button.append(...each.querySelector(".place").childNodes);
      button.addEventListener("click", () => goTo(Number(each.dataset.line), Number(each.dataset.column)));
      each.querySelector(".place").replaceWith(button);
    }
    for (const each of document.querySelectorAll(".sample")) {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = "Put it on the desk";
      button.addEventListener("click", () => {
        document.getElementById("account").value = each.querySelector("pre").textContent;
        form.elements.day.value = each.dataset.day;
        askSoon();
      });
      each.querySelector("pre").before(button);
    }
  };

  const goTo = (line, column) => {
    if (editor) {
      editor.goTo(line, column);
      return;
    }
    const before = text.value.split("\n").slice(0, line - 1).join("\n").length;
    const at = before + (line > 1 ? column : column - 1);
    text.focus();
    text.setSelectionRange(at, at);
  };

  // A draft that somebody handed on is opened from its file: nothing of it is sent but to be asked about.
  const file = document.getElementById("file");
  file.closest("label").hidden = false;
  file.addEventListener("change", async () => {
    const given = (await file.files[0]?.text())?.replaceAll("\r\n", "\n");
    file.value = "";
    if (given === undefined) return;
    if (editor) {
      editor.write(given);
    } else {
      text.value = given;
      askSoon();
    }
  });

  form.addEventListener("input", (event) => { if (event.target.name !== "account_id") askSoon(); });
  form.addEventListener("submit", async (event) => {
    const { submitter } = event;
    if (submitter?.id === "take") {
      event.preventDefault();
      try {
        const page = await send(submitter.formAction, {}, undefined);
        document.getElementById("account").value = page.getElementById("account").value;
        askSoon();
      } catch (problem) {
        state.textContent = problem.message;
      }
    } else if (!submitter?.hasAttribute("formaction")) {
      event.preventDefault();
      clearTimeout(waiting);
      ask({});
    }
  });
  mark();
})();
