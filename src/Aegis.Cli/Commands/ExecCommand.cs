using System.CommandLine;
using System.Text.Json.Nodes;
using Aegis.Cli.Git;
using Aegis.Cli.Terminals;
using Aegis.Client;

namespace Aegis.Cli.Commands;

/// <summary><c>aegis exec</c>: a command line in the sandbox, its output as it comes, its exit
/// code.</summary>
internal static class ExecCommand
{
    private static readonly Argument<string[]> Line = new("COMMAND")
    {
        Description = "The command line, behind --; several words are joined by blanks.",
        Arity = ArgumentArity.OneOrMore,
    };

    private static readonly Option<string?> Cwd = new("--cwd")
    {
        Description = "A folder of the sandbox, or of this machine: then its repository's commits go along.",
        HelpName = "FOLDER",
    };

    private static readonly Option<bool> Pty = new("--pty", "-t")
    {
        Description = "At a terminal of its own, with this one in front of it.",
    };

    private static readonly Option<string?> Timeout = new("--timeout")
    {
        Description = "How long it may take, such as 90s or 15m.",
        HelpName = "DURATION",
    };

    public static Command Build(CommandDesk desk) => desk.Online(new Verb("exec",
        "Run a command line in the sandbox.",
        "aegis exec --cwd . -- \"git status\"", "aegis exec --pty -- \"vim notes.md\"")
    {
        Line, Cwd, RpcVerb.Repo, RpcVerb.Ref, Pty, Timeout,
    }, (client, parsed, cancel) => ActAsync(desk, client, parsed, cancel));

    private static async Task<int> ActAsync(
        CommandDesk desk, AegisClient client, ParseResult parsed, CancellationToken cancel)
    {
        var (cwd, given) = (parsed.GetValue(Cwd), parsed.GetValue(RpcVerb.Repo));
        if (given is null && cwd is not null && IsHere(cwd))
        {
            (given, cwd) = (cwd, null);
        }
        var source = await SourceRepository.OfAsync(
            desk, client, given, parsed.GetValue(RpcVerb.Ref), cancel);
        var members = new JsonObject { ["cmd"] = string.Join(' ', parsed.GetRequiredValue(Line)) };
        Put(members, "cwd", cwd);
        Put(members, "repo", source.Name);
        Put(members, "ref", source.Branch);
        Put(members, "timeout", parsed.GetValue(Timeout));
        if (!parsed.GetValue(Pty))
        {
            return await RpcVerb.CallAsync(desk, client, parsed, "exec", members, cancel);
        }
        using var terminal = new AttachedTerminal(desk, client);
        return await terminal.RunAsync("pty.open", members, types: true, cancel);
    }

    internal static void Put(JsonObject members, string name, string? value)
    {
        if (value is not null)
        {
            members[name] = value;
        }
    }

    // a folder of the sandbox begins with /work; a repository that lies here is meant
    private static bool IsHere(string folder) =>
        !folder.StartsWith("/work", StringComparison.Ordinal)
        && !folder.StartsWith("/app/workplace", StringComparison.Ordinal)
        && Directory.Exists(Path.Combine(folder, ".git"));
}
