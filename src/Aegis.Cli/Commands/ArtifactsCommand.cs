using System.CommandLine;
using System.Text;
using Aegis.Client;

namespace Aegis.Cli.Commands;

/// <summary><c>aegis artifacts [list|show|versions|get|put|link|verify|keys]</c>.</summary>
internal static class ArtifactsCommand
{
    public const int FileBytesMax = 1 << 20;

    private static readonly Argument<string> Id = new("ID") { Description = "The artifact's id." };
    private static readonly Argument<string> File = new("FILE") { Description = "The file to put." };

    private static readonly Option<int?> Version =
        new("--version") { Description = "That version; else the newest.", HelpName = "N" };

    private static readonly Option<string?> Out = new("--out", "-o")
    {
        Description = "Where the file goes; - is stdout. Default: its own name, here.",
        HelpName = "FILE",
    };

    private static readonly Option<string?> Run = new("--run") { Description = "Only what that run made." };
    private static readonly Option<string?> Task =
        new("--task") { Description = "Only what that task made." };
    private static readonly Option<string?> Prefix =
        new("--path") { Description = "Only paths that begin so." };

    private static readonly Option<string?> Status = new("--status")
    {
        Description = "draft, in_progress, in_review, complete, rejected or obsolete.",
    };

    private static readonly Option<int?> Limit = new("--limit", "-n") { Description = "1 to 200." };
    private static readonly Option<string?> As =
        new("--id") { Description = "The artifact's id; else the front matter's, or that of the path." };

    private static readonly Option<string?> Path =
        new("--path") { Description = "The path to put it under; else the file's name." };

    private static readonly Option<string?> Expires =
        new("--expires-in") { Description = "How long the link lives, such as 15m; at most 7d." };

    public static Command Build(CommandDesk desk)
    {
        var command = new Verb("artifacts", "Versioned, signed files of runs and people.", "aegis artifacts")
        {
            List(desk, new Verb("list", "List artifacts, last changed first.", "aegis artifacts list")
                { Run, Task, Prefix, Status, Limit }),
            desk.Online(new Verb("show", "Show a version and its front matter.",
                "aegis artifacts show report --version 2") { Id, Version },
                (client, parsed, cancel) => ShowAsync(desk, client, parsed, cancel)),
            desk.Online(new Verb("versions", "List an artifact's versions, newest first.",
                "aegis artifacts versions report") { Id },
                async (client, parsed, cancel) => Print(desk, parsed,
                    await client.ListArtifactVersionsAsync(parsed.GetRequiredValue(Id), null, cancel))),
            desk.Online(new Verb("get", "Fetch a version's bytes.",
                "aegis artifacts get report --out report.md") { Id, Version, Out },
                (client, parsed, cancel) => GetAsync(desk, client, parsed, cancel)),
            desk.Online(new Verb("put", "Make the next version from a file.", "aegis artifacts put report.md")
                { File, As, Path, Status },
                (client, parsed, cancel) => PutAsync(desk, client, parsed, cancel)),
            desk.Online(new Verb("link", "Make a link that works without a key.",
                "aegis artifacts link report") { Id, Version, Expires },
                (client, parsed, cancel) => LinkAsync(desk, client, parsed, cancel)),
            ArtifactVerification.Build(desk),
            desk.Online(new Verb("keys", "Print the public keys that sign, in PEM.", "aegis artifacts keys"),
                (client, parsed, cancel) => KeysAsync(desk, client, parsed, cancel)),
            Run, Task, Prefix, Status, Limit,
        };
        command.Aliases.Add("artifact");
        return List(desk, command);
    }

    private static Command List(CommandDesk desk, Command command) =>
        desk.Online(command, async (client, parsed, cancel) => Print(desk, parsed,
            await client.ListArtifactsAsync(new ArtifactQuery(parsed.GetValue(Run), parsed.GetValue(Task),
                parsed.GetValue(Prefix), parsed.GetValue(Status), parsed.GetValue(Limit)), cancel)));

    private static int Print(CommandDesk desk, ParseResult parsed, ArtifactPage page)
    {
        if (desk.WantsJson(parsed))
        {
            desk.Terminal.Json(page, ClientJson.Default.ArtifactPage);
            return ExitCode.Ok;
        }
        desk.Terminal.Table(["ARTIFACT", "VERSION", "PATH", "STATUS", "BYTES", "UPDATED", "SIGNER"],
            page.Items.Select(a => new[]
            {
                a.ArtifactId, $"{a.Version}", a.Path, a.Status, $"{a.Bytes}",
                $"{a.UpdatedAt:yyyy-MM-dd HH:mm:ss}", a.Signer,
            }));
        return ExitCode.Ok;
    }

