using System.Collections.Immutable;
using Aegis.Core;
using Aegis.Core.Errors;
using Aegis.Core.Plans;
using Aegis.Gate.Models;

namespace Aegis.Gate.Tests.Models;

public sealed class KeyringTests
{
    private static readonly Uri Provider = new("https://api.example/v1");
    private static readonly Tenancy Web = new("acme", "web");
    private readonly List<string> asked = [];
    private readonly Dictionary<string, string> stored = [];
    private readonly TurnedClock clock = new();

    [Fact]
    public async Task Key_OfTheCaller_ThenOfTheProject_ThenOfTheTenant()
    {
        var (tenants, projects, own) =
            ("acme/tenant A_API_KEY", "acme/web A_API_KEY", "acme/web user.key_1.A_API_KEY");
        Assert.Null(await FindAsync("key:key_1"));
        Assert.Equal([own, projects, tenants], asked);
        (stored[tenants], stored[projects], stored[own]) = ("t", "p", "u");
        Assert.Equal("u", await FindAsync("key:key_1"));
        Assert.Equal("p", await FindAsync("key:key_2"));
        Assert.Equal("p", await FindAsync("schedule:nightly"));
        stored.Remove(projects);
        Assert.Equal("t", await FindAsync("key:key_2"));
        Assert.Null(await FindAsync("key:key_1", new Tenancy("rival", "web")));
    }

    [Fact]
    public async Task Key_IsRememberedForAWhile_AndSoIsThatThereIsNone()
    {
        var keys = Ring();
        stored["acme/web A_API_KEY"] = "one";
        Assert.Equal("one", await FindAsync("key:k", Web, keys));
        var before = asked.Count;
        stored["acme/web A_API_KEY"] = "two";
        clock.Turn(Keyring.KeptFor - TimeSpan.FromTicks(1));
        Assert.Equal("one", await FindAsync("key:k", Web, keys));
        Assert.Equal(before, asked.Count);
        Assert.Equal("two", await FindAsync("key:other", Web, keys));
        clock.Turn(TimeSpan.FromTicks(1));
        Assert.Equal("two", await FindAsync("key:k", Web, keys));
        // at another address it is another use, which a binding may refuse
        before = asked.Count;
        await FindAsync("key:k", Web, keys, new Uri("https://other.example/v1"));
        Assert.True(asked.Count > before);
    }

    [Fact]
    public async Task KeptMax_IsTheLimit_AndOneMoreStartsAnew()
    {
        var keys = Ring();
        for (var i = 0; i < Keyring.KeptMax; i++)
        {
            await FindAsync($"key:{i}", Web, keys);
        }
        var before = asked.Count;
        await FindAsync("key:0", Web, keys);
        Assert.Equal(before, asked.Count);
        await FindAsync("key:one-more", Web, keys);
        before = asked.Count;
        await FindAsync("key:0", Web, keys);
        Assert.True(asked.Count > before);
    }

    [Theory]
    [InlineData("key:key_1", "user.key_1.A", false)]
    [InlineData("key:key_1", "user.key_12.A", true)]
    [InlineData("key:key_12", "user.key_1.A", true)]
    [InlineData("schedule:user.key_1", "user.key_1.A", true)]
    [InlineData("key:key_1", "user", false)]
    [InlineData("key:key_1", "users.key_2", false)]
    public void Secret_OfAnotherCaller_IsTold(string actor, string secret, bool isOfAnother) =>
        Assert.Equal(isOfAnother, Keyring.IsOfAnother(actor, secret));

    [Fact]
    public void Name_ThatWouldBeTooLong_IsNoSecretsName()
    {
        var longest = new string('A', IdRule.LengthMax - "user.key_1.".Length);
        Assert.Equal($"user.key_1.{longest}", Keyring.OwnName("key:key_1", longest));
        Assert.Null(Keyring.OwnName("key:key_1", longest + "A"));
        Assert.Null(Keyring.OwnName("hook:key_1", "A"));
    }

    private Keyring Ring() => new((ask, _) =>
    {
        var place = $"{ask.Tenancy.Tenant}/{ask.Tenancy.Project} {ask.Name}";
        asked.Add(place);
        Assert.Equal("llm.chat", ask.Use.Purpose);
        return ValueTask.FromResult(stored.GetValueOrDefault(place));
    }, clock);

    private ValueTask<string?> FindAsync(string actor) => FindAsync(actor, Web);

    private ValueTask<string?> FindAsync(
        string actor, Tenancy tenancy, Keyring? keys = null, Uri? address = null) =>
        (keys ?? Ring()).Of(new CallContext(new Principal(actor, tenancy, []), new RunId("run_1"), "ask", 1,
            "run_1.ask.1.1", new PlanPolicy([], [], null, null),
            ImmutableSortedDictionary<string, string>.Empty, null, null, null, DateTimeOffset.MaxValue))!(
            "A_API_KEY", address ?? Provider, CancellationToken.None);

    private sealed class TurnedClock : TimeProvider
    {
        private long ticks;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public void Turn(TimeSpan by) => ticks += by.Ticks;

        public override long GetTimestamp() => ticks;
    }
}
