using Aegis.Core.Runs.Audits;
using Aegis.Gate;
using Aegis.Tools.Quality;
using Aegis.Tools.Quality.Probe;
using Aegis.Tools.Tests.Quality.Support;
using Aegis.Tools.Tests.Support;

namespace Aegis.Tools.Tests.Quality;

/// <summary>The Auditor over small programs with a planted defect, beside the mended ones.</summary>
public sealed class AuditToolTests : IDisposable
{
    private const string Bad = """
        import os, sqlite3, urllib.parse
        from http.server import BaseHTTPRequestHandler, HTTPServer
        db = sqlite3.connect(':memory:')
        db.execute("CREATE TABLE todos(title TEXT)")
        db.execute("INSERT INTO todos VALUES ('buy a very long loaf of bread, and milk for the cat')")
        class App(BaseHTTPRequestHandler):
            def do_GET(self):
                query = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(self.path).query))
                title = query.get('title', '')
                try:
                    rows = db.execute("SELECT title FROM todos WHERE title = '" + title + "'").fetchall()
                    status, text = 200, str(rows)
                except sqlite3.Error as e:
                    status, text = 500, f'sqlite3.OperationalError: {e}'
                self.send_response(status)
                self.send_header('Content-Type', 'text/plain')
                self.end_headers()
                self.wfile.write(text.encode())
            def log_message(self, *a):
                pass
        HTTPServer(('127.0.0.1', int(os.environ['PORT'])), App).serve_forever()
        """;

    private static readonly string Good = Bad.Replace(
        "\"SELECT title FROM todos WHERE title = '\" + title + \"'\"",
        "'SELECT title FROM todos WHERE title = ?', (title,)", StringComparison.Ordinal);

    private readonly HostExecution execution = new();

    private string App => Path.Combine(execution.Work, "app");

    public void Dispose() => execution.Dispose();

    [Fact]
    public async Task Scan_OfAnInjection_IsVulnerableAndOfTheMendedOneClean()
    {
        WorkFiles.Write(App, ("app.py", Bad));
        var bad = await ScanAsync(new { });
        bad.MustFail("AEGIS2380");
        Assert.Equal(("vulnerable", "vulnerable", "/work/app", false),
            (bad.Output("build_status").GetString(),
            bad.Audit!.BuildStatus, bad.Audit.Tree, bad.Audit.Passed));
        Assert.Contains("app.py:11 aegis-py-sql-injection", bad.Error!.Message, StringComparison.Ordinal);
        WorkFiles.Write(App, ("app.py", Good));
        var good = (await ScanAsync(new { })).MustWork();
        Assert.Equal(("clean", 0), (good.Audit!.BuildStatus, good.Audit.Blocking));
        Assert.Equal(bad.Audit.RulesetHash, good.Audit.RulesetHash);
    }

    [Fact]
    public async Task Scan_WithAnOpinion_AddsItsFindingsAndTakesNoneAway()
    {
        WorkFiles.Write(App, ("app.py", Bad));
        var alone = await ScanAsync(new { });
        var told = await ScanAsync(new { opinion = new { findings = Array.Empty<object>() } });
        Assert.Equal(alone.Audit!.Blocking, told.Audit!.Blocking);
        var more = await ScanAsync(new
        {
            opinion = new { findings = new[] { new { rule = "logic", severity = "error", file = "app.py",
                line = 1,
                message = "no owner is checked" } } },
        });
        Assert.Equal(alone.Audit.Blocking + 1, more.Audit!.Blocking);
        (await ScanAsync(new { opinion = new { findings = new[] { new { rule = "x", severity = "harmless",
            file = "a", line = 1, message = "m" } } } })).MustFail("AEGIS2001");
    }

    [Fact]
    public async Task Scan_OfATreeThatCannotBeRead_IsBroken()
    {
        var result = await ScanAsync(new { cwd = "/work/nowhere" });
        Assert.Equal(("broken", false), (result.Audit!.BuildStatus, result.Ok));
    }

    [Fact]
    public async Task Probe_OfAProgramWithAnInjection_ShowsTheRequestAndOfTheMendedOneNothing()
    {
        WorkFiles.Write(App, ("app.py", Bad));
        var bad = await ProbeAsync("exec python3 app.py", "GET /todos?title=x");
        bad.MustFail("AEGIS2642");
        var finding = bad.Output("findings")[0];
        Assert.Equal(("aegis-probe-sql-injection", "vulnerable", 500),
            (finding.GetProperty("rule").GetString(),
            bad.Audit!.BuildStatus, finding.GetProperty("status").GetInt32()));
        Assert.StartsWith("GET /todos?title=", finding.GetProperty("request").GetString(),
            StringComparison.Ordinal);
        Assert.Contains("sqlite3", finding.GetProperty("excerpt").GetString(), StringComparison.Ordinal);
        WorkFiles.Write(App, ("app.py", Good));
        var good = (await ProbeAsync("exec python3 app.py", "GET /todos?title=x")).MustWork();
        Assert.Equal((0, "running:/work/app"), (good.Output("total").GetInt32(), good.Audit!.Tree));
    }

    [Fact]
    public async Task Probe_OfAProgramThatDiesOfAnInput_SaysSoAndOneThatNeverListensIsBroken()
    {
        WorkFiles.Write(App, ("app.py", Good.Replace("        query =",
            "        if \"'\" in urllib.parse.unquote(self.path): os._exit(3)\n        query =",
                StringComparison.Ordinal)));
        var died = await ProbeAsync("exec python3 app.py", "GET /todos?title=x");
        died.MustFail("AEGIS2642");
        Assert.Contains("aegis-probe-crash", died.OutputsText(), StringComparison.Ordinal);
        var silent = await ProbeAsync("exit 0", "GET /todos?title=x");
        silent.MustFail("AEGIS2643");
        Assert.Equal("broken", silent.Audit!.BuildStatus);
    }

    private Task<ToolResult> ScanAsync(object input) => new AuditScan().CallAsync(execution, input);

    private Task<ToolResult> ProbeAsync(string start, string path) => new AuditProbe().CallAsync(execution,
        new { start, port = 20_000 + (Environment.ProcessId % 20_000), paths = new[] { path } });
}
