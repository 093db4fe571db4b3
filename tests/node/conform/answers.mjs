// Sends a request, and holds an answer against its declaration.
import Ajv2020 from "ajv/dist/2020.js";
import addFormats from "ajv-formats";

export async function answerOf(url, method, { path, headers, body }) {
  const stop = new AbortController();
  const reply = await fetch(url + path, { method, headers, body, signal: stop.signal });
  const type = reply.headers.get("content-type")?.split(";")[0] ?? null;
  // a stream need not end: its head is enough
  const isStream = type === "text/event-stream";
  const text = isStream ? "" : await reply.text();
  if (isStream) {
    stop.abort();
  }
  return { status: reply.status, type, text, tag: reply.headers.get("etag") };
}

/** Answers are open in the document, so that new members may come; here every member must be declared. */
export function judge(document) {
  const closed = structuredClone(document);
  for (const schema of Object.values(closed.components.schemas)) {
    if (schema.type === "object" && schema.properties && schema.additionalProperties === undefined) {
      schema.additionalProperties = false;
    }
  }
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  addFormats(ajv);
  ajv.addSchema({ $id: "https://aegis.test/api", components: closed.components }, "https://aegis.test/api", false, false);
  const compiled = new Map();
  const validator = schema => {
    const key = JSON.stringify(schema).replaceAll('"#/components/', '"https://aegis.test/api#/components/');
    if (!compiled.has(key)) {
      compiled.set(key, ajv.compile(JSON.parse(key)));
    }
    return compiled.get(key);
  };
  return (said, { status, type, text, tag }) => {
    const declared = said.responses[status];
    if (!declared) {
      return [`is no declared status (${Object.keys(said.responses).join(", ")})`];
    }
    if ((declared.headers?.ETag !== undefined) !== (tag !== null)) {
      return [tag === null ? "has no ETag, and one is declared" : "has an ETag, and none is declared"];
    }
    if (!declared.content) {
      return text === "" ? [] : ["has a body, and none is declared"];
    }
    const content = declared.content[type] ?? declared.content["*/*"];
    if (!content) {
      return [`has the media type ${type}; declared: ${Object.keys(declared.content).join(", ")}`];
    }
    if (!/[/+]json$/.test(type)) {
      return [];
    }
    if (content.schema.type === "string") {
      return []; // JSON that is passed on as it is
    }
    const validate = validator(content.schema);
    return validate(JSON.parse(text)) ? [] : [ajv.errorsText(validate.errors)];
  };
}
