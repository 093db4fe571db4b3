using System.Collections.Immutable;
using static Aegis.Core.Findings.CodeRules.Facts;

namespace Aegis.Core.Findings.CodeRules.Rules;

internal static class JavaScriptRules
{
    private static readonly string[] ChildProcess = ["", "child_process", "cp", "childProcess"];

    private static readonly string[] Fetchers = ["fetch", "got", "axios", "request", "needle"];

    private static readonly string[] FileSystem =
        ["", "fs", "fsp", "promises", "res", "response", "reply", "()"];

    public static ImmutableArray<CodeRule> All { get; } =
    [
        new("aegis-js-sql-injection", 89, Grammar.JavaScript, FindingSeverity.Error,
            "a value becomes part of an SQL statement's text",
            "write a place holder (? or $1) and pass the value beside the statement",
            [
                new Call(Sql | Built, "query", "execute", "exec", "run", "all", "get", "each", "prepare",
                    "raw",
                    "$queryRawUnsafe", "$executeRawUnsafe", "unsafe", "sql", "batch", "queryRaw", "one",
                        "any",
                    "many", "none", "manyOrNone", "oneOrNone"),
                new Assigned(Sql | Built, "sql", "text") { IsKey = true },
            ],
            [
                "db.all(\"SELECT * FROM todos WHERE title = '\" + req.query.q + \"'\", cb);",
                "await pool.query(`SELECT * FROM users WHERE id = ${id}`);",
                "const sql = `DELETE FROM t WHERE name = '${name}'`;\ndb.exec(sql);",
                "let q = 'SELECT * FROM a WHERE 1=1';\nif (x) q += \" AND b = '\" + b + \"'\";\n"
                    + "db.prepare(q).all();",
                "const parts = [\"SELECT * FROM t WHERE a = '\", a, \"'\"];\ndb.run(parts.join(''));",
                "client.query({ text: 'SELECT * FROM t WHERE a = ' + a });",
                "db.get(\"select * from t where a = '\".concat(a, \"'\"));",
            ],
            [
                "db.all('SELECT * FROM todos WHERE title = ?', [req.query.q], cb);",
                "await pool.query('SELECT * FROM users WHERE id = $1', [id]);",
                "await sql`SELECT * FROM users WHERE id = ${id}`;",
                "const T = 'todos';\ndb.all(`SELECT * FROM ${T}`);",
                "// db.query(\"SELECT * FROM t WHERE a = '\" + a + \"'\")\nrun();",
                "console.log(\"never write db.query('SELECT * FROM t WHERE a = ' + a)\");",
                "db.all(`SELECT * FROM t LIMIT ${Number(n)}`);",
                "db.all(`SELECT * FROM t WHERE id IN (${ids.map(() => '?').join(',')})`, ids);",
                "db.all('SELECT a, ' + 'b FROM t');",
                "cache.get('select:' + id);",
            ]),
        new("aegis-js-command-injection", 78, Grammar.JavaScript, FindingSeverity.Error,
            "a value becomes part of a command line that a shell reads",
            "use execFile or spawn with a list of arguments and without a shell",
            [
                new Call(Built, "exec", "execSync") { Receivers = ChildProcess },
                new Call(Request, "exec", "execSync", "spawn", "spawnSync", "execFile", "execFileSync")
                    { Receivers = ChildProcess },
                new Call(Unknown, "exec", "execSync") { Receivers = ["child_process", "childProcess"] },
                new Call(Built, "spawn", "spawnSync", "execFile", "execFileSync")
                    { Argument = Call.AnyArgument, With = ("shell", "true") },
                new Call(Unknown, "spawn", "spawnSync", "execFile", "execFileSync")
                    { Argument = Call.AnyArgument, With = ("shell", "true") },
            ],
            [
                "exec('ls ' + dir);", "execSync(`git log ${branch}`);",
                "const cmd = 'ping ' + host;\nchild_process.exec(cmd);",
                "spawn('convert ' + name, { shell: true });",
            ],
            [
                "execFile('ls', [dir]);", "exec('ls -l');", "/a(b)/.exec('x' + y);", "re.exec(`a${b}`);",
                "spawn('git', ['log', branch]);", "// exec('ls ' + dir)\n",
            ]),
        new("aegis-js-code-injection", 95, Grammar.JavaScript, FindingSeverity.Error,
            "a value is run as code",
                "parse it (JSON.parse), or choose by its name from a table of functions",
            [
                new Call(Unknown, "eval", "Function") { Receivers = ["", "new", "window", "globalThis"],
                    Argument = Call.AnyArgument },
                new Call(Built, "eval", "Function") { Receivers = ["", "new", "window", "globalThis"],
                    Argument = Call.AnyArgument },
                new Call(Built, "setTimeout", "setInterval"),
                new Call(Unknown, "runInNewContext", "runInThisContext", "runInContext"),
            ],
            ["eval(req.body.code);", "new Function('a', body)();", "setTimeout('go(' + x + ')', 10);",
                "vm.runInNewContext(source);"],
            ["JSON.parse(text);", "eval('1 + 1');", "setTimeout(() => go(x), 10);",
                "const go = () => log(`a ${x}`);\nsetTimeout(go, 10);",
                "setTimeout(async function () { log('a' + x); }, 10);",
                "setTimeout(() => log('a' + x), 10);", "interface A { eval(code: string): void }",
                "'eval(x)';",
                "model.eval(x);"]),
        new("aegis-js-path-traversal", 22, Grammar.JavaScript, FindingSeverity.Error,
            "a path from a request is opened as it came",
            "resolve it below a fixed folder and refuse what does not begin with that folder, or take "
                + "its basename",
            [
                new Call(Request, "readFile", "readFileSync", "createReadStream", "writeFile",
                    "writeFileSync",
                    "createWriteStream", "unlink", "unlinkSync", "rm", "rmSync", "readdir", "readdirSync",
                    "sendFile", "download", "open", "openSync", "appendFile", "appendFileSync", "stat",
                    "statSync", "rename", "copyFile") { Receivers = FileSystem },
            ],
            [
                "fs.readFile('./files/' + req.query.name, cb);",
                "const p = path.join(base, req.params.file);\nres.sendFile(p);",
                "const { name } = req.query;\nfs.createReadStream(`up/${name}`).pipe(res);",
            ],
            [
                "fs.readFile(path.join(base, path.basename(req.query.name)), cb);",
                "const p = path.resolve(base, req.params.file);\nif (!p.startsWith(base)) throw 1;\n"
                    + "res.sendFile(p);",
                "fs.readFile(file, cb);", "fs.readFileSync('./files/a.txt');",
                "fs.readFileSync(process.argv[2]);",
            ]),
        new("aegis-js-xss", 79, Grammar.JavaScript, FindingSeverity.Error,
            "a value becomes part of a page without being escaped",
            "set textContent, let the template escape it, or clean it with a sanitizer",
            [
                new Assigned(Unknown, "innerHTML", "outerHTML", "__html", "srcdoc"),
                new Assigned(Built, "innerHTML", "outerHTML", "__html", "srcdoc"),
                new Call(Unknown, "insertAdjacentHTML") { Argument = 1 },
                new Call(Built, "insertAdjacentHTML") { Argument = 1 },
                new Call(Unknown, "write", "writeln") { Receivers = ["document"] },
                new Call(Built, "write", "writeln") { Receivers = ["document"] },
                new Call(Built | Html, "send", "end", "write") { Receivers =
                    ["res", "response", "reply", "()"] },
                new Call(Built | Request, "send", "end", "write")
                    { Receivers = ["res", "response", "reply", "()"], Lacks = ["JSON"] },
                new Assigned(Built | Html | Request, "body"),
            ],
            [
                "el.innerHTML = name;", "el.innerHTML = '<b>' + name + '</b>';",
                "<div dangerouslySetInnerHTML={{ __html: text }} />;",
                "res.send('<h1>Hello ' + req.query.name + '</h1>');",
                "res.end(`<p>${name}</p>`);", "document.write(location.hash);",
            ],
            [
                "el.textContent = name;", "el.innerHTML = '<b>fixed</b>';",
                "el.innerHTML = DOMPurify.sanitize(text);", "res.send({ name: req.query.name });",
                "res.end(JSON.stringify(todo));", "res.send(`<p>${escapeHtml(name)}</p>`);",
            ]),
        new("aegis-js-hard-coded-credential", 798, Grammar.JavaScript, FindingSeverity.Error,
            "a credential is written into the code",
                "read it from the environment or a secret, and revoke this one",
            [new Credential(), new PasswordInText()],
            ["const password = 'S3cret-pass1';", "const c = { apiKey: 'ab12cd34ef56' };",
                "config.db.password = 'admin';", "connect('postgres://app:hunter2@db/app');"],
            ["const password = process.env.PASSWORD;", "const p = a ? b.password : 'S3cret-pass1';",
                "nextToken = '?EndOfParen';", "const password = '';", "const label = 'password1';",
                "const token = await login(user);", "const passwordField = 'input1';",
                "connect(`postgres://app:${pw}@db/app`);", "const type = { password: 'Your password' };"]),
        new("aegis-js-weak-password-hash", 916, Grammar.JavaScript, FindingSeverity.Error,
            "a password is hashed by a fast hash", "use scrypt, argon2 or bcrypt with a salt",
            [new Call(None, "createHash") { Says = ["md5", "sha1", "sha256", "sha512", "MD5", "SHA1"],
                Mentions = ["passw", "pwd", "pin"] }],
            ["crypto.createHash('md5').update(password).digest('hex');",
                "const hash = createHash('sha1').update(user.pwd).digest();"],
            ["crypto.createHash('sha256').update(file).digest('hex');",
                "crypto.scryptSync(password, salt, 64);"]),
        new("aegis-js-tls-disabled", 295, Grammar.JavaScript, FindingSeverity.Error,
            "the server's certificate is not checked", "leave the check on; give a private authority as `ca`",
            [new Option("rejectUnauthorized", "false"), new Option("strictSSL", "false"),
                new Option("NODE_TLS_REJECT_UNAUTHORIZED", "0")],
            ["https.request({ rejectUnauthorized: false });",
                "if (await get(u, { rejectUnauthorized: false })) { go(); }",
                "process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';",
                "process.env[\"NODE_TLS_REJECT_UNAUTHORIZED\"] = 0;"],
            ["https.request({ rejectUnauthorized: true });", "// rejectUnauthorized: false\n",
                "log('rejectUnauthorized: false');"]),
        new("aegis-js-open-cors", 942, Grammar.JavaScript, FindingSeverity.Error,
            "any site may call with the user's credentials", "name the origins that may",
            [
                new Call(None, "cors") { With = ("origin", "true"), And = ("credentials", "true") },
                new Call(None, "cors") { With = ("origin", "*"), And = ("credentials", "true") },
                new Call(Request, "setHeader", "header", "set", "append")
                    { Says = ["Access-Control-Allow-Origin"], Argument = 1 },
            ],
            ["app.use(cors({ origin: true, credentials: true }));",
                "res.setHeader('Access-Control-Allow-Origin', req.headers.origin);"],
            ["app.use(cors({ origin: 'https://app.example.com', credentials: true }));", "app.use(cors());",
                "res.setHeader('Access-Control-Allow-Origin', 'https://app.example.com');"]),
        new("aegis-js-debug-server", 489, Grammar.JavaScript, FindingSeverity.Warning,
            "the debugger listens for everybody", "open it on 127.0.0.1, and not in production",
            [new Call(None, "open") { Receivers = ["inspector"] }],
            ["inspector.open(9229, '0.0.0.0');"], ["fs.open('a', cb);"]),
        new("aegis-js-ssrf", 918, Grammar.JavaScript, FindingSeverity.Error,
            "a request goes to an address that a caller chose",
            "choose the host from a list of your own; take only the path or an id from the caller",
            [
                new Call(Request, Fetchers)
                    { Receivers = ["", "window", "globalThis"], SparesWrittenHost = true },
                new Call(Request, "get", "post", "put", "delete", "request", "head")
                {
                    Receivers = ["axios", "http", "https", "got", "superagent", "needle"],
                    SparesWrittenHost = true,
                },
            ],
            ["fetch(req.query.url);", "fetch(`https://${req.query.host}/a`);", "axios.get(req.body.url);",
                "const u = req.query.u;\nhttp.get(u, cb);"],
            ["fetch('https://api.example.com/items');", "axios.get(API_URL);",
                "fetch('https://api.example.com/' + encodeURIComponent(req.query.id));",
                "fetch(`https://api.example.com/items/${req.params.id}`);",
                "fetch('/items/' + req.params.id);"]),
    ];
}
