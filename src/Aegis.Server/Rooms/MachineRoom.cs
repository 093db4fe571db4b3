using Aegis.Core.Discovery;
using Aegis.Discovery;
using Aegis.Discovery.Store;
using Aegis.Processes;
using Aegis.Server.Configuration;
using Aegis.Server.LocalModels;

namespace Aegis.Server.Rooms;

/// <summary>What is on the server's machine: its programs, its servers of models, and the models in its home.
/// Each part is opened by the first who asks for it.</summary>
public sealed class MachineRoom(ServerOptions options, TimeProvider time) : IAsyncDisposable
{
    private static readonly TimeSpan FindingsKept = TimeSpan.FromSeconds(10);

    private readonly Lock door = new();
    private ProcessLauncher? launcher;
    private MachineSurvey? survey;
    private ModelStore? store;
    private ModelHub? hub;
    private ModelPulls? pulls;

    public MachineSurvey Survey
    {
        get
        {
            lock (door)
            {
                launcher ??= new ProcessLauncher();
                return survey ??= new MachineSurvey(launcher, time,
                    Environment.GetEnvironmentVariable("PATH") ?? "",
                    ModelPorts.Of(ModelServerCatalogue.BuiltIn, options.ModelPorts), FindingsKept);
            }
        }
    }

    public ModelHub Hub
    {
        get
        {
            lock (door)
            {
                return hub ??= new ModelHub(new ModelHubOptions(options.ModelHub), time);
            }
        }
    }

    public ModelStore Store
    {
        get
        {
            lock (door)
            {
                return store ??= new ModelStore(new ModelStoreOptions(Path.Combine(options.Home, "models"))
                {
                    Models = options.ModelsKept, Bytes = options.ModelsBytes,
                }, time);
            }
        }
    }

    public ModelPulls Pulls
    {
        get
        {
            lock (door)
            {
                return pulls ??= new ModelPulls(Store, Hub);
            }
        }
    }

    /// <summary>Models and downloads, each name once.</summary>
    public IEnumerable<LocalModelAnswer> Models()
    {
        var known = Store.List().Select(LocalModelAnswer.Of)
            .ToDictionary(m => m.Model, StringComparer.Ordinal);
        foreach (var half in Store.Halves().Where(h => h.IsRunning || !known.ContainsKey(h.Manifest.Model)))
        {
            known[half.Manifest.Model] = LocalModelAnswer.Of(half);
        }
        foreach (var failed in Pulls.States().Where(s => s.Error is not null))
        {
            var shown = known.GetValueOrDefault(failed.Manifest.Model)
                ?? LocalModelAnswer.Of(new HalfModel(failed.Manifest, failed.BytesThere, false));
            known[failed.Manifest.Model] = shown.Failed(failed.Error!);
        }
        return known.Values;
    }

    public async ValueTask DisposeAsync()
    {
        await (pulls?.DisposeAsync() ?? ValueTask.CompletedTask);
        hub?.Dispose();
        survey?.Dispose();
        launcher?.Dispose();
    }
}
