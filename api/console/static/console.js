// "/" goes to the search, but where one writes.
document.addEventListener("keydown", (event) => {
  const at = event.composedPath()[0];
  const writes = at instanceof HTMLElement && (at.isContentEditable || at.closest("input,textarea,select") !== null);
  const field = document.querySelector("header input[name=q]");
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || writes || field === null) return;
  event.preventDefault();
  field.focus();
  field.select();
});
