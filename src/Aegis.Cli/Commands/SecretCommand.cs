using System.CommandLine;
using System.Text;
using Aegis.Client;

namespace Aegis.Cli.Commands;

/// <summary><c>aegis secret set|list|delete</c>. A value comes from stdin or a file, never from the command
/// line, which other users of the machine can read.</summary>
internal static class SecretCommand
{
    public const int ValueBytesMax = 64 * 1024;

    private static readonly Argument<string> Name = new("NAME") { Description = "The secret's name." };
    private static readonly Option<string?> File = new("--file")
    {
        Description = "Read the value from a file; else from stdin, whose last line break is left out.",
        HelpName = "FILE",
    };

    public static Command Build(CommandDesk desk) => new("secret", "The project's secrets.")
    {
        desk.Online(new Verb("set", "Store a value.",
            "aegis secret set GITHUB_TOKEN --file token.txt",
            "printf %s \"$TOKEN\" | aegis secret set GITHUB_TOKEN") { Name, File }, async (client, parsed,
                cancel) =>
        {
            var value = parsed.GetValue(File) is { } path
                ? Files.ReadText(path, ValueBytesMax)
                : await ReadAsync(desk.Terminal.In, cancel);
            var stored = await client.SetSecretAsync(parsed.GetRequiredValue(Name), value, cancel);
            if (desk.WantsJson(parsed))
            {
                desk.Terminal.Json(stored, ClientJson.Default.Secret);
                return ExitCode.Ok;
            }
            desk.Terminal.Out.WriteLine($"{stored.Name} version {stored.Version}, {stored.Fingerprint}");
            return ExitCode.Ok;
        }),
        desk.Online(new Verb("list", "List names and fingerprints.",
            "aegis secret list"), async (client, parsed, cancel) =>
        {
            var found = await client.ListSecretsAsync(cancel);
            if (desk.WantsJson(parsed))
            {
                desk.Terminal.Json(found, ClientJson.Default.ListingSecret);
                return ExitCode.Ok;
            }
            desk.Terminal.Table(["NAME", "VERSION", "FINGERPRINT", "UPDATED"], found.Items.Select(s => new[]
            {
                s.Name, $"{s.Version}", s.Fingerprint, $"{s.UpdatedAt:yyyy-MM-dd HH:mm:ss}",
            }));
            return ExitCode.Ok;
        }),
        desk.Online(new Verb("delete", "Delete a secret.",
            "aegis secret delete GITHUB_TOKEN") { Name }, async (client, parsed, cancel) =>
        {
            await client.DeleteSecretAsync(parsed.GetRequiredValue(Name), cancel);
            return ExitCode.Ok;
        }),
    };

    private static async Task<string> ReadAsync(TextReader input, CancellationToken cancel)
    {
        var text = new StringBuilder();
        var buffer = new char[4096];
        for (int read; text.Length <= ValueBytesMax && (read = await input.ReadAsync(buffer, cancel)) > 0;)
        {
            text.Append(buffer, 0, read);
        }
        // who types a value, or echoes it, ends the line without meaning it
        var value = text.ToString();
        return value.EndsWith("\r\n", StringComparison.Ordinal) ? value[..^2]
            : value.EndsWith('\n') ? value[..^1] : value;
    }
}
