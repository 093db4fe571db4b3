using System.Collections.Immutable;
using Aegis.Sandbox.Kinds.Microvm;
using Aegis.Sandbox.Tests.Egress;
using Aegis.Tests.Shared;

namespace Aegis.Sandbox.Tests.Kinds;

/// <summary>A folder prepared as set-up does it, with a small system, and a runner over it.</summary>
public sealed class MicrovmFixture : IAsyncLifetime, IProxiedFixture
{
    private readonly Aegis.Processes.ProcessLauncher launcher = new();
    private readonly string home = Directory.CreateTempSubdirectory("aegis-microvm-tests-").FullName;

    public SandboxRunner Runner { get; private set; } = null!;

    public Aegis.Processes.ProcessLauncher Launcher => launcher;

    public string Folder => Path.Combine(home, "vm");

    public string Home => home;

    public SandboxOptions Options { get; private set; } = null!;

    public string Proxy => GuestCard.Proxy;

    public async Task InitializeAsync()
    {
        await new MicrovmPreparation(launcher, Folder).PrepareAsync(KernelFolder.Path,
            ["bash", "curl", "openssl", "perl-base", "tar"]);
        Options = new SandboxOptions { Microvm = new() { Folder = Folder }, TmpInodesMax = 4_096 };
        Runner = await SandboxRunner.CreateAsync(Options, launcher);
    }

    public async Task DisposeAsync()
    {
        var room = await Runner.RoomAsync(default);
        await room.RunAsync("rm -rf -- \"$1\"", [home], null, Stream.Null, default);
        await Runner.DisposeAsync();
        launcher.Dispose();
    }

    public static SandboxSpec Spec(params string[] argv) => new("test", [.. argv], "/work",
        ImmutableSortedDictionary<string, string>.Empty, null, [],
        SandboxFixture.Limits with
        {
            MemoryBytesMax = 192L << 20,
            // an emulated machine takes a minute and more where others work beside it
            WallTimeMax = TimeSpan.FromMinutes(10),
            CpuTimeMax = TimeSpan.FromMinutes(10),
        })
    {
        Kind = SandboxKind.Microvm,
    };

    public SandboxSpec Proxied(params string[] argv) => Spec(argv);
}

[CollectionDefinition("microvm")]
public sealed class MicrovmCollection : ICollectionFixture<MicrovmFixture>;
