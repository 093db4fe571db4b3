using System.Text.Json;
using Aegis.Core.Deployments.Sites;
using Aegis.Core.Errors;
using Aegis.Gate;
using Aegis.Tools.Deploy;
using Aegis.Tools.Shell;
using Aegis.Tests.Shared;
using Aegis.Tools.Tests.Support;

namespace Aegis.Tools.Tests.Deploy;

/// <summary>A site from a real sandbox into a store of others.</summary>
public sealed class DeployStaticTests : IAsyncLifetime
{
    private const string Hashed = "assets/app-3f9a1c2b7d.js";

    private const string First = $$"""
        mkdir -p dist/assets dist/docs && cd dist && printf 'one' > {{Hashed}}
        printf '<script src="{{Hashed}}"></script>one' > index.html; printf 'docs' > docs/index.html
        : > empty.txt; printf 'ñ' > 'añb c+d.txt'; head -c 70000 /dev/zero > assets/zero.bin
        """;

    private S3Server store = null!;
    private AttemptGate gate = null!;
    private readonly List<string> wanted = [];

    public async Task InitializeAsync()
    {
        store = await S3Server.StartAsync();
        gate = await AttemptGate.OpenAsync(parts => parts with { Secret = SecretAsync });
    }

    public async Task DisposeAsync()
    {
        await gate.DisposeAsync();
        await store.DisposeAsync();
    }

    [Fact]
    public async Task Site_IsPut_Updated_Pruned_AndRolledBack()
    {
        var first = await DeployAsync("a", First);
        Assert.Equal((6, 6, 0), (Int(first, "files"), Int(first, "sent"), Int(first, "unchanged")));
        var puts = store.Asked().Where(r => r.StartsWith("PUT", StringComparison.Ordinal)).ToList();
        var pages = puts.FindIndex(r => r.Contains("/docs/index.html", StringComparison.Ordinal));
        Assert.True(puts.FindLastIndex(r => r.Contains("/contents/", StringComparison.Ordinal)
                && !r.EndsWith("copy", StringComparison.Ordinal)) < puts.FindIndex(r => r.EndsWith("copy",
                    StringComparison.Ordinal)), string.Join('\n', puts));
        Assert.True(puts.FindIndex(r => r.Contains(Hashed, StringComparison.Ordinal)) < pages
            && puts[pages + 1].StartsWith("PUT /site/www/index.html", StringComparison.Ordinal)
            && puts[pages + 2].Contains("/releases/", StringComparison.Ordinal)
            && puts[^1].EndsWith("current.json", StringComparison.Ordinal), string.Join('\n', puts));
        await ServesAsync("index.html", $"<script src=\"{Hashed}\"></script>one", "text/html; charset=utf-8",
            "no-cache");
        await ServesAsync(Hashed, "one", "text/javascript; charset=utf-8",
            "public, max-age=31536000, immutable");
        await ServesAsync("a%C3%B1b%20c%2Bd.txt", "ñ", "text/plain; charset=utf-8", "public, max-age=300");
        await ServesAsync("empty.txt", "", "text/plain; charset=utf-8", "public, max-age=300");
        Assert.Equal(new byte[70_000], await new HttpClient().GetByteArrayAsync(Live("assets/zero.bin")));

        // the same again sends nothing and puts nothing
        var again = await DeployAsync("b", First);
        Assert.Equal((0, 6), (Int(again, "sent"), Int(again, "unchanged")));
        Assert.DoesNotContain(store.Asked(), r => r.EndsWith("copy", StringComparison.Ordinal));

        var second = await DeployAsync("c", First
            + $"\nprintf 'two' > index.html; rm {Hashed}; printf 'new' > assets/app-99c1c2b7d1.js");
        Assert.Equal((2, 4, 1, 0), (Int(second, "sent"), Int(second, "unchanged"), Int(second, "left"),
            Int(second, "removed")));
        await ServesAsync(Hashed, "one", "text/javascript; charset=utf-8",
            "public, max-age=31536000, immutable");
        var pruned = await DeployAsync("d", First
            + $"\nprintf 'two' > index.html; rm {Hashed}; printf 'new' > assets/app-99c1c2b7d1.js",
            new { prune = true });
        Assert.Equal((1, 0), (Int(pruned, "removed"), Int(pruned, "left")));
        Assert.Equal(404, await StatusAsync(Hashed));

        var back = await CallAsync("e", null, new { action = "rollback" });
        Assert.Equal(first.GetProperty("release").GetString(), back.GetProperty("release").GetString());
        Assert.Equal(0, Int(back, "sent"));
        await ServesAsync("index.html", $"<script src=\"{Hashed}\"></script>one", "text/html; charset=utf-8",
            "no-cache");
        await ServesAsync(Hashed, "one", "text/javascript; charset=utf-8",
            "public, max-age=31536000, immutable");
        Assert.Equal(["accessKey", "secretKey"], wanted.Distinct());
    }

