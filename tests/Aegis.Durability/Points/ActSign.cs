using Aegis.Durability.Product;
using Aegis.Durability.Scenario;

namespace Aegis.Durability.Points;

/// <summary>Sees from outside that a step's act is under way.</summary>
internal sealed class ActSign : IDisposable
{
    private readonly TaskGate? gate;
    private readonly FileMoment? file;
    private readonly ModelServer.Hold? model;

    public ActSign(Theatre theatre, Point point, string mark)
    {
        var branch = $"work-{mark}";
        switch (point.Sign)
        {
            case Sign.Gate:
                gate = new TaskGate(theatre.Shared, mark, point.Step!);
                Seen = gate.Entered;
                break;
            case Sign.Model:
                model = theatre.Model.HoldNext();
                Seen = model.Entered;
                break;
            case Sign.Process:
                var workspaces = Path.Combine(theatre.Home, "workspaces");
                var known = Directory.GetDirectories(workspaces).ToHashSet();
                file = new FileMoment(workspaces, () => HasProcess(workspaces, known, point.Step!));
                Seen = file.Seen;
                break;
            case Sign.Incoming:
                var incoming = Path.Combine(theatre.Repository!.Folder, "refs", "aegis");
                Directory.CreateDirectory(incoming);
                // an interrupted push of an earlier point may have left some
                var old = FilesBelow(incoming).ToHashSet();
                file = new FileMoment(
                    theatre.Repository.Folder, () => FilesBelow(incoming).Any(f => !old.Contains(f)));
                Seen = file.Seen;
                break;
            case Sign.Branch:
                file = new FileMoment(theatre.Repository!.Folder, () => theatre.Repository.HasBranch(branch));
                Seen = file.Seen;
                break;
            default:
                var before = theatre.Repository!.PullHeads();
                file = new FileMoment(
                    theatre.Repository.Folder, () => theatre.Repository.PullHeads() > before);
                Seen = file.Seen;
                break;
        }
    }

    public Task Seen { get; }

    /// <summary>Lets the act go on, where it waits, and later ones pass.</summary>
    public void Release()
    {
        gate?.Release();
        model?.Release();
    }

    public void Dispose()
    {
        gate?.Dispose();
        file?.Dispose();
        model?.Release();
    }

    private static IEnumerable<string> FilesBelow(string folder) => Directory.Exists(folder)
        ? Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
        : [];

    /// <summary>The workspace notes each process of an attempt in a file <c>pids</c> of the attempt's
    /// folder.</summary>
    private static bool HasProcess(string workspaces, HashSet<string> known, string step) =>
        Directory.GetDirectories(workspaces).Where(r => !known.Contains(r))
            .Select(r => Path.Combine(r, "a")).Where(Directory.Exists)
            .SelectMany(a => Directory.GetDirectories(a, step + ".*"))
            .Any(a => File.Exists(Path.Combine(a, "pids")));
}
