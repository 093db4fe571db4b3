using System.ComponentModel.DataAnnotations;
using Aegis.Core.Runs.Children;
using Aegis.Gate;
using Aegis.Tools.Shell;
using Aegis.Tools.Tests;

namespace Aegis.Tools.Repair;

/// <param name="Framework">As of tests.run.</param>
/// <param name="Max">How often a model is asked.</param>
/// <param name="Ask">Ask a human for one more try when all are spent.</param>
/// <param name="Model">An alias of the profile.</param>
public sealed record FixInput(
    [property: RegularExpression(TestsRun.Frameworks,
        ErrorMessage = "framework is one of " + TestsRun.Frameworks)]
    string? Framework = null,
    [property: Range(1, FixTool.TriesMax)] int Max = FixTool.TriesMax,
    bool Ask = false,
    [property: RegularExpression("[A-Za-z0-9._-]{1,64}",
        ErrorMessage = "model is an alias of the profile: letters, digits and . _ -")]
    string Model = "reasoning");

/// <summary>Repairs the run's repository by a run of the workflow <c>fix</c>, the project's own where it has
/// one, and ends with it.</summary>
public sealed class FixTool : Tool<FixInput>
{
    public const int TriesMax = 3;

    public override ToolDescriptor Descriptor { get; } = new("fix", "tools:fix", ToolEffect.Pure,
        "Repairs a repository whose tests fail, and offers what works as a pull request.", RunsInline: true)
    {
        NeedsRun = true,
    };

    protected override ValueTask<ToolResult> InvokeAsync(FixInput input, Execution execution,
        CancellationToken cancel) => ValueTask.FromResult(new ToolResult(true,
            Child: new ChildRequest("fix", ToolJson.Element(input), null, null)));
}