    [Fact]
    public async Task Plan_SaysWhatWouldChange_AndChangesNothing()
    {
        var plan = await CallAsync("a", First, new { action = "plan" });
        Assert.Equal((6, 6), (Int(plan, "send"), Int(plan, "put")));
        Assert.Contains($"put {Hashed} (3 bytes)",
            plan.GetProperty("changes").EnumerateArray().Select(l => l.GetString()));
        Assert.DoesNotContain(store.Asked(), r => r.StartsWith("PUT", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Keep_Bounds_WhatStays()
    {
        var releases = new List<string>();
        for (var i = 0; i < 4; i++)
        {
            var done = await DeployAsync(
                $"s{i}", $"mkdir dist; printf '{i}' > dist/index.html", new { keep = 2 });
            releases.Add(done.GetProperty("release").GetString()!);
        }
        var gone = await FailAsync("x", null, new { action = "rollback", release = releases[1] });
        Assert.Equal("AEGIS2666", gone.Code);
        var back = await CallAsync("y", null, new { action = "rollback", release = releases[2] });
        Assert.Equal(releases[2], back.GetProperty("release").GetString());
        await ServesAsync("index.html", "2", "text/html; charset=utf-8", "no-cache");
    }

    [Fact]
    public async Task StoreThatDies_ShowsTheOldSite_AndTheRetrySendsTheRest()
    {
        await DeployAsync("a", First);
        await store.EndAsync();
        await using (var dying = await S3Server.StartAsync(store, writes: 1))
        {
            var error = await FailAsync("b", Second, new { });
            Assert.Equal("AEGIS2677", error.Code);
            await dying.EndAsync();
            store = await S3Server.StartAsync(dying);
            // shown as it was: no half of the new one
            await ServesAsync("index.html", $"<script src=\"{Hashed}\"></script>one",
                "text/html; charset=utf-8", "no-cache");
            Assert.Equal(404, await StatusAsync("assets/more.js"));
            var done = await DeployAsync("c", Second);
            Assert.True(Int(done, "sent") is 1 or 2, done.GetRawText());
            await ServesAsync("index.html", "second", "text/html; charset=utf-8", "no-cache");
            await ServesAsync("assets/more.js", "more", "text/javascript; charset=utf-8",
                "public, max-age=300");
        }
    }

    private const string Second =
        "mkdir -p dist/assets; printf second > dist/index.html; printf more > dist/assets/more.js";

    [Theory]
    [InlineData("ln -s /etc/passwd dist/x.txt", "AEGIS2674", "SymbolicLink")]
    [InlineData("mkfifo dist/x", "AEGIS2674", "Fifo")]
    [InlineData("mkdir -p dist/.aegis/a; printf x > dist/.aegis/a/current.json", "AEGIS2674", ".aegis")]
    [InlineData("printf x > dist/$'a\\nb'", "AEGIS2674", "control")]
    [InlineData("printf x > dist/$'a\\xff'", "AEGIS2674", "UTF-8")]
    [InlineData("rmdir dist", "AEGIS2111", "dist")]
    [InlineData("true", "AEGIS2674", "no files")]
    public async Task WhatIsNoSite_IsRefused_BeforeAnythingIsSent(string script, string code, string says)
    {
        var error = await FailAsync("a", $"mkdir dist; {script}", new { });
        Assert.Equal(code, error.Code);
        Assert.Contains(says, $"{error.Message} {error.Got}");
        Assert.Empty(store.Asked());
    }

    [Theory]
    [InlineData("seq -f dist/f%g {0} | xargs touch", SiteLimits.FilesMax)]
    [InlineData("truncate -s {0} dist/big", SiteLimits.FileBytesMax)]
    public async Task Site_IsTakenUpToTheLimit(string script, long max)
    {
        async Task<ToolResult> PlanAsync(string step, long n) => await RunAsync(step,
            "mkdir dist; " + script.Replace("{0}", $"{n}", StringComparison.Ordinal),
            new { action = "plan" });
        var taken = await PlanAsync("a", max);
        Assert.True(taken.Ok, taken.Error?.ToString());
        Assert.Equal("AEGIS2674", (await PlanAsync("b", max + 1)).Error?.Code);
    }

    [Fact]
    public async Task WhatOthersPutThere_IsTheirs()
    {
        await DeployAsync("a", First);
        using var http = new HttpClient();
        foreach (var path in new[] { "docs/index.html", "theirs.txt" })
        {
            using var put = await http.PutAsync(Live(path), new StringContent("theirs"));
            Assert.Equal(200, (int)put.StatusCode);
        }
        var away = await DeployAsync("b", Second, new { prune = true });
        Assert.Equal((4, 0), (Int(away, "removed"), Int(away, "left")));
        Assert.Equal("theirs", await http.GetStringAsync(Live("docs/index.html")));
        Assert.Equal("theirs", await http.GetStringAsync(Live("theirs.txt")));
    }

    [Fact]
    public async Task WrongKeys_AndNoBucket_SaySo_WithoutASecret()
    {
        var wrong = await FailAsync("a", First, Keys("wrongKey"));
        Assert.Equal(("AEGIS2675", "InvalidAccessKeyId"), (wrong.Code, wrong.Got));
        var nowhere = await FailAsync("b", First, new { bucket = "nowhere" });
        Assert.Equal("AEGIS2676", nowhere.Code);
        var none = await FailAsync("c", First, Keys("none"));
        Assert.Equal("AEGIS2662", none.Code);
        Assert.DoesNotContain("not-there", JsonSerializer.Serialize(new[] { wrong, nowhere, none }));
    }

    [Fact]
    public async Task HostOutsideOfThePolicy_IsRefused()
    {
        var error = await FailAsync("a", First, new { }, allow: "127.0.0.1:9");
        Assert.Equal("AEGIS2161", error.Code);
        Assert.Empty(store.Asked());
    }

    [Theory]
    [InlineData("""{"path":"../../etc"}""", "AEGIS2100")]
    [InlineData("""{"prefix":"a/../b"}""", "AEGIS2001")]
    [InlineData("""{"prefix":".aegis"}""", "AEGIS2001")]
    [InlineData("""{"endpoint":"http://user:pw@s3.example.com"}""", "AEGIS2160")]
    [InlineData("""{"endpoint":"http://s3.example.com/site"}""", "AEGIS2001")]
    [InlineData("""{"release":"rel_000000000000000000000000"}""", "AEGIS2001")]
    public void Input_ThatIsMalformed_IsRefused(string members, string code)
    {
        var error = new DeployStatic().Check(Input(JsonDocument.Parse(members).RootElement));
        Assert.Equal(code, error?.Code);
    }

    [Fact]
    public void EgressUrl_IsTheHostThatIsConnectedTo()
    {
        var tool = new DeployStatic();
        Assert.Equal($"http://127.0.0.1:{store.Port}/site/", tool.EgressUrl(Input(new { })));
        Assert.Equal("https://site.s3.example.com/", tool.EgressUrl(
            Input(new { endpoint = "https://s3.example.com", addressing = "virtual" })));
    }

    private static object Keys(string access) =>
        new { credentials = new { access_key = access, secret_key = "secretKey" } };

    private Task<JsonElement> DeployAsync(string step, string script, object? more = null) =>
        CallAsync(step, script, more ?? new { });

    private async Task<JsonElement> CallAsync(string step, string? script, object more)
    {
        var result = await RunAsync(step, script, more);
        Assert.True(result.Ok, result.Error?.ToString());
        return result.Outputs!.Value;
    }

    private async Task<AegisError> FailAsync(string step, string? script, object more, string? allow = null)
    {
        try
        {
            var result = await RunAsync(step, script, more, allow);
            Assert.False(result.Ok);
            return result.Error!;
        }
        catch (AegisException e)
        {
            return e.Error;
        }
    }

    private async Task<ToolResult> RunAsync(string step, string? script, object more, string? allow = null)
    {
        var context = Contexts.Of("run_1", step);
        context = context with
        {
            Policy = context.Policy with { EgressAllow = [allow ?? $"127.0.0.1:{store.Port}"] },
        };
        (Tool, object)[] calls = [(new DeployStatic(), Input(more))];
        if (script is not null)
        {
            var quoted = script.Replace("'", "'\\''", StringComparison.Ordinal);
            calls = [(new ShellExec(), new { cmd = $"bash -c '{quoted}'" }), .. calls];
        }
        var (_, results) = await gate.AttemptAsync(context, [], calls);
        Assert.True(script is null || results[0].Ok, results[0].Text);
        return results[^1];
    }

    private JsonElement Input(object more)
    {
        var all = JsonSerializer.SerializeToNode(new
        {
            name = "web", endpoint = store.Address.GetLeftPart(UriPartial.Authority), bucket = "site",
            prefix = "www", credentials = new { access_key = "accessKey", secret_key = "secretKey" },
        })!.AsObject();
        foreach (var (name, value) in JsonSerializer.SerializeToNode(more)!.AsObject())
        {
            all[name] = value?.DeepClone();
        }
        return JsonSerializer.SerializeToElement(all);
    }

    private ValueTask<string?> SecretAsync(SecretAsk ask, CancellationToken cancel)
    {
        wanted.Add(ask.Name);
        Assert.Equal("127.0.0.1", ask.Target?.Host);
        return ValueTask.FromResult(ask.Name switch
        {
            "accessKey" or "secretKey" => S3Server.Key,
            "wrongKey" => "not-there",
            _ => null,
        });
    }

    private Uri Live(string path) => new($"{store.Address}site/www/{path}");

    private async Task ServesAsync(string path, string body, string type, string cache)
    {
        using var http = new HttpClient();
        using var answer = await http.GetAsync(Live(path));
        Assert.Equal((200, body, type, cache), ((int)answer.StatusCode,
            await answer.Content.ReadAsStringAsync(), answer.Content.Headers.ContentType?.ToString(),
            answer.Headers.CacheControl?.ToString() is { } said ? Plain(answer, said) : null));
    }

    // as it was sent: the parsed header has another order
    private static string Plain(HttpResponseMessage answer, string parsed) =>
        answer.Headers.NonValidated.TryGetValues("Cache-Control", out var values)
            ? string.Join(", ", values) : parsed;

    private async Task<int> StatusAsync(string path)
    {
        using var http = new HttpClient();
        using var answer = await http.GetAsync(Live(path));
        return (int)answer.StatusCode;
    }

    private static int Int(JsonElement outputs, string name) => outputs.GetProperty(name).GetInt32();
}
