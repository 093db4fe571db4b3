using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;
using Aegis.Cli.Git;
using Aegis.Server.Tests.Support;

namespace Aegis.Server.Tests;

/// <summary>Samples of the assembly line, from a sentence to what came of it, judged from outside: git, the
/// repository's own tests, and whoever opens the page. Only the words are scripted.</summary>
[Collection(RealServerGroup.Name)]
public sealed partial class LineSampleTests(RealServer server) : IDisposable
{
    private static readonly string Line = Path.Combine(LineDesk.Samples, "line");

    private readonly string folder = Directory.CreateTempSubdirectory("aegis-line-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task Change_OfARepositoryThatIsThere_IsAPullRequest_WithItsOldTestsAndNewOnes()
    {
        var line = await LineDesk.OpenAsync(server, Path.Combine(Line, "change"));
        var name = $"checkout{Guid.NewGuid():N}"[..14];
        var local = Path.Combine(folder, name);
        CopyTree(Path.Combine(Line, "change", "app"), local);
        await GitAsync(local, "init", "-q", "-b", "main");
        await GitAsync(local, "add", "-A");
        await GitAsync(local, "-c", "user.name=t", "-c", "user.email=t@example.org", "commit", "-qm", "shop");

        var told = await line.DoAsync("build", "Quiero un 10 % de descuento desde 100 euros", "--repo", local,
            "--input", "deploy=false");
        var run = RunId().Match(told).Value;
        Assert.Contains($"pull request {server.Http.BaseAddress}forge/repos/{line.Project}/{name}/pulls/1",
            told.Split('\n'));
        var events = await server.EndedAsync(run, line.Key);
        var outputs = LineDesk.Outputs(events);
        Assert.Equal(("clean", 1), (outputs.GetProperty("build_status").GetString(),
            outputs.GetProperty("pull_request").GetInt32()));

        // planned against the map of what was there, which names the function that is changed
        Assert.Contains("function total", LineDesk.Of(events, "TaskCompleted")
            .Single(e => LineDesk.Step(e) == "map").GetProperty("output").GetString(),
            StringComparison.Ordinal);
        var clone = Path.Combine(folder, "clone");
        var url = new Uri(server.Http.BaseAddress!, $"/git/{line.Project}/{name}.git");
        await GitProgram.RunAsync(folder, ["clone", "-q", url.ToString(), clone],
            GitProgram.Credentials(url, line.Key), CancellationToken.None);
        var branch = $"origin/aegis/{run}-line";
        var changed = (await GitAsync(clone, "diff", "--name-status", "origin/main", branch)).Split('\n');
        Assert.Contains("M\tsrc/cart.js", changed);
        Assert.Contains("A\ttest/discount.test.js", changed);
        Assert.DoesNotContain(changed, c => c.EndsWith("test/cart.test.js", StringComparison.Ordinal)
            || c.EndsWith("server.js", StringComparison.Ordinal));
        // a block was replaced, the rest of the file is what it was
        Assert.Contains("5\t1\tsrc/cart.js",
            await GitAsync(clone, "diff", "--numstat", "origin/main", branch), StringComparison.Ordinal);
        Assert.Equal(5, LineDesk.Of(events, "TaskCompleted").Single(e => LineDesk.Step(e) == "tests")
            .GetProperty("outputs").GetProperty("passed").GetInt32());
    }

    [Fact]
    public async Task FullStack_FromOneSentence_IsServedBehindOneAddress()
    {
        var (line, run, name, events) = await FullStackAsync();
        var address = LineDesk.Outputs(events).GetProperty("url").GetString()!;
        var done = LineDesk.Of(events, "TaskCompleted").ToDictionary(LineDesk.Step);
        Assert.DoesNotContain(
            done["container"].GetProperty("outputs").GetProperty("findings").EnumerateArray(),
            f => f.GetProperty("file").GetString() == "compose.yaml"
                || f.GetProperty("severity").GetString() == "error");

        using var http = new HttpClient();
        var page = await http.GetStringAsync(address);
        var script = ScriptAddress().Match(page).Groups[1].Value;
        Assert.Equal("/app.js", script);
        var api = ApiAddress().Match(await http.GetStringAsync(address + script)).Groups[1].Value;
        Assert.Equal("/api/notes", api);
        using var kept = await http.PostAsync(address + api, JsonContent.Create(new { text = "buy bread" }));
        Assert.Equal(HttpStatusCode.Created, kept.StatusCode);
        using var refused = await http.PostAsync(address + api, JsonContent.Create(new { text = "" }));
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        Assert.Equal("""[{"id":1,"text":"buy bread"}]""", await http.GetStringAsync(address + api));
        // the two tasks that need nothing of each other were built in runs of their own, and brought together
        Assert.Equal(["task-backend", "task-frontend", "task-together"],
            LineDesk.Of(events, "ChildRunRequested").Select(LineDesk.Step).Order(StringComparer.Ordinal));

        await StateIsToldAsync(line, run);
        await line.DoAsync("deployments", "stop", name);
    }

    [Fact]
    [Trait("Category", "Slow")]
    public async Task FullStack_InABrowser_IsAPageToWriteAndReadOn()
    {
        var (line, _, name, events) = await FullStackAsync();
        await using var person = new PageVisitor(LineDesk.Outputs(events).GetProperty("url").GetString()!);
        Assert.Equal(Notes(), await person.OpenAsync());
        Assert.Equal("New note", (await person.PressAsync("Tab")).Focus);
        // nothing to keep: the browser itself asks for words
        Assert.Equal(Notes() with { Focus = "New note" }, await person.PressAsync("Enter"));
        await person.TypeAsync("buy bread");
        Assert.Equal("Keep note", (await person.PressAsync("Tab")).Focus);
        Assert.Equal(Notes("buy bread") with { Focus = "New note" }, await person.PressAsync("Space"));
        Assert.Equal(Notes("buy bread"), await person.ReloadAsync());

        const string Markup = "<img src='http://elsewhere.example/a.png' onerror=ran('img')>"
            + "<script>ran('script')</script>";
        await person.PressAsync("Tab");
        await person.TypeAsync(Markup);
        var shown = await person.PressAsync("Enter");
        Assert.Equal(Notes(Markup, "buy bread") with { Focus = "New note" }, shown);
        shown = await person.ReloadAsync();
        Assert.Equal(Notes(Markup, "buy bread"), shown);
        // the same letters run and go elsewhere where they become a part of a page, and that would be seen
        var bare = (await person.BareAsync(Markup)).Bare.Split('\n');
        Assert.Equal(["ran: img", "ran: script", "request: http://elsewhere.example/a.png"],
            bare.Where(b => !b.StartsWith("console: ", StringComparison.Ordinal)));
        await DownAndUpAsync(line, name, person);
        await line.DoAsync("deployments", "stop", name);
    }

    /// <summary>What was typed while nothing answers stays, and is kept when something does.</summary>
    private static async Task DownAndUpAsync(LineDesk line, string name, PageVisitor person)
    {
        await line.DoAsync("deployments", "stop", name);
        await person.PressAsync("Tab");
        await person.TypeAsync("call home");
        var told = await person.PressAsync("Enter");
        Assert.Contains("- textbox \"New note\": call home\n", told.Body, StringComparison.Ordinal);
        Assert.Contains("- alert: The notes cannot be reached (no answer). Try again in a moment.\n",
            told.Body, StringComparison.Ordinal);
        await line.DoAsync("deployments", "start", name);
        var kept = await person.PressAsync("Enter");
        Assert.Contains("- status: 3 notes\n", kept.Body, StringComparison.Ordinal);
        Assert.Contains("- listitem: call home\n", kept.Body, StringComparison.Ordinal);
        Assert.DoesNotContain("- alert", kept.Body, StringComparison.Ordinal);
        Assert.Equal("console: Failed to load resource: net::ERR_CONNECTION_REFUSED", kept.Wrong);
    }

    /// <summary>The page as it is read with these notes, the newest first.</summary>
    private static PageSight Notes(params string[] notes) => new("Notes", string.Join('\n',
    [
        "- main:",
        "  - heading \"Notes\" [level=1]",
        "  - text: New note",
        "  - textbox \"New note\"",
        "  - button \"Keep note\"",
        "  - paragraph: Up to 500 characters. Everybody who opens this page can read it.",
        $"  - status: {notes.Length switch { 0 => "No notes yet.", 1 => "1 note", var n => $"{n} notes" }}",
        $"  - list \"Notes, newest first\"{(notes.Length > 0 ? ":" : "")}",
        .. notes.Select(n => $"    - listitem: {n}"),
    ]), "", "", "");

    /// <summary>The sample's run, deployed.</summary>
    private async Task<(LineDesk Line, string Run, string Name, IReadOnlyList<JsonElement> Events)>
        FullStackAsync()
    {
        var line = await LineDesk.OpenAsync(server, Path.Combine(Line, "fullstack"));
        var name = $"notes{Guid.NewGuid():N}"[..12];
        var (run, _) = await line.BeginAsync("A page on which notes are written and read", new { name });
        await server.EventsUntilAsync(run, line.Key, seen => seen.Any(e =>
            e.GetProperty("type").GetString() is "ApprovalRequested" or "RunFailed"));
        await line.DoAsync("approve", run, "deploy");
        return (line, run, name, await server.EndedAsync(run, line.Key));
    }

    /// <summary>Document 0's record, by its names.</summary>
    private async Task StateIsToldAsync(LineDesk line, string run)
    {
        var (status, state, _) = await server.SendAsync("GET", $"/v1/runs/{run}/state", null, line.Key);
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal(("Notes", 3, 0, "clean"), (
            state.GetProperty("spec_document").GetProperty("title").GetString(),
            state.GetProperty("current_plan").GetArrayLength(), state.GetProperty("retry_count").GetInt32(),
            state.GetProperty("build_status").GetString()));
        Assert.Single(state.GetProperty("code_diffs").EnumerateArray());
        Assert.Equal(JsonValueKind.Array, state.GetProperty("security_vaccines").ValueKind);
        var agents = state.GetProperty("messages").EnumerateArray()
            .Select(m => m.GetProperty("agent").GetString()).Distinct().ToList();
        Assert.Equal(["architect", "builder", "builder-backend", "builder-frontend", "operator",
            "prompt-engineer", "visionary"], agents.Order(StringComparer.Ordinal));
        Assert.Equal("prompt-engineer", agents[0]);
    }

    private static void CopyTree(string from, string to)
    {
        foreach (var file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
    }

    private static async Task<string> GitAsync(string at, params string[] words) =>
        (await GitProgram.RunAsync(at, words, CancellationToken.None)).Trim();

    [GeneratedRegex("<script type=\"module\" src=\"([^\"]+)\">", RegexOptions.CultureInvariant)]
    private static partial Regex ScriptAddress();

    [GeneratedRegex("run_[0-9a-z]+", RegexOptions.CultureInvariant)]
    private static partial Regex RunId();

    [GeneratedRegex("const API = '([^']+)'", RegexOptions.CultureInvariant)]
    private static partial Regex ApiAddress();
}
