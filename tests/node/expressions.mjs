// Answers expressions by GitHub's own library: JSON lines of {"expr", "contexts"} in a file, one answer a line in
// the same form as `aegis expr --batch`, but for an error's message, which is nobody's business here.
import { createReadStream, createWriteStream } from "node:fs";
import { createInterface } from "node:readline";
import { Evaluator, Lexer, Parser, data } from "@actions/expressions";

const [questions, answers] = process.argv.slice(2);

const status = Object.entries({ success: true, failure: false, always: true, cancelled: false })
  .map(([name, value]) => ({
    name, minArgs: 0, maxArgs: 0, description: "", call: () => new data.BooleanData(value),
  }));
const functions = new Map(status.map(f => [f.name, f]));

const kinds = {
  [data.Kind.Null]: "null",
  [data.Kind.Boolean]: "boolean",
  [data.Kind.Number]: "number",
  [data.Kind.String]: "string",
  [data.Kind.Array]: "array",
  [data.Kind.Dictionary]: "object",
};

function stage(kind, act) {
  try {
    return act();
  } catch {
    throw kind;
  }
}

function evaluate(expr, contexts) {
  const { tokens } = stage("lexing", () => new Lexer(expr).lex());
  const roots = contexts.pairs().map(pair => pair.key);
  const tree = stage("parsing", () => new Parser(tokens, roots, status).parse());
  const value = stage("evaluation", () => new Evaluator(tree, contexts, functions).evaluate());
  const shown = value.kind === data.Kind.Number && !Number.isFinite(value.value) ? value.coerceString() : value;
  return JSON.stringify({ kind: kinds[value.kind], value: shown }, data.replacer);
}

function answer(line) {
  // the whole line goes through the library's reviver, so that it makes the contexts as fromJSON would
  const question = JSON.parse(line, data.reviver);
  try {
    return evaluate(question.get("expr").value, question.get("contexts"));
  } catch (kind) {
    if (typeof kind !== "string") throw kind;
    return JSON.stringify({ error: { kind } });
  }
}

const out = createWriteStream(answers);
for await (const line of createInterface({ input: createReadStream(questions), crlfDelay: Infinity })) {
  if (!out.write(answer(line) + "\n")) await new Promise(done => out.once("drain", done));
}
out.end();
