using Aegis.Core;
using Aegis.Core.Errors;
using Aegis.Gate;
using Aegis.Tools.Shell;

namespace Aegis.Tools.Git;

/// <summary>A bare repository of the run's project on this host, reached through the call's
/// Execution.</summary>
/// <param name="Own">True for the run's own repository, false for another of the same project.</param>
internal sealed record BareRepository(string Name, string Path, string DefaultBranch, bool Own)
{
    /// <summary>The run's repository, or its sibling of that name in the same project.</summary>
    public static BareRepository? Of(CallContext context, string? name, out AegisError? error)
    {
        error = null;
        if (context.Repository is not { } run)
        {
            error = NoneError();
            return null;
        }
        if (name is null || name == run.Name)
        {
            return new BareRepository(run.Name, run.BarePath, run.DefaultBranch, true);
        }
        var sibling = System.IO.Path.Combine(System.IO.Path.GetDirectoryName(run.BarePath)!, name + ".git");
        if (!IdRule.IsValid(name) || !Directory.Exists(sibling))
        {
            error = new AegisError(
                "AEGIS2141", "the project has no such repository", "a repository of this project",
                name.Length <= 64 ? name : name[..64], "list them: aegis repo list");
            return null;
        }
        return new BareRepository(name, sibling, run.DefaultBranch, false);
    }

    public ValueTask<CommandResult> GitAsync(Execution execution, CancellationToken cancel,
        params ReadOnlySpan<string> arguments) => HostGit.RunAsync(execution, Path, cancel, arguments);

    /// <summary>The commit that a name points at, or null.</summary>
    public async ValueTask<string?> ResolveAsync(Execution execution, string name, CancellationToken cancel)
    {
        var result = await GitAsync(execution, cancel, "rev-parse", "--verify", "--quiet", "--end-of-options",
            name + "^{commit}");
        var sha = result.StdoutText.Trim();
        return result.Ok && RefName.IsSha(sha) ? sha : null;
    }

    public ValueTask<string?> BranchAsync(Execution execution, string branch, CancellationToken cancel) =>
        ResolveAsync(execution, $"refs/heads/{branch}", cancel);

    public static AegisError NoneError() => new("AEGIS2130", "the run has no repository",
        "a run started on a repository", null, "start it with a repository: aegis run FILE --repo NAME");

    public static AegisError Failed(string what, CommandResult result) => new("AEGIS2139",
        $"the repository of the forge refused: {what}", null,
        OutputText.LastLine(result) ?? (result.TimedOut ? "the time limit" : $"exit code {result.ExitCode}"));
}
