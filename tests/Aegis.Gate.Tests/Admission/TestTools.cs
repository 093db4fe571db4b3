using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using Aegis.Core;
using Aegis.Core.Plans;
using Aegis.Core.Policy.Tiers;
using Aegis.Core.Profiles;
using Aegis.Gate.Policies;

namespace Aegis.Gate.Tests.Admission;

/// <param name="Cmd">A command line.</param>
public sealed record TestInput([property: StringLength(100)] string? Cmd = null, string? Url = null,
    string? Branch = null);

/// <summary>Does nothing; takes a command line or an address where the test gives one.</summary>
internal sealed class TestTool(string name, string scope) : Tool<TestInput>
{
    public override ToolDescriptor Descriptor { get; } = new(name, scope, ToolEffect.Pure, "test");

    public override string? CommandLine(JsonElement input) => Member(input, "cmd");

    public override string? EgressUrl(JsonElement input) => Member(input, "url");

    protected override ValueTask<ToolResult> InvokeAsync(TestInput input, Execution execution,
        CancellationToken cancel) => ValueTask.FromResult(new ToolResult(true));

    private static string? Member(JsonElement input, string name) =>
        input.ValueKind == JsonValueKind.Object && input.TryGetProperty(name, out var value)
            && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}

internal static class Given
{
    public static readonly PlanPolicy Nothing = new([], [], null, null);

    public static ToolCatalogue Tools { get; } = new(
    [
        new TestTool("shell.exec", "tools:shell"), new TestTool("git.push", "tools:git"),
        new TestTool("git.status", "tools:git"), new TestTool("http.fetch", "tools:http"),
        new TestTool("ping", "tools:ping"),
    ]);

    public static Principal By(params string[] scopes) =>
        new("key:a", new Tenancy("acme", "web"), [.. scopes]);

    public static JsonElement Input(object input) => JsonSerializer.SerializeToElement(input);

    public static GatePolicy Policy(string yaml, string version = "1", params Tier[] tiers) =>
        Profile("policies: " + yaml, version, tiers);

    public static GatePolicy Profile(string yaml, string version = "1", params Tier[] tiers)
    {
        var read = ProfileParser.Parse(yaml, "profile.yaml");
        Assert.Empty(read.Errors);
        return new GatePolicy(version, read.Value!.Policies,
            [.. tiers.Select((t, i) => new TierGrant(t, i == 0 ? "tenant acme" : "key:a"))]);
    }
}

/// <summary>A clock that stands until it is moved.</summary>
internal sealed class StandingClock : TimeProvider
{
    private DateTimeOffset now = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    public void Move(TimeSpan by) => now += by;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow() => now;

    public override long GetTimestamp() => now.UtcTicks;
}
