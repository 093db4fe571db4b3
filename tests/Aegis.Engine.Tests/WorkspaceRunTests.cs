using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Aegis.Core;
using Aegis.Core.Errors;
using Aegis.Processes;
using Aegis.Sandbox;
using Aegis.Tests.Shared;

namespace Aegis.Engine.Tests;

/// <summary>Runs whose steps leave files: hashed over real layers, and taken over by a retry.</summary>
public sealed class WorkspaceRunTests(LedgerFixture ledger) : IClassFixture<LedgerFixture>, IAsyncLifetime
{
    private static readonly CancellationToken None = CancellationToken.None;
    private readonly string root = Directory.CreateTempSubdirectory("aegis-engine-tests-").FullName;
    private readonly ProcessLauncher launcher = new();
    private SandboxRunner sandbox = null!;

    public async Task InitializeAsync() =>
        sandbox = await SandboxRunner.CreateAsync(new SandboxOptions(), launcher, None);

    public async Task DisposeAsync()
    {
        await sandbox.DisposeAsync();
        launcher.Dispose();
    }

    [Fact]
    public async Task Hashes_AreOfWhatTheStepSees_AndStayOverADeath()
    {
        var world = World();
        var first = await HostAsync(world);
        var run = await first.StartAsync("  - { id: a, uses: test.write, with: { path: lock, text: one } }\n"
            + "  - { id: b, uses: test.write, with: { path: more, text: two } }\n"
            + "  - { id: c, uses: test.write, if: \"hashFiles('lock') != ''\", "
            + "with: { path: out, text: \"${{ hashFiles('lock', 'more') }}\", waits: true }, "
            + "outputs: { left: \"${{ hashFiles('/work/out') }}\" } }\n"
            + "  - { id: n, uses: flow.noop, if: \"hashFiles('nothing') != ''\" }\n");
        await world.Entered("c");
        await first.AbandonAsync();
        world.Release("c");
        await using var second = await HostAsync(world);
        Assert.Equal("PlanCompleted", await second.EndAsync(run));
        var both = Hash(Hash("one"), Hash("two"));
        var done = (await second.FactsAsync(run, "TaskCompleted"))[^1];
        Assert.Equal(Convert.ToHexStringLower(both), done.GetProperty("output").GetString());
        Assert.Equal(Convert.ToHexStringLower(Hash(Hash(Convert.ToHexStringLower(both)))),
            done.GetProperty("outputs").GetProperty("left").GetString());
        Assert.Equal(["c", "c", "c", "n"], (await second.FactsAsync(run, "FilesHashed"))
            .Select(f => f.GetProperty("step_id").GetString()));
        Assert.Equal("n", (await second.FactsAsync(run, "TaskSkipped"))[0].GetProperty("step_id")
            .GetString());
        await first.DisposeAsync();
    }

    [Fact]
    public async Task Retry_TakesOverFiles_OfARunThatFailed_AndOfItsOwnRetry()
    {
        var world = World();
        await using var host = await HostAsync(world);
        var run = await host.StartAsync("  - { id: a, uses: test.write, with: { path: x, text: one } }\n"
            + "  - { id: g, uses: test.write, foreach: [p, q], with: { path: \"${{ item }}\", text: i } }\n"
            + "  - { id: c, uses: test.write, with: { path: y, text: z, fail_first: 2 } }\n"
            + "  - { id: h, uses: flow.noop, with: { value: \"${{ hashFiles('x', 'p', 'q', 'y') }}\" } }\n");
        Assert.Equal("RunFailed", await host.EndAsync(run));
        var again = await host.Runs.RetryAsync(host.Principal, run, new RetryRequest([]), None);
        Assert.Equal("RunFailed", await host.EndAsync(again));
        var third = await host.Runs.RetryAsync(host.Principal, again, new RetryRequest([]), None);
        Assert.Equal("PlanCompleted", await host.EndAsync(third));
        Assert.Equal((1, 1, 1, 3), (world.Acts["a"], world.Acts["g.0"], world.Acts["g.1"], world.Acts["c"]));
        Assert.Equal(Convert.ToHexStringLower(Hash(Hash("one"), Hash("i"), Hash("i"), Hash("z"))),
            (await host.FactsAsync(third, "TaskCompleted"))[^1].GetProperty("output").GetString());
    }

    [Fact]
    public async Task Retry_WithoutTheFiles_IsRefused()
    {
        await using var host = await HostAsync(World());
        var run = await host.StartAsync("  - { id: a, uses: test.write, with: { path: x, text: one } }\n"
            + "  - { id: b, uses: test.idem, with: { fail_first: 9 } }\n");
        Assert.Equal("RunFailed", await host.EndAsync(run));
        await new Workspaces(root, sandbox).DeleteRunAsync(run.Value);
        var refused = await Assert.ThrowsAsync<AegisException>(
            () => host.Runs.RetryAsync(host.Principal, run, new RetryRequest([]), None).AsTask());
        Assert.Equal("AEGIS5064", refused.Error.Code);
        var whole = await host.Runs.RetryAsync(host.Principal, run, new RetryRequest(["a"]), None);
        Assert.Equal("RunFailed", await host.EndAsync(whole));
    }

    private World World() => new() { Write = WriteAsync };

    // by a command, as every tool does
    private async Task WriteAsync(AttemptWorkspace workspace, string path, string text) =>
        Assert.Equal(0, (await sandbox.RunAsync(new SandboxSpec("test",
            ["sh", "-c", "printf %s \"$1\" > \"$0\"", path, text], "/work",
            ImmutableSortedDictionary<string, string>.Empty, workspace, [], new SandboxLimits(
                null, 64, TimeSpan.FromSeconds(60), 1 << 20, null, TimeSpan.FromSeconds(60))), SandboxIo.None,
            None)).ExitCode);

    private Task<EngineHost> HostAsync(World world) =>
        EngineHost.StartAsync(ledger, world, workspaces: new Workspaces(root, sandbox));

    private static byte[] Hash(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));

    private static byte[] Hash(params byte[][] parts) => SHA256.HashData([.. parts.SelectMany(p => p)]);
}
