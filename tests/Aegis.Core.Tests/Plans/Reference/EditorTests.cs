using System.Text.Json;
using Aegis.Tests.Shared;

namespace Aegis.Core.Tests.Plans.Reference;

/// <summary>What editors offer with the schema: asked of yaml-language-server, which VS Code, Neovim and
/// others run.</summary>
public sealed class EditorTests
{
    private const string Head = "name: w\nsteps:\n  - id: a\n    uses: ";

    [Fact]
    public async Task Editor_CompletesExplainsAndMarks()
    {
        var answers = await AskAsync(
            Ask("complete", Head + "shell.exec\n    \n", 4, 4),
            Ask("complete", Head + "\n", 3, 10),
            Ask("complete", Head + "shell.exec\n    with:\n      \n", 5, 6),
            Ask("complete", Head + "flow.noop\n    retry:\n      backoff: \n", 5, 15),
            Ask("complete", "name: w\npolicy:\n  \n", 2, 2),
            Ask("hover", "name: w\npolicy:\n  max_cost_usd: 2\n" + Head[8..] + "flow.noop\n", 2, 5),
            Ask("diagnose", Head + "shell.exec\n    with: { cmd: ls, cwdd: x }\n    retry: 21\nstepz: []\n",
                0, 0),
            Ask("diagnose", Head + "shell.exec\n    with: { cmd: ls }\n", 0, 0));
        Assert.Superset(new HashSet<string> { "with", "if", "needs", "retry", "foreach", "approve" },
            answers[0].ToHashSet());
        Assert.DoesNotContain("id", answers[0]);
        Assert.Contains("shell.exec", answers[1]);
        Assert.Contains("http.fetch", answers[1]);
        Assert.Equal(["cmd", "cwd", "env", "pty", "timeout"], answers[2].Order());
        Assert.Equal(["constant", "exponential", "linear"], answers[3].Order());
        Assert.Equal(["allow_commands", "egress_allow", "max_agents", "max_cost_usd", "max_time_ms"],
            answers[4].Order());
        Assert.Contains("What a run may spend on models.", answers[5][0], StringComparison.Ordinal);
        Assert.Contains("max_cost_usd: 2.50", answers[5][0], StringComparison.Ordinal);
        Assert.Contains("4:21 Property cwdd is not allowed.", answers[6]);
        Assert.Contains("6:0 Property stepz is not allowed.", answers[6]);
        Assert.Contains(answers[6], d => d.StartsWith("5:11 ", StringComparison.Ordinal));
        Assert.Empty(answers[7]);
    }

    private static object Ask(string kind, string text, int line, int character) =>
        new { kind, text, line, character };

    private static async Task<string[][]> AskAsync(params object[] asks)
    {
        var file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, JsonSerializer.Serialize(new
            {
                schema = Path.Combine(GeneratedFile.Root, "contracts/workflow.schema.json"), asks,
            }));
            return JsonSerializer.Deserialize<string[][]>(await NodeProgram.RunAsync("editor.mjs", file))!;
        }
        finally
        {
            File.Delete(file);
        }
    }
}
