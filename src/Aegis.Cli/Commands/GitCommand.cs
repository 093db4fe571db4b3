using System.CommandLine;
using System.Text.Json.Nodes;
using Aegis.Cli.Git;
using Aegis.Client;

namespace Aegis.Cli.Commands;

/// <summary><c>aegis git status|diff|pr create</c>: git in the sandbox and pull requests, as calls of
/// tools.</summary>
internal static class GitCommand
{
    private static readonly Option<string?> Base = new("--base")
    {
        Description = "What to compare with, or what to merge into.",
        HelpName = "BRANCH",
    };

    private static readonly Option<string?> Head =
        new("--head") { Description = "The branch with the commits.", HelpName = "BRANCH" };

    private static readonly Option<string> Title =
        new("--title") { Description = "Of the pull request.", Required = true };

    private static readonly Option<string?> Text = new("--body") { Description = "Of the pull request." };

    private static readonly Option<bool> Draft = new("--draft") { Description = "Not to be merged yet." };

    private static readonly Option<bool> Staged =
        new("--staged") { Description = "Compare the index instead of the files." };

    public static Command Build(CommandDesk desk) => new("git", "Git in the sandbox, and pull requests.")
    {
        desk.Online(new Verb("status", "Show what differs from the last commit.",
            "aegis git status --repo shop") { RpcVerb.Repo, RpcVerb.Ref },
            async (client, parsed, cancel) => await RpcVerb.CallAsync(desk, client, parsed, "git.status",
                await MembersAsync(desk, client, parsed, null, cancel), cancel)),
        desk.Online(new Verb("diff", "Show changes as a unified diff.",
            "aegis git diff --repo shop --ref feat/x --base origin/main")
        {
            RpcVerb.Repo, RpcVerb.Ref, Base, Staged,
        }, async (client, parsed, cancel) =>
        {
            var members = await MembersAsync(desk, client, parsed, null, cancel);
            ExecCommand.Put(members, "base", parsed.GetValue(Base));
            members["staged"] = parsed.GetValue(Staged);
            return await RpcVerb.CallAsync(desk, client, parsed, "git.diff", members, cancel);
        }),
        new Command("pr", "Pull requests.")
        {
            desk.Online(new Verb("create", "Open a pull request.",
                "aegis git pr create --repo shop --title \"feat: x\" --base main --head feat/x")
            {
                RpcVerb.Repo, Title, Text, Base, Head, Draft,
            }, async (client, parsed, cancel) =>
            {
                var members = await MembersAsync(desk, client, parsed, parsed.GetValue(Head), cancel);
                members["title"] = parsed.GetRequiredValue(Title);
                ExecCommand.Put(members, "body", parsed.GetValue(Text));
                ExecCommand.Put(members, "base", parsed.GetValue(Base));
                ExecCommand.Put(members, "head", parsed.GetValue(Head));
                members["draft"] = parsed.GetValue(Draft);
                return await RpcVerb.CallAsync(desk, client, parsed, "github.pr.create", members, cancel);
            }),
        },
    };

    /// <summary>Without --repo, the repository of the folder that this runs in.</summary>
    private static async Task<JsonObject> MembersAsync(CommandDesk desk, AegisClient client,
        ParseResult parsed, string? head, CancellationToken cancel)
    {
        var source = await SourceRepository.OfAsync(desk, client, parsed.GetValue(RpcVerb.Repo) ?? ".",
            head ?? Branch(parsed), cancel);
        var members = new JsonObject { ["repo"] = source.Name };
        ExecCommand.Put(members, "ref", source.Branch);
        return members;
    }

    private static string? Branch(ParseResult parsed) =>
        parsed.CommandResult.Command.Options.Contains(RpcVerb.Ref) ? parsed.GetValue(RpcVerb.Ref) : null;
}