    private static async Task<int> ShowAsync(
        CommandDesk desk, AegisClient client, ParseResult parsed, CancellationToken cancel)
    {
        var found = await client.GetArtifactAsync(
            parsed.GetRequiredValue(Id), parsed.GetValue(Version), cancel);
        if (desk.WantsJson(parsed))
        {
            desk.Terminal.Json(found, ClientJson.Default.ArtifactDetail);
            return ExitCode.Ok;
        }
        foreach (var line in found.FrontMatter.TrimEnd('\n').Split('\n'))
        {
            desk.Terminal.Out.WriteLine(Terminal.Visible(line));
        }
        return ExitCode.Ok;
    }

    /// <summary>The front matter of a file that cannot carry it goes beside it, where <c>artifact verify</c>
    /// looks for it.</summary>
    private static async Task<int> GetAsync(
        CommandDesk desk, AegisClient client, ParseResult parsed, CancellationToken cancel)
    {
        var found = await client.GetArtifactAsync(
            parsed.GetRequiredValue(Id), parsed.GetValue(Version), cancel);
        var (id, version) = (found.Artifact.ArtifactId, found.Artifact.Version);
        if (parsed.GetValue(Out) == "-")
        {
            await using var stdout = Console.OpenStandardOutput();
            await client.DownloadArtifactAsync(id, version, stdout, cancel);
            return ExitCode.Ok;
        }
        var target = parsed.GetValue(Out) ?? System.IO.Path.GetFileName(found.Artifact.Path);
        await Files.WriteAsync(target, file => client.DownloadArtifactAsync(id, version, file, cancel));
        if (!found.Artifact.Document)
        {
            await System.IO.File.WriteAllTextAsync(
                target + ArtifactVerification.Beside, found.FrontMatter, new UTF8Encoding(false), cancel);
        }
        desk.Terminal.Error.WriteLine(Terminal.Visible($"aegis: {id} version {version} is in {target}"));
        return ExitCode.Ok;
    }

    private static async Task<int> PutAsync(
        CommandDesk desk, AegisClient client, ParseResult parsed, CancellationToken cancel)
    {
        var file = parsed.GetRequiredValue(File);
        var bytes = Files.Read(file, FileBytesMax);
        var made = await client.PutArtifactAsync(new PutArtifact(
            parsed.GetValue(Path) ?? System.IO.Path.GetFileName(file),
            ContentBase64: Convert.ToBase64String(bytes), Id: parsed.GetValue(As),
            Status: parsed.GetValue(Status)), cancel);
        if (desk.WantsJson(parsed))
        {
            desk.Terminal.Json(made, ClientJson.Default.Artifact);
            return ExitCode.Ok;
        }
        desk.Terminal.Out.WriteLine($"{made.ArtifactId} version {made.Version}, {made.HashCurr}");
        return ExitCode.Ok;
    }

    private static async Task<int> LinkAsync(
        CommandDesk desk, AegisClient client, ParseResult parsed, CancellationToken cancel)
    {
        var link = await client.LinkArtifactAsync(parsed.GetRequiredValue(Id), parsed.GetValue(Version),
            parsed.GetValue(Expires), cancel);
        if (desk.WantsJson(parsed))
        {
            desk.Terminal.Json(link, ClientJson.Default.ArtifactDownloadLink);
            return ExitCode.Ok;
        }
        desk.Terminal.Out.WriteLine(new Uri(client.Server, link.Path).ToString());
        desk.Terminal.Error.WriteLine(
            $"aegis: works without a key until {link.ExpiresAt:yyyy-MM-dd HH:mm:ss}Z");
        return ExitCode.Ok;
    }

    private static async Task<int> KeysAsync(
        CommandDesk desk, AegisClient client, ParseResult parsed, CancellationToken cancel)
    {
        var found = await client.ListArtifactKeysAsync(cancel);
        if (desk.WantsJson(parsed))
        {
            desk.Terminal.Json(found, ClientJson.Default.ListingArtifactKey);
            return ExitCode.Ok;
        }
        foreach (var key in found.Items)
        {
            desk.Terminal.Out.WriteLine(key.PublicKey);
        }
        return ExitCode.Ok;
    }
}
