using System.Collections.Immutable;

namespace Aegis.Sandbox.Kinds.Namespace;

/// <summary>Namespaces over the host's own system folders: see <see cref="SandboxCommand"/>.</summary>
internal sealed class NamespaceKind(SandboxRunner runner, SandboxOptions options) : ISandboxKind
{
    public SandboxKind Kind => SandboxKind.Namespace;

    public async Task<ImmutableArray<WallRecord>> EnterAsync(CancellationToken cancel) =>
        await SandboxProbe.EnterAsync(runner, (await runner.RoomAsync(cancel)).HasSubuids, cancel);

    public ImmutableArray<WallRecord> WallsOf(SandboxSpec spec, ImmutableArray<WallRecord> entered) =>
        WallTable.For(entered, spec, options, runner.Groups);

    public async Task<SandboxOutcome> RunAsync(SandboxSpec spec, SandboxIo io,
        ImmutableArray<WallRecord> entered, CancellationToken cancel)
    {
        var enclosure = spec.DataFolder is { } data ? new Enclosure
        {
            Folders = [new RoomFolder(data, SandboxSpec.DataPath, Writable: true)],
        } : null;
        var outcome = await runner.EncloseAsync(spec, io, enclosure, cancel);
        return outcome with { Walls = WallsOf(spec, entered) };
    }
}
