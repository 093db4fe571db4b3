using System.CommandLine;
using Aegis.Cli.Locks;
using Aegis.Client;

namespace Aegis.Cli.Commands;

/// <summary><c>aegis lock acquire|renew|release|list|run</c>: locks of the project for what is no run.
/// </summary>
internal static class LockCommand
{
    private const int TtlSeconds = 60;
    private const int RunWaitSeconds = 300;

    private static readonly Argument<string[]> Resources = new("RESOURCE")
    {
        Description = "What to lock; several are taken together.",
        Arity = ArgumentArity.OneOrMore,
    };

    private static readonly Argument<string> Resource = new("RESOURCE") { Description = "What to lock." };

    private static readonly Argument<string> Id = new("LOCK") { Description = "As lock list shows it." };

    private static readonly Argument<string[]> Words = new("COMMAND")
    {
        Description = "The program and its arguments, behind --.",
        Arity = ArgumentArity.OneOrMore,
    };

    private static readonly Option<string[]> Also = new("--also")
    {
        Description = "A further resource, taken together with it; may be given again.",
        HelpName = "RESOURCE",
    };

    private static readonly Option<int?> Ttl = new("--ttl")
    {
        Description = $"Seconds until it ends unless it is renewed; {TtlSeconds} unless said.",
        HelpName = "SECONDS",
    };

    private static readonly Option<int?> Wait = new("--wait")
    {
        Description = "Seconds to wait for its turn; not at all unless said.",
        HelpName = "SECONDS",
    };

    private static readonly Option<int?> RunWait = new("--wait")
    {
        Description = $"Seconds to wait for its turn; {RunWaitSeconds} unless said.",
        HelpName = "SECONDS",
    };

    private static readonly Option<string?> Holder = new("--holder")
    {
        Description = "Who is shown to those that wait; user@host unless said.",
        HelpName = "NAME",
    };

    public static Command Build(CommandDesk desk) => new("lock", "Locks of the project for what is no run.")
    {
        desk.Online(new Verb("acquire", "Lock resources for a time.",
            "aegis lock acquire staging --ttl 120 --wait 60") { Resources, Ttl, Wait, Holder },
            async (client, parsed, cancel) =>
            {
                var held = await client.AcquireLockAsync(new LockResources(
                    parsed.GetRequiredValue(Resources), HolderOf(parsed), parsed.GetValue(Ttl),
                    parsed.GetValue(Wait)), cancel);
                return Said(desk, parsed, held);
            }),
        desk.Online(new Verb("renew", "Hold a lock for longer.",
            "aegis lock renew lock_5f0c2a9e81b7d364ca10 --ttl 300") { Id, Ttl },
            async (client, parsed, cancel) => Said(desk, parsed, await client.RenewLockAsync(
                parsed.GetRequiredValue(Id), parsed.GetValue(Ttl), cancel))),
        desk.Online(new Verb("release", "Give a lock back.",
            "aegis lock release lock_5f0c2a9e81b7d364ca10") { Id }, async (client, parsed, cancel) =>
        {
            await client.ReleaseLockAsync(parsed.GetRequiredValue(Id), cancel);
            return ExitCode.Ok;
        }),
        desk.Online(new Verb("list", "List locks and who waits for them, runs too.", "aegis lock list"),
            async (client, parsed, cancel) => List(desk, parsed, await client.ListLocksAsync(cancel))),
        desk.Online(new Verb("run", "Hold a lock while a command runs here; its exit code.",
            "aegis lock run staging -- ./deploy.sh", "aegis lock run staging --also db -- make migrate")
        {
            Resource, Words, Also, Ttl, RunWait, Holder,
        }, (client, parsed, cancel) => RunAsync(desk, client, parsed, cancel)),
    };

    private static async Task<int> RunAsync(
        CommandDesk desk, AegisClient client, ParseResult parsed, CancellationToken cancel)
    {
        string[] resources = [parsed.GetRequiredValue(Resource), .. parsed.GetValue(Also) ?? []];
        var held = await client.AcquireLockAsync(new LockResources(resources, HolderOf(parsed),
            parsed.GetValue(Ttl) ?? TtlSeconds, parsed.GetValue(RunWait) ?? RunWaitSeconds), cancel);
        return await new LockedProgram(desk, client, held).RunAsync(
            parsed.GetRequiredValue(Words), desk.WantsJson(parsed), cancel);
    }

    private static string HolderOf(ParseResult parsed) =>
        parsed.GetValue(Holder) ?? $"{Environment.UserName}@{Environment.MachineName}";

    private static int Said(CommandDesk desk, ParseResult parsed, HeldLock held) =>
        desk.Write(parsed, held, ClientJson.Default.HeldLock, Terminal.Visible(
            $"{held.LockId} holds {string.Join(", ", held.Resources)} until {held.ExpiresAt:HH:mm:ss}, "
            + $"token {held.FencingToken}"));

    private static int List(CommandDesk desk, ParseResult parsed, Listing<ProjectLock> found)
    {
        if (desk.WantsJson(parsed))
        {
            desk.Terminal.Json(found, ClientJson.Default.ListingProjectLock);
            return ExitCode.Ok;
        }
        desk.Terminal.Table(["LOCK", "RESOURCES", "STATUS", "HOLDER", "TOKEN", "SINCE", "UNTIL"],
            found.Items.Select(l => new[]
            {
                l.LockId ?? "", string.Join(", ", l.Resources),
                l.Position is { } place ? $"{l.Status} {place}" : l.Status,
                l.Holder ?? $"{l.RunId} {l.StepId}", $"{l.FencingToken}",
                $"{l.GrantedAt ?? l.RequestedAt:yyyy-MM-dd HH:mm:ss}", $"{l.ExpiresAt:HH:mm:ss}",
            }));
        return ExitCode.Ok;
    }
}
