using System.CommandLine;
using Aegis.Client;

namespace Aegis.Cli.Commands;

/// <summary><c>aegis key create|list|revoke</c>.</summary>
internal static class KeyCommand
{
    private static readonly Argument<string> Name = new("NAME") { Description = "What the key is for." };
    private static readonly Argument<string> KeyId =
        new("KEY_ID") { Description = "As aegis key list shows it." };

    private static readonly Option<string[]> Scope = new("--scope", "-s")
    {
        Description = "A scope, such as runs:* or repo:read; may be given again.",
        Required = true,
    };

    private static readonly Option<bool> TenantWide = new("--tenant-wide")
    {
        Description = "For every project of the tenant; else for the current one only.",
    };

    public static Command Build(CommandDesk desk) => new("key", "API keys.")
    {
        desk.Online(new Verb("create", "Create a key; it is shown once.",
            "aegis key create ci --scope runs:write --scope runs:read") { Name, Scope, TenantWide },
            (client, parsed, cancel) => CreateAsync(desk, client, parsed, cancel)),
        desk.Online(new Verb("list", "List keys.",
            "aegis key list"), (client, parsed, cancel) =>
            ListAsync(desk, client, parsed, cancel)),
        desk.Online(new Verb("revoke", "End a key.",
            "aegis key revoke key_01J8") { KeyId }, async (client, parsed, cancel) =>
        {
            await client.RevokeKeyAsync(parsed.GetRequiredValue(KeyId), cancel);
            return ExitCode.Ok;
        }),
    };

    private static async Task<int> CreateAsync(CommandDesk desk, AegisClient client, ParseResult parsed,
        CancellationToken cancel)
    {
        var project = parsed.GetValue(TenantWide) ? null : client.ProjectId ?? "default";
        var made = await client.CreateKeyAsync(
            new CreateKey(parsed.GetRequiredValue(Name), parsed.GetRequiredValue(Scope), project), cancel);
        if (desk.WantsJson(parsed))
        {
            desk.Terminal.Json(made, ClientJson.Default.CreatedKey);
            return ExitCode.Ok;
        }
        desk.Terminal.Out.WriteLine($"{made.Key}  (shown only now)");
        return ExitCode.Ok;
    }

    private static async Task<int> ListAsync(CommandDesk desk, AegisClient client, ParseResult parsed,
        CancellationToken cancel)
    {
        var found = await client.ListKeysAsync(cancel);
        if (desk.WantsJson(parsed))
        {
            desk.Terminal.Json(found, ClientJson.Default.ListingKeySummary);
            return ExitCode.Ok;
        }
        desk.Terminal.Table(
            ["KEY", "NAME", "PROJECT", "TIER", "SCOPES", "CREATED", "REVOKED"], found.Items.Select(k => new[]
        {
            k.KeyId, k.Name, k.Project ?? "(all)", k.Tier ?? "", string.Join(' ', k.Scopes),
            $"{k.CreatedAt:yyyy-MM-dd HH:mm:ss}",
            k.RevokedAt is { } at ? $"{at:yyyy-MM-dd HH:mm:ss}" : "",
        }));
        return ExitCode.Ok;
    }
}
