using System.Globalization;
using System.Text.Json;
using Aegis.Cli.Screen;
using Aegis.Client;

namespace Aegis.Server.Tests;

/// <summary>What <c>aegis runs show</c> says below its table.</summary>
public sealed class TaskErrorsTests
{
    [Fact]
    public void Error_IsShownWhole_AfterAnEmptyLine() =>
        Assert.Equal(["", "gate: AEGIS2101: no", "  expected: exit code 0", "  got: exit code 1",
            "  mend: aegis logs run_1 gate", ""],
            Shown(Failed("gate", "no", "exit code 0", "exit code 1", "aegis logs RUN STEP"),
                Failed("fine", null)));

    [Fact]
    public void Group_ThatOnlyRepeatsItsItem_IsLeftToTheItem() =>
        Assert.Equal(["", "test.2: AEGIS2101: no", "", "test.3: AEGIS2101: neither", ""],
            Shown(Failed("test", "test.2: no"), Failed("test.2", "no"), Failed("test.3", "neither")));

    [Theory]
    [InlineData(TaskErrors.ErrorsMax, 0)]
    [InlineData(TaskErrors.ErrorsMax + 1, 1)]
    public void Errors_BeyondTheLimit_AreCounted(int failed, int more)
    {
        var lines = Shown([.. Enumerable.Range(0, failed).Select(n => Failed($"s{n}", "no"))]);
        Assert.Equal(TaskErrors.ErrorsMax, lines.Count(l => l.EndsWith(": no", StringComparison.Ordinal)));
        Assert.Equal(more > 0, lines.Contains($"and {more} more: --json has them all"));
    }

    private static string[] Shown(params TaskDetail[] tasks)
    {
        using var output = new StringWriter(CultureInfo.InvariantCulture);
        var at = DateTimeOffset.UnixEpoch;
        TaskErrors.Write(output, new RunDetail("run_1", "plan_1", "w", "failed", null, "me", tasks.Length,
            tasks.Length, 0, at, at, null, tasks));
        return output.ToString().Split('\n');
    }

    private static TaskDetail Failed(string step, string? message, string? expected = null,
        string? got = null, string? mend = null) => new($"task_{step}", step, "shell.exec", "failed", 1, null,
            null, 1, message is null ? null : JsonSerializer.SerializeToElement(
                new { code = "AEGIS2101", message, expected, got, mend }), null, null, null, []);
}
