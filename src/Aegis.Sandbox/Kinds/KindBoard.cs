using System.Collections.Concurrent;
using System.Collections.Immutable;
using Aegis.Core.Errors;
using Aegis.Sandbox.Kinds.Container;
using Aegis.Sandbox.Kinds.Microvm;
using Aegis.Sandbox.Kinds.Namespace;

namespace Aegis.Sandbox.Kinds;

/// <summary>The kinds of a node. A kind is entered once before its first command (namespaces when the server
/// starts); what was found then stands in the record of each command. A kind that could not be entered is
/// tried again: what was missing may be there by now.</summary>
internal sealed class KindBoard
{
    private const string NotAskedFor = "absent: not asked for";

    private readonly SandboxRunner runner;
    private readonly SandboxOptions options;
    private readonly ImmutableArray<ISandboxKind> kinds;
    private readonly ConcurrentDictionary<SandboxKind, Lazy<Task<ImmutableArray<WallRecord>>>> entered = [];

    public KindBoard(SandboxRunner runner, SandboxOptions options)
    {
        (this.runner, this.options) = (runner, options);
        kinds = [new NamespaceKind(runner, options), new ContainerKind(runner, options),
            new MicrovmKind(runner, options)];
    }

    public async Task<SandboxOutcome> RunAsync(SandboxSpec spec, SandboxIo io, CancellationToken cancel)
    {
        var kind = kinds.Single(k => k.Kind == spec.Kind);
        var found = await EnteredAsync(kind).WaitAsync(cancel);
        RequireWalls(spec, kind.WallsOf(spec, found));
        return await kind.RunAsync(spec, io, found, cancel);
    }

    public async Task<SandboxReport> ExamineAsync(CancellationToken cancel)
    {
        var reports = ImmutableArray.CreateBuilder<KindReport>();
        foreach (var kind in kinds)
        {
            reports.Add(await ExamineAsync(kind, cancel));
        }
        return new SandboxReport(Environment.UserName, reports.ToImmutable());
    }

    private async Task<KindReport> ExamineAsync(ISandboxKind kind, CancellationToken cancel)
    {
        try
        {
            var found = await EnteredAsync(kind).WaitAsync(cancel);
            var walls = kind.WallsOf(new SandboxSpec("doctor", ["true"], "/work",
                ImmutableSortedDictionary<string, string>.Empty, null, [], SandboxLimits.Default)
            {
                Kind = kind.Kind,
            }, found);
            return new KindReport(kind.Kind.Name(), true, [.. walls.Select(Report)], null, null);
        }
        catch (AegisException e)
        {
            return new KindReport(kind.Kind.Name(), false, [],
                $"{e.Error.Message}: expected {e.Error.Expected}; got {e.Error.Got}", e.Error.Mend);
        }
    }

    private static WallReport Report(WallRecord wall)
    {
        var weaker = wall.Mechanism.StartsWith("single-uid", StringComparison.Ordinal);
        return new WallReport(wall.Wall, wall.Mechanism, wall.Present,
            WallMends.Always.Contains(wall.Wall),
            wall.Mechanism != NotAskedFor && (!wall.Present || weaker) ? WallMends.Of(wall.Wall).Mend : null);
    }

    /// <summary>What the command demands must be there; what the operator demands, where the command asks
    /// for it at all.</summary>
    private void RequireWalls(SandboxSpec spec, ImmutableArray<WallRecord> walls)
    {
        foreach (var wall in walls.Where(w => !w.Present && (spec.RequiredWalls.Contains(w.Wall)
            || (options.RequiredWalls.Contains(w.Wall) && w.Mechanism != NotAskedFor))))
        {
            var (wanted, mend) = WallMends.Of(wall.Wall);
            throw SandboxErrors.WallMissing(wall.Wall, wanted, wall.Mechanism, mend);
        }
        foreach (var name in spec.RequiredWalls.Where(name => walls.All(w => w.Wall != name)))
        {
            var (wanted, mend) = WallMends.Of(name);
            throw SandboxErrors.WallMissing(name, wanted,
                $"absent: the kind {spec.Kind.Name()} has no such wall here", mend);
        }
    }

    private Task<ImmutableArray<WallRecord>> EnteredAsync(ISandboxKind kind)
    {
        if (kind.Kind == SandboxKind.Namespace)
        {
            return Task.FromResult(runner.Walls);
        }
        // not under the caller's cancellation: others wait for the same
        var entry = entered.GetOrAdd(kind.Kind, _ => new(() => kind.EnterAsync(CancellationToken.None)));
        if (entry.IsValueCreated && entry.Value.IsCompleted && !entry.Value.IsCompletedSuccessfully)
        {
            entered.TryRemove(KeyValuePair.Create(kind.Kind, entry));
            entry = entered.GetOrAdd(kind.Kind, _ => new(() => kind.EnterAsync(CancellationToken.None)));
        }
        return entry.Value;
    }
}
