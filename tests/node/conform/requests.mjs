// The requests for one operation: a valid one, and each way in which its parameters, body, key and ids can be wrong.
import { createHmac } from "node:crypto";

const REFUSED = [400];

export function* requestsFor(document, { path, method, said }, { keys, ids, bodies, secret }) {
  const parameters = said.parameters.map(p => resolve(document, p));
  const schema = resolve(document, said.requestBody?.content["application/json"]?.schema);
  const body = bodies[said.operationId] ?? (schema?.properties ? example(schema) : undefined);
  const open = said.security?.length === 0;
  const scope = said["x-aegis-scope"];
  // keys are the tenant's, but a guest is of a project
  const wide = scope?.startsWith("admin:") && said.operationId !== "inviteGuest";
  const key = scope === "operator:tenants" ? keys.operator : wide ? keys.wide : keys.project;

  const request = (what, expect, {
    token = key, query = "", content = body, type = "application/json", id, accept, more = {},
  } = {}) => {
    const text = content === undefined || typeof content === "string" ? content : JSON.stringify(content);
    return {
      what, expect, body: text,
      path: filled(path, id === undefined ? ids : { ...ids, [id]: "none" }) + query,
      headers: {
        ...(open || !token ? {} : { Authorization: `Bearer ${token}` }),
        ...(text === undefined ? {} : { "Content-Type": type }),
        ...(accept ? { Accept: accept } : {}),
        ...signed(said, text ?? "", secret),
        ...more,
      },
    };
  };

  // before what deletes
  if (parameters.some(p => p.name === "If-Match")) {
    yield request("a malformed condition", REFUSED, { more: { "If-Match": "bare" } });
    yield request("another state wanted", [412], { more: { "If-Match": '"other"' } });
    yield request("nothing wanted", method === "GET" ? [304] : [412], { more: { "If-None-Match": "*" } });
  }
  yield request("valid", [200, 201, 202, 204]);
  yield request("unknown query", REFUSED, { query: "?no_such=1" });
  if (!open) {
    yield request("no key", [401], { token: null });
    yield request("a key of nothing", scope === "any" ? [200, 403] : [403], { token: keys.none });
    yield request("another tenant named", [403], { query: "?tenant_id=another" });
    yield request("the tenant's key, no project", undefined, { token: keys.wide });
    const last = parameters.findLast(p => p.in === "path");
    // a queue is named by whoever asks in it: one in which nobody did is empty
    if (last && last.name !== "queue" && method !== "PUT") {
      yield request(`no such ${last.name}`, [404], { id: last.name });
    }
  }
  for (const parameter of parameters.filter(p => p.in === "query")) {
    yield* queries(request, parameter);
  }
  if (said.responses[200]?.content?.["text/event-stream"]) {
    yield request("as a stream", [200], { accept: "text/event-stream" });
  }
  if (schema?.properties) {
    yield* wrongBodies(request, schema, body ?? {}, document);
  }
}

function* queries(request, { name, schema }) {
  const one = (value, expect) =>
    request(`${name}=${value}`, expect, { query: `?${name}=${encodeURIComponent(value)}` });
  for (const word of schema.enum ?? []) {
    yield one(word, [200]);
  }
  if (schema.enum) {
    yield one("bogus", REFUSED);
    yield request(`${name} twice`, REFUSED, { query: `?${name}=${schema.enum[0]}&${name}=${schema.enum[0]}` });
  }
  if (schema.type === "integer") {
    yield one(schema.minimum - 1, REFUSED);
    yield one("x", REFUSED);
    if (schema.maximum < 2 ** 31 - 1) {
      yield one(schema.minimum, [200]);
      yield one(schema.maximum, [200]);
      yield one(schema.maximum + 1, REFUSED);
    }
  }
  if (schema.type === "boolean") {
    yield one("false", [200]);
    yield one("perhaps", REFUSED);
  }
  if (name === "cursor") {
    yield one("!", REFUSED);
  }
}

function* wrongBodies(request, schema, body, document) {
  const but = (what, member, value) => request(`${member} ${what}`, REFUSED, { content: { ...body, [member]: value } });
  yield request("another media type", [415], { content: "x", type: "text/html" });
  for (const text of ["{", "null", "[]", '{"tenant_id":"acme","tenant_id":"acme"}']) {
    yield request(`the body ${text}`, REFUSED, { content: text });
  }
  yield request("an unknown member", REFUSED, { content: { ...body, no_such: 1 } });
  yield request("another tenant in the body", [403], { content: { ...body, tenant_id: "another" } });
  for (const member of schema.required ?? []) {
    const { [member]: _, ...rest } = body;
    yield request(`no ${member}`, REFUSED, { content: rest });
  }
  for (const [member, reference] of Object.entries(schema.properties)) {
    const said = resolve(document, reference);
    const types = [said.type].flat();
    if (said.maxLength !== undefined) {
      yield but("too long", member, "x".repeat(said.maxLength + 1));
    }
    if (said.minLength > 0) {
      yield but("too short", member, "x".repeat(said.minLength - 1));
    }
    if (said.enum || said.pattern) {
      yield but("of another form", member, "no such/word");
    }
    if (said.maxItems !== undefined) {
      yield but("with too many items", member, Array(said.maxItems + 1).fill("tools:x"));
    }
    if (said.maxProperties !== undefined) {
      yield but("with too many members", member,
        Object.fromEntries(Array.from({ length: said.maxProperties + 1 }, (_, i) => [`f${i}`, ""])));
    }
    if (said.type !== undefined) {
      yield but("of another type", member, types.includes("object") ? "text" : {});
      if (!types.includes("null")) {
        yield but("null", member, null);
      }
    }
  }
}

/** A body that the schema allows, of its required members. */
function example(schema) {
  return Object.fromEntries((schema.required ?? []).map(name => {
    const { type, enum: words } = schema.properties[name];
    return [name, words?.[0] ?? (type === "array" ? ["tools:x"] : `a${Math.random().toString(36).slice(2)}`)];
  }));
}

function filled(path, ids) {
  return path.replaceAll(/\{(\w+)\}/g, (_, name) => ids[name] ?? name);
}

function resolve(document, node) {
  const found = node?.$ref?.slice(2).split("/").reduce((at, name) => at[name], document);
  return found ?? node;
}

function signed({ parameters }, text, secret) {
  const names = parameters.map(p => p.name);
  const hmac = signed => createHmac("sha256", secret).update(signed).digest("hex");
  if (names.includes("X-Hub-Signature-256")) {
    return {
      "X-Hub-Signature-256": `sha256=${hmac(text)}`, "X-GitHub-Event": "ping", "X-GitHub-Delivery": `d${Math.random()}`,
      "Content-Type": "application/json",
    };
  }
  const seconds = Math.floor(Date.now() / 1000);
  return names.includes("X-Aegis-Signature") ? { "X-Aegis-Signature": `t=${seconds},v1=${hmac(`${seconds}.${text}`)}` } : {};
}
