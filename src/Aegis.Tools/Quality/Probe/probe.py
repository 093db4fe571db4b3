# Starts a program, tries its inputs from the same sandbox, and prints what it found as one JSON object.
# Each hit was seen twice. argv[1] is the configuration.
import http.client, json, os, signal, socket, subprocess, sys, time, urllib.parse

CONFIG = json.loads(sys.argv[1])
PORT, DEADLINE = CONFIG["port"], time.monotonic() + CONFIG["seconds"]
RESTARTS_MAX, BODY_MAX, EXCERPT = 5, 65536, 200
MARK = "aegisprobe1"
JSON = {"Content-Type": "application/json"}
SQL_WORDS = ("syntax error", "sqlite3.", "sqlite_error", "unrecognized token", "sqlstate", "sql syntax",
             "unterminated quoted", "operationalerror")
findings, program, requests, restarts, state = {}, None, 0, 0, {}


def start():
    global program
    env = dict(os.environ, PORT=str(PORT), HOST="127.0.0.1")
    log = open("/tmp/aegis-probe.log", "ab")
    program = subprocess.Popen(["bash", "-c", CONFIG["start"]], cwd=CONFIG["cwd"], env=env, stdout=log,
                               stderr=log, stdin=subprocess.DEVNULL, start_new_session=True)
    until = min(time.monotonic() + 30, DEADLINE)
    while time.monotonic() < until and program.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", PORT), 1).close()
            return True
        except OSError:
            time.sleep(0.05)
    return False


def stop():
    if program and program.poll() is None:
        os.killpg(program.pid, signal.SIGKILL)
        program.wait()


def died():
    if program.poll() is None:
        time.sleep(0.05)
    return program.poll() is not None


def send(method, target, body=None, headers=None):
    """(status, headers, body); status 0 where the connection broke."""
    global requests
    requests += 1
    line = http.client.HTTPConnection("127.0.0.1", PORT, timeout=10)
    try:
        line.putrequest(method, target, skip_accept_encoding=True)
        for name, value in (headers or {}).items():
            line.putheader(name, value)
        if body is not None:
            line.putheader("Content-Length", str(len(body)))
        line.endheaders()
        if body is not None:
            line.send(body)
        answer = line.getresponse()
        return answer.status, dict((k.lower(), v) for k, v in answer.getheaders()), \
            answer.read(BODY_MAX).decode("utf-8", "replace")
    except (OSError, http.client.HTTPException, ValueError) as e:
        return 0, {}, type(e).__name__
    finally:
        line.close()


def note(rule, severity, message, mend, request, answer):
    key = (rule, request.split("?")[0].split(" {")[0])
    findings.setdefault(key, {"rule": rule, "severity": severity, "message": message, "mend": mend,
                              "request": request[:300], "status": answer[0], "excerpt": answer[2][:EXCERPT]})


def attempt(method, target, body=None, headers=None):
    """Sends, and starts the program again where it died of it: that is a finding."""
    global restarts
    answer = send(method, target, body, headers)
    if answer[0] == 0 and died():
        shown = f"{method} {target} " + (body[:80].decode("utf-8", "replace") if body else "")
        note("aegis-probe-crash", "error", "the program ended when it got this request",
             "handle every input; answer 400 to what cannot be read", shown, answer)
        restarts += 1
        if restarts > RESTARTS_MAX or not start():
            raise SystemExit(finish("it died too often"))
    if time.monotonic() > DEADLINE:
        raise SystemExit(finish("its time ran out"))
    return answer


def finish(why=None):
    stop()
    print(json.dumps({"started": state.get("started", False), "why": why, "requests": requests,
                      "restarts": restarts, "findings": list(findings.values())}))
    return 0


class Place:
    """One input of one request: how to send it with another value."""

    def __init__(self, method, path, query, body, kind, name):
        self.method, self.path, self.query, self.body = method, path, query, body
        self.kind, self.name = kind, name

    def request(self, value, raw=False):
        query, body, path = list(self.query), self.body, self.path
        if self.kind == "query":
            query = [(n, value if n == self.name else v) for n, v in query]
        elif self.kind == "path":
            path = path.replace("{" + self.name + "}", value if raw else urllib.parse.quote(value, safe=""))
        else:
            body = dict(body, **{self.name: value})
        quoted = "&".join(f"{urllib.parse.quote(n)}={v if raw else urllib.parse.quote(v, safe='')}"
                          for n, v in query)
        target = fill(path) + ("?" + quoted if quoted else "")
        return self.method, target, json.dumps(body).encode() if body is not None else None

    def send(self, value, raw=False):
        method, target, body = self.request(value, raw)
        headers = {"Content-Type": "application/json"} if body is not None else {}
        return attempt(method, target, body, headers)

    def shown(self, value, raw=False):
        method, target, body = self.request(value, raw)
        return f"{method} {target}" + (f" {body.decode()}" if body else "")


def fill(path):
    while "{" in path and "}" in path:
        a, b = path.index("{"), path.index("}")
        path = path[:a] + "1" + path[b + 1:]
    return path


def places(entry):
    method, target, *rest = entry.split(" ", 2)
    path, _, query = target.partition("?")
    pairs = urllib.parse.parse_qsl(query, keep_blank_values=True)
    body = json.loads(rest[0]) if rest else None
    for name, _ in pairs:
        yield Place(method, path, pairs, body, "query", name)
    for part in path.split("{")[1:]:
        yield Place(method, path, pairs, body, "path", part.split("}")[0])
    for name in body or {}:
        if isinstance(body[name], str):
            yield Place(method, path, pairs, body, "body", name)


