using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Security.Cryptography;
using Aegis.Core;
using Aegis.Core.Deployments;
using Aegis.Sandbox;

namespace Aegis.Engine.Deployments;

/// <summary>The sealed trees of a node. A deployment is to the sandbox what a run is: a folder with layers
/// and a uid of its own. A tree is unpacked inside the walls and sealed as a layer under its content's hash;
/// each start works on a fresh layer above it, which is gone with it; <c>data</c> beside them
/// stays.</summary>
internal sealed class ReleaseShelf(string root, SandboxRunner sandbox)
{
    private const int Attempt = 1;
    private const int SaidBytesMax = 4_096;
    private readonly ConcurrentDictionary<Tenancy, Workspaces> projects = new();

    public string Folder(Tenancy tenancy, string name) =>
        Path.Combine(root, tenancy.Tenant, tenancy.Project, name);

    public string Data(Tenancy tenancy, string name) =>
        Directory.CreateDirectory(Path.Combine(Folder(tenancy, name), "data")).FullName;

    /// <summary>Whatever a former server left running is ended.</summary>
    public ValueTask ClearAsync(Tenancy tenancy, string name, CancellationToken cancel) =>
        Of(tenancy).DiscardOpenAsync(name, cancel);

    /// <summary>Unpacks an archive and seals what comes out, unless it is here already.</summary>
    public async ValueTask SealAsync(Tenancy tenancy, string name, ReleaseSpec release, string archive,
        CancellationToken cancel)
    {
        var workspaces = Of(tenancy);
        if (workspaces.Holds(name, Layer(release)))
        {
            return;
        }
        var workspace = await workspaces.OpenAsync(name, [], release.TreeStep, Attempt, cancel);
        try
        {
            var spec = new SandboxSpec($"{name}/seal", ["tar", "-xf", "-", "--no-same-owner", "-C", "/work"],
                "/work", ImmutableSortedDictionary<string, string>.Empty, workspace, [],
                SandboxLimits.Default);
            var said = new MemoryStream();
            var outcome = await sandbox.RunAsync(spec, new SandboxIo(StdinFile: archive,
                OnOutput: (_, bytes) =>
                {
                    said.Write(bytes.Span[..(int)Math.Min(bytes.Length, SaidBytesMax - said.Length)]);
                    return ValueTask.CompletedTask;
                }), cancel);
            if (outcome.ExitCode != 0)
            {
                throw DeploymentErrors.TreeFailed(System.Text.Encoding.UTF8.GetString(said.ToArray()));
            }
        }
        catch
        {
            await workspaces.DiscardAsync(workspace, CancellationToken.None);
            throw;
        }
        await workspaces.SealAsync(workspace, cancel);
    }

    public bool Holds(Tenancy tenancy, string name, ReleaseSpec release) =>
        Of(tenancy).Holds(name, Layer(release));

    /// <summary>A fresh place over a tree, for one start of a program.</summary>
    public ValueTask<AttemptWorkspace> OpenAsync(
        Tenancy tenancy, string name, ReleaseSpec release, CancellationToken cancel) =>
        Of(tenancy).OpenAsync(name, [Layer(release)],
            $"serve-{RandomNumberGenerator.GetHexString(12, lowercase: true)}", Attempt, cancel);

    public ValueTask DiscardAsync(Tenancy tenancy, AttemptWorkspace workspace) =>
        Of(tenancy).DiscardAsync(workspace, CancellationToken.None);

    /// <summary>Where the server itself reads a tree; never through a link in it.</summary>
    public ValueTask<string> ViewAsync(
        Tenancy tenancy, string name, ReleaseSpec release, CancellationToken cancel) =>
        Of(tenancy).ViewAsync(name, [Layer(release)], folder => folder, cancel);

    public ValueTask ForgetAsync(
        Tenancy tenancy, string name, ReleaseSpec release, CancellationToken cancel) =>
        Of(tenancy).DeleteLayerAsync(name, Layer(release), cancel);

    private static string Layer(ReleaseSpec release) => $"{release.TreeStep}.{Attempt}";

    private Workspaces Of(Tenancy tenancy) => projects.GetOrAdd(tenancy, t => new Workspaces(
        Directory.CreateDirectory(Path.Combine(root, t.Tenant, t.Project)).FullName, sandbox,
        DeploymentLimits.TreeBytesMax));
}
