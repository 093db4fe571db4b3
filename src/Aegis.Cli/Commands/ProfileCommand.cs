using System.CommandLine;
using Aegis.Client;

namespace Aegis.Cli.Commands;

/// <summary><c>aegis profile set|show</c>: the project's models and rehearsals.</summary>
internal static class ProfileCommand
{
    private const int FileBytesMax = 1 << 20;

    private static readonly Argument<string> File = new("FILE") { Description = "The profile, a YAML file." };

    private static readonly Argument<string[]> Others = new("FILES")
    {
        Description = "Further files that go with it, beside the rehearsal that the profile names.",
        Arity = ArgumentArity.ZeroOrMore,
    };

    private static readonly Option<string?> Reason = new("--reason")
    {
        Description = "Why the Auditor's rules change, where they do.", HelpName = "TEXT",
    };

    public static Command Build(CommandDesk desk) => new("profile", "The project's profile.")
    {
        desk.Online(new Verb("set", "Store a new version of the profile.",
            "aegis profile set profile.yaml",
            "aegis profile set profile.yaml rehearsal.yaml",
            "aegis profile set profile.yaml --reason \"the trial has ended\"") { File, Others, Reason },
            async (client, parsed, cancel) =>
            {
                var path = parsed.GetRequiredValue(File);
                var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
                var yaml = Files.ReadText(path, FileBytesMax);
                var files = (parsed.GetValue(Others) ?? []).Select(Path.GetFullPath)
                    .Concat(Named(yaml).Select(name => Path.Combine(folder, name))).Distinct().ToDictionary(
                    name => Path.GetRelativePath(folder, name), name => Files.ReadText(name, FileBytesMax));
                var stored = await client.SetProfileAsync(new SetProfile(
                    yaml, files, parsed.GetValue(Reason)), cancel);
                desk.Terminal.Out.WriteLine($"profile version {stored.Version}");
                return ExitCode.Ok;
            }),
        desk.Online(new Verb("show", "Show the newest version.",
            "aegis profile show"), async (client, parsed, cancel) =>
        {
            var profile = await client.GetProfileAsync(cancel);
            if (desk.WantsJson(parsed))
            {
                desk.Terminal.Json(profile, ClientJson.Default.Profile);
                return ExitCode.Ok;
            }
            desk.Terminal.Out.WriteLine($"# version {profile.Version}, by {profile.CreatedBy}");
            desk.Terminal.Out.WriteLine(profile.Yaml.TrimEnd());
            foreach (var name in profile.Files.Keys.Order(StringComparer.Ordinal))
            {
                desk.Terminal.Out.WriteLine($"# file {Terminal.Visible(name)}");
            }
            return ExitCode.Ok;
        }),
    };

    /// <summary>The rehearsal that the profile names, which lies beside it. The server reads the YAML; here
    /// one line is enough.</summary>
    private static IEnumerable<string> Named(string yaml) => yaml.Split('\n')
        .Where(line => line.StartsWith("rehearsal:", StringComparison.Ordinal))
        .Select(line => line["rehearsal:".Length..].Split(" #")[0].Trim().Trim('"', '\''))
        .Where(name => name.Length > 0 && !Path.IsPathRooted(name));
}
