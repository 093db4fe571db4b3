using System.Net;
using System.Text.Json;
using Aegis.Processes;
using Aegis.Sandbox;
using Aegis.Server.Tests.Support;
using Aegis.Tests.Shared;

namespace Aegis.Server.Tests;

/// <summary>The way out of the kinds that a profile may demand, in the product as it is.</summary>
[Trait("Category", "Slow")]
public sealed class EgressKindTests : IAsyncLifetime
{
    private const string Value = EgressRoom.SecretValue;
    private readonly EgressRoom room = new();
    private readonly ProcessLauncher launcher = new();

    public Task InitializeAsync() => room.InitializeAsync();

    public async Task DisposeAsync()
    {
        await room.DisposeAsync();
        launcher.Dispose();
    }

    [Theory]
    [InlineData("namespace", "{kind: namespace}", "own network namespace")]
    [InlineData("container", "{kind: container, image: debian}", "own network namespace")]
    [InlineData("microvm", "{kind: microvm}", "one network card")]
    public async Task Run_OfAKind_ReachesWhatIsAllowed_AndItsFactsStandInTheLedger(
        string kind, string sandbox, string wall)
    {
        await PrepareAsync(kind);
        await room.ProfileAsync($"egress_opens_tls: true\nsandbox: {sandbox}");
        var (set, _, _) = await room.Server.SendAsync("PUT", "/v1/secrets/api-token",
            JsonSerializer.Serialize(new { value = Value }));
        Assert.Equal(HttpStatusCode.OK, set);
        await room.Server.SendAsync("POST", "/v1/secrets/api-token:bind",
            JsonSerializer.Serialize(new { hosts = new[] { room.Bound } }));
        const string curl = "curl -s --noproxy '' -H 'X-Key: ${{ secrets.api-token }}'";
        var (text, returned) = await room.WorkflowAsync(
            $"{curl} https://{room.Bound}/; {curl} http://{room.Plain}/; {curl} http://denied.example/");
        Assert.Contains($"X-Key: {Value}\r\n", Assert.Single(room.Tls.Heads), StringComparison.Ordinal);
        Assert.Matches("X-Key: aegis-secret-[0-9a-f]{32}\r\n", Assert.Single(room.Open.Asked).Head);
        Assert.Contains($"X-Key: {new string('*', Value.Length)}", text, StringComparison.Ordinal);
        Assert.Contains("hello{\"code\":\"AEGIS2161\"", text, StringComparison.Ordinal);
        Assert.Contains(returned.GetProperty("walls").EnumerateArray().Select(line => line.GetString()!),
            line => line.Contains(wall, StringComparison.Ordinal)
                && line.Contains("out of it only by the egress proxy (2 entries)", StringComparison.Ordinal));
        string[] expected =
        [
            $"CONNECT localhost:{room.Tls.Port} ", "GET denied.example:80 AEGIS2161",
            $"GET localhost:{room.Open.Port} ", $"GET localhost:{room.Tls.Port} ",
        ];
        Assert.Equal(expected.Order(StringComparer.Ordinal), returned.GetProperty("egress")
            .EnumerateArray().Select(fact => $"{fact.GetProperty("method")} {fact.GetProperty("host")}:"
                + $"{fact.GetProperty("port")} {(fact.TryGetProperty("denied", out var code) ? code : "")}")
            .Order(StringComparer.Ordinal));
        Assert.Contains("\"purpose\":\"egress\"", await room.Server.UntilAsync(
            "SELECT convert_from(payload, 'UTF8') FROM events e JOIN streams s USING (stream_key) "
            + "WHERE s.stream_id = 'secret/api-token' AND e.type = 'SecretUsed'"), StringComparison.Ordinal);
    }

    /// <summary>What an operator does on a node before a profile can name the kind.</summary>
    private async Task PrepareAsync(string kind)
    {
        var home = room.Server.Home;
        if (kind == "container")
        {
            var image = await LayoutWriter.OfDebianAsync(Path.Combine(room.Folder, "layout"), launcher,
                "bash", "curl");
            await new ImageShelf(Directory.CreateDirectory(Path.Combine(home, "images")).FullName)
                .AddAsync("debian", image.Write());
        }
        else if (kind == "microvm")
        {
            await new MicrovmPreparation(launcher, Path.Combine(home, "microvm")).PrepareAsync(
                KernelFolder.Path, ["bash", "curl"]);
        }
    }
}
