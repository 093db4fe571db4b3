using System.Collections.Immutable;
using Aegis.Core;
using Aegis.Gate;
using Aegis.Ledger.Tenants;
using Aegis.Models;
using Aegis.Tools.Tests.Support;

namespace Aegis.Tools.Tests.Forge.Remote;

/// <summary>A project whose profile names an outside forge, and the product's own gate with its token in a
/// secret.</summary>
public sealed class RemoteProject(ForgeFixture forge, AttemptGate gate, ModelDoor models, int version)
    : IAsyncDisposable
{
    public const string Secret = "forge-token";

    public static Tenancy Tenancy => ForgeFixture.Acme;

    public AttemptGate Gate => gate;

    /// <param name="token">What the secret holds; null for none.</param>
    public static async Task<RemoteProject> OpenAsync(ForgeFixture forge, string profile, string? token,
        ForgeRules rules)
    {
        var models = new ModelDoor(_ => null);
        var store = new ProfileStore(forge.Ledger.Database);
        var keys = (await forge.Ledger.Tenants.ResolveAsync(Tenancy, CancellationToken.None))!.Value;
        var version = await store.AddAsync(keys, profile, ImmutableSortedDictionary<string, string>.Empty,
            "test", CancellationToken.None);
        var gate = await AttemptGate.OpenAsync(parts => parts with
        {
            Profiles = new ProfileShelf(store, forge.Ledger.Tenants, models),
            Options = parts.Options with { Forges = rules },
            Secret = (ask, _) => ValueTask.FromResult(
                ask.Tenancy == Tenancy && ask.Name == Secret ? token : null),
        });
        return new RemoteProject(forge, gate, models, version);
    }

    public static string Profile(Uri api, Uri git, string repository, string token = "secret: forge-token") =>
        $$"""
        forge:
          kind: github
          base_url: {{api}}
          git_url: {{git}}
          repository: {{repository}}
          token: { {{token}} }
        """;

    public static ForgeRules Allowing(params Uri[] hosts) =>
        new(hosts.Select(h => h.Authority), [], ForgeRules.GitHub, () => null);

    public CallContext Context(string step = "step", RunRepository? repository = null, int attempt = 1) =>
        Contexts.Of("run_1", step, attempt, repository ?? Somewhere, Tenancy) with
        {
            ProfileVersion = version,
        };

    public Task<ToolResult> CallAsync(Tool tool, object input, string step = "step",
        RunRepository? repository = null) => gate.CallAsync(Context(step, repository), tool, input);

    public async ValueTask DisposeAsync()
    {
        await gate.DisposeAsync();
        models.Dispose();
        GC.KeepAlive(forge);
    }

    // the tools of a remote forge read nothing of it
    private static RunRepository Somewhere { get; } =
        new("app", "/nonexistent/app.git", "feature", new string('a', 40), "main");
}
