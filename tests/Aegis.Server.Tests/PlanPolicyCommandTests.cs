using System.Text.Json;
using Aegis.Cli;

namespace Aegis.Server.Tests;

/// <summary><c>aegis plan</c> with a profile and tiers: what the gate will decide, told without a
/// server.</summary>
public sealed class PlanPolicyCommandTests : IDisposable
{
    private const string Workflow = """
        name: w
        policy: { allow_commands: [git, ls] }
        inputs: { b: { default: dev } }
        steps:
          - { id: list, uses: shell.exec, with: { cmd: ls } }
          - { id: log, uses: shell.exec, with: { cmd: git log } }
          - { id: push, uses: git.push, with: { branch: "${{ inputs.b }}" } }
          - { id: look, uses: git.status }
          - { id: fetch, uses: http.fetch, with: { url: "https://a.b/" } }
        """;

    private const string Profile = """
        policies:
          tools_allowed: [shell, git]
          rules:
            - { id: main, tools: git.push, where: { branch: main }, decision: deny, reason: by requests }
            - { id: look, tools: git.status, decision: ask, reason: somebody looks }
        """;

    private readonly string folder = Directory.CreateTempSubdirectory("aegis-plan-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task Page_TellsWhatIsRefusedAskedAndOpen()
    {
        var (exit, said) = await PlanAsync("--profile", Write("p.yaml", Profile), "--tier", "gratis");
        Assert.Equal(0, exit);
        foreach (var line in (string[])
        [
            "tiers      gratis", "✓ ls  (allow: ls, tier gratis: allow: ls)",
            "✗ git log  (tier gratis: default)", "? rule main  (looks at expressions: asked when it starts)",
            "! git.status  (rule look)", "✗ AEGIS2502: the profile does not allow http.fetch",
            "denied     2 steps will be refused: log, fetch",
            "asks       1 step will wait for a person: look",
        ])
        {
            Assert.Contains(line, said, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Page_WithoutThem_SaysWhatTheWorkflowSays()
    {
        var (_, said) = await PlanAsync();
        Assert.Contains("✓ git log  (allow: git)", said, StringComparison.Ordinal);
        Assert.DoesNotContain("tiers ", said, StringComparison.Ordinal);
        Assert.Contains("denied     1 step will be refused: fetch", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Json_HasTheVerdictOfEachStep()
    {
        var (_, said) = await PlanAsync("--json", "--profile", Write("p.yaml", Profile), "--tier", "gratis");
        var plan = JsonElement.Parse(said);
        Assert.Equal(["allow", "deny", "allow", "ask", "deny"], plan.GetProperty("steps").EnumerateArray()
            .Select(s => s.GetProperty("verdict").GetProperty("decision").GetString()));
        Assert.Equal("""{"decision":"allow","rules":[],"code":null,"message":null,"later":["main"]}""",
            JsonSerializer.Serialize(plan.GetProperty("steps")[2].GetProperty("verdict")));
        Assert.Equal("""["log","fetch"]""", plan.GetProperty("denied").GetRawText());
        Assert.Equal("""["look"]""", plan.GetProperty("asking").GetRawText());
    }

    [Fact]
    public async Task Tiers_OfAnotherFile_AndOnesThatAreNotThere()
    {
        var list = Write("tiers.json", """{ "mine": ["ls"] }""");
        var (_, said) = await PlanAsync("--tier", "mine", "--allowlist", list);
        Assert.Contains("✗ git log  (tier mine: default)", said, StringComparison.Ordinal);
        Assert.Equal(2, (await PlanAsync("--tier", "pro", "--allowlist", list)).Exit);
        Assert.Equal(1, (await PlanAsync("--allowlist", Write("bad.json", """{ "mine": "ls" }"""))).Exit);
    }

    private string Write(string name, string text)
    {
        var path = Path.Combine(folder, name);
        File.WriteAllText(path, text);
        return path;
    }

    private async Task<(int Exit, string Said)> PlanAsync(params string[] options)
    {
        await using var output = new StringWriter();
        await using var error = new StringWriter();
        var exit = await CommandLine.InvokeAsync(["plan", Write("w.yaml", Workflow), .. options],
            new Terminal(output, error, false, 200, name => name == "LANG" ? "C.UTF-8" : null),
            CancellationToken.None);
        return (exit, output.ToString());
    }
}