def sql_error(answer):
    text = answer[2].lower()
    return any(word in text for word in SQL_WORDS)


def try_place(place):
    base = place.send(MARK)

    def twice(value, hit, raw=False):
        answer = place.send(value, raw)
        return answer if hit(answer) and hit(place.send(value, raw)) else None

    def hit(rule, message, mend, value, test, raw=False):
        answer = twice(value, test, raw)
        if answer:
            note(rule, "error", f"{message} (input {place.name})", mend, place.shown(value, raw), answer)
        return answer

    bind = "pass values as parameters of the statement"
    if not sql_error(base):
        broken = hit("aegis-probe-sql-injection", "a quote changes the SQL statement", bind, MARK + "'",
                     lambda a: sql_error(a))
        if not broken and base[0] < 500 and place.send(MARK + "''")[0] < 500:
            broken = hit("aegis-probe-sql-injection", "a single quote breaks it and two do not", bind,
                         MARK + "'", lambda a: a[0] >= 500)
        false = place.send(MARK + "' AND '1'='2")
        if not broken and false[0] == base[0]:
            hit("aegis-probe-sql-injection", "a condition in the value is evaluated", bind,
                MARK + "' OR '1'='1", lambda a: a[0] == base[0] and len(a[2]) > len(false[2]) + 40)
    for value in (";echo aegis$((41+1))probe", "$(echo aegis$((41+1))probe)", "|echo aegis$((41+1))probe"):
        if hit("aegis-probe-command-injection", "a command in the value runs",
               "start programs without a shell", value, lambda a: "aegis42probe" in a[2]):
            break
    for value, raw in (("../../../../../../etc/passwd", False),
                       ("..%2f..%2f..%2f..%2f..%2fetc%2fpasswd", True),
                       ("/etc/passwd", False)):
        if hit("aegis-probe-path-traversal", "a file outside of the program's folder is served",
               "resolve the path and refuse what leaves the folder", value, lambda a: ":0:0:" in a[2], raw):
            break
    for value in ("{{7*191}}", "${7*191}"):
        hit("aegis-probe-template-injection", "an expression in the value is evaluated",
            "give values to the template, never make the template of them", value,
            lambda a: "1337" in a[2] and "1337" not in base[2])
    hit("aegis-probe-xss", "markup in the value stands in the page as it came",
        "escape what goes into a page",
        "<aegis-probe>", lambda a: "<aegis-probe>" in a[2] and "html" in a[1].get("content-type", ""))
    hit("aegis-probe-header-injection", "a line break in the value makes a header",
        "refuse CR and LF in headers",
        MARK + "%0d%0aX-Aegis-Probe:%20yes", lambda a: "x-aegis-probe" in a[1], True)


def try_entry(entry):
    method, target, *rest = entry.split(" ", 2)
    path = fill(target.partition("?")[0])
    if rest:
        for body in (b'{"a":', b"[" * 20000, b'{"a":' + b'"' + b"x" * CONFIG["oversize"] + b'"}'):
            answer = attempt(method, path, body, JSON)
            if answer[0] >= 500 and attempt(method, path, body, JSON)[0] >= 500:
                note("aegis-probe-unhandled", "warning", "a body that cannot be read is answered as a fault",
                     "answer 400 or 413", f"{method} {path} {body[:40].decode()}", answer)
    for other in ("PUT", "DELETE", "PATCH", "TRACE", "AEGIS"):
        answer = attempt(other, path)
        if answer[0] >= 500 and answer[0] != 501 and attempt(other, path)[0] >= 500:
            note("aegis-probe-unhandled", "warning", "an unexpected method is answered as a fault",
                 "answer 405", f"{other} {path}", answer)


def from_openapi(file):
    with open(os.path.join(CONFIG["cwd"], file), encoding="utf-8") as source:
        document = json.load(source)
    for path, item in list(document.get("paths", {}).items())[:CONFIG["paths_max"]]:
        for method, operation in item.items():
            if method.upper() not in ("GET", "POST", "PUT", "PATCH", "DELETE"):
                continue
            query = "&".join(f"{p['name']}=x" for p in operation.get("parameters", [])
                             if p.get("in") == "query")
            content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
            names = content.get("schema", {}).get("properties", {})
            body = " " + json.dumps({n: "x" for n in names}) if names else ""
            yield f"{method.upper()} {path}" + ("?" + query if query else "") + body


def main():
    entries = list(CONFIG["paths"])
    if CONFIG.get("openapi"):
        entries += [e for e in from_openapi(CONFIG["openapi"]) if e not in entries]
    state["started"] = start()
    if not state["started"]:
        return finish("it did not listen on its port")
    for entry in entries[:CONFIG["paths_max"]]:
        for place in places(entry):
            try_place(place)
        try_entry(entry)
    for entry in CONFIG["protected"]:
        method, target = (entry.split(" ", 1) + ["/"])[:2]
        answer = attempt(method, fill(target))
        if 0 < answer[0] < 400:
            note("aegis-probe-missing-auth", "error", "it answers somebody who has not said who he is",
                 "ask for credentials before anything else", entry, answer)
    return finish()


sys.exit(main())
