// A program over the client that is generated from the document: what compiles here is what the document promises.
import createClient from "openapi-fetch";
import type { components, paths } from "./schema.js";

const [url = "", key = ""] = process.argv.slice(2);
const client = createClient<paths>({ baseUrl: url, headers: { Authorization: `Bearer ${key}` } });

function there<T>(value: T | undefined, problem: components["schemas"]["Problem"] | undefined): T {
  if (value === undefined) {
    throw new Error(problem?.detail ?? "no answer");
  }
  return value;
}

const made = await client.POST("/v1/plans:create", { body: { workflow: "name: ci", file_name: "ci.yaml" } });
const plan = there(made.data, made.error);
console.log(`plan ${plan.name} of ${plan.dag_summary.tasks} tasks`);

const started = await client.POST("/v1/runs", { body: { workflow: "name: ci", freeze: false } });
console.log(`run ${there(started.data, started.error).run_id.slice(0, 4)} ${started.response.status}`);

let count = 0;
let cursor: string | undefined;
do {
  const page = await client.GET("/v1/runs", { params: { query: { limit: 2, ...(cursor ? { cursor } : {}) } } });
  const { items, next } = there(page.data, page.error);
  count += items.filter(run => run.status === "running").length;
  cursor = next;
} while (cursor !== undefined);
console.log(`runs ${count >= 3 ? "over several pages" : count}`);

const missing = await client.GET("/v1/runs/{run}", { params: { path: { run: "run_none" } } });
const problem: components["schemas"]["Problem"] | undefined = missing.error;
console.log(`problem ${problem?.status} ${problem?.code}`);
