using System.Collections.Immutable;
using System.Text;
using Aegis.Processes;
using Aegis.Sandbox.Tests.Egress;

namespace Aegis.Sandbox.Tests;

/// <summary>One real launcher and runner for all tests, as a server has them, and the same with one wall left
/// down.</summary>
public sealed class SandboxFixture : IAsyncLifetime, IProxiedFixture
{
    private readonly Dictionary<string, SandboxRunner> without = [];
    private readonly SemaphoreSlim gate = new(1);

    public string Home { get; } = Directory.CreateTempSubdirectory("aegis-sandbox-tests-").FullName;
    public ProcessLauncher Launcher { get; } = new();
    public SandboxRunner Runner { get; private set; } = null!;

    public SandboxOptions Options { get; } = new();

    public SandboxSpec Proxied(params string[] argv) => Spec(argv);

    public static SandboxLimits Limits { get; } = new(null, 64, TimeSpan.FromSeconds(20), 16L << 20,
        16L << 20, TimeSpan.FromMinutes(5));

    public async Task InitializeAsync() => Runner = await SandboxRunner.CreateAsync(new SandboxOptions(),
        Launcher);

    public async Task DisposeAsync()
    {
        await Runner.RoomAsync(default).AsTask().ContinueWith(async room =>
            await room.Result.RunAsync("rm -rf -- \"$1\"", [Home], null, Stream.Null, default),
            TaskScheduler.Default).Unwrap();
        foreach (var runner in without.Values.Append(Runner))
        {
            await runner.DisposeAsync();
        }
        Launcher.Dispose();
        gate.Dispose();
    }

    /// <summary>A runner without one wall: the control of a wall's test.</summary>
    public async Task<SandboxRunner> WithoutAsync(string wall)
    {
        await gate.WaitAsync();
        try
        {
            if (!without.TryGetValue(wall, out var runner))
            {
                runner = await SandboxRunner.CreateWithoutAsync(wall, Launcher);
                without.Add(wall, runner);
            }
            return runner;
        }
        finally
        {
            gate.Release();
        }
    }

    public static SandboxSpec Spec(params string[] argv) => new("test", [.. argv], "/work",
        ImmutableSortedDictionary<string, string>.Empty, null, [], Limits);

    public Task<Ran> RunAsync(params string[] argv) => RunAsync(Runner, Spec(argv));

    public static async Task<Ran> RunAsync(SandboxRunner runner, SandboxSpec spec, SandboxIo? io = null)
    {
        var (stdout, stderr) = (new StringBuilder(), new StringBuilder());
        var outcome = await runner.RunAsync(spec, (io ?? SandboxIo.None) with
        {
            OnOutput = (channel, piece) =>
            {
                (channel == OutputChannel.Stdout ? stdout
                    : stderr).Append(Encoding.UTF8.GetString(piece.Span));
                return default;
            },
        });
        return new Ran(outcome, stdout.ToString().TrimEnd(), stderr.ToString().TrimEnd());
    }

    /// <summary>The same act on the host, as the same user, without any wall.</summary>
    public Task<Ran> OnHostAsync(params string[] argv) => OnHostAsync(Launcher, Home, argv);

    public static async Task<Ran> OnHostAsync(ProcessLauncher launcher, string folder, params string[] argv)
    {
        await using var process = await launcher.StartAsync(new ProcessSpec(argv[0], [.. argv[1..]],
            ImmutableSortedDictionary<string, string>.Empty.Add("PATH", "/usr/bin:/bin:/usr/sbin"), folder));
        var stdout = new StreamReader(process.Stdout).ReadToEndAsync();
        var stderr = new StreamReader(process.Stderr).ReadToEndAsync();
        var exit = await process.Exited;
        return new Ran(new SandboxOutcome(exit.ExitCode, exit.Signal, false, default, []),
            (await stdout).TrimEnd(), (await stderr).TrimEnd());
    }
}

/// <summary>A command's end and output.</summary>
public sealed record Ran(SandboxOutcome Outcome, string Stdout, string Stderr)
{
    public int? Exit => Outcome.ExitCode;
}

[CollectionDefinition("sandbox")]
public sealed class SandboxCollection : ICollectionFixture<SandboxFixture>;
