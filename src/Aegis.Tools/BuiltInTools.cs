using Aegis.Gate;
using Aegis.Gate.Federation;
using Aegis.Tools.Artifacts;
using Aegis.Tools.Deploy;
using Aegis.Tools.Deploy.Stacks;
using Aegis.Tools.Files;
using Aegis.Tools.Federation;
using Aegis.Tools.Flow;
using Aegis.Tools.Forge;
using Aegis.Tools.Git;
using Aegis.Tools.Http;
using Aegis.Tools.Knowledge;
using Aegis.Tools.Models;
using Aegis.Tools.Quality;
using Aegis.Tools.Quality.Probe;
using Aegis.Tools.Repair;
using Aegis.Tools.RepoMaps;
using Aegis.Tools.Shell;
using Aegis.Tools.Spawns;
using Aegis.Tools.Terminals;
using Aegis.Tools.Tests;
using Aegis.Tools.Vaccines;

namespace Aegis.Tools;

/// <summary>The tools that every server has.</summary>
public static class BuiltInTools
{
    /// <param name="outside">Those of each project's outside servers.</param>
    /// <param name="more">Tools beside them; names must differ.</param>
    public static ToolCatalogue Catalogue(
        FederatedTools? outside = null, params IEnumerable<Tool> more)
    {
        ToolCatalogue? all = null;
        return all = new ToolCatalogue([.. Tools(), .. more, new ToolsSearch(() => all!)], outside);
    }

    private static Tool[] Tools() =>
    [
        new NoopTool(), new PingTool(), new ShellExec(), new ProcessSpawn(), new TerminalOpen(),
        new FileRead(), new FileWrite(), new FileList(), new FileSearch(),
        new FilePatch(), new FileRestore(), new RepoMapTool(), new RepairApply(), new FixTool(),
        new GitClone(), new GitStatus(), new GitDiff(), new GitBranch(), new GitCommit(),
        new GitMerge(),
        new GitPush(), new PullRequestCreate(), new PullRequestComment(), new PullRequestMerge(),
        new RepositoryIssueComment(), new CommitStatus(), new CheckRunCreate(), new CheckRunUpdate(),
        new LlmChat(), new LlmEmbed(), new LlmTranscribe(), new TestsRun(), new QaReview(), new AuditScan(),
            new AuditProbe(),
        new PlanExtend(),
        new WorkflowRun(), new HttpFetch(), new HttpRequest(),
        new ArtifactPutTool(), new ArtifactGetTool(), new McpRefresh(), new DeployProcess(),
        new DeployStatic(), new DeployTerraform(), new DeployPulumi(),
        new DeployContainer(), new ProjectCheckTool(), new ProjectScaffoldTool(),
        new VaccineMintTool(), new VaccineSearchTool(), new VaccineReportTool(),
        new KnowledgeSearchTool(),
    ];
}
