namespace Aegis.Attack.Tests.Support;

/// <summary>Two tenants with two projects each, all full. The attacker is acme/web.</summary>
public sealed class WorldFixture : IAsyncLifetime
{
    public AttackFixture Server { get; } = new();

    internal Holding Attacker { get; private set; } = null!;

    /// <summary>Another project of the attacker's own tenant.</summary>
    internal Holding Neighbour { get; private set; } = null!;

    internal Holding Stranger { get; private set; } = null!;

    internal Holding StrangersOther { get; private set; } = null!;

    internal IEnumerable<Holding> Victims => [Neighbour, Stranger, StrangersOther];

    /// <summary>For the whole of the attacker's tenant.</summary>
    internal string WideKey { get; private set; } = "";

    public async Task InitializeAsync()
    {
        await Server.InitializeAsync();
        Attacker = await Holding.MakeAsync(Server, "acme", "web");
        Neighbour = await Holding.MakeAsync(Server, "acme", "other");
        Stranger = await Holding.MakeAsync(Server, "rival", "web");
        StrangersOther = await Holding.MakeAsync(Server, "rival", "lab");
        // nothing is tried again from here on, so that rows rest
        await Server.Ledger.ExecuteAsync("UPDATE webhook_deliveries SET status = 'dead'");
        WideKey = await Server.KeyAsync("acme", null, "admin:*");
    }

    public Task DisposeAsync() => Server.DisposeAsync();
}

[CollectionDefinition(Name)]
public sealed class WorldGroup : ICollectionFixture<WorldFixture>
{
    public const string Name = "world";
}
