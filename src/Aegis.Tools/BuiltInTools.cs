using Aegis.Gate;
using Aegis.Tools.Artifacts;
using Aegis.Tools.Files;
using Aegis.Tools.Flow;
using Aegis.Tools.Forge;
using Aegis.Tools.Git;
using Aegis.Tools.Http;
using Aegis.Tools.Models;
using Aegis.Tools.Quality;
using Aegis.Tools.Shell;
using Aegis.Tools.Spawns;
using Aegis.Tools.Tests;

namespace Aegis.Tools;

/// <summary>The tools that every server has.</summary>
public static class BuiltInTools
{
    public static ToolCatalogue Catalogue() => new(
    [
        new NoopTool(), new PingTool(), new ShellExec(), new ProcessSpawn(),
        new FileRead(), new FileWrite(), new FileList(), new FileSearch(),
        new FilePatch(), new GitClone(), new GitStatus(), new GitDiff(), new GitBranch(), new GitCommit(),
        new GitPush(), new PullRequestCreate(), new PullRequestComment(), new PullRequestMerge(),
        new RepositoryIssueComment(), new CommitStatus(), new CheckRunCreate(), new CheckRunUpdate(),
        new LlmChat(), new TestsRun(), new QaReview(), new PlanExtend(),
        new WorkflowRun(), new HttpFetch(), new HttpRequest(),
        new ArtifactPutTool(), new ArtifactGetTool(),
    ]);
}
