using System.Collections.Immutable;
using Aegis.Sandbox.Tests.Egress;
using Aegis.Tests.Shared;

namespace Aegis.Sandbox.Tests.Kinds;

/// <summary>A runner with two images: Debian's static busybox alone, and packages of Debian.</summary>
public sealed class ContainerFixture : IAsyncLifetime, IProxiedFixture
{
    private readonly string home = Directory.CreateTempSubdirectory("aegis-container-tests-").FullName;

    public Aegis.Processes.ProcessLauncher Launcher { get; } = new();

    public SandboxRunner Runner { get; private set; } = null!;

    public string Home => home;

    public SandboxOptions Options { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        var images = Path.Combine(home, "images");
        Directory.CreateDirectory(images);
        await new ImageShelf(images).AddAsync("busybox",
            LayoutWriter.OfBusybox(Path.Combine(home, "layout")).Write());
        var debian = await LayoutWriter.OfDebianAsync(Path.Combine(home, "debian"), Launcher,
            "bash", "curl", "openssl", "perl-base");
        await new ImageShelf(images).AddAsync("debian", debian.Write());
        Options = new SandboxOptions { ImagesFolder = images };
        Runner = await SandboxRunner.CreateAsync(Options, Launcher);
    }

    public async Task DisposeAsync()
    {
        var room = await Runner.RoomAsync(default);
        await room.RunAsync("rm -rf -- \"$1\"", [home], null, Stream.Null, default);
        await Runner.DisposeAsync();
        Launcher.Dispose();
    }

    public static SandboxSpec Spec(params string[] argv) => new("test", [.. argv], "/work",
        ImmutableSortedDictionary<string, string>.Empty, null, [], SandboxFixture.Limits)
    {
        Kind = SandboxKind.Container,
        Image = "busybox",
    };

    public SandboxSpec Proxied(params string[] argv) => Spec(argv) with { Image = "debian" };

    public Task<Ran> RunAsync(params string[] argv) => SandboxFixture.RunAsync(Runner, Spec(argv));
}

[CollectionDefinition("container")]
public sealed class ContainerCollection : ICollectionFixture<ContainerFixture>;
