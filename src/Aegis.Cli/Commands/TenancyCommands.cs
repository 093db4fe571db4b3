using System.CommandLine;
using Aegis.Client;

namespace Aegis.Cli.Commands;

/// <summary><c>aegis tenant …</c> and <c>aegis project …</c>.</summary>
internal static class TenancyCommands
{
    private static readonly Argument<string> Id = new("ID")
    {
        Description = "1 to 64 characters of [A-Za-z0-9._-], the first a letter or digit.",
    };

    public static Command Tenant(CommandDesk desk) =>
        new("tenant", "Tenants; for the installation's operator.")
    {
        desk.Online(new Verb("list", "List tenants.",
            "aegis tenant list"), async (client, parsed, cancel) =>
        {
            var found = await client.ListTenantsAsync(cancel);
            if (desk.WantsJson(parsed))
            {
                desk.Terminal.Json(found, ClientJson.Default.ListingTenant);
                return ExitCode.Ok;
            }
            desk.Terminal.Table(["TENANT", "TIER", "CREATED"], found.Items.Select(t => new[]
            {
                t.Id, t.Tier ?? "", $"{t.CreatedAt:yyyy-MM-dd HH:mm:ss}",
            }));
            return ExitCode.Ok;
        }),
        desk.Online(new Verb("create", "Create a tenant, its project default and its key.",
            "aegis tenant create acme") { Id },
            async (client, parsed, cancel) =>
            {
                var made = await client.CreateTenantAsync(parsed.GetRequiredValue(Id), cancel);
                if (desk.WantsJson(parsed))
                {
                    desk.Terminal.Json(made, ClientJson.Default.CreatedTenant);
                    return ExitCode.Ok;
                }
                desk.Terminal.Out.WriteLine($"tenant {made.Tenant}, project {made.Project}");
                desk.Terminal.Out.WriteLine($"key {made.Key}  (shown only now)");
                return ExitCode.Ok;
            }),
    };

    public static Command Project(CommandDesk desk) => new("project", "Projects of the tenant.")
    {
        desk.Online(new Verb("list", "List projects.",
            "aegis project list"), async (client, parsed, cancel) =>
        {
            var found = await client.ListProjectsAsync(cancel);
            if (desk.WantsJson(parsed))
            {
                desk.Terminal.Json(found, ClientJson.Default.ListingProject);
                return ExitCode.Ok;
            }
            desk.Terminal.Table(["PROJECT", "CREATED"],
                found.Items.Select(p => new[] { p.Id, $"{p.CreatedAt:yyyy-MM-dd HH:mm:ss}" }));
            return ExitCode.Ok;
        }),
        desk.Online(new Verb("create", "Create a project.",
            "aegis project create web") { Id }, async (client, parsed, cancel) =>
        {
            var made = await client.CreateProjectAsync(parsed.GetRequiredValue(Id), cancel);
            desk.Terminal.Out.WriteLine($"project {made.Id}");
            return ExitCode.Ok;
        }),
    };
}
