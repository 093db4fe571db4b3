using System.Text;
using Aegis.Core.Plans;

namespace Aegis.Core.Tests.Plans;

public sealed class DocumentOneTests
{
    [Fact]
    public void Compile_FeatureBranchCi_GivesItsPlanAsItStands()
    {
        var bytes = File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Plans/Samples/feature-branch-ci.yaml"));
        var result = WorkflowCompiler.Compile(bytes, "feature-branch-ci.yaml");
        Assert.Equal("", string.Join("\n", result.Diagnostics));
        Assert.Equal(["plan", "build", "qa", "tests", "pr"], result.Plan!.Tasks.Select(t => t.StepId));
    }
}
