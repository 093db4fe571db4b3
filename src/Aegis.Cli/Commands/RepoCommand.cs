using System.CommandLine;
using Aegis.Cli.Git;
using Aegis.Client;

namespace Aegis.Cli.Commands;

/// <summary><c>aegis repo list|create|import</c>: the project's repositories at the local forge.</summary>
internal static class RepoCommand
{
    private static readonly Argument<string> Name = new("NAME") { Description = "The repository's name." };
    private static readonly Argument<string> Folder = new("PATH") { Description = "A local git repository." };
    private static readonly Option<string?> As =
        new("--name") { Description = "Default: the folder's name." };

    public static Command Build(CommandDesk desk) => new("repo", "The project's repositories.")
    {
        desk.Online(new Verb("list", "List repositories.",
            "aegis repo list"), async (client, parsed, cancel) =>
        {
            var found = await client.ListRepositoriesAsync(cancel);
            if (desk.WantsJson(parsed))
            {
                desk.Terminal.Json(found, ClientJson.Default.ListingRepository);
                return ExitCode.Ok;
            }
            desk.Terminal.Table(["NAME", "DEFAULT BRANCH", "CLONE URL"],
                found.Items.Select(r => new[] { r.Name, r.DefaultBranch ?? "(empty)", r.CloneUrl }));
            return ExitCode.Ok;
        }),
        desk.Online(
            new Verb("create", "Create an empty repository.",
                "aegis repo create shop") { Name }, async (client, parsed, cancel) =>
        {
            var made = await client.CreateRepositoryAsync(parsed.GetRequiredValue(Name), cancel);
            Show(desk, parsed, made);
            return ExitCode.Ok;
        }),
        desk.Online(new Verb("import", "Push every branch and tag of a local repository.",
            "aegis repo import ./shop",
            "aegis repo import ./shop --name store") { Folder, As },
            async (client, parsed, cancel) =>
            {
                var local = await LocalRepository.OpenAsync(parsed.GetRequiredValue(Folder), null, cancel);
                var target = await RepositoryPush.PushAsync(client, desk.Connect().Key, local,
                    parsed.GetValue(As) ?? local.Name, everything: true, cancel);
                Show(desk, parsed, target);
                return ExitCode.Ok;
            }),
    };

    private static void Show(CommandDesk desk, ParseResult parsed, Repository made)
    {
        if (desk.WantsJson(parsed))
        {
            desk.Terminal.Json(made, ClientJson.Default.Repository);
            return;
        }
        desk.Terminal.Out.WriteLine($"{made.Name}  {made.CloneUrl}");
    }
}
