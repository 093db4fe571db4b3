using System.Net;
using System.Text.Json;
using Aegis.Sandbox;
using Aegis.Server.Tests.Support;
using Aegis.Tests.Shared;

namespace Aegis.Server.Tests;

/// <summary>A kind or a wall that a profile demands, through the whole product: a run is refused where the
/// host lacks it, and the same run goes through where it is there.</summary>
public sealed class SandboxDemandTests : IAsyncLifetime
{
    private readonly RealServer server = new();

    public Task InitializeAsync() => server.InitializeAsync();

    public Task DisposeAsync() => server.DisposeAsync();

    [Fact]
    public async Task Microvm_ThatIsDemanded_RefusesTheRunUntilItIsThere()
    {
        await ProfileAsync("sandbox: {kind: microvm}");
        var refused = await RunAsync("uname -r");
        Assert.Equal("AEGIS3200", refused.Code);
        Assert.Contains("./aegis sandbox prepare", refused.Mend, StringComparison.Ordinal);
        Assert.False((await DoctorAsync("microvm")).GetProperty("available").GetBoolean());

        var (exit, _, error) = await SandboxProgram.RunAsync(server.Home, "prepare",
            SandboxProgram.KernelRoot, "--packages", "bash,coreutils");
        Assert.True(exit == 0, error);
        var ran = await RunAsync("uname -r");
        Assert.Equal((null, true), (ran.Code, ran.Output?.Contains("cloud", StringComparison.Ordinal)));
        Assert.Contains("a kernel of its own", ran.Walls, StringComparison.Ordinal);
        var now = await DoctorAsync("microvm");
        Assert.True(now.GetProperty("available").GetBoolean(), now.GetRawText());
        Assert.Contains(now.GetProperty("walls").EnumerateArray(), w => w.GetProperty("mechanism")
            .GetString()!.StartsWith("a kernel of its own", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Container_ThatIsDemanded_RefusesTheRunUntilItsImageIsThere()
    {
        await ProfileAsync("sandbox: {kind: container, image: busybox}");
        var refused = await RunAsync("ls -d /secret");
        Assert.Equal("AEGIS3200", refused.Code);
        Assert.Contains("./aegis sandbox image add", refused.Mend, StringComparison.Ordinal);

        // shell.exec is bash's: a shell that calls itself so is enough for this line
        var layout = LayoutWriter.OfBusybox(Path.Combine(server.Home, "layout")).Layer(LayoutWriter.Text(
            "bin/bash", "#!/bin/sh\nexec sh \"$@\"\n"u8.ToArray(), 0x1ED)).Write();
        var (exit, _, error) = await SandboxProgram.RunAsync(server.Home, "image", "add", "busybox", layout);
        Assert.True(exit == 0, error);
        // the image's own folder, which no host shows to a sandbox
        var ran = await RunAsync("ls -d /secret");
        Assert.Equal((null, "/secret\n"), (ran.Code, ran.Output));
        await ProfileAsync("sandbox: {kind: container, image: another}");
        Assert.Equal("AEGIS3202", (await RunAsync("ls -d /secret")).Code);
    }

    [Fact]
    public async Task Wall_ThatIsDemanded_RefusesTheRunWhereTheHostLacksIt()
    {
        Assert.False(AppArmorProfile.IsThere(), "this host has AppArmor's profile: demand another wall");
        await ProfileAsync("sandbox: {walls: [apparmor]}");
        var refused = await RunAsync("echo through");
        Assert.Equal("AEGIS3003", refused.Code);
        Assert.Contains("apparmor_parser", refused.Mend, StringComparison.Ordinal);

        await ProfileAsync("sandbox: {walls: [files, syscalls, network, pids]}");
        var ran = await RunAsync("echo through");
        Assert.Equal((null, "through\n"), (ran.Code, ran.Output));
    }

    [Fact]
    public async Task Doctor_IsForAdministratorsAlone()
    {
        var reader = await server.KeyAsync("acme", "runs:*", "profile:*");
        Assert.Equal(HttpStatusCode.Forbidden,
            (await server.SendAsync("GET", "/v1/sandbox", key: reader)).Status);
        var (status, report, _) = await server.SendAsync("GET", "/v1/sandbox", key: server.RivalKey);
        Assert.Equal((HttpStatusCode.OK, "namespace", true), (status,
            report.GetProperty("kinds")[0].GetProperty("kind").GetString(),
            report.GetProperty("kinds")[0].GetProperty("available").GetBoolean()));
    }

    private async Task<JsonElement> DoctorAsync(string kind) =>
        (await server.SendAsync("GET", "/v1/sandbox")).Body.GetProperty("kinds").EnumerateArray()
            .Single(k => k.GetProperty("kind").GetString() == kind);

    private async Task ProfileAsync(string yaml)
    {
        var (status, body, _) = await server.SendAsync("PUT", "/v1/profile",
            JsonSerializer.Serialize(new { yaml }));
        Assert.True(status is HttpStatusCode.OK or HttpStatusCode.Created, body.GetRawText());
    }

    /// <summary>A workflow's only step as the ledger has it.</summary>
    private async Task<(string? Code, string? Mend, string? Output, string? Walls)> RunAsync(string cmd)
    {
        var workflow = $"""
            name: demand
            policy: {JsonSerializer.Serialize(new { allow_commands = new[] { "uname", "ls", "echo" } })}
            steps:
              - id: act
                uses: shell.exec
                with: {JsonSerializer.Serialize(new { cmd })}
            """;
        var (_, run, _) = await server.SendAsync("POST", "/v1/runs",
            JsonSerializer.Serialize(new { workflow }));
        Assert.True(run.TryGetProperty("run_id", out var id), run.GetRawText());
        var facts = await server.EndedAsync(id.GetString()!);
        var ended = facts.Single(f => f.GetProperty("type").GetString() is "TaskCompleted" or "TaskFailed")
            .GetProperty("payload");
        return ended.TryGetProperty("error", out var error)
            ? (error.GetProperty("code").GetString(), error.GetProperty("mend").GetString(), null, null)
            : (null, null, ended.GetProperty("output").GetString(), facts.Single(f =>
                f.GetProperty("type").GetString() == "ToolReturned").GetProperty("payload").GetRawText());
    }
}
