using System.Net;
using System.Text.Json;
using Aegis.Attack.Tests.Support;
using YamlDotNet.RepresentationModel;

namespace Aegis.Attack.Tests.Malformed;

/// <summary>Malformed workflows and profiles, sent to the server as their author would: each is refused with
/// exactly the errors that its marks name, at exactly their places.</summary>
[Collection(AttackGroup.Name)]
public sealed class MalformedFileTests(AttackFixture server)
{
    private const int CasesMin = 200;
    private const int CodesMin = 60;

    private static readonly Dictionary<string, string> NeverHere = new()
    {
        ["AEGIS1033"] = "inputs come in requests, which have no lines: requests.txt",
        ["AEGIS1034"] = "inputs come in requests, which have no lines: requests.txt",
        ["AEGIS1035"] = "inputs come in requests, which have no lines: requests.txt",
        ["AEGIS1086"] = "of runs that have no files: Aegis.Core.Tests/Runs, Aegis.Engine.Tests",
        ["AEGIS1093"] = "of values that exist while a run runs: Aegis.Core.Tests/Expressions",
        ["AEGIS1094"] = "of values that exist while a run runs: Aegis.Core.Tests/Expressions",
        ["AEGIS1096"] = "YAML has no way to write one; JSON has: requests.txt",
        ["AEGIS1180"] = "of prices, which the profile knows: Aegis.Engine.Tests, CostCapTests",
        ["AEGIS1181"] = "of aegis plan: Aegis.Core.Tests/Plans/Review",
        ["AEGIS1182"] = "of aegis plan: Aegis.Core.Tests/Plans/Review",
        ["AEGIS1183"] = "of aegis plan: Aegis.Core.Tests/Plans/Review",
        ["AEGIS1140"] = "judged by the gate before the call: Aegis.Core.Tests/Policy",
        ["AEGIS1141"] = "judged by the gate before the call: Aegis.Core.Tests/Policy",
        ["AEGIS1142"] = "judged by the gate before the call: Aegis.Core.Tests/Policy",
    };

    private static readonly List<MalformedCase> Workflows =
        [.. new[] { "yaml", "keys", "steps", "triggers", "expressions", "places", "tools", "limits" }
            .SelectMany(Corpus.Read)];

    private static readonly List<MalformedCase> Profiles = [.. Corpus.Read("profiles")];

    [Fact]
    public async Task Workflows_OfTheCorpus_AreRefusedAtTheirPlaces()
    {
        await server.ProjectAsync("corpus", "web");
        var key = await server.KeyAsync("corpus", "web", "admin:*");
        var wrong = new List<string>();
        foreach (var one in Workflows)
        {
            var reply = await server.SendAsync("POST", "/v1/workflows", key, one.Text, "application/yaml");
            wrong.AddRange(Judge(one, reply, "workflow.yaml"));
        }
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    [Fact]
    public async Task Profiles_OfTheCorpus_AreRefusedAtTheirPlaces()
    {
        await server.ProjectAsync("corpus", "profiles");
        var key = await server.KeyAsync("corpus", "profiles", "admin:*");
        var wrong = new List<string>();
        foreach (var one in Profiles)
        {
            var body = JsonSerializer.SerializeToUtf8Bytes(
                new { yaml = System.Text.Encoding.UTF8.GetString(one.Text) });
            var reply = await server.SendAsync("PUT", "/v1/profile", key, body, "application/json");
            wrong.AddRange(Judge(one, reply, "profile.yaml"));
        }
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
        Assert.Equal(HttpStatusCode.NotFound, (await server.SendAsync("GET", "/v1/profile", key)).Status);
    }

    [Fact]
    public void Corpus_IsLargeAndKnowsManyCodes()
    {
        var cases = Workflows.Concat(Profiles).ToList();
        Assert.True(cases.Count >= CasesMin, $"{cases.Count} cases");
        Assert.All(cases, c => Assert.NotEmpty(c.Expected));
        var codes = cases.SelectMany(c => c.Expected).Select(e => e.Code).Distinct().Count();
        Assert.True(codes >= CodesMin, $"{codes} codes with line and column");
    }

    /// <summary>Every code of workflows is provoked, or says here where it is.</summary>
    [Fact]
    public void Corpus_ProvokesEveryCodeOfWorkflows()
    {
        using var reader = new StreamReader(
            typeof(Corpus).Assembly.GetManifestResourceStream("errors.plans")!);
        var yaml = new YamlStream();
        yaml.Load(reader);
        var registered = ((YamlSequenceNode)yaml.Documents[0].RootNode).Cast<YamlMappingNode>()
            .Select(n => ((YamlScalarNode)n["code"]).Value!);
        var provoked = Workflows.SelectMany(c => c.Expected).Select(e => e.Code).ToHashSet();
        Assert.Equal(NeverHere.Keys.Order(), registered.Where(c => !provoked.Contains(c)).Order());
    }

    private static IEnumerable<string> Judge(MalformedCase one, Reply reply, string file)
    {
        if (reply.Code != "AEGIS6040")
        {
            yield return $"{one.Name}: {(int)reply.Status} {reply.Text}";
            yield break;
        }
        var errors = reply.Json.GetProperty("errors").EnumerateArray().ToList();
        var got = errors.Select(e => new Expectation(e.GetProperty("code").GetString()!,
            e.GetProperty("line").GetInt32(), e.GetProperty("column").GetInt32())).ToList();
        if (!got.SequenceEqual(one.Expected))
        {
            yield return $"{one.Name}:\n  expected {string.Join(", ", one.Expected.Select(Shown))}\n  got "
                + string.Join("\n      ", errors.Select(e => e.ToString()));
        }
        foreach (var error in errors.Where(e => e.GetProperty("file").GetString() != file
            || e.GetProperty("message").GetString() is not { Length: > 10 } message
            || message.Contains("System.", StringComparison.Ordinal)
            || (!e.TryGetProperty("expected", out _) && !e.TryGetProperty("mend", out _))))
        {
            yield return $"{one.Name}: says too little, or too much of our own: {error}";
        }
    }

    private static string Shown(Expectation e) => $"{e.Code} {e.Line}:{e.Column}";
}
