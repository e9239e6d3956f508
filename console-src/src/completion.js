// What may be written at a place: the keys of the language, by its JSON Schema, and the facts, actions, channels and
// parameters of the vocabulary, with their values; each with the sentence that the reference has for it.

const KEY = /^\s*(?:- )?(?:.*[{,]\s*)?[a-z_]*$/;
const VALUE = /(?:^|[{,\s])([a-z_]+):\s*(?:\[(?:[^\]]*,)?\s*)?[\w-]*$/;

export async function readWords() {
  const [vocabulary, schema] = await Promise.all(
    ["/v1/vocabulary", "/schema/ruleset.json"].map(async (path) => (await fetch(path)).json()),
  );
  return collect(vocabulary, schema);
}

function collect(vocabulary, schema) {
  const top = listKeys(schema, schema);
  const keys = new Map();
  const values = new Map();
  const add = (name, about, type) => {
    if (!keys.has(name)) keys.set(name, { label: name, detail: type, info: about, apply: `${name}: ` });
  };
  const offer = (name, each) => values.set(name, [...(values.get(name) ?? []), ...each]);
  for (const fact of vocabulary.facts) {
    add(fact.name, fact.about, fact.type);
    const known = fact.type === "boolean" ? ["true", "false"] : fact.values ?? [];
    offer(fact.name, known.map((label) => ({ label })));
  }
  for (const action of vocabulary.actions) {
    for (const [name, parameter] of Object.entries(action.parameters)) {
      add(name, parameter.about, parameter.type);
      if (!values.has(name)) offer(name, (parameter.values ?? []).map((label) => ({ label })));
    }
  }
  for (const each of Object.values(schema.properties)) {
    for (const inner of listKeys(each.items ?? each, schema)) add(inner.label, inner.info, inner.detail);
  }
  for (const [name, each] of Object.entries(schema.properties)) offer(name, (each.enum ?? []).map((label) => ({ label })));
  offer("action", vocabulary.actions.map(({ name, about }) => ({ label: name, info: about })));
  offer("channel", [{ label: "preferred" }, ...Object.entries(vocabulary.channels).map(([label, about]) => ({ label, info: `${about}` }))]);
  return { top, keys: [...keys.values()], values };
}

function listKeys(node, schema) {
  const resolved = node.$ref ? schema.$defs[node.$ref.split("/").pop()] : node;
  const branches = [resolved.then, resolved.else].filter(Boolean);
  const parts = [resolved, ...branches, ...(resolved.anyOf ?? []), ...(resolved.oneOf ?? []), ...(resolved.allOf ?? [])];
  return parts.flatMap((part) =>
    Object.entries(part.properties ?? {}).map(([label, each]) => ({
      label,
      info: each.description,
      apply: `${label}: `,
    })),
  );
}

// The names that the draft itself gives: of facts, conditions, fees, rules.
function listOwn(text) {
  const found = new Set();
  for (const [, name] of text.matchAll(/^ {2}([a-z_]\w*):/gm)) found.add(name);
  for (const [, name] of text.matchAll(/\bid: ([\w-]+)/g)) found.add(name);
  return [...found].map((label) => ({ label, detail: "of this draft" }));
}

export function complete(words) {
  return (context) => {
    const line = context.state.doc.lineAt(context.pos);
    const before = line.text.slice(0, context.pos - line.from);
    if (before.includes("#")) return null;
    const word = context.matchBefore(/[\w-]*/);
    if (!context.explicit && word.from === word.to) return null;
    const own = listOwn(context.state.doc.toString());
    const value = VALUE.exec(before);
    if (value !== null) {
      const known = words.values.get(value[1]) ?? [];
      return { from: word.from, options: known.length ? known : own, validFor: /^[\w-]*$/ };
    }
    if (!KEY.test(before)) return null;
    const options = word.from === line.from ? words.top : [...words.keys, ...own];
    return { from: word.from, options, validFor: /^[\w-]*$/ };
  };
}
